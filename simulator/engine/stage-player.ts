import type { HookRunRecord, StageRecord } from '../record.ts';
import type { TimelineEvent } from '../report/timeline-event.ts';
import { DAY } from './definition.ts';
import type { ScheduledEvent } from './event-queue.ts';
import type { HookDetailsMemory } from './hook-details.ts';
import { type HookResult, HookRun, type HookSpec } from './hook-run.ts';
import type { LifecycleEvent } from './lifecycle-event.ts';
import * as messages from './messages.ts';
import type { Activity, PlannedStage, Work } from './plan.ts';
import type { Surroundings } from './state.ts';

/** `detail` is the part of the reason about one hook; empty for ECS's own work. */
export interface StageFailure {
  kind: 'failed' | 'timed-out';
  reason: string;
  detail: string;
}

/** What a piece of ECS's own work may do: take time, come to its end, or fail the stage. */
export interface WorkControl {
  after: (delayMs: number, action: () => void) => void;
  done: () => void;
  fail: (reason: string) => void;
}

export type StageHappening = Extract<
  TimelineEvent,
  { kind: 'stage-started' | 'stage-ended' | 'hook-started' | 'hook-ended' | 'invocation' }
>;

/** A happening without what the deployment adds. */
export type StageTelling = StageHappening extends infer One
  ? One extends StageHappening
    ? Omit<One, 'at' | 'deployment'>
    : never
  : never;

export interface StageContext extends Pick<Surroundings, 'clock' | 'readings' | 'invoker' | 'ids'> {
  hooks: readonly HookSpec[];
  memory: HookDetailsMemory;
  event: (plan: PlannedStage, executionId: string, hookDetails: unknown) => LifecycleEvent;
  work: (work: Work, plan: PlannedStage, control: WorkControl) => void;
  tell: (telling: StageTelling) => void;
  /** With a failure, the deployment decides what comes of it. */
  ended: (failure: StageFailure | undefined) => void;
}

/** Plays one planned stage: its phases in order, its hooks side by side, within 24 hours. */
export class StagePlayer {
  readonly record: StageRecord;
  private readonly context: StageContext;
  private readonly plan: PlannedStage;
  private readonly timers: ScheduledEvent[] = [];
  private readonly runs: HookRun[] = [];
  private phase = -1;
  private unfinished = 0;
  private failure: StageFailure | undefined;
  private timeIsUp = false;
  private over = false;

  constructor(context: StageContext, plan: PlannedStage) {
    this.context = context;
    this.plan = plan;
    const { stage, direction, step, steps } = plan;
    this.record = {
      stage,
      direction,
      ...(step === undefined || steps === undefined ? {} : { step, steps }),
      startedAt: context.clock.now(),
      outcome: 'running',
      hooks: [],
    };
  }

  /** @param bakeUntil when the bake ends, if the stage is one. Milliseconds since the epoch. */
  start(bakeUntil: number | undefined): void {
    this.context.tell({ kind: 'stage-started', stage: this.record });
    if (bakeUntil !== undefined) {
      this.at(bakeUntil, () => this.end(undefined));
      return;
    }
    const works = this.plan.phases.flat().some((activity) => activity !== 'hooks');
    if (works) this.at(this.record.startedAt + DAY, () => this.overLimit());
    this.nextPhase();
  }

  /** The deployment goes another way. */
  interrupt(): void {
    if (!this.over) this.close('interrupted');
  }

  activeHooks(): HookRunRecord[] {
    return this.runs.filter((run) => run.isActive).map((run) => run.record);
  }

  activeHook(hookId: string): HookRun | undefined {
    return this.runs.find((run) => run.isActive && run.record.hookId === hookId);
  }

  private nextPhase(): void {
    this.phase += 1;
    const phase = this.plan.phases[this.phase];
    if (phase === undefined || this.timeIsUp) {
      this.end(phase === undefined ? undefined : this.overLimitFailure());
      return;
    }
    this.unfinished = phase.length;
    for (const activity of phase) {
      if (!this.over) this.begin(activity);
    }
  }

  private begin(activity: Activity): void {
    if (activity === 'hooks') {
      this.beginHooks();
      return;
    }
    this.context.work(activity, this.plan, {
      after: (delayMs, action) => this.at(this.context.clock.now() + delayMs, action),
      done: () => this.finishOne(),
      fail: (reason) => this.end({ kind: 'failed', reason, detail: '' }),
    });
  }

  private beginHooks(): void {
    const { clock, readings, invoker, ids, memory, tell } = this.context;
    const stage = this.record;
    for (const spec of this.context.hooks) {
      const run = new HookRun(
        {
          ...{ clock, readings, invoker, ids, memory, stage },
          event: (executionId, hookDetails) => this.context.event(this.plan, executionId, hookDetails),
          emit: (kind, hook) => tell({ kind, stage, hook }),
          emitInvocation: (hook, invocation) => tell({ kind: 'invocation', stage, hook, invocation }),
          settled: (result) => this.hookSettled(result),
        },
        spec,
      );
      this.runs.push(run);
      this.record.hooks.push(run.record);
    }
    for (const run of this.runs) run.start();
  }

  private hookSettled(result: HookResult): void {
    if (result.kind !== 'succeeded' && !this.isIgnored()) this.failure ??= result;
    const waiting = this.runs.some((run) => run.isActive);
    if (this.failure === undefined) {
      if (!waiting) this.finishOne();
    } else if (!waiting || this.context.readings.reading('siblingsAfterFailure') === 'stop') {
      this.end(this.failure);
    }
  }

  private isIgnored(): boolean {
    return this.plan.direction === 'rollback' && this.context.readings.reading('hookFailureInRollback') === 'ignored';
  }

  private finishOne(): void {
    if (this.over) return;
    this.unfinished -= 1;
    if (this.unfinished === 0) this.nextPhase();
  }

  private overLimit(): void {
    const active = this.runs.filter((run) => run.isActive);
    // A PAUSE hook that may outlast the stage holds it open; its own time-out ends it.
    if (active.some((run) => run.record.expiresAt > this.context.clock.now())) return;
    // Hooks expire at this same moment: their action decides, and nothing can come after them.
    if (active.length > 0) this.timeIsUp = true;
    else this.end(this.overLimitFailure());
  }

  private overLimitFailure(): StageFailure {
    return { kind: 'timed-out', reason: messages.stageOverLimit(this.record.stage), detail: '' };
  }

  private end(failure: StageFailure | undefined): void {
    if (this.over) return;
    this.close(failure?.kind ?? 'completed');
    this.context.ended(failure);
  }

  private close(outcome: StageRecord['outcome']): void {
    this.over = true;
    this.record.outcome = outcome;
    this.record.endedAt = this.context.clock.now();
    for (const timer of this.timers) timer.cancel();
    for (const run of this.runs) run.abandon();
    this.context.tell({ kind: 'stage-ended', stage: this.record });
  }

  private at(time: number, action: () => void): void {
    this.timers.push(this.context.clock.schedule(time, action));
  }
}

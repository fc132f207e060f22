import type { Invocation } from '../lambda/invoker.ts';
import type { HookRunRecord, InvocationOutcome, InvocationRecord, StageRecord } from '../record.ts';
import { type Judgement, judge } from './answers.ts';
import { DAY, MINUTE } from './definition.ts';
import type { ScheduledEvent } from './event-queue.ts';
import { type HookDetailsMemory, mergeHookDetails } from './hook-details.ts';
import type { LifecycleEvent } from './lifecycle-event.ts';
import * as messages from './messages.ts';
import type { Surroundings } from './state.ts';

/** A lifecycle hook of a service, with its defaults filled in. */
export interface HookSpec {
  /** Its place in `lifecycleHooks`. */
  index: number;
  name: string;
  targetType: 'AWS_LAMBDA' | 'PAUSE';
  targetArn: string;
  roleArn: string;
  hookDetails: unknown;
  timeoutInMinutes: number;
  timeoutAction: 'ROLLBACK' | 'CONTINUE';
  stages: readonly string[];
}

/** `reason` is the deployment's statusReason should the hook's end roll it back; `detail` the part about this hook. */
export type HookResult = { kind: 'succeeded' } | { kind: 'failed' | 'timed-out'; reason: string; detail: string };

export interface HookRunContext extends Pick<Surroundings, 'clock' | 'readings' | 'invoker' | 'ids'> {
  memory: HookDetailsMemory;
  stage: StageRecord;
  event: (executionId: string, hookDetails: unknown) => LifecycleEvent;
  emit: (kind: 'hook-started' | 'hook-ended', hook: HookRunRecord) => void;
  emitInvocation: (hook: HookRunRecord, invocation: InvocationRecord) => void;
  settled: (result: HookResult) => void;
}

/** Asynchronous invocation retries twice, after one and two minutes (Lambda developer guide). */
const FUNCTION_ERROR_RETRIES = [MINUTE, 2 * MINUTE];
const SERVICE_ERROR_RETRY = 30_000;

/** One hook at one stage: invoked until it gives a final answer, or waiting for someone to continue it. */
export class HookRun {
  readonly record: HookRunRecord;
  private readonly context: HookRunContext;
  private readonly spec: HookSpec;
  private readonly timers: ScheduledEvent[] = [];
  private executionId: string;
  private hookDetails: unknown;
  private functionErrors = 0;
  private attempts = 0;
  private over = false;

  constructor(context: HookRunContext, spec: HookSpec) {
    this.context = context;
    this.spec = spec;
    this.executionId = context.ids.uuid();
    this.hookDetails = context.memory.recall(this.place(), spec.hookDetails, context.readings);
    const now = context.clock.now();
    this.record = {
      hookId: context.ids.hook(spec.targetType),
      name: spec.name,
      targetType: spec.targetType,
      ...(spec.targetType === 'AWS_LAMBDA' ? { targetArn: spec.targetArn } : {}),
      status: spec.targetType === 'PAUSE' ? 'AWAITING_ACTION' : 'IN_PROGRESS',
      startedAt: now,
      expiresAt: this.expiry(now),
      timeoutAction: spec.timeoutAction,
      invocations: [],
    };
  }

  get isActive(): boolean {
    return !this.over;
  }

  start(): void {
    this.context.emit('hook-started', this.record);
    this.timers.push(this.context.clock.schedule(this.record.expiresAt, () => this.expire()));
    if (this.spec.targetType === 'AWS_LAMBDA') this.invoke();
  }

  /** The stage has been decided otherwise: no further invocation, and no effect of one that is still running. */
  abandon(): void {
    if (!this.over) this.close();
  }

  /** ContinueServiceDeployment on a PAUSE hook. */
  proceed(action: 'CONTINUE' | 'ROLLBACK'): void {
    if (action === 'CONTINUE') this.succeed();
    else this.fail(messages.pauseRolledBack(this.context.stage.stage), 'The pause hook was set to roll back.');
  }

  private invoke(): void {
    const { clock, invoker, readings, ids } = this.context;
    if (this.attempts > 0 && readings.reading('executionId') === 'fresh') this.executionId = ids.uuid();
    this.attempts += 1;
    const attempt = this.attempts;
    const startedAt = clock.now();
    const event = this.context.event(this.executionId, this.hookDetails);
    // The function gets a copy of its own, as it would over the wire.
    const sent: unknown = JSON.parse(JSON.stringify(event));
    const invoked = invoker.invoke(this.spec.targetArn, sent, startedAt).then((invocation) => {
      clock.schedule(startedAt + Math.max(invocation.durationMs, 1), () =>
        this.answered(invocation, { attempt, startedAt, event }),
      );
    });
    clock.hold(invoked);
  }

  private answered(invocation: Invocation, sent: { attempt: number; startedAt: number; event: LifecycleEvent }): void {
    const judgement = judge(invocation.outcome, this.context.readings);
    const record: InvocationRecord = {
      startedAt: sent.startedAt,
      endedAt: this.context.clock.now(),
      attempt: sent.attempt,
      event: sent.event,
      outcome: judgement.outcome,
      awsCalls: invocation.awsCalls ?? [],
    };
    this.record.invocations.push(record);
    this.context.emitInvocation(this.record, record);
    if (!this.over) this.act(judgement);
  }

  private act({ outcome, delayMs, hookDetails }: Judgement): void {
    if (outcome.kind !== 'answer') this.troubled(outcome);
    else if (outcome.hookStatus === 'SUCCEEDED') this.succeed();
    else if (outcome.hookStatus === 'FAILED') this.failHook(messages.hookReturnedFailed(this.spec.targetArn));
    else this.waitOn(delayMs ?? 0, hookDetails);
  }

  private waitOn(delayMs: number, returned: unknown): void {
    const { memory, readings, stage } = this.context;
    if (stage.direction === 'rollback' && readings.reading('rollbackHookWaits') === 'not-waited') {
      this.succeed();
      return;
    }
    if (returned !== undefined) {
      this.hookDetails = mergeHookDetails(this.hookDetails, returned, readings);
      memory.keep({ ...this.place(), details: this.hookDetails });
    }
    this.invokeAfter(delayMs);
  }

  /** The invocation gave no valid answer: which message, and whether ECS tries again. */
  private troubled(outcome: Exclude<InvocationOutcome, { kind: 'answer' }>): void {
    const retryAfter = this.retryDelay(outcome);
    if (retryAfter !== undefined) this.invokeAfter(retryAfter);
    else this.failHook(this.troubleText(outcome));
  }

  private retryDelay({ kind }: InvocationOutcome): number | undefined {
    const { readings } = this.context;
    if (kind === 'throttled' || kind === 'service-error') {
      return readings.reading('lambdaThrottle') === 'retry' ? SERVICE_ERROR_RETRY : undefined;
    }
    if (kind !== 'function-error' && kind !== 'timed-out') return undefined;
    const delay = FUNCTION_ERROR_RETRIES[this.functionErrors];
    this.functionErrors += 1;
    return delay !== undefined && readings.reading('functionErrorRetry') === 'retry' ? delay : undefined;
  }

  private troubleText(outcome: Exclude<InvocationOutcome, { kind: 'answer' }>): string {
    const { targetArn, roleArn } = this.spec;
    switch (outcome.kind) {
      case 'role-error':
        return messages.roleNotAssumed(roleArn);
      case 'access-denied':
      case 'throttled':
      case 'service-error':
        return messages.targetNotInvoked(targetArn, outcome.message);
      case 'function-error':
      case 'timed-out':
        return messages.answerNotParsed(targetArn);
      case 'invalid-answer':
        return messages.answerNotParsed(targetArn, outcome.message);
    }
  }

  private invokeAfter(delayMs: number): void {
    const { clock } = this.context;
    this.timers.push(clock.schedule(clock.now() + delayMs, () => this.invoke()));
  }

  private expire(): void {
    const { stage, readings } = this.context;
    const atStageLimit = this.record.expiresAt === stage.startedAt + DAY;
    const overruled =
      this.spec.timeoutAction === 'CONTINUE' && atStageLimit && readings.reading('stageLimitAction') === 'rollback';
    if (this.spec.timeoutAction === 'CONTINUE' && !overruled) {
      this.end('TIMED_OUT', { kind: 'succeeded' });
      return;
    }
    const isPause = this.spec.targetType === 'PAUSE';
    const detail = isPause ? 'The pause hook timed out.' : messages.hookTimedOut(this.spec.targetArn);
    this.end('TIMED_OUT', { kind: 'timed-out', reason: this.timeoutReason(overruled, isPause, detail), detail });
  }

  private timeoutReason(overruled: boolean, isPause: boolean, detail: string): string {
    const { stage } = this.context.stage;
    if (overruled) return messages.stageOverLimit(stage);
    return isPause ? messages.pauseTimedOut(stage) : messages.hooksFailed(stage, detail);
  }

  private failHook(detail: string): void {
    this.fail(messages.hooksFailed(this.context.stage.stage, detail), detail);
  }

  private fail(reason: string, detail: string): void {
    this.end('FAILED', { kind: 'failed', reason, detail });
  }

  private succeed(): void {
    this.end('SUCCEEDED', { kind: 'succeeded' });
  }

  private end(status: HookRunRecord['status'], result: HookResult): void {
    this.record.status = status;
    this.close();
    this.context.settled(result);
  }

  private close(): void {
    this.over = true;
    this.record.endedAt = this.context.clock.now();
    for (const timer of this.timers) timer.cancel();
    this.context.emit('hook-ended', this.record);
  }

  /** A hook cannot outlast its stage; a PAUSE hook may, by one reading. Milliseconds since the epoch. */
  private expiry(now: number): number {
    const own = now + this.spec.timeoutInMinutes * MINUTE;
    const limit = this.context.stage.startedAt + DAY;
    if (own <= limit) return own;
    const exempt = this.spec.targetType === 'PAUSE' && this.context.readings.reading('stageLimitForPause') === 'exempt';
    return exempt ? own : limit;
  }

  private place(): { hook: number; stage: string; step: number | undefined; direction: 'forward' | 'rollback' } {
    const { stage, step, direction } = this.context.stage;
    return { hook: this.spec.index, stage, step, direction };
  }
}

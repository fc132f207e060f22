import type { DeploymentConfiguration, ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import type { DeploymentRecord, HookRunRecord, Stage, StageRecord } from '../record.ts';
import { DAY, hasTestTraffic, strategyOf } from './definition.ts';
import { DeploymentLog, ecsSvc, revisionRecord } from './deployment-log.ts';
import type { ScheduledEvent } from './event-queue.ts';
import { HookDetailsMemory } from './hook-details.ts';
import type { HookRun, HookSpec } from './hook-run.ts';
import { hookSpecs, hooksAt } from './hook-specs.ts';
import { lifecycleEvent } from './lifecycle-event.ts';
import * as messages from './messages.ts';
import { Monitors } from './monitors.ts';
import { type PlannedStage, planForward, planRollback } from './plan.ts';
import { type StageFailure, StagePlayer } from './stage-player.ts';
import type { RevisionState, ServiceState, Surroundings, Weights } from './state.ts';
import { retire, Traffic } from './traffic.ts';
import { rollbackInvokesHooks, rollsBack, type Trigger } from './trigger.ts';
import { doWork, initialNetworkingFault } from './work.ts';

export interface DeploymentInput {
  service: ServiceState;
  target: RevisionState;
  title: string;
  id: string;
  arn: string;
  /** Told once, when the deployment has reached a terminal status. */
  finished: (deployment: Deployment) => void;
}

const TERMINAL: readonly ServiceDeploymentStatus[] = [
  'SUCCESSFUL',
  'STOPPED',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
];

/** One service deployment, from PENDING to a terminal status. */
export class Deployment {
  readonly log: DeploymentLog;
  readonly service: ServiceState;
  readonly target: RevisionState;
  readonly configuration: DeploymentConfiguration;
  readonly monitors: Monitors;
  /** The revisions that were ACTIVE when it started. */
  sources: readonly RevisionState[] = [];
  stoppedAt: number | undefined;
  currentStage: PlannedStage | undefined;
  private readonly around: Surroundings;
  private readonly input: DeploymentInput;
  private readonly hooks: readonly HookSpec[];
  private readonly memory = new HookDetailsMemory();
  private readonly timers: ScheduledEvent[] = [];
  private readonly traffic: Traffic;
  private source: RevisionState | undefined;
  private plan: PlannedStage[] = [];
  private player: StagePlayer | undefined;
  private begun = false;

  constructor(around: Surroundings, input: DeploymentInput) {
    this.around = around;
    this.input = input;
    this.service = input.service;
    this.target = input.target;
    this.configuration = input.service.configuration;
    this.hooks = hookSpecs(this.configuration);
    this.monitors = new Monitors(this.configuration, input.service.desiredCount, around.readings);
    this.log = new DeploymentLog(around, input.service, {
      title: input.title,
      cluster: this.service.cluster,
      service: this.service.name,
      serviceArn: this.service.arn,
      deploymentArn: input.arn,
      deploymentId: input.id,
      strategy: strategyOf(this.configuration),
      target: revisionRecord(this.target),
      createdAt: around.clock.now(),
      status: 'PENDING',
      stages: [],
      weights: [],
      notes: [],
    });
    this.traffic = new Traffic(this.service, this.target, (kind, weights) => this.log.weights(kind, weights));
  }

  get record(): DeploymentRecord {
    return this.log.record;
  }

  get status(): ServiceDeploymentStatus {
    return this.record.status;
  }

  get isTerminal(): boolean {
    return TERMINAL.includes(this.record.status);
  }

  /** The hook runs that wait for an answer or for someone to continue them. */
  activeHooks(): HookRunRecord[] {
    return this.player?.activeHooks() ?? [];
  }

  activeHook(hookId: string): HookRun | undefined {
    return this.status === 'IN_PROGRESS' ? this.player?.activeHook(hookId) : undefined;
  }

  /** Takes stock of the service and begins, in PENDING. */
  begin(): void {
    const { service, target } = this;
    this.begun = true;
    this.sources = [...service.active];
    this.source = service.stable ?? service.active.at(-1);
    if (this.source !== undefined) this.record.source = revisionRecord(this.source);
    target.targetGroup = service.liveTargetGroup === 0 ? 1 : 0;
    target.active = true;
    service.active.push(target);
    this.log.emit({ kind: 'started' });
    this.traffic.begin();
    this.after(this.around.durations.start, () => this.start());
  }

  /** An alarm has changed its state. Only a forward deployment listens. */
  alarmsChanged(): void {
    if (this.status !== 'IN_PROGRESS') return;
    const alarm = this.monitors.alarming(this.around.alarms);
    if (alarm === undefined) return;
    if (this.log.reached('PRODUCTION_TRAFFIC_SHIFT') || this.monitors.watchesBeforeShift()) this.failByAlarm(alarm);
  }

  /** StopServiceDeployment. In a state that is already on its way out, ECS accepts it and goes on. */
  stop(stopType: 'ABORT' | 'ROLLBACK'): void {
    if (this.status !== 'PENDING' && this.status !== 'IN_PROGRESS') return;
    this.log.note('stop', `StopServiceDeployment ${stopType}`);
    this.leaveStage();
    this.log.status(stopType === 'ABORT' ? 'STOP_REQUESTED' : 'ROLLBACK_REQUESTED');
    this.after(this.around.durations.stop, () => {
      if (stopType === 'ABORT') this.finish('STOPPED', messages.ABORTED);
      else this.rollBack(messages.stopRequested(), 'stop');
    });
  }

  /** A newer deployment of the service takes over at once. */
  supersede(): void {
    if (this.isTerminal) return;
    this.leaveStage();
    this.finish('STOPPED', messages.SUPERSEDED);
  }

  /** A newer deployment waits for this one to roll back. */
  rollBackForNewer(): void {
    if (this.status === 'PENDING' || this.status === 'IN_PROGRESS')
      this.rollBack(messages.supersededRollback(), 'stop');
  }

  private start(): void {
    if (this.status !== 'PENDING') return;
    this.record.startedAt = this.around.clock.now();
    this.log.status('IN_PROGRESS');
    this.after(30 * DAY, () => {
      if (this.status === 'IN_PROGRESS') this.rollBack(messages.deploymentOverLimit(), 'limit');
    });
    const { readings } = this.around;
    this.plan = planForward(this.planInput(), readings);
    const fault = initialNetworkingFault(this.service, this.target);
    if (fault !== undefined) this.rollBack(fault, 'networking');
    else if (!this.failByAlarmAtStart()) this.next();
  }

  private failByAlarmAtStart(): boolean {
    const alarm = this.monitors.alarmAtStart(this.around.alarms);
    if (alarm === undefined || !this.monitors.watchesBeforeShift()) return false;
    this.failByAlarm(alarm);
    return true;
  }

  private next(): void {
    this.player = undefined;
    const planned = this.plan.shift();
    if (planned !== undefined) this.enter(planned);
    else if (this.status === 'IN_PROGRESS') this.succeed();
    else this.finishRollback();
  }

  private enter(planned: PlannedStage): void {
    const now = this.around.clock.now();
    const bakeFrom = planned.bakeSinceShift === true ? this.traffic.lastShiftAt : now;
    const bakeUntil = planned.bakeMs === undefined ? undefined : bakeFrom + planned.bakeMs;
    if (planned.bakeSinceShift === true && bakeUntil !== undefined && bakeUntil <= now) {
      this.next();
      return;
    }
    this.currentStage = planned;
    const { clock, readings, invoker, ids } = this.around;
    const player = new StagePlayer(
      {
        ...{ clock, readings, invoker, ids, memory: this.memory },
        hooks: hooksAt(this.hooks, planned.stage),
        event: (plan, executionId, hookDetails) => lifecycleEvent(this.eventSite(), plan, executionId, hookDetails),
        work: (work, plan, control) => doWork(this.workSite(), work, plan, control),
        tell: (telling) => this.log.emit(telling),
        ended: (failure) => this.stageEnded(player.record, failure),
      },
      planned,
    );
    this.player = player;
    this.log.stage(player.record);
    player.start(bakeUntil);
    // Alarms that count from the production shift on are looked at as it is reached.
    if (planned.stage === 'PRODUCTION_TRAFFIC_SHIFT') this.alarmsChanged();
  }

  private stageEnded(stage: StageRecord, failure: StageFailure | undefined): void {
    if (failure === undefined) {
      // Nothing can go wrong any more once the last stage is over.
      if (this.plan.length === 0) this.next();
      else this.after(this.around.durations.stageChange, () => this.next(), this.record.status);
      return;
    }
    if (stage.direction === 'rollback') {
      const reason = messages.rollbackHookFailed(stage.stage, failure.detail || failure.reason);
      this.finish('ROLLBACK_FAILED', reason);
      return;
    }
    const tripped = failure.reason === messages.circuitBreakerTripped();
    this.fail(failure.reason, tripped ? 'circuit-breaker' : 'hook');
  }

  private failByAlarm(alarm: string): void {
    this.monitors.trigger(alarm);
    this.log.note('alarm', `${alarm} is in ALARM`);
    this.fail(messages.alarmDetected(), 'alarm');
  }

  private fail(reason: string, trigger: Trigger): void {
    if (rollsBack(trigger, this.configuration)) {
      this.rollBack(reason, trigger);
      return;
    }
    this.leaveStage();
    this.log.serviceEvent(
      messages.serviceEvents.failed(this.service.name, ecsSvc(this.target), messages.stoppedInstead(reason)),
    );
    this.finish('STOPPED', messages.stoppedInstead(reason));
  }

  private rollBack(reason: string, trigger: Trigger): void {
    if (!this.begun) {
      this.finish('ROLLBACK_SUCCESSFUL', reason);
      return;
    }
    this.leaveStage();
    const to = this.service.stable;
    const startedAt = this.around.clock.now();
    this.record.rollback = { reason, startedAt, ...(to === undefined ? {} : { serviceRevisionArn: to.arn }) };
    this.log.serviceEvent(messages.serviceEvents.failed(this.service.name, ecsSvc(this.target), reason));
    if (to === undefined) {
      this.failCreate();
      return;
    }
    this.record.statusReason = reason;
    this.log.status('ROLLBACK_IN_PROGRESS');
    this.log.note('rollback', reason);
    this.log.serviceEvent(messages.serviceEvents.rollingBack(this.service.name, ecsSvc(to)));
    this.plan = planRollback(
      {
        ...this.planInput(),
        reached: (stage) => this.log.reached(stage),
        ...this.traffic.position(),
        scaledUp: this.target.requested > 0,
        hooksRun: () => rollbackInvokesHooks(trigger, this.around.readings),
      },
      this.around.readings,
    );
    this.next();
  }

  private failCreate(): void {
    const status = this.around.readings.reading('failedCreateStatus');
    this.log.note('rollback', messages.NO_ROLLBACK_CANDIDATE);
    const now = this.around.clock.now();
    this.traffic.set('production', {}, now);
    this.traffic.set('test', {}, now);
    retire(this.service, [this.target]);
    this.finish(status, messages.NO_ROLLBACK_CANDIDATE);
  }

  private succeed(): void {
    const { service, target } = this;
    retire(service, this.sources);
    service.stable = target;
    service.liveTargetGroup = target.targetGroup;
    this.log.serviceEvent(messages.serviceEvents.completed(service.name, ecsSvc(target)));
    this.log.serviceEvent(messages.serviceEvents.steady(service.name));
    this.finish('SUCCESSFUL', undefined);
  }

  private finishRollback(): void {
    const { stable, active, production } = this.service;
    // A deployment that failed while it reconciled has left an earlier one's revisions and weights as they were.
    const settled = stable === undefined || Object.keys(production).length === 0 || production[stable.id] === 100;
    if (!settled) this.traffic.set('production', { [stable.id]: 100 }, this.around.clock.now());
    const leftover = active.filter((revision) => revision !== stable);
    retire(this.service, leftover);
    this.log.serviceEvent(messages.serviceEvents.steady(this.service.name));
    this.finish('ROLLBACK_SUCCESSFUL', this.record.statusReason);
  }

  private finish(status: ServiceDeploymentStatus, reason: string | undefined): void {
    for (const timer of this.timers) timer.cancel();
    if (reason !== undefined) this.record.statusReason = reason;
    this.record.finishedAt = this.around.clock.now();
    if (status === 'STOPPED') this.stoppedAt = this.record.finishedAt;
    this.monitors.end();
    this.log.status(status);
    this.log.emit({ kind: 'finished' });
    this.input.finished(this);
  }

  private leaveStage(): void {
    this.plan = [];
    this.player?.interrupt();
    this.player = undefined;
  }

  private planInput() {
    return {
      configuration: this.configuration,
      hooked: (stage: Stage) => hooksAt(this.hooks, stage).length > 0,
      testTraffic: hasTestTraffic(this.service.loadBalancing),
      reconcile: this.sources.length > 1,
    };
  }

  private workSite() {
    const { clock, readings, durations, region, accountId, resolveImage } = this.around;
    const { service, target, source, sources, configuration, monitors } = this;
    return {
      ...{
        clock,
        readings,
        durations,
        region,
        accountId,
        resolveImage,
        service,
        target,
        source,
        sources,
        configuration,
      },
      setWeights: (kind: 'production' | 'test', weights: Weights) => this.traffic.set(kind, weights, clock.now()),
      taskFailed: () => monitors.taskFailed(),
      circuitBreakerOn: () => monitors.circuitBreakerOn(),
    };
  }

  private eventSite() {
    const { service, target, source } = this;
    return { deploymentArn: this.record.deploymentArn, service, target, source, readings: this.around.readings };
  }

  /** Does something later, unless the deployment has changed its status by then or is over. */
  private after(delayMs: number, action: () => void, onlyIn?: ServiceDeploymentStatus): void {
    const { clock } = this.around;
    const timer = clock.schedule(clock.now() + delayMs, () => {
      if (onlyIn === undefined || onlyIn === this.status) action();
    });
    this.timers.push(timer);
  }
}

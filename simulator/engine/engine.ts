import type { Service, ServiceDeployment, ServiceRevision, TaskDefinition } from '@aws-sdk/client-ecs';
import type { EcsBackend } from '../aws/ecs-backend.ts';
import { AwsError } from '../aws/errors.ts';
import { partitionOf } from '../aws/service.ts';
import type { HookInvoker } from '../lambda/invoker.ts';
import type { DeploymentRecord, NoteRecord } from '../record.ts';
import type { TimelineEvent } from '../report/timeline-event.ts';
import {
  DEFAULT_DURATIONS,
  type Durations,
  type ServiceDefinition,
  type ServiceUpdate,
  type TaskDefinitionInput,
} from './definition.ts';
import { Deployment } from './deployment.ts';
import { describeDeployment, describeRevision, describeService } from './describe.ts';
import { type EcsEvent, EventSource } from './events.ts';
import { Ids } from './ids.ts';
import * as messages from './messages.ts';
import type { Readings } from './readings.ts';
import { Registry } from './registry.ts';
import type { AlarmState, RevisionState, ServiceState, Surroundings, TaskHost } from './state.ts';
import { TaskDesk } from './task-desk.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface EcsEngineOptions {
  clock: VirtualClock;
  readings: Readings;
  invoker: HookInvoker;
  /** Default eu-west-1. */
  region?: string;
  /** 12 digits. */
  accountId?: string;
  /** All ids follow from it. */
  seed?: number;
  /** Milliseconds; what is left out keeps its default. */
  durations?: Partial<Durations>;
  /**
   * The digest behind an image reference, asked when the first task of a revision starts; undefined for an image that
   * is not known, which gets a digest of its own.
   */
  resolveImage?: (image: string) => string | undefined;
  /** Runs the tasks of revisions with a program; without it they are only counted. */
  tasks?: TaskHost;
  /** Told everything as it happens. */
  onEvent?: (event: TimelineEvent) => void;
  /** Given what ECS sends to EventBridge; without it nothing is sent, and no reading about events is asked for. */
  onEcsEvent?: (event: EcsEvent, deployment: DeploymentRecord) => void;
}

export interface StartedDeployment {
  serviceArn: string;
  deploymentArn: string;
  deploymentId: string;
  targetRevisionArn: string;
  targetRevisionId: string;
}

/** Makes another seed of the engine's, so that events do not change the ids of what is deployed. */
const EVENT_IDS = 0x5eed;
const HOOK_ID = /^ecs-[a-z]+-[A-Za-z0-9_-]+$/;

/** Plays Amazon ECS: services, their deployments, and the operations on them, on a clock of its own. */
export class EcsEngine implements EcsBackend {
  private readonly around: Surroundings;
  private readonly registry: Registry;
  readonly tasks: TaskDesk;
  private readonly alarms = new Map<string, AlarmState>();
  private readonly deployments: Deployment[] = [];
  /** Deployments that wait for an earlier one of their service to roll back. */
  private readonly waiting: Deployment[] = [];

  constructor(options: EcsEngineOptions) {
    this.around = {
      clock: options.clock,
      readings: options.readings,
      invoker: options.invoker,
      ids: new Ids(options.seed ?? 1),
      durations: { ...DEFAULT_DURATIONS, ...options.durations },
      alarms: this.alarms,
      region: options.region ?? 'eu-west-1',
      accountId: options.accountId ?? '123456789012',
      resolveImage: options.resolveImage ?? (() => undefined),
      tasks: options.tasks,
      emit: options.onEvent ?? (() => undefined),
    };
    if (options.onEcsEvent !== undefined) this.around.events = this.eventSource(options, options.onEcsEvent);
    this.registry = new Registry(this.around);
    this.tasks = new TaskDesk(this.around, this.registry);
  }

  /** @returns the task definition with its ARN and the next revision of its family */
  registerTaskDefinition(input: TaskDefinitionInput): TaskDefinition {
    return this.registry.registerTaskDefinition(input);
  }

  /**
   * CreateService: a first deployment, without a source revision, begins now.
   * @throws AwsError InvalidParameterException, with the message that ECS would give
   */
  createService(definition: ServiceDefinition, title?: string): StartedDeployment {
    const { service, revision } = this.registry.addService(definition);
    return this.deploy(service, revision, title ?? `create ${definition.name}`);
  }

  /**
   * A service that is running already: its revision serves as if an earlier deployment had succeeded.
   * @param since when it was created, milliseconds since the epoch; now without it
   */
  addRunningService(
    definition: ServiceDefinition,
    since?: number,
  ): { serviceArn: string; revisionArn: string; revisionId: string } {
    const { service, revision } = this.registry.addService(definition);
    this.registry.makeRunning(service, revision, since);
    return { serviceArn: service.arn, revisionArn: revision.arn, revisionId: revision.id };
  }

  /**
   * UpdateService. A changed deployment configuration alone starts no deployment.
   * @returns undefined when no deployment was started
   * @throws AwsError ServiceNotFoundException or InvalidParameterException
   */
  updateService(update: ServiceUpdate, title?: string): StartedDeployment | undefined {
    const service = this.registry.updateService(update);
    const revision = this.registry.nextRevision(service, update);
    return revision === undefined ? undefined : this.deploy(service, revision, title ?? `deploy ${revision.name}`);
  }

  setAlarmState(name: string, state: AlarmState): void {
    this.alarms.set(name, state);
    for (const deployment of this.deployments) deployment.alarmsChanged();
  }

  /** Writes a note into the deployment named, or else into those that are running, or else into the newest one. */
  addNote(text: string, kind: NoteRecord['kind'] = 'action', deploymentArn?: string): void {
    const named = this.deployments.filter((deployment) => deployment.record.deploymentArn === deploymentArn);
    const running = this.deployments.filter((deployment) => !deployment.isTerminal);
    const noted = [named, running].find((some) => some.length > 0) ?? this.deployments.slice(-1);
    for (const deployment of noted) deployment.log.note(kind, text);
  }

  /** Does something at a simulated time, milliseconds since the epoch. A promise that it returns is waited for. */
  at(timeMs: number, action: () => unknown): void {
    const { clock } = this.around;
    clock.schedule(timeMs, () => {
      const work = action();
      if (work instanceof Promise) clock.hold(work.then(() => undefined));
    });
  }

  /** Plays until nothing is left to do, or to `until` (milliseconds since the epoch). */
  async run(until?: number): Promise<void> {
    await this.around.clock.run(until === undefined ? {} : { until });
  }

  /** Plays until one deployment, or every one that has been started, is in a terminal status. */
  async runUntilTerminal(deploymentArn?: string): Promise<void> {
    const stop = (): boolean =>
      this.deployments.every(
        (deployment) =>
          deployment.isTerminal || (deploymentArn !== undefined && deployment.record.deploymentArn !== deploymentArn),
      );
    await this.around.clock.run({ stop });
  }

  /** A copy of what has happened so far, in the order in which the deployments were started. */
  record(): DeploymentRecord[] {
    return this.deployments.map((deployment) => structuredClone(deployment.record));
  }

  services(): readonly Service[] {
    return this.registry.services.map((service) =>
      describeService(
        service,
        this.deployments.findLast((deployment) => deployment.service === service),
      ),
    );
  }

  serviceDeployments(): readonly ServiceDeployment[] {
    return this.deployments.map((deployment) => describeDeployment(deployment, this.around.readings));
  }

  serviceRevisions(): readonly ServiceRevision[] {
    return this.registry.revisions.map(({ revision, service }) => describeRevision(revision, service, this.around));
  }

  taskDefinitions(): readonly TaskDefinition[] {
    return this.registry.taskDefinitions;
  }

  stopServiceDeployment(serviceDeploymentArn: string, stopType: 'ABORT' | 'ROLLBACK'): void {
    const deployment = this.find(serviceDeploymentArn);
    if (stopType === 'ABORT' && this.around.readings.reading('abortStop') === 'rejected') {
      throw new AwsError('InvalidParameterException', messages.ABORT_REJECTED);
    }
    if (deployment.isTerminal) throw new AwsError('ConflictException', messages.STOP_TERMINAL);
    deployment.stop(stopType);
  }

  continueServiceDeployment(serviceDeploymentArn: string, hookId: string, action: 'CONTINUE' | 'ROLLBACK'): void {
    if (!HOOK_ID.test(hookId)) throw new AwsError('InvalidParameterException', messages.CONTINUE_ERRORS.format);
    const deployment = this.find(serviceDeploymentArn);
    if (deployment.isTerminal) throw new AwsError('InvalidParameterException', messages.CONTINUE_ERRORS.terminal);
    const hook = deployment.activeHook(hookId);
    if (hook === undefined || hook.record.status !== 'AWAITING_ACTION') {
      throw new AwsError('InvalidParameterException', messages.CONTINUE_ERRORS.notActive);
    }
    deployment.log.note('pause', `ContinueServiceDeployment ${action} on ${hookId}`);
    hook.proceed(action);
  }

  private eventSource(
    { seed = 1, readings }: EcsEngineOptions,
    send: NonNullable<EcsEngineOptions['onEcsEvent']>,
  ): EventSource {
    const { clock, region, accountId } = this.around;
    return new EventSource({
      region,
      accountId,
      readings,
      ids: new Ids(seed ^ EVENT_IDS),
      now: () => clock.now(),
      send,
    });
  }

  private find(arn: string): Deployment {
    const deployment = this.deployments.find((candidate) => candidate.record.deploymentArn === arn);
    if (deployment === undefined) {
      throw new AwsError('ServiceDeploymentNotFoundException', messages.CONTINUE_ERRORS.notFound);
    }
    return deployment;
  }

  private deploy(service: ServiceState, target: RevisionState, title: string): StartedDeployment {
    const { ids, region, accountId } = this.around;
    const id = ids.deployment();
    const arn = `arn:${partitionOf(region)}:ecs:${region}:${accountId}:service-deployment/${service.cluster}/${service.name}/${id}`;
    const finished = (): void => this.beginWaiting(service);
    const deployment = new Deployment(this.around, { service, target, title, id, arn, finished });
    const running = this.deployments.filter((other) => other.service === service && !other.isTerminal);
    this.deployments.push(deployment);
    this.takeOver(running, deployment);
    return {
      serviceArn: service.arn,
      deploymentArn: arn,
      deploymentId: id,
      targetRevisionArn: target.arn,
      targetRevisionId: target.id,
    };
  }

  private takeOver(running: readonly Deployment[], deployment: Deployment): void {
    const rollBack = running.length > 0 && this.around.readings.reading('supersededDeployment') === 'rolled-back';
    if (!rollBack) {
      for (const other of running) other.supersede();
      deployment.begin();
      return;
    }
    this.waiting.push(deployment);
    for (const other of running) {
      if (this.waiting.includes(other)) other.supersede();
      else other.rollBackForNewer();
    }
    this.beginWaiting(deployment.service);
  }

  /** Begins the newest waiting deployment of a service once all others of it are over. */
  private beginWaiting(service: ServiceState): void {
    const index = this.waiting.findIndex((deployment) => deployment.service === service && !deployment.isTerminal);
    const next = this.waiting[index];
    if (next === undefined) return;
    const others = this.deployments.filter((other) => other.service === service && other !== next);
    if (others.some((other) => !other.isTerminal)) return;
    this.waiting.splice(index, 1);
    next.begin();
  }
}

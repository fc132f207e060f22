import type { DeploymentConfiguration, LoadBalancer, ServiceEvent, Task } from '@aws-sdk/client-ecs';
import type { HookInvoker } from '../lambda/invoker.ts';
import type { TimelineEvent } from '../report/timeline-event.ts';
import type {
  ContainerDefinitionInput,
  Durations,
  LoadBalancing,
  NetworkingFault,
  TaskBehaviour,
  TaskProgram,
} from './definition.ts';
import type { EventSource } from './events.ts';
import type { Ids } from './ids.ts';
import type { Readings } from './readings.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A service revision and what runs of it. */
export interface RevisionState {
  id: string;
  arn: string;
  name: string;
  taskDefinition: string;
  containers: readonly ContainerDefinitionInput[];
  tasks: TaskBehaviour;
  /** Its tasks as processes, which then keep the three counts below; undefined when they are only counted. */
  processes: RevisionTasks | undefined;
  networkingFault: NetworkingFault | undefined;
  createdAt: number;
  active: boolean;
  requested: number;
  running: number;
  pending: number;
  /** When its first task started, which is when ECS resolves image digests. */
  firstTaskAt: number | undefined;
  /** By container: what the images' tags meant at that moment. */
  digests: ReadonlyMap<string, string>;
  /** Which of the two target groups it uses: they change roles with each deployment. */
  targetGroup: 0 | 1;
}

/** The tasks of a revision as real processes. */
export interface RevisionTasks {
  /** Starts tasks, or stops them, until there are `count`; one that ends by itself is replaced. */
  scaleTo(count: number): void;
  /** Told of what becomes of them from now on, in place of who was told before. */
  watch(watcher: TaskWatcher | undefined): void;
  /** Calls back once no process is left, which may be at once. */
  whenGone(done: () => void): void;
}

export interface TaskWatcher {
  /** The revision's counts may have changed. */
  changed: () => void;
  /** A task has ended that nobody had asked to. */
  failed: () => void;
}

/** A task that RunTask starts. */
export interface StandaloneTask {
  clusterArn: string;
  group: string;
  startedBy: string | undefined;
  taskDefinitionArn: string;
  containers: readonly ContainerDefinitionInput[];
  program: TaskProgram | undefined;
  pull: 'works' | 'fails';
  overrides: NonNullable<Task['overrides']>;
}

/** Runs tasks as processes of this machine. */
export interface TaskHost {
  tasksOf(service: ServiceState, revision: RevisionState, program: TaskProgram): RevisionTasks;
  run(task: StandaloneTask): Task;
  /** All of them; one that has stopped for an hour. */
  list(): readonly Task[];
  /** @returns the task, on its way to STOPPED; undefined when it is none of these */
  stop(taskArn: string, reason: string): Task | undefined;
}

/** Percent of one kind of traffic by revision id; empty when nothing carries it. */
export type Weights = Readonly<Record<string, number>>;

export interface ServiceState {
  arn: string;
  name: string;
  cluster: string;
  clusterArn: string;
  createdAt: number;
  configuration: DeploymentConfiguration;
  loadBalancing: LoadBalancing;
  loadBalancers: readonly LoadBalancer[];
  desiredCount: number;
  taskDefinition: string;
  /** The last revision whose deployment succeeded: where a rollback goes. */
  stable: RevisionState | undefined;
  /** All revisions that are ACTIVE, oldest first. */
  active: RevisionState[];
  production: Weights;
  test: Weights;
  /** The target group that production traffic goes to. A rule is born pointing to the first one. */
  liveTargetGroup: 0 | 1;
  /** Oldest first. */
  events: ServiceEvent[];
}

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** What every part of the engine shares. */
export interface Surroundings {
  clock: VirtualClock;
  readings: Readings;
  invoker: HookInvoker;
  ids: Ids;
  durations: Durations;
  alarms: ReadonlyMap<string, AlarmState>;
  region: string;
  accountId: string;
  resolveImage: (image: string) => string | undefined;
  /** Without it no revision has processes. */
  tasks: TaskHost | undefined;
  emit: (event: TimelineEvent) => void;
  /** Absent when nobody listens on EventBridge. */
  events?: EventSource;
}

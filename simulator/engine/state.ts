import type { DeploymentConfiguration, LoadBalancer, ServiceEvent } from '@aws-sdk/client-ecs';
import type { HookInvoker } from '../lambda/invoker.ts';
import type { TimelineEvent } from '../report/timeline-event.ts';
import type {
  ContainerDefinitionInput,
  Durations,
  LoadBalancing,
  NetworkingFault,
  TaskBehaviour,
} from './definition.ts';
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
  emit: (event: TimelineEvent) => void;
}

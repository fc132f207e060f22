import type { DeploymentConfiguration, DeploymentStrategy, LoadBalancer } from '@aws-sdk/client-ecs';

/** How the tasks of a revision behave: `crash` exit soon after they start, `never-healthy` run but fail health checks. */
export type TaskBehaviour = 'healthy' | 'never-healthy' | 'crash';

export interface ContainerDefinitionInput {
  name: string;
  image: string;
  /** What the image's tag resolves to; by default a digest that belongs to the image's name. */
  imageDigest?: string;
  /** With `disabled` ECS never resolves the tag. */
  versionConsistency?: 'enabled' | 'disabled';
}

/** What the one container of a task runs: a real process on this machine. */
export interface TaskProgram {
  entryPoint: readonly string[];
  /** With the entry point before it, the program and its arguments. `node` is the Node.js that runs the simulator. */
  command: readonly string[];
  /** `${queue:name}` in a value stands for a queue's URL, `${url:service}` for a service's. */
  environment: Readonly<Record<string, string>>;
  /** Milliseconds from SIGTERM to SIGKILL. */
  stopTimeout: number;
  /** Gets a free port as PORT, and its task is RUNNING when it accepts connections there. */
  port: boolean;
  /** The line on standard output that makes its task RUNNING; without it `ready`, or to have lived for a second. */
  ready?: string;
}

export interface RevisionDefinition {
  /** What a reader calls it, such as `release-2`. */
  name: string;
  /** By default those of the registered task definition. */
  containers?: readonly ContainerDefinitionInput[];
  /** ARN or `family:revision` of a registered task definition; by default one is registered from the containers. */
  taskDefinition?: string;
  tasks?: TaskBehaviour;
  /** What its tasks run, where the engine has a host for them; without it they are only counted. */
  program?: TaskProgram;
  /** A fault in the load balancer's set-up that ECS meets while it deploys this revision. */
  networkingFault?: NetworkingFault;
}

/** Faults of the page on troubleshooting blue/green deployments, and the stage at which ECS finds them. */
export type NetworkingFault =
  | { kind: 'target-group-not-associated' }
  | { kind: 'two-target-groups-serving' }
  | { kind: 'listener-change-denied'; stage: 'TEST_TRAFFIC_SHIFT' | 'PRODUCTION_TRAFFIC_SHIFT' };

export interface LoadBalancing {
  kind: 'alb' | 'nlb' | 'service-connect' | 'headless';
  /** Whether test traffic has a listener or rule of its own. Service Connect always has its test header. */
  testListener?: boolean;
  /** In place of the load balancer that the engine makes up, to try what ECS says to it. */
  loadBalancers?: readonly LoadBalancer[];
  /** Whether the production rule forwards to both target groups; without it an ALB needs a test listener rule. */
  productionRuleHasBothTargetGroups?: boolean;
}

export interface ServiceDefinition {
  cluster: string;
  name: string;
  /** Wins over `deploymentConfiguration.strategy`; with neither it is ROLLING, as in the API. */
  strategy?: DeploymentStrategy;
  deploymentConfiguration?: DeploymentConfiguration;
  loadBalancing: LoadBalancing;
  desiredCount?: number;
  revision: RevisionDefinition;
}

export interface ServiceUpdate {
  cluster: string;
  service: string;
  /** Without it (and without `forceNewDeployment`) an update starts no deployment. */
  revision?: RevisionDefinition;
  forceNewDeployment?: boolean;
  strategy?: DeploymentStrategy;
  /** Replaces the former one as a whole. */
  deploymentConfiguration?: DeploymentConfiguration;
  desiredCount?: number;
}

/** How long ECS's own work takes on the simulator's clock, in milliseconds. None of it is promised by AWS. */
export interface Durations {
  /** From the request to IN_PROGRESS. */
  start: number;
  /** From the end of a stage to the beginning of the next. */
  stageChange: number;
  reconcile: number;
  /** From SCALE_UP to the first running task, when image digests become known. */
  firstTask: number;
  /** From SCALE_UP to all tasks running and healthy. */
  scaleUp: number;
  testShift: number;
  productionShift: number;
  /** What a Network Load Balancer adds to each of the two shift stages (10 minutes, blue/green deployments page). */
  nlbShift: number;
  cleanUp: number;
  /** Between two failures of tasks that crash. */
  taskCrash: number;
  /** Between two failures of tasks that never become healthy. */
  healthCheckFailure: number;
  /** From a StopServiceDeployment to its effect. */
  stop: number;
}

export const DEFAULT_DURATIONS: Durations = {
  start: 1_000,
  stageChange: 1_000,
  reconcile: 60_000,
  firstTask: 20_000,
  scaleUp: 60_000,
  testShift: 5_000,
  productionShift: 5_000,
  nlbShift: 600_000,
  cleanUp: 30_000,
  taskCrash: 20_000,
  healthCheckFailure: 90_000,
  stop: 2_000,
};

/** What registerTaskDefinition takes. */
export interface TaskDefinitionInput {
  family: string;
  containers: readonly ContainerDefinitionInput[];
  /** What RunTask starts. */
  program?: TaskProgram;
  /** `fails`: its tasks stop with CannotPullContainerError. */
  pull?: 'works' | 'fails';
}

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

/** Defaults of the CloudFormation reference (bake time) and of the API reference (canary, linear). */
export const DEFAULTS = {
  bakeTimeInMinutes: 15,
  canaryPercent: 5,
  canaryBakeTimeInMinutes: 10,
  stepPercent: 10,
  stepBakeTimeInMinutes: 6,
  hookTimeoutInMinutes: 1440,
  desiredCount: 2,
} as const;

export function strategyOf(configuration: DeploymentConfiguration): DeploymentStrategy {
  return configuration.strategy ?? 'ROLLING';
}

/** Whether the service has a way to send test traffic to green alone. */
export function hasTestTraffic(loadBalancing: LoadBalancing): boolean {
  if (loadBalancing.kind === 'service-connect') return true;
  return loadBalancing.kind !== 'headless' && loadBalancing.testListener === true;
}

/**
 * What a played scenario leaves behind: plain JSON, written by the engine, read by the timeline, the HTML report,
 * `--json` and the expectations. All times are milliseconds since the epoch on the simulator's clock.
 */
import type {
  DeploymentLifecycleHookStage,
  DeploymentLifecycleHookStatus,
  DeploymentLifecycleHookTargetType,
  DeploymentStrategy,
  ServiceDeploymentLifecycleStage,
  ServiceDeploymentStatus,
} from '@aws-sdk/client-ecs';

/** A stage as the simulator plays it. PRE_PRODUCTION_TRAFFIC_SHIFT is hookable though not in ECS's describe enum. */
export type Stage = ServiceDeploymentLifecycleStage | DeploymentLifecycleHookStage;

/** All that happened in a play. Times are milliseconds since the epoch, on the simulated clock. */
export interface PlayRecord {
  scenario: string;
  description: string;
  startedAt: number;
  endedAt: number;
  /** The reading chosen for each UNCONFIRMED behaviour that this run consulted. */
  readings: Record<string, string>;
  deployments: DeploymentRecord[];
  /** Absent when the scenario states no expectation. */
  expectation?: { met: boolean; failures: string[] };
}

/** A service revision. */
export interface RevisionRecord {
  arn: string;
  /** 19 digits, always a string. */
  id: string;
  /** The scenario's name for it, such as `release-2`. */
  name: string;
  images: string[];
}

/** One service deployment, from its creation to its end. */
export interface DeploymentRecord {
  /** What a reader calls this deployment, such as `release 2, accepted by an approver`. */
  title: string;
  cluster: string;
  service: string;
  serviceArn: string;
  deploymentArn: string;
  deploymentId: string;
  strategy: DeploymentStrategy;
  /** Absent on a first deployment. */
  source?: RevisionRecord;
  target: RevisionRecord;
  createdAt: number;
  startedAt?: number;
  finishedAt?: number;
  status: ServiceDeploymentStatus;
  statusReason?: string;
  rollback?: { reason: string; startedAt: number; serviceRevisionArn?: string };
  stages: StageRecord[];
  /** Every change of the traffic weights, the state at the start included. */
  weights: WeightPoint[];
  /** What happened beside the stages: approvals, alarms, stop requests, service events. */
  notes: NoteRecord[];
  /** What was measured meanwhile; absent when the scenario has no traffic. */
  metrics?: MetricRecord[];
  /** Invocations by EventBridge; absent when no function asks for events. In order of their end. */
  eventInvocations?: EventInvocationRecord[];
  /** Who took messages off the service's queues; absent without queues. */
  consumption?: ConsumptionRecord[];
  /** Every change of the parameter that names the consuming revision, the state at the start included. */
  consumer?: ConsumerPoint[];
  /** How measured values are spread, such as the latencies of a load test. */
  distributions?: DistributionRecord[];
  /** Absent when the scenario expects nothing of this deployment. The play's own expectation includes it. */
  expectation?: { met: boolean; failures: string[] };
}

/** One passage of a lifecycle stage. */
export interface StageRecord {
  stage: Stage;
  direction: 'forward' | 'rollback';
  /** 1-based, of `steps`, at the recurring stages of a canary or linear deployment. */
  step?: number;
  steps?: number;
  startedAt: number;
  endedAt?: number;
  outcome: 'running' | 'completed' | 'failed' | 'timed-out' | 'interrupted';
  hooks: HookRunRecord[];
}

/** One hook at one stage, with all its invocations. */
export interface HookRunRecord {
  /** `ecs-lambda-…` or `ecs-pause-…`. */
  hookId: string;
  /** The scenario's name for the hook, such as `approval`. */
  name: string;
  targetType: DeploymentLifecycleHookTargetType;
  targetArn?: string;
  status: DeploymentLifecycleHookStatus;
  startedAt: number;
  endedAt?: number;
  expiresAt: number;
  timeoutAction: 'ROLLBACK' | 'CONTINUE';
  invocations: InvocationRecord[];
}

/** One call of a hook by ECS. */
export interface InvocationRecord {
  startedAt: number;
  endedAt: number;
  /** 1-based within the hook run. */
  attempt: number;
  event: unknown;
  outcome: InvocationOutcome;
  /** AWS operations that the function called, such as `ssm:GetParameterHistory`, in order. */
  awsCalls: string[];
}

/** How one Lambda invocation ended, as ECS sees it. */
export type InvocationOutcome =
  | {
      kind: 'answer';
      hookStatus: 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS';
      reason?: string;
      callBackDelay?: number;
      payload: unknown;
    }
  | { kind: 'invalid-answer'; payload: unknown; message: string }
  | { kind: 'function-error'; errorType: string; errorMessage: string }
  | { kind: 'timed-out'; seconds: number }
  | { kind: 'throttled' | 'service-error' | 'access-denied' | 'role-error'; message: string };

export interface WeightPoint {
  at: number;
  traffic: 'production' | 'test';
  /** Percent by revision id; empty when nothing carries this traffic. */
  weights: Record<string, number>;
}

/** One figure of the two revisions over time. */
export interface MetricRecord {
  /** Such as `5xx`. */
  title: string;
  /** Such as `%`. */
  unit: string;
  /** When the first step begins. */
  from: number;
  /** How long each step is: a minute, or several where there are many. */
  stepMs: number;
  /** By revision id, one value for each step; null where nothing was measured. */
  values: Record<string, (number | null)[]>;
}

/** One asynchronous invocation of a function with an event of ECS. */
export interface EventInvocationRecord {
  /** The function's name. */
  function: string;
  /** Of the event, such as `SERVICE_DEPLOYMENT_COMPLETED`. */
  eventName: string;
  startedAt: number;
  endedAt: number;
  /** 1-based within one delivery: Lambda tries again what has failed. */
  attempt: number;
  event: unknown;
  outcome: EventOutcome;
  /** AWS operations that the function called, in order. */
  awsCalls: string[];
}

/** Nobody judges the answer to an event; Lambda only asks whether there was one. */
export type EventOutcome =
  | { kind: 'returned'; payload: unknown }
  | Exclude<InvocationOutcome, { kind: 'answer' | 'invalid-answer' }>;

/** What happened to the messages of one queue, in steps of equal length. */
export interface ConsumptionRecord {
  queue: string;
  /** When the first step begins. */
  from: number;
  stepMs: number;
  /** By revision id: messages processed, which is deleted from the queue, in each step. */
  byRevision: Record<string, number[]>;
  /** Messages that went to the dead-letter queue in each step. */
  deadLettered: number[];
}

export interface ConsumerPoint {
  at: number;
  /** The id of the one revision that may consume, or `none`; empty while there is no parameter. */
  value: string;
}

export interface DistributionRecord {
  /** Such as `latency, GET /`. */
  title: string;
  /** Such as `ms`. */
  unit: string;
  series: DistributionSeries[];
}

export interface DistributionSeries {
  name: string;
  /** The id of the revision measured, if it was one. */
  revision?: string;
  /** Rising; `percentile` is 0 to 100. */
  values: { value: number; percentile: number }[];
}

export interface NoteRecord {
  at: number;
  kind: 'action' | 'alarm' | 'stop' | 'pause' | 'service-event' | 'rollback' | 'fault';
  text: string;
}

/**
 * What Amazon ECS tells EventBridge of a deployment. Sources: "Amazon ECS service deployment state change events" and
 * "Amazon ECS hook state change events" in the ECS developer guide.
 */
import type { DeploymentRecord, HookRunRecord, StageRecord } from '../record.ts';
import type { TimelineEvent } from '../report/timeline-event.ts';
import type { Ids } from './ids.ts';
import type { Readings } from './readings.ts';

/** The kinds of events that a function may ask for. */
export const EVENT_KINDS = ['deployment', 'hook'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export type HookEventName =
  | 'HOOK_IN_PROGRESS'
  | 'HOOK_AWAITING_ACTION'
  | 'HOOK_SUCCEEDED'
  | 'HOOK_FAILED'
  | 'HOOK_TIMED_OUT';

export type DeploymentEventName =
  | 'SERVICE_DEPLOYMENT_IN_PROGRESS'
  | 'SERVICE_DEPLOYMENT_COMPLETED'
  | 'SERVICE_DEPLOYMENT_FAILED';

export interface DeploymentEventDetail {
  eventType: 'INFO' | 'ERROR';
  eventName: DeploymentEventName;
  /** `ecs-svc/…`, as DescribeServices names the deployment. */
  deploymentId: string;
  updatedAt: string;
  reason: string;
}

export interface HookEventDetail {
  eventType: 'INFO' | 'ERROR';
  eventName: HookEventName;
  hookId: string;
  hookType: 'AWS_LAMBDA' | 'PAUSE';
  expiresAt: string;
  lifecycleStage: string;
  clusterArn: string;
  serviceArn: string;
  serviceDeploymentArn: string;
  updatedAt: string;
}

/** AWS's envelope of an event. Times are ISO 8601; `time` has no fractions of a second. */
export interface EcsEvent {
  version: '0';
  id: string;
  'detail-type': 'ECS Deployment State Change' | 'ECS Hook State Change';
  source: 'aws.ecs';
  account: string;
  time: string;
  region: string;
  resources: [string];
  detail: DeploymentEventDetail | HookEventDetail;
}

export function kindOf(event: EcsEvent): EventKind {
  return event['detail-type'] === 'ECS Hook State Change' ? 'hook' : 'deployment';
}

export interface EventSourceOptions {
  region: string;
  accountId: string;
  readings: Readings;
  /** Of their own: events must not change the ids of what is deployed. */
  ids: Ids;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Given every event as ECS sends it. */
  send: (event: EcsEvent, deployment: DeploymentRecord) => void;
}

type Told = Pick<DeploymentEventDetail, 'eventName' | 'deploymentId' | 'reason'>;

/** Turns what a deployment does into events. */
export class EventSource {
  private readonly options: EventSourceOptions;

  constructor(options: EventSourceOptions) {
    this.options = options;
  }

  /** A deployment has reached a status. */
  status(deployment: DeploymentRecord, circuitBreaker: boolean): void {
    for (const told of this.tellings(deployment, circuitBreaker)) this.sendDeployment(deployment, told);
  }

  /** Something else has happened; only hooks have events. */
  happened(event: TimelineEvent): void {
    if (event.kind !== 'hook-started' && event.kind !== 'hook-ended') return;
    const { hook, stage, deployment } = event;
    const isOver = hook.status !== 'IN_PROGRESS' && hook.status !== 'AWAITING_ACTION';
    // A hook that was abandoned keeps its status: it has not changed its state.
    if (event.kind === 'hook-ended' && !isOver) return;
    const silent = hook.targetType === 'AWS_LAMBDA' && this.options.readings.reading('lambdaHookEvents') === 'none';
    if (!silent) this.sendHook(deployment, stage, hook);
  }

  private tellings(deployment: DeploymentRecord, circuitBreaker: boolean): Told[] {
    const { status, statusReason = '', target, rollback } = deployment;
    const forward = { deploymentId: ecsSvcId(target.id) };
    const back = { deploymentId: ecsSvcId(idOf(rollback?.serviceRevisionArn) ?? target.id) };
    const failed = { ...forward, eventName: 'SERVICE_DEPLOYMENT_FAILED', reason: statusReason } as const;
    switch (status) {
      case 'IN_PROGRESS':
        return [started(forward.deploymentId, `ECS deployment ${forward.deploymentId} in progress.`)];
      case 'SUCCESSFUL':
        return [completed(forward.deploymentId)];
      case 'ROLLBACK_IN_PROGRESS':
        return [
          ...(this.tellsFailure(circuitBreaker) ? [failed] : []),
          started(
            back.deploymentId,
            `ECS deployment circuit breaker: rolling back to deploymentId ${back.deploymentId}.`,
          ),
        ];
      case 'ROLLBACK_SUCCESSFUL':
        // A deployment that was called off while it waited has never begun, and has nothing to end.
        return rollback === undefined ? [] : this.rollbackEnd(back.deploymentId, statusReason);
      case 'ROLLBACK_FAILED':
      case 'STOPPED':
        return this.tellsFailure(circuitBreaker) ? [failed] : [];
      default:
        return [];
    }
  }

  private rollbackEnd(deploymentId: string, reason: string): Told[] {
    const end = this.options.readings.reading('rollbackEndEvent');
    if (end === 'none') return [];
    return [
      end === 'COMPLETED' ? completed(deploymentId) : { deploymentId, eventName: 'SERVICE_DEPLOYMENT_FAILED', reason },
    ];
  }

  private tellsFailure(circuitBreaker: boolean): boolean {
    return circuitBreaker || this.options.readings.reading('failedEventWithoutCircuitBreaker') === 'sent';
  }

  private sendDeployment(deployment: DeploymentRecord, told: Told): void {
    const eventType = told.eventName === 'SERVICE_DEPLOYMENT_FAILED' ? 'ERROR' : 'INFO';
    const updatedAt = seconds(this.options.now());
    const { eventName, deploymentId, reason } = told;
    const detail: DeploymentEventDetail = { eventType, eventName, deploymentId, updatedAt, reason };
    this.send('ECS Deployment State Change', deployment.serviceArn, detail, deployment);
  }

  private sendHook(deployment: DeploymentRecord, stage: StageRecord, hook: HookRunRecord): void {
    const eventName: HookEventName = `HOOK_${hook.status}`;
    const detail: HookEventDetail = {
      eventType: eventName === 'HOOK_FAILED' || eventName === 'HOOK_TIMED_OUT' ? 'ERROR' : 'INFO',
      eventName,
      hookId: hook.hookId,
      hookType: hook.targetType,
      expiresAt: seconds(hook.expiresAt),
      lifecycleStage: stage.stage,
      clusterArn: clusterArnOf(deployment),
      serviceArn: deployment.serviceArn,
      serviceDeploymentArn: deployment.deploymentArn,
      updatedAt: new Date(this.options.now()).toISOString(),
    };
    this.send('ECS Hook State Change', deployment.deploymentArn, detail, deployment);
  }

  private send(
    detailType: EcsEvent['detail-type'],
    resource: string,
    detail: EcsEvent['detail'],
    deployment: DeploymentRecord,
  ): void {
    const { ids, accountId, region, now, send } = this.options;
    const event: EcsEvent = {
      version: '0',
      id: ids.uuid(),
      'detail-type': detailType,
      source: 'aws.ecs',
      account: accountId,
      time: seconds(now()),
      region,
      resources: [resource],
      detail,
    };
    send(event, deployment);
  }
}

function started(deploymentId: string, reason: string): Told {
  return { eventName: 'SERVICE_DEPLOYMENT_IN_PROGRESS', deploymentId, reason };
}

function completed(deploymentId: string): Told {
  return {
    eventName: 'SERVICE_DEPLOYMENT_COMPLETED',
    deploymentId,
    reason: `ECS deployment ${deploymentId} completed.`,
  };
}

function ecsSvcId(revisionId: string): string {
  return `ecs-svc/${revisionId}`;
}

/** The last part of an ARN. */
function idOf(arn: string | undefined): string | undefined {
  return arn?.slice(arn.lastIndexOf('/') + 1);
}

function clusterArnOf({ serviceArn, cluster }: DeploymentRecord): string {
  return `${serviceArn.slice(0, serviceArn.indexOf(':service/'))}:cluster/${cluster}`;
}

/** EventBridge's times: ISO 8601 without fractions of a second. */
function seconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

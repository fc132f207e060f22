import '../../hooks/quiet.ts';
import type { Service, ServiceDeployment, ServiceRevision, Task, TaskDefinition } from '@aws-sdk/client-ecs';
import type { HookStage } from '../../../shared/stages.ts';
import type { EcsBackend, EcsTasks } from '../../../simulator/aws/ecs-backend.ts';
import { createLocalAws, type LocalAws } from '../../../simulator/aws/local-aws.ts';
import type { Told } from './told.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
export const START = Date.parse('2026-03-02T09:00:00Z');
export const MINUTE = 60_000;
export const DEPLOYMENT = 'dep-1';
export const BLUE = '1111111111111111111';
export const GREEN = '2222222222222222222';
/** The next release, in a deployment of its own. */
export const RED = '3333333333333333333';
/** The function, as ECS, EventBridge and the service's configuration know it. */
export const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:hook-fn`;
/** The session that the hook's own requests come from. */
export const HOOK = `arn:aws:sts::${ACCOUNT}:assumed-role/HookRole/hook-fn`;

/** Of every world, so that a lasting fault ends after few looks. */
export const MAX_ERRORS = 3;
export const POLL_SECONDS = 10;

const arn = (type: string, rest: string) => `arn:aws:ecs:${REGION}:${ACCOUNT}:${type}/prod${rest}`;
export const SERVICE_ARN = arn('service', '/web');
export const DEPLOYMENT_ARN = arn('service-deployment', `/web/${DEPLOYMENT}`);
export const GREEN_ARN = arn('service-revision', `/web/${GREEN}`);
export const BLUE_ARN = arn('service-revision', `/web/${BLUE}`);
export const RED_ARN = arn('service-revision', `/web/${RED}`);
export const LATER_ARN = arn('service-deployment', '/web/dep-2');
export const CLUSTER_ARN = arn('cluster', '');
export const taskDefinitionArn = (family: string): string =>
  `arn:aws:ecs:${REGION}:${ACCOUNT}:task-definition/${family}:7`;

/** ECS rolls back, and says so by its status. */
export const ROLLING_BACK: Partial<ServiceDeployment> = { status: 'ROLLBACK_IN_PROGRESS' };
/** Of a world whose event has no weights. Until the direction is known, the configuration is not read. */
export const BY_DESCRIPTION = { direction: { operation: 'DescribeServiceDeployments' }, maxErrors: 10 };

/** What a deployment comes to when nothing is wrong with AWS. A rollback must not be hindered, whatever goes wrong. */
export type Expected = 'SUCCEEDED' | 'FAILED' | 'rollback';

/** ECS calls the hook until it does not answer IN_PROGRESS any more. */
export interface Visit {
  stage: HookStage;
  /** Percent of green, and the rest is blue's; absent: no weights in the event. */
  weight?: number;
  /** Minutes since the last answer; 0 without it. */
  after?: number;
  /** An answer to a rollback: it is SUCCEEDED, whatever came before. */
  rollback?: boolean;
  /** Looks at the most: a rollback may come in the midst of a visit. */
  looks?: number;
  /** What has happened in ECS since the last answer. */
  happened?: (ecs: StaticEcs) => void;
  /** It is a visit of the next deployment, from blue to red. */
  later?: boolean;
}

/** An event that EventBridge has for the function: where that throws, Lambda invokes it twice more. */
export interface Notice {
  /** The event's name, as ECS calls it; or the constant input of a schedule. */
  notice: 'SERVICE_DEPLOYMENT_COMPLETED' | 'SERVICE_DEPLOYMENT_FAILED' | 'HOOK_FAILED' | 'HOOK_TIMED_OUT' | 'schedule';
  after?: number;
  happened?: (ecs: StaticEcs) => void;
  /** From then on nothing is wrong with AWS any more. */
  healed?: boolean;
}

export function isNotice(visit: Visit | Notice | undefined): visit is Notice {
  return visit !== undefined && 'notice' in visit;
}

/** An account with a deployment in it, as it is when ECS calls the hook for the first time. */
export interface Scene {
  aws: LocalAws;
  ecs: StaticEcs;
  hookDetails: Record<string, unknown>;
  env?: NodeJS.ProcessEnv;
  visits: readonly [Visit | Notice, ...(Visit | Notice)[]];
  /** What happens in the world, up to the next look. */
  meanwhile?: () => void;
  /** What must hold at the end, whatever went wrong; a sentence for each thing that does not. */
  audit?: (final: 'SUCCEEDED' | 'FAILED') => string[];
}

export interface World {
  hook: string;
  name: string;
  expected: Expected;
  /** Of the hook's configuration, minutes. */
  timeoutMinutes: number;
  /** The same, looks; MAX_ERRORS without it. */
  maxErrors?: number;
  /** Which operation alone tells that ECS rolls back, where the event does not. */
  direction?: { operation: string };
  /** Of a world with notices: what the consumer parameter says in the end, and its workers' lease, milliseconds. */
  net?: { ends: string; leaseMs: number };
  /** What the operator has said by name; `expected` is what it comes to without trouble. */
  told?: Told;
  begin(): Scene;
}

/** ECS as far as it tells of one service and its deployment. */
export class StaticEcs implements EcsBackend {
  deployment: ServiceDeployment = {
    serviceDeploymentArn: DEPLOYMENT_ARN,
    serviceArn: SERVICE_ARN,
    clusterArn: CLUSTER_ARN,
    status: 'IN_PROGRESS',
    startedAt: new Date(START - 5 * MINUTE),
    createdAt: new Date(START - 5 * MINUTE),
    sourceServiceRevisions: [{ arn: BLUE_ARN }],
    targetServiceRevision: { arn: GREEN_ARN },
    deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 },
  };
  service: Service = {
    serviceArn: SERVICE_ARN,
    serviceName: 'web',
    clusterArn: CLUSTER_ARN,
    status: 'ACTIVE',
    desiredCount: 2,
  };
  others: Service[] = [];
  /** Those before `deployment`. */
  earlier: ServiceDeployment[] = [];
  revisions: ServiceRevision[] = [
    { serviceRevisionArn: BLUE_ARN, createdAt: new Date(START - 2880 * MINUTE), containerImages: [image('web:1')] },
    { serviceRevisionArn: GREEN_ARN, createdAt: new Date(START - 5 * MINUTE), containerImages: [image('web:2')] },
  ];
  definitions: TaskDefinition[] = [];
  started: Task[] = [];
  /** What RunTask starts looks like. */
  newTask: (at: number) => Partial<Task> = () => ({});

  services() {
    return [this.service, ...this.others];
  }

  serviceDeployments() {
    return [this.deployment, ...this.earlier];
  }

  serviceRevisions() {
    return this.revisions;
  }

  taskDefinitions() {
    return this.definitions;
  }

  stopServiceDeployment(): never {
    throw new Error('nobody stops a deployment here');
  }

  continueServiceDeployment(): never {
    throw new Error('nobody continues a deployment here');
  }

  readonly tasks: EcsTasks = {
    list: () => this.started,
    run: ({ clusterArn, taskDefinitionArn: definition }) => {
      const createdAt = new Date();
      const task: Task = {
        taskArn: arn('task', `/${this.started.length + 1}`),
        clusterArn,
        taskDefinitionArn: definition,
        lastStatus: 'PROVISIONING',
        desiredStatus: 'RUNNING',
        createdAt,
        ...this.newTask(createdAt.getTime()),
      };
      this.started.push(task);
      return task;
    },
    stop: (taskArn) => {
      const task = this.started.find((one) => one.taskArn === taskArn);
      if (task !== undefined) task.desiredStatus = 'STOPPED';
      return task;
    },
    scale: (serviceArn, desiredCount) => {
      for (const one of this.services()) if (one.serviceArn === serviceArn) one.desiredCount = desiredCount;
    },
  };
}

function image(name: string) {
  return { containerName: 'web', image: `repo/${name}` };
}

/** An account whose clock is the process's. */
export function account(ecs: StaticEcs): LocalAws {
  let id = 0;
  const newId = () => {
    id += 1;
    return `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`;
  };
  const aws = createLocalAws({
    clock: { now: () => Date.now() },
    ecs,
    cloudwatch: { publicationDelaySeconds: 90 },
    newId,
  });
  aws.addIdentity(HOOK, process.env.AWS_ACCESS_KEY_ID);
  return aws;
}

export function eventOf(visit: Visit | Notice, hookDetails: unknown): Record<string, unknown> {
  if (isNotice(visit)) return serviceEventOf(visit);
  const { stage, weight, later = false } = visit;
  const [target, source] = later ? [RED_ARN, BLUE_ARN] : [GREEN_ARN, BLUE_ARN];
  const weights = weight === undefined ? {} : { [target]: weight, [source]: 100 - weight };
  const isTest = stage === 'TEST_TRAFFIC_SHIFT';
  return {
    executionId: '5e4c0b9a-0f5d-4f6e-9a35-000000000001',
    lifecycleStage: stage,
    resourceArn: later ? LATER_ARN : DEPLOYMENT_ARN,
    executionDetails: {
      serviceArn: SERVICE_ARN,
      targetServiceRevisionArn: target,
      testTrafficWeights: isTest ? weights : {},
      productionTrafficWeights: isTest ? {} : weights,
    },
    hookDetails,
  };
}

/**
 * As EventBridge has it.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
 */
function serviceEventOf({ notice }: Notice): Record<string, unknown> {
  const isHook = notice.startsWith('HOOK_');
  const event = {
    source: 'aws.ecs',
    'detail-type': isHook ? 'ECS Hook State Change' : 'ECS Deployment State Change',
    resources: [isHook ? DEPLOYMENT_ARN : SERVICE_ARN],
  };
  if (notice === 'schedule') return event;
  const detail = {
    eventType: notice === 'SERVICE_DEPLOYMENT_COMPLETED' ? 'INFO' : 'ERROR',
    eventName: notice,
    updatedAt: '2026-03-02T09:05:00Z',
    ...(isHook ? { hookId: 'ecs-lambda-e7tK', clusterArn: CLUSTER_ARN, serviceArn: SERVICE_ARN } : {}),
  };
  return { version: '0', account: ACCOUNT, region: REGION, time: '2026-03-02T09:05:00Z', ...event, detail };
}

import type { aws_ec2 as ec2, aws_logs as logs, aws_sns as sns, aws_sqs as sqs } from 'aws-cdk-lib';
import type * as z from 'zod/mini';
import type { Overlay, Policy } from '../../hooks/admission/policy.ts';
import type { CommonConfig } from '../../shared/config.ts';
import type { HookStage } from '../../shared/stages.ts';
import type { HOOKS } from './hooks.ts';

/** The hooks that there are. */
export type HookId = keyof typeof HOOKS;

type Own<Id extends HookId> = z.input<(typeof HOOKS)[Id]['config']>;
type Common = z.input<typeof CommonConfig>;
type FailClosed = Omit<Common, 'onTimeout' | 'onError'> & { readonly onTimeout?: 'fail'; readonly onError?: 'fail' };

/** The hookDetails of a hook, as a service may write them. HOOK_DEFAULTS or HOOK_POLICY may give what they do not. */
export type HookDetails<Id extends HookId> = Id extends 'admission'
  ? z.input<typeof Overlay>
  : Partial<Own<Id>> & (Id extends 'consumer-switch' ? FailClosed : Common);

/** HOOK_DEFAULTS or HOOK_POLICY of a hook: of admission, the policy document. */
export type HookLayer<Id extends HookId> = Id extends 'admission'
  ? Partial<z.input<typeof Policy>> &
      Partial<Pick<Own<Id>, 'parameterPrefix' | 'retainDays'>> &
      Omit<Common, 'mode' | 'onError'>
  : HookDetails<Id>;

/** A hook that is deployed. */
export interface HookOptions<Id extends HookId> {
  /** HOOK_DEFAULTS, for all services; beside what the construct knows itself, such as parameterPrefix. */
  readonly hookDefaults?: HookLayer<Id>;
  /** HOOK_POLICY, which no service can loosen: the value itself, or the parameter that holds it (`ssm:<name>`). */
  readonly hookPolicy?: HookLayer<Id> | `ssm:${string}`;
}

/** The traffic generators: an ECS service on Fargate that is a client of Service Connect, its queue and its roles. */
export interface TrafficGeneratorOptions {
  /** Such as the imageUri of an ecr_assets.DockerImageAsset. */
  readonly image: string;
  /** The Service Connect namespace, name or ARN. */
  readonly namespace: string;
  readonly vpc: ec2.IVpc;
  /** Default: the private subnets. */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /** Default: that of the VPC. */
  readonly securityGroups?: readonly ec2.ISecurityGroup[];
  /** Origins and host patterns that it may send load to, such as `http://catalog:8080`. */
  readonly allowedTargets: readonly [string, ...string[]];
}

/** The parameters of deploy/template.yaml; a key that is left out has the default that it has there. */
export interface EcsLifecycleHooksProps {
  /** The hooks to deploy. */
  readonly hooks: { readonly [Id in HookId]?: HookOptions<Id> };
  /** Name of the ECS cluster whose services use the hooks; `*` stands for any characters. */
  readonly cluster: string;
  /** Name of the service, or a pattern: the roles may look at no other. Default: `*`. */
  readonly service?: string;
  /** What the names of functions, queues and alarms begin with. Default: `ecs-hooks`. */
  readonly namePrefix?: string;
  /** Where the hooks keep their parameters in Parameter Store. Default: `/ecs-hooks`. */
  readonly parameterPrefix?: string;
  /** The parameters that a hookPolicy `ssm:<name>` may name. Default: `/ecs-hooks-policy/*`. */
  readonly policyParameters?: string;
  /** The folder with `<hook>.zip`. Default: `dist` of this project. */
  readonly artifacts?: string;
  /** Default: 30 days. */
  readonly logRetention?: logs.RetentionDays;
  /** Told of errors and throttles. Default: the alarms tell nobody. */
  readonly alarmTopic?: sns.ITopic;
  /**
   * Whether ECS may assume the role for this account's ECS resources only. AWS's page on the role shows no such
   * condition: if ECS is unable to assume it, give false. Default: true.
   */
  readonly restrictInvokeRole?: boolean;
  /** admission: the ECR repositories of this account and Region that it may read. Default: `*`. */
  readonly repositories?: string;
  /** admission: the registry uses enhanced scanning (Amazon Inspector). Default: false. */
  readonly enhancedScanning?: boolean;
  /** approval: where it asks, in this account and Region. Default: a topic is made. */
  readonly approvalTopic?: sns.ITopic;
  /** consumer-switch: the queues that it may look at and their dead-letter queues, such as `sightings*`. Default: none. */
  readonly workQueues?: string;
  /**
   * consumer-switch: looks after the service on this schedule too, such as `rate(15 minutes)`; cluster and service are
   * then no patterns. Default: on events alone.
   */
  readonly consumerSwitchScheduleExpression?: string;
  /** load-test: the cluster of the traffic generators, or of the task. Default: `cluster`, which is then no pattern. */
  readonly loadTestCluster?: string;
  /** load-test: the generators' queue, if none is made here; in this account and Region. */
  readonly loadQueue?: sqs.IQueue;
  /** load-test: the generators' service, if none is made here. Default: no service is scaled. */
  readonly generatorService?: string;
  /** load-test with runner task: the family of the task definition. Default: no task may be run. */
  readonly loadTestTaskFamily?: string;
  /** load-test with runner task: the names of the roles in the task definition, `*` as a pattern. */
  readonly loadTestTaskRoles?: string;
  /** Makes the traffic generators. */
  readonly trafficGenerator?: TrafficGeneratorOptions;
}

/** How a service uses a hook. */
export interface LifecycleHookOptions<Id extends HookId> {
  readonly hook: Id;
  /** Where ECS calls it. Default: the stages of the hook's page in docs/, as `npm run attach` takes them. */
  readonly stages?: readonly [HookStage, ...HookStage[]];
  readonly hookDetails?: HookDetails<Id>;
  /** When ECS gives up. Default: after 1,440 minutes, with ROLLBACK. CONTINUE fails open. */
  readonly timeoutConfiguration?: { readonly timeoutInMinutes?: number; readonly action?: 'ROLLBACK' | 'CONTINUE' };
}

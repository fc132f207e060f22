import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { AlarmStore } from './cloudwatch/alarms.ts';
import { MetricStore, type MetricStoreOptions } from './cloudwatch/metric-store.ts';
import { type AwsCall, dispatch, type Outcome, type Sleep } from './dispatch.ts';
import type { EcrReadings } from './ecr/readings.ts';
import { ImageRegistries } from './ecr/registries.ts';
import type { EcsBackend } from './ecs-backend.ts';
import { RuleStore } from './events/rule-store.ts';
import { FaultInjector } from './faults.ts';
import { type Listening, type ListenOptions, listenHttp } from './http.ts';
import { RoleStore } from './iam/role-store.ts';
import { type Credentials, Identities } from './identities.ts';
import { FunctionStore } from './lambda/function-store.ts';
import type { WireRequest } from './routing.ts';
import { partitionOf } from './service.ts';
import { cloudWatchService } from './services/cloudwatch.ts';
import { ecrService, layerStore } from './services/ecr.ts';
import { ecsService, emptyEcs } from './services/ecs.ts';
import { eventsService } from './services/events.ts';
import { iamService } from './services/iam.ts';
import { lambdaService } from './services/lambda.ts';
import { snsService } from './services/sns.ts';
import { sqsService } from './services/sqs.ts';
import { ssmService } from './services/ssm.ts';
import { stsService } from './services/sts.ts';
import { QueueStore } from './sqs/queue-store.ts';
import type { QueueStoreOptions } from './sqs/queue-types.ts';
import { ParameterStore, type ParameterStoreOptions } from './ssm/parameter-store.ts';
import { TopicStore } from './topics.ts';

/** Of `createLocalAws`. */
export interface LocalAwsOptions {
  clock: Clock;
  /** 123456789012 without it. */
  accountId?: string;
  /** eu-west-1 without it. */
  region?: string;
  /** What ECS answers from; without it the account has nothing in it. */
  ecs?: EcsBackend;
  ssm?: ParameterStoreOptions;
  /** How ECR behaves where AWS's pages leave it open. */
  ecr?: Partial<EcrReadings>;
  cloudwatch?: MetricStoreOptions;
  sns?: {
    /** Publishing to a topic that does not exist creates it. AWS answers NotFound, which is the default. */
    autoCreateTopics?: boolean;
  };
  sqs?: QueueStoreOptions;
  /** Where request and message ids come from; random UUIDs without it. */
  newId?: () => string;
  /** Told of each request once its fate is known, a hanging or cut one included. */
  onCall?: (call: AwsCall) => void;
}

/** The local AWS endpoint: its state, to set and to look at from here, and what was asked of it over the wire. */
export interface LocalAws {
  readonly accountId: string;
  readonly region: string;
  listen(options?: ListenOptions): Promise<Listening>;
  /** Answers one request without a socket; what becomes of a slow one is up to `sleep`. Never rejects. */
  answer(request: WireRequest, sleep: Sleep): Promise<Outcome>;
  /**
   * Makes a caller known: requests signed with this access key come from this principal.
   * @throws Error when the ARN is no principal's, or the key belongs to another
   */
  addIdentity(arn: string, accessKeyId?: string): Credentials;
  readonly parameters: ParameterStore;
  /** ECR's registries of every account and Region. */
  readonly registry: ImageRegistries;
  readonly topics: TopicStore;
  /** SQS's queues with their messages. */
  readonly queues: QueueStore;
  /** CloudWatch's metrics: fed here, read over the wire. */
  readonly metrics: MetricStore;
  /** CloudWatch's alarms with their states. */
  readonly alarms: AlarmStore;
  /** Lambda's functions as they are described; the sandbox runs them. */
  readonly functions: FunctionStore;
  /** IAM's roles as they are described; no permission is checked. */
  readonly roles: RoleStore;
  /** EventBridge's rules as they are described. */
  readonly rules: RuleStore;
  readonly calls: readonly AwsCall[];
  readonly faults: FaultInjector;
  /** What it answers: names of operations by service, as in a credential scope. */
  readonly operations: ReadonlyMap<string, readonly string[]>;
}

/**
 * One port that speaks the wire protocols of SSM, ECS, ECR, SNS, SQS, CloudWatch and STS, and what Lambda, IAM and
 * EventBridge tell of functions, roles and rules, to unmodified SDKs and the CLI, over state in memory. Who calls is taken from the access key id; signatures are NOT verified and no permission is checked, so
 * keep it on the loopback address. An access key that nobody added is a session of a role named `Local`.
 */
export function createLocalAws(options: LocalAwsOptions): LocalAws {
  const { clock, accountId = '123456789012', region = 'eu-west-1' } = options;
  if (!/^\d{12}$/.test(accountId)) throw new Error(`an AWS account id has 12 digits: ${accountId}`);
  const place = { accountId, region, partition: partitionOf(region) };
  const identities = new Identities(accountId, place.partition);
  const parameters = new ParameterStore(clock, place, options.ssm);
  const registry = new ImageRegistries(clock, { registryId: accountId, region }, options.ecr);
  const topics = new TopicStore(clock, place, options.sns?.autoCreateTopics ?? false);
  const newId = options.newId ?? randomUUID;
  const queues = new QueueStore(clock, place, newId, options.sqs);
  const beforeRead = () => {
    metrics.put(queues.takeMetrics());
    options.cloudwatch?.beforeRead?.();
  };
  const metrics = new MetricStore(clock, { ...options.cloudwatch, beforeRead });
  const alarms = new AlarmStore();
  const functions = new FunctionStore(place);
  const roles = new RoleStore(place);
  const rules = new RuleStore(place);
  const faults = new FaultInjector();
  const calls: AwsCall[] = [];
  const services = [
    ssmService(parameters),
    ecsService(options.ecs ?? emptyEcs),
    ecrService(registry),
    layerStore(registry),
    snsService(topics),
    sqsService(queues),
    cloudWatchService(metrics, alarms),
    stsService(),
    lambdaService(functions),
    iamService(roles),
    eventsService(rules),
  ];
  const onCall = options.onCall ?? (() => {});
  const dispatching = { clock, ...place, services, identities, faults, calls, newId, onCall };
  const answer: LocalAws['answer'] = (request, sleep) => dispatch(request, dispatching, sleep);
  return {
    accountId,
    region,
    listen: (listenOptions = {}) => listenHttp(answer, clock, listenOptions),
    answer,
    addIdentity: (arn, accessKeyId) => identities.add(arn, accessKeyId),
    parameters,
    registry,
    topics,
    queues,
    metrics,
    alarms,
    functions,
    roles,
    rules,
    calls,
    faults,
    operations: new Map(services.map(({ id, operations }) => [id, Object.keys(operations)])),
  };
}

import {
  CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
  type MetricStat,
} from '@aws-sdk/client-cloudwatch';
import {
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  type Service,
  type ServiceDeployment,
} from '@aws-sdk/client-ecs';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  GetParameterCommand,
  GetParametersByPathCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import { hook } from '../../hooks/consumer-switch/hook.ts';
import { at, SOURCE, TARGET } from '../../library/testing/events.ts';
import { type Rig, rig } from '../fixtures/probe.ts';

export const BLUE = '5520983417620145897';
export const GREEN = '7823415960271834513';
export const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders';
export const LEASE = 32;

const ecs = mockClient(ECSClient);
const ssm = mockClient(SSMClient);
const sqs = mockClient(SQSClient);
const cloudwatch = mockClient(CloudWatchClient);

const { serviceArn: SERVICE } = at('PRODUCTION_TRAFFIC_SHIFT').executionDetails;
const [, CLUSTER] = SERVICE.split('/');
/** Where the dead-letter queues are: in another account than the queues. */
const DEAD = 'https://sqs.eu-west-1.amazonaws.com/210987654321/';

/** One service, its parameter and its queue, as the hook sees them through the SDK. */
export class World {
  /** Each version of the parameter, the first of number 1. */
  versions: { value: string; at: Date }[] = [{ value: BLUE, at: new Date(0) }];
  name = '';
  /** By how many versions the answer to a read is behind. */
  behind = 0;
  inFlight = 0;
  /** Where a queue differs from the others. */
  inFlightOf: Readonly<Record<string, number>> = {};
  visible = 0;
  /** Undefined: the queue has no dead-letter queue. */
  deadLetters: number | undefined;
  deadLetterQueue = 'orders-dlq';
  /** Age of the oldest message in seconds, by the beginning of the minute. */
  ages: { at: Date; seconds: number }[] = [];
  /** What else is kept in Parameter Store, by name. */
  notes = new Map<string, string>();
  calls: string[] = [];
  deployment: ServiceDeployment = {
    status: 'IN_PROGRESS',
    targetServiceRevision: { arn: TARGET },
    sourceServiceRevisions: [{ arn: SOURCE }],
    deploymentConfiguration: { strategy: 'BLUE_GREEN' },
  };
  service: Service = {};
  /** Newest first. */
  listed: ServiceDeployment[] = [];
  /** Runs while a read of the parameter is under way. */
  onRead: () => void = () => {};
  /** Runs before a write is done. */
  beforeWrite: (value: string) => void = () => {};
  /** Runs after a write is done: a throw means that its answer never arrives. */
  afterWrite: (value: string) => void = () => {};
  rig: Rig = rig(hook);

  get value(): string | undefined {
    return this.versions.at(-1)?.value;
  }

  /** Every name and `none` that the parameter has held since the beginning. */
  get values(): string[] {
    return this.versions.map(({ value }) => value);
  }

  write(value: string): void {
    this.versions.push({ value, at: this.rig.now() });
  }

  configure(config: Record<string, unknown>): this {
    this.rig = rig(hook, { env: { HOOK_DEFAULTS: JSON.stringify(config) } });
    return this;
  }

  connect(): void {
    const unexpected = new Error('unexpected call');
    ecs.reset().onAnyCommand().rejects(unexpected);
    ssm.reset().onAnyCommand().rejects(unexpected);
    sqs.reset().onAnyCommand().rejects(unexpected);
    cloudwatch.reset().onAnyCommand().rejects(unexpected);
    const note = (call: string) => this.calls.push(call);
    ecs.on(DescribeServiceDeploymentsCommand).callsFake(({ serviceDeploymentArns: [arn] }) => {
      note('describe');
      const listed = this.listed.find((one) => one.serviceDeploymentArn === arn);
      return { serviceDeployments: [listed ?? this.deployment] };
    });
    ecs.on(DescribeServicesCommand).callsFake(({ cluster, services: [service] }) => {
      note('service');
      return { services: cluster === CLUSTER && service === SERVICE ? [this.service] : [] };
    });
    ecs.on(ListServiceDeploymentsCommand).callsFake(({ cluster, service }) => {
      note('list');
      return { serviceDeployments: cluster === CLUSTER && service === SERVICE ? this.listed : [] };
    });
    ssm.on(GetParameterCommand).callsFake(({ Name }) => {
      note('read');
      this.onRead();
      return this.#read(Name);
    });
    ssm.on(GetParametersByPathCommand).resolves({});
    ssm.on(PutParameterCommand).callsFake(({ Name, Value, Overwrite }) => {
      if (isNote(Name)) return this.#note(Name, Value, Overwrite);
      note(`write ${Value}`);
      this.beforeWrite(Value);
      this.name = Name;
      if (!Overwrite && this.versions.length > 0) {
        throw new ParameterAlreadyExists({ message: 'exists', $metadata: { httpStatusCode: 400 } });
      }
      this.write(Value);
      const Version = this.versions.length;
      this.afterWrite(Value);
      return { Version };
    });
    sqs.on(GetQueueUrlCommand).callsFake(({ QueueName, QueueOwnerAWSAccountId: owner }) => {
      return { QueueUrl: `https://sqs.eu-west-1.amazonaws.com/${owner}/${QueueName}` };
    });
    sqs.on(GetQueueAttributesCommand).callsFake(({ QueueUrl, AttributeNames }) => {
      if (!QueueUrl.startsWith(DEAD)) note('queue');
      const known = this.#attributes(QueueUrl);
      return {
        Attributes: Object.fromEntries(Object.entries(known).filter(([name]) => AttributeNames.includes(name))),
      };
    });
    cloudwatch.on(GetMetricDataCommand).callsFake(({ StartTime, EndTime, MetricDataQueries }) => {
      note('ages');
      const seen = this.ages.filter(({ at }) => at >= StartTime && at < EndTime);
      const Timestamps = seen.map(({ at }) => at);
      const Values = seen.map(({ seconds }) => seconds);
      const asked: MetricDataQuery[] = MetricDataQueries;
      return {
        MetricDataResults: asked.map(({ Id, MetricStat }) => (isAge(MetricStat) ? { Id, Timestamps, Values } : { Id })),
      };
    });
  }

  #attributes(url: string): Record<string, string> {
    if (url === `${DEAD}${this.deadLetterQueue}`) return { ApproximateNumberOfMessages: String(this.deadLetters) };
    const deadLetterTargetArn = `arn:aws:sqs:eu-west-1:210987654321:${this.deadLetterQueue}`;
    return {
      ApproximateNumberOfMessages: String(this.visible),
      ApproximateNumberOfMessagesNotVisible: String(this.inFlightOf[url] ?? this.inFlight),
      ...(this.deadLetters !== undefined && { RedrivePolicy: JSON.stringify({ deadLetterTargetArn }) }),
    };
  }

  #note(name: string, value: string, overwrite: boolean) {
    if (!overwrite && this.notes.has(name)) {
      throw new ParameterAlreadyExists({ message: 'exists', $metadata: { httpStatusCode: 400 } });
    }
    this.notes.set(name, value);
    return { Version: 1 };
  }

  #readNote(name: string) {
    const Value = this.notes.get(name);
    if (Value === undefined) throw new ParameterNotFound({ message: 'not found', $metadata: { httpStatusCode: 400 } });
    return { Parameter: { Value, Version: 1 } };
  }

  #read(reference: string) {
    if (isNote(reference)) return this.#readNote(reference);
    const [name, number] = reference.split(':');
    this.name = name ?? '';
    const version = number === undefined ? this.versions.length - this.behind : Number(number);
    const found = this.versions[version - 1];
    if (found === undefined) throw new ParameterNotFound({ message: 'not found', $metadata: { httpStatusCode: 400 } });
    return { Parameter: { Value: found.value, Version: version, LastModifiedDate: found.at } };
  }
}

/** The age of the oldest message in QUEUE, as the hook has to ask for it. */
function isAge(stat: MetricStat | undefined): boolean {
  const { Namespace, MetricName, Dimensions: [dimension] = [] } = stat?.Metric ?? {};
  return (
    Namespace === 'AWS/SQS' &&
    MetricName === 'ApproximateAgeOfOldestMessage' &&
    dimension?.Name === 'QueueName' &&
    dimension.Value === 'orders' &&
    stat?.Stat === 'Maximum' &&
    stat.Period === 60
  );
}

function isNote(name: string): boolean {
  return name.split('/').length > 5;
}

export const clients = { ecs, ssm, sqs, cloudwatch };

/** A new world for each test; only the rig's clock moves. */
export function useWorld(): () => World {
  let world = new World();
  beforeAll(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  beforeEach(() => {
    world = new World();
    world.connect();
  });
  afterEach(() => {
    // A call without it would go on where the function has no time left to hear the answer.
    const calls = [...ecs.calls(), ...ssm.calls(), ...sqs.calls(), ...cloudwatch.calls()];
    for (const { args } of calls) {
      expect(args.at(1)).toEqual({ abortSignal: expect.any(AbortSignal) });
    }
  });
  afterAll(() => {
    vi.useRealTimers();
  });
  return () => world;
}

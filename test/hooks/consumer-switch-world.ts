import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
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
import { afterAll, beforeAll, beforeEach, vi } from 'vitest';
import { hook } from '../../hooks/consumer-switch/hook.ts';
import { SOURCE, TARGET } from '../../library/testing/events.ts';
import { type Rig, rig } from '../fixtures/probe.ts';

export const BLUE = '5520983417620145897';
export const GREEN = '7823415960271834513';
export const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders';
export const LEASE = 32;

const ecs = mockClient(ECSClient);
const ssm = mockClient(SSMClient);
const sqs = mockClient(SQSClient);
const cloudwatch = mockClient(CloudWatchClient);

const DEAD = 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders-dlq';

/** One service, its parameter and its queue, as the hook sees them through the SDK. */
export class World {
  /** Each version of the parameter, the first of number 1. */
  versions: { value: string; at: Date }[] = [{ value: BLUE, at: new Date(0) }];
  name = '';
  inFlight = 0;
  visible = 0;
  /** Undefined: the queue has no dead-letter queue. */
  deadLetters: number | undefined;
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
    ecs.on(DescribeServicesCommand).callsFake(() => {
      note('service');
      return { services: [this.service] };
    });
    ecs.on(ListServiceDeploymentsCommand).callsFake(() => {
      note('list');
      return { serviceDeployments: this.listed };
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
    sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: DEAD });
    sqs.on(GetQueueAttributesCommand).callsFake(({ QueueUrl }) => {
      if (QueueUrl === DEAD) return { Attributes: { ApproximateNumberOfMessages: String(this.deadLetters) } };
      note('queue');
      return { Attributes: this.#attributes() };
    });
    cloudwatch.on(GetMetricDataCommand).callsFake(({ EndTime }) => {
      note('ages');
      const seen = this.ages.filter(({ at }) => at < EndTime);
      const Timestamps = seen.map(({ at }) => at);
      return { MetricDataResults: [{ Id: 'q0', Timestamps, Values: seen.map(({ seconds }) => seconds) }] };
    });
  }

  #attributes() {
    const deadLetterTargetArn = 'arn:aws:sqs:eu-west-1:123456789012:orders-dlq';
    return {
      ApproximateNumberOfMessages: String(this.visible),
      ApproximateNumberOfMessagesNotVisible: String(this.inFlight),
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
    const version = number === undefined ? this.versions.length : Number(number);
    const found = this.versions[version - 1];
    if (found === undefined) throw new ParameterNotFound({ message: 'not found', $metadata: { httpStatusCode: 400 } });
    return { Parameter: { Value: found.value, Version: version, LastModifiedDate: found.at } };
  }
}

function isNote(name: string): boolean {
  return name.split('/').length > 5;
}

export const clients = { ecs, ssm, sqs };

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
  afterAll(() => {
    vi.useRealTimers();
  });
  return () => world;
}

import './quiet.ts';
import {
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  RunTaskCommand,
  type RunTaskCommandOutput,
  type ServiceDeploymentStatus,
  StopTaskCommand,
  type Task,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  type BatchResultErrorEntry,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { hook } from '../../hooks/load-test/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import type { ShardClaim } from '../../shared/load/result.ts';
import { ShardMessage } from '../../shared/load/shard.ts';
import type { HookAnswer } from '../../shared/status.ts';
import { createLocalAws, type LocalAws } from '../../simulator/aws/local-aws.ts';
import { shardResult } from '../fixtures/shard-result.ts';

export const START = Date.parse('2026-03-02T09:00:00Z');
const ARN = (type: string, service: string) => `arn:aws:ecs:eu-west-1:123456789012:${type}/prod/${service}`;

export const LOAD = {
  queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/load',
  targets: [{ url: 'http://catalog:8080/items' }],
  rate: 100,
  durationSeconds: 60,
  warmUpSeconds: 10,
  shards: 2,
  thresholds: { p95Ms: 150 },
};

type Send = (command: object, ...rest: unknown[]) => Promise<unknown>;

/** Parameter Store as the local endpoint has it; ECS tasks, services and the queue as far as the hook uses them. */
export class World {
  readonly aws: LocalAws;
  /** What has been sent to the queue and not been taken. */
  queue: ShardMessage[] = [];
  desired = 0;
  readonly desiredCounts: number[] = [];
  readonly statuses = new Map<string, ServiceDeploymentStatus>();
  /** Deployments that are older than ECS remembers. */
  readonly missing = new Set<string>();
  /** By client token. */
  readonly tasks = new Map<string, Task>();
  stopped: string[] = [];
  runTask: (() => Partial<RunTaskCommandOutput>) | undefined;
  hasSource = true;
  /** What SQS does not take of the next batches. */
  failed: BatchResultErrorEntry[] = [];
  /** The entries of the last batch. */
  entries: SendMessageBatchRequestEntry[] = [];
  batches = 0;
  /** The names of the calls, such as `PutParameter`. */
  calls: string[] = [];
  /** Called before and after a call has had its effect: a throw is what the caller gets. */
  before: (name: string, nth: number) => void = () => {};
  after: (name: string, nth: number) => void = () => {};
  #deployments = 0;

  constructor(aws: LocalAws) {
    this.aws = aws;
  }

  reset(): void {
    this.queue = [];
    this.desired = 0;
    this.desiredCounts.length = 0;
    this.tasks.clear();
    this.stopped = [];
    this.runTask = undefined;
    this.hasSource = true;
    this.failed = [];
    this.entries = [];
    this.batches = 0;
    this.calls = [];
    this.before = () => {};
    this.after = () => {};
  }

  deploy(config: Record<string, unknown> = {}, service?: string): Play {
    this.#deployments += 1;
    return new Play(this, service ?? `web-${this.#deployments}`, `dep-${this.#deployments}`, { ...LOAD, ...config });
  }

  advance(seconds: number): void {
    vi.setSystemTime(Date.now() + seconds * 1000);
  }

  async call(command: object, real?: () => Promise<unknown>): Promise<unknown> {
    const name = command.constructor.name.replace('Command', '');
    this.calls.push(name);
    const nth = this.calls.length;
    this.before(name, nth);
    const output = real === undefined ? this.#answer(command) : await real();
    this.after(name, nth);
    return output;
  }

  #answer(command: object): unknown {
    if (command instanceof SendMessageBatchCommand) {
      this.entries = command.input.Entries ?? [];
      this.batches += 1;
      if (this.failed.length > 0) return { Successful: [], Failed: this.failed };
      for (const { MessageBody = '' } of this.entries) this.queue.push(ShardMessage.parse(JSON.parse(MessageBody)));
      return { Successful: [], Failed: [] };
    }
    if (command instanceof DescribeServiceDeploymentsCommand) {
      const [arn = ''] = command.input.serviceDeploymentArns ?? [];
      if (this.missing.has(arn)) return { serviceDeployments: [], failures: [{ arn, reason: 'MISSING' }] };
      const sourceServiceRevisions = this.hasSource ? [{ arn: 'other' }] : [];
      return { serviceDeployments: [{ status: this.statuses.get(arn) ?? 'IN_PROGRESS', sourceServiceRevisions }] };
    }
    if (command instanceof DescribeServicesCommand) {
      return { services: [{ status: 'ACTIVE', desiredCount: this.desired }] };
    }
    if (command instanceof UpdateServiceCommand) {
      this.desired = command.input.desiredCount ?? -1;
      this.desiredCounts.push(this.desired);
      return {};
    }
    return this.#answerTask(command);
  }

  #answerTask(command: object): unknown {
    if (command instanceof RunTaskCommand) {
      if (this.runTask !== undefined) return this.runTask();
      const token = command.input.clientToken ?? '';
      const taskArn = `arn:aws:ecs:eu-west-1:123456789012:task/prod/${this.tasks.size + 1}`;
      const task = this.tasks.get(token) ?? { taskArn, lastStatus: 'PROVISIONING', createdAt: new Date() };
      this.tasks.set(token, task);
      return { tasks: [task] };
    }
    if (command instanceof DescribeTasksCommand) {
      const found = [...this.tasks.values()].filter(({ taskArn }) => command.input.tasks?.includes(taskArn ?? ''));
      return { tasks: found, failures: found.length > 0 ? [] : [{ reason: 'MISSING' }] };
    }
    if (command instanceof StopTaskCommand) {
      this.stopped.push(command.input.task ?? '');
      return {};
    }
    throw new Error(`unexpected call ${command.constructor.name}`);
  }
}

/** One deployment at one stage, looked at as ECS does. */
export class Play {
  readonly id: string;
  readonly service: string;
  readonly arn: string;
  hookDetails: unknown;
  stage = 'POST_TEST_TRAFFIC_SHIFT';
  direction: 'forward' | 'rollback' = 'forward';
  readonly #world: World;

  constructor(world: World, service: string, id: string, config: Record<string, unknown>) {
    this.#world = world;
    this.service = service;
    this.id = id;
    this.arn = `${ARN('service-deployment', service)}/${id}`;
    this.hookDetails = config;
  }

  path(run = 1): string {
    return `/ecs-hooks/load-test/prod/${this.service}/${this.id}/${this.stage}-${run}`;
  }

  value(name: string): string | undefined {
    return this.#world.aws.parameters.get(name)?.value;
  }

  put(name: string, value: unknown): void {
    this.#world.aws.parameters.put(
      { name, value: JSON.stringify(value), type: 'String', overwrite: true },
      'generator',
    );
  }

  async look(seconds = 0): Promise<HookAnswer> {
    this.#world.advance(seconds);
    const answer = await this.invoke();
    this.hookDetails = answer.hookDetails ?? this.hookDetails;
    return answer;
  }

  /** One invocation that nobody remembers. */
  invoke(): Promise<HookAnswer> {
    const handler = lambdaHandler(hook, { now: () => new Date(), env: {} });
    const target = `${ARN('service-revision', this.service)}/2222222222222222222`;
    const source = `${ARN('service-revision', this.service)}/1111111111111111111`;
    const event = {
      executionId: '5e4c0b9a-0f5d-4f6e-9a35-000000000001',
      lifecycleStage: this.stage,
      resourceArn: this.arn,
      executionDetails: {
        serviceArn: ARN('service', this.service),
        targetServiceRevisionArn: target,
        testTrafficWeights: this.stage === 'TEST_TRAFFIC_SHIFT' ? this.#weights(target, source) : {},
        productionTrafficWeights: {},
      },
      hookDetails: this.hookDetails,
    };
    return handler(JSON.parse(JSON.stringify(event)), { getRemainingTimeInMillis: () => 30_000 });
  }

  #weights(target: string, source: string): Record<string, number> {
    return this.direction === 'forward' ? { [target]: 100, [source]: 0 } : { [target]: 0, [source]: 100 };
  }

  /** Generators take every shard from the queue and write what they measured. */
  generate(more: (shard: ShardMessage) => object = () => ({})): ShardMessage[] {
    const taken = this.#world.queue.splice(0);
    for (const shard of taken) this.put(shard.resultParameter, { ...shardResult(), ...more(shard) });
    return taken;
  }
}

/** What a generator writes while it works on a shard. */
export function claim(): ShardClaim {
  return { v: 1, running: 'task-1', at: new Date().toISOString(), heartbeatSeconds: 10, over: 0 };
}

export function useWorld(): () => World {
  let world: World | undefined;
  let close: () => Promise<void> = async () => {};
  const real: Send = SSMClient.prototype.send as Send; // one of its overloads
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: START });
    const aws = createLocalAws({ clock: { now: () => Date.now() } });
    const listening = await aws.listen();
    close = listening.close;
    world = new World(aws);
    process.env.AWS_ENDPOINT_URL = listening.url;
  });
  beforeEach(() => {
    const calls = world;
    if (calls === undefined) throw new Error('the world begins with the first test');
    calls.reset();
    vi.spyOn(SSMClient.prototype, 'send').mockImplementation(function (this: SSMClient, command: object, ...rest) {
      return calls.call(command, () => real.call(this, command, ...rest));
    });
    for (const client of [ECSClient, SQSClient]) {
      vi.spyOn(client.prototype, 'send').mockImplementation((command: object) => calls.call(command));
    }
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  afterAll(async () => {
    await close();
    vi.useRealTimers();
  });
  return () => {
    if (world === undefined) throw new Error('the world begins with the first test');
    return world;
  };
}

import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { ShardResult } from '../../shared/load/result.ts';
import { ShardMessage } from '../../shared/load/shard.ts';
import type { LocalAws } from '../../simulator/aws/local-aws.ts';
import type { Queue } from '../../simulator/aws/sqs/queue.ts';
import type { EcsEngine } from '../../simulator/engine/engine.ts';
import { ServiceTrafficFeed } from '../../simulator/scenario/service-traffic.ts';
import type { Fate, ServiceName } from './deal.ts';
import { ACCOUNT, CLUSTER } from './services.ts';

const MINUTE = 60_000;
const ANA = `arn:aws:sts::${ACCOUNT}:assumed-role/Approver/ana`;
const WORKER = { callerArn: 'worker', accessKeyId: 'worker' };
/** What CloudWatch has of the time before a canary. */
const HISTORY = 75 * MINUTE;
const BEHIND = 2 * MINUTE;

/** A deployment that is under way. */
export interface Underway {
  service: ServiceName;
  fate: Fate;
  targetRevisionId: string;
}

/** Who else acts in the account: approvers, generators, workers, and the requests that CloudWatch counts. */
export class Surroundings {
  readonly #aws: LocalAws;
  readonly #engine: EcsEngine;
  readonly #load: Queue;
  readonly #feed: ServiceTrafficFeed;
  #fedUntil = 0;
  #underway: Underway | undefined;

  constructor(aws: LocalAws, engine: EcsEngine, seed: number) {
    this.#aws = aws;
    this.#engine = engine;
    aws.queues.create('orders-dlq');
    const deadLetterTargetArn = aws.queues.arnOf('orders-dlq');
    aws.queues.create('orders', { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 3 }) });
    this.#load = aws.queues.create('load');
    const revisions = { good: { errorRate: 0.005, latencyMs: 100 }, bad: { errorRate: 0.06, latencyMs: 100 } };
    this.#feed = new ServiceTrafficFeed({ seed, spec: { requestsPerMinute: 600, revisions } });
  }

  /** A deployment begins. */
  expect(underway: Underway): void {
    this.#underway = underway;
    if (underway.service !== 'catalog') return;
    this.#feed.addRevision(underway.targetRevisionId, underway.fate === 'bad' ? 'bad' : 'good', {
      healthy: 2,
      unhealthy: 0,
    });
  }

  /** The production traffic of the catalog has moved. */
  shift(at: number, weights: Readonly<Record<string, number>>): void {
    if (this.#underway?.service === 'catalog') this.#feed.shift(at, weights);
  }

  /** What has happened by the time at which a hook is called. */
  catchUp(now: number): void {
    const { service, fate = 'good' } = this.#underway ?? {};
    if (service === 'ui') this.#vote(fate);
    if (service === 'checkout') this.#generate(fate);
    if (service === 'notifications' && fate === 'bad') this.#poison();
    if (service === 'catalog') this.#count(now);
  }

  #vote(fate: Fate): void {
    const { parameters } = this.#aws;
    for (const name of parameters.names('/ecs-hooks/approval/')) {
      if (name.includes('/notice-') || parameters.get(name)?.value !== 'pending') continue;
      const value = fate === 'bad' ? 'decline: not what was asked for' : 'accept';
      parameters.put({ name, value, type: 'String', overwrite: true }, ANA);
    }
  }

  #generate(fate: Fate): void {
    const { queues, parameters } = this.#aws;
    for (const { body, id, receiptHandle = '' } of queues.take(this.#load, 10, 60, WORKER)) {
      const message = ShardMessage.parse(JSON.parse(body));
      queues.delete(this.#load, id, receiptHandle, WORKER);
      const name = message.resultParameter;
      if (parameters.get(name) !== undefined) continue;
      const value = JSON.stringify(resultOf(message, fate === 'bad' ? 500 : 100));
      parameters.put({ name, value, type: 'String', overwrite: false }, 'generator');
    }
  }

  /** The messages of a bad release end among the dead letters, once it takes them. */
  #poison(): void {
    const named = this.#aws.parameters.get(`/ecs-hooks/consumer/${CLUSTER}/notifications`)?.value;
    if (named === this.#underway?.targetRevisionId) this.#aws.queues.send('orders-dlq', 'poison');
  }

  /** CloudWatch is behind by some minutes, and nobody looks further back than a canary's history. */
  #count(now: number): void {
    const from = Math.max(this.#fedUntil, now - HISTORY);
    this.#feed.register(this.#engine.serviceRevisions(), now);
    for (let at = Math.ceil(from / MINUTE) * MINUTE; at + BEHIND <= now; at += MINUTE) {
      this.#aws.metrics.put(this.#feed.publish(at));
      this.#fedUntil = at + MINUTE;
    }
  }
}

/** What a generator writes that has sent all it was to send. */
function resultOf({ test, shard }: ShardMessage, latencyMs: number): ShardResult {
  const requests = 3000;
  return {
    ...{ v: 1, test, shard, startedAt: '2026-03-02T09:00:20Z', endedAt: '2026-03-02T09:01:20Z' },
    wanted: { rate: 50, requests },
    ...{ sent: requests, completed: requests, abandoned: 0, warmUp: 500 },
    byStatus: { '2xx': requests },
    ...{ errorsByKind: {}, bytes: requests * 100, histogram: histogramOf(latencyMs, requests), max: latencyMs * 1000 },
    achievedRate: 50,
    lateness: { p99: 400, max: 2000 },
    generator: { taskId: 'task-1', cpu: 0.1 },
    endedBy: 'plan',
  };
}

const histograms = new Map<number, string>();

function histogramOf(latencyMs: number, requests: number): string {
  const known = histograms.get(latencyMs);
  if (known !== undefined) return known;
  const range = { lowestDiscernibleValue: 1, highestTrackableValue: 120_000_000, numberOfSignificantValueDigits: 3 };
  const histogram = build(range as Parameters<typeof build>[0]);
  for (let n = 0; n < requests; n += 1) histogram.recordValue(latencyMs * 1000);
  const text = encodeIntoCompressedBase64(histogram);
  histograms.set(latencyMs, text);
  return text;
}

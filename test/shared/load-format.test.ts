import { describe, expect, it } from 'vitest';
import { ShardClaim, ShardResult } from '../../shared/load/result.ts';
import { ShardMessage, type ShardMessageInput } from '../../shared/load/shard.ts';

const TARGET = { name: 'home', weight: 1, url: 'https://ui.example.com/' };
const PLAN = { stages: [{ rate: 10, seconds: 60 }], targets: [TARGET] };
const MESSAGE: ShardMessageInput = {
  v: 1,
  test: 'test-1',
  shard: 1,
  of: 2,
  deployment: 'arn:aws:ecs:eu-west-1:123456789012:service-deployment/unicorn-watch/ui/1',
  resultParameter: '/ecs-hooks/load/1',
  deadline: '2026-03-05T16:00:00.000Z',
  plan: PLAN,
};
const planned = (change: object) => ({ ...MESSAGE, plan: { ...PLAN, ...change } });
const aimed = (change: object) => planned({ targets: [{ ...TARGET, ...change }] });

describe('a message to a generator', () => {
  it('has its defaults', () => {
    const { plan } = ShardMessage.parse(MESSAGE);
    expect(plan).toEqual({
      ...PLAN,
      targets: [{ ...TARGET, method: 'GET', headers: {} }],
      warmUpSeconds: 0,
      timeoutMs: 10_000,
      connections: 100,
      http: '1.1',
      arrivals: 'even',
      testHeader: null,
    });
  });

  it.each([
    ['HTTP/2', planned({ http: '2' })],
    ['arrivals by chance', planned({ arrivals: 'poisson' })],
    ['a ramp', planned({ stages: [{ rate: 0, seconds: 60, rampTo: 10 }] })],
    ['a test header', planned({ testHeader: { name: 'x-amzn-ecs-blue-green-test', value: 'green' } })],
    ['a request with a body', aimed({ method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'b' })],
    ['a plain URL', aimed({ url: 'http://10.0.0.1:8080/' })],
  ])('may ask for %s', (_, message) => {
    expect(ShardMessage.parse(message)).toMatchObject(message);
  });

  it.each([
    ['another version', { ...MESSAGE, v: 2 }],
    ['no shard', { ...MESSAGE, shard: 0 }],
    ['a deadline that is no time', { ...MESSAGE, deadline: 'soon' }],
    ['no stage', planned({ stages: [] })],
    ['a stage without a rate', planned({ stages: [{ seconds: 60 }] })],
    ['no target', planned({ targets: [] })],
    ['a target without a weight', aimed({ weight: 0 })],
    ['a URL of another protocol', aimed({ url: 'ftp://ui.example.com/' })],
    ['another method', aimed({ method: 'TRACE' })],
    ['a header that breaks the request', aimed({ headers: { a: 'b\r\nc: d' } })],
    ['a test header without a value', planned({ testHeader: { name: 'a' } })],
    ['another HTTP', planned({ http: '3' })],
    ['other arrivals', planned({ arrivals: 'bursts' })],
  ])('is refused with %s', (_, message) => {
    expect(ShardMessage.safeParse(message).success).toBe(false);
  });
});

const CLAIM = { v: 1, running: 'task-1', at: '2026-03-05T16:00:00.000Z', heartbeatSeconds: 10, over: 0 };
const RESULT = {
  v: 1,
  test: 'test-1',
  shard: 1,
  startedAt: '2026-03-05T16:00:00.000Z',
  endedAt: '2026-03-05T16:01:00.000Z',
  wanted: { rate: 10, requests: 600 },
  sent: 600,
  completed: 600,
  abandoned: 0,
  warmUp: 0,
  byStatus: { '2xx': 600 },
  errorsByKind: {},
  bytes: 6000,
  histogram: '',
  max: 100,
  achievedRate: 10,
  lateness: { p99: 1, max: 2 },
  generator: { taskId: 'task-1', cpu: 0.1 },
  endedBy: 'plan',
};

describe('what a generator writes', () => {
  it.each([
    ['a claim', ShardClaim, CLAIM],
    ['a result', ShardResult, RESULT],
  ])('%s is read as it was written', (_, schema, written) => {
    expect(schema.parse(written)).toEqual(written);
  });

  it.each([
    ['a claim of nobody', ShardClaim, { ...CLAIM, running: undefined }],
    ['a claim without a heartbeat', ShardClaim, { ...CLAIM, heartbeatSeconds: 0 }],
    ['a claim for a result', ShardResult, CLAIM],
    ['a result for a claim', ShardClaim, RESULT],
    ['a count below 0', ShardResult, { ...RESULT, sent: -1 }],
    ['a part of a request', ShardResult, { ...RESULT, wanted: { rate: 10, requests: 0.5 } }],
    ['an end that is none', ShardResult, { ...RESULT, endedBy: 'luck' }],
  ])('%s is refused', (_, schema, written) => {
    expect(schema.safeParse(written).success).toBe(false);
  });
});

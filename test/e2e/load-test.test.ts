import { describe, it } from 'vitest';
import { LOAD, playLoad, WANTED } from './load-test-kit.ts';

/** Beside the plays the machine builds, tests and more: a bound for what hangs, not a measure. */
const PATIENCE = 240_000;
const DURING = { stage: 'POST_TEST_TRAFFIC_SHIFT', after: '5s' };

describe.concurrent('the load test, with real servers, generators and the built hook', () => {
  it('passes a green that is as good as blue, and the record has both curves', { timeout: PATIENCE }, async ({
    expect,
  }) => {
    const { record, reason, requestsTo } = await playLoad({
      details: { baseline: 'blue', tolerance: { p95Ms: { ratio: 3, floor: 200 } } },
    });

    expect(reason).toMatch(/^Load test passed: errors 0 % ≤ 2 %, p95 \S+ ms ≤ 800 ms, p95 .* of blue/);
    expect(record.status).toBe('SUCCESSFUL');
    // A whole number of runs, and nothing beside: should a busy machine have made the first unfit, another follows.
    expect(requestsTo('green') % WANTED).toBe(0);
    expect(requestsTo('blue')).toBe(requestsTo('green'));
    const [{ unit, series } = { unit: '', series: [] }] = record.distributions ?? [];
    expect(series.map(({ name, revision }) => [name, revision])).toEqual([
      ['green, green', record.target.id],
      ['blue, blue', record.source?.id],
    ]);
    expect(unit).toBe('ms');
    for (const { values } of series) {
      expect(values.at(-1)?.percentile).toBe(100);
      // The server waits 5 ms in the median, and the way there and back comes on top.
      expect(values.find(({ percentile }) => percentile >= 50)?.value).toBeGreaterThanOrEqual(4.9);
    }
  });

  it('fails a green that is slow, and names the percentile', { timeout: PATIENCE }, async ({ expect }) => {
    const { record, reason } = await playLoad({ green: { LATENCY_MS: '1500' }, details: { connections: 300 } });

    expect(reason).toMatch(/^Load test failed: p95 \d,\d+ ms > 800 ms over 240 requests/);
    expect(record.status).toBe('ROLLBACK_SUCCESSFUL');
  });

  it('fails a green that fails one request in ten', { timeout: PATIENCE }, async ({ expect }) => {
    const { record, reason } = await playLoad({ green: { ERROR_RATE: '0.1' } });

    // Every tenth of all requests; a busy machine's proxy may add a 503 or two.
    expect(reason).toMatch(/^Load test failed: errors \d+(\.\d)? % > 2 % \(\d\d status5xx\) over 240 requests/);
    expect(record.status).toBe('ROLLBACK_SUCCESSFUL');
  });

  it('fails a green that closes every connection: Service Connect answers 503 for it', { timeout: PATIENCE }, async ({
    expect,
  }) => {
    const { record, reason } = await playLoad({ green: { MODE: 'close' } });

    expect(reason).toMatch(/^Load test failed: errors 100 % > 2 % \(240 status5xx\)/);
    expect(record.status).toBe('ROLLBACK_SUCCESSFUL');
  });

  it('fails a green that never answers: every request times out', { timeout: PATIENCE }, async ({ expect }) => {
    const { record, reason } = await playLoad({
      green: { MODE: 'hang' },
      details: { timeoutMs: 500, connections: 200 },
    });

    expect(reason).toMatch(/^Load test failed: errors 100 % > 2 % \(240 timeout\)/);
    expect(record.status).toBe('ROLLBACK_SUCCESSFUL');
  });

  it('ends all the same when the generators are killed: another takes the shard over', { timeout: PATIENCE }, async ({
    expect,
  }) => {
    const { record, reason, requestsTo } = await playLoad({
      details: { durationSeconds: 6 },
      events: [{ ...DURING, kill: { service: 'generators', revision: 'generators-1', tasks: 2 } }],
    });
    const whole = LOAD.rate * (6 + LOAD.warmUpSeconds);

    expect(record.notes.filter(({ text }) => text.startsWith('SIGKILL to task')).length).toBe(1);
    expect(reason).toMatch(/^Load test passed: .* over 480 requests/);
    expect(record.status).toBe('SUCCESSFUL');
    // The part before the kill, and the whole shard again.
    expect(requestsTo('green')).toBeGreaterThan(whole);
    expect(requestsTo('green')).toBeLessThan(2 * whole);
  });

  it('raises generators from none, and gives them back', { timeout: PATIENCE }, async ({ expect }) => {
    const { record, reason, requestsTo } = await playLoad({
      generators: 0,
      details: { generator: { cluster: 'unicorn', service: 'generators', tasks: 1 }, startWithinSeconds: 8 },
    });
    const calls = record.stages.flatMap(({ hooks }) => hooks.flatMap(({ invocations }) => invocations));
    const scaled = calls.flatMap(({ awsCalls = [] }) => awsCalls.filter((call) => call.includes('UpdateService')));

    expect(reason).toMatch(/^Load test passed/);
    expect(record.status).toBe('SUCCESSFUL');
    expect(requestsTo('green') % WANTED).toBe(0);
    expect(requestsTo('green')).toBeGreaterThan(0);
    // Up and down, once for each run.
    expect(scaled.length).toBe((2 * requestsTo('green')) / WANTED);
  });

  // What is cut `after` has taken effect, and the caller does not know: it asks again.
  it.for([
    ['SQS fails during the load', '4s', { service: 'sqs', kind: 'server-error', for: '3s' }],
    ['Parameter Store fails while the result is written', '6s', { service: 'ssm', kind: 'server-error', for: '3s' }],
    ['answers of Parameter Store are lost', '6s', { service: 'ssm', kind: 'cut', when: 'after', for: '3s' }],
    [
      'it is not known whether the shards were sent',
      '0s',
      { service: 'sqs', operation: 'SendMessageBatch', kind: 'cut', when: 'after', times: 3 },
    ],
  ] as const)('sends no request twice: %s', { timeout: PATIENCE }, async ([, after, fault], { expect }) => {
    const { record, reason, requestsTo } = await playLoad({ events: [{ ...DURING, after, fault }] });

    expect(reason).toMatch(/^Load test passed/);
    expect(record.status).toBe('SUCCESSFUL');
    expect(requestsTo('green') % WANTED).toBe(0);
    expect(requestsTo('green') / WANTED).toBe(record.distributions?.length);
  });

  it('stops the load when ECS rolls back for another reason', { timeout: PATIENCE }, async ({ expect }) => {
    const { record, requestsTo, parameters } = await playLoad({
      details: { durationSeconds: 60 },
      events: [{ ...DURING, stop: 'ROLLBACK' }],
    });

    expect(record.status).toBe('ROLLBACK_SUCCESSFUL');
    expect(parameters.has('POST_TEST_TRAFFIC_SHIFT-1/stop')).toBe(true);
    expect(requestsTo('green')).toBeGreaterThan(0);
    expect(requestsTo('green') + requestsTo('blue')).toBeLessThan((LOAD.rate * 60) / 2);
  });
});

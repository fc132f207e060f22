import { describe, expect, it } from 'vitest';
import type { Fault } from '../../simulator/aws/faults.ts';
import { holdToReasons } from '../fixtures/reasons.ts';
import { type DeployOptions, MINUTE, type Play, useWorld } from './canary-hook-world.ts';

holdToReasons();

const world = useWorld();
const SOON = { timeoutMinutes: 40, maxErrors: 4 };

/** A canary that has had its bake of 15 minutes, whatever came of it. */
async function atJudgement(fill: (play: Play) => void, options: DeployOptions = {}): Promise<Play> {
  const play = world().deploy({ ...options, config: { ...SOON, ...options.config } });
  await play.at('PRODUCTION_TRAFFIC_SHIFT', 10).look();
  fill(play);
  world().advance(16);
  return play.at('PRODUCTION_TRAFFIC_SHIFT', 100);
}

function good(play: Play): void {
  play.traffic({ from: -70, to: 0, weight: 0 }).traffic({ from: 0, to: 16, weight: 10 });
}

/** One own metric, so that the other ones of a preset do not hide what it comes to. */
const LATENCY = {
  metrics: [
    {
      id: 'latency',
      kind: 'gauge',
      values: { namespace: 'App', metricName: 'Latency', dimensions: { Revision: '{revision}' }, statistic: 'Average' },
    },
  ],
};

function points(play: Play, revision: '1' | '2', minutes: readonly number[], value = 0.1): void {
  const { now } = world();
  const dimensions = { Revision: revision.repeat(19) };
  for (const minute of minutes)
    play.put({ namespace: 'App', metricName: 'Latency', dimensions, timestamp: now + minute * MINUTE, value });
}

const ALL = Array.from({ length: 15 }, (_, index) => index + 1);
const wobbling = (play: Play, revision: '1' | '2', minutes: readonly number[]) => {
  for (const minute of minutes) points(play, revision, [minute], 0.1 + ((minute * 7) % 5) / 1000);
};

describe('what cannot be judged never passes by itself', () => {
  const TABLE: [string, (play: Play) => void, DeployOptions, RegExp][] = [
    ['no data at all', () => {}, {}, /nodata/],
    ['nothing of green', (play) => play.traffic({ from: -70, to: 16, weight: 0 }), {}, /nodata|inconclusive/],
    ['nothing of blue', (play) => play.traffic({ from: 0, to: 16, weight: 100 }), {}, /nodata|inconclusive/],
    [
      'one point',
      (play) => ['1', '2'].map((side) => points(play, side as '1', [8])),
      { config: LATENCY },
      /nodata|inconclusive/,
    ],
    [
      '2 v 1 points',
      (play) => {
        points(play, '1', [14, 15]);
        points(play, '2', [15]);
      },
      { config: LATENCY },
      /nodata|inconclusive/,
    ],
    [
      'a constant',
      (play) => ['1', '2'].map((side) => points(play, side as '1', ALL)),
      { config: LATENCY },
      /inconclusive/,
    ],
    [
      'stale data',
      (play) => {
        wobbling(play, '1', ALL);
        wobbling(play, '2', ALL.slice(0, 9));
      },
      { config: LATENCY },
      /nodata/,
    ],
    [
      'too little traffic',
      (play) =>
        play.traffic({ from: -70, to: 0, weight: 0, rpm: 20 }).traffic({ from: 0, to: 16, weight: 10, rpm: 20 }),
      {},
      /inconclusive|nodata/,
    ],
    [
      'traffic that does not match the weights',
      (play) => play.traffic({ from: -70, to: 0, weight: 0 }).traffic({ from: 0, to: 16, weight: 40 }),
      {},
      /traffic does not match the weight/,
    ],
  ];

  it.each(TABLE)('%s', async (_, fill, options, reason) => {
    const last = await (await atJudgement(fill, options)).decision();
    expect(last?.hookStatus, last?.reason).toBe('FAILED');
    expect(last?.reason).toMatch(reason);
  });

  it('no number that CloudWatch can answer', async () => {
    const broken = {
      expression: 'm1 / m2',
      metrics: { m1: LATENCY.metrics[0]?.values, m2: { namespace: 'App', metricName: 'Zero', statistic: 'Sum' } },
    };
    const play = await atJudgement(
      (one) => {
        wobbling(one, '1', ALL);
        wobbling(one, '2', ALL);
        one.every(0, 16, (timestamp) => ({ namespace: 'App', metricName: 'Zero', timestamp, value: 0 }));
      },
      { config: { metrics: [{ id: 'ratio', kind: 'gauge', values: broken }] } },
    );
    const last = await play.decision();
    expect(last).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringMatching(/nodata/) });
  });

  it.each(['PartialData', 'InternalError'] as const)('%s of one metric', async (statusCode) => {
    const play = await atJudgement(good);
    const disturbance = world().aws.metrics.disturbances.add({
      metricName: 'RequestCount',
      statusCode,
      messages: [{ code: 'Internal', value: 'a shard is away' }],
      always: true,
    });
    const last = await play.decision();
    disturbance.remove();
    expect(last).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining(statusCode) });
  });

  it('a message about the whole answer', async () => {
    const play = await atJudgement(good);
    await play.look();
    world().advance(4);
    world().aws.metrics.disturbances.announce({ code: 'MaxMetricsExceeded', value: 'results are partial' });
    expect(await play.look()).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('PartialData') });
  });

  it('an error of every metric', async () => {
    const play = await atJudgement(good);
    const disturbance = world().aws.metrics.disturbances.add({ statusCode: 'InternalError', always: true });
    const last = await play.decision();
    disturbance.remove();
    expect(last).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(/FAIL \(error\).*InternalError/),
    });
  });

  it.each([
    ['onNoData', (_: Play) => {}, {}],
    ['onInconclusive', (play: Play) => ['1', '2'].map((side) => points(play, side as '1', ALL)), LATENCY],
  ] as const)('unless the operator chose it by name: %s', async (key, fill, config) => {
    for (const [choice, status] of [
      ['pass', 'SUCCEEDED'],
      ['fail', 'FAILED'],
      ['wait', 'FAILED'],
    ]) {
      const play = await atJudgement(fill, { config: { ...config, [key]: choice } });
      const answers = await play.looks(150);
      expect(answers.at(-1)?.hookStatus, `${choice}: ${answers.at(-1)?.reason}`).toBe(status);
      if (choice === 'wait') expect(answers.at(-1)?.reason).toMatch(/^Waited 40 min \(timeoutMinutes\)/);
    }
  });

  it('unless the operator chose it by name: onUnreadable', async () => {
    const play = await atJudgement(good, { config: { onUnreadable: 'pass' } });
    const disturbance = world().aws.metrics.disturbances.add({ statusCode: 'InternalError', always: true });
    const last = await play.decision();
    disturbance.remove();
    expect(last).toMatchObject({ hookStatus: 'SUCCEEDED', reason: expect.stringContaining('(error)') });
  });
});

describe('a call that fails', () => {
  const CALLS = [
    ['ecs', 'DescribeServiceDeployments'],
    ['ecs', 'DescribeServiceRevisions'],
    ['ssm', 'GetParameter'],
    ['ssm', 'PutParameter'],
    ['monitoring', 'GetMetricData'],
  ] as const;
  const FLEETING = ['throttle', 'server-error', 'unavailable', 'cut', 'malformed-body'] as const;

  describe.each(CALLS)('%s:%s', (service, operation) => {
    it.each(FLEETING)('is asked again: %s', async (kind) => {
      const play = await atJudgement(good);
      const fault: Fault = { service, operation, kind, times: 3 };
      const struck = world().aws.faults.add(fault);
      const first = await play.look();
      expect(first).toMatchObject({ hookStatus: 'IN_PROGRESS' });
      expect(first.reason).toContain(`${service === 'monitoring' ? 'cloudwatch' : service}:${operation}`);
      struck.remove();
      expect((await play.decision())?.hookStatus).toBe('SUCCEEDED');
    });

    it('is FAILED at once, and named, when access is denied', async () => {
      const play = await atJudgement(good);
      const fault = world().aws.faults.add({ service, operation, kind: 'access-denied', always: true });
      const answer = await play.look();
      fault.remove();
      expect(answer).toMatchObject({
        hookStatus: 'FAILED',
        reason: expect.stringMatching(
          new RegExp(`${service === 'monitoring' ? 'cloudwatch' : service}:${operation}.*AccessDenied`),
        ),
      });
    });

    it('is FAILED after maxErrors in a row', async () => {
      const play = await atJudgement(good);
      const fault = world().aws.faults.add({ service, operation, kind: 'unavailable', always: true });
      const answers = await play.looks();
      fault.remove();
      expect(answers.map(({ hookStatus }) => hookStatus)).toEqual([
        'IN_PROGRESS',
        'IN_PROGRESS',
        'IN_PROGRESS',
        'FAILED',
      ]);
      expect(answers.at(-1)?.reason).toMatch(/gave up after 4 errors in a row/);
    });
  });

  it('a step that could not be noted is not let through', async () => {
    const play = world().deploy();
    const fault = world().aws.faults.add({ service: 'ssm', operation: 'PutParameter', kind: 'unavailable', times: 3 });
    expect(await play.at('PRODUCTION_TRAFFIC_SHIFT', 10).look()).toMatchObject({ hookStatus: 'IN_PROGRESS' });
    fault.remove();
    expect((await play.look(1)).hookStatus).toBe('SUCCEEDED');
  });

  it('housekeeping that fails costs nothing', async () => {
    const play = await atJudgement(good);
    const fault = world().aws.faults.add({
      service: 'ssm',
      operation: 'GetParametersByPath',
      kind: 'unavailable',
      always: true,
    });
    expect((await play.decision())?.hookStatus).toBe('SUCCEEDED');
    fault.remove();
  });
});

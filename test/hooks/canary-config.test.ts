import { describe, expect, it } from 'vitest';
import { BLUE_GREEN, CANARY, useWorld } from './canary-hook-world.ts';

const world = useWorld();

const stat = (more: object = {}) => ({ namespace: 'App', metricName: 'Calls', statistic: 'Sum', ...more });
const SIDED = { dimensions: { Revision: '{revision}' } };
const count = (more: object = {}) => ({ id: 'c', kind: 'count', events: stat(SIDED), requests: stat(SIDED), ...more });
const gauge = (more: object = {}) => ({
  id: 'g',
  kind: 'gauge',
  values: stat({ ...SIDED, statistic: 'Average' }),
  ...more,
});

describe('a configuration that is wrong is FAILED at the first step, before green has baked', () => {
  it.each<[string, object, RegExp]>([
    ['no metrics', { metrics: undefined }, /metrics is missing/],
    ['none at all', { metrics: [] }, /metrics must be at least 1 items/],
    ['an unknown key', { metrcs: [] }, /hookDetails\.metrcs is not a known key/],
    ['an unknown preset', { metrics: [{ preset: 'nlb' }] }, /metrics\[0\] has none of the accepted forms/],
    ['a preset without its key', { metrics: [{ preset: 'sqs' }] }, /metrics\[0\]\.queueName is missing/],
    ['an unknown key of a preset', { metrics: [{ preset: 'alb', rate: 1 }] }, /metrics\[0\]\.rate is not a known key/],
    ['a metric without its part', { metrics: [count({ requests: undefined })] }, /metrics\[0\]\.requests is missing/],
    ['an unknown key of a metric', { metrics: [gauge({ rato: 2 })] }, /metrics\[0\]\.rato is not a known key/],
    [
      'a direction that is none',
      { metrics: [gauge({ direction: 'up' })] },
      /metrics\[0\]\.direction must be "increase" or/,
    ],
    [
      'an id of a wrong form',
      { metrics: [gauge({ id: 'P99' })] },
      /metrics\[0\]\.id: must begin with a lower-case letter/,
    ],
    ['two metrics of one id', { metrics: [gauge(), gauge()] }, /two metrics are called g/],
    [
      'a placeholder that is none',
      { metrics: [gauge({ values: stat({ dimensions: { A: '{revison}' } }) })] },
      /metric g names \{revison\}, which this service does not have \(known: \{cluster\}, /,
    ],
    [
      'a second load balancer',
      { metrics: [gauge({ values: stat({ dimensions: { A: '{targetGroup2}' } }) })] },
      /names \{targetGroup2\}/,
    ],
    [
      'green against itself',
      { metrics: [gauge({ values: stat(), compare: 'concurrent' })] },
      /no blue over the same minutes/,
    ],
    [
      "one side's errors among both sides' requests",
      { metrics: [count({ requests: stat() })] },
      /all its queries must tell the sides apart, or none/,
    ],
    [
      'nothing to compare with and no wall',
      { metrics: [gauge({ compare: 'none' })] },
      /has no wall, so it cannot decide/,
    ],
    [
      'an average that is counted',
      { metrics: [count({ events: stat({ ...SIDED, statistic: 'Average' }) })] },
      /must be Sum or SampleCount/,
    ],
    [
      'a percentile of who knows how many',
      { metrics: [gauge({ values: stat({ ...SIDED, statistic: 'p99' }) })] },
      /metric g needs samples/,
    ],
    [
      'a search',
      { metrics: [gauge({ values: { expression: "SEARCH('{App}', 'Sum')", metrics: {} } })] },
      /must be one series/,
    ],
    ['metrics that are all muted', { metrics: [gauge({ muted: true }), { preset: 'ecs' }] }, /no metric is critical/],
    [
      'a hold that is too short to be judged',
      { holdMinutes: 5 },
      /holdMinutes \(5\) leaves fewer than minMinutes \(5\)/,
    ],
    ['an α that is no chance', { alpha: 0 }, /alpha must be/],
    ['a policy that is none', { onNoData: 'ignore' }, /onNoData must be "wait" or "pass" or "fail"/],
  ])('%s', async (_, config, reason) => {
    const answer = await world()
      .deploy({ config: { ...config } })
      .at('PRODUCTION_TRAFFIC_SHIFT', 10)
      .look();
    expect(answer).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringMatching(reason) });
    expect(answer.reason).toMatch(/^Bad configuration: /);
  });

  it('more series than one call takes', async () => {
    const math = {
      expression: 'm0',
      metrics: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`m${n}`, stat(SIDED)])),
    };
    const metrics = Array.from({ length: 25 }, (_, n) =>
      gauge({ id: `g${n}`, values: { ...math, expression: `m0 + ${n}` } }),
    );
    const answer = await world().deploy({ config: { metrics } }).at('PRODUCTION_TRAFFIC_SHIFT', 10).look();
    expect(answer).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(/ask for 600 series, .* takes 500/),
    });
  });

  it('the preset alb for a service behind a Network Load Balancer', async () => {
    const elb = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
    const loadBalancers = () => [
      { targetGroupArn: `${elb}:targetgroup/tcp/1`, productionListenerRule: `${elb}:listener/net/tcp/1/l1` },
    ];
    const answer = await world().deploy({ loadBalancers }).at('PRODUCTION_TRAFFIC_SHIFT', 10).look();
    expect(answer.reason).toMatch(/needs a service behind an Application Load Balancer; ECS has resolved net\/tcp\/1/);
    expect(answer.hookStatus).toBe('FAILED');
  });
});

describe('a stage at which nothing would ever be judged is FAILED, never passed by', () => {
  it.each([
    ['POST_PRODUCTION_TRAFFIC_SHIFT', undefined, CANARY, 'nothing has baked yet'],
    ['POST_PRODUCTION_TRAFFIC_SHIFT', undefined, BLUE_GREEN, 'nothing has baked yet'],
    ['PRODUCTION_TRAFFIC_SHIFT', 100, BLUE_GREEN, 'all traffic moves at once'],
    [
      'PRODUCTION_TRAFFIC_SHIFT',
      100,
      { ...CANARY, canaryConfiguration: { canaryPercent: 100 } },
      'all traffic moves at once',
    ],
    ['PRE_PRODUCTION_TRAFFIC_SHIFT', 0, BLUE_GREEN, 'green has no traffic here'],
  ] as const)('%s at %d %%', async (stage, weight, configuration, why) => {
    const answer = await world().deploy({ configuration }).at(stage, weight).look();
    expect(answer).toMatchObject({
      hookStatus: 'FAILED',
      reason: `Bad configuration: there is nothing to judge at ${stage}, since ${why}: set holdMinutes and attach the hook at POST_PRODUCTION_TRAFFIC_SHIFT`,
    });
  });
});

describe('the configuration of the platform', () => {
  it('cannot be loosened by a service', async () => {
    const env = { HOOK_POLICY: JSON.stringify({ onNoData: 'fail' }) };
    const play = world().deploy({ env, config: { onNoData: 'pass' } });
    await play.at('PRODUCTION_TRAFFIC_SHIFT', 10).look();
    world().advance(16);
    expect((await play.at('PRODUCTION_TRAFFIC_SHIFT', 100).decision())?.hookStatus).toBe('FAILED');
  });
});

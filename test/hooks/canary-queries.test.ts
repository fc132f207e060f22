import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import { BLUE_GREEN, type DeployOptions, type Play, useWorld } from './canary-hook-world.ts';

const world = useWorld();
const HOLD = { holdMinutes: 10 };

/** What the first look at a held stage asks CloudWatch. */
async function asked(metrics: readonly unknown[], options: DeployOptions = {}, at?: number) {
  const play = world().deploy({ configuration: BLUE_GREEN, ...options, config: { ...HOLD, metrics } });
  if (at === undefined) play.at('POST_PRODUCTION_TRAFFIC_SHIFT');
  else play.at('PRODUCTION_TRAFFIC_SHIFT', at);
  const answer = await play.look();
  const made = play.made.filter(({ operation }) => operation === 'GetMetricData');
  expect(made, answer.reason).toHaveLength(1);
  const input = made[0]?.input ?? {};
  const list = Array.isArray(input.MetricDataQueries) ? input.MetricDataQueries.filter(isJsonObject) : [];
  return { play, input, list, series: list.map(told) };
}

/** `Sum AWS/SQS Name QueueName=jobs`, or the expression. */
function told({ Expression, MetricStat }: JsonObject): string {
  if (typeof Expression === 'string') return Expression;
  const { Metric, Stat } = isJsonObject(MetricStat) ? MetricStat : {};
  const { Namespace, MetricName, Dimensions } = isJsonObject(Metric) ? Metric : {};
  const where = Array.isArray(Dimensions) ? Dimensions.map(({ Name, Value }) => `${Name}=${Value}`) : [];
  return [Stat, Namespace, MetricName, ...where].join(' ');
}

describe('a preset asks for', () => {
  it('alb: both target groups, as CloudWatch spells them', async () => {
    const { play, series, list, input } = await asked([{ preset: 'alb' }]);
    const of = (side: string) =>
      `LoadBalancer=app/${play.service}/lb1 TargetGroup=targetgroup/${play.service}-${side}/${side}1`;
    const names = [
      'Sum AWS/ApplicationELB HTTPCode_Target_5XX_Count',
      'Sum AWS/ApplicationELB RequestCount',
      'Sum AWS/ApplicationELB TargetConnectionErrorCount',
      'Average AWS/ApplicationELB TargetResponseTime',
      'Maximum AWS/ApplicationELB UnHealthyHostCount',
    ];
    const expected = ['green', 'blue'].flatMap((side) => names.map((name) => `${name} ${of(side)}`));
    expect(series.toSorted()).toEqual(expected.toSorted());
    expect(list.map(({ MetricStat }) => isJsonObject(MetricStat) && MetricStat.Period)).toEqual(list.map(() => 60));
    expect(input).toMatchObject({ ScanBy: 'TimestampAscending' });
  });

  it('alb behind two load balancers: each of them, matched by its rule', async () => {
    const elb = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
    const one = (side: string, lb: string) => ({
      targetGroupArn: `${elb}:targetgroup/${lb}-${side}/1`,
      productionListenerRule: `${elb}:listener-rule/app/${lb}/1/l/r`,
    });
    const loadBalancers = (side: 'green' | 'blue') =>
      side === 'green' ? [one(side, 'in'), one(side, 'out')] : [one(side, 'out'), one(side, 'in')];
    const { series } = await asked([{ preset: 'alb' }], { loadBalancers });
    const requests = series.filter((name) => name.includes(' RequestCount'));
    expect(requests.toSorted()).toEqual(
      ['in', 'out'].flatMap((lb) =>
        ['blue', 'green'].map(
          (side) =>
            `Sum AWS/ApplicationELB RequestCount LoadBalancer=app/${lb}/1 TargetGroup=targetgroup/${lb}-${side}/1`,
        ),
      ),
    );
  });

  it('service-connect: what the service answered, by its discovery name', async () => {
    const { series } = await asked([{ preset: 'service-connect', discoveryName: 'catalog' }]);
    expect(series).toEqual([
      'Sum AWS/ECS HTTPCode_Target_5XX_Count TargetDiscoveryName=catalog',
      'Sum AWS/ECS RequestCount DiscoveryName=catalog',
      'Average AWS/ECS TargetResponseTime TargetDiscoveryName=catalog',
    ]);
  });

  it('sqs: the queue; a second queue under names of its own', async () => {
    const queue = (queueName: string) => ({ preset: 'sqs', queueName });
    const { series } = await asked([queue('jobs'), queue('mail')]);
    expect(series).toEqual(
      ['jobs', 'mail'].flatMap((name) => [
        `Maximum AWS/SQS ApproximateAgeOfOldestMessage QueueName=${name}`,
        `Average AWS/SQS ApproximateNumberOfMessagesVisible QueueName=${name}`,
      ]),
    );
    const [judgement] = world().judgements();
    expect(judgement).toMatchObject({ metrics: [{}, {}, { id: 'oldestMessage_2' }, { id: 'backlog_2' }] });
  });

  it('ecs: the service, which is reported and never decides', async () => {
    const { play, series } = await asked([{ preset: 'ecs' }, { preset: 'sqs', queueName: 'jobs' }]);
    const where = `ClusterName=prod ServiceName=${play.service}`;
    expect(series.slice(0, 2)).toEqual([
      `Average AWS/ECS CPUUtilization ${where}`,
      `Average AWS/ECS MemoryUtilization ${where}`,
    ]);
  });
});

describe('an own metric asks for', () => {
  const stat = (metricName: string, dimensions: object) => ({
    namespace: 'App',
    metricName,
    dimensions,
    statistic: 'Sum',
  });

  it('each side under its revision', async () => {
    const dimensions = { Revision: '{revision}', Service: '{cluster}/{service}' };
    const { play, series } = await asked([
      { id: 'failures', kind: 'count', events: stat('Failures', dimensions), requests: stat('Calls', dimensions) },
    ]);
    const of = (name: string, digit: string) =>
      `Sum App ${name} Revision=${digit.repeat(19)} Service=prod/${play.service}`;
    expect(series).toEqual(['2', '1'].flatMap((digit) => [of('Failures', digit), of('Calls', digit)]));
  });

  it('metric math by names of its own, however often they are taken', async () => {
    const math = (part: string) => ({
      expression: 'FILL(m1, 0) + m2 + RATE(m10)',
      metrics: { m1: stat(`${part}1`, {}), m2: stat(`${part}2`, {}), m10: stat(`${part}10`, {}) },
    });
    const { list, series } = await asked([{ id: 'failures', kind: 'count', events: math('E'), requests: math('R') }]);
    expect(series).toEqual([
      ...['Sum App E1', 'Sum App E2', 'Sum App E10', 'FILL(q0_m1, 0) + q0_m2 + RATE(q0_m10)'],
      ...['Sum App R1', 'Sum App R2', 'Sum App R10', 'FILL(q1_m1, 0) + q1_m2 + RATE(q1_m10)'],
    ]);
    expect(list.map(({ Id, ReturnData }) => [Id, ReturnData])).toEqual([
      ...[
        ['q0_m1', false],
        ['q0_m2', false],
        ['q0_m10', false],
        ['q0', true],
      ],
      ...[
        ['q1_m1', false],
        ['q1_m2', false],
        ['q1_m10', false],
        ['q1', true],
      ],
    ]);
  });
});

describe('the limits of a metric', () => {
  async function decide(limits: object): Promise<string | undefined> {
    const dimensions = { LoadBalancer: '{loadBalancer}', TargetGroup: '{targetGroup}' };
    const of = (metricName: string) => ({ namespace: 'AWS/ApplicationELB', metricName, dimensions, statistic: 'Sum' });
    const metric = {
      id: 'e',
      kind: 'count',
      events: of('HTTPCode_Target_5XX_Count'),
      requests: of('RequestCount'),
      ...limits,
    };
    const play: Play = world().deploy({ configuration: BLUE_GREEN, config: { holdMinutes: 15, metrics: [metric] } });
    play.traffic({ from: -70, to: 0, weight: 0 }).traffic({ from: 0, to: 20, weight: 100, errors: 0.012 });
    return (await play.at('POST_PRODUCTION_TRAFFIC_SHIFT').decision())?.hookStatus;
  }

  it.each([
    [{}, 'FAILED'],
    [{ ratio: 5 }, 'SUCCEEDED'],
    [{ difference: 0.02 }, 'SUCCEEDED'],
    [{ minEvents: 200 }, 'SUCCEEDED'],
    [{ tolerance: 0.0001, ratio: 5 }, 'FAILED'],
    [{ minRequests: 1_000_000 }, 'FAILED'],
    [{ ratio: 5, wall: { above: 0.011 } }, 'FAILED'],
    [{ compare: 'none', wall: { above: 0.05 } }, 'SUCCEEDED'],
  ])('reach the judge: %j is %s', async (limits, status) => {
    expect(await decide(limits)).toBe(status);
  });
});

describe('an answer in pages', () => {
  it('is read to its end', async () => {
    // 50 metrics of four series over more than a day are more points than one answer has.
    const dimensions = { Revision: '{revision}' };
    const stat = (metricName: string) => ({ namespace: 'Big', metricName, dimensions, statistic: 'Average' });
    const metrics = Array.from({ length: 40 }, (_, n) => ({ id: `m${n}`, kind: 'gauge', values: stat(`m${n}`) }));
    const play = world().deploy({ configuration: BLUE_GREEN, config: { ...HOLD, metrics, historyMinutes: 1440 } });
    for (let n = 0; n < 40; n += 1)
      for (const digit of ['1', '2'])
        play.every(-1440, 12, (timestamp) => ({
          namespace: 'Big',
          metricName: `m${n}`,
          dimensions: { Revision: digit.repeat(19) },
          timestamp,
          value: 1 + ((timestamp / 60_000) % 7) / 100,
        }));
    await play.at('POST_PRODUCTION_TRAFFIC_SHIFT').look();
    const answer = await play.look(14);
    expect(play.calls.filter((call) => call === 'monitoring:GetMetricData').length).toBeGreaterThan(1);
    expect(answer.hookStatus, answer.reason).toBe('SUCCEEDED');
  });
});

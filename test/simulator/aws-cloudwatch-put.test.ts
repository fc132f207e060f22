import {
  GetMetricStatisticsCommand,
  type GetMetricStatisticsCommandInput,
  ListMetricsCommand,
  type ListMetricsCommandInput,
  type MetricDatum,
  PutMetricDataCommand,
  type PutMetricDataCommandInput,
  paginateListMetrics,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { FIRST, feed, MINUTE, metricQuery, minute, read, startMetrics } from './aws-cloudwatch-kit.ts';
import { START } from './aws-fixture.ts';

const at = new Date(minute(1) + 12_345);

function put(...MetricData: MetricDatum[]): PutMetricDataCommand {
  return new PutMetricDataCommand({ Namespace: 'Shop', MetricData });
}

describe('the wire', () => {
  it('is JSON 1.0 with the errors that query clients know', async () => {
    const { url, aws } = await startMetrics();
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'GraniteServiceVersion20100801.PutMetricData',
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260305/eu-west-1/monitoring/aws4_request, SignedHeaders=host, Signature=00',
    };
    const send = async (extra: Record<string, string>) => {
      const answer = await fetch(url, { method: 'POST', headers: { ...headers, ...extra }, body: '{"Namespace":"A"}' });
      return [answer.status, await answer.json(), answer.headers.get('x-amzn-query-error')];
    };
    const body = { __type: 'MissingRequiredParameterException', message: 'The parameter MetricData is required.' };
    expect(await send({ 'x-amzn-query-mode': 'true' })).toEqual([400, body, 'MissingParameter;Sender']);
    expect(await send({})).toEqual([400, body, null]);
    aws.faults.add({ service: 'monitoring', kind: 'server-error' });
    expect((await send({ 'x-amzn-query-mode': 'true' }))[2]).toBe('InternalServiceError;Receiver');
  });

  it.each([
    ['throttle', { name: 'Throttling', message: 'Rate exceeded' }],
    [
      'access-denied',
      { name: 'AccessDenied', message: expect.stringContaining('to perform: cloudwatch:ListMetrics on resource: * ') },
    ],
    ['server-error', { name: 'InternalServiceFault', $fault: 'server' }],
  ] as const)('%s reaches the SDK under CloudWatch’s name', async (kind, expected) => {
    const { aws, cloudWatch } = await startMetrics();
    aws.faults.add({ service: 'monitoring', operation: 'ListMetrics', kind });
    await expect(cloudWatch.send(new ListMetricsCommand({}))).rejects.toMatchObject(expected);
  });

  it('takes the gzip that the SDK sends for large requests', async () => {
    const fixture = await startMetrics();
    const data = Array.from({ length: 1000 }, () => ({ MetricName: 'requests', Timestamp: at, Value: 2 }));
    let encoding: unknown;
    fixture.cloudWatch.middlewareStack.add(
      (next) => (args) => {
        // The SDK knows no type for what its own handler takes.
        encoding = (args.request as { headers: Record<string, string> }).headers['content-encoding'];
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    await fixture.cloudWatch.send(put(...data));
    expect(encoding).toBe('gzip');
    expect(await read(fixture, [metricQuery('n', 'requests')])).toEqual({ n: [null, 2000, null, null, null] });
  });
});

describe('PutMetricData', () => {
  it.each<[string, Partial<MetricDatum>, Record<string, number>]>([
    ['a value', { Value: -1.5 }, { Sum: -1.5, SampleCount: 1, Minimum: -1.5, Maximum: -1.5, Average: -1.5 }],
    ['values', { Values: [1, 5, 3] }, { Sum: 9, SampleCount: 3, Minimum: 1, Maximum: 5, Average: 3 }],
    [
      'values with counts',
      { Values: [1, 5], Counts: [3, 1] },
      { Sum: 8, SampleCount: 4, Minimum: 1, Maximum: 5, Average: 2 },
    ],
    [
      'a statistic set',
      { StatisticValues: { SampleCount: 4, Sum: 10, Minimum: 1, Maximum: 6 } },
      { Sum: 10, SampleCount: 4, Minimum: 1, Maximum: 6, Average: 2.5 },
    ],
  ])('stores %s', async (_what, datum, expected) => {
    const fixture = await startMetrics();
    await fixture.cloudWatch.send(put({ MetricName: 'a', Timestamp: at, ...datum }));
    const queries = Object.keys(expected).map((Stat) => metricQuery(`q${Stat}`, 'a', { Stat }));
    const values = await read(fixture, queries);
    expect(values).toEqual(
      Object.fromEntries(
        Object.entries(expected).map(([stat, value]) => [`q${stat}`, [null, value, null, null, null]]),
      ),
    );
  });

  it('stamps data without a time with now, and data of one minute add up', async () => {
    const fixture = await startMetrics();
    await fixture.cloudWatch.send(put({ MetricName: 'a', Value: 1 }, { MetricName: 'a', Value: 2 }));
    fixture.clock.advance(10);
    await fixture.cloudWatch.send(put({ MetricName: 'a', Value: 4 }));
    const { MetricName, ...range } = { MetricName: 'a', StartTime: new Date(FIRST), EndTime: new Date(START + MINUTE) };
    const command = new GetMetricStatisticsCommand({
      Namespace: 'Shop',
      MetricName,
      ...range,
      Period: 60,
      Statistics: ['Sum'],
    });
    expect((await fixture.cloudWatch.send(command)).Datapoints).toEqual([
      { Timestamp: new Date(minute(60)), Sum: 7, Unit: 'None' },
    ]);
  });

  const dimensions = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ Name: `d${index}`, Value: 'x' }));

  it.each<[string, MetricDatum, string, string]>([
    [
      'no number',
      { MetricName: 'a', Value: Number.NaN },
      'InvalidParameterValue',
      'The value NaN for parameter MetricData.member.1.Value is invalid.',
    ],
    [
      'too large a number',
      { MetricName: 'a', Value: 2 ** 361 },
      'InvalidParameterValue',
      'for parameter MetricData.member.1.Value is invalid.',
    ],
    [
      'infinity among values',
      { MetricName: 'a', Values: [1, Number.NEGATIVE_INFINITY] },
      'InvalidParameterValue',
      'The value -Infinity for parameter MetricData.member.1.Values.member.2 is invalid.',
    ],
    [
      'nothing measured',
      { MetricName: 'a' },
      'InvalidParameterCombination',
      'At least one of the parameters must be specified.',
    ],
    [
      'a value and values',
      { MetricName: 'a', Value: 1, Values: [1] },
      'InvalidParameterCombination',
      'The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have specified both.',
    ],
    [
      'a value and a set',
      { MetricName: 'a', Value: 1, StatisticValues: { SampleCount: 1, Sum: 1, Minimum: 1, Maximum: 1 } },
      'InvalidParameterCombination',
      'MetricData.member.1.Value and MetricData.member.1.StatisticValues are mutually exclusive',
    ],
    [
      'counts of another size',
      { MetricName: 'a', Values: [1, 2], Counts: [1] },
      'InvalidParameterCombination',
      'must be of the same size',
    ],
    [
      'a count of nothing',
      { MetricName: 'a', Values: [1], Counts: [0] },
      'InvalidParameterValue',
      'MetricData.member.1.Counts.member.1 is invalid',
    ],
    [
      '151 values',
      { MetricName: 'a', Values: Array.from({ length: 151 }, (_, index) => index) },
      'InvalidParameterValue',
      'The collection MetricData.member.1.Values must not have a size greater than 150.',
    ],
    [
      'a set upside down',
      { MetricName: 'a', StatisticValues: { SampleCount: 1, Sum: 1, Minimum: 2, Maximum: 1 } },
      'InvalidParameterCombination',
      'must be greater than MetricData.member.1.StatisticValues.Minimum',
    ],
    [
      'no name',
      { MetricName: '', Value: 1 },
      'MissingParameter',
      'The parameter MetricData.member.1.MetricName is required.',
    ],
    [
      'a long name',
      { MetricName: 'x'.repeat(256), Value: 1 },
      'InvalidParameterValue',
      'The parameter MetricData.member.1.MetricName must be shorter than 256 characters.',
    ],
    [
      '31 dimensions',
      { MetricName: 'a', Value: 1, Dimensions: dimensions(31) },
      'InvalidParameterValue',
      'The collection MetricData.member.1.Dimensions must not have a size greater than 30.',
    ],
    [
      'an empty dimension',
      { MetricName: 'a', Value: 1, Dimensions: [{ Name: 'd', Value: '' }] },
      'MissingParameter',
      'The parameter MetricData.member.1.Dimensions.member.1.Value is required.',
    ],
    [
      'a blank dimension',
      { MetricName: 'a', Value: 1, Dimensions: [{ Name: 'd', Value: '  ' }] },
      'InvalidParameterValue',
      'MetricData.member.1.Dimensions.member.1.Value is invalid',
    ],
    [
      'a dimension twice',
      { MetricName: 'a', Value: 1, Dimensions: [...dimensions(1), ...dimensions(1)] },
      'InvalidParameterValue',
      'MetricData.member.1.Dimensions.member.2.Name is invalid',
    ],
    [
      'a resolution of 5 s',
      { MetricName: 'a', Value: 1, StorageResolution: 5 },
      'InvalidParameterValue',
      'MetricData.member.1.StorageResolution must be a value in the set [ 1, 60 ]',
    ],
    [
      'two weeks and a second',
      { MetricName: 'a', Value: 1, Timestamp: new Date(START - 14 * 24 * 60 * MINUTE - 1000) },
      'InvalidParameterValue',
      'The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks.',
    ],
    [
      'two hours and a second ahead',
      { MetricName: 'a', Value: 1, Timestamp: new Date(START + 121 * MINUTE) },
      'InvalidParameterValue',
      'MetricData.member.1.Timestamp',
    ],
  ])('refuses %s', async (_what, datum, code, message) => {
    const { aws, cloudWatch } = await startMetrics();
    await expect(cloudWatch.send(put(datum))).rejects.toMatchObject({
      Code: code,
      message: expect.stringContaining(message),
    });
    expect(aws.metrics.list()).toEqual([]);
  });

  it.each<[string, PutMetricDataCommandInput, string]>([
    [
      'a namespace of AWS’s own',
      { Namespace: 'AWS/ECS', MetricData: [{ MetricName: 'a', Value: 1 }] },
      'The value AWS/ for parameter Namespace is invalid.',
    ],
    [
      '1,001 data',
      { Namespace: 'Shop', MetricData: Array.from({ length: 1001 }, () => ({ MetricName: 'a', Value: 1 })) },
      'The collection MetricData must not have a size greater than 1000.',
    ],
    ['no data', { Namespace: 'Shop', MetricData: [] }, 'The parameter MetricData is required.'],
    [
      'one bad datum among good ones',
      { Namespace: 'Shop', MetricData: [{ MetricName: 'a', Value: 1 }, { MetricName: 'b' }] },
      'At least one of the parameters must be specified.',
    ],
  ])('refuses %s, and stores nothing of it', async (_what, input, message) => {
    const { aws, cloudWatch } = await startMetrics();
    await expect(cloudWatch.send(new PutMetricDataCommand(input))).rejects.toMatchObject({ message });
    expect(aws.metrics.list()).toEqual([]);
  });

  it('names a unit that it does not know', async () => {
    const { cloudWatch } = await startMetrics();
    // The SDK's type allows known units only.
    const datum = { MetricName: 'a', Value: 1, Unit: 'Requests' } as unknown as MetricDatum;
    await expect(cloudWatch.send(put(datum))).rejects.toMatchObject({
      message: expect.stringMatching(
        /^The parameter MetricData\.member\.1\.Unit must be a value in the set \[ Seconds, .*None \]\.$/,
      ),
    });
  });

  it('takes data within an entity', async () => {
    const fixture = await startMetrics();
    const MetricData = [{ MetricName: 'a', Timestamp: at, Value: 3 }];
    const input = { Namespace: 'Shop', EntityMetricData: [{ MetricData }], StrictEntityValidation: false };
    await fixture.cloudWatch.send(new PutMetricDataCommand(input));
    expect(await read(fixture, [metricQuery('m', 'a')], 2)).toEqual({ m: [null, 3] });
  });
});

describe('the feed of scenarios', () => {
  it.each([
    ['no measurement', {}],
    ['two measurements', { value: 1, values: [1] }],
    ['no number', { value: Number.NaN }],
    ['no values', { values: [] }],
    ['counts of another size', { values: [1], counts: [1, 2] }],
    ['an unknown unit', { value: 1, unit: 'Requests' }],
  ])('refuses %s', async (_what, measured) => {
    const { aws } = await startMetrics();
    const datum = { namespace: 'AWS/ECS', metricName: 'a', timestamp: FIRST, ...measured };
    expect(() => aws.metrics.put(datum)).toThrow(/^a: /);
    expect(aws.metrics.list()).toEqual([]);
  });
});

describe('ListMetrics', () => {
  it('filters by namespace, name, dimensions and recent activity', async () => {
    const { aws, cloudWatch } = await startMetrics();
    const base = { timestamp: FIRST, value: 1 };
    aws.metrics.put([
      { ...base, namespace: 'A', metricName: 'x', dimensions: { TargetGroup: 'blue', LoadBalancer: 'lb' } },
      { ...base, namespace: 'A', metricName: 'x', dimensions: { TargetGroup: 'green', LoadBalancer: 'lb' } },
      { ...base, namespace: 'A', metricName: 'y', timestamp: FIRST - 4 * 60 * MINUTE },
      { ...base, namespace: 'B', metricName: 'x' },
      { ...base, namespace: 'B', metricName: 'stale', timestamp: START - 15 * 24 * 60 * MINUTE },
      { ...base, namespace: 'B', metricName: 'to come', timestamp: START + MINUTE },
    ]);
    const list = async (input: ListMetricsCommandInput) => {
      const { Metrics = [] } = await cloudWatch.send(new ListMetricsCommand(input));
      return Metrics.map((metric) =>
        [metric.Namespace, metric.MetricName, ...(metric.Dimensions ?? []).map(({ Value }) => Value)].join(' '),
      );
    };
    expect(await list({})).toEqual(['A x lb blue', 'A x lb green', 'A y', 'B x']);
    expect(await list({ Namespace: 'B' })).toEqual(['B x']);
    expect(await list({ MetricName: 'x', Dimensions: [{ Name: 'LoadBalancer' }] })).toEqual([
      'A x lb blue',
      'A x lb green',
    ]);
    expect(await list({ Dimensions: [{ Name: 'TargetGroup', Value: 'green' }] })).toEqual(['A x lb green']);
    expect(await list({ Namespace: 'A', RecentlyActive: 'PT3H' })).toEqual(['A x lb blue', 'A x lb green']);
  });

  it('comes in pages of 500', async () => {
    const { aws, cloudWatch } = await startMetrics();
    for (let index = 0; index < 700; index += 1)
      aws.metrics.put({ namespace: 'A', metricName: `m${index}`, timestamp: FIRST, value: 1 });
    const sizes: number[] = [];
    for await (const { Metrics = [] } of paginateListMetrics({ client: cloudWatch }, {})) sizes.push(Metrics.length);
    expect(sizes).toEqual([500, 200]);
    await expect(cloudWatch.send(new ListMetricsCommand({ NextToken: 'x' }))).rejects.toMatchObject({
      name: 'InvalidNextToken',
    });
  });
});

describe('GetMetricStatistics', () => {
  const input: GetMetricStatisticsCommandInput = {
    Namespace: 'Shop',
    MetricName: 'a',
    StartTime: new Date(FIRST),
    EndTime: new Date(minute(5)),
    Period: 60,
    Statistics: ['Sum', 'Maximum'],
  };

  it('ends before EndTime, also within a period', async () => {
    const fixture = await startMetrics();
    feed(fixture, 'a', [1, 2, 4, 8]);
    const ask = async (Period: number) => {
      const command = new GetMetricStatisticsCommand({
        ...input,
        Period,
        Statistics: ['Sum'],
        EndTime: new Date(minute(3)),
      });
      return (await fixture.cloudWatch.send(command)).Datapoints?.map(({ Sum }) => Sum);
    };
    expect([await ask(60), await ask(120)]).toEqual([
      [1, 2, 4],
      [3, 4],
    ]);
  });

  it('answers a point for each unit, and only the unit that is asked for', async () => {
    const fixture = await startMetrics();
    const { aws, cloudWatch } = fixture;
    const base = { namespace: 'Shop', metricName: 'a', timestamp: minute(2) };
    aws.metrics.put([
      { ...base, values: [1, 2], unit: 'Count' },
      { ...base, value: 7, unit: 'Seconds' },
    ]);
    feed(fixture, 'a', [5]);
    const ask = async (more: Partial<GetMetricStatisticsCommandInput>) =>
      (await cloudWatch.send(new GetMetricStatisticsCommand({ ...input, ...more }))).Datapoints;
    const count = { Timestamp: new Date(minute(2)), Sum: 3, Maximum: 2, Unit: 'Count' };
    expect(await ask({})).toEqual([
      { Timestamp: new Date(FIRST), Sum: 5, Maximum: 5, Unit: 'None' },
      count,
      { Timestamp: new Date(minute(2)), Sum: 7, Maximum: 7, Unit: 'Seconds' },
    ]);
    expect(await ask({ Unit: 'Count' })).toEqual([count]);
    expect(await ask({ Unit: 'Percent' })).toEqual([]);
    expect(await ask({ Unit: 'Count', Statistics: undefined, ExtendedStatistics: ['p50', 'tc100'] })).toEqual([
      { Timestamp: new Date(minute(2)), ExtendedStatistics: { p50: 1, tc100: 2 }, Unit: 'Count' },
    ]);
  });

  it.each<[string, Partial<GetMetricStatisticsCommandInput>, string, string]>([
    [
      'over 1,440 points',
      { EndTime: new Date(FIRST + 1441 * MINUTE) },
      'InvalidParameterCombination',
      'You have requested up to 1441 datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.',
    ],
    [
      'an end before the start',
      { EndTime: new Date(FIRST) },
      'InvalidParameterValue',
      'The parameter StartTime must be less than the parameter EndTime.',
    ],
    [
      'a period of 90 s',
      { Period: 90 },
      'InvalidParameterValue',
      'The parameter Period must be a value in the set [ 1, 5, 10, 20, 30 ] or a multiple of 60.',
    ],
    [
      'no statistic',
      { Statistics: [] },
      'InvalidParameterCombination',
      'Must specify either Statistics or ExtendedStatistics',
    ],
    [
      'both kinds',
      { ExtendedStatistics: ['p99'] },
      'InvalidParameterCombination',
      'The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both.',
    ],
    [
      'what is no percentile',
      { Statistics: undefined, ExtendedStatistics: ['p101'] },
      'InvalidParameterValue',
      'The value p101 for parameter ExtendedStatistics.member.1 is not supported.',
    ],
  ])('refuses %s', async (_what, more, code, message) => {
    const { cloudWatch } = await startMetrics();
    const command = new GetMetricStatisticsCommand({ ...input, ...more });
    await expect(cloudWatch.send(command)).rejects.toMatchObject({ Code: code, message });
  });
});

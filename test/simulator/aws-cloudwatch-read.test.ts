import {
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type MetricDataQuery,
  PutMetricDataCommand,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import {
  FIRST,
  feed,
  MINUTE,
  metricQuery,
  minute,
  read,
  request,
  requestInput,
  startMetrics,
} from './aws-cloudwatch-kit.ts';
import { START } from './aws-fixture.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('GetMetricData', () => {
  it('answers no point where nothing was measured, and never a zero', async () => {
    const fixture = await startMetrics();
    feed(fixture, 'a', [3, null, 0, null, 2]);
    expect(await read(fixture, [metricQuery('m', 'a')])).toEqual({ m: [3, null, 0, null, 2] });
    const { MetricDataResults } = await fixture.cloudWatch.send(request([metricQuery('other', 'unknown')]));
    expect(MetricDataResults).toEqual([
      { Id: 'other', Label: 'unknown', Timestamps: [], Values: [], StatusCode: 'Complete' },
    ]);
  });

  it('finds a metric by all of its dimensions, in any order, and by no fewer', async () => {
    const fixture = await startMetrics();
    const metric = { namespace: 'Shop', metricName: 'a', timestamp: FIRST };
    fixture.aws.metrics.put({ ...metric, dimensions: { x: '1', y: '2' }, value: 8 });
    const query = (Id: string, ...Dimensions: { Name: string; Value: string }[]): MetricDataQuery =>
      metricQuery(Id, 'a', { Metric: { Namespace: 'Shop', MetricName: 'a', Dimensions } });
    const [x, y] = [
      { Name: 'x', Value: '1' },
      { Name: 'y', Value: '2' },
    ];
    expect(await read(fixture, [query('same', y, x), query('fewer', x), query('none')], 1)).toEqual({
      same: [8],
      fewer: [null],
      none: [null],
    });
  });

  it('starts at the whole minute and ends before EndTime', async () => {
    const fixture = await startMetrics();
    feed(fixture, 'a', [1, 2, 3, 4]);
    const times = async (from: number, to: number) => {
      const input = { MetricDataQueries: [metricQuery('m', 'a')], StartTime: new Date(from), EndTime: new Date(to) };
      const { MetricDataResults } = await fixture.cloudWatch.send(new GetMetricDataCommand(input));
      return MetricDataResults?.[0]?.Values;
    };
    expect(await times(minute(1) + 59_999, minute(3))).toEqual([3, 2]);
    expect(await times(minute(1), minute(3) + 1)).toEqual([4, 3, 2]);
  });

  it('is newest first unless asked otherwise', async () => {
    const fixture = await startMetrics();
    feed(fixture, 'a', [1, 2]);
    const { ScanBy: _, ...input } = requestInput([metricQuery('m', 'a')], 2);
    const { MetricDataResults } = await fixture.cloudWatch.send(new GetMetricDataCommand(input));
    expect(MetricDataResults).toEqual([
      {
        Id: 'm',
        Label: 'a',
        Timestamps: [new Date(minute(1)), new Date(FIRST)],
        Values: [2, 1],
        StatusCode: 'Complete',
      },
    ]);
  });

  it('adds the minutes of a longer period up, counted from StartTime', async () => {
    const fixture = await startMetrics();
    feed(fixture, 'a', [1, 2, 4, null, 16, 32, 64]);
    const queries = [metricQuery('s', 'a', { Period: 180 }), metricQuery('x', 'a', { Period: 180, Stat: 'Maximum' })];
    const { MetricDataResults } = await fixture.cloudWatch.send(request(queries, 7));
    expect(MetricDataResults?.map(({ Values }) => Values)).toEqual([
      [7, 48, 64],
      [4, 32, 64],
    ]);
    expect(MetricDataResults?.[0]?.Timestamps).toEqual([new Date(FIRST), new Date(minute(3)), new Date(minute(6))]);
  });

  it('answers nothing for a unit that no datum has, and everything without a unit', async () => {
    const fixture = await startMetrics();
    const base = { namespace: 'Shop', metricName: 'a', timestamp: FIRST };
    fixture.aws.metrics.put([
      { ...base, value: 1, unit: 'Count' },
      { ...base, value: 2 },
    ]);
    const queries = [
      metricQuery('all', 'a'),
      metricQuery('count', 'a', { Unit: 'Count' }),
      metricQuery('none', 'a', { Unit: 'None' }),
      metricQuery('wrong', 'a', { Unit: 'Seconds' }),
    ];
    expect(await read(fixture, queries, 1)).toEqual({ all: [3], count: [1], none: [2], wrong: [null] });
  });

  it('hides what has ReturnData false, and labels what has a Label', async () => {
    const { cloudWatch } = await startMetrics();
    const queries = [
      { ...metricQuery('a', 'a'), ReturnData: false },
      { ...metricQuery('b', 'b'), Label: 'Bees' },
      { Id: 'e', Expression: 'a+b' },
      { Id: 'f', Expression: 'a+b', ReturnData: false },
    ];
    const { MetricDataResults } = await cloudWatch.send(request(queries));
    expect(MetricDataResults?.map(({ Id, Label }) => [Id, Label])).toEqual([
      ['b', 'Bees'],
      ['e', 'e'],
    ]);
  });

  it.each<[string, Partial<GetMetricDataCommandInput>, string]>([
    ['no queries', { MetricDataQueries: [] }, 'The parameter MetricDataQueries is required.\n'],
    [
      '501 queries',
      { MetricDataQueries: Array.from({ length: 501 }, (_, index) => metricQuery(`m${index}`, 'a')) },
      'The collection MetricDataQueries must not have a size greater than 500.',
    ],
    [
      'an Id twice',
      { MetricDataQueries: [metricQuery('m', 'a'), metricQuery('m', 'b')] },
      'The values for parameter id in MetricDataQueries are not unique.',
    ],
    [
      'an Id with a capital',
      { MetricDataQueries: [metricQuery('M1', 'a')] },
      'The value M1 for parameter MetricDataQueries.member.1.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.\n',
    ],
    [
      'two statistics that are none',
      { MetricDataQueries: [metricQuery('a', 'a', { Stat: 'None' }), metricQuery('b', 'a', { Stat: 'p100.5' })] },
      'The value None for parameter MetricDataQueries.member.1.MetricStat.Stat is not a valid statistic.\nThe value p100.5 for parameter MetricDataQueries.member.2.MetricStat.Stat is not a valid statistic.\n',
    ],
    [
      'neither metric nor expression',
      { MetricDataQueries: [{ Id: 'a' }] },
      'The parameter MetricDataQueries.member.1.MetricStat is required.\n',
    ],
    [
      'metric and expression',
      { MetricDataQueries: [{ ...metricQuery('a', 'a'), Expression: '1' }] },
      'The parameters MetricDataQueries.member.1.Expression and MetricDataQueries.member.1.MetricStat are mutually exclusive and you have specified both.\n',
    ],
    [
      'two periods',
      { MetricDataQueries: [{ ...metricQuery('a', 'a'), Period: 60 }] },
      'The parameters MetricDataQueries.member.1.Period and MetricDataQueries.member.1.MetricStat are mutually exclusive and you have specified both.\n',
    ],
    [
      'a period of 90 s',
      { MetricDataQueries: [metricQuery('a', 'a', { Period: 90 })] },
      'The parameter MetricDataQueries.member.1.MetricStat.Period must be a value in the set [ 1, 5, 10, 20, 30 ] or a multiple of 60.\n',
    ],
    [
      'no namespace',
      { MetricDataQueries: [metricQuery('a', 'a', { Metric: { MetricName: 'a' } })] },
      'The parameter MetricDataQueries.member.1.MetricStat.Metric.Namespace is required.\n',
    ],
    ['no time at all', { EndTime: new Date(FIRST) }, 'The parameter StartTime must not equal parameter EndTime.\n'],
    [
      'an end before the start',
      { EndTime: new Date(FIRST - 1) },
      'The parameter StartTime must be less than the parameter EndTime.\n',
    ],
    [
      'over 100,800 points',
      { MaxDatapoints: 100_801 },
      'The parameter MaxDatapoints must be a value from 1 to 100800.',
    ],
  ])('refuses %s', async (_what, more, message) => {
    const { cloudWatch } = await startMetrics();
    const command = new GetMetricDataCommand({ ...requestInput([metricQuery('m', 'a')]), ...more });
    await expect(cloudWatch.send(command)).rejects.toMatchObject({
      name: 'ValidationException',
      Code: 'ValidationError',
      message,
    });
  });
});

describe('high resolution', () => {
  it('has periods below a minute, where regular data lie at their minute', async () => {
    const fixture = await startMetrics();
    const metric = { namespace: 'Shop', timestamp: FIRST };
    for (let second = 0; second < 60; second += 1)
      fixture.aws.metrics.put({
        ...metric,
        metricName: 'fine',
        timestamp: FIRST + second * 1000 + 7,
        storageResolution: 1,
        value: second,
      });
    fixture.aws.metrics.put({ ...metric, metricName: 'coarse', timestamp: FIRST + 33_000, value: 5 });
    const input = {
      ...requestInput([metricQuery('f', 'fine', { Period: 20 }), metricQuery('c', 'coarse', { Period: 20 })]),
      StartTime: new Date(FIRST + 19_999),
    };
    const { MetricDataResults } = await fixture.cloudWatch.send(
      new GetMetricDataCommand({ ...input, EndTime: new Date(minute(1)) }),
    );
    expect(MetricDataResults?.map(({ Values }) => Values)).toEqual([[190, 590, 990], [5]]);
    expect(MetricDataResults?.[1]?.Timestamps).toEqual([new Date(FIRST)]);
  });
});

describe('retention', () => {
  it.each([
    ['3 hours below a minute', 3 * HOUR, 30, 60],
    ['15 days below five minutes', 15 * DAY, 60, 300],
    ['63 days below an hour', 63 * DAY, 300, 3600],
  ])('is %s', async (_what, kept, fine, coarse) => {
    const fixture = await startMetrics();
    const [old, young] = [START - kept - HOUR, START - kept + HOUR];
    for (const timestamp of [old, young])
      fixture.aws.metrics.put({
        namespace: 'Shop',
        metricName: 'a',
        timestamp,
        value: timestamp === old ? 1 : 2,
        storageResolution: 1,
      });
    const queries = [metricQuery('f', 'a', { Period: fine }), metricQuery('c', 'a', { Period: coarse })];
    const input = { ...requestInput(queries), StartTime: new Date(old - HOUR), EndTime: new Date(START) };
    const { MetricDataResults } = await fixture.cloudWatch.send(new GetMetricDataCommand(input));
    expect(MetricDataResults?.map(({ Values }) => Values)).toEqual([[2], [1, 2]]);
  });

  it('rounds an older StartTime down to five minutes, then to an hour', async () => {
    const fixture = await startMetrics();
    const first = async (age: number, Period: number) => {
      const start = Math.floor((START - age) / HOUR) * HOUR + 17 * MINUTE + 34_000;
      fixture.aws.metrics.put({ namespace: 'Shop', metricName: 'a', timestamp: start, value: 1 });
      const input = {
        ...requestInput([metricQuery('m', 'a', { Period })]),
        StartTime: new Date(start),
        EndTime: new Date(start + HOUR),
      };
      const { MetricDataResults } = await fixture.cloudWatch.send(new GetMetricDataCommand(input));
      return MetricDataResults?.[0]?.Timestamps?.[0]?.toISOString().slice(14, 19);
    };
    expect([await first(DAY, 300), await first(20 * DAY, 300), await first(70 * DAY, 3600)]).toEqual([
      '17:00',
      '15:00',
      '00:00',
    ]);
  });
});

describe('publication delay', () => {
  it('shows what is fed when its minute is over, and as much later as is asked', async () => {
    for (const delay of [undefined, 90]) {
      const fixture = await startMetrics(delay === undefined ? {} : { publicationDelaySeconds: delay });
      // The clock stands at 41.618 s of minute 60.
      fixture.aws.metrics.put({ namespace: 'Shop', metricName: 'a', timestamp: minute(60), value: 1 });
      const seen = async () => (await read(fixture, [metricQuery('m', 'a')], 61)).m?.[60];
      fixture.clock.advance(18.381 + (delay ?? 0));
      expect(await seen()).toBeNull();
      fixture.clock.advance(0.001);
      expect(await seen()).toBe(1);
    }
  });

  it('is there at once for what is put without a delay, and late for what is put with one', async () => {
    const command = new PutMetricDataCommand({ Namespace: 'Shop', MetricData: [{ MetricName: 'a', Value: 1 }] });
    const atOnce = await startMetrics();
    await atOnce.cloudWatch.send(command);
    expect((await read(atOnce, [metricQuery('m', 'a')], 61)).m?.[60]).toBe(1);
    const late = await startMetrics({ publicationDelaySeconds: 0 });
    await late.cloudWatch.send(command);
    expect((await read(late, [metricQuery('m', 'a')], 61)).m?.[60]).toBeNull();
  });

  it('changes a minute that was seen already when a datum comes late', async () => {
    const fixture = await startMetrics({ publicationDelaySeconds: 0 });
    feed(fixture, 'a', [1]);
    expect(await read(fixture, [metricQuery('m', 'a')], 1)).toEqual({ m: [1] });
    await fixture.cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: 'Shop',
        MetricData: [{ MetricName: 'a', Value: 2, Timestamp: new Date(FIRST) }],
      }),
    );
    expect(await read(fixture, [metricQuery('m', 'a')], 1)).toEqual({ m: [3] });
  });

  it('is no negative number', async () => {
    await expect(startMetrics({ publicationDelaySeconds: -1 })).rejects.toThrow(
      'publicationDelaySeconds must be 0 or more',
    );
  });
});

describe('pages', () => {
  it.each(['TimestampAscending', 'TimestampDescending'] as const)(
    'come by time over all results, %s',
    async (ScanBy) => {
      const fixture = await startMetrics();
      feed(fixture, 'a', [1, 2, 3]);
      feed(fixture, 'b', [10, null, 30, 40]);
      const input = { ...requestInput([metricQuery('a', 'a'), metricQuery('b', 'b')]), ScanBy, MaxDatapoints: 3 };
      const pages: unknown[] = [];
      for await (const { MetricDataResults = [] } of paginateGetMetricData({ client: fixture.cloudWatch }, input))
        pages.push(MetricDataResults.map(({ Values, StatusCode }) => [StatusCode, Values]));
      expect(pages).toEqual(
        ScanBy === 'TimestampAscending'
          ? [
              [
                ['PartialData', [1, 2]],
                ['PartialData', [10]],
              ],
              [
                ['Complete', [3]],
                ['Complete', [30, 40]],
              ],
            ]
          : [
              [
                ['PartialData', [3]],
                ['PartialData', [40, 30]],
              ],
              [
                ['Complete', [2, 1]],
                ['Complete', [10]],
              ],
            ],
      );
    },
  );

  it('go on where they were, also when data have come in between', async () => {
    const fixture = await startMetrics({ publicationDelaySeconds: 0 });
    feed(fixture, 'a', [1, 2, 3, 4]);
    const input = { ...requestInput([metricQuery('a', 'a')]), MaxDatapoints: 2 };
    const first = await fixture.cloudWatch.send(new GetMetricDataCommand(input));
    feed(fixture, 'a', [100]);
    const second = await fixture.cloudWatch.send(new GetMetricDataCommand({ ...input, NextToken: first.NextToken }));
    expect([first, second].map(({ MetricDataResults }) => MetricDataResults?.[0]?.Values)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    const other = { ...requestInput([metricQuery('a', 'a')], 4), NextToken: first.NextToken };
    await expect(fixture.cloudWatch.send(new GetMetricDataCommand(other))).rejects.toMatchObject({
      name: 'InvalidNextToken',
    });
  });

  it('there are none with metric math: the rest is missing', async () => {
    const fixture = await startMetrics();
    feed(fixture, 'a', [1, 2, 3]);
    const queries = [metricQuery('a', 'a'), { Id: 'e', Expression: 'a*2' }];
    const { MetricDataResults, NextToken } = await fixture.cloudWatch.send(
      new GetMetricDataCommand({ ...requestInput(queries), MaxDatapoints: 4 }),
    );
    expect(NextToken).toBeUndefined();
    expect(MetricDataResults?.map(({ StatusCode, Values }) => [StatusCode, Values])).toEqual([
      ['PartialData', [1, 2]],
      ['PartialData', [2, 4]],
    ]);
  });
});

describe('disturbances', () => {
  it('strike results by Id or metric, as often as they say', async () => {
    const fixture = await startMetrics();
    feed(fixture, 'a', [1, 2, 3, 4]);
    feed(fixture, 'b', [5]);
    const { disturbances } = fixture.aws.metrics;
    disturbances.add({
      metricName: 'a',
      statusCode: 'PartialData',
      times: 2,
      messages: [{ code: 'Late', value: 'more to come' }],
    });
    disturbances.add({ id: 'b', statusCode: 'InternalError', always: true });
    const queries = [metricQuery('a', 'a'), metricQuery('again', 'a'), metricQuery('b', 'b')];
    const seen = async () => {
      const { MetricDataResults = [], Messages } = await fixture.cloudWatch.send(request(queries));
      return [MetricDataResults.map(({ StatusCode, Values, Messages: own }) => [StatusCode, Values, own]), Messages];
    };
    const own = [{ Code: 'Late', Value: 'more to come' }];
    const struck = [
      [
        ['PartialData', [1, 2], own],
        ['PartialData', [1, 2], own],
        ['InternalError', [], undefined],
      ],
      [],
    ];
    // Two results of one request are one time.
    expect([await seen(), await seen()]).toEqual([struck, struck]);
    disturbances.announce({ code: 'MaxMetricsExceeded', value: 'Maximum number of allowed metrics exceeded' });
    expect(await seen()).toEqual([
      [
        ['Complete', [1, 2, 3, 4], undefined],
        ['Complete', [1, 2, 3, 4], undefined],
        ['InternalError', [], undefined],
      ],
      [{ Code: 'MaxMetricsExceeded', Value: 'Maximum number of allowed metrics exceeded' }],
    ]);
    disturbances.clear();
    expect((await seen())[0]).toContainEqual(['Complete', [5], undefined]);
  });

  it('can be taken back, and must make sense', async () => {
    const fixture = await startMetrics();
    feed(fixture, 'a', [1]);
    const { disturbances } = fixture.aws.metrics;
    disturbances.add({ statusCode: 'InternalError', always: true }).remove();
    expect(await read(fixture, [metricQuery('m', 'a')], 1)).toEqual({ m: [1] });
    expect(() => disturbances.add({ statusCode: 'PartialData', keep: 2 })).toThrow('keep must be from 0 to 1: 2');
    expect(() => disturbances.add({ statusCode: 'PartialData', times: 0 })).toThrow('times must be 1 or more: 0');
  });
});

import { describe, expect, it } from 'vitest';
import { feed, type MetricsFixture, metricQuery, minute, read, request, startMetrics } from './aws-cloudwatch-kit.ts';

type Values = (number | null)[];

/** Three metrics: a full one, one with gaps, one of errors that is zero where it is. */
async function startWithMetrics(): Promise<MetricsFixture> {
  const fixture = await startMetrics();
  feed(fixture, 'requests', [100, 200, 0, 400, null]);
  feed(fixture, 'errors', [null, 4, 2, null, null]);
  feed(fixture, 'flag', [1, 1, 0, 0, null]);
  return fixture;
}

const metrics = [metricQuery('r', 'requests'), metricQuery('errs', 'errors'), metricQuery('flag', 'flag')];

it.each<[string, Values]>([
  // Missing values count as 0 beside a value, and a division by zero drops the point.
  ['r+errs', [100, 204, 2, 400, null]],
  ['errs-r', [-100, -196, 2, -400, null]],
  ['errs/r*100', [0, 2, null, 0, null]],
  ['100*(errs/r)', [0, 2, null, 0, null]],
  ['r/2', [50, 100, 0, 200, null]],
  ['-r', [-100, -200, 0, -400, null]],
  ['2^3*errs', [null, 32, 16, null, null]],
  ['-errs^2', [null, -16, -4, null, null]],
  ['1 + 2 * errs - .5', [null, 8.5, 4.5, null, null]],
  ['r-errs-errs', [100, 192, -4, 400, null]],
  ['r/PERIOD(r)', [100 / 60, 200 / 60, 0, 400 / 60, null]],
  ['FILL(errs,0)', [0, 4, 2, 0, 0]],
  ['FILL(errs, REPEAT)', [null, 4, 2, 2, 2]],
  ['FILL(errs, r)', [100, 4, 2, 400, null]],
  ['FILL(errs, MAX(r))', [400, 4, 2, 400, 400]],
  ['r-AVG(r)', [-40, 60, -140, 260, null]],
  ['r-MIN(r)+MAX(errs)-SUM(errs)', [98, 198, -2, 398, null]],
  ['r*DATAPOINT_COUNT(errs)', [200, 400, 0, 800, null]],
  ['SUM([r, errs])', [100, 204, 2, 400, null]],
  ['AVG([r, errs])', [50, 102, 1, 200, null]],
  ['MAX([r, errs])', [100, 200, 2, 400, null]],
  ['MIN([r, errs])', [100, 4, 0, 400, null]],
  ['SUM(METRICS())', [101, 205, 2, 400, null]],
  ['SUM(METRICS("rr"))/METRIC_COUNT(METRICS())', [null, 4 / 3, 2 / 3, null, null]],
  ["SUM([METRICS('rr'), METRICS('fl')])", [1, 5, 2, 0, null]],
  ['SUM(100/[r,errs])', [1, 25.5, 50, 0.25, null]],
  ['DIFF(r)', [null, 100, -200, 400, null]],
  ['RATE(r)', [null, 100 / 60, -200 / 60, 400 / 60, null]],
  ['RUNNING_SUM(r)', [100, 300, 300, 700, null]],
  ['ABS(errs-r)', [100, 196, 2, 400, null]],
  ['CEIL(r/300)+FLOOR(r/300)', [1, 1, 0, 3, null]],
  // The logarithm of 0 is no data point.
  ['LOG10(r/10)', [1, Math.log10(20), null, Math.log10(40), null]],
  ['r > 150', [0, 1, 0, 1, null]],
  ['r < errs', [0, 0, 1, 0, null]],
  ['r == 0 || r >= 400', [0, 0, 1, 1, null]],
  ['r > 50 AND errs > 3', [0, 1, 0, 0, null]],
  ['r != 100 && r <= 200', [0, 1, 1, 0, null]],
  ['IF(r > 150, r)', [null, 200, null, 400, null]],
  ['IF(r > 150, 1, 2)', [2, 1, 2, 1, null]],
  ['IF(flag, errs, r)', [0, 4, 0, 400, null]],
  ['IF(flag, 5, errs)', [5, 5, 2, null, null]],
  ['IF(1, errs, r)', [null, 4, 2, null, null]],
  ['IF(0, errs)', [null, null, null, null, null]],
  ['TIME_SERIES(7)', [7, 7, 7, 7, 7]],
])('%s', async (Expression, expected) => {
  const fixture = await startWithMetrics();
  const { e } = await read(fixture, [...metrics, { Id: 'e', Expression }]);
  expect(e).toEqual(expected.map((value) => (value === null ? null : expect.closeTo(value, 10))));
});

describe('FILL', () => {
  it('lines inner gaps, and leaves open ends alone', async () => {
    const fixture = await startMetrics();
    feed(fixture, 'a', [null, 10, null, null, 40, null]);
    const queries = [metricQuery('a', 'a'), { Id: 'e', Expression: 'FILL(a, LINEAR)' }];
    expect((await read(fixture, queries, 6)).e).toEqual([null, 10, expect.closeTo(20), expect.closeTo(30), 40, null]);
  });

  it('fills metrics that do not exist, up to now and no further', async () => {
    const fixture = await startMetrics();
    const queries = [metricQuery('a', 'nothing'), { Id: 'e', Expression: 'FILL(a, 0)' }];
    const { e } = await read(fixture, queries, 64);
    expect(e?.slice(59)).toEqual([0, 0, null, null, null]);
  });
});

it('expressions use expressions, in any order', async () => {
  const fixture = await startWithMetrics();
  const queries = [{ Id: 'twice', Expression: 'rate*2' }, { Id: 'rate', Expression: 'errs/r' }, ...metrics];
  const { twice } = await read(fixture, queries);
  expect(twice).toEqual([0, 0.04, null, 0, null]);
});

it('an array is a result for each of its series, under one Id', async () => {
  const fixture = await startWithMetrics();
  const queries = [...metrics, { Id: 'e', Expression: 'REMOVE_EMPTY([r, errs])*2', Label: 'Doubled' }];
  const { MetricDataResults = [] } = await fixture.cloudWatch.send(request(queries));
  expect(MetricDataResults.slice(3).map(({ Id, Label, Values }) => [Id, Label, Values])).toEqual([
    ['e', 'Doubled requests', [200, 400, 0, 800]],
    ['e', 'Doubled errors', [8, 4]],
  ]);
  expect(MetricDataResults[4]?.Timestamps).toEqual([new Date(minute(1)), new Date(minute(2))]);
});

it.each([
  ['r +', 'Invalid syntax'],
  ['r errs', 'Invalid syntax'],
  ['(r', 'Invalid syntax'],
  ['r ; errs', 'Invalid syntax'],
  ['REPEAT', 'Invalid syntax'],
  ['"r"', 'Invalid syntax'],
  ['', 'Invalid syntax'],
  ['nobody*2', "Unknown Id 'nobody'"],
  ['e+1', "'e' depends on itself"],
  ['ANOMALY_DETECTOR(r)', "Function 'ANOMALY_DETECTOR' not found"],
  ['sum(r)', "Function 'sum' not found"],
  ['constructor(r)', "Function 'constructor' not found"],
  ['ANOMALY_DETECTION_BAND(r, 2)', "Function 'ANOMALY_DETECTION_BAND' is not implemented by the local AWS endpoint"],
  ['SELECT AVG(x) FROM "Shop"', 'Metrics Insights queries are not implemented by the local AWS endpoint'],
  ['SUM(r)', 'The result must be a time series or an array of time series, not a scalar'],
  ['METRICS()+METRICS()', "'+' cannot stand between two arrays of time series"],
  ['RATE(5)', 'RATE needs a time series'],
  ['SUM(r, errs)', 'SUM takes one argument, not 2'],
  ['IF(r)', 'IF takes two or three arguments, not 1'],
  ['IF(METRICS(), 1, 0)', 'IF takes time series and numbers, not arrays'],
  ['FILL(r)', 'FILL takes two arguments'],
  ['r*PERIOD(SUM(METRICS()))', 'PERIOD takes the Id of a metric'],
  ['METRICS(r)', 'METRICS takes nothing or one text in quotes'],
])('refuses %s', async (Expression, problem) => {
  const { cloudWatch } = await startWithMetrics();
  const sent = cloudWatch.send(request([...metrics, { Id: 'e', Expression }]));
  await expect(sent).rejects.toMatchObject({ Code: 'ValidationError', message: `Error in expression 'e': ${problem}` });
});

it('refuses what is wrong also where nobody asks for the result', async () => {
  const { cloudWatch } = await startWithMetrics();
  const sent = cloudWatch.send(request([...metrics, { Id: 'e', Expression: 'r+', ReturnData: false }]));
  await expect(sent).rejects.toMatchObject({ message: "Error in expression 'e': Invalid syntax" });
});

it('refuses metrics of different periods in one expression', async () => {
  const { cloudWatch } = await startMetrics();
  const queries = [metricQuery('a', 'a'), metricQuery('b', 'b', { Period: 120 }), { Id: 'e', Expression: 'a+b' }];
  await expect(cloudWatch.send(request(queries))).rejects.toMatchObject({
    message:
      "Error in expression 'e': metrics of different periods (60, 120) are not implemented by the local AWS endpoint",
  });
});

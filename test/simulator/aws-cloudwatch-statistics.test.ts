import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Measurement, MetricStore } from '../../simulator/aws/cloudwatch/metric-store.ts';
import { parseStatistic } from '../../simulator/aws/cloudwatch/statistics.ts';

/** The statistic over what was put into one minute; undefined when there is no point. */
function over(stat: string, ...measured: Measurement[]): number | undefined {
  const store = new MetricStore({ now: () => 120_000 });
  const metric = { namespace: 'Shop', metricName: 'a' };
  store.put(measured.map((one) => ({ ...metric, timestamp: 0, ...one })));
  const [bucket] = store.buckets(metric, { start: 0, end: 60_000, periodMs: 60_000 });
  return bucket && parseStatistic(stat)?.(bucket);
}

const oneToTwenty = Array.from({ length: 20 }, (_, index) => index + 1);

describe('over the values 1 to 20', () => {
  it.each([
    ['SampleCount', 20],
    ['Sum', 210],
    ['Average', 10.5],
    ['Minimum', 1],
    ['Maximum', 20],
    ['p0', 1],
    ['p50', 10],
    ['p95', 19],
    ['p95.1', 20],
    ['p99', 20],
    ['p100', 20],
    ['tm90', 9.5],
    ['tc90', 18],
    ['ts90', 171],
    ['wm90', (171 + 18 + 18) / 20],
    ['IQM', 10.5],
    ['TM(10%:90%)', 10.5],
    ['TM(:90%)', 9.5],
    ['TS(80%:)', 74],
    ['WM(10%:90%)', 10.5],
    ['TM(5:10)', 8],
    ['TC(5:10)', 5],
    ['TC(:10)', 10],
    ['TC(15:)', 5],
    ['TS(5:10)', 40],
    ['WM(5:10)', (5 * 5 + 40 + 10 * 10) / 20],
    ['TC(20:30)', 0],
    ['PR(:5)', 25],
    ['PR(5:10)', 25],
    ['PR(10:)', 50],
    ['PR(:0.5)', 0],
  ])('%s is %d', (stat, expected) => {
    // Split over data, as they come in practice; the weights of one datum are another's repetition.
    expect(
      over(stat, { values: oneToTwenty.slice(0, 7) }, { values: oneToTwenty.slice(7, 19) }, { value: 20 }),
    ).toBeCloseTo(expected, 12);
    expect(over(stat, { values: oneToTwenty, counts: oneToTwenty.map(() => 1) })).toBeCloseTo(expected, 12);
  });
});

it.each(['TM(20:30)', 'TM(:0)'])('%s of nothing is no point', (stat) => {
  expect(over(stat, { values: oneToTwenty })).toBeUndefined();
});

it('p99 of few values is their maximum, and of a p90 that falls on a repeated value that value', () => {
  expect(over('p99', { values: [1, 2, 9] })).toBe(9);
  expect(over('p90', { values: [1, 7], counts: [89, 11] })).toBe(7);
  expect(over('p89', { values: [1, 7], counts: [89, 11] })).toBe(1);
});

describe('a statistic set', () => {
  const hidden = { statisticValues: { sampleCount: 3, sum: 6, minimum: 1, maximum: 3 } };

  it('has no percentiles, and takes those of its period away', () => {
    expect(over('p50', hidden)).toBeUndefined();
    expect(over('p50', { value: 2 }, hidden)).toBeUndefined();
    expect(over('Average', { value: 6 }, hidden)).toBe(3);
  });

  it.each([
    ['one value', { sampleCount: 1, sum: 4, minimum: 4, maximum: 4 }],
    ['one value many times', { sampleCount: 5, sum: 20, minimum: 4, maximum: 4 }],
  ])('of %s has them', (_what, statisticValues) => {
    expect(over('p99', { statisticValues })).toBe(4);
  });
});

it('negative values have no percentiles, but an average', () => {
  expect(over('p50', { values: [-1, 5] })).toBeUndefined();
  expect(over('Average', { values: [-1, 5] })).toBe(2);
});

it.each([
  'sum',
  'p',
  'p101',
  'p-1',
  'P99',
  'p99.12345678901',
  'tm',
  'TM90',
  'TM()',
  'TM(:)',
  'TM(5)',
  'TM(10%:5%)',
  'TM(5%:10)',
  'TM(%:5%)',
  'TM(:101%)',
  'PR(10%:90%)',
  'PR90',
  'pr90',
  'IQM(25%:75%)',
  'toString',
  '',
])('"%s" is no statistic', (stat) => {
  expect(parseStatistic(stat)).toBeUndefined();
});

it('percentiles never fall as they rise, and lie among the values', () => {
  const values = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(values, (list) => {
      const percentiles = [0, 1, 25, 50, 90, 99.9, 100].map(
        (percent) => over(`p${percent}`, { values: list }) ?? Number.NaN,
      );
      expect(percentiles).toEqual(percentiles.toSorted((a, b) => a - b));
      expect([percentiles[0], percentiles.at(-1)]).toEqual([Math.min(...list), Math.max(...list)]);
      expect(list).toEqual(expect.arrayContaining(percentiles));
    }),
    { numRuns: 100 },
  );
});

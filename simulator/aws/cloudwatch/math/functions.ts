import {
  ExpressionError,
  eachSeries,
  type MathValue,
  one,
  sameSteps,
  scalar,
  seriesOf,
  type TimeSeries,
} from './values.ts';

/** An argument of FILL may be a word; everything else takes values. */
export type MathFunction = (args: readonly MathValue[], name: string) => MathValue;

const pointwise =
  (compute: (value: number) => number): MathFunction =>
  (args, name) =>
    eachSeries(only(args, name), name, ({ values }) =>
      values.map((value) => (Number.isNaN(value) ? value : compute(value))),
    );

/**
 * What turns a series into a scalar, and an array into the series of the same computed at each timestamp. At a
 * timestamp where no series has a value there is no data point.
 * @param compute of the values that are there, never none, and how many there could be
 */
const aggregate =
  (compute: (present: readonly number[], possible: number) => number): MathFunction =>
  (args, name) => {
    const value = only(args, name);
    if (value.type === 'scalar') throw new ExpressionError(`${name} needs a time series`);
    if (value.type === 'series') {
      const { values } = value.series;
      const present = [...values].filter((one) => !Number.isNaN(one));
      return scalar(present.length === 0 ? Number.NaN : compute(present, values.length));
    }
    return one(acrossList(value.list, name, compute));
  };

/** Differences of each value to the one before it that is there. */
const toPrevious =
  (compute: (difference: number, seconds: number) => number): MathFunction =>
  (args, name) =>
    eachSeries(only(args, name), name, ({ values, periodSeconds }) => {
      let previous = -1;
      return values.map((value, index) => {
        if (Number.isNaN(value)) return value;
        const before = previous;
        previous = index;
        if (before < 0) return Number.NaN;
        return compute(value - (values[before] ?? Number.NaN), (index - before) * periodSeconds);
      });
    });

const sum = (present: readonly number[]): number => present.reduce((total, value) => total + value, 0);

/** The functions whose arguments are values (CloudWatch user guide, section "Functions supported for metric math"). */
export const FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  ABS: pointwise(Math.abs),
  CEIL: pointwise(Math.ceil),
  FLOOR: pointwise(Math.floor),
  LOG: pointwise(Math.log),
  LOG10: pointwise(Math.log10),
  SUM: aggregate(sum),
  // Missing values count as 0 here, so the divisor is how many there could be.
  AVG: aggregate((present, possible) => sum(present) / possible),
  MAX: aggregate((present) => present.reduce((a, b) => Math.max(a, b))),
  MIN: aggregate((present) => present.reduce((a, b) => Math.min(a, b))),
  DATAPOINT_COUNT: aggregate((present) => present.length),
  DIFF: toPrevious((difference) => difference),
  RATE: toPrevious((difference, seconds) => difference / seconds),
  RUNNING_SUM: (args, name) =>
    eachSeries(only(args, name), name, ({ values }) => {
      let total = 0;
      return values.map((value) => {
        total += Number.isNaN(value) ? 0 : value;
        return Number.isNaN(value) ? value : total;
      });
    }),
  METRIC_COUNT: (args, name) => scalar(seriesOf(only(args, name)).length),
  REMOVE_EMPTY: (args, name) => {
    const list = seriesOf(only(args, name)).filter(({ values }) => values.some((value) => !Number.isNaN(value)));
    return { type: 'array', list };
  },
};

/** What AWS has and this endpoint has not, so that the error can say whose limit it is. */
export const FOREIGN_FUNCTIONS: ReadonlySet<string> = new Set(
  `ANOMALY_DETECTION_BAND DATE DAY DIFF_TIME DB_PERF_INSIGHTS EPOCH FIRST HOUR INSIGHT_RULE_METRIC LAMBDA LAST MINUTE
  MONTH SEARCH SERVICE_QUOTA SLICE SORT STDDEV YEAR`.split(/\s+/),
);

/** @throws ExpressionError unless there is one argument */
export function only(args: readonly MathValue[], name: string): MathValue {
  const [first] = args;
  if (first === undefined || args.length > 1)
    throw new ExpressionError(`${name} takes one argument, not ${args.length}`);
  return first;
}

function acrossList(
  list: readonly TimeSeries[],
  name: string,
  compute: (present: readonly number[], possible: number) => number,
): TimeSeries {
  const [first] = list;
  if (first === undefined) throw new ExpressionError(`${name} of an empty array`);
  sameSteps(list);
  const values = first.values.map((_, index) => {
    const present = list.map((series) => series.values[index] ?? Number.NaN).filter((value) => !Number.isNaN(value));
    return present.length === 0 ? Number.NaN : compute(present, list.length);
  });
  return { ...first, values, label: name };
}

import { ExpressionError, type MathValue, type TimeSeries } from './values.ts';

export type Filler = { kind: 'REPEAT' } | { kind: 'LINEAR' } | { kind: 'value'; value: MathValue };

/**
 * FILL of one series: a scalar, another series' value of the same time, the last value before the gap, or a straight
 * line from its one side to the other. The newest period is filled too, also where its data are only late; what is
 * still to come is not. A gap that has no value before it cannot be repeated into, nor one that is open lined across.
 */
export function fill(series: TimeSeries, filler: Filler, now: number): Float64Array {
  const filled = fillerOf(series, filler);
  const { values, start, periodSeconds } = series;
  return values.map((value, index) =>
    Number.isNaN(value) && start + index * periodSeconds * 1000 <= now ? filled(index) : value,
  );
}

function fillerOf({ values }: TimeSeries, filler: Filler): (index: number) => number {
  if (filler.kind === 'REPEAT') {
    const before = lastKnown(values);
    return (index) => values[before[index] ?? -1] ?? Number.NaN;
  }
  if (filler.kind === 'LINEAR') return lineOver(values);
  const { value } = filler;
  if (value.type === 'scalar') return () => value.value;
  if (value.type === 'series') return (index) => value.series.values[index] ?? Number.NaN;
  throw new ExpressionError('FILL takes a number, a time series, REPEAT or LINEAR');
}

function lineOver(values: Float64Array): (index: number) => number {
  const before = lastKnown(values);
  const after = lastKnown(values.toReversed()).reverse();
  return (index) => {
    const left = before[index] ?? -1;
    const fromEnd = after[index] ?? -1;
    if (left < 0 || fromEnd < 0) return Number.NaN;
    const right = values.length - 1 - fromEnd;
    const [from = Number.NaN, to = Number.NaN] = [values[left], values[right]];
    return from + ((to - from) * (index - left)) / (right - left);
  };
}

/** For each place, where the last value up to it is; -1 where there is none. */
function lastKnown(values: Float64Array): number[] {
  let last = -1;
  return [...values].map((value, index) => {
    if (!Number.isNaN(value)) last = index;
    return last;
  });
}

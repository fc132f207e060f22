/** Values at even steps; NaN where there is no data point. */
export interface TimeSeries {
  /** Of the first value, milliseconds since the epoch. */
  start: number;
  periodSeconds: number;
  values: Float64Array;
  label: string;
}

/** What an expression or a part of it can be: a scalar, a time series, or an array of them. */
export type MathValue =
  | { type: 'scalar'; value: number }
  | { type: 'series'; series: TimeSeries }
  | { type: 'array'; list: TimeSeries[] };

/** What is wrong with an expression; told with the expression's Id in front. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

export function scalar(value: number): MathValue {
  return { type: 'scalar', value };
}

export function one(series: TimeSeries): MathValue {
  return { type: 'series', series };
}

/** @returns the series of a series or an array; a scalar has none */
export function seriesOf(value: MathValue): TimeSeries[] {
  if (value.type === 'scalar') return [];
  return value.type === 'series' ? [value.series] : value.list;
}

/** Makes a new series of each, and leaves a series a series, an array an array. */
export function eachSeries(value: MathValue, name: string, change: (series: TimeSeries) => Float64Array): MathValue {
  const map = (series: TimeSeries): TimeSeries => ({ ...series, values: change(series) });
  if (value.type === 'scalar') throw new ExpressionError(`${name} needs a time series`);
  return value.type === 'series' ? one(map(value.series)) : { type: 'array', list: value.list.map(map) };
}

/** @throws ExpressionError when the series are not of one period: their points have no common timestamps */
export function sameSteps(list: readonly TimeSeries[]): void {
  const periods = new Set(list.map(({ periodSeconds }) => periodSeconds));
  if (periods.size > 1) {
    const named = [...periods].join(', ');
    throw new ExpressionError(`metrics of different periods (${named}) are not implemented by the local AWS endpoint`);
  }
}

import type { Operator } from './parse.ts';
import { ExpressionError, type MathValue, one, sameSteps, scalar, type TimeSeries } from './values.ts';

const COMPUTE: Readonly<Record<Operator, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  // NaN is no data point: what is divided by zero is dropped.
  '/': (a, b) => (b === 0 ? Number.NaN : a / b),
  '^': (a, b) => a ** b,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  AND: (a, b) => Number(a !== 0 && b !== 0),
  OR: (a, b) => Number(a !== 0 || b !== 0),
};

/**
 * Between two series, a value that one of them lacks counts as 0; where both lack it there is no data point. With a
 * scalar, points are where the series has them (same page, sections "Basic arithmetic functions" and "Comparison and
 * logical operators"). An array is worked on series by series.
 * @throws ExpressionError when two arrays meet, or periods differ
 */
export function operate(operator: Operator, left: MathValue, right: MathValue): MathValue {
  const compute = COMPUTE[operator];
  if (left.type === 'array' && right.type === 'array')
    throw new ExpressionError(`'${operator}' cannot stand between two arrays of time series`);
  if (left.type === 'array') return mapList(left.list, (series) => operate(operator, one(series), right));
  if (right.type === 'array') return mapList(right.list, (series) => operate(operator, left, one(series)));
  if (left.type === 'scalar' && right.type === 'scalar') return scalar(compute(left.value, right.value));
  if (left.type === 'scalar') {
    const { value } = left;
    return right.type === 'series' ? one(mapSeries(right.series, (b) => compute(value, b))) : right;
  }
  if (right.type === 'scalar') return one(mapSeries(left.series, (a) => compute(a, right.value)));
  return one(joinSeries(left.series, right.series, compute));
}

export function negate(operand: MathValue): MathValue {
  return operate('-', scalar(0), operand);
}

function mapList(list: readonly TimeSeries[], change: (series: TimeSeries) => MathValue): MathValue {
  const changed = list.flatMap((series) => {
    const value = change(series);
    return value.type === 'series' ? [{ ...value.series, label: series.label }] : [];
  });
  return { type: 'array', list: changed };
}

/** NaN in gives NaN out for arithmetic, but comparisons would make a 0 of it. */
function mapSeries(series: TimeSeries, change: (value: number) => number): TimeSeries {
  return { ...series, values: series.values.map((value) => (Number.isNaN(value) ? value : change(value))) };
}

function joinSeries(left: TimeSeries, right: TimeSeries, compute: (a: number, b: number) => number): TimeSeries {
  sameSteps([left, right]);
  const values = left.values.map((a, index) => {
    const b = right.values[index] ?? Number.NaN;
    if (Number.isNaN(a) && Number.isNaN(b)) return Number.NaN;
    return compute(Number.isNaN(a) ? 0 : a, Number.isNaN(b) ? 0 : b);
  });
  return { ...left, values };
}

import { ExpressionError, type MathValue, one, sameSteps, seriesOf, type TimeSeries } from './values.ts';

/**
 * IF(condition, whenTrue, whenFalse): 0 is false, everything else is true; a series decides at each of its data points
 * (CloudWatch user guide, section "Using IF expressions"). Where the condition has no point, the result has none.
 * Where it is true and the second argument has no point the result is 0, where it is false and the third has none
 * there is none.
 * @throws ExpressionError when an argument is missing or an array
 */
export function choose(condition: MathValue, whenTrue: MathValue, whenFalse: MathValue | undefined): MathValue {
  for (const value of [condition, whenTrue, whenFalse]) {
    if (value?.type === 'array') throw new ExpressionError('IF takes time series and numbers, not arrays');
  }
  if (condition.type === 'scalar') return condition.value === 0 ? (whenFalse ?? nothingLike(whenTrue)) : whenTrue;
  const [decider] = seriesOf(condition);
  if (decider === undefined) throw new ExpressionError('IF needs a condition');
  sameSteps([condition, whenTrue, ...(whenFalse === undefined ? [] : [whenFalse])].flatMap(seriesOf));
  const yes = valueAt(whenTrue);
  const no = whenFalse === undefined ? () => Number.NaN : valueAt(whenFalse);
  const values = decider.values.map((decision, index) => {
    if (Number.isNaN(decision)) return decision;
    if (decision === 0) return no(index);
    const value = yes(index);
    return Number.isNaN(value) ? 0 : value;
  });
  return one({ ...decider, values });
}

function valueAt(value: MathValue): (index: number) => number {
  if (value.type === 'scalar') return () => value.value;
  const [series] = seriesOf(value);
  return (index) => series?.values[index] ?? Number.NaN;
}

function nothingLike(value: MathValue): MathValue {
  const [series] = seriesOf(value);
  if (series === undefined) throw new ExpressionError('IF of numbers alone needs a third argument');
  const empty: TimeSeries = { ...series, values: new Float64Array(series.values.length).fill(Number.NaN) };
  return one(empty);
}

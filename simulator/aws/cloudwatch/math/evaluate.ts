import { validationError } from '../errors.ts';
import type { ExpressionQuery, Query } from '../queries.ts';
import { bucketCount, gridOf, type TimeRange } from '../time-range.ts';
import { choose } from './conditional.ts';
import { type Filler, fill } from './fill.ts';
import { FOREIGN_FUNCTIONS, FUNCTIONS, only } from './functions.ts';
import { negate, operate } from './operators.ts';
import { type Node, parseExpression } from './parse.ts';
import { ExpressionError, eachSeries, type MathValue, one, scalar, seriesOf, type TimeSeries } from './values.ts';

/** What an expression can see of its request. */
export interface MathScope {
  queries: readonly Query[];
  /** The series of the metrics, by Id. */
  metrics: ReadonlyMap<string, TimeSeries>;
  range: TimeRange;
  now: number;
}

/**
 * Metric math as far as it is implemented: arithmetic, comparisons, AND and OR, arrays, METRICS, PERIOD, FILL, IF,
 * TIME_SERIES and the table of functions. Searches, anomaly bands and Metrics Insights queries are not.
 * @returns the one series, or those of an array
 * @throws AwsError ValidationException `Error in expression '<id>': …`
 */
export function evaluateExpression(query: ExpressionQuery, scope: MathScope): TimeSeries[] {
  try {
    const value = new Evaluation(scope, query.periodSeconds).expression(query, new Set());
    if (value.type === 'scalar')
      throw new ExpressionError('The result must be a time series or an array of time series, not a scalar');
    return seriesOf(value);
  } catch (error) {
    if (error instanceof ExpressionError) throw validationError(`Error in expression '${query.id}': ${error.message}`);
    throw error;
  }
}

class Evaluation {
  readonly #scope: MathScope;
  readonly #periodSeconds: number | undefined;

  constructor(scope: MathScope, periodSeconds: number | undefined) {
    this.#scope = scope;
    this.#periodSeconds = periodSeconds;
  }

  /** @param within the Ids of the expressions that are being evaluated, to find circles */
  expression({ id, expression }: ExpressionQuery, within: ReadonlySet<string>): MathValue {
    if (/^\s*SELECT\b/i.test(expression))
      throw new ExpressionError('Metrics Insights queries are not implemented by the local AWS endpoint');
    if (within.has(id)) throw new ExpressionError(`'${id}' depends on itself`);
    return this.#value(parseExpression(expression), new Set([...within, id]));
  }

  #value(node: Node, within: ReadonlySet<string>): MathValue {
    switch (node.kind) {
      case 'number':
        return scalar(node.value);
      case 'id':
        return this.#reference(node.name, within);
      case 'list':
        return { type: 'array', list: node.items.flatMap((item) => seriesOf(this.#value(item, within))) };
      case 'negation':
        return negate(this.#value(node.operand, within));
      case 'operation':
        return operate(node.operator, this.#value(node.left, within), this.#value(node.right, within));
      case 'call':
        return this.#call(node.name, node.args, within);
      default:
        throw new ExpressionError('Invalid syntax');
    }
  }

  #reference(id: string, within: ReadonlySet<string>): MathValue {
    const series = this.#scope.metrics.get(id);
    if (series !== undefined) return one(series);
    const query = this.#scope.queries.find((other) => other.id === id);
    if (query?.kind !== 'expression') throw new ExpressionError(`Unknown Id '${id}'`);
    return this.expression(query, within);
  }

  #call(name: string, args: readonly Node[], within: ReadonlySet<string>): MathValue {
    if (name === 'METRICS') return this.#metrics(args);
    if (name === 'PERIOD') return this.#period(args);
    if (name === 'FILL') return this.#fill(args, within);
    const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (known === undefined && name !== 'IF' && name !== 'TIME_SERIES') {
      if (FOREIGN_FUNCTIONS.has(name))
        throw new ExpressionError(`Function '${name}' is not implemented by the local AWS endpoint`);
      throw new ExpressionError(`Function '${name}' not found`);
    }
    const values = args.map((arg) => this.#value(arg, within));
    if (name === 'TIME_SERIES') return this.#timeSeries(only(values, name));
    if (known !== undefined) return known(values, name);
    const [condition, whenTrue, whenFalse] = values;
    if (condition === undefined || whenTrue === undefined || values.length > 3)
      throw new ExpressionError(`IF takes two or three arguments, not ${values.length}`);
    return choose(condition, whenTrue, whenFalse);
  }

  /** All metrics, or those whose Id contains the text; expressions are not among them. */
  #metrics([filter, ...more]: readonly Node[]): MathValue {
    if (more.length > 0 || (filter !== undefined && filter.kind !== 'text'))
      throw new ExpressionError('METRICS takes nothing or one text in quotes');
    const wanted = filter?.value ?? '';
    const list = [...this.#scope.metrics].filter(([id]) => id.includes(wanted)).map(([, series]) => series);
    return { type: 'array', list };
  }

  /** Takes a metric, not the result of another expression. */
  #period([metric, ...more]: readonly Node[]): MathValue {
    const series = metric?.kind === 'id' && more.length === 0 ? this.#scope.metrics.get(metric.name) : undefined;
    if (series === undefined) throw new ExpressionError('PERIOD takes the Id of a metric');
    return scalar(series.periodSeconds);
  }

  #fill([target, with_, ...more]: readonly Node[], within: ReadonlySet<string>): MathValue {
    if (target === undefined || with_ === undefined || more.length > 0)
      throw new ExpressionError('FILL takes two arguments');
    const filler: Filler =
      with_.kind === 'word' && (with_.name === 'REPEAT' || with_.name === 'LINEAR')
        ? { kind: with_.name }
        : { kind: 'value', value: this.#value(with_, within) };
    return eachSeries(this.#value(target, within), 'FILL', (series) => fill(series, filler, this.#scope.now));
  }

  #timeSeries(value: MathValue): MathValue {
    if (value.type !== 'scalar') throw new ExpressionError('TIME_SERIES takes a number');
    const [first] = this.#scope.metrics.values();
    const periodSeconds = this.#periodSeconds ?? first?.periodSeconds;
    if (periodSeconds === undefined) throw new ExpressionError('TIME_SERIES without metrics needs a Period');
    const grid = gridOf(this.#scope.range, periodSeconds, this.#scope.now);
    const values = new Float64Array(bucketCount(grid)).fill(value.value);
    return one({ start: grid.start, periodSeconds, values, label: 'TIME_SERIES' });
  }
}

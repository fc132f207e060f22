import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { ConfigError } from '../../shared/errors.ts';
import type { MetricStat, Query } from './config.ts';
import type { MetricConfig } from './presets.ts';
import type { Placeholders, Sides } from './sides.ts';

const PERIOD_SECONDS = 60;
const PLACEHOLDER = /\{(\w+)\}/g;
/** Placeholders whose value differs between green and blue. */
const OF_A_SIDE = /^(revision|targetGroup\d*)$/;

export type Part = 'events' | 'requests' | 'values' | 'samples';

/** The ids under which the series of one metric come back. */
export interface PlannedMetric {
  metric: MetricConfig;
  /** Whether the dimensions tell green from blue. */
  hasSides: boolean;
  green: Partial<Record<Part, string>>;
  /** Of the whole service where nothing tells the sides apart; absent where there is no blue to ask about. */
  blue?: Partial<Record<Part, string>>;
  /** What is asked for green, for people. */
  text: string;
}

/** Collects what one GetMetricData call asks for; the same series asked for twice is sent once. */
export class QueryPlan {
  readonly queries: MetricDataQuery[] = [];
  readonly #ids = new Map<string, string>();

  /** @throws ConfigError when a placeholder stands for nothing that green has */
  add(metric: MetricConfig, sides: Sides): PlannedMetric {
    const parts = partsOf(metric);
    const hasSides = parts.some(([, query]) => isSided(query));
    const text = parts.map(([part, query]) => `${part} ${this.#told(query, metric.id, sides.green)}`).join(', ');
    const green = this.#ask(metric, parts, sides.green);
    const { blue } = sides;
    // What ECS has not resolved for blue is no fault of the configuration: the metric cannot be compared, no more.
    const askable = blue !== undefined && placeholdersOf(parts).every((name) => Object.hasOwn(blue, name));
    return {
      metric,
      hasSides,
      text,
      green,
      ...(askable && { blue: hasSides ? this.#ask(metric, parts, blue) : green }),
    };
  }

  #ask(metric: MetricConfig, parts: readonly [Part, Query][], side: Placeholders): Partial<Record<Part, string>> {
    return Object.fromEntries(parts.map(([part, query]) => [part, this.#idOf(query, metric.id, side)]));
  }

  #idOf(query: Query, metric: string, side: Placeholders): string {
    const key = this.#told(query, metric, side);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = `q${this.#ids.size}`;
    this.#ids.set(key, id);
    if ('expression' in query) this.#addMath(id, query, metric, side);
    else this.queries.push({ Id: id, MetricStat: metricStat(query, metric, side), ReturnData: true });
    return id;
  }

  #addMath(
    id: string,
    { expression, metrics }: Extract<Query, { expression: string }>,
    metric: string,
    side: Placeholders,
  ) {
    for (const [name, stat] of Object.entries(metrics)) {
      this.queries.push({ Id: `${id}_${name}`, MetricStat: metricStat(stat, metric, side), ReturnData: false });
    }
    const renamed = expression.replace(/\b[a-z]\w*/g, (word) =>
      Object.hasOwn(metrics, word) ? `${id}_${word}` : word,
    );
    this.queries.push({ Id: id, Expression: renamed, Period: PERIOD_SECONDS, ReturnData: true });
  }

  #told(query: Query, metric: string, side: Placeholders): string {
    if ('expression' in query) {
      const named = Object.entries(query.metrics).map(([name, stat]) => `${name} = ${this.#told(stat, metric, side)}`);
      return `${query.expression} (${named.join(', ')})`;
    }
    const { namespace, metricName, dimensions, statistic } = query;
    const where = Object.entries(dimensions).map(([name, value]) => `${name}=${filled(value, metric, side)}`);
    return `${statistic} of ${namespace} ${metricName} {${where.join(', ')}}`;
  }
}

export function partsOf(metric: MetricConfig): [Part, Query][] {
  if (metric.kind === 'count')
    return [
      ['events', metric.events],
      ['requests', metric.requests],
    ];
  return metric.samples === undefined
    ? [['values', metric.values]]
    : [
        ['values', metric.values],
        ['samples', metric.samples],
      ];
}

function statsOf(query: Query): MetricStat[] {
  return 'expression' in query ? Object.values(query.metrics) : [query];
}

/** Do the dimensions tell green from blue? */
export function isSided(query: Query): boolean {
  return statsOf(query).some((stat) => namesIn(stat).some((name) => OF_A_SIDE.test(name)));
}

function placeholdersOf(parts: readonly [Part, Query][]): string[] {
  return parts.flatMap(([, query]) => statsOf(query).flatMap(namesIn));
}

function namesIn({ dimensions }: MetricStat): string[] {
  return Object.values(dimensions).flatMap((value) => [...value.matchAll(PLACEHOLDER)].map(([, name = '']) => name));
}

function metricStat({ namespace, metricName, dimensions, statistic }: MetricStat, metric: string, side: Placeholders) {
  return {
    Metric: {
      Namespace: namespace,
      MetricName: metricName,
      Dimensions: Object.entries(dimensions).map(([Name, value]) => ({ Name, Value: filled(value, metric, side) })),
    },
    Period: PERIOD_SECONDS,
    Stat: statistic,
  };
}

function filled(value: string, metric: string, side: Placeholders): string {
  return value.replace(PLACEHOLDER, (text, name: string) => {
    const found = Object.hasOwn(side, name) ? side[name] : undefined;
    if (found !== undefined) return found;
    const known = Object.keys(side)
      .map((key) => `{${key}}`)
      .join(', ');
    throw new ConfigError(
      `Bad configuration: metric ${metric} names ${text}, which this service does not have (known: ${known})`,
    );
  });
}

import type { Clock } from '../../clock.ts';
import { Disturbances } from './disturbances.ts';
import { type Bucket, type Contribution, floorTo, type Grid, Series, type Summary } from './series.ts';
import { UNITS } from './units.ts';

export interface MetricIdentity {
  namespace: string;
  metricName: string;
  /** Each combination of dimensions is a metric of its own. */
  dimensions?: Readonly<Record<string, string>>;
}

/** What was measured: one value, values with their frequencies, or a statistic set. */
export interface Measurement {
  value?: number;
  values?: readonly number[];
  /** How often each of the values occurred; once each without it. */
  counts?: readonly number[];
  statisticValues?: Summary;
}

export interface MetricDatum extends MetricIdentity, Measurement {
  /** Milliseconds since the epoch. It counts for the whole minute that it lies in, or second in high resolution. */
  timestamp: number;
  /** As in the API, `Count` or `Seconds`; None without it. */
  unit?: string;
  /** Seconds; 60 without it. */
  storageResolution?: 1 | 60;
}

export interface MetricStoreOptions {
  /**
   * How long after the end of its minute a datum is in answers. Without it, what scenarios feed is there when its
   * minute is over, and what callers put is there at once.
   */
  publicationDelaySeconds?: number;
  /** Called before anything is read: whoever feeds data as time goes by may do it only then. */
  beforeRead?: () => void;
}

/** A metric that has data, with these by unit. */
export interface StoredMetric extends Required<MetricIdentity> {
  byUnit: Map<string, Series>;
}

const MINUTE = 60_000;
const KNOWN_UNITS = new Set(UNITS);

/** CloudWatch's state: what was measured. Where nothing was, there is nothing: a missing minute is not a zero. */
export class MetricStore {
  /** What goes wrong with answers on purpose. */
  readonly disturbances = new Disturbances();
  readonly #clock: Clock;
  readonly #delaySeconds: number | undefined;
  readonly #beforeRead: () => void;
  readonly #metrics = new Map<string, StoredMetric>();

  /** @throws Error when the delay is negative */
  constructor(clock: Clock, { publicationDelaySeconds, beforeRead = () => {} }: MetricStoreOptions = {}) {
    if (publicationDelaySeconds !== undefined && !(publicationDelaySeconds >= 0))
      throw new Error(`publicationDelaySeconds must be 0 or more: ${publicationDelaySeconds}`);
    this.#clock = clock;
    this.#delaySeconds = publicationDelaySeconds;
    this.#beforeRead = beforeRead;
  }

  /**
   * Feeds data as AWS's own services publish them, namespaces such as `AWS/ApplicationELB` included. They may be of
   * any time, also of minutes to come: nothing is seen before its minute is over and the publication delay has passed.
   * @throws Error when a datum is none: no measurement, two of them, a value that is no finite number, an unknown unit
   */
  put(data: MetricDatum | readonly MetricDatum[]): void {
    for (const datum of isList(data) ? data : [data]) this.#add(datum, publishedAt(datum, this.#delaySeconds ?? 0));
  }

  /** What PutMetricData takes in, checked by it. */
  accept(datum: MetricDatum): void {
    const delay = this.#delaySeconds;
    this.#add(datum, delay === undefined ? this.#clock.now() : publishedAt(datum, delay));
  }

  /** @returns every metric that has data, visible or not, by namespace, name and dimensions */
  list(): StoredMetric[] {
    this.#beforeRead();
    return [...this.#metrics.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, metric]) => metric);
  }

  /** @returns the metric of exactly these dimensions, or undefined */
  find(identity: MetricIdentity): StoredMetric | undefined {
    this.#beforeRead();
    return this.#metrics.get(keyOf(identity));
  }

  /** @returns what is visible now, a sparse array of the grid's buckets; nothing for a unit that no datum has */
  buckets(identity: MetricIdentity, grid: Grid, unit?: string): Bucket[] {
    const buckets: Bucket[] = [];
    const now = this.#clock.now();
    for (const [name, series] of this.find(identity)?.byUnit ?? []) {
      if (unit === undefined || unit === name) series.collect(grid, now, buckets);
    }
    return buckets;
  }

  #add(datum: MetricDatum, visibleAt: number): void {
    const { namespace, metricName, dimensions = {}, timestamp, unit = 'None', storageResolution = 60 } = datum;
    if (!Number.isFinite(timestamp)) throw new Error(`${metricName}: the timestamp is no number: ${timestamp}`);
    if (!KNOWN_UNITS.has(unit)) throw new Error(`${metricName}: unknown unit ${unit}`);
    const contribution = contributionOf(datum, visibleAt);
    const key = keyOf(datum);
    let metric = this.#metrics.get(key);
    if (metric === undefined) {
      metric = { namespace, metricName, dimensions: { ...dimensions }, byUnit: new Map() };
      this.#metrics.set(key, metric);
    }
    let series = metric.byUnit.get(unit);
    if (series === undefined) {
      series = new Series();
      metric.byUnit.set(unit, series);
    }
    series.add(timestamp, storageResolution, contribution);
  }
}

/** Counted from the end of the datum's minute. */
function publishedAt({ timestamp }: MetricDatum, delaySeconds: number): number {
  return floorTo(timestamp, MINUTE) + MINUTE + delaySeconds * 1000;
}

/** The same text for the same metric, in whatever order its dimensions are given; sorts by namespace, then name. */
export function keyOf({ namespace, metricName, dimensions = {} }: MetricIdentity): string {
  let key = `${namespace}\0${metricName}`;
  for (const name of Object.keys(dimensions).sort()) key += `\0${name}\0${dimensions[name]}`;
  return key;
}

/** @throws Error when the datum has no measurement or more than one, or one that is no number */
function contributionOf(measured: MetricDatum, visibleAt: number): Contribution {
  const { metricName, value, values, counts, statisticValues } = measured;
  const given = Number(value !== undefined) + Number(values !== undefined) + Number(statisticValues !== undefined);
  if (given !== 1) throw new Error(`${metricName}: give one of value, values and statisticValues`);
  const summary = statisticValues ?? (value === undefined ? summaryOf(values ?? [], counts) : single(value));
  const { sum, sampleCount, minimum, maximum } = summary;
  // Infinite or no number in any of them makes this sum so too.
  if (!Number.isFinite(sum + minimum + maximum) || !(sampleCount > 0 && sampleCount < Number.POSITIVE_INFINITY))
    throw new Error(`${metricName}: not a measurement: ${JSON.stringify(measured)}`);
  const distinct = value === undefined ? values : [value];
  return { sum, sampleCount, minimum, maximum, visibleAt, values: distinct, counts };
}

function single(value: number): Summary {
  return { sum: value, sampleCount: 1, minimum: value, maximum: value };
}

function summaryOf(values: readonly number[], counts: readonly number[] | undefined): Summary {
  const summary = { sum: 0, sampleCount: 0, minimum: Number.POSITIVE_INFINITY, maximum: Number.NEGATIVE_INFINITY };
  if (counts !== undefined && counts.length !== values.length) return { ...summary, sampleCount: Number.NaN };
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    const count = counts === undefined ? 1 : (counts[index] ?? Number.NaN);
    if (!(count >= 0)) return { ...summary, sampleCount: Number.NaN };
    if (count === 0) continue;
    summary.sum += value * count;
    summary.sampleCount += count;
    summary.minimum = Math.min(summary.minimum, value);
    summary.maximum = Math.max(summary.maximum, value);
  }
  return summary;
}

/** Array.isArray does not narrow readonly arrays away from the other member of a union. */
function isList(data: MetricDatum | readonly MetricDatum[]): data is readonly MetricDatum[] {
  return Array.isArray(data);
}

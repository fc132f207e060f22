import type { Latency } from './config.ts';
import { type Histogram, valuesAt } from './histogram.ts';

/** One side of the test: all its shards together, warm-up excluded. */
export interface Measured {
  /** Requests that count: sent after the warm-up, without those that the generator itself could not send. */
  readonly requests: number;
  /** Of them, those that the target failed. */
  readonly errors: number;
  readonly errorsByKind: Readonly<Record<string, number>>;
  /** Share of the wanted requests that were sent. */
  readonly achievedRate: number;
  /** How many latencies there are, and their percentiles in milliseconds. */
  readonly latencies: number;
  readonly values: Readonly<Record<Latency, number>>;
}

/** Share of the requests that a percentile leaves beyond it. */
export const BEYOND: Readonly<Record<Latency, number>> = {
  p50Ms: 0.5,
  p90Ms: 0.1,
  p95Ms: 0.05,
  p99Ms: 0.01,
  p999Ms: 0.001,
  maxMs: 1,
};

/** Fewer requests than this beyond a percentile, and it is the word of a handful of outliers. */
const LEAST_BEYOND = 10;

/** How many requests it takes to tell a percentile. */
export function requestsFor(latency: Latency): number {
  return latency === 'maxMs' ? 1 : Math.round(LEAST_BEYOND / BEYOND[latency]);
}

/** From a histogram of microseconds. */
export function percentiles(histogram: Histogram): Record<Latency, number> {
  const [p50 = 0, p90 = 0, p95 = 0, p99 = 0, p999 = 0, max = 0] = valuesAt(histogram, [50, 90, 95, 99, 99.9, 100]);
  const ms = (microseconds: number) => Math.round(microseconds) / 1000;
  return { p50Ms: ms(p50), p90Ms: ms(p90), p95Ms: ms(p95), p99Ms: ms(p99), p999Ms: ms(p999), maxMs: ms(max) };
}

export function errorRateOf({ errors, requests }: Pick<Measured, 'errors' | 'requests'>): number {
  return requests === 0 ? 0 : errors / requests;
}

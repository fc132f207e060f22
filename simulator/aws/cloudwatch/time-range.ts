import type { JsonObject } from '../service.ts';
import { optionalTime } from './numbers.ts';
import { floorTo, type Grid } from './series.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Periods that only high-resolution metrics fill, in seconds. */
const SHORT_PERIODS: readonly number[] = [1, 5, 10, 20, 30];

/** How long data of a period are kept, the finest first (CloudWatch user guide, section "Metrics retention"). */
const RETENTION = [
  { periodSeconds: 1, kept: 3 * HOUR },
  { periodSeconds: 60, kept: 15 * DAY },
  { periodSeconds: 300, kept: 63 * DAY },
  { periodSeconds: 3600, kept: 455 * DAY },
] as const;

export interface TimeRange {
  /** Milliseconds since the epoch, inclusive. */
  start: number;
  /** Exclusive. */
  end: number;
}

/** @returns whether CloudWatch takes the period: 1, 5, 10, 20, 30, or a multiple of 60 seconds */
export function isPeriod(seconds: number): boolean {
  return SHORT_PERIODS.includes(seconds) || (seconds >= 60 && seconds % 60 === 0);
}

/** @returns the request's StartTime and EndTime; what is absent is undefined */
export function parseTimes(input: JsonObject): Partial<TimeRange> {
  const start = optionalTime(input, 'StartTime');
  const end = optionalTime(input, 'EndTime');
  return { ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
}

/**
 * The buckets that a request asks for. StartTime is rounded down, the further the older it is, and buckets are counted
 * from there, not from full hours. What is no longer kept at this period is left out: all of it older than three hours
 * below a minute, than 15 days below five minutes, than 63 days below an hour (CloudWatch API reference, pages
 * "GetMetricData" and "MetricStat").
 */
export function gridOf({ start, end }: TimeRange, periodSeconds: number, now: number): Grid {
  const periodMs = periodSeconds * SECOND;
  const rounded = floorTo(start, roundingOf(start, periodSeconds, now));
  const oldest = now - keptFor(periodSeconds);
  const skipped = Math.max(0, Math.ceil((oldest - rounded) / periodMs));
  // No datum is later than two hours from now, so neither is a bucket.
  return { start: rounded + skipped * periodMs, end: Math.min(end, now + 2 * HOUR), periodMs };
}

/** @returns how many buckets begin before the end */
export function bucketCount({ start, end, periodMs }: Grid): number {
  return Math.max(0, Math.ceil((end - start) / periodMs));
}

function roundingOf(start: number, periodSeconds: number, now: number): number {
  if (periodSeconds < 60) return periodSeconds * SECOND;
  const age = now - start;
  if (age < 15 * DAY) return MINUTE;
  return age < 63 * DAY ? 5 * MINUTE : HOUR;
}

function keptFor(periodSeconds: number): number {
  const fitting = RETENTION.findLast((one) => periodSeconds % one.periodSeconds === 0);
  return fitting?.kept ?? 0;
}

import { createHash } from 'node:crypto';
import { optionalInteger, optionalString } from '../input.ts';
import type { JsonObject } from '../service.ts';
import type { ResultMessage, Strike } from './disturbances.ts';
import { validationError } from './errors.ts';
import { evaluateExpression } from './math/evaluate.ts';
import type { TimeSeries } from './math/values.ts';
import type { MetricStore } from './metric-store.ts';
import { type MetricQuery, parseQueries, type Query } from './queries.ts';
import { pageOf, type Result } from './result-pages.ts';
import { bucketCount, gridOf, parseTimes, type TimeRange } from './time-range.ts';

const MAX_DATAPOINTS = 100_800;

/**
 * CloudWatch API reference, page "GetMetricData": metrics and metric math over a range of time, newest first unless
 * ScanBy says otherwise, in pages of MaxDatapoints.
 * @throws AwsError ValidationException, InvalidNextToken
 */
export function getMetricData(store: MetricStore, input: JsonObject, now: number): object {
  const range = requiredRange(input);
  const queries = parseQueries(input);
  const scanBy = optionalString(input, 'ScanBy') ?? 'TimestampDescending';
  if (scanBy !== 'TimestampDescending' && scanBy !== 'TimestampAscending')
    throw validationError(
      'The parameter ScanBy must be a value in the set [ TimestampDescending, TimestampAscending ].',
    );
  const size = optionalInteger(input, 'MaxDatapoints') ?? MAX_DATAPOINTS;
  if (size < 1 || size > MAX_DATAPOINTS)
    throw validationError(`The parameter MaxDatapoints must be a value from 1 to ${MAX_DATAPOINTS}.`);
  const { messages, strike } = store.disturbances.begin();
  const results = evaluate(store, queries, range, now).map((result) => disturb(result, strike(result.id, result.name)));
  const token = optionalString(input, 'NextToken');
  const page = pageOf(results, {
    size,
    descending: scanBy === 'TimestampDescending',
    token,
    scope: scopeOf(input),
    pages: queries.every(({ kind }) => kind === 'metric'),
  });
  return { ...page, Messages: messages.map(messageShape) };
}

function requiredRange(input: JsonObject): TimeRange {
  const { start, end } = parseTimes(input);
  if (start === undefined) throw validationError('The parameter StartTime is required.\n');
  if (end === undefined) throw validationError('The parameter EndTime is required.\n');
  if (start === end) throw validationError('The parameter StartTime must not equal parameter EndTime.\n');
  if (start > end) throw validationError('The parameter StartTime must be less than the parameter EndTime.\n');
  return { start, end };
}

function evaluate(store: MetricStore, queries: readonly Query[], range: TimeRange, now: number): Result[] {
  const metrics = new Map<string, TimeSeries>();
  for (const query of queries) {
    if (query.kind === 'metric') metrics.set(query.id, readMetric(store, query, range, now));
  }
  const scope = { queries, metrics, range, now };
  return queries.flatMap((query) => {
    if (query.kind === 'metric') {
      const series = metrics.get(query.id);
      return query.returnData && series !== undefined
        ? [resultOf(query.id, query.label, series, query.metric.metricName)]
        : [];
    }
    // Also what is not returned is evaluated, so that its mistakes are told.
    const found = evaluateExpression(query, scope);
    if (!query.returnData) return [];
    const isOne = found.length === 1;
    return found.map((series) => resultOf(query.id, isOne ? query.label : `${query.label} ${series.label}`, series));
  });
}

function readMetric(store: MetricStore, query: MetricQuery, range: TimeRange, now: number): TimeSeries {
  const grid = gridOf(range, query.periodSeconds, now);
  const values = new Float64Array(bucketCount(grid)).fill(Number.NaN);
  // forEach leaves the holes of a sparse array out.
  store.buckets(query.metric, grid, query.unit).forEach((bucket, index) => {
    values[index] = query.statistic(bucket) ?? Number.NaN;
  });
  return { start: grid.start, periodSeconds: query.periodSeconds, values, label: query.label };
}

function resultOf(id: string, label: string, { start, periodSeconds, values }: TimeSeries, name?: string): Result {
  const result: Result = { id, name, label, times: [], values: [], statusCode: 'Complete', messages: [] };
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    // Math may also come to infinity, as in the logarithm of 0, which is no data point either.
    if (value === undefined || !Number.isFinite(value)) continue;
    result.times.push(start + index * periodSeconds * 1000);
    result.values.push(value);
  }
  return result;
}

function disturb(result: Result, strike: Strike | undefined): Result {
  if (strike === undefined) return result;
  const { statusCode, keep } = strike;
  const left = Math.floor(result.times.length * keep);
  const messages = strike.messages.map(messageShape);
  return { ...result, times: result.times.slice(0, left), values: result.values.slice(0, left), statusCode, messages };
}

function messageShape({ code, value }: ResultMessage): { Code: string; Value: string } {
  return { Code: code, Value: value };
}

/** A token goes on with the same request only. */
function scopeOf({ MetricDataQueries, StartTime, EndTime, ScanBy }: JsonObject): string {
  const asked = JSON.stringify([MetricDataQueries, StartTime, EndTime, ScanBy]);
  return createHash('sha256').update(asked).digest('base64url').slice(0, 16);
}

import { AwsError } from '../errors.ts';
import { optionalBoolean, optionalInteger, optionalObject, optionalObjects, optionalString } from '../input.ts';
import type { JsonObject } from '../service.ts';
import { parseDimensions } from './dimensions.ts';
import { exclusive, validationError } from './errors.ts';
import type { MetricIdentity } from './metric-store.ts';
import { parseStatistic, type Statistic } from './statistics.ts';
import { isPeriod } from './time-range.ts';
import { UNITS } from './units.ts';

export interface MetricQuery {
  kind: 'metric';
  id: string;
  metric: Required<MetricIdentity>;
  periodSeconds: number;
  statistic: Statistic;
  unit: string | undefined;
  label: string;
  returnData: boolean;
}

export interface ExpressionQuery {
  kind: 'expression';
  id: string;
  expression: string;
  /** Seconds, where the query gives one; otherwise that of the metrics in the expression. */
  periodSeconds: number | undefined;
  label: string;
  returnData: boolean;
}

export type Query = MetricQuery | ExpressionQuery;

const MAX_QUERIES = 500;

/**
 * CloudWatch API reference, page "MetricDataQuery".
 * @throws AwsError ValidationException that tells everything that is wrong, a line each
 */
export function parseQueries(input: JsonObject): Query[] {
  const raw = optionalObjects(input, 'MetricDataQueries') ?? [];
  if (raw.length === 0) throw validationError('The parameter MetricDataQueries is required.\n');
  if (raw.length > MAX_QUERIES)
    throw validationError(`The collection MetricDataQueries must not have a size greater than ${MAX_QUERIES}.`);
  const problems: string[] = [];
  const queries = [...raw.entries()].map(([index, query]) =>
    parseQuery(query, `MetricDataQueries.member.${index + 1}`, problems),
  );
  if (problems.length > 0) throw validationError(problems.map((problem) => `${problem}\n`).join(''));
  const found = queries.filter((query) => query !== undefined);
  if (new Set(found.map(({ id }) => id)).size < found.length)
    throw validationError('The values for parameter id in MetricDataQueries are not unique.');
  return found;
}

function parseQuery(raw: JsonObject, where: string, problems: string[]): Query | undefined {
  const id = optionalString(raw, 'Id') ?? '';
  if (id === '') problems.push(`The parameter ${where}.Id is required.`);
  else if (!/^[a-z][a-zA-Z0-9_]*$/.test(id))
    problems.push(
      `The value ${id} for parameter ${where}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
    );
  const expression = optionalString(raw, 'Expression');
  const metricStat = optionalObject(raw, 'MetricStat');
  const periodSeconds = optionalInteger(raw, 'Period');
  const returnData = optionalBoolean(raw, 'ReturnData') ?? true;
  const label = optionalString(raw, 'Label');
  if (expression !== undefined && metricStat !== undefined)
    problems.push(exclusive(`${where}.Expression`, `${where}.MetricStat`));
  if (periodSeconds !== undefined && metricStat !== undefined)
    problems.push(exclusive(`${where}.Period`, `${where}.MetricStat`));
  if (expression !== undefined) {
    if (periodSeconds !== undefined) checkPeriod(periodSeconds, `${where}.Period`, problems);
    return { kind: 'expression', id, expression, periodSeconds, label: label ?? id, returnData };
  }
  if (metricStat !== undefined) return parseMetricStat(metricStat, where, { id, label, returnData }, problems);
  problems.push(`The parameter ${where}.MetricStat is required.`);
  return undefined;
}

interface Common {
  id: string;
  label: string | undefined;
  returnData: boolean;
}

function parseMetricStat(
  raw: JsonObject,
  query: string,
  { id, label, returnData }: Common,
  problems: string[],
): MetricQuery | undefined {
  const where = `${query}.MetricStat`;
  const metric = parseMetric(raw, `${where}.Metric`, problems);
  const periodSeconds = optionalInteger(raw, 'Period');
  if (periodSeconds === undefined) problems.push(`The parameter ${where}.Period is required.`);
  else checkPeriod(periodSeconds, `${where}.Period`, problems);
  const stat = optionalString(raw, 'Stat');
  const statistic = stat === undefined ? undefined : parseStatistic(stat);
  if (stat === undefined) problems.push(`The parameter ${where}.Stat is required.`);
  else if (statistic === undefined)
    problems.push(`The value ${stat} for parameter ${where}.Stat is not a valid statistic.`);
  const unit = optionalString(raw, 'Unit');
  if (unit !== undefined && !UNITS.includes(unit))
    problems.push(`The parameter ${where}.Unit must be a value in the set [ ${UNITS.join(', ')} ].`);
  if (metric === undefined || periodSeconds === undefined || statistic === undefined) return undefined;
  return { kind: 'metric', id, metric, periodSeconds, statistic, unit, label: label ?? metric.metricName, returnData };
}

function parseMetric(raw: JsonObject, where: string, problems: string[]): Required<MetricIdentity> | undefined {
  const metric = optionalObject(raw, 'Metric');
  if (metric === undefined) {
    problems.push(`The parameter ${where} is required.`);
    return undefined;
  }
  const namespace = optionalString(metric, 'Namespace');
  const metricName = optionalString(metric, 'MetricName');
  if (!namespace) problems.push(`The parameter ${where}.Namespace is required.`);
  if (!metricName) problems.push(`The parameter ${where}.MetricName is required.`);
  const dimensions = dimensionsOrProblem(metric, where, problems);
  return namespace && metricName && dimensions ? { namespace, metricName, dimensions } : undefined;
}

function dimensionsOrProblem(
  metric: JsonObject,
  where: string,
  problems: string[],
): Record<string, string> | undefined {
  try {
    return parseDimensions(metric, where);
  } catch (error) {
    if (!(error instanceof AwsError) || error.name === 'SerializationException') throw error;
    problems.push(error.message);
    return undefined;
  }
}

function checkPeriod(seconds: number, where: string, problems: string[]): void {
  if (!isPeriod(seconds))
    problems.push(`The parameter ${where} must be a value in the set [ 1, 5, 10, 20, 30 ] or a multiple of 60.`);
}

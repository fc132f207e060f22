import { optionalInteger, optionalString, optionalStrings } from '../input.ts';
import type { JsonObject } from '../service.ts';
import { parseDimensions } from './dimensions.ts';
import { invalidCombination, invalidValue, missing } from './errors.ts';
import type { MetricStore } from './metric-store.ts';
import type { Bucket } from './series.ts';
import { PLAIN_STATISTICS, parseStatistic, type Statistic } from './statistics.ts';
import { gridOf, isPeriod, parseTimes } from './time-range.ts';
import { UNITS } from './units.ts';

const MAX_DATAPOINTS = 1440;

interface Asked {
  /** Members of the answer, such as `Sum` or, in ExtendedStatistics, `p99`. */
  plain: [string, Statistic][];
  extended: [string, Statistic][];
}

/**
 * CloudWatch API reference, page "GetMetricStatistics": one metric, up to 1,440 data points, a point for each unit
 * that was published; the oldest first, though AWS promises no order.
 * @throws AwsError InvalidParameterValueException, InvalidParameterCombinationException, MissingRequiredParameterException
 */
export function getMetricStatistics(store: MetricStore, input: JsonObject, now: number): object {
  const namespace = required(input, 'Namespace');
  const metricName = required(input, 'MetricName');
  const dimensions = parseDimensions(input, '');
  const unit = optionalString(input, 'Unit');
  if (unit !== undefined && !UNITS.includes(unit))
    throw invalidValue(`The parameter Unit must be a value in the set [ ${UNITS.join(', ')} ].`);
  const asked = parseStatistics(input);
  const grid = requiredGrid(input, now);
  const metric = store.find({ namespace, metricName, dimensions });
  const points = [...(metric?.byUnit.keys() ?? [])]
    .filter((one) => unit === undefined || one === unit)
    .flatMap((one) => {
      const buckets = store.buckets({ namespace, metricName, dimensions }, grid, one);
      const found: Datapoint[] = [];
      // forEach leaves the holes of a sparse array out.
      buckets.forEach((bucket, index) => {
        found.push(datapoint(bucket, grid.start + index * grid.periodMs, one, asked));
      });
      return found;
    });
  return { Label: metricName, Datapoints: points.sort((a, b) => a.Timestamp.getTime() - b.Timestamp.getTime()) };
}

interface Datapoint {
  Timestamp: Date;
  Unit: string;
  [statistic: string]: unknown;
}

function datapoint(bucket: Bucket, at: number, unit: string, { plain, extended }: Asked): Datapoint {
  const values = (list: [string, Statistic][]) =>
    Object.fromEntries(list.map(([name, statistic]) => [name, statistic(bucket)]));
  return {
    Timestamp: new Date(at),
    ...values(plain),
    ...(extended.length > 0 && { ExtendedStatistics: values(extended) }),
    Unit: unit,
  };
}

function parseStatistics(input: JsonObject): Asked {
  const plain = optionalStrings(input, 'Statistics') ?? [];
  const extended = optionalStrings(input, 'ExtendedStatistics') ?? [];
  if (plain.length + extended.length === 0)
    throw invalidCombination('Must specify either Statistics or ExtendedStatistics');
  if (plain.length > 0 && extended.length > 0)
    throw invalidCombination(
      'The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both.',
    );
  const parse = (name: string, where: string, isPlain: boolean): [string, Statistic] => {
    const statistic = PLAIN_STATISTICS.includes(name) === isPlain ? parseStatistic(name) : undefined;
    if (statistic === undefined) throw invalidValue(`The value ${name} for parameter ${where} is not supported.`);
    return [name, statistic];
  };
  return {
    plain: plain.map((name, index) => parse(name, `Statistics.member.${index + 1}`, true)),
    extended: extended.map((name, index) => parse(name, `ExtendedStatistics.member.${index + 1}`, false)),
  };
}

function requiredGrid(input: JsonObject, now: number) {
  const { start, end } = parseTimes(input);
  const period = optionalInteger(input, 'Period');
  if (start === undefined) throw missing('StartTime');
  if (end === undefined) throw missing('EndTime');
  if (period === undefined) throw missing('Period');
  if (start >= end) throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
  if (!isPeriod(period))
    throw invalidValue('The parameter Period must be a value in the set [ 1, 5, 10, 20, 30 ] or a multiple of 60.');
  const count = Math.ceil((end - start) / (period * 1000));
  if (count > MAX_DATAPOINTS)
    throw invalidCombination(
      `You have requested up to ${count} datapoints, which exceeds the limit of ${MAX_DATAPOINTS}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  return gridOf({ start, end }, period, now);
}

function required(input: JsonObject, member: string): string {
  const value = optionalString(input, member);
  if (value === undefined || value === '') throw missing(member);
  return value;
}

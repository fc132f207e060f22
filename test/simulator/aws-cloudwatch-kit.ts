import {
  CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type MetricDataQuery,
  type MetricStat,
} from '@aws-sdk/client-cloudwatch';
import type { MetricStoreOptions } from '../../simulator/aws/cloudwatch/metric-store.ts';
import { type Fixture, START, startAws } from './aws-fixture.ts';

export const MINUTE = 60_000;
/** The whole minute an hour before the clock of the fixture: 14:54:00. */
export const FIRST = Math.floor(START / MINUTE) * MINUTE - 60 * MINUTE;

/** The time of the nth minute. */
export function minute(index: number): number {
  return FIRST + index * MINUTE;
}

export interface MetricsFixture extends Fixture {
  cloudWatch: CloudWatchClient;
}

export async function startMetrics(cloudwatch: MetricStoreOptions = {}): Promise<MetricsFixture> {
  const fixture = await startAws({ cloudwatch });
  return { ...fixture, cloudWatch: new CloudWatchClient(fixture.config) };
}

/** Feeds one value a minute from FIRST on; null leaves the minute out. */
export function feed({ aws }: Fixture, metricName: string, values: readonly (number | null)[]): void {
  for (const [index, value] of values.entries()) {
    if (value !== null) aws.metrics.put({ namespace: 'Shop', metricName, timestamp: minute(index), value });
  }
}

export function metricQuery(Id: string, MetricName: string, stat: Partial<MetricStat> = {}): MetricDataQuery {
  return { Id, MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Period: 60, Stat: 'Sum', ...stat } };
}

/** @returns a request over the first `minutes` minutes, oldest first */
export function request(MetricDataQueries: MetricDataQuery[], minutes = 5): GetMetricDataCommand {
  return new GetMetricDataCommand(requestInput(MetricDataQueries, minutes));
}

export function requestInput(MetricDataQueries: MetricDataQuery[], minutes = 5): GetMetricDataCommandInput {
  return {
    MetricDataQueries,
    StartTime: new Date(FIRST),
    EndTime: new Date(minute(minutes)),
    ScanBy: 'TimestampAscending',
  };
}

/** The values of each result by its minute, null where there is no point. */
export async function read(
  { cloudWatch }: MetricsFixture,
  queries: MetricDataQuery[],
  minutes = 5,
): Promise<Record<string, (number | null)[]>> {
  const { MetricDataResults = [] } = await cloudWatch.send(request(queries, minutes));
  return Object.fromEntries(
    MetricDataResults.map(({ Id = '', Timestamps = [], Values = [] }) => {
      const points = new Map(Timestamps.map((at, index) => [at.getTime(), Values[index] ?? null]));
      return [Id, Array.from({ length: minutes }, (_, index) => points.get(minute(index)) ?? null)];
    }),
  );
}

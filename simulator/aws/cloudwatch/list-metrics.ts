import { optionalObjects, optionalString } from '../input.ts';
import { page } from '../paging.ts';
import type { JsonObject } from '../service.ts';
import { dimensionList } from './dimensions.ts';
import { invalidNextToken, invalidValue, missing } from './errors.ts';
import { keyOf, type MetricStore, type StoredMetric } from './metric-store.ts';

const PAGE_SIZE = 500;
const HOUR = 3_600_000;
/** A metric is listed until it has had no data for two weeks. */
const LISTED_FOR = 14 * 24 * HOUR;

/**
 * CloudWatch API reference, page "ListMetrics". A new metric is listed with its first visible datum, where AWS may take
 * up to 15 minutes more.
 * @throws AwsError InvalidParameterValueException, MissingRequiredParameterException, InvalidNextToken
 */
export function listMetrics(store: MetricStore, input: JsonObject, now: number): object {
  const namespace = optionalString(input, 'Namespace');
  const metricName = optionalString(input, 'MetricName');
  const recently = optionalString(input, 'RecentlyActive');
  if (recently !== undefined && recently !== 'PT3H')
    throw invalidValue(`The value ${recently} for parameter RecentlyActive is invalid.`);
  const filters = (optionalObjects(input, 'Dimensions') ?? []).map((raw, index): [string, string | undefined] => {
    const name = optionalString(raw, 'Name');
    if (name === undefined || name === '') throw missing(`Dimensions.member.${index + 1}.Name`);
    return [name, optionalString(raw, 'Value')];
  });
  const oldest = now - (recently === undefined ? LISTED_FOR : 3 * HOUR);
  const found = store
    .list()
    .filter(
      (metric) =>
        (namespace ?? metric.namespace) === metric.namespace &&
        (metricName ?? metric.metricName) === metric.metricName &&
        filters.every(([name, value]) => hasDimension(metric, name, value)) &&
        newestOf(metric, now) >= oldest,
    );
  const scope = JSON.stringify(['ListMetrics', namespace, metricName, filters, recently]);
  const token = optionalString(input, 'NextToken');
  const { items, nextToken } = page(found, keyOf, PAGE_SIZE, token, scope, invalidNextToken());
  return {
    Metrics: items.map((metric) => ({
      Namespace: metric.namespace,
      MetricName: metric.metricName,
      Dimensions: dimensionList(metric.dimensions),
    })),
    NextToken: nextToken,
  };
}

function hasDimension({ dimensions }: StoredMetric, name: string, value: string | undefined): boolean {
  return Object.hasOwn(dimensions, name) && (value === undefined || dimensions[name] === value);
}

function newestOf({ byUnit }: StoredMetric, now: number): number {
  return Math.max(...[...byUnit.values()].map((series) => series.newest(now) ?? Number.NEGATIVE_INFINITY));
}

import { ConfigError } from '../../shared/errors.ts';
import type { Config, CountConfig, Query } from './config.ts';
import { expand, type MetricConfig } from './presets.ts';
import { isSided, type PlannedMetric, partsOf, QueryPlan } from './queries.ts';
import type { Sides } from './sides.ts';

/** What one GetMetricData call may ask for. */
const MOST_QUERIES = 500;

/**
 * All that a look asks of CloudWatch.
 *
 * @throws ConfigError when the metrics contradict themselves or the service, or can never decide
 */
export function planQueries(config: Config, sides: Sides): { plan: QueryPlan; metrics: PlannedMetric[] } {
  const configured = metricsOf(config, sides);
  const problems = [...configured.flatMap(metricProblems), ...wholeProblems(config, configured)];
  if (problems.length > 0) throw new ConfigError(`Bad configuration: ${problems.join('; ')}`);
  const plan = new QueryPlan();
  const metrics = configured.map((metric) => plan.add(metric, sides));
  if (plan.queries.length > MOST_QUERIES) {
    const asked = `the metrics ask for ${plan.queries.length} series`;
    throw new ConfigError(`Bad configuration: ${asked}, and one GetMetricData call takes ${MOST_QUERIES}`);
  }
  return { plan, metrics };
}

/** Two presets may bring metrics of one name, such as two queues; the second is called `…_2`. */
function metricsOf({ metrics }: Config, { green }: Sides): MetricConfig[] {
  const own = new Set(metrics.flatMap((metric) => ('preset' in metric ? [] : [metric.id])));
  const taken = new Set(own);
  return metrics.flatMap((metric) => {
    if (!('preset' in metric)) return [metric];
    return expand(metric, green).map((one) => {
      let [id, number] = [one.id, 1];
      while (taken.has(id)) {
        number += 1;
        id = `${one.id}_${number}`;
      }
      taken.add(id);
      return { ...one, id };
    });
  });
}

/** How a metric contradicts itself, whatever the service. */
export function metricProblems(metric: MetricConfig): string[] {
  const { id, compare, wall } = metric;
  const found: string[] = [];
  const sided = partsOf(metric).map(([, query]) => isSided(query));
  if (sided.includes(true) && sided.includes(false))
    found.push(
      `metric ${id} counts one side's part among the other's: all its queries must tell the sides apart, or none`,
    );
  // Green would be compared with itself, and always pass.
  if (compare === 'concurrent' && !sided.includes(true))
    found.push(`metric ${id} has no {revision} or {targetGroup}, so there is no blue over the same minutes`);
  if (compare === 'none' && wall === undefined)
    found.push(`metric ${id} is compared with nothing and has no wall, so it cannot decide`);
  if (metric.kind === 'count') found.push(...countProblems(metric));
  else if (compare !== 'none' && metric.samples === undefined && 'statistic' in metric.values) {
    const { statistic } = metric.values;
    if (/^p\d/i.test(statistic))
      found.push(`metric ${id} needs samples (SampleCount): a ${statistic} of few is a maximum`);
  }
  const many = partsOf(metric).filter(
    ([, query]) => 'expression' in query && /\b(SEARCH|METRICS)\b/.test(query.expression),
  );
  for (const [part] of many) found.push(`metric ${id}: ${part} must be one series, not SEARCH or METRICS`);
  return found;
}

function countProblems({ id, events, requests }: CountConfig): string[] {
  const isCount = (query: Query) => 'expression' in query || /^(Sum|SampleCount)$/.test(query.statistic);
  return isCount(events) && isCount(requests)
    ? []
    : [`metric ${id} counts, so its statistic must be Sum or SampleCount`];
}

function wholeProblems(config: Config, metrics: readonly MetricConfig[]): string[] {
  const ids = metrics.map(({ id }) => id);
  const found = [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))].map(
    (id) => `two metrics are called ${id}`,
  );
  if (!metrics.some(({ critical, muted }) => critical && !muted))
    found.push('no metric is critical, so none could ever decide');
  const { holdMinutes, warmUpMinutes, minMinutes } = config;
  if (holdMinutes !== undefined && holdMinutes - warmUpMinutes < minMinutes)
    found.push(
      `holdMinutes (${holdMinutes}) leaves fewer than minMinutes (${minMinutes}) after warmUpMinutes (${warmUpMinutes})`,
    );
  return found;
}

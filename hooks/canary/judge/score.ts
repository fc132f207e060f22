/** A score of 0 to 100 in the manner of Kayenta, for those who want one number. */
import type { MetricResult } from './result.ts';

/**
 * Each group scores the share of its metrics that pass among those that pass or fail; groups are weighed. Unlike
 * Kayenta, a group in which nothing could be counted does not score 100: it is left out, and its weight with it.
 * Null when nothing at all could be counted. @param weights of groups in per cent; the rest is shared by the others
 */
export function scoreOf(
  metrics: readonly MetricResult[],
  weights: Readonly<Record<string, number>> = {},
): number | null {
  const groups = Map.groupBy(
    metrics.filter(({ verdict }) => verdict === 'pass' || verdict === 'fail'),
    ({ group }) => group,
  );
  const names = new Set(metrics.filter(({ verdict }) => verdict !== 'muted').map(({ group }) => group));
  const named = Object.entries(weights).filter(([name]) => names.has(name));
  const rest = Math.max(0, 100 - named.reduce((sum, [, weight]) => sum + weight, 0));
  const unnamed = names.size - named.length;
  let [sum, weighed] = [0, 0];
  for (const [name, members] of groups) {
    const weight = weights[name] ?? rest / unnamed;
    sum += (weight * members.filter(({ verdict }) => verdict === 'pass').length) / members.length;
    weighed += weight;
  }
  return weighed === 0 ? null : Math.round((sum / weighed) * 10_000) / 100;
}

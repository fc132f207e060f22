/** What the load-test hook's generators measured during a deployment, as its report shows it. */
import { decodeHistogram, type Histogram, merge, valuesAt } from '../../hooks/load-test/histogram.ts';
import { ShardResult } from '../../shared/load/result.ts';
import { parseJson } from '../../shared/schema.ts';
import type { ParameterStore } from '../aws/ssm/parameter-store.ts';
import type { DeploymentRecord, DistributionRecord, DistributionSeries } from '../record.ts';

/** Evenly spaced in nines, as the report draws them. */
const PERCENTILES = Array.from({ length: 41 }, (_, index) => 100 * (1 - 10 ** (-index / 10)));
/** `<stage>-<run>/<side>-<shard>` below the deployment. */
const SHARD = /^([A-Z_]+)-(\d+)\/(green|blue)-\d+$/;

interface Side {
  name: 'green' | 'blue';
  shards: Histogram[];
}

/** One distribution for each run of each stage that gave results. */
export function loadDistributions(
  parameters: ParameterStore,
  { cluster, service, deploymentId, source, target }: DeploymentRecord,
): DistributionRecord[] {
  const prefix = `/ecs-hooks/load-test/${cluster}/${service}/${deploymentId}/`;
  const runs = new Map<string, Side[]>();
  for (const name of parameters.names(prefix)) {
    const [, stage, run, side] = SHARD.exec(name.slice(prefix.length)) ?? [];
    const result = ShardResult.safeParse(parseJson(parameters.get(name)?.value ?? ''));
    if (stage === undefined || !result.success || result.data.histogram === '') continue;
    const title = `latency under load, ${stage}${run === '1' ? '' : `, run ${run}`}`;
    const sides = runs.get(title) ?? [
      { name: 'green', shards: [] },
      { name: 'blue', shards: [] },
    ];
    sides.find((one) => one.name === side)?.shards.push(decodeHistogram(result.data.histogram));
    runs.set(title, sides);
  }
  return [...runs].flatMap(([title, sides]) => {
    const series = sides.flatMap(({ name, shards }) => {
      const revision = name === 'green' ? target : source;
      return seriesOf(`${name}, ${revision?.name ?? 'no revision'}`, revision?.id, shards);
    });
    return series.length === 0 ? [] : [{ title, unit: 'ms', series }];
  });
}

function seriesOf(name: string, revision: string | undefined, shards: readonly Histogram[]): DistributionSeries[] {
  if (shards.length === 0) return [];
  const merged = merge(shards);
  if (merged.total === 0) return [];
  // Beyond one request in so many there is nothing but the maximum.
  const told = [...PERCENTILES.filter((percentile) => percentile <= 100 * (1 - 1 / merged.total)), 100];
  const microseconds = valuesAt(merged, told);
  const values = told.map((percentile, index) => ({ percentile, value: (microseconds[index] ?? 0) / 1000 }));
  return [{ name, ...(revision !== undefined && { revision }), values }];
}

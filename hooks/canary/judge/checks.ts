/** What must hold before any statistics: the data were read, are whole, fresh, and the traffic is split as it should be. */
import { sampleRatio } from '../statistics/sample-ratio.ts';
import type { Impossible } from './comparison.ts';
import { type JudgeInput, type Metric, MINUTE, type Series, type Settings } from './input.ts';
import type { SampleRatioResult } from './result.ts';
import { earlier, type Timeline, valuesOf } from './window.ts';

interface Named {
  name: string;
  series: Series | undefined;
}

/** The series that a metric cannot do without, by side; the baseline's are none where only the wall counts. */
function seriesOf(metric: Metric): { canary: Named[]; baseline: Named[]; sparse: Named[] } {
  const other = metric.compare === 'history' ? 'history' : 'baseline';
  const compared = metric.compare !== 'none';
  if (metric.kind === 'count') {
    const side = metric[other];
    return {
      canary: [{ name: 'canary requests', series: metric.canary.requests }],
      baseline: compared ? [{ name: `${other} requests`, series: side?.requests }] : [],
      // Errors that did not happen have no points: their absence is no lack, but their status counts.
      sparse: [
        { name: 'canary events', series: metric.canary.events },
        ...(compared ? [{ name: `${other} events`, series: side?.events }] : []),
      ],
    };
  }
  const samples = [metric.canary.samples, compared ? metric[other]?.samples : undefined].filter(
    (one) => one !== undefined,
  );
  return {
    canary: [{ name: 'canary', series: metric.canary.values }],
    baseline: compared ? [{ name: other, series: metric[other]?.values }] : [],
    sparse: samples.map((series) => ({ name: 'SampleCount', series })),
  };
}

/** Could the metric be read at all, and completely? */
export function readProblem(metric: Metric): Impossible | undefined {
  if (metric.error !== undefined)
    return { verdict: 'error', cause: 'unread', why: `could not be read: ${metric.error}` };
  const { canary, baseline, sparse } = seriesOf(metric);
  const all = [...canary, ...baseline, ...sparse];
  const missing = all.find(({ series }) => series === undefined);
  if (missing) return { verdict: 'error', cause: 'unread', why: `has no series for ${missing.name}` };
  const broken = all.find(({ series }) => series?.status === 'InternalError' || series?.status === 'Forbidden');
  if (broken) {
    const message = broken.series?.message ? ` (${broken.series.message})` : '';
    return {
      verdict: 'error',
      cause: 'unread',
      why: `${broken.name}: CloudWatch answered ${broken.series?.status}${message}`,
    };
  }
  const partial = all.find(({ series }) => series?.status === 'PartialData');
  if (partial) return { verdict: 'nodata', cause: 'partial', why: `${partial.name}: CloudWatch answered PartialData` };
  return undefined;
}

/** Are there data on both sides, up to the look? */
export function dataProblem(metric: Metric, line: Timeline, settings: Settings): Impossible | undefined {
  const to = line.reached.at(-1) ?? line.from;
  const { canary, baseline } = seriesOf(metric);
  const past = metric.compare === 'history' ? baseline : [];
  const present = [...canary, ...(metric.compare === 'history' ? [] : baseline)];
  const values = present.map(({ name, series }) => ({ name, minutes: [...valuesOf(series, line, to).keys()] }));
  const counts = [...values, ...past.map(({ name, series }) => ({ name, minutes: [...earlier(series, line).keys()] }))];
  const empty = counts.filter(({ minutes }) => minutes.length === 0);
  if (empty.length > 0) {
    const names = empty.map(({ name }) => name).join(' and ');
    return { verdict: 'nodata', cause: 'empty', why: `${names}: no data from ${clock(line.from)} to ${clock(to)}` };
  }
  const stale = values.find(({ minutes }) => Math.max(...minutes) < to - settings.staleMinutes * MINUTE);
  if (stale) {
    const last = clock(Math.max(...stale.minutes));
    return {
      verdict: 'nodata',
      cause: 'stale',
      why: `${stale.name}: nothing after ${last}, the look is at ${clock(to)}`,
    };
  }
  return sparseProblem(values, line, to, settings);
}

/** Enough minutes were seen, of those that could be. */
function sparseProblem(
  values: readonly { name: string; minutes: readonly number[] }[],
  line: Timeline,
  to: number,
  { minCoverage }: Settings,
): Impossible | undefined {
  const span = Array.from({ length: Math.round((to - line.from) / MINUTE) }, (_, index) => line.from + index * MINUTE);
  const possible = span.filter((minute) => !line.warming(minute)).length;
  const thin = values.find(({ minutes }) => minutes.length < minCoverage * possible);
  if (!thin) return undefined;
  const why = `${thin.name}: data in ${thin.minutes.length} of ${possible} minutes`;
  return { verdict: 'nodata', cause: 'empty', why };
}

/** Do requests fall on the canary as often as its weight says? Undefined where that is not known. */
export function trafficSplit(input: JudgeInput, line: Timeline, settings: Settings): SampleRatioResult | undefined {
  const { traffic, weights = [] } = input;
  if (!traffic) return undefined;
  const to = line.reached.at(-1) ?? line.from;
  const here = valuesOf(traffic.canary, line, to);
  const there = valuesOf(traffic.baseline, line, to);
  let [canary, baseline, expected] = [0, 0, 0];
  for (const minute of new Set([...here.keys(), ...there.keys()])) {
    const share = weights.findLast(({ at }) => at <= minute)?.share;
    // At a weight of nothing or all there is nothing to split.
    if (share === undefined || share <= 0 || share >= 1) continue;
    const [one, other] = [here.get(minute) ?? 0, there.get(minute) ?? 0];
    canary += one;
    baseline += other;
    expected += share * (one + other);
  }
  const total = canary + baseline;
  if (total === 0) return undefined;
  const ratio = sampleRatio(Math.round(canary), Math.round(baseline), expected / total);
  const off = Math.abs(ratio.observed / ratio.expected - 1);
  return { ...ratio, matches: ratio.p >= settings.sampleRatioP || off <= settings.sampleRatioOff };
}

/** HH:MM, in UTC. */
export function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}

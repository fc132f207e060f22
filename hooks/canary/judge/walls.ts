/** Walls: limits that no comparison excuses. */
import { type CountMetric, type GaugeMetric, type Metric, MINUTE, type Wall } from './input.ts';
import { count, percent, plain } from './text.ts';
import { type Timeline, valuesOf } from './window.ts';

/** What hit the wall, as the rest of a sentence; undefined when nothing did. Walls see all complete minutes at once. */
export function wallHit(metric: Metric, line: Timeline): string | undefined {
  const { wall } = metric;
  if (!wall) return undefined;
  return metric.kind === 'count' ? rateAbove(metric, wall, line) : valueAbove(metric, wall, line);
}

function rateAbove({ canary }: CountMetric, { above, minEvents = 3 }: Wall, line: Timeline): string | undefined {
  if (canary.events.status !== 'Complete' || canary.requests.status !== 'Complete') return undefined;
  const requests = valuesOf(canary.requests, line, line.complete);
  const events = valuesOf(canary.events, line, line.complete);
  let [x, n] = [0, 0];
  for (const [minute, number] of requests) {
    n += number;
    x += events.get(minute) ?? 0;
  }
  if (n === 0 || x < minEvents || x / n <= above) return undefined;
  return `canary ${count(x)}/${count(n)} (${percent(x / n)}) is above the wall of ${percent(above)}`;
}

function valueAbove({ canary, unit }: GaugeMetric, { above, minutes = 2 }: Wall, line: Timeline): string | undefined {
  if (canary.values.status !== 'Complete') return undefined;
  const values = valuesOf(canary.values, line, line.complete);
  let [run, worst, before] = [0, Number.NEGATIVE_INFINITY, Number.NaN];
  for (const minute of [...values.keys()].sort((a, b) => a - b)) {
    const value = values.get(minute) ?? Number.NaN;
    if (!(value > above)) run = 0;
    else run = minute === before + MINUTE ? run + 1 : 1;
    worst = run > 1 ? Math.max(worst, value) : value;
    before = minute;
    if (run >= minutes)
      return `canary up to ${plain(worst, unit)} is above the wall of ${plain(above, unit)} for ${run} minutes`;
  }
  return undefined;
}

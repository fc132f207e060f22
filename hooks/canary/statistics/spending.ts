/** Many looks at the same data: how much of α each may use, and what that asks of each look's own p. */
import { normalDensity, normalUpper, normalUpperQuantile } from './normal.ts';
import { findRoot } from './root.ts';

/** power-2 spends α·t²; obrien-fleming and pocock are those of Lan and DeMets (Biometrika 70, 1983). */
export type Spending = 'power-1' | 'power-2' | 'power-3' | 'obrien-fleming' | 'pocock';

/** How much of a one-sided α may be used up by time t. @param t share of the run that has been seen; above 1 counts as 1 */
export function spent(spending: Spending, alpha: number, t: number): number {
  const time = Math.min(1, Math.max(0, t));
  if (time === 0) return 0;
  switch (spending) {
    case 'obrien-fleming':
      return 2 * normalUpper(normalUpperQuantile(alpha / 2) / Math.sqrt(time));
    case 'pocock':
      return alpha * Math.log(1 + (Math.E - 1) * time);
    default:
      return alpha * time ** Number(spending.slice('power-'.length));
  }
}

/** Points of the grid to a standard deviation of what a look adds: Simpson's rule then errs by less than 1e-4 of a level. */
const FINENESS = 5;

/** So many standard deviations below 0 the rest is nothing. */
const DEPTH = 8;

/**
 * The p that each look must reach, so that in all looks up to it chance rejects no more often than is spent, for a
 * statistic that gathers information as Brownian motion does (Armitage, McPherson and Rowe 1969). 0 where nothing may be
 * spent.
 * @param times of the looks, growing, as shares of the run
 * @param cumulative what may be spent up to each look, one-sided
 */
export function nominalLevels(times: readonly number[], cumulative: readonly number[]): number[] {
  const levels: number[] = [];
  let kept: Grid | undefined;
  let before = 0;
  times.forEach((time, look) => {
    const step = Math.sqrt(time - before);
    const share = (cumulative[look] ?? 0) - (cumulative[look - 1] ?? 0);
    const crossing = (bound: number) =>
      kept === undefined ? normalUpper(bound / step) : integrate(kept, (s) => normalUpper((bound - s) / step));
    const bound = share < 1e-14 || step === 0 ? Number.POSITIVE_INFINITY : boundary(crossing, share, time);
    levels.push(normalUpper(bound / Math.sqrt(time)));
    if (step > 0 && look < times.length - 1) kept = advance(kept, step, time, Math.min(bound, DEPTH * Math.sqrt(time)));
    before = time;
  });
  return levels;
}

interface Grid {
  from: number;
  width: number;
  density: Float64Array;
}

/** Crossing probability falls with the bound, much as a normal tail does: its logarithm is smooth enough for Brent. */
function boundary(crossing: (bound: number) => number, share: number, time: number): number {
  const sd = Math.sqrt(time);
  return findRoot((bound) => Math.log((crossing(bound) + Number.MIN_VALUE) / share), -DEPTH * sd, 9 * sd, 1e-9 * sd);
}

function advance(kept: Grid | undefined, step: number, time: number, bound: number): Grid {
  const from = -DEPTH * Math.sqrt(time);
  const intervals = 2 * Math.ceil(((bound - from) / step) * (FINENESS / 2));
  const width = (bound - from) / intervals;
  const density = new Float64Array(intervals + 1);
  for (let index = 0; index <= intervals; index += 1) {
    const at = from + index * width;
    const arriving =
      kept === undefined ? normalDensity(at / step) : integrate(kept, (s) => normalDensity((at - s) / step));
    density[index] = arriving / step;
  }
  return { from, width, density };
}

/** Simpson's rule over the kept density. */
function integrate({ from, width, density }: Grid, weight: (s: number) => number): number {
  let sum = 0;
  for (let index = 0; index < density.length; index += 1) {
    const simpson = index === 0 || index === density.length - 1 ? 1 : index % 2 === 1 ? 4 : 2;
    sum += simpson * (density[index] ?? 0) * weight(from + index * width);
  }
  return (sum * width) / 3;
}

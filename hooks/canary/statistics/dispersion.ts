/** How much more the events of a minute vary than chance alone makes them. */

/** One minute of one side. */
export interface RateMinute {
  events: number;
  requests: number;
}

export interface Dispersion {
  /** Squared coefficient of variation of the true rate between minutes: 1/k of the negative binomial; never below 0. */
  value: number;
  /** Its standard error. */
  error: number;
}

type Group = readonly RateMinute[];

/** Blocks of so many minutes tell whether trouble lasts. */
const BLOCK = 5;

/** Blocks must stand out by so many standard errors. */
const STANDS_OUT = 2;

/**
 * Moment estimate of 1/k, where the variance of a minute's events is μ + μ²/k. Groups (hours apart, or sides) each have
 * their own mean rate, so that a slow drift between them is not taken for scatter within.
 */
export function estimateDispersion(groups: readonly Group[]): Dispersion {
  let [excess, weight] = [0, 0];
  const means: number[] = [];
  for (const group of groups) {
    const rate = sum(group, 'events') / sum(group, 'requests');
    if (!(rate > 0) || group.length < 2) continue;
    const freedom = group.length / (group.length - 1);
    for (const minute of group) {
      const mean = minute.requests * rate;
      excess += freedom * (minute.events - mean) ** 2 - mean * (1 - rate);
      weight += mean ** 2;
      means.push(mean);
    }
  }
  if (weight === 0) return { value: 0, error: 0 };
  const value = Math.max(0, excess / weight);
  return { value, error: errorAt(means, value) };
}

/**
 * The dispersion of minutes, or of blocks of five where these vary more than independent minutes would: trouble that
 * lasts is not averaged out, and five minutes of it are one observation, not five. Still given for one minute.
 */
export function lastingDispersion(groups: readonly Group[]): Dispersion {
  const single = estimateDispersion(groups);
  const blocks = groups.map(inBlocks);
  const coarse = estimateDispersion(blocks);
  const explained = single.value / BLOCK;
  const error = errorAt(meansOf(blocks), explained);
  // Without two blocks on any side there is no error to stand out from.
  if (!(coarse.value > explained + STANDS_OUT * error)) return single;
  return { value: coarse.value * BLOCK, error: coarse.error * BLOCK };
}

/** Standard error of the estimate when the true value is this. */
function errorAt(means: readonly number[], dispersion: number): number {
  const noise = means.reduce((total, mean) => total + varianceOfSquare(mean, dispersion), 0);
  return Math.sqrt(noise) / means.reduce((total, mean) => total + mean ** 2, 0);
}

/** Variance of a squared deviation of a gamma-mixed Poisson count. */
function varianceOfSquare(mean: number, dispersion: number): number {
  const variance = mean + dispersion * mean ** 2;
  const excessKurtosis = 6 * dispersion + 1 / variance;
  return variance ** 2 * (2 + excessKurtosis);
}

/** Whole blocks only: a shorter one would be compared with longer ones. */
function inBlocks(group: Group): RateMinute[] {
  return Array.from({ length: Math.floor(group.length / BLOCK) }, (_, index) => {
    const block = group.slice(index * BLOCK, (index + 1) * BLOCK);
    return { events: sum(block, 'events'), requests: sum(block, 'requests') };
  });
}

function meansOf(groups: readonly Group[]): number[] {
  return groups.flatMap((group) => {
    const rate = sum(group, 'events') / sum(group, 'requests');
    return rate > 0 && group.length > 1 ? group.map(({ requests }) => requests * rate) : [];
  });
}

function sum(group: Group, key: keyof RateMinute): number {
  return group.reduce((total, minute) => total + minute[key], 0);
}

/** What a comparison could have seen: the smallest effect that is found four times in five. */
import { betaQuantile } from './beta.ts';
import { binomialProbability, binomialUpper } from './binomial.ts';
import { hypergeometricUpper } from './fisher.ts';
import { findRoot } from './root.ts';

export interface Comparison {
  /** Requests of the canary, and of the baseline. */
  n: number;
  m: number;
  /** Rate of the baseline. */
  rate: number;
  /** One-sided level of Fisher's test. */
  alpha: number;
  /** Chance with which the effect shall be found. */
  power: number;
}

/** The smallest canary rate that Fisher's test finds with this power, summed over all outcomes of both sides. */
export function smallestDetectableRate({ n, m, rate, alpha, power }: Comparison): number {
  const outcomes = likelyCounts(m, rate);
  let critical = 0;
  const bounds = outcomes.map(({ y, chance }) => {
    while (critical <= n && hypergeometricUpper(critical, n, m, critical + y) > alpha) critical += 1;
    return { critical, chance };
  });
  const powerAt = (canaryRate: number) =>
    bounds.reduce((sum, bound) => sum + bound.chance * binomialUpper(bound.critical, n, canaryRate), 0);
  return findRoot((canaryRate) => powerAt(canaryRate) - power, rate, 1, 1e-7);
}

/** The rate at which n requests give at least `critical` events with this power; NaN when they cannot. */
export function rateToReach(critical: number, n: number, power: number): number {
  return critical > n ? Number.NaN : betaQuantile(power, critical, n - critical + 1);
}

/** Counts of the baseline that are worth summing over: all within nine standard deviations. */
function likelyCounts(m: number, rate: number): { y: number; chance: number }[] {
  const reach = 9 * Math.sqrt(m * rate) + 10;
  const from = Math.max(0, Math.floor(m * rate - reach));
  const to = rate === 0 ? 0 : Math.min(m, Math.ceil(m * rate + reach));
  return Array.from({ length: to - from + 1 }, (_, index) => ({
    y: from + index,
    chance: binomialProbability(from + index, m, rate),
  }));
}

/**
 * The judge of Spinnaker's Kayenta (NetflixACAJudge-v1.0 with its Mann-Whitney classifier), after its published
 * algorithm, as a rival to measure against. Outlier handling is left at its default, keep.
 */
import { shiftByNormal } from '../../../hooks/canary/statistics/shift.ts';
import { mean } from '../../../hooks/canary/statistics/summary.ts';

export type Classification = 'Pass' | 'High' | 'Low' | 'Nodata' | 'NodataFailMetric' | 'Error';

export interface KayentaConfig {
  direction: 'increase' | 'decrease' | 'either';
  critical: boolean;
  mustHaveData: boolean;
  /** Ratio of means from which High counts, and down to which Low counts. */
  allowedIncrease: number;
  allowedDecrease: number;
}

export const KAYENTA: KayentaConfig = {
  direction: 'increase',
  critical: false,
  mustHaveData: false,
  allowedIncrease: 1,
  allowedDecrease: 1,
};

const TOLERANCE = 0.25;
const OUTSIDE = 0.02;

/** @param normal standard normal numbers: two constant sides that differ get a little noise */
export function classify(
  experiment: readonly number[],
  control: readonly number[],
  config: KayentaConfig,
  normal: () => number,
): Classification {
  const [x, y] = [experiment, control].map((values) => values.filter((value) => !Number.isNaN(value)));
  if (!x || !y || x.length === 0 || y.length === 0)
    return config.mustHaveData && !config.critical ? 'NodataFailMetric' : 'Nodata';
  const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b).join();
  if (sorted(x) === sorted(y) || new Set([...x, ...y]).size === 1) return 'Pass';
  // One against one: every shift that could be tried ties all ranks, and the search for the interval throws.
  if (x.length === 1 && y.length === 1) return 'Error';
  const constant = new Set(x).size === 1 && new Set(y).size === 1;
  const noisy = (values: readonly number[]) => (constant ? values.map((v) => v + normal() * 1e-5 * v) : values);
  const { lower, upper, estimate } = shiftByNormal(noisy(x), noisy(y), OUTSIDE, true);
  const bound = TOLERANCE * Math.abs(estimate);
  const ratio = mean(x) === 0 || mean(y) === 0 ? Number.NaN : mean(x) / mean(y);
  const allows = (direction: 'increase' | 'decrease') => [direction, 'either'].includes(config.direction);
  if (allows('increase') && lower > bound && !(ratio < config.allowedIncrease)) return 'High';
  if (allows('decrease') && upper < -bound && !(ratio > config.allowedDecrease)) return 'Low';
  return 'Pass';
}

/** One group, no weights: a critical metric that does not pass gives 0, metrics without data or with an error do not count. */
export function scoreLikeKayenta(results: readonly { classification: Classification; critical: boolean }[]): number {
  const bad = (one: Classification) => one === 'High' || one === 'Low' || one === 'NodataFailMetric';
  if (results.some(({ classification, critical }) => critical && (bad(classification) || classification === 'Nodata')))
    return 0;
  if (results.filter(({ classification }) => classification === 'Nodata').length * 2 >= results.length) return 0;
  const counted = results.filter(({ classification }) => classification === 'Pass' || bad(classification));
  if (counted.length === 0) return 100;
  const passed = counted.filter(({ classification }) => classification === 'Pass').length;
  return Math.round((passed / counted.length) * 10_000) / 100;
}

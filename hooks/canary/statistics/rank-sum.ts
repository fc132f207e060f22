/** The rank-sum test of Wilcoxon, Mann and Whitney: does one side tend to be larger than the other? */
import type { Alternative } from './binomial.ts';
import { normalUpper } from './normal.ts';
import { rankAll, sumOfSome, tails } from './ranks.ts';

/** Up to so many values a side the law is counted; beyond, the normal law is as good and far cheaper. */
const EXACT_UP_TO = 30;

export interface RankSum {
  /** Pairs in which x is the larger, an equal pair counting a half: 0 to m·n. */
  u: number;
  p: number;
  exact: boolean;
}

/**
 * @param method exact counts all divisions of the ranks, ties included; normal corrects for ties and continuity; auto
 *   chooses exact up to EXACT_UP_TO a side
 */
export function rankSumTest(
  x: readonly number[],
  y: readonly number[],
  alternative: Alternative,
  method: 'auto' | 'exact' | 'normal' | 'normal-uncorrected' = 'auto',
): RankSum {
  const [m, n] = [x.length, y.length];
  const { doubled, ties } = rankAll([...x, ...y]);
  const sum = doubled.slice(0, m).reduce((total, rank) => total + rank, 0);
  const u = (sum - m * (m + 1)) / 2;
  const exact = method === 'exact' || (method === 'auto' && Math.max(m, n) <= EXACT_UP_TO);
  if (exact) return { u, exact, p: tails(sumOfSome(doubled, m), sum, m * (m + n + 1))[alternative] };
  return { u, exact, p: normalP(u - (m * n) / 2, deviation(m, n, ties), alternative, method === 'normal-uncorrected') };
}

/** Standard deviation of U when both sides are alike. @param ties Σ(t³ − t) */
export function deviation(m: number, n: number, ties: number): number {
  const all = m + n;
  return Math.sqrt(((m * n) / 12) * (all + 1 - ties / (all * (all - 1))));
}

/** p of a statistic that moves in whole steps and lies `off` its mean. NaN when nothing varies. */
export function normalP(off: number, sd: number, alternative: Alternative, uncorrected = false): number {
  const step = uncorrected ? 0 : 0.5;
  if (alternative === 'greater') return normalUpper((off - step) / sd);
  if (alternative === 'less') return normalUpper((-off - step) / sd);
  return Math.min(1, 2 * normalUpper((Math.abs(off) - (off === 0 ? 0 : step)) / sd));
}

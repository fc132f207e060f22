/** Wilcoxon's signed-rank test: are the differences of pairs larger, or smaller, than nothing? */
import type { Alternative } from './binomial.ts';
import { normalP } from './rank-sum.ts';
import { rankAll, sumOfAny, tails } from './ranks.ts';

/** Up to so many pairs the law is counted. */
const PAIRS_EXACT_UP_TO = 50;

export interface SignedRank {
  /** Sum of the ranks of the positive differences. */
  w: number;
  p: number;
  /** Pairs that differ; equal ones say nothing and are left out. */
  pairs: number;
  exact: boolean;
}

/** p is 1 when no pair differs. */
export function signedRankTest(differences: readonly number[], alternative: Alternative): SignedRank {
  const moved = differences.filter((difference) => difference !== 0);
  const pairs = moved.length;
  const exact = pairs <= PAIRS_EXACT_UP_TO;
  const { doubled, ties } = rankAll(moved.map(Math.abs));
  const sum = doubled.reduce((total, rank, index) => total + ((moved[index] ?? 0) > 0 ? rank : 0), 0);
  const mean = (pairs * (pairs + 1)) / 2;
  const w = sum / 2;
  if (exact) return { w, pairs, exact, p: tails(sumOfAny(doubled), sum, mean)[alternative] };
  const sd = Math.sqrt((pairs * (pairs + 1) * (2 * pairs + 1)) / 24 - ties / 48);
  return { w, pairs, exact, p: normalP(w - mean / 2, sd, alternative) };
}

/** A rank test that stays honest when one side scatters more than the other. */

import { studentUpper } from './beta.ts';
import type { Alternative } from './binomial.ts';
import { rankAll } from './ranks.ts';

export interface UnequalSpread {
  /** P(x > y) + ½ P(x = y), estimated. */
  superiority: number;
  statistic: number;
  degrees: number;
  p: number;
}

/**
 * The test of Brunner and Munzel (Biometrical Journal 42, 2000): the canary's averages stand on fewer requests and so
 * scatter more, which alone makes the rank-sum test reject too often. Sides that do not overlap have no variance left:
 * p is then 0 or 1, and the rank-sum test's own p is the bound. @param x at least 2 values @param y at least 2 values
 */
export function unequalSpreadTest(x: readonly number[], y: readonly number[], alternative: Alternative): UnequalSpread {
  const [m, n] = [x.length, y.length];
  const all = rankAll([...x, ...y]).doubled;
  const [placedX, varianceX] = placements(all.slice(0, m), rankAll(x).doubled);
  const [placedY, varianceY] = placements(all.slice(m), rankAll(y).doubled);
  const weighted = m * varianceX + n * varianceY;
  const superiority = 0.5 + (placedX - placedY) / (m + n);
  const statistic = (m * n * (placedX - placedY)) / ((m + n) * Math.sqrt(weighted)) || 0;
  const degrees = weighted ** 2 / ((m * varianceX) ** 2 / (m - 1) + (n * varianceY) ** 2 / (n - 1));
  return { superiority, statistic, degrees, p: pOf(statistic, degrees, alternative) };
}

function pOf(statistic: number, degrees: number, alternative: Alternative): number {
  const upper = (t: number) => {
    if (!Number.isFinite(t)) return t > 0 ? 0 : 1;
    return Number.isFinite(degrees) ? studentUpper(t, degrees) : 0.5;
  };
  if (alternative === 'greater') return upper(statistic);
  if (alternative === 'less') return upper(-statistic);
  return Math.min(1, 2 * upper(Math.abs(statistic)));
}

/** The mean rank of one side among all, and the variance of what the other side adds to its ranks. */
function placements(among: readonly number[], within: readonly number[]): [mean: number, variance: number] {
  const count = among.length;
  const mean = among.reduce((sum, rank) => sum + rank, 0) / 2 / count;
  const own = (count + 1) / 2;
  const squares = among.reduce((sum, rank, index) => sum + ((rank - (within[index] ?? 0)) / 2 - mean + own) ** 2, 0);
  return [mean, squares / (count - 1)];
}

/** By how much one side is larger: the shift of Hodges and Lehmann, with intervals from the rank tests. */
import type { Interval } from './binomial.ts';
import { normalUpperQuantile } from './normal.ts';
import { deviation } from './rank-sum.ts';
import { rankAll, sumOfAny, sumOfSome } from './ranks.ts';
import { findRoot } from './root.ts';

export interface Shift extends Interval {
  estimate: number;
}

/**
 * The median of all differences x − y, and the interval that the rank-sum test would not reject. Infinite bounds where
 * so few values can exclude nothing.
 * @param outside chance outside, both tails together
 */
export function shiftBetween(x: readonly number[], y: readonly number[], outside: number): Shift {
  const [a, b] = [sorted(x), sorted(y)];
  const [m, n] = [a.length, b.length];
  const below = (value: number) => differencesUpTo(a, b, value);
  const range = { low: (a[0] ?? 0) - (b[n - 1] ?? 0), high: (a[m - 1] ?? 0) - (b[0] ?? 0) };
  const rank =
    Math.max(m, n) <= 25 ? exactRank(m, n, outside / 2) : normalRank((m * n) / 2, deviation(m, n, 0), outside);
  return ordered(below, range, m * n, rank);
}

/** The same of the differences of pairs: the median of their Walsh averages (dᵢ + dⱼ)/2. */
export function shiftOfPairs(differences: readonly number[], outside: number): Shift {
  const d = sorted(differences);
  const n = d.length;
  const pairs = (n * (n + 1)) / 2;
  const below = (value: number) => walshUpTo(d, value);
  const range = { low: d[0] ?? 0, high: d[n - 1] ?? 0 };
  const sd = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
  const rank = n <= 50 ? exactSignedRank(n, outside / 2) : normalRank(pairs / 2, sd, outside);
  return ordered(below, range, pairs, rank);
}

/**
 * The same shift where the normal approximation of the rank-sum test, ties and continuity corrected, crosses its
 * quantiles. Bounds that would lie outside the possible differences are those differences.
 * @param correctEstimate keep the continuity correction in the estimate too
 */
export function shiftByNormal(
  x: readonly number[],
  y: readonly number[],
  outside: number,
  correctEstimate = false,
): Shift {
  const z = normalUpperQuantile(outside / 2);
  const low = Math.min(...x) - Math.max(...y);
  const high = Math.max(...x) - Math.min(...y);
  const crossing = (quantile: number, correct: boolean) => {
    const f = (shift: number) => standardised(x, y, shift, correct) - quantile;
    if (f(low) <= 0) return low;
    if (f(high) >= 0) return high;
    return findRoot(f, low, high, 1e-9 * (high - low));
  };
  return { estimate: crossing(0, correctEstimate), lower: crossing(z, true), upper: crossing(-z, true) };
}

function standardised(x: readonly number[], y: readonly number[], shift: number, correct: boolean): number {
  const { doubled, ties } = rankAll([...x.map((value) => value - shift), ...y]);
  const [m, n] = [x.length, y.length];
  const sum = doubled.slice(0, m).reduce((total, rank) => total + rank, 0) / 2;
  const off = sum - (m * (m + 1)) / 2 - (m * n) / 2;
  return (off - (correct ? Math.sign(off) / 2 : 0)) / deviation(m, n, ties);
}

/** The middle of all differences and the one that has `rank` − 1 below it, counted from either end. */
function ordered(
  below: (value: number) => number,
  range: { low: number; high: number },
  count: number,
  rank: number,
): Shift {
  const at = (position: number) => select(below, range, position);
  const estimate = (at(Math.floor((count + 1) / 2)) + at(Math.ceil((count + 1) / 2))) / 2;
  if (rank < 1) return { estimate, lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };
  return { estimate, lower: at(rank), upper: at(count + 1 - rank) };
}

/** The smallest value that has at least `position` differences up to it. */
function select(
  below: (value: number) => number,
  { low, high }: { low: number; high: number },
  position: number,
): number {
  if (below(low) >= position) return low;
  let [under, over] = [low, high];
  for (let round = 0; round < 100; round += 1) {
    const middle = (under + over) / 2;
    if (middle <= under || middle >= over) break;
    if (below(middle) >= position) over = middle;
    else under = middle;
  }
  return over;
}

/** How many differences a − b are up to a value, in one pass over two sorted lists. */
function differencesUpTo(a: readonly number[], b: readonly number[], value: number): number {
  let count = 0;
  let smaller = 0;
  for (const one of a) {
    while (smaller < b.length && one - (b[smaller] ?? 0) > value) smaller += 1;
    count += b.length - smaller;
  }
  return count;
}

/** How many averages (dᵢ + dⱼ)/2, i ≤ j, are up to a value. */
function walshUpTo(d: readonly number[], value: number): number {
  let count = 0;
  let high = d.length - 1;
  for (let low = 0; low <= high; low += 1) {
    while (high >= low && ((d[low] ?? 0) + (d[high] ?? 0)) / 2 > value) high -= 1;
    count += Math.max(0, high - low + 1);
  }
  return count;
}

/** The largest k with P(statistic ≤ k − 1) ≤ tail: 0 when even the most extreme outcome is too likely. */
function exactRank(m: number, n: number, tail: number): number {
  const ranks = Array.from({ length: m + n }, (_, index) => index);
  const { from, probability } = sumOfSome(ranks, m);
  return rankBelow(probability.subarray((m * (m - 1)) / 2 - from), tail);
}

function exactSignedRank(n: number, tail: number): number {
  return rankBelow(sumOfAny(Array.from({ length: n }, (_, index) => index + 1)).probability, tail);
}

function rankBelow(probability: Float64Array, tail: number): number {
  let sum = 0;
  for (let value = 0; value < probability.length; value += 1) {
    sum += probability[value] ?? 0;
    if (sum > tail) return value;
  }
  return probability.length;
}

function normalRank(mean: number, sd: number, outside: number): number {
  return Math.floor(mean + 0.5 - normalUpperQuantile(outside / 2) * sd);
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

import { describe, expect, it } from 'vitest';
import { shiftBetween, shiftByNormal, shiftOfPairs } from '../../hooks/canary/statistics/shift.ts';
import { range } from './canary-statistics-near.ts';

/** Numbers that look random, half of them below 0, and whose differences and middles are exact. */
function scattered(count: number, seed: number): number[] {
  let state = seed;
  return range(1, count).map(() => {
    state = (state * 48_271) % 2_147_483_647;
    return (state % 8192) / 1024 - 4;
  });
}

const inOrder = (values: number[]) => values.sort((a, b) => a - b);

/** The middle of all values, and those of a rank from either end: what a shift and its bounds are. */
function expected(values: number[], rank: number) {
  const sorted = inOrder(values);
  const at = (position: number) => sorted[position - 1] ?? Number.NaN;
  const count = sorted.length;
  const estimate = (at(Math.floor((count + 1) / 2)) + at(Math.ceil((count + 1) / 2))) / 2;
  return { estimate, lower: at(rank), upper: at(count + 1 - rank) };
}

describe('the shift between two sides', () => {
  it.each([
    // Up to 25 a side the rank is that of the counted law.
    { m: 4, n: 4, outside: 0.05, rank: 1 },
    { m: 4, n: 25, outside: 0.01, rank: 11 },
    { m: 25, n: 25, outside: 0.05, rank: 212 },
    // Beyond it is ⌊mn/2 + ½ − zσ⌋.
    { m: 26, n: 26, outside: 0.02, rank: 211 },
    { m: 30, n: 4, outside: 0.05, rank: 23 },
    { m: 4, n: 30, outside: 0.05, rank: 23 },
    { m: 26, n: 3, outside: 0.01, rank: 3 },
  ])('is the middle difference of $m and $n, its bounds those of rank $rank', ({ m, n, outside, rank }) => {
    for (const [one, other] of [
      [1, 2],
      [5, 9],
    ]) {
      const [x, y] = [scattered(m, 97 + (one ?? 0)), scattered(n, 53 + (other ?? 0))];
      const differences = x.flatMap((a) => y.map((b) => a - b));
      expect(shiftBetween(x, y, outside)).toEqual(expected(differences, rank));
    }
  });

  it('has bounds of exactly 0 where they are the extreme differences', () => {
    expect(shiftBetween([2, 0, 5, 1], [-1, -7, 0, -2], 0.05)).toEqual({ estimate: 3.5, lower: 0, upper: 12 });
    expect(shiftBetween([-1, -7, 0, -2], [2, 0, 5, 1], 0.05).upper).toBe(0);
  });

  it('is that of all values where none differs', () => {
    expect(shiftBetween([3, 3, 3, 3], [1, 1, 1, 1], 0.05)).toEqual({ estimate: 2, lower: 2, upper: 2 });
  });
});

describe('the shift of pairs', () => {
  it.each([
    { n: 6, outside: 0.05, rank: 1 },
    { n: 50, outside: 0.05, rank: 435 },
    // Beyond 50 it is ⌊n(n+1)/4 + ½ − zσ⌋.
    { n: 51, outside: 0.02, rank: 415 },
    { n: 60, outside: 0.02, rank: 599 },
  ])('is the middle average of $n, its bounds those of rank $rank', ({ n, outside, rank }) => {
    for (const seed of [11, 12, 13]) {
      const d = scattered(n, seed);
      const averages = d.flatMap((a, i) => d.slice(i).map((b) => (a + b) / 2));
      const { estimate, lower, upper } = shiftOfPairs(d, outside);
      const right = expected(averages, rank);
      expect(lower).toBeCloseTo(right.lower, 12);
      expect(upper).toBeCloseTo(right.upper, 12);
      expect(estimate).toBeCloseTo(right.estimate, 12);
    }
  });

  it('has a bound of exactly 0 where that is the extreme', () => {
    expect(shiftOfPairs([0, 1, 2, 3, 4, 9], 0.05)).toMatchObject({ lower: 0, upper: 9 });
  });

  it('excludes what is exactly as unlikely as may be outside', () => {
    // All five of one sign: 1 of 32.
    expect(shiftOfPairs([1, 2, 3, 4, 9], 2 / 32)).toMatchObject({ lower: 1, upper: 9 });
  });
});

describe('the shift by the normal law', () => {
  // An odd number of differences has one in the middle.
  const [x, y] = [scattered(11, 7), scattered(15, 8)];
  const plain = shiftByNormal(x, y, 0.05);

  it.each([2 ** -20, 2 ** 20])('scales by %d with its values', (scale) => {
    const scaled = shiftByNormal(
      x.map((value) => value * scale),
      y.map((value) => value * scale),
      0.05,
    );
    for (const key of ['estimate', 'lower', 'upper'] as const) expect(scaled[key] / scale).toBeCloseTo(plain[key], 6);
  });

  it.each([1e6, -1e6])('moves by %d with one side', (by) => {
    const moved = shiftByNormal(
      x.map((value) => value + by),
      y,
      0.05,
    );
    for (const key of ['estimate', 'lower', 'upper'] as const) expect(moved[key] - by).toBeCloseTo(plain[key], 6);
  });

  it('is the range of the differences where so few values reach no further', () => {
    expect(shiftByNormal([1, 2], [3, 5], 0.001)).toMatchObject({ lower: -4, upper: -1 });
  });
});

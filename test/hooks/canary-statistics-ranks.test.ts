import { describe, expect, it } from 'vitest';
import { rankSumTest } from '../../hooks/canary/statistics/rank-sum.ts';
import { signedRankTest } from '../../hooks/canary/statistics/signed-rank.ts';
import { mean, median } from '../../hooks/canary/statistics/summary.ts';
import { unequalSpreadTest } from '../../hooks/canary/statistics/unequal-spread.ts';
import { offBy, range } from './canary-statistics-near.ts';

const ALTERNATIVES = ['greater', 'less', 'two.sided'] as const;

describe('rank-sum test', () => {
  it.each([
    [30, 30, true],
    [30, 2, true],
    [31, 2, false],
    [2, 31, false],
    [31, 31, false],
  ])('of %d and %d values counts: %s', (m, n, exact) => {
    const x = range(1, m).map((i) => (i * 37) % 101);
    const y = range(1, n).map((i) => ((i * 53) % 101) + 0.5);
    for (const alternative of ALTERNATIVES) {
      const chosen = rankSumTest(x, y, alternative);
      expect(chosen).toEqual(rankSumTest(x, y, alternative, exact ? 'exact' : 'normal'));
      expect(chosen.exact).toBe(exact);
    }
  });

  it('has nothing to say where no value differs from another', () => {
    const same = [4, 4, 4];
    expect(ALTERNATIVES.map((alternative) => rankSumTest(same, same, alternative).p)).toEqual([1, 1, 1]);
    expect(rankSumTest(same, same, 'two.sided', 'normal')).toEqual({ u: 4.5, exact: false, p: Number.NaN });
  });

  it('on the middle exactly is no evidence', () => {
    expect(rankSumTest([1, 4], [2, 3], 'two.sided', 'normal').p).toBe(1);
  });
});

describe('signed-rank test', () => {
  it.each(ALTERNATIVES)('of no pairs, or none that differs, finds nothing: %s', (alternative) => {
    const nothing = { w: 0, p: 1, pairs: 0, exact: true };
    expect(signedRankTest([], alternative)).toEqual(nothing);
    expect(signedRankTest([0, -0, 0], alternative)).toEqual(nothing);
  });
});

describe('the test for unequal spread', () => {
  const cases: [number[], number[]][] = [
    [
      [1, 2, 3, 9],
      [2, 2, 5],
    ],
    [
      [7, 8, 8, 12, 3],
      [1, 8, 4, 4],
    ],
    [
      [0, 1],
      [1, 2, 3, 4, 5],
    ],
  ];

  it('estimates how often one side is the larger, equal pairs counting a half', () => {
    const rows = cases.map(([x, y], index) => {
      const wins = x.flatMap((a) => y.map((b) => (Math.sign(a - b) + 1) / 2)).reduce((sum, won) => sum + won, 0);
      const { superiority } = unequalSpreadTest(x, y, 'greater');
      return [`case ${index}`, superiority, wins / (x.length * y.length)] as const;
    });
    expect(offBy(rows)).toEqual([]);
  });

  it('of sides that do not overlap is as sure as the side is right', () => {
    const [low, high] = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    const p = (x: number[], y: number[]) => ALTERNATIVES.map((alternative) => unequalSpreadTest(x, y, alternative).p);
    expect(p(low ?? [], high ?? [])).toEqual([1, 0, 0]);
    expect(p(high ?? [], low ?? [])).toEqual([0, 1, 0]);
  });

  it('of values that are all the same is undecided', () => {
    const p = ALTERNATIVES.map((alternative) => unequalSpreadTest([2, 2], [2, 2, 2], alternative).p);
    expect(p).toEqual([0.5, 0.5, 1]);
  });
});

describe('summaries', () => {
  it('are of one value that value, and of none no number', () => {
    expect([mean([4, 1, 7]), median([4, 1, 8, 2])]).toEqual([4, 3]);
    expect([mean([5]), median([5])]).toEqual([5, 5]);
    expect([mean([]), median([])]).toEqual([Number.NaN, Number.NaN]);
  });
});

import { describe, expect, it } from 'vitest';
import {
  conditionalOddsRatio,
  fisherTest,
  hypergeometricProbability,
  hypergeometricUpper,
  oddsRatioInterval,
} from '../../hooks/canary/statistics/fisher.ts';
import { choose, offBy, range } from './canary-statistics-near.ts';

/** All ways in which up to 10 events may fall among up to 5 requests on either side. */
const draws = range(0, 5).flatMap((n) =>
  range(0, 5).flatMap((m) => range(0, n + m).map((drawn) => ({ n, m, drawn, name: `${drawn} on ${n} and ${m}` }))),
);

function chances(n: number, m: number, drawn: number): (x: number) => number {
  const all = choose(n + m, drawn);
  return (x) => (choose(n, x) * choose(m, drawn - x)) / all;
}

describe('events that fall by chance', () => {
  it('are as likely as their combinations, and impossible outside them', () => {
    const rows = draws.flatMap(({ n, m, drawn, name }) => {
      const chance = chances(n, m, drawn);
      return range(-1, n + 2).map(
        (x) => [`${x}, ${name}`, hypergeometricProbability(x, n, m, drawn), chance(x)] as const,
      );
    });
    expect(offBy(rows)).toEqual([]);
  });

  it('are at least so many as often as they are counted', () => {
    const rows = draws.flatMap(({ n, m, drawn, name }) => {
      const chance = chances(n, m, drawn);
      return range(-1, n + 2).map((x) => {
        const upper = range(0, n).reduce((sum, k) => sum + (k >= x ? chance(k) : 0), 0);
        return [`${x}, ${name}`, hypergeometricUpper(x, n, m, drawn), upper] as const;
      });
    });
    expect(offBy(rows)).toEqual([]);
  });

  it("make Fisher's p, for every table, even one of no requests", () => {
    const rows = draws.flatMap(({ n, m, drawn, name }) => {
      const chance = chances(n, m, drawn);
      return range(Math.max(0, drawn - m), Math.min(n, drawn)).flatMap((x) => {
        const sum = (of: (k: number) => boolean) =>
          range(0, n).reduce((total, k) => total + (of(k) ? chance(k) : 0), 0);
        const table = { x, n, y: drawn - x, m };
        const limit = chance(x) * (1 + 1e-7);
        return [
          [`greater ${x}, ${name}`, fisherTest(table, 'greater'), sum((k) => k >= x)],
          [`less ${x}, ${name}`, fisherTest(table, 'less'), sum((k) => k <= x)],
          [`two-sided ${x}, ${name}`, fisherTest(table, 'two.sided'), sum((k) => chance(k) <= limit)],
        ] as [string, number, number][];
      });
    });
    expect(offBy(rows)).toEqual([]);
  });

  it('keep the digits of a tail of one table, and are certain far below the middle', () => {
    const n = 100_000;
    // All events on the side of n: the two requests without one are the two of m.
    expect(offBy([['one table', hypergeometricUpper(n, n, 2, n), 2 / ((n + 2) * (n + 1))]])).toEqual([]);
    expect(hypergeometricUpper(1, 10_000, 10_000, 5000)).toBe(1);
  });
});

describe('odds ratio', () => {
  it('is 0 or Infinity at the ends of what the margins allow', () => {
    // With 8 events on 6 and 5 requests, 3 to 6 are on the first side.
    const ratios = [3, 6].map((x) => conditionalOddsRatio({ x, n: 6, y: 8 - x, m: 5 }));
    expect(ratios).toEqual([0, Number.POSITIVE_INFINITY]);
    expect(conditionalOddsRatio({ x: 0, n: 10, y: 3, m: 10 })).toBe(0);
    expect(conditionalOddsRatio({ x: 3, n: 10, y: 0, m: 10 })).toBe(Number.POSITIVE_INFINITY);
  });

  it('of a single event has an interval that is open to its side', () => {
    const here = oddsRatioInterval({ x: 1, n: 10, y: 0, m: 30 }, 'two.sided', 0.1);
    const there = oddsRatioInterval({ x: 0, n: 10, y: 1, m: 30 }, 'two.sided', 0.1);
    expect([here.upper, there.lower]).toEqual([Number.POSITIVE_INFINITY, 0]);
    const rows = [
      ['here', here.lower, (0.05 / 0.95) * (30 / 10)],
      ['there', there.upper, (0.95 / 0.05) * (30 / 10)],
    ] as const;
    expect(offBy(rows)).toEqual([]);
  });
});

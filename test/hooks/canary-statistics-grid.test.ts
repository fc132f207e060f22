import { describe, expect, it } from 'vitest';
import { countSequence, criticalCount, type Increment } from '../../hooks/canary/statistics/count-sequence.ts';
import { fisherTest } from '../../hooks/canary/statistics/fisher.ts';
import { normalUpper } from '../../hooks/canary/statistics/normal.ts';
import { lawUpper, type Shares, shareLaw } from '../../hooks/canary/statistics/share-law.ts';

/** The smallest count on the canary's side that crosses, for each look. A look's own outcome is all that its crossing asks for. */
function boundsOf(shares: readonly Shares[], cumulative: readonly number[]): number[] {
  const most = shares.reduce((sum, { events }) => sum + events, 0);
  const looks = (totals: readonly number[]) =>
    countSequence(
      shares.map((share, look): Increment => ({ ...share, canary: (totals[look] ?? 0) - (totals[look - 1] ?? 0) })),
      cumulative,
    );
  const low = shares.map(() => -1);
  const high = shares.map(() => most + 1);
  while (low.some((bound, look) => (high[look] ?? 0) - bound > 1)) {
    const middle = low.map((bound, look) => Math.floor((bound + (high[look] ?? 0)) / 2));
    looks(middle).forEach(({ crossed }, look) => {
      (crossed ? high : low)[look] = middle[look] ?? 0;
    });
  }
  return high;
}

/** Chance to have crossed by each look when both sides are alike, by the sums of the laws themselves. */
function crossedBy(shares: readonly Shares[], bounds: readonly number[]): number[] {
  let kept = new Map([[0, 1]]);
  let used = 0;
  return shares.map((share, look) => {
    const { from, probability } = shareLaw(share);
    const next = new Map<number, number>();
    for (const [before, chance] of kept)
      probability.forEach((more, index) => {
        const sum = before + from + index;
        if (sum >= (bounds[look] ?? 0)) used += chance * more;
        else next.set(sum, (next.get(sum) ?? 0) + chance * more);
      });
    kept = next;
    return used;
  });
}

const plain = { here: 300, there: 2700, dispersion: 0 };

describe('the boundary of every look', () => {
  it.each([
    ['few events', [4, 9, 6].map((events) => ({ ...plain, events })), [0.01, 0.04, 0.1]],
    [
      'rates that wobble',
      [12, 3, 20, 1].map((events) => ({ ...plain, events, dispersion: 0.1 })),
      [0.01, 0.02, 0.05, 0.1],
    ],
    [
      'a stretch in which some must be the canary’s',
      [
        { ...plain, events: 9, there: 5 },
        { ...plain, events: 8, there: 4 },
        { ...plain, events: 6 },
      ],
      [0.02, 0.05, 0.1],
    ],
    ['nothing at first', [0, 0, 7, 0].map((events) => ({ ...plain, events })), [0.01, 0.02, 0.05, 0.1]],
    ['nothing to spend at first', [5, 5, 5].map((events) => ({ ...plain, events })), [0, 0, 0.05]],
  ])('keeps what may be spent, and one event less would not: %s', (_, shares, cumulative) => {
    const bounds = boundsOf(shares, cumulative);
    crossedBy(shares, bounds).forEach((used, look) => {
      expect(used, `look ${look}`).toBeLessThanOrEqual((cumulative[look] ?? 0) + 1e-12);
      const lower = bounds.map((bound, other) => (other === look ? bound - 1 : bound));
      expect(crossedBy(shares, lower)[look], `look ${look}`).toBeGreaterThan(cumulative[look] ?? 0);
    });
  });

  it('that is met exactly is crossed', () => {
    const level = lawUpper(shareLaw({ ...plain, events: 20 }), 6);
    expect(boundsOf([{ ...plain, events: 20 }], [level])).toEqual([6]);
    const [look] = countSequence([{ ...plain, events: 20, canary: 6 }], [level]);
    expect(look).toEqual({ canary: 6, events: 20, p: level, threshold: level, crossed: true });
  });

  it('without any event is not crossed', () => {
    const nothing = { ...plain, events: 0, canary: 0 };
    const looks = countSequence([nothing, nothing], [0.005, 0.01]);
    expect(looks).toEqual([1, 2].map(() => ({ canary: 0, events: 0, p: 1, threshold: 0, crossed: false })));
  });

  it('counts events and p up to each look', () => {
    const one = { ...plain, events: 10, canary: 2 };
    const looks = countSequence([one, one, one], [0.001, 0.004, 0.01]);
    expect(looks.map(({ canary, events }) => [canary, events])).toEqual([
      [2, 10],
      [4, 20],
      [6, 30],
    ]);
    expect(looks[0]?.p).toBeCloseTo(fisherTest({ x: 2, n: 300, y: 8, m: 2700 }, 'greater'), 12);
  });
});

describe('the boundary of many events, on a coarser grid', () => {
  const power2 = (looks: number, alpha = 0.01) =>
    Array.from({ length: looks }, (_, look) => alpha * ((look + 1) / looks) ** 2);

  it.each([
    ['one look', 1, 200_000, { here: 1e6, there: 9e6, dispersion: 0.001 }],
    ['as many looks as there may be', 24, 2000, { here: 1e5, there: 9e5, dispersion: 0 }],
    ['looks of rates that wobble', 24, 200, { here: 1e5, there: 3e5, dispersion: 0.05 }],
    ['a rate that may be anything', 1, 3000, { here: 1e6, there: 1e6, dispersion: 0.8 }],
    ['a small share of events on the other side', 24, 400, { here: 9e5, there: 2e4, dispersion: 0 }],
    ['more looks than planned, each with few events', 36, 100, { here: 1e5, there: 1e5, dispersion: 0 }],
  ])('keeps α, and leaves little of it: %s', (_, looks, events, rest) => {
    const shares = Array.from({ length: looks }, () => ({ ...rest, events }));
    const cumulative = power2(looks);
    const used = crossedBy(shares, boundsOf(shares, cumulative));
    used.forEach((chance, look) => {
      expect(chance, `look ${look}`).toBeLessThanOrEqual((cumulative[look] ?? 0) + 1e-12);
    });
    expect(used.at(-1)).toBeGreaterThan(0.008);
  });
});

it('millions of events at each look are counted in little time, as the normal law would', () => {
  const [events, looks] = [1_000_000, 24];
  const sd = Math.sqrt(events * looks * 0.1 * 0.9);
  const canary = (events * looks * 0.1 + 3 * sd) / looks;
  const sequence = countSequence(
    Array.from({ length: looks }, () => ({ here: 1e11, there: 9e11, dispersion: 0, events, canary })),
    Array.from({ length: looks }, (_, look) => 0.001 * (look + 1)),
  );
  expect((sequence.at(-1)?.p ?? 0) / normalUpper(3)).toBeGreaterThan(1);
  expect((sequence.at(-1)?.p ?? 0) / normalUpper(3)).toBeLessThan(1.3);
});

describe('the critical count', () => {
  const even = { here: 1e9, there: 1e9, dispersion: 0 };

  it('is met at exactly its level', () => {
    const level = lawUpper(shareLaw({ ...plain, events: 27 + 11 }), 11);
    expect(criticalCount(27, plain, level)).toBe(11);
  });

  it('asks no more of a canary whose rate wobbles than it has requests', () => {
    const wobbling = { here: 10, there: 10, dispersion: 0.5 };
    expect(lawUpper(shareLaw({ ...wobbling, events: 12 }), 10)).toBeGreaterThan(0.01);
    expect(criticalCount(2, wobbling, 0.01)).toBe(Number.POSITIVE_INFINITY);
    expect(criticalCount(2, { here: 1e4, there: 1e4, dispersion: 0.5 }, 0.01)).toBeLessThan(1000);
  });

  it.each([
    ['is sought among four million events', 1_999_999, 0.4999, 2_000_001],
    ['is sought among no more', 2_000_000, 0.4999, Number.POSITIVE_INFINITY],
    // By the normal law: 2.3263·√(2·1,335,233) = 3801 more than there.
    ['is sought until there are four million', 1_333_332, 0.01, 1_337_133],
    ['is not sought any longer then', 1_400_000, 0.01, Number.POSITIVE_INFINITY],
  ])('%s', (_, there, level, expected) => {
    expect(criticalCount(there, even, level)).toBe(expected);
  });

  it('is the first that Fisher’s test finds, and Infinity where the canary has too few requests for any', () => {
    for (const [n, m] of [
      [3, 3],
      [10, 10],
      [8, 30],
      [40, 12],
    ] as const)
      for (const level of [0.001, 0.01, 0.049])
        for (let y = 0; y <= m; y += 1) {
          let first = 0;
          while (first <= n && fisherTest({ x: first, n, y, m }, 'greater') > level) first += 1;
          const expected = first > n ? Number.POSITIVE_INFINITY : first;
          expect(criticalCount(y, { here: n, there: m, dispersion: 0 }, level), `${y} of ${m}, ${n}`).toBe(expected);
        }
  });
});

import { describe, expect, it } from 'vitest';
import { fisherTest } from '../../hooks/canary/statistics/fisher.ts';
import { liftedLevel } from '../../hooks/canary/statistics/lift.ts';
import { lawUpper, type Shares, shareLaw } from '../../hooks/canary/statistics/share-law.ts';

type Sides = Omit<Shares, 'events'>;

/** The largest chance of a false alarm that a level gives, at nine rates within four standard deviations of the likely one. */
function worstSize(level: number, shares: Sides, events: number): number {
  const reach = 4 * Math.sqrt(events) + 6;
  const attained: number[] = [];
  for (let drawn = 0; drawn <= events + 4 * reach + 50; drawn += 1) {
    const law = shareLaw({ ...shares, events: drawn });
    let x = law.from;
    while (lawUpper(law, x) > level) x += 1;
    attained.push(lawUpper(law, x));
  }
  const sizes = [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((step) => {
    const mean = Math.max(0.5, events + (step / 4) * reach);
    let weight = Math.exp(-mean);
    return attained.reduce((sum, chance, drawn) => {
      if (drawn > 0) weight *= mean / drawn;
      return sum + weight * chance;
    }, 0);
  });
  return Math.max(...sizes);
}

describe('the lifted level', () => {
  it.each([
    [0.01, { here: 600, there: 5400, dispersion: 0 }, 33],
    [0.01, { here: 3000, there: 3000, dispersion: 0 }, 5],
    [0.05, { here: 100, there: 900, dispersion: 0 }, 12],
    [0.005, { here: 500, there: 500, dispersion: 0.05 }, 20],
    [0.01, { here: 100, there: 9900, dispersion: 0 }, 2],
    [0.02, { here: 5000, there: 5000, dispersion: 0 }, 120],
    [0.01, { here: 4000, there: 1000, dispersion: 0 }, 250],
    [0.01, { here: 500, there: 4500, dispersion: 0 }, 0],
  ] as [number, Sides, number][])(
    'of %d for %j with %d events is the largest that keeps 0.8·α, up to 2·α',
    (alpha, shares, events) => {
      const level = liftedLevel(alpha, shares, events);
      const steps = Math.round((level / alpha - 1) / 0.05);
      expect(level).toBeCloseTo(alpha * (1 + 0.05 * steps), 12);
      expect(steps).toBeGreaterThanOrEqual(0);
      expect(steps).toBeLessThanOrEqual(20);
      // A hair less and more, for levels that are met exactly.
      if (steps > 0) expect(worstSize(level * (1 - 1e-9), shares, events)).toBeLessThanOrEqual(0.8 * alpha);
      if (steps < 19) expect(worstSize(level + alpha * 0.05 * (1 + 1e-9), shares, events)).toBeGreaterThan(0.8 * alpha);
    },
  );

  it('is α itself beyond 250 events, and where it is not known how many there will be', () => {
    const shares = { here: 3000, there: 3000, dispersion: 0 };
    for (const events of [250.5, 1e9, Number.POSITIVE_INFINITY, Number.NaN])
      expect(liftedLevel(0.01, shares, events)).toBe(0.01);
  });

  it('lets Fisher’s test find what it would miss', () => {
    const level = liftedLevel(0.01, { here: 600, there: 5400, dispersion: 0 }, 33);
    const p = fisherTest({ x: 8, n: 600, y: 24, m: 5400 }, 'greater');
    expect([p > 0.01, p <= level]).toEqual([true, true]);
  });
});

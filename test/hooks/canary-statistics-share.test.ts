import { describe, expect, it } from 'vitest';
import { hypergeometricProbability } from '../../hooks/canary/statistics/fisher.ts';
import { logBeta, logGamma } from '../../hooks/canary/statistics/gamma.ts';
import { lawUpper, type Shares, shareLaw } from '../../hooks/canary/statistics/share-law.ts';

/** Every outcome with its chance, those that the law leaves out as well. */
function compared(shares: Shares, chanceOf: (x: number) => number): void {
  const { from, probability } = shareLaw(shares);
  expect(probability.length).toBeLessThanOrEqual(shares.events + 1);
  for (let x = -2; x <= shares.events + 2; x += 1) {
    const expected = chanceOf(x);
    expect(Math.abs((probability[x - from] ?? 0) - expected), `${x}`).toBeLessThanOrEqual(1e-10 * expected + 1e-15);
  }
  expect(Math.min(...probability)).toBeGreaterThan(0);
  expect(probability.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 12);
}

describe('the law of the canary’s share', () => {
  it.each([
    ['few events', 7, 300, 2700],
    ['no events', 0, 300, 2700],
    ['one event', 1, 2, 1],
    ['more events than either side has requests', 12, 8, 9],
    ['more than the canary has', 12, 8, 100],
    ['more than the other side has', 12, 100, 8],
    ['events at every request', 17, 8, 9],
    ['no requests of the canary', 5, 0, 10],
    ['no requests of the other side', 5, 10, 0],
    ['many events', 3000, 20_000, 40_000],
    ['many events on a small side', 3000, 100, 400_000],
  ])('is Fisher’s without dispersion: %s', (_, events, here, there) => {
    compared({ events, here, there, dispersion: 0 }, (x) => hypergeometricProbability(x, here, there, events));
  });

  it.each([
    ['little dispersion', 20, 300, 2700, 0.01],
    ['more', 20, 500, 500, 0.4],
    ['a small share', 60, 10, 5000, 0.2],
    ['a large share', 60, 5000, 10, 0.2],
    ['more events than requests', 40, 10, 20, 0.1],
    ['many events', 2000, 1000, 3000, 0.02],
  ])('is beta-binomial with dispersion: %s', (_, events, here, there, dispersion) => {
    const share = here / (here + there);
    const certainty = 1 / (2 * dispersion * share * (1 - share)) - 1;
    compared({ events, here, there, dispersion }, betaBinomial(events, certainty * share, certainty * (1 - share)));
  });

  it('never puts all on the two ends, whatever the dispersion', () => {
    compared({ events: 12, here: 40, there: 60, dispersion: 50 }, betaBinomial(12, 0.2, 0.3));
  });

  it.each([
    [9, 30.5, 5.5, 4, 9],
    [9, 5.5, 30.5, 0, 5],
    [12, 8.5, 7.5, 5, 8],
  ])(
    'of %i events on %d and %d requests goes from %i no further than what there is',
    (events, here, there, first, last) => {
      const { from, probability } = shareLaw({ events, here, there, dispersion: 0 });
      expect([from, from + probability.length - 1]).toEqual([first, last]);
    },
  );

  it('has the upper tail of what it holds, 1 below it and 0 above', () => {
    const shares = { events: 12, here: 100, there: 8, dispersion: 0 };
    const law = shareLaw(shares);
    for (let x = -1; x <= 14; x += 1) {
      let tail = 0;
      for (let more = x; more <= 12; more += 1) tail += hypergeometricProbability(more, 100, 8, 12);
      expect(lawUpper(law, x)).toBeCloseTo(x <= 4 ? 1 : tail, 12);
      expect(lawUpper(law, x)).toBeLessThanOrEqual(1);
    }
  });

  it('is no longer than it matters, so that many events take little time', () => {
    const { probability } = shareLaw({ events: 4_000_000, here: 1e9, there: 1e9, dispersion: 0 });
    // The standard deviation is 1000; what is beyond nine of them is nothing.
    expect(probability.length).toBeLessThan(2 * 9 * 1000);
    expect(probability.length).toBeGreaterThan(2 * 7.5 * 1000);
  });
});

function betaBinomial(events: number, a: number, b: number): (x: number) => number {
  return (x) => {
    if (x < 0 || x > events) return 0;
    const choices = logGamma(events + 1) - logGamma(x + 1) - logGamma(events - x + 1);
    return Math.exp(choices + logBeta(a + x, b + events - x) - logBeta(a, b));
  };
}

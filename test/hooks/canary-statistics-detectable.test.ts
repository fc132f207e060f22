import { describe, expect, it } from 'vitest';
import { rateToReach, smallestDetectableRate } from '../../hooks/canary/statistics/detectable.ts';
import { fisherTest, hypergeometricUpper } from '../../hooks/canary/statistics/fisher.ts';

/** Chance that Fisher's test finds this rate, over every outcome of both sides. */
function power(n: number, m: number, rate: number, alpha: number, canary: number): number {
  const [here, there] = [binomial(n, canary), binomial(m, rate)];
  let sum = 0;
  for (let x = 0; x <= n; x += 1)
    for (let y = 0; y <= m; y += 1)
      if (fisherTest({ x, n, y, m }, 'greater') <= alpha) sum += (here[x] ?? 0) * (there[y] ?? 0);
  return sum;
}

function binomial(n: number, p: number): number[] {
  let law = [1];
  for (let trial = 0; trial < n; trial += 1)
    law = [...law, 0].map((chance, x) => chance * (1 - p) + (law[x - 1] ?? 0) * p);
  return law;
}

describe('the smallest rate that is found', () => {
  it.each([
    [20, 30, 0.1, 0.01],
    [20, 30, 0, 0.01],
    [12, 6, 0.3, 0.05],
    [5, 40, 0.05, 0.05],
    [30, 10, 0.02, 0.02],
    [40, 60, 0.95, 0.2],
  ])('of %i requests against %i at %d and α = %d has this power over all outcomes', (n, m, rate, alpha) => {
    const found = smallestDetectableRate({ n, m, rate, alpha, power: 0.8 });
    if (power(n, m, rate, alpha, 1) < 0.8) expect(found).toBe(1);
    else expect(power(n, m, rate, alpha, found)).toBeCloseTo(0.8, 5);
  });

  it('counts what is significant at exactly the level', () => {
    const alpha = hypergeometricUpper(3, 5, 5, 3);
    const found = smallestDetectableRate({ n: 5, m: 5, rate: 0, alpha, power: 0.8 });
    expect(found).toBeCloseTo(rateToReach(3, 5, 0.8), 6);
  });

  it('is none where not even all of the canary’s requests would be enough', () => {
    expect(smallestDetectableRate({ n: 2, m: 100, rate: 0.5, alpha: 0.01, power: 0.8 })).toBe(1);
  });
});

describe('the rate that reaches a count', () => {
  it.each([
    [1, 10],
    [3, 10],
    [10, 10],
    [40, 1000],
  ])('%i of %i', (critical, n) => {
    const rate = rateToReach(critical, n, 0.8);
    const chance = binomial(n, rate)
      .slice(critical)
      .reduce((sum, one) => sum + one, 0);
    expect(chance).toBeCloseTo(0.8, 9);
  });

  it('is none for more than there are requests', () => {
    expect(rateToReach(11, 10, 0.8)).toBeNaN();
    expect(rateToReach(Number.POSITIVE_INFINITY, 10, 0.8)).toBeNaN();
  });
});

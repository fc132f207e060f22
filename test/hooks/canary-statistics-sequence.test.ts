import { describe, expect, it } from 'vitest';
import { countSequence, criticalCount } from '../../hooks/canary/statistics/count-sequence.ts';
import { estimateDispersion, lastingDispersion } from '../../hooks/canary/statistics/dispersion.ts';
import { fisherTest, hypergeometricProbability } from '../../hooks/canary/statistics/fisher.ts';
import { holmByLevel } from '../../hooks/canary/statistics/holm.ts';
import { liftedLevel } from '../../hooks/canary/statistics/lift.ts';
import { lawUpper, shareLaw } from '../../hooks/canary/statistics/share-law.ts';
import { randomFrom } from '../../scripts/bench/judge/random.ts';

const stretch = { here: 300, there: 2700, dispersion: 0 };

describe('counts over several looks', () => {
  it('one look is Fisher’s test', () => {
    const [look] = countSequence([{ ...stretch, canary: 12, events: 57, here: 1000, there: 9000 }], [0.01]);
    expect(look?.p).toBeCloseTo(fisherTest({ x: 12, n: 1000, y: 45, m: 9000 }, 'greater'), 12);
    expect(look).toMatchObject({ canary: 12, events: 57, crossed: true });
    expect(look?.threshold).toBeGreaterThanOrEqual(look?.p ?? 1);
    expect(look?.threshold).toBeLessThanOrEqual(0.01);
  });

  it('keeps α over all looks, counted over every outcome', () => {
    const drawn = [4, 9, 6];
    const cumulative = [0.01, 0.04, 0.1];
    let rejected = 0;
    let atFirst = 0;
    for (let a = 0; a <= 4; a += 1)
      for (let b = 0; b <= 9; b += 1)
        for (let c = 0; c <= 6; c += 1) {
          const canary = [a, b, c];
          const looks = countSequence(
            canary.map((x, i) => ({ ...stretch, canary: x, events: drawn[i] ?? 0 })),
            cumulative,
          );
          const chance = canary.reduce((p, x, i) => p * hypergeometricProbability(x, 300, 2700, drawn[i] ?? 0), 1);
          if (looks.some(({ crossed }) => crossed)) rejected += chance;
          if (looks[0]?.crossed) atFirst += chance;
        }
    expect(rejected).toBeLessThanOrEqual(0.1);
    // Whole numbers leave something unused, but less than half of it: what an early look leaves, a later one takes.
    expect(rejected).toBeGreaterThan(0.05);
    expect(atFirst).toBeLessThanOrEqual(0.01);
  });

  it('a look that was crossed stays crossed for those who only see it later', () => {
    const first = { ...stretch, canary: 9, events: 10 };
    const calm = { ...stretch, canary: 4, events: 90 };
    const looks = countSequence([first, calm, calm], [0.001, 0.004, 0.01]);
    expect(looks.map(({ crossed }) => crossed)).toEqual([true, false, false]);
  });

  it('large counts on a coarser grid are only more careful, and hardly so', () => {
    const events = 400_000;
    const shares = { here: 1e6, there: 9e6, dispersion: 0.002 };
    const exact = criticalCount(events * 0.9, shares, 0.01) - 1;
    const at = (canary: number) => countSequence([{ ...shares, canary, events }], [0.01])[0]?.crossed;
    const bound = Math.ceil(events * 0.1 + 2.6 * events * 0.1 * 0.9 * Math.sqrt(2 * 0.002));
    expect([at(exact * 0.9), at(bound)]).toEqual([false, true]);
  });
});

describe('the law of the canary’s share', () => {
  it('has the mean of the requests’ share, with and without dispersion', () => {
    for (const dispersion of [0, 0.01, 0.3, 5]) {
      const { from, probability } = shareLaw({ events: 200, here: 500, there: 4500, dispersion });
      const mean = probability.reduce((sum, chance, i) => sum + chance * (from + i), 0);
      expect(mean).toBeCloseTo(20, 8);
    }
  });

  it('has the variance that two rates of this dispersion give', () => {
    const { from, probability } = shareLaw({ events: 4000, here: 500, there: 4500, dispersion: 0.01 });
    const variance = probability.reduce((sum, chance, i) => sum + chance * (from + i - 400) ** 2, 0);
    const random = randomFrom(5);
    let squares = 0;
    const rounds = 40_000;
    for (let round = 0; round < rounds; round += 1) {
      const [one, other] = [random.gamma(100) / 100, random.gamma(100) / 100];
      const share = (0.1 * one) / (0.1 * one + 0.9 * other);
      squares += (random.binomial(4000, share) - 400) ** 2;
    }
    expect(variance / (squares / rounds)).toBeGreaterThan(0.95);
    expect(variance / (squares / rounds)).toBeLessThan(1.05);
  });

  it('the critical count is the first that one look finds too many', () => {
    for (const dispersion of [0, 0.02]) {
      const shares = { here: 600, there: 5400, dispersion };
      const critical = criticalCount(27, shares, 0.01);
      expect(lawUpper(shareLaw({ ...shares, events: 27 + critical }), critical)).toBeLessThanOrEqual(0.01);
      expect(lawUpper(shareLaw({ ...shares, events: 26 + critical }), critical - 1)).toBeGreaterThan(0.01);
    }
  });
});

describe('the lifted level', () => {
  it('keeps Fisher’s unconditional size within α while it gives power back', () => {
    const level = liftedLevel(0.01, { here: 600, there: 5400, dispersion: 0 }, 33);
    expect(level).toBeGreaterThan(0.0115);
    for (const rate of [0.001, 0.003, 0.005, 0.008, 0.012])
      expect(size(600, 5400, rate, level)).toBeLessThanOrEqual(0.01);
  });

  it('is α itself where counts are large', () => {
    expect(liftedLevel(0.01, { here: 600, there: 5400, dispersion: 0 }, 5000)).toBe(0.01);
  });
});

/** Chance of a false alarm of one look at this level, over all outcomes of both sides. */
function size(n: number, m: number, rate: number, level: number): number {
  const chance = (count: number, requests: number) =>
    hypergeometricProbability(count, requests, 1e9 - requests, Math.round(rate * 1e9));
  let total = 0;
  for (let y = 0; y <= m * rate * 3 + 15; y += 1) {
    let x = 0;
    while (fisherTest({ x, n, y, m }, 'greater') > level) x += 1;
    for (let more = x; more < x + 25; more += 1) total += chance(y, m) * chance(more, n);
  }
  return total;
}

describe('dispersion', () => {
  const random = randomFrom(11);
  const minutes = (count: number, shape: number, stretch = 1) => {
    let factor = 1;
    return Array.from({ length: count }, (_, minute) => {
      if (minute % stretch === 0) factor = shape === Number.POSITIVE_INFINITY ? 1 : random.gamma(shape) / shape;
      return { events: random.binomial(6000, 0.005 * factor), requests: 6000 };
    });
  };

  it('is about 0 for binomial counts, and 1/k for gamma-mixed ones', () => {
    const none = estimateDispersion([minutes(2000, Number.POSITIVE_INFINITY)]);
    expect(none.value).toBeLessThan(4 * none.error + 1e-9);
    for (const shape of [1, 4]) {
      const { value, error } = estimateDispersion([minutes(4000, shape)]);
      expect(Math.abs(value - 1 / shape)).toBeLessThan(4 * error);
      expect(error).toBeLessThan(0.1 / shape);
    }
  });

  it('two groups with rates of their own are no dispersion', () => {
    const slow = minutes(500, Number.POSITIVE_INFINITY);
    const fast = slow.map(({ events, requests }) => ({ events: events * 3, requests }));
    expect(estimateDispersion([slow, fast]).value).toBeLessThan(0.06);
    expect(estimateDispersion([[...slow, ...fast]]).value).toBeGreaterThan(0.2);
  });

  it('trouble that lasts counts as what it is', () => {
    const lasting = lastingDispersion([minutes(1000, 4, 5)]);
    expect(lasting.value).toBeGreaterThan(3 * 0.25);
    const brief = minutes(1000, 4);
    expect(lastingDispersion([brief])).toEqual(estimateDispersion([brief]));
  });

  it('knows nothing from no events, or one minute', () => {
    expect(
      estimateDispersion([
        [
          { events: 0, requests: 10 },
          { events: 0, requests: 10 },
        ],
      ]),
    ).toEqual({ value: 0, error: 0 });
    expect(lastingDispersion([[{ events: 5, requests: 10 }]])).toEqual({ value: 0, error: 0 });
  });
});

describe('Holm’s procedure by level', () => {
  const rejects = (p: readonly number[]) =>
    holmByLevel(p.length, 0.05, (i, level) => (p[i] ?? 1) <= level).map(({ rejected }) => rejected);

  it.each([
    [
      [0.01, 0.04, 0.03, 0.005],
      [true, false, false, true],
    ],
    [
      [0.02, 0.03],
      [true, true],
    ],
    [
      [0.03, 0.03],
      [false, false],
    ],
    [[], []],
  ])('%j → %j', (p, expected) => {
    expect(rejects(p)).toEqual(expected);
  });

  it('tells the level at which each was last tried', () => {
    expect(holmByLevel(2, 0.05, (i) => i === 0)).toEqual([
      { level: 0.025, rejected: true },
      { level: 0.05, rejected: false },
    ]);
  });
});

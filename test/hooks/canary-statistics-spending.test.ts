import { describe, expect, it } from 'vitest';
import { normalUpper, normalUpperQuantile } from '../../hooks/canary/statistics/normal.ts';
import { nominalLevels, spent } from '../../hooks/canary/statistics/spending.ts';
import { randomFrom } from '../../scripts/bench/judge/random.ts';

describe('what may be spent', () => {
  it.each(['power-1', 'power-2', 'power-3', 'obrien-fleming', 'pocock'] as const)(
    '%s: nothing, all, never more',
    (spending) => {
      expect(spent(spending, 0.01, 0)).toBe(0);
      expect(spent(spending, 0.01, -1)).toBe(0);
      for (const time of [1, 1.5, 40]) expect(spent(spending, 0.01, time)).toBeCloseTo(0.01, 12);
      const midway = [0.01, 0.2, 0.5, 0.8, 0.99].map((time) => spent(spending, 0.01, time));
      expect(midway).toEqual([...midway].sort((a, b) => a - b));
    },
  );

  it('is a power of the time', () => {
    expect([1, 2, 3].map((power) => spent(`power-${power}` as 'power-1', 0.08, 0.5))).toEqual([0.04, 0.02, 0.01]);
  });
});

describe('the level of each look', () => {
  it('of one look is what may be spent, whenever it is', () => {
    for (const time of [0.04, 0.5, 1, 4])
      for (const alpha of [1e-10, 0.01, 0.3]) expect(nominalLevels([time], [alpha])[0] ?? 0).toBeCloseTo(alpha, 9);
    expect((nominalLevels([0.2], [1e-10])[0] ?? 0) / 1e-10).toBeCloseTo(1, 6);
  });

  it('is nothing where nothing more may be spent, or nothing was added', () => {
    expect(nominalLevels([0.25, 0.5, 1], [0, 0, 0.01])).toEqual([0, 0, expect.closeTo(0.01, 8)]);
    expect(nominalLevels([0, 1], [0, 0.01])).toEqual([0, expect.closeTo(0.01, 8)]);
    expect(nominalLevels([0, 1], [0.002, 0.01])).toEqual([0, expect.closeTo(0.008, 8)]);
    expect(nominalLevels([0.5, 0.5, 1], [0.004, 0.006, 0.01])[1]).toBe(0);
    expect(nominalLevels([], [])).toEqual([]);
  });

  it('of two looks is that of the bivariate normal law', () => {
    for (const [first, second] of [
      [0.5, 1],
      [0.1, 0.2],
      [0.05, 1],
      [0.9, 1],
      [1, 4],
      [4, 9],
    ] as const)
      for (const [one, both] of [
        [0.005, 0.01],
        [0.02, 0.05],
        [1e-5, 0.01],
      ] as const) {
        const [p = 0, q = 0] = nominalLevels([first, second], [one, both]);
        expect(p / one, `${first} ${second}`).toBeCloseTo(1, 7);
        const missed = crossedLater(normalUpperQuantile(p), normalUpperQuantile(q), Math.sqrt(first / second));
        expect(missed / (both - one), `${first} ${second} ${one} ${both}`).toBeCloseTo(1, 3);
      }
  });

  it('does not ask in which unit time is told', () => {
    const times = [0.1, 0.35, 0.5, 0.55, 1];
    const cumulative = times.map((time) => spent('power-2', 0.025, time));
    const levels = nominalLevels(times, cumulative);
    for (const unit of [0.01, 60])
      nominalLevels(
        times.map((time) => time * unit),
        cumulative,
      ).forEach((level, look) => {
        expect(level / (levels[look] ?? 0)).toBeCloseTo(1, 6);
      });
  });

  it('keeps what may be spent for values that add up as they come', () => {
    const times = [0.1, 0.3, 0.35, 0.7, 1];
    const cumulative = times.map((time) => spent('power-1', 0.1, time));
    const bounds = nominalLevels(times, cumulative).map(normalUpperQuantile);
    const random = randomFrom(3);
    const crossed = times.map(() => 0);
    const rounds = 60_000;
    for (let round = 0; round < rounds; round += 1) {
      let [sum, before] = [0, 0];
      const first = times.findIndex((time, look) => {
        sum += random.normal() * Math.sqrt(time - before);
        before = time;
        return sum / Math.sqrt(time) >= (bounds[look] ?? 0);
      });
      if (first >= 0) for (let look = first; look < times.length; look += 1) crossed[look] = (crossed[look] ?? 0) + 1;
    }
    crossed.forEach((count, look) => {
      const target = (cumulative[look] ?? 0) * rounds;
      expect(Math.abs(count - target)).toBeLessThan(4 * Math.sqrt(target));
    });
  });
});

/** P(Z₁ < a, Z₂ ≥ b) for standard normals with this correlation, by the midpoint rule. */
function crossedLater(a: number, b: number, correlation: number): number {
  const [from, steps] = [-9, 20_000];
  const width = (a - from) / steps;
  const rest = Math.sqrt(1 - correlation ** 2);
  let sum = 0;
  for (let step = 0; step < steps; step += 1) {
    const z = from + (step + 0.5) * width;
    sum += Math.exp((-z * z) / 2) * normalUpper((b - correlation * z) / rest);
  }
  return (sum * width) / Math.sqrt(2 * Math.PI);
}

/** A small part of `npm run bench:judge`, with a seed of its own: does the judge still keep what its documentation says? */
import { describe, expect, it } from 'vitest';
import { binomialLower, binomialUpper } from '../../hooks/canary/statistics/binomial.ts';
import { BAD, type Case, HEALTHY } from '../../scripts/bench/judge/cells.ts';
import { measure, wilson } from '../../scripts/bench/judge/measure.ts';
import { randomFrom } from '../../scripts/bench/judge/random.ts';
import { RIVALS } from '../../scripts/bench/judge/rivals.ts';

const SEED = 4_711;
/** A true rate at the goal gives a result beyond these bounds once in ten thousand times. */
const RARE = 1e-4;

function cell(cases: readonly Case[], name: string): Case {
  const found = cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no cell is called ${name}`);
  return found;
}

describe('healthy releases', () => {
  it.each([
    ['binomial, 600 rpm, 10 %, 10 min', 400],
    ['binomial, 60 rpm, 5 %, 30 min', 150],
    ['gamma 4, 6000 rpm, 10 %, 10 min', 300],
    ['gamma 1, 6000 rpm, 5 %, 30 min', 120],
  ])('%s: rolled back no more often than the goal allows', (name, runs) => {
    const one = cell(HEALTHY, name);
    const { ours } = measure(one, runs, SEED);
    const most = one.goal && 'most' in one.goal ? one.goal.most : Number.NaN;
    expect(binomialUpper(ours, runs, most), `${ours} of ${runs}`).toBeGreaterThan(RARE);
  });
});

describe('bad releases', () => {
  it.each([
    ['errors 0.5 % → 2 %, 600 rpm, 10 %, 10 min', 300],
    ['errors 0.5 % → 2 %, 600 rpm, 10 %, 30 min', 100],
    ['errors 0 → 2 %, 600 rpm, 5 %, 10 min', 300],
    ['latency +20 %, requests gamma 2, 60 canary rpm, 10 min', 200],
  ])('%s: caught as often as the goal asks', (name, runs) => {
    const one = cell(BAD, name);
    const { ours, rivals } = measure(one, runs, SEED);
    const least = one.goal && 'least' in one.goal ? one.goal.least : Number.NaN;
    expect(binomialLower(ours, runs, least), `${ours} of ${runs}`).toBeGreaterThan(RARE);
    const kayenta = rivals[RIVALS.findIndex(({ name: rival }) => rival === 'like Kayenta')] ?? runs;
    expect(ours).toBeGreaterThan(kayenta);
  });
});

describe('the simulation', () => {
  it('is the same for the same seed, and another for another', () => {
    const one = cell(BAD, 'errors 0.5 % → 2 %, 600 rpm, 10 %, 10 min');
    expect(measure(one, 20, 1)).toEqual(measure(one, 20, 1));
    expect(measure(one, 20, 1)).not.toEqual(measure(one, 20, 2));
  });

  it('draws what it says: means and variances within five standard errors', () => {
    const random = randomFrom(SEED);
    const draws: readonly [string, () => number, number, number][] = [
      ['uniform', random.uniform, 0.5, 1 / 12],
      ['normal', random.normal, 0, 1],
      ['gamma 0.5', () => random.gamma(0.5), 0.5, 0.5],
      ['gamma 3', () => random.gamma(3), 3, 3],
      ['poisson 6', () => random.poisson(6), 6, 6],
      ['poisson 600', () => random.poisson(600), 600, 600],
      ['binomial 60', () => random.binomial(60, 0.02), 1.2, 1.176],
      ['binomial 5400', () => random.binomial(5400, 0.1), 540, 486],
      ['binomial 10, 90 %', () => random.binomial(10, 0.9), 9, 0.9],
    ];
    const size = 20_000;
    for (const [name, draw, mean, variance] of draws) {
      const values = Array.from({ length: size }, draw);
      const average = values.reduce((sum, value) => sum + value, 0) / size;
      const squares = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / size;
      expect(Math.abs(average - mean), name).toBeLessThan(5 * Math.sqrt(variance / size));
      expect(squares / variance, name).toBeCloseTo(1, 0.9);
    }
  });

  it('Wilson’s interval is that of the books: 8 of 10', () => {
    const { lower, upper } = wilson(8, 10);
    expect(lower).toBeCloseTo(0.4902, 4);
    expect(upper).toBeCloseTo(0.9433, 4);
  });
});

import { describe, expect, it } from 'vitest';
import {
  betaCdf,
  betaQuantile,
  betaUpper,
  studentUpper,
  studentUpperQuantile,
} from '../../hooks/canary/statistics/beta.ts';
import {
  binomialInterval,
  binomialLower,
  binomialProbability,
  binomialTest,
  binomialUpper,
} from '../../hooks/canary/statistics/binomial.ts';
import { deviance, logGamma } from '../../hooks/canary/statistics/gamma.ts';
import { normalCdf, normalUpper, normalUpperQuantile } from '../../hooks/canary/statistics/normal.ts';
import { rateRatioInterval } from '../../hooks/canary/statistics/rate-ratio.ts';
import { sampleRatio } from '../../hooks/canary/statistics/sample-ratio.ts';
import { choose, offBy, range } from './canary-statistics-near.ts';

describe('beta', () => {
  it('is the arcsine law for two halves, down to the smallest tails', () => {
    const points = [1e-20, 1e-9, 1e-6, 0.01, 0.3, 0.5, 0.75, 0.99];
    const rows = points.flatMap((x) => [
      [`lower ${x}`, betaCdf(x, 0.5, 0.5), (2 / Math.PI) * Math.asin(Math.sqrt(x))] as const,
      [`upper ${x}`, betaUpper(x, 0.5, 0.5), (2 / Math.PI) * Math.acos(Math.sqrt(x))] as const,
    ]);
    expect(offBy(rows)).toEqual([]);
  });

  it('is certain beyond its ends', () => {
    expect([-0.1, 0, 1, 1.1].map((x) => [betaCdf(x, 2, 3), betaUpper(x, 2, 3)])).toEqual([
      [0, 1],
      [0, 1],
      [1, 0],
      [1, 0],
    ]);
    expect([betaCdf(Number.NaN, 2, 3), betaUpper(Number.NaN, 2, 3)]).toEqual([Number.NaN, Number.NaN]);
  });

  it('keeps its digits where both parameters are huge', () => {
    const rows = [1e5, 3e7, 1e9].flatMap((a) => [
      [`lower ${a}`, betaCdf(0.5, a, a), 0.5] as const,
      [`upper ${a}`, betaUpper(0.5, a, a), 0.5] as const,
    ]);
    expect(offBy(rows)).toEqual([]);
  });

  it('its quantile of one power is a power, however skewed', () => {
    // At these Newton's first step ends exactly on 0 or 1.
    const [onto0, onto1] = [0.2886751345948123, 0.7113248654051878];
    const shares = [0.005, 0.2, onto0, 0.5, 0.7113248654051877, onto1, 0.975, 0.995];
    const rows = [0.1, 0.5, 1, 3, 40, 1e6].flatMap((power) =>
      shares.flatMap((p) => [
        [`a ${power} at ${p}`, betaQuantile(p, power, 1), p ** (1 / power)] as const,
        [`b ${power} at ${p}`, betaQuantile(p, 1, power), -Math.expm1(Math.log1p(-p) / power)] as const,
      ]),
    );
    expect(offBy(rows)).toEqual([]);
  });

  it('its quantile undoes its tail, and is exact at the ends and in the middle', () => {
    const rows = [0.02, 0.3, 0.5, 2, 7, 60, 5000].flatMap((a) =>
      [0.5, 2, 9, 800].flatMap((b) =>
        [0.005, 0.1, 0.5, 0.9, 0.995].flatMap((p) => {
          const x = betaQuantile(p, a, b);
          return x < 1e-40 ? [] : [[`${a} ${b} at ${p}`, betaCdf(x, a, b), p] as const];
        }),
      ),
    );
    expect(offBy(rows)).toEqual([]);
    expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3)]).toEqual([0, 1]);
    expect(offBy([0.5, 2, 400].map((a) => [`${a}`, betaQuantile(0.5, a, a), 0.5]))).toEqual([]);
  });

  it("Student's quantile is that of Cauchy for one degree, and known for two", () => {
    const rows = [1e-9, 1e-6, 0.001, 0.025, 0.2, 0.4].flatMap((p) => [
      [`one ${p}`, studentUpperQuantile(p, 1), 1 / Math.tan(Math.PI * p)] as const,
      [`two ${p}`, studentUpperQuantile(p, 2), (1 - 2 * p) / Math.sqrt(2 * p * (1 - p))] as const,
    ]);
    expect(offBy(rows)).toEqual([]);
    expect(studentUpper(0, 3)).toBe(0.5);
  });
});

describe('binomial', () => {
  const shares = [0, 0.01, 0.3, 0.5, 0.75, 0.99, 1];
  const cases = range(0, 9).flatMap((n) => shares.map((p) => ({ n, p })));
  const probability = (x: number, n: number, p: number) => choose(n, x) * p ** x * (1 - p) ** (n - x);

  it('equals the count of all outcomes, from no trial and from below none to above all', () => {
    const rows = cases.flatMap(({ n, p }) =>
      range(-1, n + 1).flatMap((x) => {
        const sum = (of: (k: number) => boolean) =>
          range(0, n).reduce((total, k) => total + (of(k) ? probability(k, n, p) : 0), 0);
        const name = `${x} of ${n} at ${p}`;
        return [
          [`exactly ${name}`, binomialProbability(x, n, p), x < 0 || x > n ? 0 : probability(x, n, p)],
          [`at least ${name}`, binomialUpper(x, n, p), sum((k) => k >= x)],
          [`at most ${name}`, binomialLower(x, n, p), sum((k) => k <= x)],
        ] as [string, number, number][];
      }),
    );
    expect(offBy(rows)).toEqual([]);
  });

  it('the two-sided test adds what is no likelier, equal chances included', () => {
    const rows = cases.flatMap(({ n, p }) =>
      range(0, n).map((x) => {
        const chances = range(0, n).map((k) => probability(k, n, p));
        const limit = probability(x, n, p) * (1 + 1e-7);
        const sum = chances.reduce((total, chance) => total + (chance <= limit ? chance : 0), 0);
        return [`${x} of ${n} at ${p}`, binomialTest(x, n, p, 'two.sided'), sum] as const;
      }),
    );
    expect(offBy(rows)).toEqual([]);
  });

  it('a share beyond 0 or 1 counts as that end', () => {
    expect([0, 2, 5].map((x) => binomialProbability(x, 5, -0.1))).toEqual([1, 0, 0]);
    expect([0, 2, 5].map((x) => binomialProbability(x, 5, 1.1))).toEqual([0, 0, 1]);
  });

  it('sees one rare event as likely as it is', () => {
    const rows = [1e-15, 1e-12, 1e-6].map(
      (p) => [`${p}`, binomialUpper(1, 10, p), -Math.expm1(10 * Math.log1p(-p))] as const,
    );
    expect(offBy(rows)).toEqual([]);
  });

  it('an interval of none or all ends at exactly 0 or 1', () => {
    const [none, all] = [binomialInterval(0, 20, 0.05), binomialInterval(20, 20, 0.05)];
    expect([none.lower, all.upper]).toEqual([0, 1]);
    expect(
      offBy([
        ['none', none.upper, 1 - 0.025 ** (1 / 20)],
        ['all', all.lower, 0.025 ** (1 / 20)],
      ]),
    ).toEqual([]);
  });

  it('a rate ratio is without bound where the other side has no event, or had no traffic', () => {
    expect(rateRatioInterval({ x: 3, n: 10, y: 0, m: 90 }, 0.05).upper).toBe(Number.POSITIVE_INFINITY);
    expect(rateRatioInterval({ x: 3, n: 10, y: 0, m: 0 }, 0.05).upper).toBe(Number.POSITIVE_INFINITY);
    expect(rateRatioInterval({ x: 0, n: 10, y: 3, m: 90 }, 0.05).lower).toBe(0);
  });

  it('a sample ratio of billions of requests is still judged', () => {
    expect(sampleRatio(4e8, 3.6e9, 0.1)).toEqual({ observed: 0.1, expected: 0.1, p: 1 });
    expect(sampleRatio(4.1e8, 3.59e9, 0.1).p).toBeLessThan(1e-300);
    expect(sampleRatio(4.00001e8, 3.599999e9, 0.1).p).toBeGreaterThan(0.9);
  });
});

describe('gamma and normal', () => {
  it('log-gamma is exactly 0 at 1 and 2', () => {
    expect([logGamma(1), logGamma(2)]).toEqual([0, 0]);
  });

  it('deviance keeps its digits beside the mean, and knows none and never', () => {
    const rows = [1e-6, -1e-6, 1e-3, -1e-3].map((off) => {
      // (1 + ε) log(1 + ε) − ε, as a series.
      const series = range(2, 8).reduce((sum, k) => sum + ((-1) ** k * off ** k) / (k * (k - 1)), 0);
      return [`${off}`, deviance(1e9 * (1 + off), 1e9), 1e9 * series] as const;
    });
    expect(offBy(rows)).toEqual([]);
    expect([deviance(5, 5), deviance(0, 3), deviance(3, 0)]).toEqual([0, 3, Number.POSITIVE_INFINITY]);
    expect(offBy([['far', deviance(2, 1e3), 2 * Math.log(2e-3) + 998]])).toEqual([]);
  });

  it('both normal tails mirror each other to the last digit', () => {
    const rows = [2 ** -3, 2 ** -20, 2 ** -40, 2 ** -50].map(
      (p) => [`${p}`, normalUpperQuantile(1 - p), -normalUpperQuantile(p)] as const,
    );
    expect(offBy(rows)).toEqual([]);
    expect([normalCdf(0), normalCdf(1.5)]).toEqual([0.5, 1 - normalUpper(1.5)]);
    expect([normalUpper(40), normalUpper(Number.POSITIVE_INFINITY), normalUpper(Number.NaN)]).toEqual([
      0,
      0,
      Number.NaN,
    ]);
    expect([normalUpperQuantile(-0.1), normalUpperQuantile(Number.NaN)]).toEqual([Number.NaN, Number.NaN]);
  });

  it('finds the quantile of the smallest chances that a number can hold', () => {
    const rows = [1e-305, 1e-312, 1e-320].map((p) => [`${p}`, normalUpper(normalUpperQuantile(p)), p] as const);
    expect(offBy(rows, 1e-3)).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  betaCdf,
  betaQuantile,
  betaUpper,
  studentUpper,
  studentUpperQuantile,
} from '../../hooks/canary/statistics/beta.ts';
import {
  type Alternative,
  binomialInterval,
  binomialLower,
  binomialTest,
  binomialUpper,
} from '../../hooks/canary/statistics/binomial.ts';
import { smallestDetectableRate } from '../../hooks/canary/statistics/detectable.ts';
import {
  conditionalOddsRatio,
  fisherTest,
  hypergeometricUpper,
  oddsRatioInterval,
} from '../../hooks/canary/statistics/fisher.ts';
import { logBeta, logGamma } from '../../hooks/canary/statistics/gamma.ts';
import { holm } from '../../hooks/canary/statistics/holm.ts';
import { normalCdf, normalQuantile, normalUpper, normalUpperQuantile } from '../../hooks/canary/statistics/normal.ts';
import { rankSumTest } from '../../hooks/canary/statistics/rank-sum.ts';
import { sumOfSome } from '../../hooks/canary/statistics/ranks.ts';
import { rateRatio, rateRatioInterval, rateRatioTest } from '../../hooks/canary/statistics/rate-ratio.ts';
import { sampleRatio } from '../../hooks/canary/statistics/sample-ratio.ts';
import { lawUpper, shareLaw } from '../../hooks/canary/statistics/share-law.ts';
import { shiftBetween, shiftByNormal, shiftOfPairs } from '../../hooks/canary/statistics/shift.ts';
import { signedRankTest } from '../../hooks/canary/statistics/signed-rank.ts';
import { nominalLevels, spent } from '../../hooks/canary/statistics/spending.ts';
import { quantile } from '../../hooks/canary/statistics/summary.ts';
import { unequalSpreadTest } from '../../hooks/canary/statistics/unequal-spread.ts';

const read = (name: string) => JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8'));
const r = read('statistics-vectors.json');
const scipy = read('statistics-scipy.json');

const ALTERNATIVES: readonly Alternative[] = ['greater', 'less', 'two.sided'];

/** Relative, so that it means as much for a p of 1e-300 as for one of a half. */
function close(actual: number, expected: number | string, tolerance = 1e-9): void {
  const target = Number(expected);
  if (!Number.isFinite(target) || target === 0) {
    expect(actual === target || Math.abs(actual - target) <= 1e-12, `${actual} instead of ${target}`).toBe(true);
    return;
  }
  expect(Math.abs(actual / target - 1), `${actual} instead of ${target}`).toBeLessThanOrEqual(tolerance);
}

function closeInterval(
  actual: { lower: number; upper: number },
  [lower, upper]: [number | string, number | string],
  tolerance = 1e-9,
): void {
  close(actual.lower, lower, tolerance);
  close(actual.upper, upper, tolerance);
}

describe('distributions agree with R and SciPy', () => {
  it('log-gamma and log-beta', () => {
    r.functions.lgamma.x.forEach((x: number, i: number) => {
      close(logGamma(x), r.functions.lgamma.v[i]);
    });
    for (const [x, value] of scipy.lgamma) close(logGamma(x), value, 1e-13);
    for (const [a, b, value] of scipy.betaln) close(logBeta(a, b), value, 1e-13);
  });

  it('normal, both ways, far into the tails', () => {
    r.functions.pnorm.q.forEach((q: number, i: number) => {
      close(normalCdf(q), r.functions.pnorm.p[i], 1e-14);
    });
    r.functions.qnorm.p.forEach((p: number, i: number) => {
      close(normalQuantile(p), r.functions.qnorm.q[i], 1e-14);
    });
    for (const [z, p] of scipy.pnorm_tail) close(normalUpper(z), p, 1e-13);
    for (const [p, z] of scipy.qnorm_tail) close(normalUpperQuantile(p), z, 1e-13);
    expect([normalUpperQuantile(0), normalUpperQuantile(1), normalUpperQuantile(2)]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
  });

  it('beta and Student', () => {
    for (const { p, a, b, v } of r.functions.qbeta) close(betaQuantile(p, a, b), v, 1e-12);
    for (const { x, a, b, v } of r.functions.pbeta) close(betaCdf(x, a, b), v, 1e-12);
    for (const [x, a, b, lower, upper] of scipy.beta) {
      close(betaCdf(x, a, b), lower, 1e-11);
      close(betaUpper(x, a, b), upper, 1e-11);
    }
    for (const [t, degrees, p] of scipy.t) close(studentUpper(t, degrees), p, 1e-12);
    close(studentUpperQuantile(studentUpper(2.82, 9), 9), 2.82, 1e-12);
  });

  it('hypergeometric and beta-binomial tails', () => {
    const [first, second] = r.functions.hypergeom_upper;
    close(hypergeometricUpper(5, 500, 4500, 15), first.v);
    close(hypergeometricUpper(3, 100, 900, 12), second.v);
    for (const [x, n, m, drawn, p] of scipy.hyper) {
      close(hypergeometricUpper(x, n, m, drawn), p, 1e-11);
      close(lawUpper(shareLaw({ events: drawn, here: n, there: m, dispersion: 0 }), x), p, 1e-9);
    }
    for (const [x, events, a, b, p] of scipy.betabinom) {
      const share = a / (a + b);
      const dispersion = 1 / (2 * (a + b + 1) * share * (1 - share));
      close(lawUpper(shareLaw({ events, here: 1e6 * share, there: 1e6 * (1 - share), dispersion }), x), p, 1e-9);
    }
  });
});

describe('tests of counts agree with R', () => {
  it.each(Array.from(r.fisher.keys() as Iterable<number>))('Fisher, table %i', (index) => {
    const { table: cells, alternative, p, conditionalMLE_oddsRatio, ci95 } = r.fisher[index];
    const [[x, restX], [y, restY]] = cells;
    const table = { x, n: x + restX, y, m: y + restY };
    close(fisherTest(table, alternative), p);
    // R's own solver stops early (its upper bounds are up to 1 % off); SciPy's bounds are exact.
    const exact = scipy.oddsRatio[index];
    close(conditionalOddsRatio(table), exact.oddsRatio);
    close(conditionalOddsRatio(table), conditionalMLE_oddsRatio, 1e-3);
    closeInterval(oddsRatioInterval(table, alternative, 0.05), exact.ci95);
    closeInterval(oddsRatioInterval(table, alternative, 0.05), ci95, 1e-2);
  });

  it('binomial test and interval', () => {
    const cases: Record<string, [number, number, number]> = {
      'binom_12_of_57_p0.1': [12, 57, 0.1],
      'binom_7_of_20_p0.05': [7, 20, 0.05],
      'binom_0_of_10_p0.1': [0, 10, 0.1],
    };
    for (const { id, alternative, p, ci95 } of r.binomTest) {
      const [x, n, share] = cases[id] ?? [Number.NaN, 0, 0];
      close(binomialTest(x, n, share, alternative), p);
      const bounds = binomialInterval(x, n, alternative === 'two.sided' ? 0.05 : 0.1);
      closeInterval(
        { lower: alternative === 'less' ? 0 : bounds.lower, upper: alternative === 'greater' ? 1 : bounds.upper },
        ci95,
      );
    }
    close(binomialUpper(12, 57, 0.1) + binomialLower(11, 57, 0.1), 1, 1e-14);
  });

  it('rate ratio with its interval', () => {
    const cases: Record<string, [number, number, number, number]> = {
      'poisson2_12/1000_45/9000': [12, 1000, 45, 9000],
      'poisson2_doc_11/800_23/3000': [11, 800, 21, 3011],
    };
    for (const { id, alternative, p, rateRatio: ratio, ci95 } of r.poissonTest) {
      const [x = 0, n = 0, y = 0, m = 0] = cases[id] ?? [];
      close(rateRatioTest({ x, n, y, m }, alternative), p);
      close(rateRatio({ x, n, y, m }), ratio);
      const bounds = rateRatioInterval({ x, n, y, m }, alternative === 'two.sided' ? 0.05 : 0.1);
      if (alternative !== 'less') close(bounds.lower, ci95[0]);
      if (alternative !== 'greater') close(bounds.upper, ci95[1]);
    }
  });

  it('an interval for overdispersed counts is wider, around the same ratio', () => {
    const plain = rateRatioInterval({ x: 12, n: 1000, y: 45, m: 9000 }, 0.05);
    const wide = rateRatioInterval({ x: 12, n: 1000, y: 45, m: 9000 }, 0.05, 2);
    expect(wide.lower).toBeLessThan(plain.lower);
    expect(wide.upper).toBeGreaterThan(plain.upper);
  });

  it('smallest detectable rate', () => {
    const { p0, rows } = { p0: r.smallestDetectable.p0, rows: r.smallestDetectable.rows };
    for (const n of [30, 300, 1800])
      p0.forEach((rate: number, i: number) => {
        const found = smallestDetectableRate({ n, m: 9 * n, rate, alpha: 0.01, power: 0.8 });
        expect(Math.abs(found - rows[n][i]), `${n} at ${rate}: ${found}`).toBeLessThanOrEqual(6e-5);
      });
  });

  it('sample ratio: 10 % expected, 700 or 400 of 5000 seen', () => {
    expect(sampleRatio(400, 4600, 0.1)).toMatchObject({ observed: 0.08, expected: 0.1 });
    close(sampleRatio(12, 45, 0.1).p, r.binomTest[0].p);
  });
});

describe('rank tests agree with R and SciPy', () => {
  it.each(Object.keys(r.wilcoxon))('rank-sum of %s', (name) => {
    const { x, y, tests, W, exactPermutation, ci } = r.wilcoxon[name];
    for (const alternative of ALTERNATIVES) {
      const { exact, asymptotic, asymptotic_cc } = tests[alternative];
      if (exact !== null) close(rankSumTest(x, y, alternative, 'exact').p, exact);
      close(rankSumTest(x, y, alternative, 'normal').p, asymptotic_cc);
      close(rankSumTest(x, y, alternative, 'normal-uncorrected').p, asymptotic);
      close(rankSumTest(x, y, alternative).p, exactPermutation[alternative.replace('.', '_')]);
    }
    expect(rankSumTest(x, y, 'greater').u).toBe(W);
    const differences = x.flatMap((a: number) => y.map((b: number) => a - b));
    const upTo = (value: number) => differences.filter((difference: number) => difference <= value).length;
    for (const { kind, level, lower, upper, estimate } of ci) {
      const shift = kind === 'exact' ? shiftBetween(x, y, 1 - level) : shiftByNormal(x, y, 1 - level);
      const scale = Math.max(...x) - Math.min(...y);
      // R gives the range of the differences where the level cannot be reached; we say that there is no bound.
      const clamped = (bound: number) => Math.min(Math.max(...differences), Math.max(Math.min(...differences), bound));
      expect(Math.abs(clamped(shift.lower) - lower), `${kind} ${level} lower`).toBeLessThanOrEqual(1e-4 * scale);
      expect(Math.abs(clamped(shift.upper) - upper), `${kind} ${level} upper`).toBeLessThanOrEqual(1e-4 * scale);
      // An even number of differences leaves a stretch in the middle where the normal form's root may be anywhere.
      if (kind === 'exact') close(shift.estimate, estimate);
      else if (differences.length % 2 === 0) expect(upTo(shift.estimate), `${level} estimate`).toBe(upTo(estimate));
      else expect(Math.abs(shift.estimate - estimate), `${level} estimate`).toBeLessThanOrEqual(1e-4 * scale);
    }
  });

  it('the law of U', () => {
    const { pwilcox, qwilcox } = r.functions;
    const cumulative = (m: number, n: number) => {
      const law = sumOfSome(
        Array.from({ length: m + n }, (_, i) => i),
        m,
      );
      let sum = 0;
      return Array.from(law.probability.slice((m * (m - 1)) / 2), (chance) => (sum += chance));
    };
    for (const { q, m, n, v } of pwilcox) close(cumulative(m, n)[q] ?? Number.NaN, v, 1e-12);
    for (const { p, m, n, v } of qwilcox) expect(cumulative(m, n).findIndex((sum) => sum >= p)).toBe(v);
  });

  it.each(ALTERNATIVES)('rank-sum, signed-rank and Brunner-Munzel, %s', (alternative) => {
    for (const { x, y, asym, exact } of scipy.mannWhitney) {
      close(rankSumTest(x, y, alternative, 'normal').p, asym[alternative]);
      if (exact) close(rankSumTest(x, y, alternative, 'exact').p, exact[alternative]);
    }
    for (const { d, exact } of scipy.signedRank) close(signedRankTest(d, alternative).p, exact[alternative]);
    close(signedRankTest(scipy.signedRankNormal.d, alternative).p, scipy.signedRankNormal.p[alternative]);
    for (const { x, y, p } of scipy.brunnerMunzel) close(unequalSpreadTest(x, y, alternative).p, p[alternative]);
  });

  it('signed-rank with ties equals the count over all signs', () => {
    const d = [1, -1, 2, 2, -3, 5, 5, 5, 0];
    const sizes = [1.5, 1.5, 3.5, 3.5, 5, 7, 7, 7];
    const observed = 3.5 + 3.5 + 7 + 7 + 7 + 1.5;
    let greater = 0;
    for (let signs = 0; signs < 256; signs += 1)
      if (sizes.reduce((sum, size, i) => sum + ((signs >> i) & 1) * size, 0) >= observed) greater += 1;
    expect(signedRankTest(d, 'greater')).toMatchObject({ w: observed, pairs: 8, exact: true, p: greater / 256 });
    expect(signedRankTest([0, 0], 'greater').p).toBe(1);
  });

  it('the shift of pairs is the median Walsh average, its interval the values that the test would keep', () => {
    const d = [0.7, 1.1, -0.4, 2.2, 0.9, 1.6, 0.2, 3.1, -1.2, 0.5];
    const walsh = d.flatMap((a, i) => d.slice(i).map((b) => (a + b) / 2)).sort((a, b) => a - b);
    const { estimate, lower, upper } = shiftOfPairs(d, 0.05);
    close(estimate, walsh[27] ?? 0, 1e-12);
    const kept = (shift: number) =>
      signedRankTest(
        d.map((value) => value - shift),
        'two.sided',
      ).p > 0.05;
    expect([kept(lower - 1e-9), kept(lower + 1e-9), kept(upper - 1e-9), kept(upper + 1e-9)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('too few values exclude nothing', () => {
    expect(shiftOfPairs([1, 2, 3], 0.05)).toMatchObject({
      lower: Number.NEGATIVE_INFINITY,
      upper: Number.POSITIVE_INFINITY,
    });
    expect(shiftBetween([1, 2], [3, 4], 0.05).lower).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('summaries and several tests at once', () => {
  it('quantile type 7', () => {
    const { data, p, v } = r.functions.quantile_type7;
    p.forEach((share: number, i: number) => {
      close(quantile(data, share), v[i]);
    });
  });

  it('Holm', () => {
    const { p, holm: expected } = r.functions.p_adjust;
    holm(p).forEach((value, i) => {
      close(value, expected[i]);
    });
  });
});

describe('spending', () => {
  const { alpha, t, lanDeMetsOBF, pocockLike, power2 } = r.functions.alpha_spending;

  it('spends what R computes', () => {
    t.forEach((time: number, i: number) => {
      close(spent('obrien-fleming', alpha, time), lanDeMetsOBF[i]);
      close(spent('pocock', alpha, time), pocockLike[i]);
      close(spent('power-2', alpha, time), power2[i]);
    });
    expect([spent('power-2', 0.01, 0), spent('power-2', 0.01, 7)]).toEqual([0, 0.01]);
  });

  it('gives the boundaries that are published for five equal looks at α = .025 (Lan and DeMets 1983)', () => {
    const cumulative: number[] = t.map((time: number) => spent('obrien-fleming', 0.025, time));
    const bounds = nominalLevels(t, cumulative).map(normalUpperQuantile);
    [4.8769, 3.3569, 2.6803, 2.2898, 2.031].forEach((bound, i) => {
      close(bounds[i] ?? 0, bound, 2e-4);
    });
  });

  it('leaves nothing to a look that may spend nothing', () => {
    expect(nominalLevels([0.5, 1, 1], [0.01, 0.01, 0.01])).toEqual([expect.closeTo(0.01, 10), 0, 0]);
  });
});

/** The binomial distribution: probabilities, tails, the exact test and the exact interval. */
import { betaCdf, betaQuantile, betaUpper } from './beta.ts';
import { deviance, stirlingError } from './gamma.ts';

export type Alternative = 'greater' | 'less' | 'two.sided';

export interface Interval {
  lower: number;
  upper: number;
}

/** P(X = x). @param n may be fractional, for an equivalent number of trials */
export function binomialProbability(x: number, n: number, p: number): number {
  if (x < 0 || x > n) return 0;
  if (p <= 0) return x === 0 ? 1 : 0;
  if (p >= 1) return x === n ? 1 : 0;
  if (x === 0) return Math.exp(n * Math.log1p(-p));
  if (x === n) return Math.exp(n * Math.log(p));
  const errors = stirlingError(n) - stirlingError(x) - stirlingError(n - x);
  const exponent = errors - deviance(x, n * p) - deviance(n - x, n * (1 - p));
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * x * (n - x)));
}

/** P(X ≥ x). */
export function binomialUpper(x: number, n: number, p: number): number {
  if (x <= 0) return 1;
  if (x > n) return 0;
  return betaCdf(p, x, n - x + 1);
}

/** P(X ≤ x). */
export function binomialLower(x: number, n: number, p: number): number {
  if (x < 0) return 0;
  if (x >= n) return 1;
  return betaUpper(p, x + 1, n - x);
}

/** The exact test of x successes in n against p. Two-sided sums every outcome that is no likelier than x. */
export function binomialTest(x: number, n: number, p: number, alternative: Alternative): number {
  if (alternative === 'greater') return binomialUpper(x, n, p);
  if (alternative === 'less') return binomialLower(x, n, p);
  const limit = binomialProbability(x, n, p) * (1 + 1e-7);
  const mean = n * p;
  if (x === mean) return 1;
  if (x < mean) {
    const far = firstUpTo(limit, Math.ceil(mean), n, (y) => binomialProbability(y, n, p));
    return Math.min(1, binomialLower(x, n, p) + binomialUpper(far, n, p));
  }
  const near = n - firstUpTo(limit, n - Math.floor(mean), n, (y) => binomialProbability(n - y, n, p));
  return Math.min(1, binomialUpper(x, n, p) + binomialLower(near, n, p));
}

/** The exact interval of Clopper and Pearson. Fractional x and n are accepted. @param outside chance outside, both tails */
export function binomialInterval(x: number, n: number, outside: number): Interval {
  return {
    lower: x <= 0 ? 0 : betaQuantile(outside / 2, x, n - x + 1),
    upper: x >= n ? 1 : betaQuantile(1 - outside / 2, x + 1, n - x),
  };
}

/** The first y from `from` on with falling(y) ≤ limit; n + 1 if there is none. */
function firstUpTo(limit: number, from: number, n: number, falling: (y: number) => number): number {
  let [low, high] = [from, n + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (falling(middle) <= limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

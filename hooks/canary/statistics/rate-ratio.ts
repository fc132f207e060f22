/** Compares two rates of rare events: given how many there are in all, how many fall on one side is binomial. */
import { type Alternative, binomialInterval, binomialTest, type Interval } from './binomial.ts';

/** x events in an exposure of n (requests, or seconds), y in one of m. */
export interface Rates {
  x: number;
  n: number;
  y: number;
  m: number;
}

/** p of the conditional test that both rates are the same. */
export function rateRatioTest({ x, n, y, m }: Rates, alternative: Alternative): number {
  return binomialTest(x, x + y, n / (n + m), alternative);
}

/** (x/n) / (y/m); Infinity where only the first side has events, NaN where neither has. */
export function rateRatio({ x, n, y, m }: Rates): number {
  return x / n / (y / m);
}

/**
 * The exact interval of the rate ratio.
 * @param outside chance outside, both tails together
 * @param spread variance of the counts as a multiple of the binomial one; above 1 the interval is that of x/spread and
 *   y/spread events, which is as wide as overdispersed counts deserve
 */
export function rateRatioInterval({ x, n, y, m }: Rates, outside: number, spread = 1): Interval {
  const { lower, upper } = binomialInterval(x / spread, (x + y) / spread, outside);
  const ratio = (share: number) => (share >= 1 ? Number.POSITIVE_INFINITY : (share / (1 - share)) * (m / n));
  return { lower: ratio(lower), upper: ratio(upper) };
}

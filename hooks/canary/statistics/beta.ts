/** The regularised incomplete beta function: tails of the beta, binomial and Student distributions. */
import { deviance, logBeta, stirlingError } from './gamma.ts';

const TINY = 1e-300;

/** P(B ≤ x) for B ~ Beta(a, b). */
export function betaCdf(x: number, a: number, b: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  return x <= (a + 1) / (a + b + 2) ? lowerByFraction(x, 1 - x, a, b) : 1 - lowerByFraction(1 - x, x, b, a);
}

/** P(B > x) for B ~ Beta(a, b), without 1 − p, so that small tails keep their digits. */
export function betaUpper(x: number, a: number, b: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x <= 0) return 1;
  if (x >= 1) return 0;
  return x > (a + 1) / (a + b + 2) ? lowerByFraction(1 - x, x, b, a) : 1 - lowerByFraction(x, 1 - x, a, b);
}

/** The x with P(B ≤ x) = p. @param p 0 to 1 */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  let [low, high] = [0, 1];
  let x = a / (a + b);
  for (let round = 0; round < 200; round += 1) {
    const error = betaCdf(x, a, b) - p;
    if (error > 0) high = x;
    else low = x;
    const next = x - error / Math.exp(logDensity(x, a, b));
    const inside = next > low && next < high;
    const moved = inside ? next : (low + high) / 2;
    if (Math.abs(moved - x) <= 1e-15 * moved) return moved;
    x = moved;
  }
  return x;
}

/** P(T > t) for Student's distribution. @param degrees of freedom, any number above 0 */
export function studentUpper(t: number, degrees: number): number {
  const half = 0.5 * betaCdf(degrees / (degrees + t * t), degrees / 2, 0.5);
  return t >= 0 ? half : 1 - half;
}

/** The t with P(T > t) = p. @param p above 0, at most ½ */
export function studentUpperQuantile(p: number, degrees: number): number {
  const x = betaQuantile(2 * p, degrees / 2, 0.5);
  return Math.sqrt((degrees * (1 - x)) / x);
}

function logDensity(x: number, a: number, b: number): number {
  return (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - logBeta(a, b);
}

/** Lentz's evaluation of the continued fraction 26.5.8 of Abramowitz and Stegun. Small for x below the mean. */
function lowerByFraction(x: number, rest: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / guarded(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < 100_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guarded(1 + even * d);
    c = guarded(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guarded(1 + odd * d);
    c = guarded(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return (frontFactor(x, rest, a, b) / a) * value;
}

/** x^a·(1−x)^b / B(a, b), by the saddle point form when both are large, where plain logarithms would cancel. */
function frontFactor(x: number, rest: number, a: number, b: number): number {
  if (Math.min(a, b) < 10) return Math.exp(a * Math.log(x) + b * Math.log(rest) - logBeta(a, b));
  const sum = a + b;
  const errors = stirlingError(sum) - stirlingError(a) - stirlingError(b);
  const exponent = errors - deviance(a, sum * x) - deviance(b, sum * rest);
  return Math.sqrt((a * b) / (2 * Math.PI * sum)) * Math.exp(exponent);
}

function guarded(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

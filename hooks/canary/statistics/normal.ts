/** The standard normal distribution, exact in the far tails, where p-values live. */

const SQRT_2PI = 2.5066282746310007;

/** Below this the series converges quickly; above it the continued fraction does. */
const SERIES_UP_TO = 3;

/** P(Z > z). Keeps its relative accuracy down to the smallest double. */
export function normalUpper(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  if (z < 0) return 1 - normalUpper(-z);
  if (z > 39) return 0;
  return z < SERIES_UP_TO ? 0.5 - centralArea(z) : normalDensity(z) * tailFraction(z);
}

/** P(Z ≤ z). */
export function normalCdf(z: number): number {
  return normalUpper(-z);
}

export function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / SQRT_2PI;
}

/** The z with P(Z > z) = p; ±Infinity at 0 and 1. @param p 0 to 1 */
export function normalUpperQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0) return Number.POSITIVE_INFINITY;
  if (p > 0.5) return -normalUpperQuantile(1 - p);
  return refined(p, roughQuantile(p));
}

/** The z with P(Z ≤ z) = p. @param p 0 to 1 */
export function normalQuantile(p: number): number {
  return -normalUpperQuantile(p);
}

/** P(0 < Z < z): Φ(z) − ½ = φ(z)·(z + z³/3 + z⁵/15 + …), all terms of one sign. */
function centralArea(z: number): number {
  let term = z;
  let sum = z;
  for (let odd = 3; term > sum * 1e-17; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return normalDensity(z) * sum;
}

/** Mills' ratio by its continued fraction 1/(z + 1/(z + 2/(z + 3/(z + …)))), from the inside out. */
function tailFraction(z: number): number {
  const depth = Math.ceil(30 + 600 / (z * z));
  let value = z;
  for (let k = depth; k >= 1; k -= 1) value = z + k / value;
  return 1 / value;
}

/** The leading terms of the tail's asymptotic form: good to a few per cent, all that the refinement needs. */
function roughQuantile(p: number): number {
  if (p > 0.1) return (0.5 - p) * SQRT_2PI;
  const t = Math.sqrt(-2 * Math.log(p));
  return t - Math.log(t * SQRT_2PI) / t;
}

/** Newton's method on log P, which is nearly quadratic in z, so it converges from any start. */
function refined(p: number, start: number): number {
  let z = start;
  for (let round = 0; round < 60; round += 1) {
    const upper = normalUpper(z);
    const slope = normalDensity(z) / upper;
    const step = Math.log(upper / p) / slope;
    z += step;
    if (Math.abs(step) <= 1e-15 * (1 + Math.abs(z))) break;
  }
  return z;
}

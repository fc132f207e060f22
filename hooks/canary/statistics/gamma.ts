/** The logarithm of the gamma function and what is built of it, without losing digits where arguments are large. */

const HALF_LOG_2PI = 0.9189385332046727;

/** Coefficients of Stirling's series, B(2k) / (2k(2k-1)). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

/** From here on seven terms of the series are exact to the last bit. */
const SERIES_FROM = 15;

/** log Γ(x). @param x above 0 */
export function logGamma(x: number): number {
  if (x === 1 || x === 2) return 0;
  let shifted = x;
  let product = 1;
  for (; shifted < SERIES_FROM; shifted += 1) product *= shifted;
  return (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_2PI + stirlingSeries(shifted) - Math.log(product);
}

/** log of the beta function B(a, b). */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (small < SERIES_FROM) return logGamma(small) + logGammaRatio(large, small);
  const sum = a + b;
  const errors = stirlingSeries(small) + stirlingSeries(large) - stirlingSeries(sum);
  return (
    HALF_LOG_2PI -
    0.5 * Math.log(large) +
    errors +
    (small - 0.5) * Math.log(small / sum) +
    large * Math.log1p(-small / sum)
  );
}

/** log(n!) less Stirling's leading terms: (n + ½) log n − n + ½ log 2π. @param n above 0 */
export function stirlingError(n: number): number {
  if (n >= SERIES_FROM) return stirlingSeries(n);
  return logGamma(n + 1) - (n + 0.5) * Math.log(n) + n - HALF_LOG_2PI;
}

/**
 * x log(x / mean) + mean − x, the part of a Poisson or binomial probability that depends on how far off x is. Near the
 * mean its terms cancel, so a series takes over. Method: Loader, "Fast and accurate computation of binomial
 * probabilities" (2000).
 */
export function deviance(x: number, mean: number): number {
  if (x === 0) return mean;
  const v = (x - mean) / (x + mean);
  if (Math.abs(v) >= 0.1) return x * Math.log(x / mean) + mean - x;
  let sum = (x - mean) * v;
  let power = 2 * x * v;
  for (let odd = 3; ; odd += 2) {
    power *= v * v;
    const next = sum + power / odd;
    // What is no number is never equal to itself.
    if (next === sum || Number.isNaN(next)) return next;
    sum = next;
  }
}

/** log Γ(x) − log Γ(x + a) for a small a; direct subtraction would lose what the large terms share. */
function logGammaRatio(x: number, a: number): number {
  if (x < SERIES_FROM) return logGamma(x) - logGamma(x + a);
  const sum = x + a;
  return (x - 0.5) * -Math.log1p(a / x) - a * Math.log(sum) + a + stirlingSeries(x) - stirlingSeries(sum);
}

function stirlingSeries(x: number): number {
  const square = x * x;
  return STIRLING.reduceRight((sum, coefficient) => sum / square + coefficient, 0) / x;
}

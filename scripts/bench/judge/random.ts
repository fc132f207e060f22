/** Seeded random numbers, so that every table can be repeated: xoshiro128** (Blackman and Vigna), and what is drawn from it. */

export interface Random {
  /** Uniform in [0, 1), 32 bits of it. */
  uniform(): number;
  normal(): number;
  /** Mean `shape`, variance `shape`. */
  gamma(shape: number): number;
  poisson(mean: number): number;
  binomial(n: number, p: number): number;
}

/** @param seed any 32-bit number */
export function randomFrom(seed: number): Random {
  const uniform = xoshiro(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * (1 - uniform()) ** (1 / shape);
    return marsaglia(shape, uniform, normal);
  };
  const binomial = (n: number, p: number): number => {
    if (p <= 0 || n <= 0) return 0;
    if (p >= 1) return n;
    if (p > 0.5) return n - binomial(n, 1 - p);
    return n * p < 30 ? skipping(n, p, uniform) : halved(n, p, gamma, binomial);
  };
  const poisson = (mean: number): number => {
    if (mean < 30) return knuth(mean, uniform);
    // The time of the k-th event is a gamma; what is left of the time is smaller by more than half.
    const k = Math.floor(mean * 0.875);
    const at = gamma(k);
    return at > mean ? binomial(k - 1, mean / at) : k + poisson(mean - at);
  };
  return { uniform, normal, gamma, poisson, binomial };
}

function xoshiro(seed: number): () => number {
  const state = Uint32Array.from({ length: 4 }, (_, index) => splitMix(seed + index * 0x9e3779b9));
  let [a = 1, b = 0, c = 0, d = 0] = state;
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result / 2 ** 32;
  };
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

function splitMix(seed: number): number {
  let z = (seed + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

/** Marsaglia and Tsang's method for shapes from 1 on. */
function marsaglia(shape: number, uniform: () => number, normal: () => number): number {
  const d = shape - 1 / 3;
  for (;;) {
    const x = normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** From success to success, by geometric steps. */
function skipping(n: number, p: number, uniform: () => number): number {
  const log = Math.log1p(-p);
  let count = -1;
  let at = 0;
  do {
    at += Math.floor(Math.log(1 - uniform()) / log) + 1;
    count += 1;
  } while (at <= n);
  return count;
}

/** The middle of n uniform numbers is a beta: it halves the problem. */
function halved(
  n: number,
  p: number,
  gamma: (shape: number) => number,
  binomial: (n: number, p: number) => number,
): number {
  const k = Math.floor((n + 1) / 2);
  const [first, second] = [gamma(k), gamma(n + 1 - k)];
  const middle = first / (first + second);
  return middle <= p ? k + binomial(n - k, (p - middle) / (1 - middle)) : binomial(k - 1, p / middle);
}

function knuth(mean: number, uniform: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = 1 - uniform(); product > limit; product *= 1 - uniform()) count += 1;
  return count;
}

/**
 * Seeded chance for made-up traffic: the same seed gives the same numbers. Counts are drawn exactly, however large,
 * since statistics are tested on them: a normal approximation would have the wrong tails.
 */
export class Noise {
  #state: number;

  /** @param seed any numbers; each combination begins a stream of its own */
  constructor(...seed: readonly number[]) {
    this.#state = seed.reduce((state, part) => mix((state ^ mix(part | 0)) + 0x9e3779b9), 0x243f6a88);
  }

  /** Uniform in [0, 1), with 53 random bits. */
  uniform(): number {
    return (this.#bits() >>> 5) / 2 ** 27 + (this.#bits() >>> 6) / 2 ** 53;
  }

  /** Standard normal, by Box and Muller's polar method. */
  normal(): number {
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) return x * Math.sqrt((-2 * Math.log(square)) / square);
    }
  }

  /** Gamma of the given shape and scale 1 (Marsaglia and Tsang, 2000). @param shape above 0 */
  gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * (1 - this.uniform()) ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** Poisson, cut down by gamma waiting times until few events are left to count (Ahrens and Dieter, 1974). */
  poisson(mean: number): number {
    let left = mean;
    let count = 0;
    while (left > 20) {
      const events = Math.floor((left * 7) / 8);
      const waited = this.gamma(events);
      if (waited > left) return count + this.binomial(events - 1, left / waited);
      count += events;
      left -= waited;
    }
    const limit = Math.exp(-left);
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count += 1;
    return count;
  }

  /** Binomial, cut down by the order statistics of uniform numbers until few trials are left (same source). */
  binomial(trials: number, probability: number): number {
    let [n, p, count] = [trials, probability, 0];
    if (p >= 1) return n;
    while (n > 20 && p > 0) {
      const middle = Math.floor(n / 2) + 1;
      const [a, b] = [this.gamma(middle), this.gamma(n + 1 - middle)];
      const split = a / (a + b);
      if (split <= p) {
        count += middle;
        n -= middle;
        p = (p - split) / (1 - split);
      } else {
        n = middle - 1;
        p /= split;
      }
    }
    for (let trial = 0; trial < n; trial += 1) count += this.uniform() < p ? 1 : 0;
    return count;
  }

  /** Splitmix with 32 bits. */
  #bits(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return mix(this.#state);
  }
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

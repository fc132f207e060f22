/** Fisher's exact test for two counts of events among requests, and the odds ratio behind it. */
import { type Alternative, binomialProbability, type Interval } from './binomial.ts';
import { findRoot } from './root.ts';

/** x events among n requests on one side, y among m on the other. */
export interface Table {
  x: number;
  n: number;
  y: number;
  m: number;
}

/** P(X = x) when `drawn` events fall among n requests here and m there by chance. */
export function hypergeometricProbability(x: number, n: number, m: number, drawn: number): number {
  if (x < 0 || x > n || drawn - x > m || x > drawn) return 0;
  const total = n + m;
  if (drawn === 0 || drawn === total) return 1;
  const p = drawn / total;
  return (binomialProbability(x, n, p) * binomialProbability(drawn - x, m, p)) / binomialProbability(drawn, total, p);
}

/** P(X ≥ x). */
export function hypergeometricUpper(x: number, n: number, m: number, drawn: number): number {
  const first = Math.max(0, drawn - m);
  const last = Math.min(n, drawn);
  if (x <= first) return 1;
  if (x > last) return 0;
  const mode = ((drawn + 1) * (n + 1)) / (n + m + 2);
  // The nearer tail is summed, from its large end to where a term no longer counts.
  return x > mode ? tailUp(x, last, n, m, drawn) : 1 - tailDown(x - 1, first, n, m, drawn);
}

/** P(X ≤ x). */
function hypergeometricLower(x: number, n: number, m: number, drawn: number): number {
  return hypergeometricUpper(drawn - x, m, n, drawn);
}

/** p of Fisher's exact test. Greater: events are commoner on the side of x. Two-sided: all tables no likelier than this. */
export function fisherTest({ x, n, y, m }: Table, alternative: Alternative): number {
  const drawn = x + y;
  if (alternative === 'greater') return hypergeometricUpper(x, n, m, drawn);
  if (alternative === 'less') return hypergeometricLower(x, n, m, drawn);
  const limit = hypergeometricProbability(x, n, m, drawn) * (1 + 1e-7);
  let sum = 0;
  for (let k = Math.max(0, drawn - m); k <= Math.min(n, drawn); k += 1) {
    const probability = hypergeometricProbability(k, n, m, drawn);
    if (probability <= limit) sum += probability;
  }
  return Math.min(1, sum);
}

/** The odds ratio that makes the table likeliest, given its margins; 0 or Infinity at the ends of what is possible. */
export function conditionalOddsRatio({ x, n, y, m }: Table): number {
  const law = new OddsLaw(n, m, x + y);
  if (x === law.first) return 0;
  if (x === law.last) return Number.POSITIVE_INFINITY;
  return law.solve((odds) => law.mean(odds) - x);
}

/** The exact interval of the odds ratio. @param outside chance left outside, on the side or sides of the alternative */
export function oddsRatioInterval({ x, n, y, m }: Table, alternative: Alternative, outside: number): Interval {
  const law = new OddsLaw(n, m, x + y);
  const each = alternative === 'two.sided' ? outside / 2 : outside;
  const lower =
    alternative === 'less' || x === law.first ? 0 : law.solve((odds) => law.tail(odds, (k) => k >= x) - each);
  const upper =
    alternative === 'greater' || x === law.last
      ? Number.POSITIVE_INFINITY
      : law.solve((odds) => each - law.tail(odds, (k) => k <= x));
  return { lower, upper };
}

/** The noncentral hypergeometric distribution, as a function of the odds ratio. */
class OddsLaw {
  readonly first: number;
  readonly last: number;
  private readonly logs: readonly number[];

  constructor(n: number, m: number, drawn: number) {
    this.first = Math.max(0, drawn - m);
    this.last = Math.min(n, drawn);
    this.logs = Array.from({ length: this.last - this.first + 1 }, (_, index) =>
      Math.log(hypergeometricProbability(this.first + index, n, m, drawn)),
    );
  }

  mean(odds: number): number {
    return this.average(odds, (k) => k);
  }

  tail(odds: number, inside: (k: number) => boolean): number {
    return this.average(odds, (k) => (inside(k) ? 1 : 0));
  }

  /** The odds at which a growing function of them is 0, sought on the logarithm. */
  solve(f: (odds: number) => number): number {
    return Math.exp(findRoot((log) => f(Math.exp(log)), -60, 60, 1e-13));
  }

  private average(odds: number, of: (k: number) => number): number {
    const weights = this.logs.map((log, index) => log + (this.first + index) * Math.log(odds));
    const largest = weights.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    let [sum, mass] = [0, 0];
    weights.forEach((weight, index) => {
      const probability = Math.exp(weight - largest);
      mass += probability;
      sum += probability * of(this.first + index);
    });
    return sum / mass;
  }
}

function tailUp(x: number, last: number, n: number, m: number, drawn: number): number {
  let term = hypergeometricProbability(x, n, m, drawn);
  let sum = term;
  for (let k = x; k < last && term > sum * 1e-18; k += 1) {
    term *= ((n - k) * (drawn - k)) / ((k + 1) * (m - drawn + k + 1));
    sum += term;
  }
  return Math.min(1, sum);
}

function tailDown(x: number, first: number, n: number, m: number, drawn: number): number {
  let term = hypergeometricProbability(x, n, m, drawn);
  let sum = term;
  for (let k = x; k > first && term > sum * 1e-18; k -= 1) {
    term *= (k * (m - drawn + k)) / ((n - k + 1) * (drawn - k + 1));
    sum += term;
  }
  return Math.min(1, sum);
}

/** Ranks with ties, and the exact law of a sum of ranks, by counting. */

/** The ranks of some values, doubled so that a shared (middle) rank is a whole number too. */
export interface Ranking {
  doubled: readonly number[];
  /** Σ(t³ − t) over the groups of t equal values. */
  ties: number;
}

/** Ranks from 1; equal values share the middle of their ranks. */
export function rankAll(values: readonly number[]): Ranking {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const doubled = new Array<number>(values.length).fill(0);
  let ties = 0;
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    const value = values[order[start] ?? 0];
    while (end < order.length && values[order[end] ?? 0] === value) end += 1;
    const size = end - start;
    ties += size ** 3 - size;
    for (const index of order.slice(start, end)) doubled[index] = start + end + 1;
    start = end;
  }
  return { doubled, ties };
}

/** A distribution on whole numbers from `from` on. */
export interface Counted {
  from: number;
  probability: Float64Array;
}

/** The law of the sum of `take` of these numbers, every choice being equally likely. */
export function sumOfSome(numbers: readonly number[], take: number): Counted {
  const { least, steps, unit } = compact(numbers);
  const top = [...steps].sort((a, b) => b - a).slice(0, take);
  const size = top.reduce((sum, step) => sum + step, 0) + 1;
  const ways = Array.from({ length: take + 1 }, () => new Float64Array(size));
  const none = ways[0];
  if (none) none[0] = 1;
  steps.forEach((step, seen) => {
    for (let chosen = Math.min(take, seen + 1); chosen >= 1; chosen -= 1)
      addShifted(ways[chosen] ?? new Float64Array(0), ways[chosen - 1] ?? new Float64Array(0), step);
  });
  return { from: least * take, probability: spreadOut(ways[take] ?? new Float64Array(0), unit) };
}

/** The law of the sum of these numbers when each is in or out with equal chance. */
export function sumOfAny(numbers: readonly number[]): Counted {
  const size = numbers.reduce((sum, number) => sum + number, 0) + 1;
  const ways = new Float64Array(size);
  ways[0] = 1;
  for (const number of numbers) addShifted(ways, ways, number);
  return { from: 0, probability: spreadOut(ways, 1) };
}

/** P(S ≥ value), P(S ≤ value), and P(|S − mean| ≥ |value − mean|); with ties the law is not symmetric. */
export function tails({ from, probability }: Counted, value: number, mean: number) {
  const distance = Math.abs(value - mean) - 1e-9;
  let [greater, less, twoSided] = [0, 0, 0];
  probability.forEach((chance, index) => {
    const sum = from + index;
    if (sum >= value) greater += chance;
    if (sum <= value) less += chance;
    if (Math.abs(sum - mean) >= distance) twoSided += chance;
  });
  return { greater, less, 'two.sided': Math.min(1, twoSided) };
}

/** Without ties all doubled ranks are even: half the table is enough. */
function compact(numbers: readonly number[]) {
  const least = numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const steps = numbers.map((number) => number - least);
  const unit = steps.every((step) => step % 2 === 0) ? 2 : 1;
  return { least, unit, steps: steps.map((step) => step / unit) };
}

/** to[s] += from[s − step], downwards so that a row may be added to itself. */
function addShifted(to: Float64Array, from: Float64Array, step: number): void {
  for (let sum = to.length - 1; sum >= step; sum -= 1) to[sum] = (to[sum] ?? 0) + (from[sum - step] ?? 0);
}

function spreadOut(ways: Float64Array, unit: number): Float64Array {
  const total = ways.reduce((sum, count) => sum + count, 0);
  const probability = new Float64Array((ways.length - 1) * unit + 1);
  ways.forEach((count, index) => {
    probability[index * unit] = count / total;
  });
  return probability;
}

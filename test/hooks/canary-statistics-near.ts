/** Relative distance of a number from what it should be; 0 where both are the same, as two zeros or infinities are. */
export function distance(actual: number, expected: number): number {
  return Object.is(actual, expected) || actual === expected ? 0 : Math.abs(actual / expected - 1);
}

/** Where a table of [what, actual, expected] is off by more than is promised: empty when all is well. */
export function offBy(rows: readonly (readonly [string, number, number])[], tolerance = 1e-9): string[] {
  return rows
    .filter(([, actual, expected]) => !(distance(actual, expected) <= tolerance))
    .map(([what, actual, expected]) => `${what}: ${actual} instead of ${expected}`);
}

/** n over k, by the product; 0 outside. */
export function choose(n: number, k: number): number {
  if (k < 0 || k > n) return 0;
  return Array.from({ length: k }, (_, i) => (n - i) / (k - i)).reduce((product, factor) => product * factor, 1);
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

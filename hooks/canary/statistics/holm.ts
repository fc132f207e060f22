/** Several tests at once. */

/** Holm's adjusted p-values: rejecting those up to α keeps the chance of any false rejection up to α. */
export function holm(p: readonly number[]): number[] {
  const order = p.map((_, index) => index).sort((a, b) => (p[a] ?? 0) - (p[b] ?? 0));
  const adjusted = new Array<number>(p.length).fill(1);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * (p[index] ?? 1)));
    adjusted[index] = largest;
  });
  return adjusted;
}

/**
 * Holm's procedure for tests that are run at a level rather than turned into one p: all are tried at α/k, and when one
 * rejects, the others are tried again at α/(k − 1).
 * @param rejects does test number `index` reject at this level?
 * @returns the level at which each test was last tried, in order, and whether it rejected
 */
export function holmByLevel(
  count: number,
  alpha: number,
  rejects: (index: number, level: number) => boolean,
): { level: number; rejected: boolean }[] {
  const result = Array.from({ length: count }, () => ({ level: alpha / count, rejected: false }));
  let open = result.map((_, index) => index);
  while (open.length > 0) {
    const level = alpha / open.length;
    const rejected = open.filter((index) => rejects(index, level));
    for (const index of open) result[index] = { level, rejected: rejected.includes(index) };
    if (rejected.length === 0) break;
    open = open.filter((index) => !rejected.includes(index));
  }
  return result;
}

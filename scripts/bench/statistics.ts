/** The median, and the middle half of the sample. */
export interface Spread {
  median: number;
  lower: number;
  upper: number;
}

/** @param sample at least one number */
export function spread(sample: readonly number[]): Spread {
  const sorted = [...sample].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) };
}

/** `0.41 (0.40–0.43)`: the median with the middle half of the paired ratios. */
export function shownRatio(values: readonly number[], baseline: readonly number[]): string {
  const { median, lower, upper } = spread(values.map((value, index) => value / (baseline[index] ?? Number.NaN)));
  return `${median.toFixed(2)} (${lower.toFixed(2)}–${upper.toFixed(2)})`;
}

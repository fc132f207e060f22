/** Numbers for the small charts. */

/** Two digits behind the point are less than a pixel. */
export function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A round number that holds all values, and is not much above them. */
export function niceTop(most: number): number {
  if (most <= 0) return 1;
  const power = Math.floor(Math.log10(most));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((digit) => digit * 10 ** power >= most) ?? 10;
  return Number((step * 10 ** power).toPrecision(2));
}

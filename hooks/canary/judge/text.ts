/** Numbers as people read them. */

/** A share in per cent, with as many digits as tell small ones apart. */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0) return '0 %';
  return `${Math.abs(value) >= 0.1 ? value.toFixed(2) : value.toPrecision(2)} %`;
}

export function count(value: number): string {
  return String(Math.round(value));
}

/** Four digits that matter, and the unit. */
export function plain(value: number, unit?: string): string {
  const digits = String(Number(value.toPrecision(4)));
  return unit ? `${digits} ${unit}` : digits;
}

/** A factor, or a bound of one; null is unbounded. */
export function factor(value: number | null): string {
  return value === null ? '∞' : String(Number(value.toPrecision(3)));
}

/** A p or a threshold: ordinary down to one in ten thousand, then with a power of ten. */
export function chance(p: number): string {
  return p >= 0.00095 ? p.toFixed(4) : p.toExponential(1);
}

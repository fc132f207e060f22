/** `184 ms`, `1.94 ms`: three digits, since a histogram has no more. */
export function milliseconds(value: number): string {
  return `${grouped(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)))} ms`;
}

/** `99.8 %`, `0.02 %` */
export function percent(share: number): string {
  const value = share * 100;
  return `${Number(value >= 10 ? value.toFixed(1) : value.toPrecision(2))} %`;
}

/** `36,000` */
export function grouped(value: number): string {
  return value.toLocaleString('en-GB', { maximumFractionDigits: 2 });
}

import * as z from 'zod/mini';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const TEXT = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;

const error = 'must be a duration such as 30s, 5m, 1h30m or 2d';

/** `90s`, `5m`, `1h30m`, `2d` or 0, in whole milliseconds. */
export const Duration = z.pipe(
  z.union([z.literal(0), z.string().check(z.regex(TEXT, { error }))], { error }),
  z.transform(milliseconds),
);

function milliseconds(text: string | 0): number {
  if (text === 0) return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  return Math.round(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0));
}

/** Moments as recordings write them. */

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
const EPOCH = /^\d{1,11}(\.\d+)?$/;

/**
 * An ISO 8601 moment with its offset from UTC, or epoch seconds as the AWS CLI writes them.
 * @returns epoch milliseconds, or undefined when the text is neither
 */
export function momentOf(text: string): number | undefined {
  if (EPOCH.test(text)) return Math.round(Number(text) * 1_000);
  const at = ISO.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(at) ? at : undefined;
}

export const MOMENT = 'a moment such as 2026-09-14T09:00:00Z, or epoch seconds';

/** `09:05`, in UTC. */
export function clockOf(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}

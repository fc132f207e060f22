import { appendFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect } from 'vitest';

/** Every fuzz there is, and its part of the cases: much for what is cheap and strange, less for whole invocations. */
const SHARES = {
  'lifecycle events': 100,
  'events to the hooks': 60,
  'hookDetails to the hooks': 60,
  'damaged states to the hooks': 40,
  'answers of AWS to the hooks': 40,
  'EventBridge events to the hooks': 30,
  'EventBridge events': 40,
  'layers of configuration': 60,
  'admission policies': 40,
  'image references': 160,
  'patterns of images': 80,
  wildcards: 40,
  'image manifests': 60,
  'approval values': 80,
  'approval histories': 40,
  'approval descriptions': 20,
  'metric data': 20,
  'load plans and results': 30,
  histograms: 30,
  'messages to the generator': 30,
  'shard messages': 30,
  'allowed targets': 40,
  'reasons and log lines': 30,
} as const;
export type FuzzName = keyof typeof SHARES;

const ALL = Object.values(SHARES).reduce((sum, share) => sum + share, 0);
/** In all fuzzes together. FUZZ_CASES tries more: `npm run fuzz`. */
const WANTED = Number(process.env.FUZZ_CASES ?? 30_000);

/** For `it`: a bound for what hangs, milliseconds. */
export const PATIENCE_MS = process.env.FUZZ_CASES === undefined ? 300_000 : 6 * 3_600_000;

export function casesOf(name: FuzzName): number {
  return Math.max(10, Math.ceil((WANTED * SHARES[name]) / ALL));
}

/**
 * Tries a property on this fuzz's part of the cases. The property answers what became of the case; each of `outcomes`
 * must have come up, so that a fuzz which only ever reaches the first `if` fails.
 */
export async function fuzz<T, Outcome extends string>(
  name: FuzzName,
  cases: fc.Arbitrary<T>,
  outcomes: readonly Outcome[],
  property: (value: T) => Outcome | Promise<Outcome>,
): Promise<void> {
  const seen = new Map<Outcome, number>(outcomes.map((outcome) => [outcome, 0]));
  await fc.assert(
    fc.asyncProperty(cases, async (value) => {
      const outcome = await property(value);
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    }),
    { numRuns: casesOf(name) },
  );
  // Of much fewer cases a rare outcome may be missing by chance.
  const asked = WANTED < 30_000 ? [] : outcomes;
  for (const outcome of asked) expect(seen.get(outcome), `${name}: ${outcome}`).toBeGreaterThan(0);
  report(name, Object.fromEntries(seen));
}

/** For scripts/fuzz.ts, which adds them up. */
function report(name: FuzzName, outcomes: Record<string, number>): void {
  const file = process.env.FUZZ_REPORT;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ name, outcomes })}\n`);
}

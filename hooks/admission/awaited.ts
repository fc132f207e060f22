import * as z from 'zod/mini';
import type { CheckInput } from '../../shared/hook.ts';
import { count, instant, oneLine } from '../../shared/text.ts';
import { type Verdict, wait } from '../../shared/verdict.ts';
import { describeScan } from './ecr.ts';
import { readScan, type Scan } from './findings.ts';
import { parseReference } from './reference.ts';
import { identifyImage } from './registry.ts';
import { mayYetCome } from './scan.ts';

/** An image of Amazon ECR whose scan is waited for, until at most so many milliseconds since the epoch. */
const AwaitedScan = z.strictObject({ image: z.string(), until: z.int() });
export type AwaitedScan = z.infer<typeof AwaitedScan>;

/** What the last look waited for. Safe to lose: the next one then begins at the revision again. */
export const State = z.strictObject({ awaited: z.array(AwaitedScan) });
export type State = z.infer<typeof State>;

/** Where more scans are awaited, every look begins at the revision. */
const MOST_SCANS = 10;

/** Each image once: several containers, and several rules, may wait for the same scan. */
export function awaitedState(scans: readonly AwaitedScan[]): State {
  const until = new Map<string, number>();
  for (const scan of scans) until.set(scan.image, Math.min(scan.until, until.get(scan.image) ?? scan.until));
  const awaited = [...until].map(([image, at]) => ({ image, until: at }));
  return { awaited: awaited.length > MOST_SCANS ? [] : awaited };
}

/**
 * One call for each scan that the last look waited for. As long as none of them has come, and the time for none is up,
 * there is nothing to decide; else the whole look begins anew, which alone admits or denies.
 */
export async function stillAwaited({
  state,
  now,
  signal,
}: Pick<CheckInput<unknown, State>, 'state' | 'now' | 'signal'>): Promise<Verdict<State> | undefined> {
  const { awaited = [] } = state ?? {};
  const until = Math.min(...awaited.map((scan) => scan.until));
  if (awaited.length === 0 || now.getTime() >= until) return undefined;
  const scans = await Promise.all(awaited.map(({ image }) => scanOf(image, signal)));
  if (!scans.every((scan) => scan !== undefined && mayYetCome(scan))) return undefined;
  const told = awaited.map(({ image }, i) => `${oneLine(image, 400)} is ${scans[i]?.status}`).join('; ');
  return wait(`Waiting for ${count(awaited.length, 'scan')}: ${told}; waited for until ${instant(new Date(until))}`, {
    state: { awaited },
    evidence: { awaited },
  });
}

/** Undefined where something is wrong: the whole look says what, and of which container. */
async function scanOf(image: string, signal: AbortSignal): Promise<Scan | undefined> {
  const parsed = parseReference(image);
  if (!parsed.ok || parsed.reference.digest === undefined) return undefined;
  const identity = identifyImage(parsed.reference);
  if (identity.kind !== 'ecr') return undefined;
  const { account, region, repository: name } = identity;
  try {
    return readScan(await describeScan({ account, region, name }, parsed.reference.digest, signal));
  } catch {
    return undefined;
  }
}

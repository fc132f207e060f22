import { ShardClaim, ShardResult } from '../../shared/load/result.ts';
import { parseJson, problems } from '../../shared/schema.ts';
import { decodeHistogram, type Histogram, merge } from './histogram.ts';
import { type Measured, percentiles } from './measured.ts';

export interface ShardOutcome extends ShardResult {
  readonly latencies: Histogram;
}

/** What a run's parameters say of its shards, by name. */
export interface Shards {
  readonly results: ReadonlyMap<string, ShardOutcome>;
  /** Those without a result. */
  readonly open: readonly string[];
  /** Of those, the ones that no generator has taken. */
  readonly untaken: readonly string[];
  /** Why one of them cannot give a result any more. */
  readonly trouble?: string;
}

export function readShards(folder: ReadonlyMap<string, string>, names: readonly string[]): Shards {
  const results = new Map<string, ShardOutcome>();
  const [open, untaken, troubles]: string[][] = [[], [], []];
  for (const name of names) {
    const text = folder.get(name);
    if (text === undefined) untaken?.push(name);
    const value = text === undefined ? undefined : parseJson(text);
    if (text === undefined || ShardClaim.safeParse(value).success) {
      open?.push(name);
      continue;
    }
    const read = readResult(value);
    if ('trouble' in read) troubles?.push(`${name}: ${read.trouble}`);
    else results.set(name, read);
    if ('trouble' in read) open?.push(name);
  }
  const [trouble] = troubles ?? [];
  return { results, open: open ?? [], untaken: untaken ?? [], ...(trouble !== undefined && { trouble }) };
}

function readResult(value: unknown): ShardOutcome | { trouble: string } {
  const parsed = ShardResult.safeParse(value, { reportInput: true });
  if (!parsed.success) return { trouble: `a result that cannot be read: ${problems(parsed.error, 'result')}` };
  const { endedBy, problem, histogram } = parsed.data;
  if (endedBy === 'error') return { trouble: `the generator ended with ${problem ?? 'an error'}` };
  if (endedBy === 'stopped') return { trouble: 'the generator was stopped' };
  try {
    return { ...parsed.data, latencies: decodeHistogram(histogram) };
  } catch (error) {
    return { trouble: `a histogram that cannot be read: ${error instanceof Error ? error.message : 'damaged'}` };
  }
}

/**
 * Errors that are not green's: the generator could not even ask. A name that does not resolve is among them, since in
 * Service Connect a name is there before green is, and a generator task that is older than the name never learns it.
 */
const OWN_KINDS = new Set(['dns', 'local']);

export interface Pooled extends Measured {
  /** Requests that the generators themselves could not send. */
  readonly ownErrors: number;
  /** How late the worst generator itself was at its 99th percentile, milliseconds; it is part of every latency. */
  readonly latenessMs: number;
  /** How late any of them was at the most, milliseconds. */
  readonly mostLateMs: number;
  /** Of the coarsest shard: a wide distribution takes fewer, to fit into a parameter. */
  readonly significantDigits: number;
  /** Share of a shard's time in which all shards ran: below 1, the load was never whole. */
  readonly overlap: number;
}

/** All shards of one side as if one generator had measured them. */
export function pool(shards: readonly ShardOutcome[]): Pooled {
  const latencies = merge(shards.map((shard) => shard.latencies));
  // A Map, since a result may name any kind: `constructor` of an object is not a number.
  const byKind = new Map<string, number>();
  for (const { errorsByKind } of shards) {
    for (const [kind, n] of Object.entries(errorsByKind)) byKind.set(kind, (byKind.get(kind) ?? 0) + n);
  }
  const isOwn = ([kind]: [string, number]) => OWN_KINDS.has(kind);
  const sum = (entries: [string, number][]) => entries.reduce((total, [, n]) => total + n, 0);
  const kinds = [...byKind].filter(([, n]) => n > 0);
  const sent = shards.reduce((total, shard) => total + shard.sent, 0);
  const abandoned = shards.reduce((total, shard) => total + shard.abandoned, 0);
  const wanted = shards.reduce((total, shard) => total + shard.wanted.requests, 0);
  const ownErrors = sum(kinds.filter(isOwn));
  return {
    requests: sent - abandoned - ownErrors,
    errors: sum(kinds.filter((kind) => !isOwn(kind))),
    errorsByKind: Object.fromEntries(kinds.filter((kind) => !isOwn(kind))),
    ownErrors,
    achievedRate: wanted === 0 ? 0 : sent / wanted,
    latenessMs: Math.max(...shards.map(({ lateness }) => lateness.p99)) / 1000,
    mostLateMs: Math.max(...shards.map(({ lateness }) => lateness.max)) / 1000,
    significantDigits: latencies.scale.significantDigits,
    overlap: overlapOf(shards),
    latencies: latencies.total,
    values: percentiles(latencies),
  };
}

/** Share of the longest shard's time in which all of them ran. */
export function overlapOf(shards: readonly ShardOutcome[]): number {
  const times = shards.map(({ startedAt, endedAt }) => ({ from: Date.parse(startedAt), to: Date.parse(endedAt) }));
  const longest = Math.max(...times.map(({ from, to }) => to - from));
  const common = Math.min(...times.map(({ to }) => to)) - Math.max(...times.map(({ from }) => from));
  return longest <= 0 ? 1 : Math.max(0, common / longest);
}

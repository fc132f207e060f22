import type { JsonObject } from '../../shared/schema.ts';
import { instant } from '../../shared/text.ts';
import { readPrevious } from './baseline.ts';
import type { Latency } from './config.ts';
import type { Input } from './input.ts';
import { type Judged, type JudgeInput, judge } from './judge.ts';
import { milliseconds, percent } from './numbers.ts';
import type { Plan } from './plan.ts';
import { overlapOf, type Pooled, pool, type ShardOutcome, type Shards } from './results.ts';
import { sideOf } from './shards.ts';

export interface Tested extends Pick<Judged, 'outcome' | 'reason'> {
  readonly evidence: JsonObject;
  /** What was measured, where something was. */
  readonly green?: Pooled;
}

/** More requests than this that the generator could not send, and the rest is no fair sample. */
const MOST_OWN_ERRORS = 0.01;
/** A generator in good order is late by so much, milliseconds: timers are that coarse. */
const USUAL_LATENESS_MS = 1;
/** Shards that ran together for less of their time never made the wanted load. */
const LEAST_OVERLAP = 0.8;
const ONE_AFTER_THE_OTHER = 'fewer tasks than shards, or one was taken over';

/** What the shards of a run say: of green, or that they can say nothing. */
export async function weigh(input: Input, plan: Plan, shards: Shards): Promise<Tested> {
  const missing = whyMissing(plan, shards);
  const evidence = { shards: Object.fromEntries([...shards.results].map(([name, one]) => [name, short(one)])) };
  if (missing !== undefined) return { outcome: 'could-not-run', reason: missing, evidence };
  const of = (side: string) => [...shards.results].flatMap(([name, one]) => (sideOf(name) === side ? [one] : []));
  const green = pool(of('green'));
  const blue = plan.sides.includes('blue') ? pool(of('blue')) : undefined;
  const found = { ...evidence, green: summary(green), ...(blue && { blue: summary(blue) }) };
  const { baseline, missing: why } = await baselineOf(input, blue);
  if (why !== undefined && input.config.onNoBaseline === 'fail') {
    return { outcome: 'fail', reason: `${why}; onNoBaseline is fail`, evidence: found, green };
  }
  const judging = { green, config: input.config, ...(baseline && { baseline }) };
  const judged = judge(judging);
  const sides: [string, Pooled][] = blue
    ? [
        ['green', green],
        ['blue', blue],
      ]
    : [['green', green]];
  const trouble = sides.flatMap(([name, side]) => whyUnfair(name, side, input.config.thresholds.achievedRate));
  if (blue !== undefined) trouble.push(...whyApart(shards));
  // Lateness makes either side slower than it is: green's own can only fail it, and blue's can only pass it.
  if (judged.outcome === 'fail') trouble.push(...whyLate(judging, green));
  else if (blue !== undefined) trouble.push(...whyExcused(judging, blue));
  const all = { ...found, ...(baseline && { baseline: { name: baseline.name, values: baseline.of.values } }) };
  // Failed requests are failed at any rate; latencies and passing are not to be had of a load that was not there.
  const isSure =
    judged.outcome === 'fail' && judged.errorsFailed && green.ownErrors <= green.requests * MOST_OWN_ERRORS;
  if (trouble.length > 0 && !isSure) {
    return { ...judged, outcome: 'could-not-run', reason: trouble.join(', '), evidence: all, green };
  }
  const note = why === undefined ? '' : `; not compared: ${why}`;
  return { ...judged, reason: `${judged.reason}${note}`, evidence: all, green };
}

/** The verdict's one sentence. */
export function sentence({ outcome, reason }: Pick<Tested, 'outcome' | 'reason'>): string {
  return `Load test ${outcome === 'pass' ? 'passed' : 'failed'}: ${reason}`;
}

function whyMissing({ until }: Plan, { open, untaken, results, trouble }: Shards): string | undefined {
  if (trouble !== undefined) return trouble;
  if (open.length === 0) return undefined;
  const all = open.length + results.size;
  const begun = untaken.length === 0 ? '' : `, ${untaken.length} of them never taken by a generator`;
  return `${open.length} of ${all} shards gave no result by ${instant(new Date(until))}${begun}`;
}

/** A generator that is short of CPU is late, and takes its own lateness for green's: would green fail without it? */
function whyLate({ green, ...judging }: JudgeInput, late: Pooled): string[] {
  if (judge({ ...judging, green: { ...green, values: withoutLateness(late) } }).outcome === 'fail') return [];
  return [`the generators themselves were ${milliseconds(late.latenessMs)} late (p99), and green fails only by that`];
}

/** Would green pass beside a blue that is faster by the lateness of its generators? */
function whyExcused({ baseline, ...judging }: JudgeInput, blue: Pooled): string[] {
  if (baseline === undefined) return [];
  const of = { ...baseline.of, values: withoutLateness(blue) };
  if (judge({ ...judging, baseline: { ...baseline, of } }).outcome !== 'fail') return [];
  return [
    `the generators of blue were ${milliseconds(blue.latenessMs)} late themselves (p99), and green passes only by that`,
  ];
}

/** What a side's latencies were at the least. A single late request can be all there is beyond the 99th percentile. */
function withoutLateness({ values, latenessMs, mostLateMs }: Pooled): Pooled['values'] {
  const late = (latency: Latency) => (latency === 'p999Ms' || latency === 'maxMs' ? mostLateMs : latenessMs);
  const counting = (ms: number) => (ms > USUAL_LATENESS_MS ? ms : 0);
  const at = (latency: Latency) => Math.max(0, values[latency] - counting(late(latency)));
  return {
    ...{ p50Ms: at('p50Ms'), p90Ms: at('p90Ms'), p95Ms: at('p95Ms') },
    ...{ p99Ms: at('p99Ms'), p999Ms: at('p999Ms'), maxMs: at('maxMs') },
  };
}

function whyUnfair(name: string, { requests, ownErrors, achievedRate, overlap }: Pooled, least: number): string[] {
  const found: string[] = [];
  if (achievedRate < least) {
    found.push(
      `the generators sent ${percent(achievedRate)} of the wanted requests to ${name} (${percent(least)} needed)`,
    );
  }
  if (ownErrors > (requests + ownErrors) * MOST_OWN_ERRORS) {
    found.push(`the generators themselves could not send ${ownErrors} of ${requests + ownErrors} requests to ${name}`);
  }
  if (overlap < LEAST_OVERLAP) {
    found.push(`the shards of ${name} ran together for ${percent(overlap)} of their time: ${ONE_AFTER_THE_OTHER}`);
  }
  if (requests === 0 && found.length === 0) found.push(`no request was sent to ${name}`);
  return found;
}

/** Blue after green is another time of day, and no comparison. */
function whyApart({ results }: Shards): string[] {
  const together = overlapOf([...results.values()]);
  if (together >= LEAST_OVERLAP) return [];
  return [`green and blue were measured together for ${percent(together)} of the time: ${ONE_AFTER_THE_OTHER}`];
}

async function baselineOf(
  input: Input,
  blue: Pooled | undefined,
): Promise<{ baseline?: NonNullable<JudgeInput['baseline']>; missing?: string }> {
  switch (input.config.baseline) {
    case 'none':
      return {};
    case 'blue':
      if (blue === undefined) return { missing: 'there is no blue revision, as on a first deployment' };
      return { baseline: { name: 'blue', of: blue } };
    case 'previous': {
      const previous = await readPrevious(input);
      return 'why' in previous ? { missing: previous.why } : { baseline: previous };
    }
  }
}

function summary({ values, ...rest }: Pooled): JsonObject {
  return { ...rest, ...values };
}

function short({ sent, wanted, errorsByKind, startedAt, endedAt, endedBy, latencies }: ShardOutcome): JsonObject {
  return { sent, wanted: wanted.requests, latencies: latencies.total, errorsByKind, startedAt, endedAt, endedBy };
}

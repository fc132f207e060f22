import * as z from 'zod/mini';
import { ConfigError } from '../../shared/errors.ts';
import { parseJson } from '../../shared/schema.ts';
import { duration } from '../../shared/text.ts';
import { loadOf } from './baseline.ts';
import { type Config, LATENCIES } from './config.ts';
import type { Input } from './input.ts';
import { BEYOND, requestsFor } from './measured.ts';
import { targetProblems } from './targets.ts';

export const SIDES = ['green', 'blue'] as const;
export type Side = (typeof SIDES)[number];

/** What one run is: the claim that it has begun, made once. */
const Plan = z.object({
  v: z.literal(1),
  /** When it was claimed, and when every shard must have given its result. */
  at: z.iso.datetime(),
  until: z.iso.datetime(),
  shards: z.int(),
  sides: z.array(z.enum(SIDES)),
  load: z.string(),
});
export type Plan = z.infer<typeof Plan>;

/** For the last requests to end, and for the results to be written. */
const GRACE_MS = 30_000;

/** How long a run may take, milliseconds, from its claim to its last result. */
export function runMs(config: Config): number {
  const { startWithinSeconds, timeoutMs } = config;
  return (startWithinSeconds + loadSeconds(config)) * 1000 + timeoutMs + GRACE_MS;
}

/** How long a shard sends, warm-up included. */
export function loadSeconds({ rampSeconds, warmUpSeconds, durationSeconds }: Config): number {
  return rampSeconds + warmUpSeconds + durationSeconds;
}

export function newPlan({ config, now }: Input, hasBlue: boolean): Plan {
  return {
    v: 1,
    at: now.toISOString(),
    until: new Date(now.getTime() + runMs(config)).toISOString(),
    shards: config.shards,
    sides: hasBlue ? ['green', 'blue'] : ['green'],
    load: loadOf(config),
  };
}

/** A shard of a generator that is running already waits for those of tasks that ECS is yet to start. */
export function shardStart({ at }: Plan, { generator, startWithinSeconds }: Config): Date {
  const seconds = Math.min(generator === undefined ? 10 : 60, startWithinSeconds);
  return new Date(new Date(at).getTime() + seconds * 1000);
}

/** When a shard must stop sending, whatever has become of the hook by then. */
export function shardDeadline(plan: Plan): Date {
  return new Date(new Date(plan.until).getTime() - GRACE_MS / 2);
}

/** @throws when there is a plan, but not one of ours: beginning anew could double the load */
export function readPlan(text: string | undefined): Plan | undefined {
  if (text === undefined) return undefined;
  const plan = Plan.safeParse(parseJson(text));
  if (!plan.success) throw new ConfigError(`The plan of this load test cannot be read: ${text.slice(0, 80)}`);
  return plan.data;
}

/** @throws ConfigError about what no single key can say */
export function checkConfig({ config }: Pick<Input, 'config'>): void {
  const { queueUrl, targets, baseline, testHeader, tolerance } = config;
  const found: string[] = [];
  if (queueUrl === undefined) found.push('queueUrl is missing, and runner is generator');
  if (targets.length === 0) found.push('targets is empty, and runner is generator');
  if (baseline === 'blue' && testHeader === false) {
    found.push('baseline is blue, which only testHeader tells from green');
  }
  if (baseline === 'none' && Object.values(tolerance).some((one) => one !== undefined)) {
    found.push('tolerance is given, and baseline is none');
  }
  if (baseline !== 'none' && Object.values(tolerance).every((one) => one === undefined)) {
    found.push(`baseline is ${baseline}, and tolerance says nothing`);
  }
  found.push(...targetProblems(config), ...latencyProblems(config), ...timeProblems(config));
  if (found.length > 0) throw new ConfigError(`Bad configuration: ${found.join('; ')}`);
}

/** Percentiles that so few requests cannot tell. */
function latencyProblems({ rate, durationSeconds, thresholds, tolerance }: Config): string[] {
  const found: string[] = [];
  const requests = rate * durationSeconds;
  for (const key of LATENCIES) {
    const isAsked = thresholds[key] !== undefined || tolerance[key] !== undefined;
    if (isAsked && requests < requestsFor(key)) {
      const share = `${BEYOND[key] * 100} %`;
      found.push(
        `${key} needs ${requestsFor(key)} requests (10 in the last ${share}), not rate × durationSeconds = ${requests}`,
      );
    }
  }
  return found;
}

function timeProblems(config: Input['config']): string[] {
  const { generator, shards, baseline, timeoutMinutes } = config;
  const found: string[] = [];
  const timeout = timeoutMinutes * 60_000;
  if (runMs(config) > timeout) {
    found.push(`a run takes up to ${duration(runMs(config))}, more than timeoutMinutes (${duration(timeout)})`);
  }
  const needed = baseline === 'blue' ? 2 * shards : shards;
  if (generator !== undefined && Math.max(generator.tasks, generator.idleTasks) < needed) {
    const of = baseline === 'blue' ? `${shards} shards each of green and blue` : `${shards} shards`;
    found.push(`generator.tasks is ${generator.tasks}, and ${of} at the same time need ${needed}`);
  }
  return found;
}

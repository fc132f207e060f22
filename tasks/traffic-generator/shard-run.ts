import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../shared/errors.ts';
import type { ShardMessage } from '../../shared/load/shard.ts';
import type { Log } from '../../shared/log.ts';
import { type Claim, parameterExists } from './claim.ts';
import type { Limits } from './environment.ts';
import { runLoad } from './load.ts';
import { LiveFigures } from './metrics.ts';
import type { Delivery, ShardQueue } from './queue.ts';
import { resultText, wantedOf } from './result.ts';
import { seededRandom } from './schedule.ts';
import { Tally } from './tally.ts';

/** Why a load was ended before its plan. */
export type Cut = 'stopped' | 'terminated' | 'lost';

export interface ShardRun {
  readonly message: ShardMessage;
  readonly delivery: Delivery;
  readonly claim: Claim;
  readonly queue: ShardQueue;
  readonly limits: Limits;
  readonly taskId: string;
  readonly log: Log;
  /** Aborted on SIGTERM. */
  readonly terminate: AbortSignal;
}

/** Longer than any of the calls beside the load may take. */
const CALL_MS = 10_000;

/**
 * Runs the load of one claimed shard, with the signs of life, the looks at the stop parameter and the live figures
 * beside it. Trouble with those is logged, and never disturbs the load.
 *
 * @returns the result as text, or why there is none
 */
export async function runShard(run: ShardRun): Promise<{ text: string } | { cut: Cut }> {
  const { message, limits, terminate, taskId } = run;
  const cut = new AbortController();
  const over = new AbortController();
  const tally = new Tally();
  const cutBy = (reason: Cut) => cut.abort(reason);
  if (terminate.aborted) cutBy('terminated');
  terminate.addEventListener('abort', () => cutBy('terminated'), { signal: over.signal });
  const beside = [
    every(limits.heartbeatSeconds, over.signal, run.log, () => heartbeat(run, cutBy)),
    every(limits.stopSeconds, over.signal, run.log, () => lookForStop(run, cutBy)),
    every(limits.metricsSeconds, over.signal, run.log, figures(run, tally)),
  ];
  try {
    await lookForStop(run, cutBy).catch(() => undefined);
    await begin(message, cut.signal);
    const startedAt = new Date();
    const [from, cpu] = [performance.now(), process.cpuUsage()];
    const { endedBy, seconds } = await runLoad(
      {
        plan: message.plan,
        now: () => performance.now(),
        random: seededRandom(`${message.test}/${message.shard}`),
        deadline: from + Date.parse(message.deadline) - startedAt.getTime(),
        signal: cut.signal,
      },
      tally,
    );
    if (cut.signal.aborted && cut.signal.reason !== 'stopped') return { cut: cut.signal.reason };
    const { user, system } = process.cpuUsage(cpu);
    const used = (user + system) / 1000 / Math.max(1, performance.now() - from);
    const end = { startedAt, endedAt: new Date(), seconds, endedBy, taskId, cpu: used };
    return { text: resultText(message, wantedOf(message), tally, end) };
  } finally {
    over.abort();
    await Promise.all(beside);
  }
}

/** All shards of a test begin together, when they are taken in time. */
async function begin({ notBefore, deadline }: ShardMessage, signal: AbortSignal): Promise<void> {
  if (notBefore === undefined) return;
  const wait = Math.min(Date.parse(notBefore), Date.parse(deadline)) - Date.now();
  if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => undefined);
}

async function heartbeat({ claim, queue, delivery, limits, log }: ShardRun, cut: (reason: Cut) => void): Promise<void> {
  const hidden = queue.hide(delivery, 2 * limits.heartbeatSeconds).catch((error: unknown) => {
    log.warn('the message could not be kept hidden', { trouble: describeError(error) });
  });
  try {
    const callMs = Math.min(CALL_MS, limits.heartbeatSeconds * 1000);
    if (!(await claim.renew(() => new Date(), AbortSignal.timeout(callMs)))) cut('lost');
  } finally {
    // Cut off from Parameter Store, this task would not hear that another has taken the shard over.
    if (!claim.isSure(new Date())) cut('lost');
    await hidden;
  }
}

async function lookForStop({ message: { stopParameter } }: ShardRun, cut: (reason: Cut) => void): Promise<void> {
  if (stopParameter === undefined) return;
  if (await parameterExists(stopParameter, AbortSignal.timeout(CALL_MS))) cut('stopped');
}

function figures({ message, log }: ShardRun, tally: Tally): () => Promise<void> {
  // …:service-deployment/<cluster>/<service>/<id>
  const service = message.deployment.split('/').at(-2) ?? message.deployment;
  const live = new LiveFigures(tally, service, message.test);
  let before = performance.now();
  return async () => {
    const seconds = (performance.now() - before) / 1000;
    before = performance.now();
    log.info('load is running', { test: message.test, shard: message.shard, sent: tally.sent });
    await live.put(new Date(), seconds, AbortSignal.timeout(CALL_MS));
  };
}

/** Does it again and again until the end; 0 seconds for never. */
async function every(seconds: number, end: AbortSignal, log: Log, what: () => Promise<void>): Promise<void> {
  if (seconds === 0) return;
  while (!end.aborted) {
    const woke = await sleep(seconds * 1000, true, { signal: end }).catch(() => false);
    if (!woke) return;
    await what().catch((error: unknown) => {
      log.warn('beside the load, something failed', { trouble: describeError(error) });
    });
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteParametersCommand } from '@aws-sdk/client-ssm';
import { ssm } from '../../shared/aws/ssm.ts';
import { describeError } from '../../shared/errors.ts';
import { ShardMessage } from '../../shared/load/shard.ts';
import type { Log } from '../../shared/log.ts';
import { isJsonObject, parseJson, problems } from '../../shared/schema.ts';
import { type AllowList, allowList } from './allow-list.ts';
import { Claim } from './claim.ts';
import type { Limits } from './environment.ts';
import { type Delivery, ShardQueue } from './queue.ts';
import { refusal } from './refusal.ts';
import { resultText, wantedOf } from './result.ts';
import { runShard } from './shard-run.ts';
import { Tally } from './tally.ts';

export interface Worker {
  readonly limits: Limits;
  readonly taskId: string;
  readonly log: Log;
  /** Aborted on SIGTERM: the shard that is running is given back. */
  readonly terminate: AbortSignal;
}

const CALL_MS = 10_000;
/** Between two tries to write a result, and between two tries to reach the queue. */
const PAUSE_MS = 2000;
/** How often writing a result is tried: what costs a whole load is not given up lightly. */
const TRIES = 30;

/** Takes shards one after another until it is told to end. */
export async function work(worker: Worker): Promise<void> {
  const { limits, log, terminate } = worker;
  const queue = new ShardQueue(limits.queueUrl);
  const allowed = allowList(limits.allowedTargets);
  /** Results of this task that could not be written: their shards must not run again. */
  const unwritten = new Map<string, string>();
  while (!terminate.aborted) {
    try {
      const delivery = await queue.receive(2 * limits.heartbeatSeconds, terminate);
      if (delivery !== undefined) await new Handling(worker, queue, allowed, unwritten, delivery).all();
    } catch (error) {
      if (terminate.aborted) return;
      log.warn('the queue or a shard could not be worked on', { trouble: describeError(error) });
      await sleep(PAUSE_MS, undefined, { signal: terminate }).catch(() => undefined);
    }
  }
}

/** One delivery of one message. */
class Handling {
  readonly #worker: Worker;
  readonly #queue: ShardQueue;
  readonly #allowed: AllowList;
  readonly #unwritten: Map<string, string>;
  readonly #delivery: Delivery;

  constructor(
    worker: Worker,
    queue: ShardQueue,
    allowed: AllowList,
    unwritten: Map<string, string>,
    delivery: Delivery,
  ) {
    this.#worker = worker;
    this.#queue = queue;
    this.#allowed = allowed;
    this.#unwritten = unwritten;
    this.#delivery = delivery;
  }

  async all(): Promise<void> {
    const { limits, log, taskId } = this.#worker;
    const value = parseJson(this.#delivery.body);
    const name = isJsonObject(value) ? value.resultParameter : undefined;
    if (typeof name !== 'string' || !name.startsWith(limits.folder)) {
      // The queue's dead-letter queue takes it after its maxReceiveCount.
      log.error('a message that is no shard is left to the dead-letter queue', {
        bytes: Buffer.byteLength(this.#delivery.body),
      });
      return;
    }
    const claimant = { taskId, heartbeatSeconds: limits.heartbeatSeconds };
    const taking = await Claim.take(name, claimant, new Date(), AbortSignal.timeout(CALL_MS));
    if (taking.kind === 'done') return this.#queue.remove(this.#delivery);
    if (taking.kind === 'busy') return this.#queue.hide(this.#delivery, taking.seconds + 1);
    const parsed = ShardMessage.safeParse(value, { reportInput: true });
    const problem = parsed.success
      ? refusal(parsed.data, limits, this.#allowed)
      : `not a shard: ${problems(parsed.error, '')}`;
    const kept = this.#unwritten.get(name);
    if (kept !== undefined) return this.#write(name, taking.claim, kept);
    if (problem !== undefined || !parsed.success) return this.#refuse(name, taking.claim, parsed.data, problem ?? '');
    return this.#run(name, taking.claim, parsed.data);
  }

  async #run(name: string, claim: Claim, message: ShardMessage): Promise<void> {
    const { log } = this.#worker;
    const about = { test: message.test, shard: message.shard, of: message.of };
    log.info('shard taken', about);
    const done = await runShard({ ...this.#worker, message, delivery: this.#delivery, claim, queue: this.#queue });
    if ('text' in done) {
      log.info('shard ended', { ...about, result: { ...parsedResult(done.text), histogram: undefined } });
      return this.#write(name, claim, done.text);
    }
    log.warn(done.cut === 'lost' ? 'shard was taken over by another task' : 'shard given back', about);
    if (done.cut === 'terminated') await this.#giveBack(name);
  }

  async #refuse(name: string, claim: Claim, message: ShardMessage | undefined, problem: string): Promise<void> {
    const now = new Date();
    this.#worker.log.error('shard refused', { resultParameter: name, problem });
    const end = { startedAt: now, endedAt: now, seconds: 0, endedBy: 'error', problem, cpu: 0 } as const;
    const wanted = message === undefined ? { rate: 0, requests: 0 } : wantedOf(message);
    const shard = message ?? { test: name, shard: 0 };
    return this.#write(name, claim, resultText(shard, wanted, new Tally(), { ...end, taskId: this.#worker.taskId }));
  }

  async #write(name: string, claim: Claim, text: string): Promise<void> {
    const { log, terminate, limits } = this.#worker;
    this.#unwritten.set(name, text);
    for (let left = TRIES; left > 0; left -= 1) {
      try {
        const isMine = await claim.finish(text, AbortSignal.timeout(CALL_MS));
        this.#unwritten.delete(name);
        if (!isMine) return log.warn('shard was taken over before its result was written', { resultParameter: name });
        return await this.#queue.remove(this.#delivery);
      } catch (error) {
        log.warn('the result could not be written', { resultParameter: name, trouble: describeError(error) });
        await this.#queue.hide(this.#delivery, 2 * limits.heartbeatSeconds).catch(() => undefined);
        // Told to end, a task has half a minute: some more tries, and no hurry between them.
        if (terminate.aborted && left > 5) left = 5;
        await sleep(PAUSE_MS);
      }
    }
  }

  async #giveBack(name: string): Promise<void> {
    const { log } = this.#worker;
    try {
      await ssm.send(new DeleteParametersCommand({ Names: [name] }), { abortSignal: AbortSignal.timeout(CALL_MS) });
      await this.#queue.hide(this.#delivery, 0);
    } catch (error) {
      // The claim dies by itself after three heartbeats.
      log.warn('the shard could not be given back', { resultParameter: name, trouble: describeError(error) });
    }
  }
}

function parsedResult(text: string) {
  const value = parseJson(text);
  return isJsonObject(value) ? value : {};
}

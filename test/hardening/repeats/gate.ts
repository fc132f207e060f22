import { AsyncLocalStorage } from 'node:async_hooks';
import type { Outcome, Sleep } from '../../../simulator/aws/dispatch.ts';
import type { LocalAws } from '../../../simulator/aws/local-aws.ts';
import type { WireRequest } from '../../../simulator/aws/routing.ts';

/** Where a function is killed: at which of its AWS calls (the first is 1), and whether that has taken effect. */
export interface Kill {
  call: number;
  when: 'before' | 'after';
}

/** Which of the invocations that wait at a call goes on; called at each call, with their numbers in ascending order. */
export type Order = (waiting: readonly number[], released: ReadonlyMap<number, number>) => number;

/** How long a request is on its way, milliseconds, by the how manieth request of the moment it is. */
export type Delay = (request: number) => number;

/** One run of a Lambda function, as far as AWS sees it. */
export class Invocation {
  /** `ssm:GetParameter`, in the order in which they were asked for. */
  readonly calls: string[] = [];
  /** Those that took effect. */
  readonly effects: string[] = [];
  readonly number: number;
  readonly kill: Kill | undefined;
  isDead = false;
  /** Resolves when the function is killed. */
  readonly death: Promise<void>;
  readonly die: () => void;
  #awaited: { call: number; resolve: () => void } | undefined;

  constructor(number: number, kill?: Kill) {
    this.number = number;
    this.kill = kill;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.death = promise;
    this.die = () => {
      this.isDead = true;
      resolve();
    };
  }

  /** Resolves when it asks for this call; the first is 1. */
  reaches(call: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#awaited = { call, resolve };
    return promise;
  }

  /** @returns the how manieth call it is */
  ask(name: string): number {
    const call = this.calls.push(name);
    if (call === this.#awaited?.call) this.#awaited.resolve();
    return call;
  }
}

interface Held {
  invocation: Invocation;
  go: () => void;
}

const NEVER = new Promise<never>(() => undefined);

/**
 * Stands before a local endpoint and knows which invocation each request is of: holds requests back until it is their
 * turn, and ends the world for an invocation that is killed.
 */
export class Gate {
  readonly #current = new AsyncLocalStorage<Invocation>();
  readonly #released = new Map<number, number>();
  #held: Held[] = [];
  #order: Order | undefined;
  #delay: Delay | undefined;
  #requests = 0;

  /** The same account, through the gate. */
  before(aws: LocalAws): LocalAws {
    return { ...aws, answer: (request, sleep) => this.#answer(aws, request, sleep) };
  }

  /** Runs a function whose requests are this invocation's. */
  run<T>(invocation: Invocation, work: () => Promise<T>): Promise<T> {
    return this.#current.run(invocation, work);
  }

  /** From now on requests wait for their turn; without an order they go straight on. */
  hold(order: Order | undefined, delay: Delay | undefined): void {
    this.#order = order;
    this.#delay = delay;
    this.#released.clear();
    this.#requests = 0;
  }

  /** Lets one request go on; false when none waits. */
  readonly release = (): boolean => {
    const waiting = [...new Set(this.#held.map(({ invocation }) => invocation.number))].sort((a, b) => a - b);
    const [first] = waiting;
    if (first === undefined) return false;
    const chosen = this.#order?.(waiting, this.#released) ?? first;
    const index = this.#held.findIndex(({ invocation }) => invocation.number === chosen);
    const [held] = this.#held.splice(index, 1);
    this.#released.set(chosen, (this.#released.get(chosen) ?? 0) + 1);
    held?.go();
    return true;
  };

  async #answer(aws: LocalAws, request: WireRequest, sleep: Sleep): Promise<Outcome> {
    const invocation = this.#current.getStore();
    if (invocation === undefined) throw new Error('a request of no invocation');
    if (invocation.isDead) return NEVER;
    const name = nameOf(request);
    const isLast = invocation.ask(name) === invocation.kill?.call;
    if (isLast && invocation.kill?.when === 'before') {
      invocation.die();
      return NEVER;
    }
    if (this.#order !== undefined) await new Promise<void>((go) => this.#held.push({ invocation, go }));
    if (this.#delay !== undefined) await this.#onItsWay(this.#delay, sleep);
    if (invocation.isDead) return NEVER;
    const outcome = await aws.answer(request, sleep);
    invocation.effects.push(name);
    if (!isLast) return outcome;
    invocation.die();
    return NEVER;
  }

  async #onItsWay(delay: Delay, sleep: Sleep): Promise<void> {
    this.#requests += 1;
    const ms = delay(this.#requests);
    if (ms > 0) await sleep(ms);
  }
}

function nameOf({ headers, body }: WireRequest): string {
  const target = headers['x-amz-target'];
  const operation = typeof target === 'string' ? target.split('.')[1] : new URLSearchParams(body).get('Action');
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(String(headers.authorization))?.[1];
  return `${service}:${operation}`;
}

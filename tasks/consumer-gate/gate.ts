import { ParameterNotFound } from '@aws-sdk/client-ssm';
import { readParameter } from '../../shared/aws/ssm.ts';
import { describeError } from '../../shared/errors.ts';
import { guardedClock } from './clock.ts';
import { findIdentity } from './identity.ts';
import { Lease } from './lease.ts';
import { delayOf, type GateOptions, type Timing, timingOf } from './options.ts';

/** What the gate says, and why. */
export interface GateState {
  readonly consume: boolean;
  /** The id of this task's service revision; undefined until it is known. */
  readonly revision: string | undefined;
  /** What the parameter said last: an id, `none`, or empty where there is no parameter; undefined before a good read. */
  readonly named: string | undefined;
  /** Milliseconds for which the task may go on without another good read. */
  readonly leaseMs: number;
  readonly reason: string;
}

/** Told of each opening and closing. */
export type GateListener = (change: GateState) => void;

/** Says whether this task may take messages. */
export interface Gate {
  /** The length of a fresh lease, in milliseconds. */
  readonly fullLeaseMs: number;
  /** May the worker begin something that takes `forMs` milliseconds? */
  mayConsume(forMs?: number): boolean;
  state(): GateState;
  /**
   * Waits until `mayConsume(forMs)`.
   * @throws the signal's reason when it is aborted, or the gate has ended
   */
  whenOpen(signal?: AbortSignal, forMs?: number): Promise<void>;
  /** Tells of each opening and closing. @returns what ends it */
  onChange(listener: GateListener): () => void;
}

/**
 * Reads the parameter until `signal` is aborted, and says whether this task may take messages. In any doubt it may not.
 *
 * @throws RangeError for a lease or a poll out of range
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
 */
export function createGate(options: GateOptions): Gate {
  const gate = new PollingGate(options);
  void gate.run();
  return gate;
}

class PollingGate implements Gate {
  readonly fullLeaseMs: number;
  readonly #options: GateOptions;
  readonly #timing: Timing;
  readonly #now: () => number;
  readonly #listeners = new Set<GateListener>();
  readonly #waiting = new Set<() => void>();
  #lease: Lease | undefined;
  #revision: string | undefined;
  #parameter: string | undefined;
  #named: string | undefined;
  #trouble: string | undefined;
  #open = false;
  #expiry: NodeJS.Timeout | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#timing = timingOf(options);
    this.#now = options.now ?? guardedClock();
    this.fullLeaseMs = this.#timing.leaseMs;
    this.#parameter = options.parameterName;
    if (options.revisionId !== undefined) this.#know(options.revisionId);
    options.signal.addEventListener('abort', () => this.#settle(), { once: true });
  }

  mayConsume(forMs = 0): boolean {
    return !this.#options.signal.aborted && (this.#lease?.holds(this.#now(), forMs) ?? false);
  }

  state(): GateState {
    const consume = this.mayConsume();
    const leaseMs = consume ? Math.floor(this.#lease?.left(this.#now()) ?? 0) : 0;
    return { consume, revision: this.#revision, named: this.#named, leaseMs, reason: this.#reason(consume) };
  }

  onChange(listener: GateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async whenOpen(signal: AbortSignal = this.#options.signal, forMs = 0): Promise<void> {
    const either = AbortSignal.any([signal, this.#options.signal]);
    either.throwIfAborted();
    while (!this.mayConsume(forMs)) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          either.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        either.addEventListener('abort', wake);
      });
      either.throwIfAborted();
    }
  }

  /** Never throws: what goes wrong is the reason for which the gate is closed. */
  async run(): Promise<void> {
    const { signal, random = Math.random } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      failures = (await this.#look()) ? 0 : failures + 1;
      this.#settle();
      await pause(delayOf(this.#timing, failures, this.mayConsume(), random()), signal);
    }
  }

  async #look(): Promise<boolean> {
    try {
      const { lease, parameter } = await this.#subject();
      const sentAt = this.#now();
      const value = await this.#read(parameter);
      lease.note({ sentAt, value });
      this.#named = value;
      this.#trouble = undefined;
      return true;
    } catch (error) {
      this.#trouble = describeError(error);
      return false;
    }
  }

  async #subject(): Promise<{ lease: Lease; parameter: string }> {
    if (this.#lease !== undefined && this.#parameter !== undefined) {
      return { lease: this.#lease, parameter: this.#parameter };
    }
    const { metadataUri = process.env.ECS_CONTAINER_METADATA_URI_V4, parameterPrefix = '/ecs-hooks' } = this.#options;
    const { cluster, service, revisionId } = await findIdentity(metadataUri, this.#options.signal);
    const lease = this.#lease ?? this.#know(revisionId);
    this.#parameter ??= `${parameterPrefix}/consumer/${cluster}/${service}`;
    return { lease, parameter: this.#parameter };
  }

  #know(revisionId: string): Lease {
    this.#revision = revisionId;
    this.#lease = new Lease(revisionId, this.#timing.leaseMs);
    return this.#lease;
  }

  async #read(parameter: string): Promise<string> {
    try {
      return (await readParameter(parameter, this.#options.signal)).trim();
    } catch (error) {
      if (error instanceof ParameterNotFound) return '';
      throw error;
    }
  }

  /** Wakes who waits, tells of a change, and comes back when the lease runs out. */
  #settle(): void {
    clearTimeout(this.#expiry);
    const state = this.state();
    if (state.consume) this.#expiry = setTimeout(() => this.#settle(), state.leaseMs + 1).unref();
    for (const wake of [...this.#waiting]) wake();
    if (state.consume === this.#open) return;
    this.#open = state.consume;
    for (const listener of [...this.#listeners]) listener(state);
  }

  #reason(consume: boolean): string {
    if (this.#options.signal.aborted) return 'the task is stopping';
    const lately = this.#trouble === undefined ? '' : `; the last read failed: ${this.#trouble}`;
    if (consume) return `${this.#parameter} names this revision${lately}`;
    if (this.#named === undefined) return this.#trouble ?? 'the parameter has not been read yet';
    if (this.#named === '') return `there is no parameter ${this.#parameter}${lately}`;
    if (this.#named === this.#revision) return `no good read for ${this.fullLeaseMs / 1000} s${lately}`;
    return `${this.#parameter} says ${this.#named}, this is ${this.#revision}${lately}`;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

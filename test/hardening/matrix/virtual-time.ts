import { syncBuiltinESMExports } from 'node:module';
import nodeTimers from 'node:timers';
import timerPromises from 'node:timers/promises';

interface Timer {
  at: number;
  order: number;
  run: () => void;
}

const real = {
  Date: globalThis.Date,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setImmediate: globalThis.setImmediate,
  performanceNow: performance.now,
  random: Math.random,
  signalTimeout: AbortSignal.timeout,
  nodeSetTimeout: nodeTimers.setTimeout,
  nodeClearTimeout: nodeTimers.clearTimeout,
  promisedTimeout: timerPromises.setTimeout,
};

/** How often the event loop turns without anything to do before the work counts as stuck. */
const MOST_IDLE_TURNS = 200;

/**
 * All clocks and timers of this process, as one that stands still while code runs and jumps while it waits: the waits
 * of the SDK between its attempts, the deadlines of requests and of the Lambda, `callBackDelay`. Everything that
 * the code under test awaits must be a timer or a promise of this process. It also deals the chance that the SDK's
 * waits hang on, the same in every case.
 */
export class VirtualTime {
  /** Milliseconds that `Date` is ahead of the monotonic clock. */
  #offset = 0;
  #now = 0;
  #order = 0;
  #seed = 1;
  #timers: Timer[] = [];
  /** Lets real input and output through before time jumps: clients read files at their first call. */
  patient = false;

  install(): void {
    const now = () => this.now();
    class VirtualDate extends real.Date {
      constructor(...args: readonly unknown[]) {
        // Every form but the first is the real one's own.
        super(...((args.length === 0 ? [now()] : args) as [number]));
      }
      static override now(): number {
        return now();
      }
      static override [Symbol.hasInstance](value: unknown): boolean {
        return Object.prototype.toString.call(value) === '[object Date]';
      }
    }
    // Types of the whole runtime, of which the code under test uses this much.
    globalThis.Date = VirtualDate as DateConstructor;
    const setTimer = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      this.#add(() => run(...args), ms) as unknown as NodeJS.Timeout;
    const clearTimer = (timer: unknown) => this.#remove(timer);
    globalThis.setTimeout = setTimer as typeof setTimeout;
    globalThis.clearTimeout = clearTimer as typeof clearTimeout;
    nodeTimers.setTimeout = globalThis.setTimeout;
    nodeTimers.clearTimeout = globalThis.clearTimeout;
    timerPromises.setTimeout = ((ms?: number, value?: unknown) =>
      new Promise<unknown>((resolve) => this.#add(() => resolve(value), ms ?? 0))) as typeof timerPromises.setTimeout;
    syncBuiltinESMExports();
    performance.now = () => this.#now;
    Math.random = () => {
      this.#seed = (this.#seed * 48_271) % 2_147_483_647;
      return this.#seed / 2_147_483_647;
    };
    AbortSignal.timeout = (ms) => {
      const controller = new AbortController();
      const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
      this.#add(() => controller.abort(reason), ms);
      return controller.signal;
    };
  }

  uninstall(): void {
    globalThis.Date = real.Date;
    globalThis.setTimeout = real.setTimeout;
    globalThis.clearTimeout = real.clearTimeout;
    nodeTimers.setTimeout = real.nodeSetTimeout;
    nodeTimers.clearTimeout = real.nodeClearTimeout;
    timerPromises.setTimeout = real.promisedTimeout;
    syncBuiltinESMExports();
    performance.now = real.performanceNow;
    Math.random = real.random;
    AbortSignal.timeout = real.signalTimeout;
  }

  /** Begins anew at this time, without timers; the monotonic clock goes on, an hour later, so that nothing cached holds. */
  restart(at: number): void {
    this.#timers = [];
    this.#seed = 1;
    this.#now += 3_600_000;
    this.#offset = at - this.#now;
  }

  /** Moves `Date` to this time, as another clock has it, and the monotonic clock as far forward; fires nothing. */
  follow(at: number): void {
    const ahead = at - this.now();
    if (ahead > 0) this.#now += ahead;
    else this.#offset += ahead;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#now + this.#offset;
  }

  /**
   * Lets time pass as far as the work needs it.
   *
   * @param release lets go what a test holds back, and tells whether there was something: time stands still until then
   * @throws Error when it waits for something that is no timer; what the work itself throws
   */
  async run<T>(work: Promise<T>, release: () => boolean = () => false): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    work.then(settle, settle);
    for (let idle = 0; idle < MOST_IDLE_TURNS; ) {
      await this.#turn();
      if (settled) return work;
      idle = release() || this.#fireNext(Number.POSITIVE_INFINITY) ? 0 : idle + 1;
    }
    throw new Error('The work waits for something that is no timer');
  }

  /** Lets so many milliseconds go by, and fires what is due in them. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    while (this.#fireNext(end)) await this.#turn();
    this.#now = end;
  }

  async #turn(): Promise<void> {
    await new Promise((resolve) => real.setImmediate(resolve));
    for (let n = 0; this.patient && n < 5; n += 1) await new Promise((resolve) => real.setTimeout(resolve, 2));
  }

  #fireNext(until: number): boolean {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    if (next === undefined || next.at > until) return false;
    this.#remove(next);
    this.#now = Math.max(this.#now, next.at);
    next.run();
    return true;
  }

  #add(run: () => void, ms: number): Timer {
    this.#order += 1;
    const handle = { unref: () => handle, ref: () => handle, hasRef: () => true };
    const timer = Object.assign(handle, { at: this.#now + Math.max(1, ms || 0), order: this.#order, run });
    this.#timers.push(timer);
    return timer;
  }

  #remove(timer: unknown): void {
    this.#timers = this.#timers.filter((one) => one !== timer);
  }
}

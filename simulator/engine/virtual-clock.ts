import type { Clock } from '../clock.ts';
import { EventQueue, type ScheduledEvent } from './event-queue.ts';

/** `skip` jumps to the next event; `real` lets `factor` simulated milliseconds pass in each real one. */
export type Pace = { kind: 'skip' } | { kind: 'real'; factor: number };

export interface VirtualClockOptions {
  /** Where the simulation begins, milliseconds since the epoch. */
  start: number;
  pace?: Pace;
  /** Real time in milliseconds, from any origin; only differences count. */
  realNow?: () => number;
  /** Calls back after a real delay in milliseconds, and returns how to cancel that. */
  wait?: (delayMs: number, wake: () => void) => () => void;
}

export interface RunOptions {
  /** Events later than this stay in the queue, and the clock stops here. Milliseconds since the epoch. */
  until?: number;
  /** Looked at before each event: true ends the run. */
  stop?: () => boolean;
}

/**
 * The simulator's clock and its queue of coming events, in order of time, then of scheduling.
 *
 * Work that is asynchronous in reality (a Lambda invocation) is handed to `hold`. At pace `skip` the clock stands
 * still until it has settled, so that a play is the same every time; at pace `real` time goes on meanwhile.
 */
export class VirtualClock implements Clock {
  private readonly queue = new EventQueue();
  private readonly held = new Set<Promise<void>>();
  private readonly realNow: () => number;
  private readonly wait: (delayMs: number, wake: () => void) => () => void;
  private readonly basePace: Pace;
  private realWorkers = 0;
  private current: number;
  private anchor: { real: number; simulated: number } | undefined;
  private wakeUp: (() => void) | undefined;
  private failure: { error: unknown } | undefined;

  constructor(options: VirtualClockOptions) {
    this.current = options.start;
    this.basePace = options.pace ?? { kind: 'skip' };
    this.realNow = options.realNow ?? (() => performance.now());
    this.wait = options.wait ?? waitWithTimer;
    this.setAnchor();
  }

  /** Milliseconds since the epoch. At pace `real` it moves between the events too, but never past the next one. */
  now(): number {
    if (this.anchor === undefined) return this.current;
    const elapsed = (this.realNow() - this.anchor.real) * this.factor();
    const next = this.queue.peek()?.at ?? Number.POSITIVE_INFINITY;
    return Math.max(this.current, Math.min(Math.floor(this.anchor.simulated + elapsed), next));
  }

  /** Plays `action` at `at` (at once when that is past), after what was scheduled for the same time before. */
  schedule(at: number, action: () => void): ScheduledEvent {
    const event = this.queue.push(Math.max(at, this.now()), action);
    this.wakeUp?.();
    return event;
  }

  /** Keeps the run from ending, and at pace `skip` the time from moving, until `work` settles. A rejection ends the run. */
  hold(work: Promise<void>): void {
    const held = work
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => {
        this.held.delete(held);
        this.wakeUp?.();
      });
    this.held.add(held);
  }

  /** Real speed, one to one, until the returned function is called: for load being generated or workers consuming. */
  beginRealWork(): () => void {
    this.changePace(1);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.changePace(-1);
    };
  }

  /** Plays events until none is left and nothing is held, or an option ends it. */
  async run(options: RunOptions = {}): Promise<void> {
    const until = options.until ?? Number.POSITIVE_INFINITY;
    while (options.stop?.() !== true) {
      if (this.held.size > 0 && this.anchor === undefined) await Promise.race(this.held);
      else if (!(await this.step(until))) break;
      this.throwFailure();
    }
    if (Number.isFinite(until) && options.stop?.() !== true && this.current < until) this.moveTo(until);
  }

  /** Plays or waits for the next event; false when there is none up to `until` that could still come. */
  private async step(until: number): Promise<boolean> {
    const next = this.queue.peek();
    const due = Math.min(next?.at ?? Number.POSITIVE_INFINITY, until);
    const playable = next !== undefined && next.at <= until;
    if (this.anchor !== undefined && this.now() < due) {
      if (!Number.isFinite(due) && this.held.size === 0) return false;
      await this.sleepUntil(due);
      return true;
    }
    if (!playable) return false;
    this.queue.pop();
    this.moveTo(next.at);
    next.action();
    return true;
  }

  private moveTo(time: number): void {
    this.current = Math.max(this.current, time);
    // An event that was played late pushes the rest back: simulated time never jumps to catch up.
    this.setAnchor();
  }

  private sleepUntil(time: number): Promise<void> {
    return new Promise((resolve) => {
      const ms = (time - this.now()) / this.factor();
      let cancel: () => void = () => undefined;
      const wake = (): void => {
        cancel();
        this.wakeUp = undefined;
        resolve();
      };
      this.wakeUp = wake;
      // A timer of more than 24.8 days fires at once in Node; waking early only means looking again.
      if (Number.isFinite(ms)) cancel = this.wait(Math.min(Math.max(ms, 0), 2 ** 31 - 1), wake);
    });
  }

  private changePace(workers: 1 | -1): void {
    this.current = this.now();
    this.realWorkers += workers;
    this.setAnchor();
    this.wakeUp?.();
  }

  private factor(): number {
    return this.realWorkers === 0 && this.basePace.kind === 'real' ? this.basePace.factor : 1;
  }

  private setAnchor(): void {
    const real = this.realWorkers > 0 || this.basePace.kind === 'real';
    this.anchor = real ? { real: this.realNow(), simulated: this.current } : undefined;
  }

  private throwFailure(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure.error;
  }
}

function waitWithTimer(delayMs: number, wake: () => void): () => void {
  const timer = setTimeout(wake, delayMs);
  return () => clearTimeout(timer);
}

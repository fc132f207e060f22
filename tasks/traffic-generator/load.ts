import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { LoadPlan } from '../../shared/load/shard.ts';
import { Alarm } from './alarm.ts';
import { createClient, type LoadClient } from './client.ts';
import { errorKind } from './errors.ts';
import { arrivals, schedule, weightedTurns } from './schedule.ts';
import type { Tally } from './tally.ts';

export interface Load {
  readonly plan: LoadPlan;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
  readonly random: () => number;
  /** No request is begun after this: milliseconds of `now`. */
  readonly deadline: number;
  /** Ends the load at once: no request is begun, and open ones are given up. */
  readonly signal: AbortSignal;
}

export interface LoadOutcome {
  readonly endedBy: 'plan' | 'stopped' | 'deadline';
  /** From the first request that counts to the last that was begun, seconds; at least what the plan asks for. */
  readonly seconds: number;
}

/** Nearer than this to the next request, the loop goes round without a pause: to wake up from one takes that long. */
const SPIN_MS = 0.2;
/** By how much the alarm is late. */
const EARLY_MS = 0.1;
/** The shortest pause while all connections are taken; it ends when one is free. */
const FULL_MS = 2;
/** So that a time-out is noticed, and a stop. */
const LONGEST_SLEEP_MS = 10;
/** The loop lets answers come in after so many requests. */
const BURST = 64;
/** Between two looks for time-outs, at the most; and the part of the time-out by which they may be late. */
const SWEEP_MS = 5;
const SWEEP_PART = 0.05;

/**
 * Sends the plan's requests when they are due, whatever became of those before (open model), and counts into `tally`.
 * More than `connections` in flight wait, first come first served; the wait is part of their latency.
 */
export async function runLoad(load: Load, tally: Tally): Promise<LoadOutcome> {
  const alarm = await Alarm.start();
  try {
    return await new Run(load, tally, alarm).all();
  } finally {
    await alarm.stop();
  }
}

class Run {
  readonly #load: Load;
  readonly #tally: Tally;
  readonly #alarm: Alarm;
  readonly #client: LoadClient;
  readonly #turn: () => number;
  readonly #start: number;
  readonly #countsFrom: number;
  /** When those were due that wait for a connection. They are sent in this order, so none waits longer than the first. */
  readonly #waiting = new Times();
  #inFlight = 0;
  #lastBegun = 0;
  /** While all connections are taken, what falls due can only wait, and need not be looked at when it does. */
  #pausedUntil = 0;
  #nextSweep = 0;

  constructor(load: Load, tally: Tally, alarm: Alarm) {
    this.#load = load;
    this.#tally = tally;
    this.#alarm = alarm;
    this.#client = createClient(load.plan, {
      ended: (due, status, bytes) => {
        if (due >= this.#countsFrom) tally.ended(status, bytes, load.now() - due);
        this.#over();
      },
      failed: (due, error) => {
        if (due >= this.#countsFrom) tally.failed(errorKind(error), load.now() - due);
        this.#over();
      },
    });
    this.#turn = weightedTurns(load.plan.targets.map(({ weight }) => weight));
    this.#start = load.now();
    this.#countsFrom = this.#start + load.plan.warmUpSeconds * 1000;
  }

  async all(): Promise<LoadOutcome> {
    const { plan, signal } = this.#load;
    const whole = schedule(plan.stages);
    try {
      const isWhole = await this.#send(arrivals(whole, plan.arrivals, this.#load.random));
      if (!signal.aborted) await this.#drain(isWhole ? this.#start + whole.seconds * 1000 : 0);
      this.#tally.abandoned += this.#giveUp(Infinity).filter((due) => due >= this.#countsFrom).length;
      const endedBy = signal.aborted ? 'stopped' : isWhole ? 'plan' : 'deadline';
      const last = (this.#lastBegun - this.#start) / 1000;
      const until = endedBy === 'plan' ? Math.max(whole.seconds, last) : last;
      return { endedBy, seconds: Math.max(0, until - plan.warmUpSeconds) };
    } finally {
      await this.#client.destroy();
    }
  }

  /** @returns whether the plan was sent to its end */
  async #send(due: Iterable<number>): Promise<boolean> {
    const { now, signal, deadline } = this.#load;
    let burst = 0;
    for (const seconds of due) {
      const at = this.#start + seconds * 1000;
      if (at > deadline) return false;
      let time = now();
      if (at > time || ++burst >= BURST) {
        burst = 0;
        await this.#until(at);
        time = now();
        if (signal.aborted || time > deadline) return false;
      }
      this.#begin(at, time);
    }
    return true;
  }

  /** Always lets answers come in at least once. */
  async #until(at: number): Promise<void> {
    const { now, signal } = this.#load;
    do {
      const time = now();
      const wait = at - time;
      if (this.#inFlight >= this.#load.plan.connections) {
        const pause = Math.max(FULL_MS, Math.min(wait, LONGEST_SLEEP_MS));
        this.#pausedUntil = time + pause;
        await this.#alarm.after(pause - EARLY_MS);
      } else if (wait < SPIN_MS) await nextTurn();
      else await this.#alarm.after(Math.min(wait - EARLY_MS, LONGEST_SLEEP_MS));
      this.#expire();
    } while (at > now() && !signal.aborted);
  }

  #begin(due: number, time: number): void {
    this.#lastBegun = time;
    // A pause that could delay nothing is not late; its end is, when the processor is busy.
    if (due >= this.#countsFrom) this.#tally.begun(Math.max(0, time - Math.max(due, this.#pausedUntil)));
    else this.#tally.warmUp += 1;
    this.#waiting.push(due);
    this.#fill();
  }

  /** As long as there is room. */
  #fill(): void {
    const { plan, signal } = this.#load;
    while (this.#inFlight < plan.connections && !signal.aborted) {
      const due = this.#waiting.shift();
      if (due === undefined) return;
      this.#inFlight += 1;
      this.#client.send(this.#turn(), due);
    }
  }

  #over(): void {
    this.#inFlight -= 1;
    this.#fill();
    if (this.#inFlight < this.#load.plan.connections) this.#endPause();
  }

  /** There is a free connection, and nothing that waits for it. */
  #endPause(): void {
    const time = this.#load.now();
    if (this.#pausedUntil <= time) return;
    this.#pausedUntil = time;
    this.#alarm.ring();
  }

  /** A look at all that are open, now and then, instead of a timer for each. */
  #expire(): void {
    const { now, plan } = this.#load;
    const at = now();
    if (at < this.#nextSweep) return;
    this.#nextSweep = at + Math.min(SWEEP_MS, plan.timeoutMs * SWEEP_PART);
    for (const due of this.#giveUp(at - plan.timeoutMs)) {
      if (due >= this.#countsFrom) this.#tally.failed('timeout', now() - due);
    }
    this.#fill();
  }

  /** @returns when those were due that were open or waited, and were due at this time or before */
  #giveUp(dueUntil: number): number[] {
    const given = this.#client.giveUp(dueUntil);
    this.#inFlight -= given.length;
    for (let due = this.#waiting.first(); due !== undefined && due <= dueUntil; due = this.#waiting.first()) {
      given.push(due);
      this.#waiting.shift();
    }
    return given;
  }

  /** Waits for the answers that are still out, none longer than its time-out, and for the end of the plan. */
  async #drain(end: number): Promise<void> {
    const { now, signal } = this.#load;
    while (!signal.aborted && (this.#inFlight > 0 || now() < end)) {
      await sleep(this.#inFlight > 0 ? 1 : Math.min(end - now(), LONGEST_SLEEP_MS));
      this.#expire();
    }
  }
}

/** First in, first out, in constant time: `Array.shift` is linear once there are many. */
class Times {
  #items: number[] = [];
  #head = 0;

  push(item: number): void {
    this.#items.push(item);
  }

  first(): number | undefined {
    return this.#items[this.#head];
  }

  shift(): number | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}

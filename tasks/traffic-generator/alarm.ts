import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/**
 * Sleeps until a new order comes, then for as long as it says; a still newer one replaces it. `Atomics.wait` knows
 * fractions of a millisecond, and blocks its thread, so it needs one of its own. As text, for a bundle is one file.
 */
const THREAD = `
const { parentPort, workerData: order } = require('node:worker_threads');
for (let seen = 0; ; ) {
  Atomics.wait(order, 0, seen);
  seen = Atomics.load(order, 0);
  if (Atomics.wait(order, 0, seen, Atomics.load(order, 1) / 1000) === 'timed-out') parentPort.postMessage(seen);
}`;

/**
 * Wakes the event loop to a tenth of a millisecond, while it sleeps and takes in answers at once. Its own timers count
 * in whole milliseconds and are late by up to one more; going round without a pause instead takes a whole CPU.
 */
export class Alarm {
  readonly #thread: Worker;
  /** The number of the last order, and its microseconds. */
  readonly #order: Int32Array;
  #wake: (() => void) | undefined;
  #isBroken = false;

  private constructor() {
    this.#order = new Int32Array(new SharedArrayBuffer(8));
    this.#thread = new Worker(THREAD, { eval: true, workerData: this.#order });
    this.#thread.on('message', (order) => {
      if (order === Atomics.load(this.#order, 0)) this.ring();
    });
    const fail = () => {
      this.#isBroken = true;
      this.ring();
    };
    this.#thread.on('error', fail).on('exit', fail);
  }

  static async start(): Promise<Alarm> {
    const alarm = new Alarm();
    // A thread that fails to start is told of by its error, and leaves the coarse timers.
    await once(alarm.#thread, 'online').catch(() => undefined);
    return alarm;
  }

  /** One at a time, of half an hour at the most. Without its thread, it is as coarse as a timer. */
  async after(milliseconds: number): Promise<void> {
    if (this.#isBroken) {
      await sleep(milliseconds);
      return;
    }
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      Atomics.store(this.#order, 1, Math.round(milliseconds * 1000));
      Atomics.add(this.#order, 0, 1);
      Atomics.notify(this.#order, 0);
    });
  }

  /** Now, instead of later. */
  ring(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  async stop(): Promise<void> {
    await this.#thread.terminate();
  }
}

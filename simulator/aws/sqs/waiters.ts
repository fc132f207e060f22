import type { Clock } from '../../clock.ts';
import { AwsError } from '../errors.ts';
import type { Queue } from './queue.ts';

/** The clock need not run as the machine's does, so what is due is looked for at least so often, in real milliseconds. */
const MAX_PAUSE_MS = 50;

interface Waiter {
  /** @returns whether it has what it waited for */
  attempt(): boolean;
}

/** The long polls under way, by queue, in order of arrival. They wait in real time. */
export class Waiters {
  readonly #clock: Clock;
  readonly #byQueue = new Map<Queue, Set<Waiter>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many poll the queue at this moment. */
  count(queue: Queue): number {
    return this.#byQueue.get(queue)?.size ?? 0;
  }

  /** Something may have become visible: those who wait are served, the first first. */
  wake(queue: Queue): void {
    for (const waiter of [...(this.#byQueue.get(queue) ?? [])]) waiter.attempt();
  }

  /**
   * Tries now, at each wake, and when a message becomes visible by time, until there is a result or the time is up.
   * @param seconds real ones
   * @param signal aborted when nobody is there any more to be answered: then nothing is tried again
   * @returns undefined when the time is up
   * @throws AwsError ConnectionClosed, what `attempt` throws
   */
  async wait<Result>(
    queue: Queue,
    seconds: number,
    signal: AbortSignal | undefined,
    attempt: () => Result | undefined,
  ): Promise<Result | undefined> {
    if (signal?.aborted) throw connectionClosed();
    const first = attempt();
    if (first !== undefined || seconds <= 0) return first;
    return new Promise((resolve, reject) => {
      let pause: NodeJS.Timeout | undefined;
      const waiters = this.#of(queue);
      const end = (settle: () => void): void => {
        waiters.delete(waiter);
        if (waiters.size === 0) this.#byQueue.delete(queue);
        clearTimeout(pause);
        clearTimeout(deadline);
        signal?.removeEventListener('abort', onAbort);
        settle();
      };
      const waiter: Waiter = {
        attempt: () => {
          if (signal?.aborted) return false;
          try {
            const result = attempt();
            if (result === undefined) return false;
            end(() => resolve(result));
          } catch (error) {
            end(() => reject(error));
          }
          return true;
        },
      };
      const onAbort = () => end(() => reject(connectionClosed()));
      const look = (): void => {
        pause = setTimeout(() => {
          if (!waiter.attempt()) look();
        }, this.#pauseMs(queue));
      };
      const deadline = setTimeout(() => {
        if (!waiter.attempt()) end(() => resolve(undefined));
      }, seconds * 1000);
      signal?.addEventListener('abort', onAbort);
      waiters.add(waiter);
      look();
    });
  }

  #of(queue: Queue): Set<Waiter> {
    const waiters = this.#byQueue.get(queue) ?? new Set();
    this.#byQueue.set(queue, waiters);
    return waiters;
  }

  #pauseMs(queue: Queue): number {
    const due = queue.nextVisibleAt();
    if (due === undefined) return MAX_PAUSE_MS;
    return Math.min(MAX_PAUSE_MS, Math.max(1, due - this.#clock.now()));
  }
}

/** Nobody reads it: it stands in the call log. */
function connectionClosed(): AwsError {
  return new AwsError('ConnectionClosed', 'The client closed the connection while it waited.', 499);
}

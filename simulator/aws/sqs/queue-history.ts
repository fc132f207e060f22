import type { MetricDatum } from '../cloudwatch/metric-store.ts';

const MINUTE = 60_000;
/** Developer guide, page "Available CloudWatch metrics": a queue counts as active this long after it was last used. */
const ACTIVE_MS = 6 * 60 * MINUTE;

/** What a queue holds at one moment. */
export interface QueueState {
  visible: number;
  notVisible: number;
  delayed: number;
  /** Undefined where there is no message whose age counts. */
  oldestSeconds: number | undefined;
}

export interface HistoryOptions {
  /**
   * AWS's page says that the age and the numbers of delayed and invisible messages are reported where there are such
   * messages. With this they are reported as zeros too while the queue is active.
   */
  zeros?: boolean;
}

type Counter = 'sent' | 'received' | 'deleted' | 'emptyReceives';

/** The minutes of one real queue, for CloudWatch. Scripted queues are queue-metrics.ts's, and have no messages. */
export class QueueHistory {
  readonly #name: string;
  readonly #zeros: boolean;
  readonly #data: MetricDatum[] = [];
  #minute: number;
  #lastUsedAt: number;
  #counts: Record<Counter, number> = noCounts();
  #sizes: number[] = [];

  constructor(name: string, now: number, { zeros = false }: HistoryOptions) {
    this.#name = name;
    this.#zeros = zeros;
    this.#minute = Math.floor(now / MINUTE) * MINUTE;
    this.#lastUsedAt = now;
  }

  /** Closes the minutes that are over: call it before anything changes. @param stateAt the queue as of the end of one */
  advance(now: number, stateAt: (at: number) => QueueState): void {
    while (this.#minute + MINUTE <= now) {
      const end = this.#minute + MINUTE;
      const state = stateAt(end);
      const holds = state.visible + state.notVisible + state.delayed > 0;
      if (holds) this.#lastUsedAt = end;
      if (end - this.#lastUsedAt > ACTIVE_MS) {
        // An empty queue that nobody uses stays so: no need to go through its minutes.
        this.#minute = Math.floor(now / MINUTE) * MINUTE;
        return;
      }
      this.#close(state);
      this.#minute = end;
    }
  }

  used(now: number): void {
    this.#lastUsedAt = now;
  }

  count(what: Counter, times = 1): void {
    this.#counts[what] += times;
  }

  sent(size: number): void {
    this.count('sent');
    this.#sizes.push(size);
  }

  /** @returns what was not taken yet */
  take(): MetricDatum[] {
    return this.#data.splice(0);
  }

  #close({ visible, notVisible, delayed, oldestSeconds }: QueueState): void {
    const { sent, received, deleted, emptyReceives } = this.#counts;
    this.#add('ApproximateNumberOfMessagesVisible', visible);
    if (this.#zeros || notVisible > 0) this.#add('ApproximateNumberOfMessagesNotVisible', notVisible);
    if (this.#zeros || delayed > 0) this.#add('ApproximateNumberOfMessagesDelayed', delayed);
    if (this.#zeros || oldestSeconds !== undefined)
      this.#add('ApproximateAgeOfOldestMessage', oldestSeconds ?? 0, 'Seconds');
    this.#add('NumberOfMessagesSent', sent);
    this.#add('NumberOfMessagesReceived', received);
    this.#add('NumberOfMessagesDeleted', deleted);
    this.#add('NumberOfEmptyReceives', emptyReceives);
    if (this.#sizes.length > 0)
      this.#data.push({ ...this.#identity('SentMessageSize'), values: this.#sizes, unit: 'Bytes' });
    this.#counts = noCounts();
    this.#sizes = [];
  }

  #add(metricName: string, value: number, unit = 'Count'): void {
    this.#data.push({ ...this.#identity(metricName), value, unit });
  }

  #identity(metricName: string) {
    return {
      namespace: 'AWS/SQS',
      dimensions: { QueueName: this.#name },
      timestamp: this.#minute,
      metricName,
    };
  }
}

function noCounts(): Record<Counter, number> {
  return { sent: 0, received: 0, deleted: 0, emptyReceives: 0 };
}

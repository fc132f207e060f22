import { Heap } from './heap.ts';
import type { MessageAttributes } from './message-attributes.ts';
import { parseRedrivePolicy, type QueueAttributes, type RedrivePolicy } from './queue-attributes.ts';
import { type HistoryOptions, QueueHistory, type QueueState } from './queue-history.ts';

export type MessageState = 'visible' | 'inFlight' | 'delayed';

/** A message as the queue keeps it; times in milliseconds since the epoch. */
export interface QueuedMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly systemAttributes: MessageAttributes;
  readonly messageGroupId: string | undefined;
  readonly senderId: string;
  readonly size: number;
  readonly sentAt: number;
  /** When it came into this queue: later than `sentAt` in a dead-letter queue. */
  enqueuedAt: number;
  state: MessageState | 'gone';
  /** In all queues that it was in. */
  receiveCount: number;
  /** Since it came into this one: what the redrive policy counts. */
  receivedHere: number;
  firstReceivedAt: number | undefined;
  lastReceivedAt: number | undefined;
  /** Undefined until it is received. */
  receiptHandle: string | undefined;
  /** The queue it was in before it became a dead letter. */
  sourceArn: string | undefined;
}

interface Entry {
  message: QueuedMessage;
  /** The entry is out of date when the message's turn is another. */
  turn: number;
}

/** Developer guide, page "Available CloudWatch metrics": from so many receives a message goes to the back of the queue. */
const POISON_RECEIVES = 3;

/** One standard queue: who is visible, who is in flight, and since when. Every method is given the time. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  modifiedAt: number;
  purgedAt = Number.NEGATIVE_INFINITY;
  readonly attributes: QueueAttributes;
  readonly history: QueueHistory;
  /** Told of messages that outlived the retention period. */
  onExpired: (message: QueuedMessage, at: number) => void = () => {};
  readonly #messages = new Map<string, QueuedMessage>();
  readonly #counts: Record<MessageState, number> = { visible: 0, inFlight: 0, delayed: 0 };
  readonly #ready = new Heap<Entry>();
  readonly #hidden = new Heap<Entry>();
  readonly #bySent = new Heap<QueuedMessage>();
  readonly #turns = new WeakMap<QueuedMessage, number>();
  readonly #places = new WeakMap<QueuedMessage, number>();
  #nextTurn = 0;

  constructor(name: string, arn: string, now: number, attributes: QueueAttributes, options: HistoryOptions) {
    this.name = name;
    this.arn = arn;
    this.createdAt = now;
    this.modifiedAt = now;
    this.attributes = attributes;
    this.history = new QueueHistory(name, now, options);
  }

  get redrivePolicy(): RedrivePolicy | undefined {
    return parseRedrivePolicy(this.attributes.RedrivePolicy);
  }

  /** Seconds or bytes of one of the attributes that are numbers. */
  number(attribute: string): number {
    return Number(this.attributes[attribute]);
  }

  counts(): Readonly<Record<MessageState, number>> {
    return { ...this.#counts };
  }

  /** In order of their coming into the queue. */
  messages(): QueuedMessage[] {
    return [...this.#messages.values()];
  }

  find(id: string): QueuedMessage | undefined {
    return this.#messages.get(id);
  }

  /** Brings the queue to the present: visibility timeouts, delays and the retention period run out, minutes close. */
  settle(now: number): void {
    this.history.advance(now, (at) => {
      this.#expire(at);
      this.#reveal(at);
      return this.#stateAt(at);
    });
    this.#expire(now);
    this.#reveal(now);
  }

  /** @returns when the next hidden message becomes visible */
  nextVisibleAt(): number | undefined {
    for (;;) {
      const top = this.#hidden.peek();
      if (top === undefined || this.#isCurrent(top.item)) return top?.key;
      this.#hidden.pop();
    }
  }

  add(message: QueuedMessage, visibleAt: number, now: number): void {
    this.#messages.set(message.id, message);
    this.#bySent.push(message.sentAt, message);
    if (visibleAt > now) this.#hide(message, 'delayed', visibleAt);
    else this.#show(message);
  }

  /** @returns the oldest visible message, which stays where it is */
  first(): QueuedMessage | undefined {
    for (;;) {
      const top = this.#ready.peek();
      if (top === undefined || this.#isCurrent(top.item)) return top?.item.message;
      this.#ready.pop();
    }
  }

  hide(message: QueuedMessage, visibleAt: number, now: number): void {
    if (visibleAt > now) this.#hide(message, 'inFlight', visibleAt);
    else this.#show(message);
  }

  remove(message: QueuedMessage): void {
    this.#leave(message);
    message.state = 'gone';
    this.#messages.delete(message.id);
  }

  #show(message: QueuedMessage): void {
    this.#leave(message);
    message.state = 'visible';
    this.#counts.visible += 1;
    const turn = this.#turn(message);
    const place = message.receivedHere >= POISON_RECEIVES ? turn : (this.#places.get(message) ?? turn);
    this.#places.set(message, place);
    this.#ready.push(place, { message, turn });
  }

  #hide(message: QueuedMessage, state: 'inFlight' | 'delayed', until: number): void {
    this.#leave(message);
    message.state = state;
    this.#counts[state] += 1;
    const turn = this.#turn(message);
    // Its place among the visible is that of its sending.
    if (!this.#places.has(message)) this.#places.set(message, turn);
    this.#hidden.push(until, { message, turn });
  }

  /** Out of the count of its state, where it is in one. */
  #leave(message: QueuedMessage): void {
    if (message.state !== 'gone') this.#counts[message.state] -= 1;
    this.#turns.delete(message);
  }

  #turn(message: QueuedMessage): number {
    this.#nextTurn += 1;
    this.#turns.set(message, this.#nextTurn);
    return this.#nextTurn;
  }

  #isCurrent({ message, turn }: Entry): boolean {
    return this.#turns.get(message) === turn;
  }

  #reveal(now: number): void {
    for (let due = this.nextVisibleAt(); due !== undefined && due <= now; due = this.nextVisibleAt()) {
      const entry = this.#hidden.pop();
      if (entry !== undefined) this.#show(entry.message);
    }
  }

  #expire(now: number): void {
    const lifetime = this.number('MessageRetentionPeriod') * 1000;
    for (;;) {
      const top = this.#bySent.peek();
      if (top === undefined) return;
      const { item: message, key: sentAt } = top;
      const isHere = this.#messages.get(message.id) === message;
      if (isHere && sentAt + lifetime > now) return;
      this.#bySent.pop();
      if (!isHere) continue;
      this.remove(message);
      this.onExpired(message, sentAt + lifetime);
    }
  }

  #stateAt(at: number): QueueState {
    const { visible, inFlight, delayed } = this.#counts;
    const state = { visible, notVisible: inFlight, delayed };
    for (const { receivedHere, enqueuedAt } of this.#messages.values()) {
      if (receivedHere <= POISON_RECEIVES)
        return { ...state, oldestSeconds: Math.max(0, Math.floor((at - enqueuedAt) / 1000)) };
    }
    return { ...state, oldestSeconds: undefined };
  }
}

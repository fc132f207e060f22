import type { Clock } from '../../clock.ts';
import type { MetricDatum } from '../cloudwatch/metric-store.ts';
import { AwsError } from '../errors.ts';
import { invalidValue, noSuchQueue } from './errors.ts';
import { sizeOf } from './message-attributes.ts';
import { Queue, type QueuedMessage } from './queue.ts';
import { DEFAULT_ATTRIBUTES, parseRedrivePolicy, type QueueAttributes } from './queue-attributes.ts';
import type { NewMessage, QueueCaller, QueueEvent, QueueStoreOptions } from './queue-types.ts';
import { senderIdOf } from './sender-id.ts';
import { Waiters } from './waiters.ts';

export type { QueueEvent, QueueStoreOptions } from './queue-types.ts';

/** Whose doing it is when nobody asked for it, such as a message that outlives the retention period. */
const NOBODY: QueueCaller = { callerArn: '', accessKeyId: '' };

/** SQS's state: the queues with their messages, on the given clock. */
export class QueueStore {
  readonly clock: Clock;
  readonly waiters: Waiters;
  readonly #place: { partition: string; region: string; accountId: string };
  readonly #options: QueueStoreOptions;
  readonly #newId: () => string;
  readonly #queues = new Map<string, Queue>();
  readonly #deletedAt = new Map<string, number>();
  readonly #listeners = new Set<(event: QueueEvent) => void>();

  constructor(
    clock: Clock,
    place: { partition: string; region: string; accountId: string },
    newId: () => string,
    options: QueueStoreOptions = {},
  ) {
    this.clock = clock;
    this.waiters = new Waiters(clock);
    this.#place = place;
    this.#newId = newId;
    this.#options = options;
  }

  /** @returns what takes the listener away again */
  on(listener: (event: QueueEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Creates a queue; one of the same name and attributes stays as it is.
   * @throws AwsError as CreateQueue does: InvalidParameterValue, QueueNameExists
   */
  create(name: string, given: QueueAttributes = {}): Queue {
    if (!/^[\w-]{1,80}$/.test(name))
      throw new AwsError(
        'InvalidParameterValue',
        'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
      );
    const existing = this.#queues.get(name);
    if (existing !== undefined) return sameQueue(existing, given);
    this.#checkRedrive(given.RedrivePolicy);
    const now = this.clock.now();
    const attributes = { ...DEFAULT_ATTRIBUTES };
    assign(attributes, given);
    const queue = new Queue(name, this.arnOf(name), now, attributes, { zeros: this.#options.zeroMetrics ?? false });
    queue.onExpired = (message, at) => this.#tell('expired', queue, message, at, NOBODY);
    this.#queues.set(name, queue);
    return queue;
  }

  /** @throws AwsError as SetQueueAttributes does */
  setAttributes(queue: Queue, given: QueueAttributes): void {
    this.#checkRedrive(given.RedrivePolicy);
    queue.settle(this.clock.now());
    assign(queue.attributes, given);
    queue.modifiedAt = this.clock.now();
  }

  arnOf(name: string): string {
    const { partition, region, accountId } = this.#place;
    return `arn:${partition}:sqs:${region}:${accountId}:${name}`;
  }

  /** @returns the queue as it is now. @throws AwsError QueueDoesNotExist */
  get(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw noSuchQueue();
    queue.settle(this.clock.now());
    return queue;
  }

  /** @returns whether the queue still exists, and not another one of its name */
  holds(queue: Queue): boolean {
    return this.#queues.get(queue.name) === queue;
  }

  names(): string[] {
    return [...this.#queues.keys()].sort();
  }

  /** @returns the queues whose dead letters go to this one */
  sourcesOf(queue: Queue): Queue[] {
    return this.names()
      .map((name) => this.get(name))
      .filter(({ redrivePolicy }) => redrivePolicy?.deadLetterTargetArn === queue.arn);
  }

  /** Messages by queue and state, in order of their coming. @throws AwsError QueueDoesNotExist */
  messages(name: string, state?: QueuedMessage['state']): QueuedMessage[] {
    return this.get(name)
      .messages()
      .filter((message) => state === undefined || message.state === state);
  }

  /** @throws AwsError QueueDoesNotExist */
  counts(name: string): ReturnType<Queue['counts']> {
    return this.get(name).counts();
  }

  /** Sends as the account's root user. @throws AwsError QueueDoesNotExist */
  send(name: string, body: string, options: Partial<Omit<NewMessage, 'body'>> = {}): QueuedMessage {
    const callerArn = `arn:${this.#place.partition}:iam::${this.#place.accountId}:root`;
    return this.enqueue(this.get(name), { id: this.#newId(), body, ...options }, { callerArn, accessKeyId: '' });
  }

  enqueue(queue: Queue, message: NewMessage, caller: QueueCaller): QueuedMessage {
    const now = this.clock.now();
    const { id, body, attributes = {}, systemAttributes = {}, messageGroupId, delaySeconds } = message;
    const size = sizeOf(body, attributes);
    const queued: QueuedMessage = {
      ...{ id, body, attributes, systemAttributes, messageGroupId, size, sentAt: now, enqueuedAt: now },
      senderId: senderIdOf(caller),
      state: 'gone',
      receiveCount: 0,
      receivedHere: 0,
      firstReceivedAt: undefined,
      lastReceivedAt: undefined,
      receiptHandle: undefined,
      sourceArn: undefined,
    };
    queue.settle(now);
    queue.history.used(now);
    queue.history.sent(size);
    queue.add(queued, now + (delaySeconds ?? queue.number('DelaySeconds')) * 1000, now);
    this.#tell('sent', queue, queued, now, caller);
    this.waiters.wake(queue);
    return queued;
  }

  /**
   * Takes up to so many visible messages, the oldest first, out of sight. One that was received as often as the redrive
   * policy allows goes to the dead-letter queue instead.
   */
  take(queue: Queue, count: number, visibilitySeconds: number, caller: QueueCaller): QueuedMessage[] {
    const now = this.clock.now();
    queue.settle(now);
    queue.history.used(now);
    const taken: QueuedMessage[] = [];
    while (taken.length < count && !this.isFull(queue)) {
      const message = queue.first();
      if (message === undefined) break;
      if (this.#deadLetter(queue, message, now, caller)) continue;
      message.receiveCount += 1;
      message.receivedHere += 1;
      message.firstReceivedAt ??= now;
      message.lastReceivedAt = now;
      message.receiptHandle = handleOf(queue, message, this.#newId());
      queue.hide(message, now + Math.max(1, visibilitySeconds * 1000), now);
      taken.push(message);
      this.#tell('received', queue, message, now, caller);
    }
    // With a visibility timeout of 0 they are visible again at once, but none is twice in one answer.
    if (visibilitySeconds === 0) for (const message of taken) queue.hide(message, now, now);
    queue.history.count('received', taken.length);
    return taken;
  }

  isFull(queue: Queue): boolean {
    return queue.counts().inFlight >= (this.#options.maxInFlight ?? 120_000);
  }

  /** @returns whether the message was still there to be deleted by this handle */
  delete(queue: Queue, messageId: string, receiptHandle: string, caller: QueueCaller): boolean {
    const now = this.clock.now();
    queue.settle(now);
    queue.history.used(now);
    const message = queue.find(messageId);
    if (message === undefined) return false;
    if (message.receiptHandle !== receiptHandle && !this.#options.staleHandlesDelete) return false;
    queue.remove(message);
    queue.history.count('deleted');
    this.#tell('deleted', queue, message, now, caller);
    return true;
  }

  changeVisibility(queue: Queue, message: QueuedMessage, seconds: number): void {
    const now = this.clock.now();
    queue.history.used(now);
    queue.hide(message, now + seconds * 1000, now);
    this.waiters.wake(queue);
  }

  /** @throws AwsError PurgeQueueInProgress when it was purged in the last 60 seconds */
  purge(queue: Queue): void {
    const now = this.clock.now();
    if (now - queue.purgedAt < 60_000)
      throw new AwsError(
        'PurgeQueueInProgress',
        `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
        403,
      );
    queue.purgedAt = now;
    queue.history.used(now);
    for (const message of queue.messages()) queue.remove(message);
  }

  deleteQueue(queue: Queue): void {
    this.#queues.delete(queue.name);
    this.#deletedAt.set(queue.name, this.clock.now());
    this.waiters.wake(queue);
  }

  /** @throws AwsError QueueDeletedRecently when a queue of this name was deleted in the last 60 seconds */
  checkNotDeletedRecently(name: string): void {
    if (this.clock.now() - (this.#deletedAt.get(name) ?? Number.NEGATIVE_INFINITY) >= 60_000) return;
    throw new AwsError(
      'QueueDeletedRecently',
      'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
    );
  }

  /** @returns the minutes that are over and were not taken yet, as AWS/SQS publishes them */
  takeMetrics(): MetricDatum[] {
    const publishes = this.#options.publishesMetrics ?? (() => true);
    return this.names()
      .map((name) => this.get(name))
      .flatMap(({ name, history }) => {
        const data = history.take();
        return publishes(name) ? data : [];
      });
  }

  /** Messages keep their ids and when they were sent (developer guide, page "Using dead-letter queues"). */
  #deadLetter(queue: Queue, message: QueuedMessage, now: number, caller: QueueCaller): boolean {
    const policy = queue.redrivePolicy;
    if (policy === undefined || message.receivedHere < policy.maxReceiveCount) return false;
    const target = this.#byArn(policy.deadLetterTargetArn);
    if (target === undefined) return false;
    target.settle(now);
    queue.remove(message);
    this.#tell('deadLettered', queue, message, now, caller);
    message.enqueuedAt = now;
    message.receivedHere = 0;
    message.sourceArn = queue.arn;
    message.receiptHandle = undefined;
    target.history.used(now);
    target.add(message, now, now);
    this.waiters.wake(target);
    return true;
  }

  #byArn(arn: string): Queue | undefined {
    return this.names()
      .map((name) => this.#queues.get(name))
      .find((queue) => queue?.arn === arn);
  }

  #checkRedrive(text: string | undefined): void {
    const policy = parseRedrivePolicy(text);
    if (policy === undefined || this.#byArn(policy.deadLetterTargetArn) !== undefined) return;
    throw invalidValue(text, 'RedrivePolicy', 'Dead letter target does not exist.');
  }

  #tell(type: QueueEvent['type'], queue: Queue, message: QueuedMessage, at: number, caller: QueueCaller): void {
    const { callerArn, accessKeyId } = caller;
    const { id: messageId, receiveCount } = message;
    const event: QueueEvent = { type, at, queue: queue.name, messageId, receiveCount, callerArn, accessKeyId };
    for (const listener of this.#listeners) listener(event);
  }
}

function sameQueue(existing: Queue, given: QueueAttributes): Queue {
  const differing = Object.keys(given).find((name) => given[name] !== (existing.attributes[name] ?? ''));
  if (differing === undefined) return existing;
  throw new AwsError(
    'QueueNameExists',
    `A queue already exists with the same name and a different value for attribute ${differing}`,
  );
}

/** An empty text takes an attribute away. */
function assign(attributes: QueueAttributes, given: QueueAttributes): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === '') delete attributes[name];
    else attributes[name] = value;
  }
}

function handleOf(queue: Queue, { id, receiveCount }: QueuedMessage, unique: string): string {
  return Buffer.from(JSON.stringify([queue.name, id, receiveCount, unique])).toString('base64');
}

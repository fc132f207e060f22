import { ChangeMessageVisibilityBatchCommand, type Message, SQSClient } from '@aws-sdk/client-sqs';
import type { ConsumerOptions } from 'sqs-consumer';
import type { Gate } from './gate.ts';

/** Aborted when the message has been given back, for a handler that can stop half-way. */
export interface InHand {
  readonly signal: AbortSignal;
}

/** Of `gated`: those of sqs-consumer, and the time that messages in hand may take. */
export interface GatedOptions extends Omit<ConsumerOptions, 'handleMessage' | 'handleMessageBatch'> {
  handleMessage?(message: Message, inHand: InHand): Promise<Message | undefined>;
  handleMessageBatch?(messages: Message[], inHand: InHand): Promise<Message[] | undefined>;
  /** How long messages in hand may take once the gate has closed, before they are given back: 20 without it. */
  drainSeconds?: number;
}

/** Options for `Consumer.create`, which receives only while the gate is open. */
export interface Gated extends ConsumerOptions {
  /** Waits until nothing is in hand and no request to the queue is under way; ends only once the gate is closed. */
  drained(): Promise<void>;
}

/** What a request needs beyond the long poll: the connection, and the answer on its way. */
const REQUEST_MS = 3000;
const VISIBILITY_SECONDS = 60;

/**
 * Options for `Consumer.create` of sqs-consumer 15 that take messages only while the gate is open for a whole receive,
 * and give back what arrives later. Do not call `stop({ abort: true })`: it also cuts the deletes of processed messages.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
export function gated(options: GatedOptions, gate: Gate): Gated {
  const { handleMessage, handleMessageBatch, drainSeconds = 20, ...rest } = options;
  const leaseSeconds = gate.fullLeaseMs / 1000;
  const waitTimeSeconds = Math.max(1, Math.min(options.waitTimeSeconds ?? 20, Math.floor(leaseSeconds / 3)));
  const receiveMs = waitTimeSeconds * 1000 + Math.min(REQUEST_MS, gate.fullLeaseMs / 5);
  const visibilityTimeout = options.visibilityTimeout ?? VISIBILITY_SECONDS;
  const sqs = options.sqs ?? clientFor(options, receiveMs);
  const requests = watchRequests(sqs, options.queueUrl, () => gate.mayConsume(receiveMs));
  const hands = new Hands(gate, drainSeconds * 1000, (messages) => giveBack(sqs, options.queueUrl, messages));
  const alwaysAcknowledge = options.alwaysAcknowledge ?? false;
  return {
    ...rest,
    sqs,
    waitTimeSeconds,
    visibilityTimeout,
    heartbeatInterval: options.heartbeatInterval ?? Math.max(1, Math.floor(visibilityTimeout / 3)),
    // Otherwise sqs-consumer would delete what is given back.
    alwaysAcknowledge: false,
    async preReceiveMessageCallback() {
      await options.preReceiveMessageCallback?.();
      // A gate that has ended never opens: sqs-consumer would ask again and again if this threw.
      await gate.whenOpen(undefined, receiveMs).catch(() => new Promise<never>(() => {}));
    },
    ...(handleMessage && {
      handleMessage: (message: Message) =>
        hands.hold([message], async (inHand) => {
          const result = await handleMessage(message, inHand);
          return alwaysAcknowledge ? message : result;
        }),
    }),
    ...(handleMessageBatch && {
      handleMessageBatch: (messages: Message[]) =>
        hands.hold(messages, async (inHand) => {
          const result = await handleMessageBatch(messages, inHand);
          return alwaysAcknowledge ? messages : result;
        }),
    }),
    async drained() {
      do {
        await turn();
        await Promise.all([requests.idle(), hands.empty()]);
        await turn();
      } while (gate.mayConsume() || requests.underWay() || hands.busy());
    },
  };
}

/** What a message's handler and sqs-consumer do next happens in microtasks; this lets all of them go first. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 10));

function clientFor({ region, useQueueUrlAsEndpoint = true }: GatedOptions, receiveMs: number): SQSClient {
  return new SQSClient({
    useQueueUrlAsEndpoint,
    ...(region && { region }),
    requestHandler: { connectionTimeout: 1000, requestTimeout: receiveMs, throwOnRequestTimeout: true },
  });
}

/** Counts the requests to one queue, and lets no receive begin, not even the SDK's own retry, without a lease for it. */
function watchRequests(sqs: SQSClient, queueUrl: string, mayReceive: () => boolean) {
  const underWay = new Set<Promise<unknown>>();
  const isOurs = (input: object) => 'QueueUrl' in input && input.QueueUrl === queueUrl;
  sqs.middlewareStack.add(
    (next) => (args) => {
      const answer = next(args);
      if (!isOurs(args.input)) return answer;
      const settled: Promise<unknown> = answer.then(noop, noop).then(() => underWay.delete(settled));
      underWay.add(settled);
      return answer;
    },
    { step: 'initialize', name: `watch ${queueUrl}`, override: true },
  );
  sqs.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'ReceiveMessageCommand' && isOurs(args.input) && !mayReceive()) {
          throw new Error('the gate has closed: nothing was received');
        }
        return next(args);
      },
    // After the retry middleware, so once for each attempt.
    { step: 'finalizeRequest', priority: 'low', name: `gate ${queueUrl}`, override: true },
  );
  return { idle: () => Promise.all(underWay), underWay: () => underWay.size > 0 };
}

const noop = () => {};

/** The messages that are being handled, each until it is done or its time after the closing of the gate is up. */
class Hands {
  readonly #gate: Gate;
  readonly #drainMs: number;
  readonly #giveBack: (messages: Message[]) => Promise<void>;
  readonly #held = new Set<Promise<unknown>>();

  constructor(gate: Gate, drainMs: number, giveBackMessages: (messages: Message[]) => Promise<void>) {
    this.#gate = gate;
    this.#drainMs = drainMs;
    this.#giveBack = giveBackMessages;
  }

  busy(): boolean {
    return this.#held.size > 0;
  }

  async empty(): Promise<void> {
    await Promise.all(this.#held);
  }

  /** @returns what `handle` returns, or undefined, which acknowledges nothing, for messages that were given back */
  hold<T>(messages: Message[], handle: (inHand: InHand) => Promise<T>): Promise<T | undefined> {
    const result = this.#hold(messages, handle);
    const settled: Promise<unknown> = result.then(noop, noop).then(() => this.#held.delete(settled));
    this.#held.add(settled);
    return result;
  }

  async #hold<T>(messages: Message[], handle: (inHand: InHand) => Promise<T>): Promise<T | undefined> {
    if (!this.#gate.mayConsume()) {
      await this.#giveBack(messages);
      return undefined;
    }
    const ending = new AbortController();
    const limit = this.#limit(ending);
    try {
      return await Promise.race([handle({ signal: ending.signal }), limit.reached]);
    } catch (error) {
      if (!ending.signal.aborted) throw error;
      await this.#giveBack(messages);
      return undefined;
    } finally {
      limit.cancel();
    }
  }

  /** Rejects `drainMs` after the gate has closed, unless it opens again before. */
  #limit(ending: AbortController) {
    const { promise: reached, reject } = Promise.withResolvers<never>();
    let timer: NodeJS.Timeout | undefined;
    const end = this.#gate.onChange(({ consume }) => {
      clearTimeout(timer);
      if (consume) return;
      timer = setTimeout(() => {
        ending.abort(new Error('the gate has closed, and the time for messages in hand is up'));
        reject(ending.signal.reason);
      }, this.#drainMs);
    });
    const cancel = () => {
      clearTimeout(timer);
      end();
    };
    return { reached, cancel };
  }
}

/** Never throws: a message that could not be given back comes back by itself when its visibility timeout ends. */
async function giveBack(sqs: SQSClient, queueUrl: string, messages: Message[]): Promise<void> {
  const Entries = messages.map(({ ReceiptHandle }, index) => ({
    Id: String(index),
    ReceiptHandle,
    VisibilityTimeout: 0,
  }));
  await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries })).catch(noop);
}

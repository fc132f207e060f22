import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { Consumer } from 'sqs-consumer';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLocalAws } from '../../simulator/aws/local-aws.ts';
import { systemClock } from '../../simulator/clock.ts';
import type { Gate, GateListener } from '../../tasks/consumer-gate/gate.ts';
import { type GatedOptions, gated } from '../../tasks/consumer-gate/sqs-consumer.ts';

let server: { url: string; stop: () => Promise<void> };
let sqs: SQSClient;
let queueUrl: string;
let consumer: Consumer | undefined;
let queues = 0;

/** A gate that the test opens and closes: sqs-consumer runs on the machine's clock. */
class Switch implements Gate {
  readonly fullLeaseMs = 5000;
  open = false;
  readonly #listeners = new Set<GateListener>();

  set(open: boolean): void {
    this.open = open;
    for (const listener of [...this.#listeners]) listener(this.state());
  }
  mayConsume(): boolean {
    return this.open;
  }
  state() {
    return { consume: this.open, revision: '1', named: '1', leaseMs: 5000, reason: '' };
  }
  async whenOpen(): Promise<void> {
    while (!this.open) await new Promise<void>((resolve) => void this.#listeners.add(() => resolve()));
  }
  onChange(listener: GateListener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The adapter must not depend on the peculiarities of one SQS: an independent one, and the local AWS endpoint. */
const endpoints = {
  fauxqs: async () => {
    const { port, stop } = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
    return { url: `http://127.0.0.1:${port}`, stop };
  },
  'the local AWS endpoint': async () => {
    const { url, close } = await createLocalAws({ clock: systemClock }).listen();
    return { url, stop: close };
  },
};

beforeEach(async () => {
  queues += 1;
  sqs = new SQSClient({ endpoint: server.url, useQueueUrlAsEndpoint: false });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `notifications-${queues}` }));
  queueUrl = QueueUrl ?? '';
});
afterEach(() => {
  consumer?.stop();
  sqs.destroy();
});

const send = (body: string) => sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));

/** Visible and in-flight messages. */
async function counts(): Promise<(string | undefined)[]> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }));
  return [Attributes?.ApproximateNumberOfMessages, Attributes?.ApproximateNumberOfMessagesNotVisible];
}

function start(gate: Gate, options: Partial<GatedOptions>) {
  const made = gated({ queueUrl, sqs, waitTimeSeconds: 1, ...options }, gate);
  const errors: string[] = [];
  consumer = Consumer.create(made);
  consumer.on('error', (error) => errors.push(error.message));
  consumer.on('processing_error', (error) => errors.push(error.message));
  consumer.start();
  return { made, errors };
}

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 25 });

describe.each(Object.entries(endpoints))('an sqs-consumer behind the gate, against %s', (_name, open) => {
  beforeAll(async () => {
    server = await open();
  });
  afterAll(() => server.stop());

  it('takes nothing while the gate is closed, everything once it opens', async () => {
    const gate = new Switch();
    await send('a');
    const got: (string | undefined)[] = [];
    const { errors } = start(gate, {
      handleMessage: async (message) => {
        got.push(message.Body);
        return message;
      },
    });
    await send('b');
    expect(await counts()).toEqual(['2', '0']);
    expect(got).toEqual([]);
    gate.set(true);
    await until(async () => expect(await counts()).toEqual(['0', '0']));
    expect(got.toSorted()).toEqual(['a', 'b']);
    expect(errors).toEqual([]);
  });

  it.each([false, true])(
    'gives back what arrives after the closing, alwaysAcknowledge %s',
    async (alwaysAcknowledge) => {
      const gate = new Switch();
      const handleMessage = vi.fn(async (message: Message) => message);
      const { made } = start(gate, {
        handleMessage,
        alwaysAcknowledge,
        // Closes between the answer of the queue and the handler.
        postReceiveMessageCallback: async () => gate.set(false),
      });
      const deleted = vi.fn();
      consumer?.on('message_processed', deleted);
      await send('late');
      gate.set(true);
      await until(() => expect(gate.open).toBe(false));
      consumer?.stop();
      await made.drained();
      expect(handleMessage).not.toHaveBeenCalled();
      expect(deleted).not.toHaveBeenCalled();
      expect(await counts()).toEqual(['1', '0']);
    },
  );

  it('lets a message in hand finish, and be deleted, after the closing and the stop', async () => {
    const gate = new Switch();
    const { promise, resolve } = Promise.withResolvers<void>();
    const handleMessage = vi.fn(async (message: Message) => {
      await promise;
      return message;
    });
    const { made } = start(gate, { handleMessage });
    await send('in hand');
    gate.set(true);
    await until(() => expect(handleMessage).toHaveBeenCalledOnce());
    gate.set(false);
    consumer?.stop();
    let drained = false;
    const draining = made.drained().then(() => {
      drained = true;
    });
    expect(await counts()).toEqual(['0', '1']);
    expect(drained).toBe(false);
    resolve();
    await draining;
    expect(await counts()).toEqual(['0', '0']);
  });

  it.each(['one', 'batch'])('gives back what is not finished in time: %s', async (kind) => {
    const gate = new Switch();
    const signals: AbortSignal[] = [];
    const hang = (signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<never>(() => {});
    };
    const { made, errors } = start(gate, {
      drainSeconds: 0.05,
      ...(kind === 'one'
        ? { handleMessage: (_message, { signal }) => hang(signal) }
        : { handleMessageBatch: (_messages, { signal }) => hang(signal) }),
    });
    await send('endless');
    gate.set(true);
    await until(() => expect(signals).toHaveLength(1));
    gate.set(false);
    consumer?.stop();
    await made.drained();
    expect(signals[0]?.aborted).toBe(true);
    expect(await counts()).toEqual(['1', '0']);
    expect(errors).toEqual([]);
  });

  it('keeps a message that takes longer than its visibility timeout', async () => {
    const gate = new Switch();
    let began = 0;
    start(gate, {
      visibilityTimeout: 2,
      handleMessage: async (message) => {
        began += 1;
        await new Promise((resolve) => setTimeout(resolve, 3500));
        return message;
      },
    });
    await send('slow');
    gate.set(true);
    await until(async () => expect(await counts()).toEqual(['0', '0']));
    expect(began).toBe(1);
  });

  it('leaves a failed message to its visibility timeout, as sqs-consumer does', async () => {
    const gate = new Switch();
    const { errors } = start(gate, { handleMessage: () => Promise.reject(new Error('poisoned')) });
    await send('poison');
    gate.set(true);
    await until(() => expect(errors).toEqual(['Unexpected message handler failure: poisoned']));
    expect(await counts()).toEqual(['0', '1']);
  });

  it('sends no receive without a lease, not even when it was allowed a moment before', async () => {
    const gate = new Switch();
    await send('left alone');
    // The lease ends between the adapter's question and the sending.
    gate.whenOpen = async () => {
      gate.whenOpen = () => new Promise<void>(() => {});
    };
    const received = vi.fn(async () => {});
    const { errors } = start(gate, { handleMessage: async (message) => message, postReceiveMessageCallback: received });
    await until(() => expect(errors).toEqual([expect.stringContaining('the gate has closed: nothing was received')]));
    expect(received).not.toHaveBeenCalled();
    expect(await counts()).toEqual(['1', '0']);
  });

  it('polls no longer than a third of the lease', () => {
    const gate = new Switch();
    const handleMessage = async () => undefined;
    expect(gated({ queueUrl, sqs, handleMessage, waitTimeSeconds: 20 }, gate).waitTimeSeconds).toBe(1);
    expect(gated({ queueUrl, sqs, handleMessage }, Object.assign(gate, { fullLeaseMs: 30_000 })).waitTimeSeconds).toBe(
      10,
    );
  });
});

/** A worker of Unicorn Watch's notification service: what a user's own worker looks like, with the gate in it. */
import { Consumer } from 'sqs-consumer';
import { createGate } from '../../tasks/consumer-gate/gate.ts';
import { gated } from '../../tasks/consumer-gate/sqs-consumer.ts';

const { QUEUE_URL = '', LEASE_SECONDS = '30', POISONED, WORK_MS = '20', VISIBILITY_SECONDS = '60' } = process.env;

const stopping = new AbortController();
let isConsuming = false;
const gate = createGate({ signal: stopping.signal, leaseSeconds: Number(LEASE_SECONDS) });
const options = gated(
  {
    queueUrl: QUEUE_URL,
    batchSize: 10,
    visibilityTimeout: Number(VISIBILITY_SECONDS),
    // A message that cannot be handled comes back at once, until SQS takes it for a dead letter.
    terminateVisibilityTimeout: true,
    async handleMessage(message) {
      const { id } = JSON.parse(message.Body ?? '');
      // For scenarios that begin once it does more than run.
      if (!isConsuming) process.stdout.write('consuming\n');
      isConsuming = true;
      if (POISONED === 'true') throw new Error('unknown event');
      // The e-mail is sent.
      await new Promise((resolve) => setTimeout(resolve, Number(WORK_MS)));
      process.stdout.write(`${JSON.stringify({ processed: id })}\n`);
      return message;
    },
  },
  gate,
);
const consumer = Consumer.create(options);
consumer.on('error', ({ message }) => process.stderr.write(`${message}\n`));
consumer.on('processing_error', () => undefined);
consumer.start();
process.stdout.write('ready\n');

process.once('SIGTERM', async () => {
  stopping.abort(new Error('SIGTERM'));
  await options.drained();
  consumer.stop();
  process.exit(0);
});

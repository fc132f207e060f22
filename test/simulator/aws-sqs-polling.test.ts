import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, it, vi } from 'vitest';
import { bodies, counts, receive, type SqsFixture, send, startSqs } from './aws-sqs-kit.ts';

const LONG = { WaitTimeSeconds: 20 };

async function polled({ aws }: SqsFixture, count = 1): Promise<void> {
  await vi.waitFor(() => expect(aws.queues.waiters.count(aws.queues.get('orders'))).toBe(count));
}

it('ends a long poll without a message when its time is up', async () => {
  const fixture = await startSqs();
  expect(await receive(fixture, { WaitTimeSeconds: 1 })).toEqual([]);
});

it('takes the wait from the queue where the request names none', async () => {
  const fixture = await startSqs({ ReceiveMessageWaitTimeSeconds: '20' });
  const polling = receive(fixture);
  await polled(fixture);
  expect(await receive(fixture, { WaitTimeSeconds: 0 })).toEqual([]);
  await send(fixture, 'one');
  expect(bodies(await polling)).toEqual(['one']);
});

it('wakes one of those who wait by a send, the first first', async () => {
  const fixture = await startSqs();
  const first = receive(fixture, LONG);
  await polled(fixture, 1);
  const second = receive(fixture, LONG);
  await polled(fixture, 2);
  await send(fixture, 'one');
  expect(bodies(await first)).toEqual(['one']);
  await polled(fixture, 1);
  await send(fixture, 'two');
  expect(bodies(await second)).toEqual(['two']);
});

it('wakes by a message that is given back', async () => {
  const fixture = await startSqs();
  const { sqs, queueUrl: QueueUrl } = fixture;
  await send(fixture, 'one');
  const [held] = await receive(fixture);
  const polling = receive(fixture, LONG);
  await polled(fixture);
  const ReceiptHandle = held?.ReceiptHandle;
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  expect(bodies(await polling)).toEqual(['one']);
});

it.each([
  ['a delay', { DelaySeconds: '10' }],
  ['a visibility timeout', { VisibilityTimeout: '10' }],
])('wakes when %s is over by the clock of the endpoint', async (_what, attributes) => {
  const fixture = await startSqs(attributes);
  await send(fixture, 'one');
  await receive(fixture);
  const polling = receive(fixture, LONG);
  await polled(fixture);
  fixture.clock.advance(10);
  expect(bodies(await polling)).toEqual(['one']);
});

it('gives no message to a client that is gone', async () => {
  const fixture = await startSqs();
  const leaving = new AbortController();
  const input = { QueueUrl: fixture.queueUrl, ...LONG };
  const polling = fixture.sqs.send(new ReceiveMessageCommand(input), { abortSignal: leaving.signal });
  const gone = expect(polling).rejects.toMatchObject({ name: 'AbortError' });
  await polled(fixture);
  leaving.abort();
  await gone;
  await polled(fixture, 0);
  await send(fixture, 'one');
  expect(await counts(fixture)).toEqual([1, 0, 0]);
  expect(fixture.aws.calls.find(({ operation }) => operation === 'ReceiveMessage')?.error).toBe('ConnectionClosed');
});

it('ends a long poll when its queue is deleted', async () => {
  const fixture = await startSqs();
  const polling = expect(receive(fixture, LONG)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  await polled(fixture);
  await fixture.sqs.send(new DeleteQueueCommand({ QueueUrl: fixture.queueUrl }));
  await polling;
});

it('never gives one message to two who receive at once', async () => {
  const fixture = await startSqs();
  const receivers = Array.from({ length: 12 }, async () => {
    const seen: (string | undefined)[] = [];
    while (seen.length < 1000) {
      const messages = await receive(fixture, { MaxNumberOfMessages: 3, WaitTimeSeconds: 1 });
      if (messages.length === 0) return seen;
      seen.push(...bodies(messages));
      for (const { ReceiptHandle } of messages)
        await fixture.sqs.send(new DeleteMessageCommand({ QueueUrl: fixture.queueUrl, ReceiptHandle }));
    }
    return seen;
  });
  const names = Array.from({ length: 60 }, (_, index) => `m${index}`);
  await send(fixture, ...names);
  expect((await Promise.all(receivers)).flat().sort()).toEqual(names.sort());
  expect(await counts(fixture)).toEqual([0, 0, 0]);
});

it.each([
  ['throttle', 'RequestThrottled', 403],
  ['server-error', 'InternalFailure', 500],
  ['unavailable', 'ServiceUnavailable', 503],
  ['access-denied', 'AccessDeniedException', 400],
  ['not-found', 'QueueDoesNotExist', 400],
] as const)('fails with the words of SQS: %s', async (kind, name, httpStatusCode) => {
  const fixture = await startSqs();
  await send(fixture, 'one');
  fixture.aws.faults.add({ service: 'sqs', operation: 'ReceiveMessage', kind });
  await expect(receive(fixture, LONG)).rejects.toMatchObject({ $metadata: { httpStatusCode } });
  expect(fixture.aws.calls.at(-1)).toMatchObject({ error: name, fault: kind });
  expect(await counts(fixture)).toEqual([1, 0, 0]);
});

it('loses the answer of a long poll, and with it the sight of the message, when it is cut after', async () => {
  const fixture = await startSqs({ VisibilityTimeout: '10' });
  fixture.aws.faults.add({ service: 'sqs', operation: 'ReceiveMessage', kind: 'cut', when: 'after' });
  const polling = expect(receive(fixture, LONG)).rejects.toThrow();
  await polled(fixture);
  await send(fixture, 'one');
  await polling;
  expect(await counts(fixture)).toEqual([0, 1, 0]);
  fixture.clock.advance(10);
  const [again] = await receive(fixture, { MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
  expect(again?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
});

it('hangs before anything is received', async () => {
  const fixture = await startSqs();
  await send(fixture, 'one');
  fixture.aws.faults.add({ service: 'sqs', operation: 'ReceiveMessage', kind: 'hang' });
  const leaving = new AbortController();
  const polling = new SQSClient(fixture.config).send(new ReceiveMessageCommand({ QueueUrl: fixture.queueUrl }), {
    abortSignal: leaving.signal,
  });
  const gone = expect(polling).rejects.toMatchObject({ name: 'AbortError' });
  await vi.waitFor(() => expect(fixture.aws.calls.at(-1)?.fault).toBe('hang'));
  leaving.abort();
  await gone;
  expect(await counts(fixture)).toEqual([1, 0, 0]);
});

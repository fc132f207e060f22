import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { describe, expect, it, vi } from 'vitest';
import type { QueueEvent } from '../../simulator/aws/sqs/queue-types.ts';
import { START, startAws } from './aws-fixture.ts';
import { bodies, counts, receive, send, startSqs } from './aws-sqs-kit.ts';

const WORKER = 'arn:aws:sts::123456789012:assumed-role/Worker/blue';
const ARN = 'arn:aws:sqs:eu-west-1:123456789012:';

describe('queues', () => {
  it('are created, found, listed by prefix and page, described and deleted', async () => {
    const { sqs, queueUrl, url, clock } = await startSqs({ VisibilityTimeout: '5' });
    expect(queueUrl).toBe(`${url}/123456789012/orders`);
    await sqs.send(new CreateQueueCommand({ QueueName: 'orders', Attributes: { VisibilityTimeout: '5' } }));
    for (const QueueName of ['other', 'orders-2']) await sqs.send(new CreateQueueCommand({ QueueName }));
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'orders' }))).QueueUrl).toBe(queueUrl);
    const first = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'ord', MaxResults: 1 }));
    expect(first.QueueUrls).toEqual([queueUrl]);
    const second = await sqs.send(
      new ListQueuesCommand({ QueueNamePrefix: 'ord', MaxResults: 1, NextToken: first.NextToken }),
    );
    expect([second.QueueUrls, second.NextToken]).toEqual([[`${queueUrl}-2`], undefined]);
    const all = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] });
    expect((await sqs.send(all)).Attributes).toEqual({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      CreatedTimestamp: String(Math.floor(START / 1000)),
      DelaySeconds: '0',
      LastModifiedTimestamp: String(Math.floor(START / 1000)),
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      QueueArn: `${ARN}orders`,
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
      VisibilityTimeout: '5',
    });
    await sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
    await expect(sqs.send(all)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    const again = new CreateQueueCommand({ QueueName: 'orders' });
    await expect(sqs.send(again)).rejects.toMatchObject({ name: 'QueueDeletedRecently' });
    clock.advance(60);
    await sqs.send(again);
  });

  it('are found by the path of their URL alone, whatever its host', async () => {
    const { config, aws } = await startAws();
    aws.queues.create('orders');
    const sqs = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
    const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders';
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    expect(aws.queues.counts('orders')).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  });

  it('are emptied at most once a minute', async () => {
    const fixture = await startSqs();
    const purge = new PurgeQueueCommand({ QueueUrl: fixture.queueUrl });
    await send(fixture, 'one', 'two');
    await receive(fixture, { MaxNumberOfMessages: 1 });
    await fixture.sqs.send(purge);
    expect(await counts(fixture)).toEqual([0, 0, 0]);
    await expect(fixture.sqs.send(purge)).rejects.toMatchObject({ name: 'PurgeQueueInProgress' });
    fixture.clock.advance(60);
    await fixture.sqs.send(purge);
  });
});

describe('messages', () => {
  it('come with their attributes and digests, which the SDK checks', async () => {
    const fixture = await startSqs();
    const { configAs, queueUrl, clock } = fixture;
    const sender = new SQSClient(configAs(WORKER));
    const sent = await sender.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: 'héllo 🦄\n',
        MessageAttributes: {
          trace: { DataType: 'String', StringValue: 'abc' },
          'trace.raw': { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
          n: { DataType: 'Number.int', StringValue: '42' },
        },
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-2-3' } },
      }),
    );
    clock.advance(2);
    expect(await receive(fixture)).toEqual([
      {
        MessageId: sent.MessageId,
        ReceiptHandle: expect.any(String),
        MD5OfBody: sent.MD5OfMessageBody,
        Body: 'héllo 🦄\n',
      },
    ]);
    clock.advance(30);
    const [message] = await receive(fixture, {
      MessageAttributeNames: ['trace.*', 'n'],
      MessageSystemAttributeNames: ['All'],
    });
    expect(message?.MessageAttributes).toEqual({
      'trace.raw': { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) },
      n: { DataType: 'Number.int', StringValue: '42' },
    });
    expect(message?.Attributes).toEqual({
      AWSTraceHeader: 'Root=1-2-3',
      ApproximateFirstReceiveTimestamp: String(START + 2000),
      ApproximateReceiveCount: '2',
      SenderId: expect.stringMatching(/^AROA[A-Z2-7]{17}:blue$/),
      SentTimestamp: String(START),
    });
  });

  it('are digested as AWS does', async () => {
    const { sqs, queueUrl: QueueUrl } = await startSqs();
    const send = new SendMessageCommand({
      QueueUrl,
      MessageBody: 'Information about current NY Times fiction bestseller for week of 12/11/2016.',
      MessageAttributes: {
        Title: { DataType: 'String', StringValue: 'The Whistler' },
        Author: { DataType: 'String', StringValue: 'John Grisham' },
        WeeksOn: { DataType: 'Number', StringValue: '6' },
      },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'a' } },
    });
    // From Python's hashlib and struct, over the bytes that the developer guide's page on the digests describes.
    expect(await sqs.send(send)).toMatchObject({
      MD5OfMessageBody: 'bbdc5fdb8be7251f5c910905db994bab',
      MD5OfMessageAttributes: 'd25a6aea97eb8f585bfa92d314504a92',
      MD5OfMessageSystemAttributes: '05beaf6e1b48d404e22640fdffb9fe36',
    });
  });

  it('are out of sight until they are deleted or their visibility timeout is over', async () => {
    const fixture = await startSqs({ VisibilityTimeout: '10' });
    const { sqs, queueUrl: QueueUrl, clock } = fixture;
    await send(fixture, 'one', 'two', 'three');
    const [one, two] = await receive(fixture, { MaxNumberOfMessages: 2 });
    expect([one?.Body, two?.Body]).toEqual(['one', 'two']);
    expect(await counts(fixture)).toEqual([1, 2, 0]);
    expect(bodies(await receive(fixture, { VisibilityTimeout: 0 }))).toEqual(['three']);
    clock.advance(9);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: one?.ReceiptHandle }));
    expect(bodies(await receive(fixture, { VisibilityTimeout: 0 }))).toEqual(['three']);
    clock.advance(1);
    expect(bodies(await receive(fixture))).toEqual(['two', 'three']);
    expect(await counts(fixture)).toEqual([0, 2, 0]);
  });

  it('are held on to or given back by a change of visibility', async () => {
    const fixture = await startSqs({ VisibilityTimeout: '10' });
    const { sqs, queueUrl: QueueUrl, clock } = fixture;
    await send(fixture, 'one', 'two');
    const [one, two] = await receive(fixture);
    const change = (ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
      sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    await change(one?.ReceiptHandle, 60);
    await change(two?.ReceiptHandle, 0);
    expect(bodies(await receive(fixture))).toEqual(['two']);
    clock.advance(59);
    expect(bodies(await receive(fixture))).toEqual(['two']);
    clock.advance(1);
    await expect(change(one?.ReceiptHandle, 5)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    await expect(change(two?.ReceiptHandle, 5)).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining('Message does not exist or is not available for visibility timeout change.'),
    });
  });

  it('are not deleted by a handle of an earlier receive, which succeeds all the same', async () => {
    const fixture = await startSqs({ VisibilityTimeout: '1' });
    const { sqs, queueUrl: QueueUrl, clock } = fixture;
    await send(fixture, 'one');
    const [early] = await receive(fixture);
    clock.advance(1);
    const [late] = await receive(fixture);
    expect(late?.ReceiptHandle).not.toBe(early?.ReceiptHandle);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: early?.ReceiptHandle }));
    expect(await counts(fixture)).toEqual([0, 1, 0]);
    clock.advance(1);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: late?.ReceiptHandle }));
    expect(await counts(fixture)).toEqual([0, 0, 0]);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: late?.ReceiptHandle }));
  });

  it('are delayed by the queue or on their own, and expire', async () => {
    const fixture = await startSqs({ DelaySeconds: '5', MessageRetentionPeriod: '60' });
    const { sqs, queueUrl: QueueUrl, clock, aws } = fixture;
    await send(fixture, 'five');
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'none', DelaySeconds: 0 }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'nine', DelaySeconds: 9 }));
    expect(await counts(fixture)).toEqual([1, 0, 2]);
    clock.advance(5);
    expect(bodies(await receive(fixture))).toEqual(['five', 'none']);
    const expired: QueueEvent[] = [];
    aws.queues.on((event) => expired.push(event));
    clock.advance(55);
    expect(await counts(fixture)).toEqual([0, 0, 0]);
    expect(expired).toMatchObject(Array(3).fill({ type: 'expired', at: START + 60_000, callerArn: '' }));
  });

  it('become dead letters, the same ones, with who did what told to the owner', async () => {
    const fixture = await startSqs({ VisibilityTimeout: '0' });
    const { sqs, queueUrl: QueueUrl, aws, clock, config, configAs } = fixture;
    const dead = await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: `${ARN}dead`, maxReceiveCount: 2 });
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
    const sources = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead.QueueUrl }));
    expect(sources.queueUrls).toEqual([QueueUrl]);
    const events: QueueEvent[] = [];
    aws.queues.on((event) => events.push(event));
    await send(fixture, 'poison');
    const blue = { ...fixture, sqs: new SQSClient(configAs(WORKER)) };
    const [first] = await receive(blue);
    await receive(blue);
    clock.advance(7);
    expect(await receive(blue)).toEqual([]);
    const [letter] = await receive({ ...fixture, queueUrl: dead.QueueUrl ?? '' }, { AttributeNames: ['All'] });
    expect(letter).toMatchObject({
      MessageId: first?.MessageId,
      Attributes: {
        SentTimestamp: String(START),
        DeadLetterQueueSourceArn: `${ARN}orders`,
        ApproximateReceiveCount: '3',
      },
    });
    const messageId = first?.MessageId ?? '';
    const by = (type: string, queue: string, callerArn: string) => ({ type, queue, callerArn, messageId });
    const local = `arn:aws:sts::123456789012:assumed-role/Local/${config.credentials.accessKeyId}`;
    expect(events).toMatchObject([
      by('sent', 'orders', local),
      by('received', 'orders', WORKER),
      by('received', 'orders', WORKER),
      by('deadLettered', 'orders', WORKER),
      by('received', 'dead', local),
    ]);
  });

  it('come in batches, of which each entry fares on its own', async () => {
    const fixture = await startSqs();
    const { sqs, queueUrl: QueueUrl } = fixture;
    const sent = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', MessageBody: 'one' },
          { Id: 'b', MessageBody: 'two', DelaySeconds: 901 },
        ],
      }),
    );
    expect(sent).toMatchObject({
      Successful: [{ Id: 'a', MD5OfMessageBody: 'f97c5d29941bfb1b2fdab0874906ab82' }],
      Failed: [{ Id: 'b', Code: 'InvalidParameterValue', SenderFault: true }],
    });
    const [message] = await receive(fixture);
    const deleted = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'x', ReceiptHandle: message?.ReceiptHandle },
          { Id: 'y', ReceiptHandle: 'nonsense' },
        ],
      }),
    );
    expect(deleted).toMatchObject({ Successful: [{ Id: 'x' }], Failed: [{ Id: 'y', Code: 'ReceiptHandleIsInvalid' }] });
    expect(await counts(fixture)).toEqual([0, 0, 0]);
  });
});

it('refuses a short poll when too many are in flight, and lets a long poll wait', async () => {
  const fixture = await startSqs({}, { sqs: { maxInFlight: 2 } });
  await send(fixture, 'one', 'two', 'three');
  expect(await receive(fixture)).toHaveLength(2);
  await expect(receive(fixture)).rejects.toMatchObject({ name: 'OverLimit' });
  const polling = receive(fixture, { WaitTimeSeconds: 20 });
  await vi.waitFor(() => expect(fixture.aws.queues.waiters.count(fixture.aws.queues.get('orders'))).toBe(1));
  fixture.clock.advance(30);
  expect(bodies(await polling)).toEqual(['one', 'two']);
});

const tooLong = 'x'.repeat(1025);
it.each<[string, ConstructorParameters<typeof SendMessageCommand>[0] | object, string]>([
  ['an empty body', { MessageBody: '' }, 'MissingParameter'],
  ['a control character', { MessageBody: '\u0001' }, 'InvalidMessageContents'],
  ["a body beyond the queue's limit", { MessageBody: tooLong }, 'InvalidParameterValue'],
  ['a negative delay', { DelaySeconds: -1 }, 'InvalidParameterValue'],
  ['a FIFO parameter', { MessageDeduplicationId: 'x' }, 'InvalidParameterValue'],
  ['no queue', { QueueUrl: 'http://127.0.0.1/123456789012/nothing' }, 'QueueDoesNotExist'],
  ['another account', { QueueUrl: 'http://127.0.0.1/210987654321/orders' }, 'QueueDoesNotExist'],
  ['what is no URL', { QueueUrl: 'orders' }, 'InvalidAddress'],
  [
    'an attribute without a type',
    { MessageAttributes: { a: { DataType: '', StringValue: 'x' } } },
    'InvalidParameterValue',
  ],
  [
    'an attribute of an unknown type',
    { MessageAttributes: { a: { DataType: 'Text', StringValue: 'x' } } },
    'InvalidParameterValue',
  ],
  [
    'an attribute that is no number',
    { MessageAttributes: { a: { DataType: 'Number', StringValue: 'x' } } },
    'InvalidParameterValue',
  ],
  [
    'a reserved attribute',
    { MessageAttributes: { 'AWS.a': { DataType: 'String', StringValue: 'x' } } },
    'InvalidParameterValue',
  ],
])('refuses to send with %s', async (_what, input, name) => {
  const { sqs: _sqs, config, queueUrl, aws } = await startSqs({ MaximumMessageSize: '1024' });
  const sqs = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
  const send = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'x', ...input });
  await expect(sqs.send(send)).rejects.toMatchObject({ name });
  expect(aws.queues.messages('orders')).toEqual([]);
});

it.each<[string, Record<string, string>, string]>([
  ['a visibility timeout', { VisibilityTimeout: '43201' }, 'InvalidAttributeValue'],
  ['a size', { MaximumMessageSize: '1048577' }, 'InvalidAttributeValue'],
  ['a fraction', { DelaySeconds: '1.5' }, 'InvalidAttributeValue'],
  ['a name', { Speed: '1' }, 'InvalidAttributeName'],
  ['one that cannot be set', { QueueArn: 'x' }, 'InvalidAttributeName'],
  ['a policy that is no JSON', { RedrivePolicy: 'x' }, 'InvalidParameterValue'],
  ['a policy without a number', { RedrivePolicy: `{"deadLetterTargetArn":"${ARN}a"}` }, 'InvalidParameterValue'],
  [
    'a dead-letter queue that is not there',
    { RedrivePolicy: `{"deadLetterTargetArn":"${ARN}a","maxReceiveCount":1}` },
    'InvalidParameterValue',
  ],
  ['FIFO', { FifoQueue: 'true' }, 'NotImplementedException'],
])('refuses attributes of a queue: %s', async (_what, Attributes, name) => {
  const { sqs, queueUrl: QueueUrl, aws } = await startSqs();
  await expect(sqs.send(new CreateQueueCommand({ QueueName: 'new', Attributes }))).rejects.toMatchObject({ name });
  await expect(sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }))).rejects.toMatchObject({ name });
  expect(aws.queues.names()).toEqual(['orders']);
});

it.each([
  ['another value', { QueueName: 'orders', Attributes: { DelaySeconds: '1' } }, 'QueueNameExists'],
  ['a name of odd characters', { QueueName: 'a b' }, 'InvalidParameterValue'],
  ['a FIFO name', { QueueName: 'orders.fifo' }, 'NotImplementedException'],
])('refuses to create a queue with %s', async (_what, input, name) => {
  const { sqs } = await startSqs();
  await expect(sqs.send(new CreateQueueCommand(input))).rejects.toMatchObject({ name });
});

it.each([
  ['too many messages', { MaxNumberOfMessages: 11 }, 'InvalidParameterValue'],
  ['none', { MaxNumberOfMessages: 0 }, 'InvalidParameterValue'],
  ['a visibility timeout', { VisibilityTimeout: 43_201 }, 'InvalidParameterValue'],
  ['a wait', { WaitTimeSeconds: 21 }, 'InvalidParameterValue'],
])('refuses to receive: %s', async (_what, input, name) => {
  const { sqs, queueUrl } = await startSqs();
  await expect(sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, ...input }))).rejects.toMatchObject({ name });
});

it.each([
  ['nothing', [], 'EmptyBatchRequest'],
  [
    'eleven',
    Array.from({ length: 11 }, (_, index) => ({ Id: `${index}`, MessageBody: 'x' })),
    'TooManyEntriesInBatchRequest',
  ],
  [
    'an id twice',
    [
      { Id: 'a', MessageBody: 'x' },
      { Id: 'a', MessageBody: 'y' },
    ],
    'BatchEntryIdsNotDistinct',
  ],
  ['an odd id', [{ Id: 'a b', MessageBody: 'x' }], 'InvalidBatchEntryId'],
  [
    'more than 1 MiB together',
    [
      { Id: 'a', MessageBody: 'x'.repeat(600_000) },
      { Id: 'b', MessageBody: 'x'.repeat(600_000) },
    ],
    'BatchRequestTooLong',
  ],
])('refuses a batch of %s', async (_what, Entries, name) => {
  const { sqs, queueUrl: QueueUrl, aws } = await startSqs();
  await expect(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toMatchObject({ name });
  expect(aws.queues.messages('orders')).toEqual([]);
});

it('tells clients in query mode the older codes', async () => {
  const { url } = await startAws();
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'AmazonSQS.GetQueueUrl',
    'x-amzn-query-mode': 'true',
    authorization:
      'AWS4-HMAC-SHA256 Credential=test/20260305/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
  };
  const reply = await fetch(url, { method: 'POST', headers, body: '{"QueueName":"nothing"}' });
  expect(reply.headers.get('x-amzn-query-error')).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender');
  expect(await reply.json()).toEqual({ __type: 'QueueDoesNotExist', message: 'The specified queue does not exist.' });
});

it('keeps bodies and attributes out of the call log', async () => {
  const fixture = await startSqs();
  await send(fixture, 'secret');
  expect(fixture.aws.calls.at(-1)).toMatchObject({ operation: 'SendMessage', input: { MessageBody: '(6 bytes)' } });
});

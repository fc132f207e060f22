import { createHash } from 'node:crypto';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { startFauxqs } from 'fauxqs';
import { expect, it, onTestFinished } from 'vitest';
import { startAws } from './aws-fixture.ts';

/** The same calls against our endpoint and against fauxqs, an implementation that has nothing to do with ours. */

const UNKNOWN: Record<string, string> = { Speed: '1' };
const BINARY = { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255) };
const TEXT = { DataType: 'String', StringValue: 'é🦄' };

/** A client with one queue and the receipts of what it received, oldest first. */
class Party {
  readonly sqs: SQSClient;
  readonly #account: string;
  readonly receipts: string[] = [];

  constructor(endpoint: string, account: string) {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const plain = { maxAttempts: 1, useQueueUrlAsEndpoint: false };
    this.sqs = new SQSClient({ endpoint, region: 'eu-west-1', credentials, ...plain });
    this.#account = account;
  }

  url(name = 'orders'): string {
    return `http://127.0.0.1/${this.#account}/${name}`;
  }

  receipt(which: number): string {
    return this.receipts[which % Math.max(1, this.receipts.length)] ?? 'nonsense';
  }

  /** The answer or the error's name, with what differs between any two endpoints masked. */
  async ask(call: Call): Promise<unknown> {
    try {
      const { $metadata, ...answer } = await call(this);
      for (const { ReceiptHandle } of messagesOf(answer)) this.receipts.push(ReceiptHandle);
      return mask(answer, this.#account);
    } catch (error) {
      return error instanceof Error ? { error: error.name.replace('AWS.SimpleQueueService.', '') } : error;
    }
  }
}

type Call = (party: Party) => Promise<{ $metadata: unknown }>;

function messagesOf(answer: object): { ReceiptHandle: string }[] {
  return 'Messages' in answer && Array.isArray(answer.Messages) ? answer.Messages : [];
}

const MASKED = new Set([
  ...['ReceiptHandle', 'MessageId', 'SentTimestamp', 'ApproximateFirstReceiveTimestamp', 'SenderId'],
  ...['CreatedTimestamp', 'LastModifiedTimestamp', 'Message', 'NextToken'],
]);

function mask(value: unknown, account: string): unknown {
  if (Array.isArray(value)) return value.map((item) => mask(item, account));
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'string') return value.replace(/^http:\/\/[^/]+/, '').replaceAll(account, 'ACCOUNT');
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    members.map(([name, member]) => [name, MASKED.has(name) ? 'masked' : mask(member, account)]),
  );
}

async function parties(attributes: Record<string, string> = {}): Promise<{ ours: Party; theirs: Party }> {
  const { url } = await startAws();
  const other = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1' });
  onTestFinished(() => other.stop());
  const both = {
    ours: new Party(url, '123456789012'),
    theirs: new Party(`http://127.0.0.1:${other.port}`, '000000000000'),
  };
  for (const { sqs } of Object.values(both))
    await sqs.send(new CreateQueueCommand({ QueueName: 'orders', Attributes: attributes }));
  return both;
}

const receive =
  (input: object = {}): Call =>
  (party) =>
    party.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: party.url(),
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
        ...input,
      }),
    );
const send =
  (input: object = {}): Call =>
  (party) =>
    party.sqs.send(new SendMessageCommand({ QueueUrl: party.url(), MessageBody: 'one', ...input }));
const sendBatch =
  (...Entries: { Id: string; MessageBody: string; DelaySeconds?: number }[]): Call =>
  (party) =>
    party.sqs.send(new SendMessageBatchCommand({ QueueUrl: party.url(), Entries }));
const remove =
  (which: number): Call =>
  (party) =>
    party.sqs.send(new DeleteMessageCommand({ QueueUrl: party.url(), ReceiptHandle: party.receipt(which) }));
const change =
  (which: number, VisibilityTimeout: number): Call =>
  (party) =>
    party.sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: party.url(),
        ReceiptHandle: party.receipt(which),
        VisibilityTimeout,
      }),
    );
const numbers: Call = (party) =>
  party.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: party.url(),
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
        'VisibilityTimeout',
        'DelaySeconds',
      ],
    }),
  );

const SCRIPT: [string, Call][] = [
  ['a message', send()],
  ['attributes', send({ MessageBody: 'two é', MessageAttributes: { text: TEXT, raw: BINARY } })],
  ['a batch', sendBatch({ Id: 'a', MessageBody: 'three' }, { Id: 'b', MessageBody: 'four', DelaySeconds: 900 })],
  ['their numbers', numbers],
  ['what there is', receive()],
  ['nothing more', receive()],
  ['their numbers in flight', numbers],
  ['one goes', remove(0)],
  ['one is held', change(1, 60)],
  ['one is given back', change(2, 0)],
  ['it comes again', receive({ MaxNumberOfMessages: 1 })],
  ['their numbers once more', numbers],
  ['a wrong number of messages', receive({ MaxNumberOfMessages: 11 })],
  ['a wrong wait', receive({ WaitTimeSeconds: 21 })],
  ['a wrong visibility timeout', change(1, 43_201)],
  ['a batch of nothing', sendBatch()],
  ['an id twice', sendBatch({ Id: 'a', MessageBody: 'x' }, { Id: 'a', MessageBody: 'x' })],
  ['an odd id', sendBatch({ Id: 'a b', MessageBody: 'x' })],
  ['eleven', sendBatch(...Array.from({ length: 11 }, (_, index) => ({ Id: `${index}`, MessageBody: 'x' })))],
  ['a control character', send({ MessageBody: '\u0001' })],
  ['no body', send({ MessageBody: '' })],
  ['no queue', (party) => party.sqs.send(new GetQueueUrlCommand({ QueueName: 'nothing' }))],
  ['the queue', (party) => party.sqs.send(new GetQueueUrlCommand({ QueueName: 'orders' }))],
  ['the list', (party) => party.sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'ord' }))],
  ['the same queue', (party) => party.sqs.send(new CreateQueueCommand({ QueueName: 'orders' }))],
  [
    'another queue of the name',
    (party) => party.sqs.send(new CreateQueueCommand({ QueueName: 'orders', Attributes: { DelaySeconds: '7' } })),
  ],
  [
    'an unknown attribute',
    (party) => party.sqs.send(new SetQueueAttributesCommand({ QueueUrl: party.url(), Attributes: UNKNOWN })),
  ],
  [
    'a batch of deletes',
    (party) =>
      party.sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl: party.url(),
          Entries: [{ Id: 'a', ReceiptHandle: party.receipt(1) }],
        }),
      ),
  ],
  [
    'a batch of changes',
    (party) =>
      party.sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: party.url(),
          Entries: [{ Id: 'a', ReceiptHandle: party.receipt(3), VisibilityTimeout: 9 }],
        }),
      ),
  ],
  ['a purge', (party) => party.sqs.send(new PurgeQueueCommand({ QueueUrl: party.url() }))],
  ['the end', numbers],
];

it('answers a script of calls as fauxqs does', async () => {
  const { ours, theirs } = await parties();
  for (const [what, call] of SCRIPT) expect([what, await ours.ask(call)]).toEqual([what, await theirs.ask(call)]);
});

it('buries dead letters as fauxqs does', async () => {
  const { ours, theirs } = await parties({ VisibilityTimeout: '0' });
  for (const party of [ours, theirs]) {
    const { QueueUrl } = await party.sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
    const { Attributes } = await party.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    const policy = { deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 2 };
    const set = { QueueUrl: party.url(), Attributes: { RedrivePolicy: JSON.stringify(policy) } };
    await party.sqs.send(new SetQueueAttributesCommand(set));
  }
  for (const call of [
    send(),
    ...Array.from({ length: 3 }, () => receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount'] })),
    numbers,
    (party: Party) => party.sqs.send(new ReceiveMessageCommand({ QueueUrl: party.url('dead') })),
  ])
    expect(await ours.ask(call)).toEqual(await theirs.ask(call));
});

const UNICORN_MD5 = createHash('md5').update('🦄').digest('hex');

/** Where they differ: what fauxqs answers, what ours does, and the page of AWS's that says so. */
const DIFFERENCES: { what: string; call: Call; ours: object; theirs: object; page: string }[] = [
  {
    what: 'a body beyond the first 65,536 characters of Unicode',
    call: send({ MessageBody: '🦄' }),
    ours: { MessageId: 'masked', MD5OfMessageBody: UNICORN_MD5 },
    theirs: { error: 'InvalidMessageContents' },
    page: 'Developer guide, Amazon SQS message quotas',
  },
  {
    what: 'the visibility of a message that was deleted',
    call: async (party) => {
      for (const before of [send(), receive(), remove(0)]) await party.ask(before);
      return change(0, 60)(party);
    },
    ours: { error: 'InvalidParameterValue' },
    theirs: { error: 'MessageNotInflight' },
    page: 'AWS re:Post, sqs-receipt-handle-error; the API reference has both',
  },
  {
    what: 'a receipt handle that is none',
    call: remove(0),
    ours: { error: 'ReceiptHandleIsInvalid' },
    theirs: {},
    page: 'API reference, DeleteMessage, section Errors',
  },
];

it.each(DIFFERENCES)('differs from fauxqs with $what ($page)', async (difference) => {
  const { ours, theirs } = await parties();
  expect(await ours.ask(difference.call)).toEqual(difference.ours);
  expect(await theirs.ask(difference.call)).toEqual(difference.theirs);
});

const step = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' }).map((MessageBody) => send({ MessageBody })),
  fc.constantFrom(send({ MessageAttributes: { a: TEXT, b: BINARY } }), send({ DelaySeconds: 900 }), numbers),
  fc.nat(10).map((count) => receive({ MaxNumberOfMessages: count })),
);

it('answers generated calls as fauxqs does', async () => {
  const { ours, theirs } = await parties({ VisibilityTimeout: '43200' });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), fc.nat(10), async (calls, which) => {
      // Of messages that are still there: what becomes of others stands in the table.
      for (const call of [...calls, send(), receive(), change(which, 40_000), remove(which), numbers])
        expect(await ours.ask(call)).toEqual(await theirs.ask(call));
      for (const { receipts } of [ours, theirs]) receipts.splice(which % receipts.length, 1);
    }),
    { numRuns: 25 },
  );
});

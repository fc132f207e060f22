import { AwsError } from '../errors.ts';
import { optionalInteger, optionalString, optionalStrings } from '../input.ts';
import type { JsonObject, OperationContext } from '../service.ts';
import { checkRange, invalidValue, noSuchQueue } from './errors.ts';
import { md5, md5OfAttributes, selectAttributes, wireAttributes } from './message-attributes.ts';
import type { QueuedMessage } from './queue.ts';
import type { QueueStore } from './queue-store.ts';
import { queueOf } from './request.ts';

const SYSTEM_ATTRIBUTES = [
  'AWSTraceHeader',
  'ApproximateFirstReceiveTimestamp',
  'ApproximateReceiveCount',
  'DeadLetterQueueSourceArn',
  'MessageGroupId',
  'SenderId',
  'SentTimestamp',
];
/** Of FIFO queues: asked for in vain. */
const FIFO_ATTRIBUTES = ['MessageDeduplicationId', 'SequenceNumber'];

/**
 * Receives, with a long poll where one is asked for by the request or the queue (API reference, ReceiveMessage).
 * @throws AwsError OverLimit for a short poll of a queue with too many messages in flight
 */
export async function receiveMessage(store: QueueStore, input: JsonObject, context: OperationContext): Promise<object> {
  const queue = queueOf(store, input, context);
  const count = optionalInteger(input, 'MaxNumberOfMessages') ?? 1;
  checkRange(count, 'MaxNumberOfMessages', 1, 10);
  const visibility = optionalInteger(input, 'VisibilityTimeout');
  checkRange(visibility, 'VisibilityTimeout', 0, 43_200);
  const wait = optionalInteger(input, 'WaitTimeSeconds');
  if (wait !== undefined && (wait < 0 || wait > 20))
    throw invalidValue(wait, 'WaitTimeSeconds', 'Must be >= 0 and <= 20, if provided.');
  const wanted = wantedOf(input);
  const seconds = wait ?? queue.number('ReceiveMessageWaitTimeSeconds');
  if (seconds === 0 && store.isFull(queue))
    throw new AwsError('OverLimit', 'Too many messages in flight for the queue.', 403);
  const taken = await store.waiters.wait(queue, seconds, context.signal, () => {
    if (!store.holds(queue)) throw noSuchQueue();
    const messages = store.take(queue, count, visibility ?? queue.number('VisibilityTimeout'), context);
    return messages.length === 0 ? undefined : messages.map((message) => wireMessage(message, wanted));
  });
  if (taken === undefined) queue.history.count('emptyReceives');
  return { Messages: taken };
}

interface Wanted {
  system: readonly string[];
  attributes: readonly string[];
}

function wantedOf(input: JsonObject): Wanted {
  const older = optionalStrings(input, 'AttributeNames') ?? [];
  const system = [...older, ...(optionalStrings(input, 'MessageSystemAttributeNames') ?? [])];
  const unknown = system.find(
    (name) => name !== 'All' && !SYSTEM_ATTRIBUTES.includes(name) && !FIFO_ATTRIBUTES.includes(name),
  );
  if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  // Of FIFO queues as well, but a wrong type is told on any.
  optionalString(input, 'ReceiveRequestAttemptId');
  return {
    system: system.includes('All') ? SYSTEM_ATTRIBUTES : system,
    attributes: optionalStrings(input, 'MessageAttributeNames') ?? [],
  };
}

function wireMessage(message: QueuedMessage, { system, attributes }: Wanted): object {
  const selected = selectAttributes(message.attributes, attributes);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    Attributes: systemAttributes(message, system),
    MD5OfMessageAttributes: md5OfAttributes(selected),
    MessageAttributes: wireAttributes(selected),
  };
}

function systemAttributes(message: QueuedMessage, wanted: readonly string[]): object | undefined {
  const all: Record<string, string | undefined> = {
    AWSTraceHeader: message.systemAttributes.AWSTraceHeader?.value,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ApproximateReceiveCount: String(message.receiveCount),
    DeadLetterQueueSourceArn: message.sourceArn,
    MessageGroupId: message.messageGroupId,
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
  };
  const entries = Object.entries(all).filter(([name, value]) => value !== undefined && wanted.includes(name));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

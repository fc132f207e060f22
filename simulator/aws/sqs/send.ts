import { AwsError } from '../errors.ts';
import { optionalInteger, optionalString } from '../input.ts';
import type { JsonObject, OperationContext } from '../service.ts';
import { checkRange, invalidValue, missing } from './errors.ts';
import { md5, md5OfAttributes, readAttributes, sizeOf } from './message-attributes.ts';
import type { Queue } from './queue.ts';
import type { QueueStore } from './queue-store.ts';
import type { NewMessage } from './queue-types.ts';
import { queueOf, readEntries, runBatch } from './request.ts';

/** Of all messages of a batch together (developer guide, page "Amazon SQS message quotas"). */
const MAX_BATCH_BYTES = 1_048_576;
/** The characters that a message may consist of; a lone surrogate is none of them. */
const VALID_TEXT = /^[\t\n\r -\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u;

export function sendMessage(store: QueueStore, input: JsonObject, context: OperationContext): object {
  const queue = queueOf(store, input, context);
  return enqueue(store, queue, readMessage(queue, input, context), context);
}

export function sendMessageBatch(store: QueueStore, input: JsonObject, context: OperationContext): object {
  const queue = queueOf(store, input, context);
  const entries = readEntries(input);
  const total = entries.reduce((sum, { entry }) => sum + sizeOf(bodyOf(entry), readAttributesOrNone(entry)), 0);
  if (total > MAX_BATCH_BYTES)
    throw new AwsError(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes. You have sent ${total} bytes.`,
    );
  return runBatch(entries, (entry) => enqueue(store, queue, readMessage(queue, entry, context), context));
}

function readMessage(queue: Queue, input: JsonObject, { newId }: OperationContext): NewMessage {
  const body = bodyOf(input);
  if (body === '') throw missing('MessageBody');
  if (!VALID_TEXT.test(body))
    throw new AwsError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
    );
  const delaySeconds = optionalInteger(input, 'DelaySeconds');
  if (delaySeconds !== undefined && (delaySeconds < 0 || delaySeconds > 900))
    throw invalidValue(delaySeconds, 'DelaySeconds', 'DelaySeconds must be >= 0 and <= 900.');
  const attributes = readAttributes(input);
  const limit = queue.number('MaximumMessageSize');
  if (sizeOf(body, attributes) > limit)
    throw new AwsError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`,
    );
  const deduplicationId = optionalString(input, 'MessageDeduplicationId');
  if (deduplicationId !== undefined)
    throw invalidValue(
      deduplicationId,
      'MessageDeduplicationId',
      'The request includes a parameter that is not valid for this queue type.',
    );
  const messageGroupId = optionalString(input, 'MessageGroupId');
  checkRange(messageGroupId?.length, 'MessageGroupId', 1, 128);
  return { id: newId(), body, attributes, systemAttributes: readSystemAttributes(input), messageGroupId, delaySeconds };
}

/** The trace header is the only one there is. */
function readSystemAttributes(input: JsonObject) {
  const attributes = readAttributes(input, 'MessageSystemAttributes');
  const unknown = Object.keys(attributes).find((name) => name !== 'AWSTraceHeader');
  if (unknown !== undefined)
    throw invalidValue(unknown, 'MessageSystemAttributeName', 'Only AWSTraceHeader is supported.');
  return attributes;
}

function enqueue(store: QueueStore, queue: Queue, message: NewMessage, context: OperationContext): object {
  const { id, body, attributes = {}, systemAttributes = {} } = store.enqueue(queue, message, context);
  return {
    MessageId: id,
    MD5OfMessageBody: md5(body),
    MD5OfMessageAttributes: md5OfAttributes(attributes),
    MD5OfMessageSystemAttributes: md5OfAttributes(systemAttributes),
  };
}

function bodyOf(input: JsonObject): string {
  return optionalString(input, 'MessageBody') ?? '';
}

/** What is wrong with an entry's attributes is that entry's failure, told when it is its turn. */
function readAttributesOrNone(entry: JsonObject) {
  try {
    return readAttributes(entry);
  } catch (error) {
    if (error instanceof AwsError) return {};
    throw error;
  }
}

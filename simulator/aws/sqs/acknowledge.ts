import { AwsError } from '../errors.ts';
import { optionalInteger } from '../input.ts';
import type { JsonObject, OperationContext } from '../service.ts';
import { checkRange, invalidValue, missing } from './errors.ts';
import type { Queue } from './queue.ts';
import type { QueueStore } from './queue-store.ts';
import { queueOf, readEntries, readHandle, runBatch } from './request.ts';

/** Succeeds whether or not the message is still there; only a handle that is none is an error. */
export function deleteMessage(store: QueueStore, input: JsonObject, context: OperationContext): object {
  return deleteOne(store, queueOf(store, input, context), input, context);
}

export function deleteMessageBatch(store: QueueStore, input: JsonObject, context: OperationContext): object {
  const queue = queueOf(store, input, context);
  return runBatch(readEntries(input), (entry) => deleteOne(store, queue, entry, context));
}

function deleteOne(store: QueueStore, queue: Queue, input: JsonObject, context: OperationContext): object {
  const { receiptHandle, messageId } = readHandle(input, queue);
  store.delete(queue, messageId, receiptHandle, context);
  return {};
}

export function changeMessageVisibility(store: QueueStore, input: JsonObject, context: OperationContext): object {
  return changeOne(store, queueOf(store, input, context), input);
}

export function changeMessageVisibilityBatch(store: QueueStore, input: JsonObject, context: OperationContext): object {
  const queue = queueOf(store, input, context);
  return runBatch(readEntries(input), (entry) => changeOne(store, queue, entry));
}

/** @throws AwsError MessageNotInflight, InvalidParameterValue for a handle of a message that is gone or received again */
function changeOne(store: QueueStore, queue: Queue, input: JsonObject): object {
  const { receiptHandle, messageId } = readHandle(input, queue);
  const seconds = optionalInteger(input, 'VisibilityTimeout');
  if (seconds === undefined) throw missing('VisibilityTimeout');
  checkRange(seconds, 'VisibilityTimeout', 0, 43_200);
  const message = queue.find(messageId);
  if (message?.receiptHandle !== receiptHandle)
    throw invalidValue(
      receiptHandle,
      'ReceiptHandle',
      'Message does not exist or is not available for visibility timeout change.',
    );
  if (message.state !== 'inFlight')
    throw new AwsError('MessageNotInflight', `The message referred to by ${messageId} is not in flight.`);
  const held = (store.clock.now() - (message.lastReceivedAt ?? 0)) / 1000;
  if (held + seconds > 43_200)
    throw invalidValue(
      seconds,
      'VisibilityTimeout',
      'Total VisibilityTimeout for the message is beyond the limit [43200 seconds].',
    );
  store.changeVisibility(queue, message, seconds);
  return {};
}

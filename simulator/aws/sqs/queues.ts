import { AwsError } from '../errors.ts';
import { optionalInteger, optionalString, optionalStrings } from '../input.ts';
import { page } from '../paging.ts';
import type { JsonObject, OperationContext } from '../service.ts';
import { checkRange, fifoNotImplemented, missing, noSuchQueue } from './errors.ts';
import type { Queue } from './queue.ts';
import { KNOWN_ATTRIBUTES, readQueueAttributes } from './queue-attributes.ts';
import type { QueueStore } from './queue-store.ts';
import { queueOf, queueUrl } from './request.ts';

const MAX_LISTED = 1000;

export function createQueue(store: QueueStore, input: JsonObject, context: OperationContext): object {
  const name = optionalString(input, 'QueueName') ?? '';
  if (name === '') throw missing('QueueName');
  if (name.endsWith('.fifo')) throw fifoNotImplemented('CreateQueue');
  const attributes = readQueueAttributes(input, 'CreateQueue');
  store.checkNotDeletedRecently(name);
  return { QueueUrl: queueUrl(store.create(name, attributes), context) };
}

export function getQueueUrl(store: QueueStore, input: JsonObject, context: OperationContext): object {
  const name = optionalString(input, 'QueueName') ?? '';
  if (name === '') throw missing('QueueName');
  const owner = optionalString(input, 'QueueOwnerAWSAccountId') ?? context.accountId;
  if (owner !== context.accountId) throw noSuchQueue();
  return { QueueUrl: queueUrl(store.get(name), context) };
}

/** There is a token only where the request says how many it wants at most. */
export function listQueues(store: QueueStore, input: JsonObject, context: OperationContext): object {
  const prefix = optionalString(input, 'QueueNamePrefix') ?? '';
  const names = store.names().filter((name) => name.startsWith(prefix));
  const { queues, nextToken } = listed(store, names, input, `ListQueues ${prefix}`);
  return { QueueUrls: queues.map((queue) => queueUrl(queue, context)), NextToken: nextToken };
}

export function listDeadLetterSourceQueues(store: QueueStore, input: JsonObject, context: OperationContext): object {
  const target = queueOf(store, input, context);
  const names = store.sourcesOf(target).map(({ name }) => name);
  const { queues, nextToken } = listed(store, names, input, `ListDeadLetterSourceQueues ${target.name}`);
  return { queueUrls: queues.map((queue) => queueUrl(queue, context)), NextToken: nextToken };
}

function listed(store: QueueStore, names: string[], input: JsonObject, scope: string) {
  const size = optionalInteger(input, 'MaxResults');
  checkRange(size, 'MaxResults', 1, MAX_LISTED);
  const invalid = new AwsError('InvalidParameterValue', 'Invalid or expired next token.');
  const token = optionalString(input, 'NextToken');
  const { items, nextToken } = page(names, (name) => name, size ?? MAX_LISTED, token, scope, invalid);
  return { queues: items.map((name) => store.get(name)), nextToken: size === undefined ? undefined : nextToken };
}

export function getQueueAttributes(store: QueueStore, input: JsonObject, context: OperationContext): object {
  const queue = queueOf(store, input, context);
  const wanted = optionalStrings(input, 'AttributeNames') ?? [];
  const unknown = wanted.find((name) => name !== 'All' && !KNOWN_ATTRIBUTES.has(name));
  if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  const all = Object.entries(shownAttributes(queue));
  const shown = all.filter(([name]) => wanted.includes('All') || wanted.includes(name));
  return { Attributes: shown.length === 0 ? undefined : Object.fromEntries(shown) };
}

function shownAttributes(queue: Queue): Record<string, string> {
  const { visible, inFlight, delayed } = queue.counts();
  return {
    ...queue.attributes,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
    QueueArn: queue.arn,
  };
}

export function setQueueAttributes(store: QueueStore, input: JsonObject, context: OperationContext): object {
  const queue = queueOf(store, input, context);
  if (input.Attributes === undefined) throw missing('Attributes');
  store.setAttributes(queue, readQueueAttributes(input, 'SetQueueAttributes'));
  return {};
}

export function purgeQueue(store: QueueStore, input: JsonObject, context: OperationContext): object {
  store.purge(queueOf(store, input, context));
  return {};
}

export function deleteQueue(store: QueueStore, input: JsonObject, context: OperationContext): object {
  store.deleteQueue(queueOf(store, input, context));
  return {};
}

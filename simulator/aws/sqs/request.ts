import { AwsError } from '../errors.ts';
import { isObject, optionalObjects, optionalString } from '../input.ts';
import type { JsonObject, OperationContext } from '../service.ts';
import { missing, noSuchQueue } from './errors.ts';
import type { Queue } from './queue.ts';
import type { QueueStore } from './queue-store.ts';

const MAX_ENTRIES = 10;

export function queueUrl(queue: Queue, { origin, accountId }: OperationContext): string {
  return `${origin}/${accountId}/${queue.name}`;
}

/** Only the path of a queue URL counts. @throws AwsError MissingParameter, InvalidAddress, QueueDoesNotExist */
export function queueOf(store: QueueStore, input: JsonObject, { accountId }: OperationContext): Queue {
  const url = optionalString(input, 'QueueUrl') ?? '';
  if (url === '') throw missing('QueueUrl');
  const path = URL.canParse(url) ? new URL(url).pathname : '';
  const [, account, name, ...rest] = path.split('/');
  if (account === undefined || !name || rest.length > 0)
    throw new AwsError('InvalidAddress', `The address ${url} is not valid for this endpoint.`, 404);
  if (account !== accountId) throw noSuchQueue();
  return store.get(decodeURIComponent(name));
}

/** @returns the handle and the id of its message. @throws AwsError MissingParameter, ReceiptHandleIsInvalid */
export function readHandle(input: JsonObject, queue: Queue): { receiptHandle: string; messageId: string } {
  const receiptHandle = optionalString(input, 'ReceiptHandle') ?? '';
  if (receiptHandle === '') throw missing('ReceiptHandle');
  try {
    const parsed: unknown = JSON.parse(Buffer.from(receiptHandle, 'base64').toString());
    if (Array.isArray(parsed) && parsed[0] === queue.name && typeof parsed[1] === 'string')
      return { receiptHandle, messageId: parsed[1] };
  } catch {
    // Not one of ours: told below, in the service's words.
  }
  throw new AwsError(
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${receiptHandle}" is not a valid receipt handle.`,
    404,
  );
}

/** @throws AwsError EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId, BatchEntryIdsNotDistinct */
export function readEntries(input: JsonObject): { id: string; entry: JsonObject }[] {
  const entries = (optionalObjects(input, 'Entries') ?? []).map((entry) => ({
    id: optionalString(entry, 'Id') ?? '',
    entry,
  }));
  if (entries.length === 0)
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > MAX_ENTRIES)
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`,
    );
  const seen = new Set<string>();
  for (const { id } of entries) {
    if (!/^[\w-]{1,80}$/.test(id))
      throw new AwsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    if (seen.has(id)) throw new AwsError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);
    seen.add(id);
  }
  return entries;
}

/** Each entry on its own: what fails is told in `Failed`, and the rest takes effect. */
export function runBatch(
  entries: readonly { id: string; entry: JsonObject }[],
  run: (entry: JsonObject) => object,
): object {
  const successful: object[] = [];
  const failed: object[] = [];
  for (const { id, entry } of entries) {
    try {
      successful.push({ Id: id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      failed.push({ Id: id, Code: error.name, Message: error.message, SenderFault: error.statusCode < 500 });
    }
  }
  return { Successful: successful, Failed: failed };
}

/** A request without the texts and values of its messages, for the call log. */
export function withoutBodies(input: JsonObject): JsonObject {
  const { MessageBody, MessageAttributes: _attributes, Entries, ...rest } = input;
  const size = typeof MessageBody === 'string' && { MessageBody: `(${Buffer.byteLength(MessageBody)} bytes)` };
  const entries = Array.isArray(Entries) && {
    Entries: Entries.map((entry: unknown) => (isObject(entry) ? withoutBodies(entry) : {})),
  };
  return { ...rest, ...size, ...entries };
}

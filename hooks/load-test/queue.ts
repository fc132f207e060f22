import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CLIENT_OPTIONS, naming } from '../../shared/aws/client.ts';
import { PermanentError } from '../../shared/errors.ts';

/** The endpoint is that of the function's own Region, or the one that is configured, whatever host the URL names. */
const sqs = naming(new SQSClient({ ...CLIENT_OPTIONS, useQueueUrlAsEndpoint: false }));

export interface Message {
  /** The same for the same shard at every time: a FIFO queue drops a second one within five minutes. */
  id: string;
  body: string;
}

const MOST_MESSAGES = 10;
/** SQS takes 262,144 bytes in a batch; some are its own. */
const MOST_BYTES = 250_000;

/**
 * Sends all messages, or throws; some may have been sent then, and sending them again is the caller's to think of.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
 */
export async function sendMessages(queueUrl: string, messages: readonly Message[], signal: AbortSignal): Promise<void> {
  for (const batch of batches(messages)) {
    const { Failed = [] } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: batch.map(({ id, body }, index) => ({
          Id: String(index),
          MessageBody: body,
          ...(queueUrl.endsWith('.fifo') && { MessageGroupId: id, MessageDeduplicationId: id }),
        })),
      }),
      { abortSignal: signal },
    );
    const [first] = Failed;
    if (first === undefined) continue;
    const text = `sqs:SendMessageBatch did not take ${Failed.length} of ${batch.length} shards: ${first.Code}: ${first.Message ?? ''}`;
    throw first.SenderFault === true ? new PermanentError(text) : new Error(text);
  }
}

function batches(messages: readonly Message[]): Message[][] {
  const found: Message[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.body);
    const current = found.at(-1);
    if (current === undefined || current.length === MOST_MESSAGES || bytes + size > MOST_BYTES) {
      found.push([message]);
      bytes = size;
    } else {
      current.push(message);
      bytes += size;
    }
  }
  return found;
}

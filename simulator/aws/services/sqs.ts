import { AwsError } from '../errors.ts';
import type { JsonObject, OperationContext, ServiceDefinition } from '../service.ts';
import {
  changeMessageVisibility,
  changeMessageVisibilityBatch,
  deleteMessage,
  deleteMessageBatch,
} from '../sqs/acknowledge.ts';
import { noSuchQueue, QUERY_ERROR_CODES } from '../sqs/errors.ts';
import type { QueueStore } from '../sqs/queue-store.ts';
import {
  createQueue,
  deleteQueue,
  getQueueAttributes,
  getQueueUrl,
  listDeadLetterSourceQueues,
  listQueues,
  purgeQueue,
  setQueueAttributes,
} from '../sqs/queues.ts';
import { receiveMessage } from '../sqs/receive.ts';
import { withoutBodies } from '../sqs/request.ts';
import { sendMessage, sendMessageBatch } from '../sqs/send.ts';
import { jsonServiceErrors } from './common-errors.ts';

/** Standard queues of Amazon SQS (API reference). FIFO queues, tags, permissions and message move tasks are not there. */
export function sqsService(store: QueueStore): ServiceDefinition {
  return {
    id: 'sqs',
    protocol: { kind: 'json', targetPrefix: 'AmazonSQS', queryErrorCodes: QUERY_ERROR_CODES },
    operations: {
      CreateQueue: (input, context) => createQueue(store, input, context),
      GetQueueUrl: (input, context) => getQueueUrl(store, input, context),
      ListQueues: (input, context) => listQueues(store, input, context),
      GetQueueAttributes: (input, context) => getQueueAttributes(store, input, context),
      SetQueueAttributes: (input, context) => setQueueAttributes(store, input, context),
      DeleteQueue: (input, context) => deleteQueue(store, input, context),
      PurgeQueue: (input, context) => purgeQueue(store, input, context),
      ListDeadLetterSourceQueues: (input, context) => listDeadLetterSourceQueues(store, input, context),
      SendMessage: (input, context) => sendMessage(store, input, context),
      SendMessageBatch: (input, context) => sendMessageBatch(store, input, context),
      ReceiveMessage: (input, context) => receiveMessage(store, input, context),
      DeleteMessage: (input, context) => deleteMessage(store, input, context),
      DeleteMessageBatch: (input, context) => deleteMessageBatch(store, input, context),
      ChangeMessageVisibility: (input, context) => changeMessageVisibility(store, input, context),
      ChangeMessageVisibilityBatch: (input, context) => changeMessageVisibilityBatch(store, input, context),
    },
    resource: (_operation, input, context) => arnOf(store, input, context),
    errors: {
      ...jsonServiceErrors('sqs', {
        serverError: new AwsError(
          'InternalFailure',
          'The request processing has failed because of an unknown error.',
          500,
        ),
        notFound: noSuchQueue,
      }),
      throttled: new AwsError('RequestThrottled', 'Request is throttled.', 403),
    },
    redact: (_operation, input) => withoutBodies(input),
  };
}

function arnOf(store: QueueStore, input: JsonObject, { partition, region, accountId }: OperationContext): string {
  const name =
    input.QueueName ??
    String(input.QueueUrl ?? '')
      .split('/')
      .at(-1);
  return name ? store.arnOf(String(name)) : `arn:${partition}:sqs:${region}:${accountId}:*`;
}

import { GetQueueAttributesCommand, GetQueueUrlCommand, type QueueAttributeName, SQSClient } from '@aws-sdk/client-sqs';
import { CLIENT_OPTIONS, naming } from '../../shared/aws/client.ts';
import { isJsonObject, parseJson } from '../../shared/schema.ts';
import type { Counts } from './state.ts';

/** Signed requests go to SQS, and never to a host that a service's configuration names in a queue's URL. */
const sqs = naming(new SQSClient({ ...CLIENT_OPTIONS, useQueueUrlAsEndpoint: false }));

export function queueName(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

/**
 * How many messages of each queue are received and not yet deleted, in the order of `urls`.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
 */
export function readInFlight(urls: readonly string[], signal: AbortSignal): Promise<number[]> {
  return Promise.all(
    urls.map(async (url) => {
      const attributes = await read(url, ['ApproximateNumberOfMessagesNotVisible'], signal);
      return countOf(attributes, 'ApproximateNumberOfMessagesNotVisible', url);
    }),
  );
}

/** What waits in each queue, is in flight, and lies in its dead-letter queue. */
export function readCounts(urls: readonly string[], signal: AbortSignal): Promise<Counts[]> {
  return Promise.all(
    urls.map(async (url) => {
      const names: QueueAttributeName[] = [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'RedrivePolicy',
      ];
      const attributes = await read(url, names, signal);
      const deadLetters = await readDeadLetters(attributes.RedrivePolicy, signal);
      return {
        visible: countOf(attributes, 'ApproximateNumberOfMessages', url),
        notVisible: countOf(attributes, 'ApproximateNumberOfMessagesNotVisible', url),
        ...(deadLetters !== undefined && { deadLetters }),
      };
    }),
  );
}

async function readDeadLetters(policy: string | undefined, signal: AbortSignal): Promise<number | undefined> {
  const parsed = parseJson(policy ?? '');
  const arn = isJsonObject(parsed) ? parsed.deadLetterTargetArn : undefined;
  if (typeof arn !== 'string') return undefined;
  const [, , , , owner = '', name = ''] = arn.split(':');
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: owner }), {
    abortSignal: signal,
  });
  if (QueueUrl === undefined) throw new Error(`sqs:GetQueueUrl answered no URL for ${arn}`);
  const attributes = await read(QueueUrl, ['ApproximateNumberOfMessages'], signal);
  return countOf(attributes, 'ApproximateNumberOfMessages', QueueUrl);
}

async function read(url: string, names: QueueAttributeName[], signal: AbortSignal): Promise<Record<string, string>> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: names }), {
    abortSignal: signal,
  });
  return Attributes;
}

function countOf(attributes: Record<string, string>, name: QueueAttributeName, url: string): number {
  const text = attributes[name] ?? '';
  if (!/^\d+$/.test(text)) throw new Error(`sqs:GetQueueAttributes answered no ${name} for ${url}`);
  return Number(text);
}

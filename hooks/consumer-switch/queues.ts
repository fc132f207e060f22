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

/** The URLs of dead-letter queues by their ARN, of which a URL never changes; a warm function asks for each once. */
const urlByArn = new Map<string, string>();

async function urlOf(arn: string, signal: AbortSignal): Promise<string> {
  const known = urlByArn.get(arn);
  if (known !== undefined) return known;
  const [, , , , owner = '', name = ''] = arn.split(':');
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: owner }), {
    abortSignal: signal,
  });
  if (QueueUrl === undefined) throw new Error(`sqs:GetQueueUrl answered no URL for ${arn}`);
  urlByArn.set(arn, QueueUrl);
  return QueueUrl;
}

async function readDeadLetters(policy: string | undefined, signal: AbortSignal): Promise<number | undefined> {
  const parsed = parseJson(policy ?? '');
  const arn = isJsonObject(parsed) ? parsed.deadLetterTargetArn : undefined;
  if (typeof arn !== 'string') return undefined;
  const url = await urlOf(arn, signal);
  const attributes = await read(url, ['ApproximateNumberOfMessages'], signal);
  return countOf(attributes, 'ApproximateNumberOfMessages', url);
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

import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { CLIENT_OPTIONS, naming } from '../../shared/aws/client.ts';

/** A long poll lasts 20 seconds: the answer may take that long. */
const requestHandler = { ...CLIENT_OPTIONS.requestHandler, requestTimeout: 25_000 };
const sqs = naming(new SQSClient({ ...CLIENT_OPTIONS, requestHandler, useQueueUrlAsEndpoint: false }));

export interface Delivery {
  readonly body: string;
  readonly receipt: string;
}

/** The queue that shards come from, one at a time. */
export class ShardQueue {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Waits up to 20 seconds (long polling). */
  async receive(visibilitySeconds: number, signal: AbortSignal): Promise<Delivery | undefined> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#url,
      MaxNumberOfMessages: 1,
      WaitTimeSeconds: 20,
      VisibilityTimeout: Math.ceil(visibilitySeconds),
    });
    const { Messages: [message] = [] } = await sqs.send(command, { abortSignal: signal });
    if (message?.ReceiptHandle === undefined) return undefined;
    return { body: message.Body ?? '', receipt: message.ReceiptHandle };
  }

  /** Hides the message for so many seconds from now; 0 gives it back. SQS takes 12 hours at the most. */
  async hide({ receipt }: Delivery, seconds: number): Promise<void> {
    const VisibilityTimeout = Math.min(43_200, Math.ceil(seconds));
    await sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: this.#url, ReceiptHandle: receipt, VisibilityTimeout }),
    );
  }

  async remove({ receipt }: Delivery): Promise<void> {
    await sqs.send(new DeleteMessageCommand({ QueueUrl: this.#url, ReceiptHandle: receipt }));
  }
}

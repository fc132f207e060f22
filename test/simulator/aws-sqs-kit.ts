import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { LocalAwsOptions } from '../../simulator/aws/local-aws.ts';
import { type Fixture, startAws } from './aws-fixture.ts';

export interface SqsFixture extends Fixture {
  sqs: SQSClient;
  queueUrl: string;
}

/** An endpoint with one queue named `orders`. */
export async function startSqs(
  attributes: Record<string, string> = {},
  options: Omit<LocalAwsOptions, 'clock'> = {},
): Promise<SqsFixture> {
  const fixture = await startAws(options);
  const sqs = new SQSClient(fixture.config);
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders', Attributes: attributes }));
  return { ...fixture, sqs, queueUrl: QueueUrl };
}

export async function send({ sqs, queueUrl }: SqsFixture, ...bodies: string[]): Promise<void> {
  for (const body of bodies) await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
}

/** Receives up to ten messages without waiting. */
export async function receive(
  { sqs, queueUrl }: SqsFixture,
  options: Partial<ReceiveMessageCommandInput> = {},
): Promise<Message[]> {
  const input = { QueueUrl: queueUrl, MaxNumberOfMessages: 10, ...options };
  return (await sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
}

export const bodies = (messages: readonly Message[]) => messages.map(({ Body }) => Body);

/** How many are visible, in flight and delayed. */
export async function counts({ sqs, queueUrl }: SqsFixture): Promise<number[]> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }));
  return (['', 'NotVisible', 'Delayed'] as const).map((which) =>
    Number(Attributes?.[`ApproximateNumberOfMessages${which}`]),
  );
}

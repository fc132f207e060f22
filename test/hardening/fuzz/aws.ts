import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll } from 'vitest';

/** What AWS answers: the operation's name without `Command`, and its input. A throw is an error of AWS. */
export type Answering = (operation: string, input: Readonly<Record<string, unknown>>) => unknown;

const CLIENTS = [CloudWatchClient, ECRClient, ECSClient, SNSClient, SQSClient, SSMClient];

interface Command {
  readonly input: Record<string, unknown>;
}

/**
 * Puts a function in AWS's place, for a whole file. Plainer than a mock: that keeps every call, of which there are
 * millions here.
 */
export function replaceAws(): { answer: Answering } {
  const aws: { answer: Answering } = {
    answer: (operation) => {
      throw new Error(`nobody answers ${operation}`);
    },
  };
  const originals = CLIENTS.map(({ prototype }) => prototype.send);
  const send = async (command: Command): Promise<unknown> =>
    aws.answer(command.constructor.name.replace(/Command$/, ''), command.input);
  beforeAll(() => {
    for (const { prototype } of CLIENTS) Object.defineProperty(prototype, 'send', { value: send, configurable: true });
  });
  afterAll(() => {
    for (const [index, { prototype }] of CLIENTS.entries()) {
      Object.defineProperty(prototype, 'send', { value: originals[index], configurable: true });
    }
  });
  return aws;
}

/** An error as the SDK throws it. */
export function awsError(name: string, message: string, httpStatusCode: number): Error {
  return Object.assign(new Error(message), {
    name,
    $fault: httpStatusCode < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode, attempts: 3 },
  });
}

/** What hooks use of the SDK, for a bundle with cuts and one without: errors, settings and answers of every client. */
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterHistoryCommand, SSMClient } from '@aws-sdk/client-ssm';

const common = { maxAttempts: 2 };

/** The error, or what was answered, in plain values. */
async function told(sent: Promise<object>): Promise<unknown> {
  try {
    const { $metadata, ...output } = { $metadata: undefined, ...(await sent) };
    return output;
  } catch (error) {
    if (!(error instanceof Error) || !('$metadata' in error)) throw error;
    const { httpStatusCode, requestId, attempts } = error.$metadata as Record<string, unknown>; // ResponseMetadata
    const { $fault, resourceIds } = error as { $fault?: unknown; resourceIds?: unknown }; // of a ServiceException
    return { name: error.name, message: error.message, $fault, resourceIds, httpStatusCode, requestId, attempts };
  }
}

const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders';
const TopicArn = 'arn:aws:sns:eu-west-1:123456789012:approvals';
const MetricDataQueries = [{ Id: 'm', Expression: 'SELECT 1' }];

/** One call of each client, by the service's name. */
export const calls: Readonly<Record<string, () => Promise<unknown>>> = {
  ssm: () => told(new SSMClient(common).send(new GetParameterHistoryCommand({ Name: '/a' }))),
  ecs: () => told(new ECSClient(common).send(new DescribeServicesCommand({ services: ['ui'] }))),
  ecr: () => told(new ECRClient(common).send(new DescribeImagesCommand({ repositoryName: 'ui' }))),
  sns: () => told(new SNSClient(common).send(new PublishCommand({ TopicArn, Message: 'hello' }))),
  sqs: () =>
    told(
      new SQSClient({ ...common, useQueueUrlAsEndpoint: false }).send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
      ),
    ),
  cloudwatch: () =>
    told(
      new CloudWatchClient(common).send(
        new GetMetricDataCommand({ StartTime: new Date(0), EndTime: new Date(60_000), MetricDataQueries }),
      ),
    ),
};

/** What a client makes of the environment variables; an error's message where it refuses them. */
export async function settings(): Promise<unknown> {
  const { config } = new SSMClient({});
  const read = {
    region: config.region,
    retryMode: async () => ((await config.retryStrategy()) as { mode?: string }).mode, // of both strategies
    maxAttempts: config.maxAttempts,
    useFipsEndpoint: config.useFipsEndpoint,
    useDualstackEndpoint: config.useDualstackEndpoint,
    userAgentAppId: config.userAgentAppId,
    credentials: async () => (await config.credentials()).accessKeyId,
  };
  const entries = Object.entries(read).map(async ([name, value]) => [
    name,
    await value().catch((error: Error) => error.message),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { DeleteMessageCommand } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import type { QueueStoreOptions } from '../../simulator/aws/sqs/queue-types.ts';
import { receive, type SqsFixture, send, startSqs } from './aws-sqs-kit.ts';

/** The values of the queue's metric by minute, oldest first. */
async function values({ config, clock }: SqsFixture, metric: string, stat = 'Maximum', queue = 'orders') {
  const { MetricDataResults } = await new CloudWatchClient(config).send(
    new GetMetricDataCommand({
      StartTime: new Date(clock.now() - 3_600_000),
      EndTime: new Date(clock.now()),
      ScanBy: 'TimestampAscending',
      MetricDataQueries: [
        {
          Id: 'm',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/SQS',
              MetricName: metric,
              Dimensions: [{ Name: 'QueueName', Value: queue }],
            },
            Period: 60,
            Stat: stat,
          },
        },
      ],
    }),
  );
  return MetricDataResults?.[0]?.Values;
}

/** The fixture's clock begins 41.618 seconds into a minute. */
async function twoMinutes(sqs?: QueueStoreOptions): Promise<SqsFixture> {
  const fixture = await startSqs({ VisibilityTimeout: '600' }, sqs && { sqs });
  await send(fixture, 'one', 'two2');
  const [one] = await receive(fixture, { MaxNumberOfMessages: 1 });
  fixture.clock.advance(60);
  const ReceiptHandle = one?.ReceiptHandle;
  await fixture.sqs.send(new DeleteMessageCommand({ QueueUrl: fixture.queueUrl, ReceiptHandle }));
  await receive(fixture);
  await receive(fixture);
  fixture.clock.advance(60);
  return fixture;
}

it('publishes each minute of a queue, with nothing where AWS publishes nothing', async () => {
  const fixture = await twoMinutes();
  expect(await values(fixture, 'NumberOfMessagesSent', 'Sum')).toEqual([2, 0]);
  expect(await values(fixture, 'NumberOfMessagesReceived', 'Sum')).toEqual([1, 1]);
  expect(await values(fixture, 'NumberOfMessagesDeleted', 'Sum')).toEqual([0, 1]);
  expect(await values(fixture, 'NumberOfEmptyReceives', 'Sum')).toEqual([0, 1]);
  expect(await values(fixture, 'ApproximateNumberOfMessagesVisible')).toEqual([1, 0]);
  expect(await values(fixture, 'ApproximateNumberOfMessagesNotVisible')).toEqual([1, 1]);
  expect(await values(fixture, 'ApproximateNumberOfMessagesDelayed')).toEqual([]);
  expect(await values(fixture, 'ApproximateAgeOfOldestMessage')).toEqual([18, 78]);
  expect(await values(fixture, 'SentMessageSize', 'Average')).toEqual([3.5]);
});

it('publishes zeros where it is told to', async () => {
  const fixture = await twoMinutes({ zeroMetrics: true });
  expect(await values(fixture, 'ApproximateNumberOfMessagesDelayed')).toEqual([0, 0]);
});

it('leaves a queue out whose metrics are scripted', async () => {
  const { config } = await twoMinutes({ publishesMetrics: (queue) => queue !== 'orders' });
  expect((await new CloudWatchClient(config).send(new ListMetricsCommand({}))).Metrics).toEqual([]);
});

it('does not count the age of a message that was received more than three times', async () => {
  const fixture = await startSqs({ VisibilityTimeout: '0' });
  await send(fixture, 'poison');
  fixture.clock.advance(10);
  await send(fixture, 'new');
  fixture.clock.advance(10);
  expect(await values(fixture, 'ApproximateAgeOfOldestMessage')).toEqual([18]);
  for (let times = 0; times < 4; times += 1) await receive(fixture, { MaxNumberOfMessages: times < 3 ? 1 : 10 });
  fixture.clock.advance(60);
  expect(await values(fixture, 'ApproximateAgeOfOldestMessage')).toEqual([18, 68]);
});

it('counts dead letters as no sends, and their age from when they came', async () => {
  const fixture = await startSqs({ VisibilityTimeout: '0' });
  const { arn } = fixture.aws.queues.create('dead');
  fixture.aws.queues.setAttributes(fixture.aws.queues.get('orders'), {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 1 }),
  });
  await send(fixture, 'poison');
  fixture.clock.advance(60);
  await receive(fixture);
  await receive(fixture);
  fixture.clock.advance(60);
  expect(await values(fixture, 'NumberOfMessagesSent', 'Sum', 'dead')).toEqual([0, 0]);
  expect(await values(fixture, 'ApproximateNumberOfMessagesVisible', 'Sum', 'dead')).toEqual([0, 1]);
  expect(await values(fixture, 'ApproximateAgeOfOldestMessage', 'Maximum', 'dead')).toEqual([18]);
});

it('falls silent six hours after a queue was last used', async () => {
  const fixture = await startSqs();
  fixture.clock.advance(30 * 24 * 3600);
  await receive(fixture);
  fixture.clock.advance(60);
  expect(await values(fixture, 'ApproximateNumberOfMessagesVisible')).toEqual([0]);
});

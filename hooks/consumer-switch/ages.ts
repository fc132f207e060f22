import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CLIENT_OPTIONS, naming } from '../../shared/aws/client.ts';
import { queueName } from './queues.ts';

const cloudwatch = naming(new CloudWatchClient(CLIENT_OPTIONS));

/** Ten queues over a day are 15,000 points, and a page holds 100,800. */
const PAGES = 5;

/** Seconds, by the beginning of the minute in milliseconds, oldest first. */
export type Ages = readonly { at: number; seconds: number }[];

/**
 * ApproximateAgeOfOldestMessage of each queue, minute by minute, in the order of `urls`.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export async function readAges(
  urls: readonly string[],
  { from, to }: { from: number; to: number },
  signal: AbortSignal,
): Promise<Ages[]> {
  const ages: { at: number; seconds: number }[][] = urls.map(() => []);
  let NextToken: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const command = new GetMetricDataCommand({
      MetricDataQueries: urls.map((url, i) => ({ Id: `q${i}`, MetricStat: statistic(queueName(url)) })),
      StartTime: new Date(from),
      EndTime: new Date(to),
      ScanBy: 'TimestampAscending',
      ...(NextToken !== undefined && { NextToken }),
    });
    const answer = await cloudwatch.send(command, { abortSignal: signal });
    for (const { Id, Timestamps = [], Values = [] } of answer.MetricDataResults ?? []) {
      const series = ages[Number(Id?.slice(1))];
      for (const [i, at] of Timestamps.entries()) {
        const seconds = Values[i];
        if (seconds !== undefined) series?.push({ at: at.getTime(), seconds });
      }
    }
    NextToken = answer.NextToken;
    if (NextToken === undefined) return ages;
  }
  throw new Error(`cloudwatch:GetMetricData did not end its answer within ${PAGES} pages`);
}

function statistic(name: string) {
  const Metric = {
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateAgeOfOldestMessage',
    Dimensions: [{ Name: 'QueueName', Value: name }],
  };
  return { Metric, Period: 60, Stat: 'Maximum' };
}

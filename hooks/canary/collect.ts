import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { CLIENT_OPTIONS, naming } from '../../shared/aws/client.ts';
import { oneLine } from '../../shared/text.ts';
import type { Point, Series } from './judge/input.ts';

const cloudwatch = naming(new CloudWatchClient(CLIENT_OPTIONS));

/** More than 50 metrics over a day and an hour can fill; what goes on beyond is refused rather than read for ever. */
const PAGES = 20;

interface Collected {
  points: Point[];
  status: Series['status'];
  messages: string[];
}

/**
 * All series of a look in one call, by the id of their query; more calls only where CloudWatch answers in pages.
 *
 * @throws Error when the pages do not end
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export async function collect(
  queries: readonly MetricDataQuery[],
  window: { from: Date; to: Date },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Series>> {
  const found = new Map<string, Collected>();
  const general: string[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await cloudwatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: [...queries],
        StartTime: window.from,
        EndTime: window.to,
        ScanBy: 'TimestampAscending',
        ...(NextToken !== undefined && { NextToken }),
      }),
      { abortSignal: signal },
    );
    for (const result of answer.MetricDataResults ?? []) addResult(found, result);
    general.push(...(answer.Messages ?? []).map(({ Code, Value }) => `${Code}: ${Value}`));
    NextToken = answer.NextToken;
    if (NextToken === undefined) return new Map([...found].map(([id, series]) => [id, toSeries(series, general)]));
  }
  throw new Error(`cloudwatch:GetMetricData did not end its answer within ${PAGES} pages`);
}

interface Result {
  Id?: string | undefined;
  Timestamps?: Date[] | undefined;
  Values?: number[] | undefined;
  StatusCode?: string | undefined;
  Messages?: { Code?: string | undefined; Value?: string | undefined }[] | undefined;
}

function addResult(
  found: Map<string, Collected>,
  { Id = '', Timestamps = [], Values = [], StatusCode, Messages = [] }: Result,
) {
  const series = found.get(Id) ?? { points: [], status: 'Complete', messages: [] };
  for (const [index, at] of Timestamps.entries()) {
    const value = Values[index];
    // The SDK reads "NaN" and "Infinity" as numbers; a minute with one of them has none to judge by.
    if (Number.isFinite(value)) series.points.push({ at: at.getTime(), value: Number(value) });
  }
  // PartialData on one page only says that more pages follow; the last page's word counts, but an error stays one.
  const status = statusOf(StatusCode);
  if (series.status !== 'InternalError' && series.status !== 'Forbidden') series.status = status;
  series.messages.push(...Messages.map(({ Code, Value }) => `${Code}: ${Value}`));
  found.set(Id, series);
}

function statusOf(code: string | undefined): Series['status'] {
  return code === 'Complete' || code === 'PartialData' || code === 'Forbidden' ? code : 'InternalError';
}

function toSeries({ points, status, messages }: Collected, general: readonly string[]): Series {
  const told = oneLine([...messages, ...general].join('; '), 300);
  // A message about the whole answer may mean that any series lacks points.
  const whole = general.length > 0 && status === 'Complete' ? 'PartialData' : status;
  return { status: whole, points, ...(told !== '' && { message: told }) };
}

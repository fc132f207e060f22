import { CloudWatchClient, type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CLIENT_OPTIONS, naming } from '../../shared/aws/client.ts';
import type { Tally } from './tally.ts';

const cloudwatch = naming(new CloudWatchClient(CLIENT_OPTIONS));
/** PutMetricData takes 150 values with their counts in one datum. */
const MOST_VALUES = 150;
const NAMESPACE = 'EcsLifecycleHooks/LoadTest';

/** Live figures: what has come since the last call. */
export class LiveFigures {
  readonly #tally: Tally;
  readonly #dimensions: { Name: string; Value: string }[];
  #seen = { sent: 0, errors: {} as Record<string, number> };

  constructor(tally: Tally, service: string, test: string) {
    this.#tally = tally;
    this.#dimensions = [
      { Name: 'Service', Value: service },
      { Name: 'Test', Value: test.slice(0, 1024) },
    ];
  }

  /** @param seconds since the last call */
  async put(now: Date, seconds: number, signal: AbortSignal): Promise<void> {
    const { sent, errorsByKind } = this.#tally;
    const base = { Timestamp: now, Dimensions: this.#dimensions, StorageResolution: 1 } satisfies Partial<MetricDatum>;
    const data: MetricDatum[] = [
      { ...base, MetricName: 'RequestsSent', Unit: 'Count', Value: sent - this.#seen.sent },
      { ...base, MetricName: 'AchievedRate', Unit: 'Count/Second', Value: (sent - this.#seen.sent) / seconds },
    ];
    for (const [kind, n] of Object.entries(errorsByKind)) {
      const Dimensions = [...this.#dimensions, { Name: 'Kind', Value: kind }];
      data.push({
        ...base,
        Dimensions,
        MetricName: 'Errors',
        Unit: 'Count',
        Value: n - (this.#seen.errors[kind] ?? 0),
      });
    }
    const { values, counts } = this.#tally.takeRecent(MOST_VALUES);
    if (values.length > 0) {
      data.push({ ...base, MetricName: 'Latency', Unit: 'Microseconds', Values: values, Counts: counts });
    }
    this.#seen = { sent, errors: { ...errorsByKind } };
    await cloudwatch.send(new PutMetricDataCommand({ Namespace: NAMESPACE, MetricData: data }), {
      abortSignal: signal,
    });
  }
}

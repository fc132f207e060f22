import type { MinuteOfTraffic } from '../aws/cloudwatch/traffic.ts';
import type { DeploymentRecord, MetricRecord } from '../record.ts';

const MINUTE = 60_000;
/** Longer deployments are told in longer steps. */
const MOST_POINTS = 240;

/** Requests, errors and latency of both revisions over a deployment, minute by minute. */
export function trafficRecords(
  deployment: DeploymentRecord,
  minuteAt: (at: number) => Readonly<Record<string, MinuteOfTraffic>>,
): MetricRecord[] {
  const { createdAt, finishedAt = createdAt, source, target } = deployment;
  const from = Math.floor(createdAt / MINUTE) * MINUTE;
  const minutes = Math.ceil((finishedAt - from) / MINUTE);
  const step = Math.max(1, Math.ceil(minutes / MOST_POINTS));
  const ids = [...(source === undefined ? [] : [source.id]), target.id];
  const steps = Array.from({ length: Math.ceil(minutes / step) }, (_, index) =>
    Array.from({ length: step }, (__, minute) => minuteAt(from + (index * step + minute) * MINUTE)),
  );
  const sums = steps.map((some) => Object.fromEntries(ids.map((id) => [id, sumOf(some.map((each) => each[id]))])));
  const record = (title: string, unit: string, value: (sum: Sum) => number | null): MetricRecord => ({
    title,
    unit,
    from,
    stepMs: step * MINUTE,
    values: Object.fromEntries(ids.map((id) => [id, sums.map((sum) => rounded(value(sum[id] ?? NOTHING)))])),
  });
  if (minutes === 0) return [];
  return [
    record('requests', 'per minute', ({ requests }) => requests / step),
    record('5xx', '%', ({ requests, errors }) => (requests === 0 ? null : (100 * errors) / requests)),
    record('latency', 'ms', ({ requests, seconds }) => (requests === 0 ? null : (1000 * seconds) / requests)),
  ];
}

interface Sum {
  requests: number;
  errors: number;
  /** All response times together. */
  seconds: number;
}

const NOTHING: Sum = { requests: 0, errors: 0, seconds: 0 };

function sumOf(minutes: readonly (MinuteOfTraffic | undefined)[]): Sum {
  return minutes.reduce<Sum>((sum, minute) => {
    if (minute === undefined) return sum;
    const { requests, errors, latencies } = minute;
    const seconds = latencies.values.reduce((total, value, index) => total + value * (latencies.counts[index] ?? 1), 0);
    return { requests: sum.requests + requests, errors: sum.errors + errors, seconds: sum.seconds + seconds };
  }, NOTHING);
}

/** Three digits say all that a small chart can show. */
function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(3));
}

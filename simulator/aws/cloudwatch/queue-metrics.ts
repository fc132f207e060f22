import type { MetricDatum } from './metric-store.ts';
import { Noise } from './noise.ts';

/** What a queue is like in a minute, on average. */
export interface QueueLoad {
  sentPerMinute: number;
  visible: number;
  oldestSeconds: number;
}

/** Of the gamma factor by which the age of the oldest message varies from minute to minute. */
const AGE_SHAPE = 16;

/**
 * One minute of an Amazon SQS queue (SQS developer guide, page "Available CloudWatch metrics for Amazon SQS"). It
 * follows from the seed and the minute alone.
 * @param at the beginning of the minute
 */
export function queueMetrics(queueName: string, load: QueueLoad, at: number, seed: number): MetricDatum[] {
  const noise = new Noise(seed, Math.floor(at / 60_000));
  const datum = (metricName: string, value: number, unit: string): MetricDatum => ({
    namespace: 'AWS/SQS',
    dimensions: { QueueName: queueName },
    timestamp: at,
    metricName,
    value,
    unit,
  });
  const sent = noise.poisson(load.sentPerMinute);
  const age = load.oldestSeconds * (noise.gamma(AGE_SHAPE) / AGE_SHAPE);
  return [
    datum('ApproximateNumberOfMessagesVisible', noise.poisson(load.visible), 'Count'),
    datum('ApproximateAgeOfOldestMessage', Math.round(age), 'Seconds'),
    datum('NumberOfMessagesSent', sent, 'Count'),
    datum('NumberOfMessagesReceived', sent, 'Count'),
    datum('NumberOfMessagesDeleted', sent, 'Count'),
  ];
}

import * as z from 'zod/mini';
import { described } from '../../shared/schema.ts';
import { Duration } from './duration.ts';

const NotNegative = z.number().check(z.minimum(0));
const Positive = z.number().check(z.gt(0));
const Share = z.number().check(z.minimum(0), z.maximum(1));

const RevisionTraffic = z
  .strictObject({
    errorRate: described(
      z.optional(Share),
      'the probability that a request is answered with 5xx, from 0 to 1; without it 0',
    ),
    latencyMs: described(z.optional(Positive), 'the median of the response times; without it 50'),
    latencySpread: described(
      z.optional(NotNegative),
      'the standard deviation of their logarithm; without it 0.5, where p99 is 3.2 medians',
    ),
  })
  .check(z.meta({ title: 'metrics.traffic.<service>.revisions.<revision>' }));
export type RevisionTraffic = z.infer<typeof RevisionTraffic>;

const revisions = described(
  z._default(z.record(z.string(), RevisionTraffic), {}),
  'by the name of a revision: how it answers',
);

const ServiceTraffic = z
  .strictObject({
    requestsPerMinute: described(NotNegative, 'of all revisions together; chance shares them out by the weights'),
    dailySwing: described(
      z.optional(Share),
      'by what share the load rises above that and falls below it in the course of a day, the most at 18:00 UTC; without it 0',
    ),
    loadShape: described(
      z.optional(Positive),
      "the shape of a gamma factor by which each minute's load wobbles beyond chance: 4 is lively, 1 is wild; without it nothing but chance",
    ),
    errorShape: described(z.optional(Positive), "the same for each revision's error rate: errors that come in bursts"),
    discoveryName: described(
      z.optional(z.string().check(z.minLength(1))),
      'publishes the Service Connect metrics of this discovery name too; without it those of a service behind Service Connect, under the name of the service',
    ),
    revisions,
  })
  .check(z.meta({ title: 'metrics.traffic.<service>' }));
export type ServiceTraffic = z.infer<typeof ServiceTraffic>;

const Queue = z
  .strictObject({
    sentPerMinute: described(z.optional(NotNegative), 'messages sent, and received and deleted; without it 0'),
    visible: described(z.optional(NotNegative), 'messages that wait, on average; without it 0'),
    oldestSeconds: described(z.optional(NotNegative), 'the age of the oldest message, on average; without it 0'),
  })
  .check(z.meta({ title: 'metrics.queues.<queue>' }));
export type QueueSpec = z.infer<typeof Queue>;

export const Metrics = z
  .strictObject({
    publicationDelay: described(
      z.prefault(Duration, '90s'),
      'how long after the end of its minute a figure is in the answers of CloudWatch',
    ),
    history: described(
      z.prefault(Duration, '2h'),
      'how long before the start the running services have served, and the figures go back',
    ),
    traffic: described(z._default(z.record(z.string(), ServiceTraffic), {}), 'by service: its requests'),
    queues: described(z._default(z.record(z.string(), Queue), {}), 'by the name of an Amazon SQS queue: its messages'),
  })
  .check(z.meta({ title: 'metrics' }));
export type Metrics = z.infer<typeof Metrics>;

/** What an event may change: everything that the section says, but nothing needs to be said again. */
export const MetricsChange = z.strictObject({
  requestsPerMinute: described(z.optional(NotNegative), "the service's load from now on"),
  revisions: described(
    z.optional(z.record(z.string(), RevisionTraffic)),
    'by the name of a revision: how it answers from now on; what is not given stays as it was',
  ),
  queues: described(
    z.optional(z.record(z.string(), Queue)),
    'by the name of a queue: its messages from now on; what is not given stays as it was',
  ),
});
export type MetricsChange = z.infer<typeof MetricsChange>;

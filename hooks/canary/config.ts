import * as z from 'zod/mini';
import { PARAMETER_PREFIX, RETAIN_DAYS } from '../../shared/parameter-config.ts';
import { described } from '../../shared/schema.ts';

const Id = z
  .string()
  .check(
    z.regex(/^[a-z][A-Za-z0-9_]{0,39}$/, { error: 'must begin with a lower-case letter, then letters, digits and _' }),
  );

const MetricStat = z.strictObject({
  namespace: described(z.string().check(z.minLength(1)), 'such as AWS/ApplicationELB'),
  metricName: described(z.string().check(z.minLength(1)), 'such as RequestCount'),
  dimensions: described(
    z._default(z.record(z.string(), z.string()), {}),
    'value by name; {targetGroup}, {loadBalancer}, {revision}, {cluster} and {service} stand for those of each side, {targetGroup2} and {loadBalancer2} for those of a second load balancer',
  ),
  statistic: described(z.string().check(z.minLength(1)), 'Sum, Average, Maximum, p99 …'),
});
export type MetricStat = z.infer<typeof MetricStat>;

const MetricMath = z.strictObject({
  expression: described(z.string().check(z.minLength(1)), 'CloudWatch metric math over the names in metrics'),
  metrics: described(z.record(Id, MetricStat), 'what the expression names'),
});

export const Query = z.union([MetricStat, MetricMath]);
export type Query = z.infer<typeof Query>;

const judged = {
  critical: described(z._default(z.boolean(), true), 'whether it decides; others are reported only'),
  muted: described(z._default(z.boolean(), false), 'judged and reported, but never deciding'),
  direction: described(
    z._default(z.enum(['increase', 'decrease', 'either']), 'increase'),
    'the direction that is worse',
  ),
  compare: described(
    z.optional(z.enum(['concurrent', 'history', 'none'])),
    'concurrent: with blue over the same minutes; history: with blue before the shift; none: the wall alone. By default concurrent where the dimensions tell the sides apart and blue still takes traffic, else history',
  ),
  wall: described(
    z.optional(
      z.strictObject({
        above: z.number(),
        minEvents: z.optional(z.int().check(z.minimum(1))),
        minutes: z.optional(z.int().check(z.minimum(1))),
      }),
    ),
    'fails at once, whatever blue does: a rate (count) or a value (gauge) above this, with at least minEvents events, or for minutes in a row',
  ),
};

const Ratio = z.number().check(z.minimum(1));
const NotNegative = z.number().check(z.minimum(0));

export const CountMetric = z.strictObject({
  id: Id,
  kind: z.literal('count'),
  events: described(Query, 'what is bad, as Sum: errors'),
  requests: described(Query, 'what it is counted among, as Sum'),
  ...judged,
  ratio: described(z.optional(Ratio), 'fails only where the rates differ by this factor (default 1.5) …'),
  difference: described(z.optional(NotNegative), '… and by this share of the requests (default 0.001)'),
  minEvents: z.optional(z.int().check(z.minimum(1))),
  minRequests: z.optional(z.int().check(z.minimum(1))),
  tolerance: described(z.optional(NotNegative), 'passes only if a rate worse by this share would have been found'),
});
export type CountConfig = z.infer<typeof CountMetric>;

export const GaugeMetric = z.strictObject({
  id: Id,
  kind: z.literal('gauge'),
  values: described(Query, 'one value a minute, such as the Average of a latency'),
  samples: described(z.optional(Query), 'SampleCount behind each value; needed for percentiles'),
  ...judged,
  ratio: described(z.optional(Ratio), 'fails only where the sides differ by this factor (default 1.1) …'),
  difference: described(z.optional(NotNegative), '… and by this much in its own unit (default 0)'),
  tolerance: described(z.optional(Ratio), 'passes only if a factor of this size would have been found'),
});
export type GaugeConfig = z.infer<typeof GaugeMetric>;

const Preset = z.discriminatedUnion('preset', [
  z.strictObject({ preset: z.literal('alb') }),
  z.strictObject({
    preset: z.literal('service-connect'),
    discoveryName: described(z.string().check(z.minLength(1)), 'the discovery name of the service'),
  }),
  z.strictObject({
    preset: z.literal('sqs'),
    queueName: described(z.string().check(z.minLength(1)), 'the queue that the service works off'),
    maxAgeSeconds: described(z._default(NotNegative, 300), 'wall: the age of the oldest message'),
  }),
  z.strictObject({ preset: z.literal('ecs') }),
]);
export type Preset = z.infer<typeof Preset>;

const Choice = z.enum(['wait', 'pass', 'fail']);

export const Config = z.strictObject({
  parameterPrefix: PARAMETER_PREFIX,
  retainDays: RETAIN_DAYS,
  metrics: described(
    z.array(z.union([Preset, CountMetric, GaugeMetric])).check(z.minLength(1), z.maxLength(50)),
    'what is judged: presets (alb, service-connect, sqs, ecs) and own metrics',
    [[{ preset: 'alb' }]],
  ),
  holdMinutes: described(
    z.optional(z.number().check(z.minimum(5), z.maximum(1380))),
    'keep the stage open for so long and judge at every look; without it a traffic step is noted, baked by ECS, and judged when the next one begins',
  ),
  everyMinutes: described(
    z._default(z.number().check(z.minimum(1), z.maximum(60)), 5),
    'minutes between two looks while held',
  ),
  historyMinutes: described(
    z._default(z.int().check(z.minimum(10), z.maximum(1440)), 60),
    'how much of blue before green had traffic is read: for comparison and for how much its rates vary',
  ),
  publicationDelayMinutes: described(
    z._default(z.int().check(z.minimum(1), z.maximum(15)), 3),
    'how long after their minute CloudWatch data are complete',
  ),
  warmUpMinutes: described(
    z._default(z.int().check(z.minimum(0), z.maximum(60)), 1),
    'minutes left out after each change of the weights: cold caches look like a regression',
  ),
  minMinutes: described(
    z._default(z.int().check(z.minimum(1)), 5),
    'minutes with data on both sides that a verdict needs',
  ),
  alpha: described(
    z._default(z.number().check(z.gt(0), z.maximum(0.2)), 0.01),
    'chance of rolling back a healthy release, over all steps and looks, for each error count and for all other metrics together',
  ),
  onInconclusive: described(
    z._default(Choice, 'fail'),
    'at the end, when the data cannot tell: too little traffic, traffic that does not match the weights',
  ),
  onNoData: described(z._default(Choice, 'fail'), 'at the end, when there are no data, or stale ones'),
  onUnreadable: described(
    z._default(Choice, 'fail'),
    'at the end, when CloudWatch gave an error or partial data for a metric',
  ),
});
export type Config = z.infer<typeof Config>;

import * as z from 'zod/mini';
import type { ConfigLayer } from '../../shared/config.ts';
import { ConfigError } from '../../shared/errors.ts';
import { PARAMETER_PREFIX, RETAIN_DAYS } from '../../shared/parameter-config.ts';
import { described } from '../../shared/schema.ts';
import { MIN_LEASE_SECONDS } from './protocol.ts';

const Drain = z.strictObject({
  maxSeconds: described(
    z._default(z.int().check(z.minimum(0), z.maximum(43_200)), 300),
    'how long after the end of the lease the messages in flight are waited for',
  ),
  readings: described(
    z._default(z.int().check(z.minimum(1), z.maximum(20)), 2),
    'how many readings in a row, five seconds apart, must find no message in flight, since the counts of SQS lag',
  ),
});

const Monitor = z.strictObject({
  minutes: described(z.number().check(z.positive(), z.maximum(1380)), 'how long the queues are watched'),
  maxDeadLetters: described(
    z._default(z.int().check(z.minimum(0)), 0),
    'how many dead letters more than before the switch are borne',
  ),
  maxAgeSeconds: described(
    z.optional(z.number().check(z.positive())),
    'the oldest message may be at most this old, whatever was before',
  ),
  maxBacklog: described(
    z.optional(z.int().check(z.minimum(0))),
    'at most this many messages may wait, whatever was before',
  ),
  tolerance: described(
    z._default(z.number().check(z.minimum(1), z.maximum(1000)), 2),
    'age and backlog at the end may be this many times what they were before the switch',
  ),
  onNoData: described(
    z._default(z.enum(['fail', 'succeed']), 'fail'),
    'the answer where CloudWatch knows no age of a queue that is not empty',
  ),
});
export type Monitor = z.infer<typeof Monitor>;

export const Config = z.strictObject({
  queueUrls: described(
    z._default(
      z.array(z.url({ protocol: /^https?$/ })).check(
        z.maxLength(10),
        z.refine((urls) => new Set(urls).size === urls.length, { error: 'must name each queue once' }),
      ),
      [],
    ),
    'the queues that the service takes messages off, as SQS gives their URLs; empty: nothing is drained',
  ),
  leaseSeconds: described(
    z._default(z.int().check(z.minimum(MIN_LEASE_SECONDS), z.maximum(240)), 30),
    'how long a worker may go on taking messages after its last good read of the parameter; the same in every worker',
  ),
  drain: described(
    z._default(Drain, { maxSeconds: 300, readings: 2 }),
    'when the messages that the old revision has in hand count as done',
  ),
  onDrainTimeout: described(
    z._default(z.enum(['proceed', 'fail']), 'proceed'),
    'messages are still in flight after drain.maxSeconds: name the target all the same, or name the source again and fail',
  ),
  monitor: described(
    z.optional(Monitor),
    'at POST_PRODUCTION_TRAFFIC_SHIFT: watch the queues after the switch; without it only the switch is checked there',
  ),
  parameterPrefix: PARAMETER_PREFIX,
  retainDays: RETAIN_DAYS,
});
export type Config = z.infer<typeof Config>;

/**
 * A SUCCEEDED without the switch would leave a service that nobody consumes for.
 *
 * @throws ConfigError
 */
export function refuseFailOpen(layers: readonly ConfigLayer[]): readonly ConfigLayer[] {
  for (const key of ['onTimeout', 'onError']) {
    const layer = layers.findLast(({ values }) => Object.hasOwn(values, key));
    if (layer?.values[key] !== 'succeed') continue;
    throw new ConfigError(
      `Bad configuration: ${layer.name}.${key} must not be succeed: the parameter could be left at none, and no revision would consume`,
    );
  }
  return layers;
}

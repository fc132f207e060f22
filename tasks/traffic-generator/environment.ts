import * as z from 'zod/mini';
import { problems } from '../../shared/schema.ts';

const whole = (least: number, most: number) => z.coerce.number().check(z.int(), z.minimum(least), z.maximum(most));

const Environment = z.object({
  QUEUE_URL: z.url(),
  /** Origins and host patterns, separated by commas or white space. */
  ALLOWED_TARGETS: z.string().check(z.minLength(1)),
  /** Requests a second of one shard. */
  MAX_RATE: z._default(z.coerce.number().check(z.positive()), 2000),
  MAX_DURATION_SECONDS: z._default(whole(1, 86_400), 3600),
  MAX_CONNECTIONS: z._default(whole(1, 10_000), 1000),
  PARAMETER_PREFIX: z._default(z.string().check(z.regex(/^(?:\/[\w.-]+)+$/)), '/ecs-hooks'),
  /** Between two signs of life; a shard is taken over after three without. */
  HEARTBEAT_SECONDS: z._default(z.coerce.number().check(z.positive(), z.maximum(3600)), 30),
  /** Between two looks at the stop parameter. */
  STOP_SECONDS: z._default(z.coerce.number().check(z.positive(), z.maximum(60)), 2),
  /** Between two sets of figures to CloudWatch; 0 for none. */
  METRICS_SECONDS: z._default(z.coerce.number().check(z.minimum(0), z.maximum(60)), 10),
});

/** What one task is told by its environment. */
export interface Limits {
  readonly queueUrl: string;
  readonly allowedTargets: readonly string[];
  readonly maxRate: number;
  readonly maxSeconds: number;
  readonly maxConnections: number;
  /** Results are written below it, and nowhere else. */
  readonly folder: string;
  readonly heartbeatSeconds: number;
  readonly stopSeconds: number;
  readonly metricsSeconds: number;
}

/** @throws an Error that names every variable that is missing or wrong */
export function readLimits(environment: Readonly<Record<string, string | undefined>>): Limits {
  const parsed = Environment.safeParse(environment, { reportInput: true });
  if (!parsed.success) throw new Error(`Bad environment: ${problems(parsed.error, '')}`);
  const { data } = parsed;
  return {
    queueUrl: data.QUEUE_URL,
    allowedTargets: data.ALLOWED_TARGETS.split(/[\s,]+/).filter((entry) => entry !== ''),
    maxRate: data.MAX_RATE,
    maxSeconds: data.MAX_DURATION_SECONDS,
    maxConnections: data.MAX_CONNECTIONS,
    folder: `${data.PARAMETER_PREFIX}/load-test/`,
    heartbeatSeconds: data.HEARTBEAT_SECONDS,
    stopSeconds: data.STOP_SECONDS,
    metricsSeconds: data.METRICS_SECONDS,
  };
}

import * as z from 'zod/mini';

const Name = z.string().check(z.minLength(1), z.maxLength(2000));
const Rate = z.number().check(z.minimum(0), z.maximum(1_000_000));
const Seconds = z.number().check(z.minimum(0), z.maximum(86_400));

/** What HTTP allows in a header's name, and in its value. */
const HeaderName = z.string().check(z.regex(/^[\w!#$%&'*+.^`|~-]+$/));
const HeaderValue = z.string().check(z.regex(/^[\t\x20-\x7e\x80-\xff]*$/));

/** The header of Service Connect's test traffic where no test traffic rule names another. */
export const TEST_HEADER = 'x-amzn-ecs-blue-green-test';

export const ShardTarget = z.object({
  name: Name,
  /** Its share of the requests, relative to the others. */
  weight: z.number().check(z.positive()),
  url: z.url({ protocol: /^https?$/ }),
  method: z._default(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']), 'GET'),
  headers: z._default(z.record(HeaderName, HeaderValue), {}),
  body: z.optional(z.string()),
});
export type ShardTarget = z.infer<typeof ShardTarget>;

/** Requests a second of this shard, kept for so many seconds, or changed evenly to `rampTo` within them. */
export const ShardStage = z.object({ rate: Rate, seconds: Seconds, rampTo: z.optional(Rate) });
export type ShardStage = z.infer<typeof ShardStage>;

export const LoadPlan = z.object({
  stages: z.array(ShardStage).check(z.minLength(1), z.maxLength(100)),
  /** What is due in the first so many seconds of the stages is sent, but not counted. */
  warmUpSeconds: z._default(Seconds, 0),
  /** From the time a request is due to the last byte of its answer, milliseconds. */
  timeoutMs: z._default(z.int().check(z.minimum(1), z.maximum(120_000)), 10_000),
  /** Requests in flight at the most; others wait, and their wait counts. */
  connections: z._default(z.int().check(z.minimum(1), z.maximum(10_000)), 100),
  http: z._default(z.enum(['1.1', '2']), '1.1'),
  /** Evenly spaced, or by chance at the same mean rate (Poisson). */
  arrivals: z._default(z.enum(['even', 'poisson']), 'even'),
  targets: z.array(ShardTarget).check(z.minLength(1), z.maxLength(50)),
  testHeader: z._default(z.nullable(z.object({ name: HeaderName, value: HeaderValue })), null),
});
/** One shard's load. */
export type LoadPlan = z.infer<typeof LoadPlan>;

/** The body of a message in the generators' queue: one task's part of a test. */
export const ShardMessage = z.object({
  v: z.literal(1),
  /** The same at every try of the same deployment, stage, run and side. */
  test: Name,
  /** 1 to `of`. */
  shard: z.int().check(z.minimum(1)),
  of: z.int().check(z.minimum(1)),
  /** The ARN of the service deployment that is tested. */
  deployment: Name,
  /** Where the claim and then the result go. */
  resultParameter: Name,
  /** While there is a parameter of this name, the shard stops at once. */
  stopParameter: z.optional(Name),
  /** All shards of a test begin together at this time, if they are taken in time. */
  notBefore: z.optional(z.iso.datetime()),
  /** No request is sent after this. */
  deadline: z.iso.datetime(),
  plan: LoadPlan,
});
export type ShardMessage = z.infer<typeof ShardMessage>;
/** What is written: defaults may be left out. */
export type ShardMessageInput = z.input<typeof ShardMessage>;

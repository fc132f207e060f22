import * as z from 'zod/mini';
import { TEST_HEADER } from '../../shared/load/shard.ts';
import { PARAMETER_PREFIX, RETAIN_DAYS } from '../../shared/parameter-config.ts';
import { described } from '../../shared/schema.ts';
import { Task } from './task-config.ts';

const NotEmpty = z.string().check(z.minLength(1), z.maxLength(2000));
const Count = (most: number) => z.int().check(z.minimum(1), z.maximum(most));
const Milliseconds = z.number().check(z.positive(), z.maximum(3_600_000));
const Share = z.number().check(z.minimum(0), z.maximum(1));
/** What HTTP allows in a header's name, and in its value. */
const HeaderName = z.string().check(z.regex(/^[\w!#$%&'*+.^`|~-]+$/), z.maxLength(200));
const HeaderValue = z.string().check(z.regex(/^[\t\x20-\x7e\x80-\xff]*$/), z.maxLength(2000));
const Headers = z.record(HeaderName, HeaderValue);

export const Target = z.strictObject({
  url: described(z.url({ protocol: /^https?$/ }), 'where the requests go', ['http://catalog:8080/items']),
  name: described(z.optional(z.string().check(z.regex(/^[\w.:/-]{1,64}$/))), 'what the figures call it'),
  method: described(z._default(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']), 'GET'), 'the HTTP method'),
  headers: described(z.optional(Headers), 'headers beside the test header'),
  body: described(z.optional(z.string().check(z.maxLength(100_000))), 'what is sent with each request'),
  weight: described(z._default(z.number().check(z.positive()), 1), 'its share of the requests, relative to the others'),
});
export type Target = z.infer<typeof Target>;

export const Generator = z.strictObject({
  cluster: described(NotEmpty, 'the cluster of the traffic generators'),
  service: described(NotEmpty, 'the ECS service of the traffic generators'),
  tasks: described(Count(1000), 'how many tasks this test needs while it runs'),
  idleTasks: described(
    z._default(z.int().check(z.minimum(0), z.maximum(1000)), 0),
    'the desired count when no test runs: this hook owns it',
  ),
});

export const LATENCIES = ['p50Ms', 'p90Ms', 'p95Ms', 'p99Ms', 'p999Ms', 'maxMs'] as const;
export type Latency = (typeof LATENCIES)[number];

export const Thresholds = z.strictObject({
  p50Ms: described(z.optional(Milliseconds), 'the median latency at the most, milliseconds'),
  p90Ms: described(z.optional(Milliseconds), '90th percentile of the latency at the most'),
  p95Ms: described(z.optional(Milliseconds), '95th percentile at the most'),
  p99Ms: described(z.optional(Milliseconds), '99th percentile at the most'),
  p999Ms: described(z.optional(Milliseconds), '99.9th percentile at the most'),
  maxMs: described(z.optional(Milliseconds), 'the slowest request at the most'),
  errorRate: described(z._default(Share, 0.01), 'share of the requests that may fail: 0.01 is one in a hundred'),
  achievedRate: described(
    z._default(Share, 0.9),
    'share of the wanted requests that the generators must have sent; below it the test could not run',
  ),
});
export type Thresholds = z.infer<typeof Thresholds>;

/** Worse than a baseline: more than `ratio` times it, plus `floor`. */
const Allowance = z.strictObject({
  ratio: described(z.number().check(z.minimum(1), z.maximum(100)), 'times the baseline'),
  floor: described(z._default(z.number().check(z.minimum(0)), 0), 'and this much more: milliseconds, or share'),
});

export const Tolerance = z.strictObject({
  p50Ms: described(z.optional(Allowance), 'for the median'),
  p90Ms: described(z.optional(Allowance), 'for the 90th percentile'),
  p95Ms: described(z.optional(Allowance), 'for the 95th percentile'),
  p99Ms: described(z.optional(Allowance), 'for the 99th percentile'),
  p999Ms: described(z.optional(Allowance), 'for the 99.9th percentile'),
  maxMs: described(z.optional(Allowance), 'for the slowest request'),
  errorRate: described(z.optional(Allowance), 'for the share of failed requests'),
});
export type Tolerance = z.infer<typeof Tolerance>;

export const Config = z.strictObject({
  runner: described(
    z._default(z.enum(['generator', 'task']), 'generator'),
    'generator: the traffic generators of this project, by a queue; task: any container, by ECS RunTask',
  ),
  queueUrl: described(
    z.optional(z.url({ protocol: /^https?$/ })),
    'generator: the SQS queue that the traffic generators take shards from',
  ),
  targets: described(z._default(z.array(Target).check(z.maxLength(50)), []), 'generator: what is requested', [
    [{ url: 'http://catalog:8080/items', method: 'GET', weight: 1 }],
  ]),
  rate: described(
    z._default(z.number().check(z.positive(), z.maximum(1_000_000)), 50),
    'requests a second, all shards together',
  ),
  durationSeconds: described(z._default(Count(43_200), 120), 'how long the full rate is kept, after ramp and warm-up'),
  rampSeconds: described(
    z._default(z.int().check(z.minimum(0), z.maximum(3600)), 0),
    'the rate climbs from nothing for so long',
  ),
  warmUpSeconds: described(
    z._default(z.int().check(z.minimum(0), z.maximum(3600)), 10),
    'the first seconds of the full rate, which are not judged',
  ),
  shards: described(z._default(Count(100), 2), 'parts that the load is cut into; as many as generator tasks'),
  connections: described(z._default(Count(10_000), 50), 'connections of a shard to each target at the most'),
  http: described(z._default(z.enum(['1.1', '2']), '1.1'), 'the version of HTTP'),
  timeoutMs: described(z._default(Count(120_000), 10_000), 'a request that takes longer counts as failed'),
  testHeader: described(
    z._default(z.union([z.strictObject({ name: HeaderName, value: HeaderValue }), z.literal(false)]), {
      name: TEST_HEADER,
      value: 'true',
    }),
    'the header by which Service Connect tells test traffic; false: none, as with a test listener',
    [false],
  ),
  startWithinSeconds: described(
    z._default(Count(3600), 300),
    'how long the generators may take to begin, tasks that are yet to start included',
  ),
  generator: described(
    z.optional(Generator),
    'generator: the service whose desired count is raised for the test; without it somebody else keeps it running',
  ),
  thresholds: described(z._default(Thresholds, { errorRate: 0.01, achievedRate: 0.9 }), 'what green must keep to', [
    { p95Ms: 200, errorRate: 0.01 },
  ]),
  baseline: described(
    z._default(z.enum(['none', 'previous', 'blue']), 'none'),
    'what green is also compared with: the last accepted release, or blue under the same load at the same time',
  ),
  tolerance: described(z._default(Tolerance, {}), 'how much worse than the baseline green may be', [
    { p95Ms: { ratio: 1.2, floor: 5 } },
  ]),
  onNoBaseline: described(
    z._default(z.enum(['pass-absolute', 'fail']), 'pass-absolute'),
    'when there is nothing to compare with yet: judge by the thresholds alone, or refuse',
  ),
  task: described(z.optional(Task), 'task: the container that makes the load and judges it by its exit code'),
  maxSeconds: described(z._default(Count(43_200), 1800), 'task: it is stopped after so long'),
  onCouldNotRun: described(
    z._default(z.enum(['retry', 'fail', 'succeed']), 'retry'),
    'the answer when the test itself could not be run, which says nothing about green',
  ),
  maxRuns: described(z._default(Count(10), 3), 'runs in all, with onCouldNotRun retry'),
  parameterPrefix: PARAMETER_PREFIX,
  retainDays: RETAIN_DAYS,
});
export type Config = z.infer<typeof Config>;

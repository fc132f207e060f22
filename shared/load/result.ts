import * as z from 'zod/mini';

const Count = z.int().check(z.minimum(0));
const Counts = z.record(z.string(), Count);

/** What a result parameter holds while a generator works on its shard. */
export const ShardClaim = z.object({
  v: z.literal(1),
  /** The task that works on it. */
  running: z.string(),
  /** Its last sign of life; after three heartbeats without one, another task may take the shard over. */
  at: z.iso.datetime(),
  heartbeatSeconds: z.number().check(z.positive()),
  /** The version of the parameter that this claim took over, 0 when there was none. */
  over: z.int().check(z.minimum(0)),
});
export type ShardClaim = z.infer<typeof ShardClaim>;

export const ENDED_BY = ['plan', 'stopped', 'deadline', 'error'] as const;

/** What a result parameter holds at the end. All counts but `warmUp` are of requests that were due after the warm-up. */
export const ShardResult = z.object({
  v: z.literal(1),
  test: z.string(),
  shard: Count,
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  /** What the plan asks for; `rate` is the mean, in requests a second. */
  wanted: z.object({ rate: z.number(), requests: Count }),
  /** Requests that the generator began, a wait for a free connection included. */
  sent: Count,
  /** Requests that were answered to the last byte, with whatever status. */
  completed: Count,
  /** Requests that were still open when the shard was stopped: neither good nor bad. */
  abandoned: Count,
  /** Requests of the warm-up. */
  warmUp: Count,
  /** `2xx`, `3xx`, `4xx`, `5xx`. */
  byStatus: Counts,
  /**
   * `connect`, `tls`, `dns`, `timeout`, `reset`, `http2`, `protocol`, `status4xx`, `status5xx`, `other`, and `local`
   * where the generator itself had no port or file left.
   */
  errorsByKind: Counts,
  /** Of all bodies. */
  bytes: Count,
  /**
   * Latencies in microseconds from the time that a request was due to the last byte, of all requests that were
   * answered or timed out: HdrHistogram, V2 compressed encoding, base64. Three significant digits where they fit.
   */
  histogram: z.string(),
  /** The largest latency, in microseconds. */
  max: Count,
  /** Requests a second that were begun. */
  achievedRate: z.number(),
  /** 99th percentile and maximum of how late the generator itself was, microseconds. */
  lateness: z.object({ p99: Count, max: Count }),
  generator: z.object({
    taskId: z.string(),
    /** Processor time of the process by the time that passed: 1 is one whole CPU. */
    cpu: z.number(),
  }),
  endedBy: z.enum(ENDED_BY),
  problem: z.optional(z.string()),
});
export type ShardResult = z.infer<typeof ShardResult>;

/** Standard parameters hold 4 KB (Parameter Store, "Managing parameter tiers"). */
export const MOST_RESULT_BYTES = 4096;

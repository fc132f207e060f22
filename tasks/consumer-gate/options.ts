import type { Monotonic } from './clock.ts';

/** Of `createGate`. */
export interface GateOptions {
  /** Aborted when the task is to stop: the gate closes at once and for good. */
  readonly signal: AbortSignal;
  /** The whole name of the parameter; `<parameterPrefix>/consumer/<cluster>/<service>` without it. */
  readonly parameterName?: string | undefined;
  /** `/ecs-hooks` without it. */
  readonly parameterPrefix?: string | undefined;
  /** As long as the hook's `leaseSeconds`, or shorter: 5 or more, 30 without it. */
  readonly leaseSeconds?: number | undefined;
  /** Seconds between two reads, on average; a sixth of the lease without it, a third at most. */
  readonly pollSeconds?: number | undefined;
  /** The service revision's id, for where it cannot be found out. */
  readonly revisionId?: string | undefined;
  /** The value of ECS_CONTAINER_METADATA_URI_V4; from the environment without it. */
  readonly metadataUri?: string | undefined;
  readonly now?: Monotonic;
  /** 0 to 1, for the jitter. */
  readonly random?: () => number;
}

export interface Timing {
  readonly leaseMs: number;
  readonly pollMs: number;
}

/** @throws RangeError for a lease or a poll that would not keep the promise */
export function timingOf({ leaseSeconds = 30, pollSeconds = leaseSeconds / 6 }: Partial<GateOptions>): Timing {
  if (!(leaseSeconds >= 5 && leaseSeconds <= 3600)) {
    throw new RangeError(`leaseSeconds must be 5 to 3600: ${leaseSeconds}`);
  }
  if (!(pollSeconds >= 0.5 && pollSeconds <= leaseSeconds / 3)) {
    throw new RangeError(`pollSeconds must be 0.5 to a third of leaseSeconds (${leaseSeconds / 3}): ${pollSeconds}`);
  }
  return { leaseMs: leaseSeconds * 1000, pollMs: pollSeconds * 1000 };
}

/**
 * Milliseconds until the next read: a quarter either way at random, so that workers that started together drift apart.
 * After failures it grows, but only to double while a lease runs, which leaves it tries enough to survive a throttling.
 */
export function delayOf({ leaseMs, pollMs }: Timing, failures: number, leased: boolean, random: number): number {
  const longest = leased ? 2 * pollMs : Math.max(leaseMs, 2 * pollMs);
  return Math.min(pollMs * 2 ** Math.min(failures, 10), longest) * (0.75 + random / 2);
}

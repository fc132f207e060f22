/** What the parameter says when no revision may consume. */
export const NONE = 'none';

/** What Parameter Store holds: the id of the one revision that may consume, or `none`, and the number of the version. */
export interface Holder {
  readonly value: string;
  readonly version: number;
}

/** From when on nobody may consume, as the hook itself has seen it. */
export interface Cleared {
  readonly version: number;
  /** Milliseconds since the epoch, by the clock of the Lambda, taken after the answer of Parameter Store. */
  readonly at: number;
}

export interface View {
  /** Undefined where there is no parameter. */
  readonly held: Holder | undefined;
  /** The id of the revision that is to consume. */
  readonly to: string;
  readonly now: number;
  /** How long a worker may go on consuming after its last good read, with the margin. Milliseconds. */
  readonly leaseMs: number;
  /** What an earlier look left. */
  readonly cleared: Cleared | undefined;
  /** No other revision can hold a lease: the service's first deployment, and there was no parameter. */
  readonly alone: boolean;
}

/** What to do next; each is safe to do twice, and to be stopped at. */
export type Step =
  | { readonly kind: 'done' }
  /** Write `none`. */
  | { readonly kind: 'clear' }
  /** Nobody may consume, but a lease may still run. */
  | { readonly kind: 'lease'; readonly cleared: Cleared; readonly until: number }
  /** No lease runs any more: `to` may be named, once what is in flight has come home. */
  | { readonly kind: 'free'; readonly cleared: Cleared | undefined }
  /** Somebody else has named a revision since this hook wrote `none`. */
  | { readonly kind: 'contested'; readonly by: string };

/**
 * The one rule of the switch: between two names there is `none`, for longer than any lease. Parameter Store has no
 * compare-and-set, so whoever writes must have read a moment before (`WRITE_MS`), which is shorter than a lease: a
 * write that comes late meets `none`, or is seen, and never puts one name in the place of another unnoticed.
 */
export function nextStep({ held, to, now, leaseMs, cleared, alone }: View): Step {
  // A copy from before our own `none` proves nothing: Parameter Store may answer a little behind.
  const isStale = held !== undefined && cleared !== undefined && held.version < cleared.version;
  if (held?.value === to && !isStale) return { kind: 'done' };
  if (held === undefined && alone) return { kind: 'free', cleared: undefined };
  if (held !== undefined && held.value !== NONE) {
    return cleared !== undefined && held.version > cleared.version
      ? { kind: 'contested', by: held.value }
      : { kind: 'clear' };
  }
  const version = held?.version ?? 0;
  // A `none` that somebody else wrote counts from now: when it was written, only another clock knows.
  const since = cleared?.version === version ? cleared : { version, at: now };
  const until = since.at + leaseMs;
  return now < until ? { kind: 'lease', cleared: since, until } : { kind: 'free', cleared: since };
}

/** A write is given up this long after the read that it rests on; shorter than the shortest lease. */
export const WRITE_MS = 3000;
/**
 * This long after a change of the deployment's status nothing lands any more that was decided before it: a name within
 * WRITE_MS, and the `none` that takes it back within WRITE_MS of that; two seconds are for reads a little behind.
 */
export const LATE_WRITE_MS = 2 * WRITE_MS + 2000;
/** How much longer than the lease nobody is named: a read may be answered from a copy that is a little behind. */
export const MARGIN_MS = 2000;
/** The shortest lease that leaves room for a write that comes late. */
export const MIN_LEASE_SECONDS = 5;

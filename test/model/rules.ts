import type { Step, View } from '../../hooks/consumer-switch/protocol.ts';
import type { Reading } from '../../tasks/consumer-gate/lease.ts';

/** What the model asks of a worker's lease: the part of `Lease` that it uses. */
export interface LeaseLike {
  note(reading: Reading): void;
  left(now: number): number;
}

/** The bounds of one exploration, and the procedure under check. All times are ticks. */
export interface Rules {
  readonly nextStep: (view: View) => Step;
  readonly newLease: (revisionId: string, leaseTicks: number) => LeaseLike;
  readonly lease: number;
  /** A read may be answered as it would have been this long ago; the hook waits this much longer than the lease. */
  readonly margin: number;
  /** A write lands, if at all, this long after the status check. */
  readonly writeDelay: number;
  /** May a look crash, or go on after ECS has given it up? How often. */
  readonly faults: number;
  /** How often an event is delivered once more. */
  readonly repeats: number;
  /** How many looks there are at once that nobody hears. */
  readonly unheard: number;
  /**
   * Rollback: ECS invokes the hook until it succeeds; or the rollback may end at any moment, whether the hook was
   * never invoked, once, or until it succeeded.
   */
  readonly rollback: 'until it succeeds' | 'may end at any moment';
  /** The visibility timeout of the one message; undefined: leases only. */
  readonly visibility: number | undefined;
  readonly checksStatus: boolean;
  readonly comparesVersion: boolean;
  /** A look that finds the right name looks once more, when no earlier write can land any more. */
  readonly confirmsRollback: boolean;
  readonly confirmsNet: boolean;
  readonly hasNet: boolean;
  /** From when on the safety net counts a `none`; read back: once nothing can come late, and it is the same version. */
  readonly netCountsFrom: 'its own look' | 'LastModifiedDate, read back' | 'LastModifiedDate';
  /** The rollback's first look takes over what the forward looks left. */
  readonly rollbackInherits: boolean;
  /** Two flags: the first write names both revisions, the second takes the old one away. */
  readonly twoFlags: boolean;
  readonly drains: 'after the lease' | 'never';
  /** A worker's lease counts from the sending of the read, so the age of a read matters. */
  readonly readsAge: boolean;
}

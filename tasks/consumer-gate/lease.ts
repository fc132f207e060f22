/** One read of the parameter, timed by a monotonic clock in milliseconds. */
export interface Reading {
  /** Before the request was sent: the answer may be as old as that. */
  readonly sentAt: number;
  /** Empty where there is no parameter; undefined where the read failed. */
  readonly value: string | undefined;
}

/**
 * The right of one revision's worker to take messages: it lasts `leaseMs` from the moment at which a read that named
 * the revision was *sent*, and ends at once with a read that does not name it. A read that failed prolongs nothing.
 */
export class Lease {
  readonly #revisionId: string;
  readonly #leaseMs: number;
  #until = Number.NEGATIVE_INFINITY;
  #latest = Number.NEGATIVE_INFINITY;

  constructor(revisionId: string, leaseMs: number) {
    this.#revisionId = revisionId;
    this.#leaseMs = leaseMs;
  }

  /** Takes a read into account, unless one that was sent later has been answered already. */
  note({ sentAt, value }: Reading): void {
    if (value === undefined || sentAt < this.#latest) return;
    this.#latest = sentAt;
    this.#until = value === this.#revisionId ? sentAt + this.#leaseMs : Number.NEGATIVE_INFINITY;
  }

  /** Milliseconds for which the worker may go on; 0 when it may not. */
  left(now: number): number {
    return Math.max(0, this.#until - now);
  }

  /** May the worker begin something that takes `forMs`? */
  holds(now: number, forMs = 0): boolean {
    return now + forMs < this.#until;
  }
}

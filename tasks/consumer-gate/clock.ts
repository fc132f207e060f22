/** Milliseconds from some fixed moment; never runs backwards. */
export type Monotonic = () => number;

/** Two clocks that differ by more than this have parted: a task was suspended, or the time of day was set. */
const PARTED_MS = 100;

/**
 * A monotonic clock that also counts the time in which the machine was suspended, which Linux leaves out of
 * CLOCK_MONOTONIC: where the time of day has gone further, the difference is added. A time of day that is set forward
 * ends a lease early, which is safe; one that is set back changes nothing. At most 100 ms stay unseen.
 *
 * @param monotonic milliseconds, `performance.now` in production
 * @param timeOfDay milliseconds since the epoch, `Date.now` in production
 */
export function guardedClock(
  monotonic: Monotonic = () => performance.now(),
  timeOfDay: () => number = () => Date.now(),
): Monotonic {
  let ahead = timeOfDay() - monotonic();
  let unseen = 0;
  return () => {
    const now = monotonic();
    const parted = timeOfDay() - now - ahead;
    if (Math.abs(parted) > PARTED_MS) {
      ahead += parted;
      unseen += Math.max(0, parted);
    }
    return now + unseen;
  };
}

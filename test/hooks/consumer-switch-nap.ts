import { beforeEach, vi } from 'vitest';

/** The hook's waiting moves the clock that it waits by, and takes no time. */
export const nap = {
  /** How long each was, milliseconds. */
  slept: [] as number[],
  /** What happens in each. */
  during: [] as (() => unknown)[],
  /** By how much the first ends too soon. */
  early: 0,
};

beforeEach(() => {
  Object.assign(nap, { slept: [], during: [], early: 0 });
});

/** In the place of that of `node:timers/promises`. */
export async function setTimeout(ms: number, _: undefined, { signal }: { signal: AbortSignal }): Promise<void> {
  // Without a signal it would outlast the function.
  signal.throwIfAborted();
  nap.slept.push(ms);
  nap.during.shift()?.();
  vi.advanceTimersByTime(ms - nap.early);
  nap.early = 0;
}

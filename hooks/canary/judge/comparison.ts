/** What a comparison of two sides offers to the judge, whatever its kind. */
import type { Cause, Effect, SideNumbers, Test } from './result.ts';

/** Nothing can be compared, and why. */
export interface Impossible {
  verdict: 'error' | 'nodata' | 'inconclusive';
  cause: Cause;
  /** The sentence after the metric's title. */
  why: string;
}

export interface Comparison {
  canary: SideNumbers;
  baseline: SideNumbers;
  effect: Effect;
  /** The tests of the worse directions, at this one-sided level for the whole run. */
  test(level: number): Test;
  /** Is the effect large enough to matter, in this direction? */
  relevant(direction: 'increase' | 'decrease'): boolean;
  /** The smallest effect that this look would find at this level; NaN when it would find none. */
  detectable(level: number): number;
  /** Is that small enough to call the absence of a finding a pass? */
  tolerable(detectable: number): boolean;
  /** Does nothing vary, so that the series may not be alive? */
  constant: boolean;
}

export const NO_NUMBERS: SideNumbers = { events: null, requests: null, value: null, minutes: 0 };

/** Of the tests of both directions, the one that is nearer to significance. */
export function stronger(tests: readonly Test[]): Test {
  const [first, ...others] = tests;
  if (first === undefined) throw new RangeError('a comparison without a direction');
  const rank = (test: Test) => (test.crossedAt === null ? 1 : 0) + test.p;
  return others.reduce((best, test) => (rank(test) < rank(best) ? test : best), first);
}

/** The directions that are worse. */
export function directionsOf(direction: 'increase' | 'decrease' | 'either'): ('increase' | 'decrease')[] {
  return direction === 'either' ? ['increase', 'decrease'] : [direction];
}

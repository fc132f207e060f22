/** Does the traffic split as the weights say? */
import { binomialTest } from './binomial.ts';

export interface SampleRatio {
  /** Share of the requests that the canary had. */
  observed: number;
  expected: number;
  /** p of the two-sided binomial test. */
  p: number;
}

/** @param expected the canary's share by the weights, above 0 and below 1 */
export function sampleRatio(canary: number, baseline: number, expected: number): SampleRatio {
  const total = canary + baseline;
  return { observed: canary / total, expected, p: binomialTest(canary, total, expected, 'two.sided') };
}

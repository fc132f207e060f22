/** Does the traffic split as the weights say? */
import { binomialTest } from './binomial.ts';

export interface SampleRatio {
  /** Share of the requests that the canary had. */
  observed: number;
  expected: number;
  /** p of the two-sided binomial test. */
  p: number;
}

/** Of more requests than this several count as one: whole numbers end somewhere, and a split is long known by then. */
const MOST_REQUESTS = 1e9;

/** @param expected the canary's share by the weights, above 0 and below 1 */
export function sampleRatio(canary: number, baseline: number, expected: number): SampleRatio {
  const total = canary + baseline;
  const lot = Math.max(1, total / MOST_REQUESTS);
  const p = binomialTest(Math.round(canary / lot), Math.round(total / lot), expected, 'two.sided');
  return { observed: canary / total, expected, p };
}

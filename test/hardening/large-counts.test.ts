import { expect, it } from 'vitest';
import { judge } from '../../hooks/canary/judge/judge.ts';
import { criticalCount } from '../../hooks/canary/statistics/count-sequence.ts';
import { sampleRatio } from '../../hooks/canary/statistics/sample-ratio.ts';
import { errors, run } from '../hooks/canary-judge-world.ts';

const THOUSAND_BILLION = 1e12;

it.each([
  ['as good', 1, 'pass'],
  ['twice as bad', 2, 'fail'],
] as const)('a canary %s is judged with 10^12 requests as with 10^6', (_, factor, decision) => {
  const of = (requests: number) =>
    judge(run([errors([factor * 0.01 * requests, requests], [0.01 * requests, requests], 10)])).decision;
  expect(of(1_000_000)).toBe(decision);
  expect(of(THOUSAND_BILLION)).toBe(decision);
});

it('no count is sought that would not be found in any time', () => {
  expect(criticalCount(10, { here: 2 ** 360, there: 1000, dispersion: 0.1 }, 0.01)).toBe(Number.POSITIVE_INFINITY);
  expect(criticalCount(0, { here: 1000, there: 1000, dispersion: 0 }, 0.01)).toBe(7);
});

it('a split is told apart beyond the whole numbers that a number holds', () => {
  expect(sampleRatio(2 ** 360, 2 ** 360, 0.5)).toMatchObject({ observed: 0.5, p: 1 });
  expect(sampleRatio(2 ** 361, 2 ** 360, 0.5).p).toBeLessThan(1e-4);
});

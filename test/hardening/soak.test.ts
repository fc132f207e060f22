import { expect, it } from 'vitest';
import { slope } from '../../scripts/soak/memory.ts';
import { soakProblems, steady, told } from '../../scripts/soak/report.ts';
import { leaked, soak } from '../../scripts/soak/run.ts';

/** So short, what V8 learns on the way counts for more than what a deployment leaves. Bytes a deployment. */
const GENEROUS = 50_000;

it('300 deployments of all kinds end as they should and leave nothing behind', { timeout: 600_000 }, async () => {
  const soaked = await soak(300, 7);
  process.stdout.write(`${told(soaked)}\n`);
  expect(soakProblems(soaked, GENEROUS)).toEqual([]);
  for (const [fate, ends] of Object.entries(soaked.ends)) expect(Object.keys(ends), fate).not.toEqual([]);
  expect(soaked.deployments).toBeGreaterThanOrEqual(300);
  expect(steady(soaked).length).toBeGreaterThan(3);
  // The hooks did work, and kept something meanwhile.
  expect(soaked.calls).toBeGreaterThan(3000);
  expect(soaked.mostParameters).toBeGreaterThan(10);
});

it('a leak would be seen', () => {
  const samples = [1, 2, 3, 4].map((n) => ({ deployments: n * 100, heap: 40e6 + n * 100 * 60_000 }));
  expect(slope(samples)).toBeCloseTo(60_000);
  expect(leaked({ TCPServerWrap: 1 }, { TCPServerWrap: 1, Timeout: 2 })).toEqual(['2 Timeout more than before']);
});

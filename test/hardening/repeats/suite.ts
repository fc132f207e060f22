import { describe, expect, it } from 'vitest';
import type { AnyHook } from '../../../shared/hook.ts';
import { isNotice, type World } from '../matrix/world.ts';
import { type Repeats, runRepeats } from './run.ts';

/** Random cases for each world; REPEATS sets another number, to look for longer. */
const RUNS = Number(process.env.REPEATS ?? 12);

/** The test of one hook; each is a file of its own, so that they run side by side. */
export function describeRepeats(hook: AnyHook, worlds: readonly World[]): void {
  describe(`${hook.name}, called more often than it should be`, { timeout: 600_000 }, () => {
    it('comes to the same, and does everything once', async () => {
      const result = await runRepeats(hook, worlds, RUNS);
      process.stdout.write(`${hook.name}: ${told(result)}\n`);
      expect(result.violations).toEqual([]);
      const { delayed, overlapping, ...cases } = result.cases;
      for (const [kind, count] of Object.entries(cases)) expect(count, kind).toBeGreaterThan(0);
      // Only where a rollback follows a look, or the world changes between two.
      const later = worlds.flatMap((world) => world.begin().visits.slice(1));
      expect(delayed > 0).toBe(later.some((visit) => !isNotice(visit) && visit.rollback));
      expect(overlapping > 0).toBe(later.some(({ happened }) => happened !== undefined));
    });
  });
}

function told({ worlds, cases, violations }: Repeats): string {
  const all = Object.values(cases).reduce((sum, n) => sum + n, 0);
  const kinds = Object.entries(cases).map(([kind, n]) => `${n} ${kind}`);
  return `${all} cases in ${worlds} worlds (${kinds.join(', ')}), ${violations.length} violations`;
}

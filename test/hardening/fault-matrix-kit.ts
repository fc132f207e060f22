import '../hooks/quiet.ts';
import { expect, it } from 'vitest';
import { SUBJECTS } from './matrix/hooks.ts';
import { runMatrix } from './matrix/run.ts';
import type { World } from './matrix/world.ts';

/**
 * One file for each hook, so that they run side by side.
 *
 * @param only a part of its worlds
 */
export function describeMatrix(id: string, only: (world: World) => boolean = () => true): void {
  it(`${id} keeps its promises whatever goes wrong at whichever call`, { timeout: 600_000 }, async () => {
    const subject = SUBJECTS.find(({ hook }) => hook.name === id);
    if (subject === undefined) throw new Error(`no worlds for ${id}`);

    const { worlds, calls, cases, looks, violations } = await runMatrix(subject.hook, subject.worlds.filter(only));

    console.log(
      `fault matrix of ${id}: ${worlds} worlds, ${calls} calls, ${cases} cases, ${looks} looks, ${violations.length} violations`,
    );
    expect(violations).toEqual([]);
    expect(cases).toBeGreaterThan(1500);
  });
}

import { describe, expect, it } from 'vitest';
import { FAULTS } from './doctor-faults.ts';
import { notRight, type ServiceName, startWorld } from './doctor-world.ts';

describe('a service that is wired as it should be', () => {
  it.each<[ServiceName, number]>([
    ['ui', 39],
    ['catalog', 43],
    ['notifications', 24],
  ])('%s has nothing that is not right', async (service, lines) => {
    const { look } = await startWorld(service);
    const sections = await look();
    expect(notRight(sections)).toEqual([]);
    expect(sections.flatMap((section) => section.lines)).toHaveLength(lines);
  });
});

describe('one fault changes one line', () => {
  it.each(FAULTS)('$name', async ({ service, options, spoil, told }) => {
    const world = await startWorld(service, options);
    spoil?.(world);
    const found = notRight(await world.look());
    expect(found.map((text) => text.replaceAll(world.revisions.get(service) ?? '-', '<revision>'))).toEqual([told]);
  });
});

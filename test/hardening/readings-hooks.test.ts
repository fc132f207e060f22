import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { READ_SCENARIOS } from './readings/differences.ts';
import { describeReadings } from './readings-kit.ts';

/** They wait for a person, or for processes at real speed. */
const ELSEWHERE = ['ui-interactive.yaml', 'catalog-load.yaml', 'notifications.yaml'];

it('plays every scenario that plays in virtual time', async () => {
  const found = await readdir('simulator/scenarios');
  const listed = READ_SCENARIOS.map(({ file }) => file.replace(/^.*\//, ''));
  expect(listed).toEqual(expect.arrayContaining(found.filter((file) => !ELSEWHERE.includes(file))));
});

describeReadings(READ_SCENARIOS.filter(({ file }) => !file.endsWith('/ui.yaml')));

import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { ReasonBook } from '../../scripts/reasons/book.ts';
import { loadScenario } from '../../simulator/scenario/load.ts';
import { play } from '../../simulator/scenario/play.ts';
import { answersIn, unknownAmong } from '../fixtures/reasons.ts';

const FOLDER = 'simulator/scenarios';
// It waits for a person.
const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.yaml') && file !== 'ui-interactive.yaml');
const reasons = await ReasonBook.load();

it.each(files)(
  '%s comes out as it expects, and its hooks say nothing that docs/reasons.md does not have',
  async (file) => {
    const scenario = await loadScenario(`${FOLDER}/${file}`, { dist: 'dist' });
    const silent = scenario.deployments.filter(({ expect: expected }) => expected === undefined);

    const record = await play(scenario);

    expect(silent).toEqual([]);
    expect(record.expectation).toEqual({ met: true, failures: [] });
    const built = (name: string) => {
      const { answers, artifact = name } = scenario.functions[name] ?? {};
      return answers === undefined ? artifact : undefined;
    };
    expect(unknownAmong(reasons, answersIn(record, built))).toEqual([]);
  },
  // Those with real tasks are played at real speed.
  240_000,
);

it('the interactive scenario waits for a decision', async () => {
  const scenario = await loadScenario(`${FOLDER}/ui-interactive.yaml`, { dist: 'dist' });

  const { deployments } = await play(scenario);

  expect(deployments).toMatchObject([{ status: 'ROLLBACK_SUCCESSFUL' }]);
  expect(JSON.stringify(deployments)).toContain('Approval expired');
});

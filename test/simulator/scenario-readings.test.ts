import { expect, it } from 'vitest';
import { loadScenario } from '../../simulator/scenario/load.ts';
import { playAllReadings } from '../../simulator/scenario/play-all-readings.ts';
import { deployment, scenarioOf, service } from './scenario-kit.ts';

const dist = 'dist';

it('finds each outcome, how often it comes, and readings that lead to it', async () => {
  const scenario = scenarioOf({
    functions: { judge: { answers: [{ error: 'boom' }, 'SUCCEEDED'] } },
    services: { ui: service([{ function: 'judge', lifecycleStages: ['POST_SCALE_UP'] }]) },
    deployments: [deployment({ expect: { status: 'SUCCESSFUL' } })],
  });
  let told = 0;

  const found = await playAllReadings(scenario, {
    cap: 100,
    fixed: {},
    dist,
    onPlay: (plays) => {
      told = plays;
    },
  });

  expect(found).toMatchObject({ unplayed: 0 });
  expect(told).toBe(found.plays);
  expect(found.outcomes.reduce((sum, { times }) => sum + times, 0)).toBe(found.plays);
  const met = found.outcomes.find((outcome) => outcome.met);
  expect(met).toMatchObject({ statuses: ['SUCCESSFUL'], failures: [], example: { functionErrorRetry: 'retry' } });
  expect(found.outcomes.find((outcome) => !outcome.met)).toMatchObject({
    statuses: ['ROLLBACK_SUCCESSFUL'],
    example: {},
  });
});

it('leaves fixed readings alone', async () => {
  const scenario = scenarioOf({
    functions: { judge: { answers: [{ error: 'boom' }, 'SUCCEEDED'] } },
    services: { ui: service([{ function: 'judge', lifecycleStages: ['POST_SCALE_UP'] }]) },
  });

  const { outcomes } = await playAllReadings(scenario, { cap: 100, fixed: { functionErrorRetry: 'retry' }, dist });

  expect(outcomes.map(({ statuses }) => statuses)).toEqual([['SUCCESSFUL']]);
});

it('tells of readings by which ECS refuses the service', async () => {
  const scenario = scenarioOf({
    services: { ui: service([{ targetType: 'PAUSE', lifecycleStages: ['RECONCILE_SERVICE'] }]) },
  });

  const { plays, outcomes } = await playAllReadings(scenario, { cap: 100, fixed: {}, dist });

  expect(plays).toBe(2);
  expect(outcomes.find(({ met }) => !met)).toEqual({
    times: 1,
    met: false,
    statuses: [],
    failures: ['ECS refuses: InvalidParameterException: Invalid lifecycle stage provided for Pause Hook'],
    example: { pauseAtReconcile: 'rejected' },
  });
});

it('the approval of a canary holds under every reading played', async () => {
  const scenario = await loadScenario('simulator/scenarios/canary-approval.yaml', { dist });

  const { plays, unplayed, outcomes } = await playAllReadings(scenario, { cap: 40, fixed: {}, dist });

  expect(plays).toBe(40);
  expect(unplayed).toBeGreaterThan(0);
  expect(outcomes.filter(({ met }) => !met)).toEqual([]);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  at,
  ECS_READINGS,
  type EcsReading,
  ExpectationError,
  fakeContext,
  playScenario,
  rig,
  withDetails,
} from '../../library/testing.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { wait } from '../../shared/verdict.ts';
import { ScenarioError } from '../../simulator/scenario/problem.ts';
import { captureOutput } from '../fixtures/output.ts';
import { looseProbe, probe } from '../fixtures/probe.ts';

captureOutput();

describe('rig', () => {
  const hook = looseProbe(({ state }) => wait('more', { state: { looks: [state, 'look'] } }), ['key']);

  it.each(Object.keys(ECS_READINGS) as EcsReading[])(
    'plays on under the reading %s, with hookDetails as text too',
    async (reading) => {
      for (const details of [{ key: 1 }, JSON.stringify({ key: 1 })]) {
        const answers = await rig(hook, { reading }).play(withDetails(at('POST_TEST_TRAFFIC_SHIFT'), details), 2);
        expect(answers.map(({ hookDetails }) => hookDetails?.key)).toEqual([1, 1]);
        expect(answers.map(({ hookDetails }) => JSON.parse(String(hookDetails?._state)).looks)).toEqual([1, 2]);
      }
    },
  );

  it('begins at the time that it is told, and moves by what ECS waits', async () => {
    const start = new Date('2026-11-23T10:00:00Z');
    const { play, now, advance } = rig(hook, { start });
    await play(withDetails(at('POST_TEST_TRAFFIC_SHIFT'), { key: 1 }), 2);
    expect(now().getTime() - start.getTime()).toBe(60_000);
    advance(5);
    expect(now().getTime() - start.getTime()).toBe(65_000);
  });
});

it('fakeContext gives a hook its name, and so much time that it may say what it does next', async () => {
  const seen: unknown[] = [];
  const hook = probe({
    check: ({ functionName, signal }) => {
      seen.push(functionName, signal.aborted);
      return wait('later');
    },
  });
  const answer = await lambdaHandler(hook)(at('POST_TEST_TRAFFIC_SHIFT'), fakeContext({ functionName: 'prod-probe' }));
  expect(answer).toMatchObject({ hookStatus: 'IN_PROGRESS', reason: 'later' });
  expect(seen).toEqual(['prod-probe', false]);
});

describe('playScenario', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'play-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function play(answer: string, expected: string) {
    const file = join(folder, 'scenario.yaml');
    await writeFile(
      file,
      `name: one hook
functions:
  gate: { answers: [${answer}] }
services:
  ui:
    cluster: unicorn-watch
    loadBalancing: { kind: alb }
    running: { name: release-1, images: { ui: ui:1 } }
    deploymentConfiguration:
      strategy: BLUE_GREEN
      bakeTimeInMinutes: 0
      lifecycleHooks: [{ function: gate, lifecycleStages: [PRE_SCALE_UP] }]
deployments:
  - title: a release
    service: ui
    revision: { name: release-2, images: { ui: ui:2 } }
${expected}`,
    );
    return playScenario(file, { dist: folder });
  }

  it('gives the record of a play that went as expected', async () => {
    const { deployments } = await play('SUCCEEDED', '    expect: { status: SUCCESSFUL }');
    expect(deployments.map(({ status }) => status)).toEqual(['SUCCESSFUL']);
  });

  it.each([
    ['went otherwise', 'FAILED', '    expect: { status: SUCCESSFUL }', ExpectationError, 'ROLLBACK_SUCCESSFUL'],
    ['expects nothing', 'SUCCEEDED', '', ExpectationError, 'says what to expect'],
    ['is no scenario', 'PERHAPS', '', ScenarioError, 'scenario.yaml:3'],
  ])('throws when it %s', async (_, answer, expected, kind, message) => {
    const played = play(answer, expected);
    await expect(played).rejects.toBeInstanceOf(kind);
    await expect(played).rejects.toThrow(message);
  });
});

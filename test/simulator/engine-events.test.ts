import type { DeploymentLifecycleHookStage } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { LifecycleEvent } from '../../simulator/engine/lifecycle-event.ts';
import type { Choices } from '../../simulator/engine/readings.ts';
import type { DeploymentRecord } from '../../simulator/record.ts';
import { lambdaHook, makeKit, playUpdate, serviceOf } from './engine-kit.ts';

const STAGES: DeploymentLifecycleHookStage[] = [
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
];
const hooks = (stages = STAGES) => [lambdaHook('h', stages)];

/** The two maps by the names green and blue, as AWS's examples are read. */
function weights(event: LifecycleEvent, deployment: DeploymentRecord): string {
  const { testTrafficWeights, productionTrafficWeights } = event.executionDetails;
  const named = (map: Readonly<Record<string, number>>): string =>
    Object.entries(map)
      .map(([arn, percent]) => `${arn === deployment.target.arn ? 'green' : 'blue'} ${percent}`)
      .join(', ');
  return `${event.lifecycleStage}: test {${named(testTrafficWeights)}} production {${named(productionTrafficWeights)}}`;
}

it('has exactly the nested payload of the page on Lambda hooks', async () => {
  const { deployment, invoker } = await playUpdate({
    strategy: 'BLUE_GREEN',
    lifecycleHooks: [lambdaHook('h', ['PRODUCTION_TRAFFIC_SHIFT'], { hookDetails: { a: [1, null] } })],
  });
  const event = invoker.calls[0]?.event;
  expect(event).toEqual({
    executionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    lifecycleStage: 'PRODUCTION_TRAFFIC_SHIFT',
    resourceArn: deployment.deploymentArn,
    executionDetails: {
      serviceArn: 'arn:aws:ecs:eu-west-1:123456789012:service/unicorn/ui',
      targetServiceRevisionArn: deployment.target.arn,
      testTrafficWeights: {},
      productionTrafficWeights: { [deployment.target.arn]: 100, [deployment.source?.arn ?? '']: 0 },
    },
    hookDetails: { a: [1, null] },
  });
  expect(deployment.deploymentArn).toMatch(
    /^arn:aws:ecs:eu-west-1:123456789012:service-deployment\/unicorn\/ui\/[A-Za-z0-9_-]{21}$/,
  );
  expect(deployment.target.arn).toMatch(
    /^arn:aws:ecs:eu-west-1:123456789012:service-revision\/unicorn\/ui\/[1-9]\d{18}$/,
  );
});

it('has the weights of the documentation at every stage', async () => {
  const { deployment, invoker } = await playUpdate({ strategy: 'BLUE_GREEN', lifecycleHooks: hooks() });
  expect(invoker.calls.map((call) => weights(call.event, deployment))).toEqual([
    'PRE_SCALE_UP: test {} production {}',
    'POST_SCALE_UP: test {} production {}',
    'TEST_TRAFFIC_SHIFT: test {green 100, blue 0} production {}',
    'POST_TEST_TRAFFIC_SHIFT: test {} production {}',
    'PRE_PRODUCTION_TRAFFIC_SHIFT: test {} production {green 0, blue 100}',
    'PRODUCTION_TRAFFIC_SHIFT: test {} production {green 100, blue 0}',
    'POST_PRODUCTION_TRAFFIC_SHIFT: test {} production {}',
  ]);
});

const STEP_STAGES: DeploymentLifecycleHookStage[] = ['PRE_PRODUCTION_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'];

it.each<[Choices, string[]]>([
  [{}, ['green 0, blue 100', 'green 0.1, blue 99.9', 'green 0.1, blue 99.9', 'green 100, blue 0']],
  [{ preProductionStepWeights: 'empty' }, ['', 'green 0.1, blue 99.9', '', 'green 100, blue 0']],
  [{ productionStepWeights: 'empty' }, ['green 0, blue 100', '', 'green 0.1, blue 99.9', '']],
])('has cumulative weights in the steps of a canary: %j', async (choices, production) => {
  const { deployment, invoker } = await playUpdate(
    { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 0.1 }, lifecycleHooks: hooks(STEP_STAGES) },
    { choices },
  );
  expect(invoker.calls.map((call) => weights(call.event, deployment).replace(/^.*production \{(.*)\}$/, '$1'))).toEqual(
    production,
  );
});

describe('rollback', () => {
  it.each<[Choices, string[]]>([
    [
      {},
      [
        'PRODUCTION_TRAFFIC_SHIFT: test {} production {green 0, blue 100}',
        'TEST_TRAFFIC_SHIFT: test {green 0, blue 100} production {}',
      ],
    ],
    [
      { rollbackTestWeights: 'empty' },
      ['PRODUCTION_TRAFFIC_SHIFT: test {} production {green 0, blue 100}', 'TEST_TRAFFIC_SHIFT: test {} production {}'],
    ],
  ])('invokes production before test, target still green: %j', async (choices, expected) => {
    const { deployment, invoker } = await playUpdate(
      {
        strategy: 'BLUE_GREEN',
        lifecycleHooks: [
          lambdaHook('h', ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT']),
          lambdaHook('bad', ['POST_PRODUCTION_TRAFFIC_SHIFT']),
        ],
      },
      { choices, scripts: { bad: () => ({ hookStatus: 'FAILED' }) } },
    );
    expect(invoker.calls.slice(3).map((call) => weights(call.event, deployment))).toEqual(expected);
    expect(invoker.calls.at(-1)?.event.executionDetails.targetServiceRevisionArn).toBe(deployment.target.arn);
  });
});

describe('first deployment', () => {
  it.each<[Choices, string]>([
    [{}, ''],
    [{ firstDeploymentPreProductionWeights: 'target-100' }, 'green 100'],
  ])('names the new revision only: %j', async (choices, before) => {
    const { deployment, invoker } = await playUpdate(
      { strategy: 'BLUE_GREEN', lifecycleHooks: hooks() },
      { first: true, choices },
    );
    expect(deployment.source).toBeUndefined();
    expect(deployment.status).toBe('SUCCESSFUL');
    expect(invoker.calls.map((call) => weights(call.event, deployment))).toEqual([
      'PRE_SCALE_UP: test {} production {}',
      'POST_SCALE_UP: test {} production {}',
      'TEST_TRAFFIC_SHIFT: test {green 100} production {}',
      'POST_TEST_TRAFFIC_SHIFT: test {} production {}',
      `PRE_PRODUCTION_TRAFFIC_SHIFT: test {} production {${before}}`,
      'PRODUCTION_TRAFFIC_SHIFT: test {} production {green 100}',
      'POST_PRODUCTION_TRAFFIC_SHIFT: test {} production {}',
    ]);
  });
});

describe('without a test listener, and headless', () => {
  it.each<[string, 'alb' | 'headless', Choices, number]>([
    ['ALB', 'alb', {}, 2],
    ['ALB', 'alb', { testStagesWithoutTestListener: 'skip' }, 0],
    ['headless', 'headless', {}, 2],
    ['headless', 'headless', { testStagesWithoutTestListener: 'skip' }, 0],
  ])('%s %j %j: %d hooks of the test stages', async (_, kind, choices, count) => {
    const { deployment, invoker } = await playUpdate(
      {
        strategy: 'BLUE_GREEN',
        lifecycleHooks: hooks(['TEST_TRAFFIC_SHIFT', 'POST_TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT']),
      },
      { choices, service: { loadBalancing: { kind } } },
    );
    expect(deployment.status).toBe('SUCCESSFUL');
    const stages = invoker.calls.map((call) => call.event.lifecycleStage);
    expect(stages.filter((stage) => stage.includes('TEST'))).toHaveLength(count);
    expect(deployment.weights.filter((point) => point.traffic === 'test').map((point) => point.weights)).toEqual([{}]);
    const production = invoker.calls.find((call) => call.event.lifecycleStage === 'PRODUCTION_TRAFFIC_SHIFT');
    expect(production?.event.executionDetails.productionTrafficWeights).toEqual({
      [deployment.target.arn]: 100,
      [deployment.source?.arn ?? '']: 0,
    });
  });
});

it('gives the same ids for the same seed, and others for another', async () => {
  const ids = (seed: number) => {
    const { engine } = makeKit({}, {}, { seed });
    return engine.createService(serviceOf({ strategy: 'BLUE_GREEN' }));
  };
  expect(ids(7)).toEqual(ids(7));
  expect(ids(7).deploymentId).not.toBe(ids(8).deploymentId);
  expect(ids(7).targetRevisionId).not.toBe(ids(8).targetRevisionId);
});

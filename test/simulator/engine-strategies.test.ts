import type { DeploymentConfiguration, DeploymentLifecycleHookStage } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { Choices } from '../../simulator/engine/readings.ts';
import { bakes, lambdaHook, MINUTE, playUpdate, START, stageNames, targetShares } from './engine-kit.ts';

const HOOKABLE: DeploymentLifecycleHookStage[] = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
];
const everywhere = [lambdaHook('watch', HOOKABLE)];
const BEFORE = ['PRE_SCALE_UP', 'SCALE_UP', 'POST_SCALE_UP', 'TEST_TRAFFIC_SHIFT', 'POST_TEST_TRAFFIC_SHIFT'];
const AFTER = ['POST_PRODUCTION_TRAFFIC_SHIFT', 'BAKE_TIME', 'CLEAN_UP'];

function steps(count: number, bakesBetween = true): string[] {
  return Array.from({ length: count }, (_, index) => `${index + 1}/${count}`).flatMap((step, index) => [
    `PRE_PRODUCTION_TRAFFIC_SHIFT ${step}`,
    `PRODUCTION_TRAFFIC_SHIFT ${step}`,
    ...(bakesBetween && index < count - 1 ? [`BAKE_TIME ${step}`] : []),
  ]);
}

describe('stage order, weights and bakes', () => {
  const linear = (stepPercent: number, stepBakeTimeInMinutes = 6): DeploymentConfiguration => ({
    strategy: 'LINEAR',
    bakeTimeInMinutes: 5,
    linearConfiguration: { stepPercent, stepBakeTimeInMinutes },
  });
  const canary = (canaryPercent: number, canaryBakeTimeInMinutes = 10): DeploymentConfiguration => ({
    strategy: 'CANARY',
    bakeTimeInMinutes: 5,
    canaryConfiguration: { canaryPercent, canaryBakeTimeInMinutes },
  });
  it.each<[string, DeploymentConfiguration, string[], number[], number[]]>([
    [
      'blue/green',
      { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 },
      ['PRE_PRODUCTION_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'],
      [100],
      [5],
    ],
    ['canary 5 %', canary(5), steps(2), [5, 100], [10, 5]],
    ['canary 0.1 %', canary(0.1), steps(2), [0.1, 100], [10, 5]],
    ['canary without bake', canary(10, 0), steps(2, false), [10, 100], [5]],
    ['canary 100 %', canary(100), ['PRE_PRODUCTION_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'], [100], [5]],
    ['linear 50 %: two shifts, one bake', linear(50), steps(2), [50, 100], [6, 5]],
    [
      'linear 11 %: ten shifts, nine bakes',
      linear(11),
      steps(10),
      [11, 22, 33, 44, 55, 66, 77, 88, 99, 100],
      [6, 6, 6, 6, 6, 6, 6, 6, 6, 5],
    ],
    ['linear 33.3 %: the rest is a shift of its own', linear(33.3), steps(4), [33.3, 66.6, 99.9, 100], [6, 6, 6, 5]],
  ])('%s', async (_, configuration, production, shares, bakeMinutes) => {
    const { deployment } = await playUpdate({ ...configuration, lifecycleHooks: everywhere });
    expect(deployment.status).toBe('SUCCESSFUL');
    expect(stageNames(deployment)).toEqual([...BEFORE, ...production, ...AFTER]);
    expect(targetShares(deployment)).toEqual([undefined, ...shares]);
    expect(bakes(deployment)).toEqual(bakeMinutes);
  });

  it('has the defaults of the API: canary 5 % and 10 min, linear 10 % and 6 min, bake 15 min', async () => {
    const canaryRun = await playUpdate({ strategy: 'CANARY' });
    expect(targetShares(canaryRun.deployment)).toEqual([undefined, 5, 100]);
    expect(bakes(canaryRun.deployment)).toEqual([10, 15]);
    const linearRun = await playUpdate({ strategy: 'LINEAR' });
    expect(targetShares(linearRun.deployment)).toEqual([undefined, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    expect(bakes(linearRun.deployment)).toEqual([6, 6, 6, 6, 6, 6, 6, 6, 6, 15]);
  });

  it('gives a Network Load Balancer ten minutes more on both shift stages', async () => {
    const configuration = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 } as const;
    const alb = await playUpdate(configuration);
    const nlb = await playUpdate(configuration, { service: { loadBalancing: { kind: 'nlb', testListener: true } } });
    const lasting = ({ deployment }: typeof alb) =>
      Object.fromEntries(deployment.stages.map((stage) => [stage.stage, (stage.endedAt ?? 0) - stage.startedAt]));
    for (const stage of ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'] as const) {
      expect(lasting(nlb)[stage]).toBe((lasting(alb)[stage] ?? 0) + 10 * MINUTE);
    }
    expect(lasting(nlb).SCALE_UP).toBe(lasting(alb).SCALE_UP);
  });
});

describe('rolling', () => {
  it.each<[Choices['rollingHooks'] & string, string[]]>([
    ['pre-scale-up', ['PRE_SCALE_UP']],
    ['none', []],
    ['scale-up-stages', ['PRE_SCALE_UP', 'POST_SCALE_UP']],
  ])('invokes hooks as the reading %s says', async (rollingHooks, invoked) => {
    const { deployment, invoker } = await playUpdate(
      { strategy: 'ROLLING', lifecycleHooks: everywhere },
      { choices: { rollingHooks } },
    );
    expect(invoker.calls.map((call) => call.event.lifecycleStage)).toEqual(invoked);
    expect(stageNames(deployment)).toEqual(['PRE_SCALE_UP', 'SCALE_UP', 'POST_SCALE_UP', 'CLEAN_UP']);
    expect(targetShares(deployment)).toEqual([undefined, 100]);
  });
});

describe('the order of shift, hooks and bake in a step', () => {
  const configuration: DeploymentConfiguration = {
    strategy: 'CANARY',
    canaryConfiguration: { canaryPercent: 20, canaryBakeTimeInMinutes: 10 },
    lifecycleHooks: [lambdaHook('watch', ['PRE_PRODUCTION_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'])],
  };
  /** The first step's happenings in order of time: shift, PRODUCTION hook, bake end, PRE_PRODUCTION hook of step 2. */
  async function order(choices: Choices): Promise<string[]> {
    const slow = {
      watch: (_: unknown, call: number) =>
        call === 2 ? { hookStatus: 'IN_PROGRESS', callBackDelay: 120 } : { hookStatus: 'SUCCEEDED' },
    };
    const { deployment, invoker } = await playUpdate(configuration, { choices, scripts: slow });
    const bake = deployment.stages.find((stage) => stage.stage === 'BAKE_TIME');
    const happenings: [number, string][] = [
      [deployment.weights.find((point) => point.weights[deployment.target.id] === 20)?.at ?? 0, 'shift'],
      [bake?.startedAt ?? 0, 'bake'],
      [bake?.endedAt ?? 0, 'baked'],
      [invoker.calls[1]?.at ?? 0, 'hook'],
      [invoker.calls[2]?.at ?? 0, 'hook again'],
      [invoker.calls[3]?.at ?? 0, 'next pre'],
    ];
    return happenings.sort(([a], [b]) => a - b).map(([, name]) => name);
  }
  it.each<[Choices, string[]]>([
    [{}, ['shift', 'hook', 'hook again', 'bake', 'baked', 'next pre']],
    [{ trafficShiftOrder: 'hook-first' }, ['hook', 'hook again', 'shift', 'bake', 'baked', 'next pre']],
    [{ trafficShiftOrder: 'concurrent' }, ['hook', 'shift', 'hook again', 'bake', 'baked', 'next pre']],
    [{ stepBake: 'before-hooks' }, ['shift', 'bake', 'baked', 'hook', 'hook again', 'next pre']],
    [{ preProductionAfterBake: 'before-bake' }, ['shift', 'hook', 'hook again', 'next pre', 'bake', 'baked']],
  ])('%j', async (choices, expected) => {
    expect(await order(choices)).toEqual(expected);
  });

  it('with-hooks counts the bake from the shift, whatever the hooks take of it', async () => {
    const { deployment } = await playUpdate(configuration, { choices: { stepBake: 'with-hooks' } });
    const shift = deployment.weights.find((point) => point.weights[deployment.target.id] === 20);
    const bake = deployment.stages.find((stage) => stage.stage === 'BAKE_TIME');
    expect((bake?.endedAt ?? 0) - (shift?.at ?? 0)).toBe(10 * MINUTE);
  });

  it('takes a canary of 100 percent in two steps by the other reading', async () => {
    const { deployment } = await playUpdate(
      { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 100 } },
      { choices: { canaryAt100: 'two-steps' } },
    );
    expect(targetShares(deployment)).toEqual([undefined, 100, 100]);
    expect(bakes(deployment)).toEqual([10, 15]);
  });
});

it('tells times on the simulated clock only', async () => {
  const { deployment } = await playUpdate({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1440 });
  expect(deployment.createdAt).toBe(START);
  // start 1 s, scale-up 60 s, two shifts of 5 s, clean-up 30 s, a day of bake, a second between the ten stages
  expect((deployment.finishedAt ?? 0) - START).toBe(1440 * MINUTE + (1 + 60 + 10 + 30 + 9) * 1000);
});

it('keeps fractional weights exact', async () => {
  const { deployment } = await playUpdate({ strategy: 'LINEAR', linearConfiguration: { stepPercent: 33.3 } });
  const { id } = deployment.target;
  const points = deployment.weights.filter((point) => point.traffic === 'production').slice(1);
  expect(points.map(({ weights }) => [weights[id], weights[deployment.source?.id ?? '']])).toEqual([
    [33.3, 66.7],
    [66.6, 33.4],
    [99.9, 0.1],
    [100, 0],
  ]);
});

it('tells everything that it writes down, as it happens', async () => {
  const told: string[] = [];
  const ids = new Set<string>();
  const { deployment } = await playUpdate(
    { strategy: 'CANARY', lifecycleHooks: [lambdaHook('h', ['PRE_PRODUCTION_TRAFFIC_SHIFT'])] },
    {
      engine: {
        onEvent: (event) => {
          told.push('stage' in event ? `${event.kind} ${event.stage.stage}` : event.kind);
          ids.add(event.deployment.deploymentId);
        },
      },
    },
  );
  const count = (kind: string): number => told.filter((one) => one.startsWith(kind)).length;
  expect([...ids]).toEqual([deployment.deploymentId]);
  expect([told[0], told.at(-1)]).toEqual(['started', 'finished']);
  expect(told.slice(told.indexOf('stage-started PRE_PRODUCTION_TRAFFIC_SHIFT')).slice(0, 5)).toEqual([
    'stage-started PRE_PRODUCTION_TRAFFIC_SHIFT',
    'hook-started PRE_PRODUCTION_TRAFFIC_SHIFT',
    'invocation PRE_PRODUCTION_TRAFFIC_SHIFT',
    'hook-ended PRE_PRODUCTION_TRAFFIC_SHIFT',
    'stage-ended PRE_PRODUCTION_TRAFFIC_SHIFT',
  ]);
  expect(count('stage-started')).toBe(deployment.stages.length);
  expect(count('stage-ended')).toBe(deployment.stages.length);
  expect(count('weights')).toBe(deployment.weights.length);
  expect(count('note')).toBe(deployment.notes.length);
});

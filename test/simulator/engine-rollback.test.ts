import type { DeploymentConfiguration, DeploymentLifecycleHookStage } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { Choices } from '../../simulator/engine/readings.ts';
import {
  arnOf,
  fail,
  HOUR,
  lambdaHook,
  MINUTE,
  playUpdate,
  type Script,
  stageNames,
  targetShares,
  wait,
} from './engine-kit.ts';

const SHIFTS: DeploymentLifecycleHookStage[] = ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'];
const PROD = '< PRODUCTION_TRAFFIC_SHIFT';
const TEST = '< TEST_TRAFFIC_SHIFT';
const CLEAN = '< CLEAN_UP';

function failingAt(stage: DeploymentLifecycleHookStage, choices: Choices = {}, more: DeploymentConfiguration = {}) {
  const hooks = [lambdaHook('watch', SHIFTS), lambdaHook('bad', [stage])];
  // On the way back the failing hook says yes.
  let failed = false;
  const once: Script = () => {
    const hookStatus = failed ? 'SUCCEEDED' : 'FAILED';
    failed = true;
    return { hookStatus };
  };
  return playUpdate(
    { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1, lifecycleHooks: hooks, ...more },
    { choices, scripts: { bad: once } },
  );
}

describe('a hook that fails', () => {
  it.each<[DeploymentLifecycleHookStage, string[], string[]]>([
    ['PRE_SCALE_UP', [], []],
    ['POST_SCALE_UP', [CLEAN], []],
    ['TEST_TRAFFIC_SHIFT', [TEST, CLEAN], ['watch', 'bad']],
    ['POST_TEST_TRAFFIC_SHIFT', [TEST, CLEAN], ['watch']],
    ['PRE_PRODUCTION_TRAFFIC_SHIFT', [TEST, CLEAN], ['watch']],
    ['PRODUCTION_TRAFFIC_SHIFT', [PROD, TEST, CLEAN], ['watch', 'bad', 'watch']],
    ['POST_PRODUCTION_TRAFFIC_SHIFT', [PROD, TEST, CLEAN], ['watch', 'watch']],
  ])('at %s takes back what was done', async (stage, back, invoked) => {
    const { deployment, invoker, engine } = await failingAt(stage);
    expect(stageNames(deployment).filter((name) => name.startsWith('<'))).toEqual(back);
    expect(deployment.status).toBe('ROLLBACK_SUCCESSFUL');
    expect(deployment.statusReason).toBe(
      `Service deployment rolled back because ${stage} lifecycle hook(s) failed. Lifecycle hook target ${arnOf('bad')} returned FAILED status.`,
    );
    const rollbackAt = deployment.rollback?.startedAt ?? 0;
    expect(invoker.calls.filter((call) => call.at >= rollbackAt).map((call) => call.functionName)).toEqual(invoked);
    const [service] = engine.services();
    expect(service?.currentServiceRevisions?.map((revision) => revision.arn)).toEqual([deployment.source?.arn]);
    expect(deployment.weights.findLast((point) => point.traffic === 'production')?.weights).toMatchObject({
      [deployment.source?.id ?? '']: 100,
    });
  });

  it('says so in the service events, in the form that real ones have', async () => {
    const { deployment, engine } = await failingAt('PRE_SCALE_UP');
    expect(engine.services()[0]?.events?.map((event) => event.message)).toEqual([
      '(service ui) has reached a steady state.',
      `(service ui) rolling back to deployment ecs-svc/${deployment.source?.id}.`,
      `(service ui) (deployment ecs-svc/${deployment.target.id}) deployment failed: ${deployment.statusReason}`,
    ]);
  });
});

describe('readings of the rollback', () => {
  const invokedBack = async (stage: DeploymentLifecycleHookStage, choices: Choices) => {
    const { deployment, invoker } = await failingAt(stage, choices);
    const rollbackAt = deployment.rollback?.startedAt ?? 0;
    return invoker.calls.filter((call) => call.at >= rollbackAt).map((call) => call.event.lifecycleStage);
  };
  it('invokes the hooks of shifts that never happened', async () => {
    expect(await invokedBack('PRE_SCALE_UP', { rollbackProductionHooks: 'always' })).toEqual([
      'PRODUCTION_TRAFFIC_SHIFT',
    ]);
    expect(await invokedBack('PRE_SCALE_UP', { rollbackTestHooks: 'always' })).toEqual(['TEST_TRAFFIC_SHIFT']);
  });

  const linear: DeploymentConfiguration = { strategy: 'LINEAR', linearConfiguration: { stepPercent: 30 } };
  it.each<[Choices, number[], string[]]>([
    [{}, [30, 60, 90, 100, 0], [PROD, TEST, CLEAN]],
    [
      { rollbackShape: 'step-by-step' },
      [30, 60, 90, 100, 90, 60, 30, 0],
      [`${PROD} 1/4`, `${PROD} 2/4`, `${PROD} 3/4`, `${PROD} 4/4`, TEST, CLEAN],
    ],
  ])('goes back as it says: %j', async (choices, shares, back) => {
    const { deployment } = await failingAt('POST_PRODUCTION_TRAFFIC_SHIFT', choices, linear);
    expect(targetShares(deployment)).toEqual([undefined, ...shares]);
    expect(stageNames(deployment).filter((name) => name.startsWith('<'))).toEqual(back);
  });

  it('goes back from the step that it has reached', async () => {
    const scripts = { watch: (_: unknown, call: number) => ({ hookStatus: call === 3 ? 'FAILED' : 'SUCCEEDED' }) };
    const { deployment } = await playUpdate(
      { ...linear, lifecycleHooks: [lambdaHook('watch', ['PRODUCTION_TRAFFIC_SHIFT'])] },
      { scripts, choices: { rollbackShape: 'step-by-step' } },
    );
    expect(targetShares(deployment)).toEqual([undefined, 30, 60, 90, 60, 30, 0]);
  });

  const failsBack = (choices: Choices) =>
    playUpdate(
      {
        strategy: 'BLUE_GREEN',
        lifecycleHooks: [lambdaHook('watch', ['PRODUCTION_TRAFFIC_SHIFT'])],
      },
      { choices, scripts: { watch: fail } },
    );
  it.each<[Choices, string, number]>([
    [{}, 'ROLLBACK_FAILED', 0],
    [{ hookFailureInRollback: 'ignored' }, 'ROLLBACK_SUCCESSFUL', 0],
    [{ trafficShiftOrder: 'hook-first' }, 'ROLLBACK_FAILED', 0],
  ])('a hook that fails on the way back: %j', async (choices, status, share) => {
    const { deployment } = await failsBack(choices);
    expect(deployment.status).toBe(status);
    expect(targetShares(deployment).at(-1) ?? 0).toBe(share);
    if (status === 'ROLLBACK_FAILED') {
      expect(deployment.statusReason).toBe(
        `Service deployment rollback failed because PRODUCTION_TRAFFIC_SHIFT lifecycle hook(s) failed. Lifecycle hook target ${arnOf('watch')} returned FAILED status.`,
      );
    }
  });

  it.each<[Choices, string, number]>([
    [{}, 'ROLLBACK_FAILED', 2 * HOUR],
    [{ rollbackHookWaits: 'not-waited' }, 'ROLLBACK_SUCCESSFUL', HOUR],
  ])('a hook that waits on the way back: %j', async (choices, status, atLeast) => {
    const hook = lambdaHook('watch', ['PRODUCTION_TRAFFIC_SHIFT'], { timeoutConfiguration: { timeoutInMinutes: 60 } });
    const { deployment } = await playUpdate(
      { strategy: 'BLUE_GREEN', lifecycleHooks: [hook] },
      { choices, scripts: { watch: wait } },
    );
    expect(deployment.status).toBe(status);
    const lasted = (deployment.finishedAt ?? 0) - deployment.createdAt;
    expect(lasted).toBeGreaterThan(atLeast);
    expect(lasted).toBeLessThan(atLeast + 10 * MINUTE);
  });
});

describe('a first deployment that fails', () => {
  it.each<[Choices, string]>([
    [{}, 'ROLLBACK_FAILED'],
    [{ failedCreateStatus: 'STOPPED' }, 'STOPPED'],
  ])('has nothing to go back to: %j', async (choices, status) => {
    const { deployment, engine } = await playUpdate(
      {
        strategy: 'BLUE_GREEN',
        lifecycleHooks: [lambdaHook('bad', ['POST_TEST_TRAFFIC_SHIFT']), lambdaHook('watch', SHIFTS)],
      },
      { first: true, choices, scripts: { bad: fail } },
    );
    expect(deployment).toMatchObject({ status, statusReason: 'No rollback candidate was found to run the rollback.' });
    expect(deployment.rollback?.reason).toContain('POST_TEST_TRAFFIC_SHIFT lifecycle hook(s) failed');
    expect(stageNames(deployment).filter((name) => name.startsWith('<'))).toEqual([]);
    expect(engine.services()[0]?.events?.[0]?.message).toContain(
      'deployment failed: Service deployment rolled back because',
    );
  });

  it('has no weights when it never had any', async () => {
    const { deployment } = await playUpdate(
      { strategy: 'BLUE_GREEN', lifecycleHooks: [lambdaHook('bad', ['PRE_SCALE_UP'])] },
      { first: true, scripts: { bad: fail } },
    );
    expect(deployment.weights.map(({ traffic, weights }) => [traffic, weights])).toEqual([
      ['production', {}],
      ['test', {}],
    ]);
  });

  it('is followed by another first deployment', async () => {
    const scripts = { once: (_: unknown, call: number) => ({ hookStatus: call === 1 ? 'FAILED' : 'SUCCEEDED' }) };
    const { engine } = await playUpdate(
      { strategy: 'BLUE_GREEN', lifecycleHooks: [lambdaHook('once', ['PRE_SCALE_UP'])] },
      { first: true, scripts },
    );
    engine.updateService({ cluster: 'unicorn', service: 'ui', forceNewDeployment: true });
    await engine.run();
    const [, second] = engine.record();
    expect(second?.status).toBe('SUCCESSFUL');
    expect(second?.source).toBeUndefined();
    expect(engine.serviceDeployments()[1]?.sourceServiceRevisions).toEqual([]);
  });
});

describe('networking faults', () => {
  const lb = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
  it('finds a target group that no rule knows', async () => {
    const { deployment } = await playUpdate(
      { strategy: 'BLUE_GREEN' },
      { target: { networkingFault: { kind: 'target-group-not-associated' } } },
    );
    expect(deployment.statusReason).toMatch(
      new RegExp(
        `^Service deployment rolled back because of invalid networking configuration: Target group ${lb}:targetgroup/ui-blue/[0-9a-f]{16} is not associated with either productionListenerRule or testListenerRule\\.$`,
      ),
    );
    expect(deployment.stages).toEqual([]);
  });

  it('finds two target groups that serve', async () => {
    const { deployment } = await playUpdate(
      { strategy: 'BLUE_GREEN' },
      { target: { networkingFault: { kind: 'two-target-groups-serving' } } },
    );
    expect(deployment.statusReason).toMatch(
      new RegExp(
        `^Service deployment rolled back because of invalid networking configuration\\. productionListenerRule ${lb}:listener-rule/app/ui/\\S+ should have exactly one target group serving traffic but found 2 target groups which are serving traffic$`,
      ),
    );
  });

  it('reports a listener that it may not change as a failed hook of the stage', async () => {
    const { deployment } = await playUpdate(
      { strategy: 'BLUE_GREEN' },
      { target: { networkingFault: { kind: 'listener-change-denied', stage: 'TEST_TRAFFIC_SHIFT' } } },
    );
    expect(deployment.statusReason).toMatch(
      new RegExp(
        `^Service deployment rolled back because TEST_TRAFFIC_SHIFT lifecycle hook\\(s\\) failed\\. User: arn:aws:sts::123456789012:assumed-role/\\S+/ECSNetworkingWithELB is not authorized to perform: elasticloadbalancing:ModifyListener on resource: ${lb}:listener/app/ui/[0-9a-f]{16}/[0-9a-f]{16} `,
      ),
    );
    expect(deployment.status).toBe('ROLLBACK_SUCCESSFUL');
  });
});

it('leaves tasks and test traffic as they belong after success and after a rollback', async () => {
  const counts = async (stage?: DeploymentLifecycleHookStage) => {
    const { engine, deployment } =
      stage === undefined ? await playUpdate({ strategy: 'BLUE_GREEN' }) : await failingAt(stage);
    const [shown] = engine.serviceDeployments();
    return {
      status: deployment.status,
      source: shown?.sourceServiceRevisions?.[0]?.runningTaskCount,
      target: [shown?.targetServiceRevision?.runningTaskCount, shown?.targetServiceRevision?.requestedTaskCount],
      test: deployment.weights.filter((point) => point.traffic === 'test').at(-1)?.weights,
    };
  };
  expect(await counts()).toEqual({ status: 'SUCCESSFUL', source: 0, target: [2, 2], test: {} });
  expect(await counts('POST_TEST_TRAFFIC_SHIFT')).toEqual({
    status: 'ROLLBACK_SUCCESSFUL',
    source: 2,
    target: [0, 0],
    test: {},
  });
});

it('starts the next deployment from what serves, without what has gone', async () => {
  const { engine, deployment } = await playUpdate({ strategy: 'CANARY' });
  engine.updateService({ cluster: 'unicorn', service: 'ui', forceNewDeployment: true });
  await engine.run();
  const [, next] = engine.record();
  expect(next?.weights[0]).toMatchObject({ traffic: 'production', weights: { [deployment.target.id]: 100 } });
  expect(Object.keys(next?.weights[0]?.weights ?? {})).toEqual([deployment.target.id]);
});

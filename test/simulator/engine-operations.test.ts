import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { Choices } from '../../simulator/engine/readings.ts';
import type { AlarmState } from '../../simulator/engine/state.ts';
import {
  HOUR,
  type Kit,
  lambdaHook,
  MINUTE,
  makeKit,
  type PlayOptions,
  pauseHook,
  playUpdate,
  START,
  serviceOf,
  stageNames,
  wait,
} from './engine-kit.ts';

const BLUE_GREEN = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 30 } as const;
const NEXT = { name: 'release-3', containers: [{ name: 'app', image: 'registry.example/ui:3' }] };

function at(minutes: number, action: (kit: Kit, deploymentArn: string) => void): NonNullable<PlayOptions['arrange']> {
  return (kit, deploymentArn) => kit.engine.at(START + minutes * MINUTE, () => action(kit, deploymentArn));
}

describe('StopServiceDeployment', () => {
  const hooks = [lambdaHook('watch', ['PRODUCTION_TRAFFIC_SHIFT'])];
  it.each<[Choices, number]>([
    [{}, 2],
    [{ rollbackHooksOnStop: 'skip' }, 1],
  ])('ROLLBACK goes by ROLLBACK_REQUESTED and takes traffic back: %j', async (choices, invocations) => {
    const seen: (string | undefined)[] = [];
    const { deployment, invoker } = await playUpdate(
      { ...BLUE_GREEN, lifecycleHooks: hooks },
      {
        choices,
        arrange: at(10, ({ engine }, arn) => {
          engine.stopServiceDeployment(arn, 'ROLLBACK');
          seen.push(engine.serviceDeployments()[0]?.status);
          // A second request is accepted and changes nothing.
          engine.stopServiceDeployment(arn, 'ROLLBACK');
        }),
      },
    );
    expect(seen).toEqual(['ROLLBACK_REQUESTED']);
    expect(deployment).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'Service deployment rolled back because of a StopServiceDeployment request.',
    });
    expect(deployment.stages.find((stage) => stage.stage === 'BAKE_TIME')?.outcome).toBe('interrupted');
    expect(invoker.calls).toHaveLength(invocations);
  });

  it('works while PENDING', async () => {
    const { deployment } = await playUpdate(BLUE_GREEN, {
      arrange: ({ engine }, arn) => engine.stopServiceDeployment(arn, 'ROLLBACK'),
    });
    expect(deployment.status).toBe('ROLLBACK_SUCCESSFUL');
    expect(deployment.stages).toEqual([]);
  });

  it('ABORT leaves everything as it is, and the next deployment reconciles', async () => {
    const kit = await playUpdate(BLUE_GREEN, {
      arrange: at(10, ({ engine }, arn) => engine.stopServiceDeployment(arn, 'ABORT')),
    });
    const { engine, deployment } = kit;
    expect(deployment).toMatchObject({
      status: 'STOPPED',
      statusReason: 'Service deployment stopped by a StopServiceDeployment request.',
    });
    expect(engine.serviceDeployments()[0]?.stoppedAt).toEqual(new Date(START + 10 * MINUTE + 2000));
    expect(engine.services()[0]?.currentServiceRevisions).toHaveLength(2);
    engine.updateService({ cluster: 'unicorn', service: 'ui', revision: NEXT });
    await engine.run();
    const [, second] = engine.record();
    expect(second?.status).toBe('SUCCESSFUL');
    expect(stageNames(second ?? deployment).slice(0, 2)).toEqual(['RECONCILE_SERVICE', 'PRE_SCALE_UP']);
    expect(second?.source?.id).toBe(deployment.source?.id);
    expect(engine.services()[0]?.currentServiceRevisions?.map((revision) => revision.arn)).toEqual([
      second?.target.arn,
    ]);
  });

  it('has errors of its own', async () => {
    const { engine, deployment } = await playUpdate(BLUE_GREEN, { choices: { abortStop: 'rejected' } });
    const arn = deployment.deploymentArn;
    expect(() => engine.stopServiceDeployment(arn, 'ROLLBACK')).toThrow(
      expect.objectContaining({ name: 'ConflictException' }),
    );
    expect(() => engine.stopServiceDeployment(arn, 'ABORT')).toThrow('Invalid stopType. Valid values are: ROLLBACK');
    expect(() => engine.stopServiceDeployment(`${arn}x`, 'ROLLBACK')).toThrow(
      expect.objectContaining({
        name: 'ServiceDeploymentNotFoundException',
        message: 'The service deployment does not exist.',
      }),
    );
  });
});

describe('PAUSE hooks and ContinueServiceDeployment', () => {
  const paused: DeploymentConfiguration = { ...BLUE_GREEN, lifecycleHooks: [pauseHook(['POST_TEST_TRAFFIC_SHIFT'])] };
  const hookOf = ({ engine }: Kit) => engine.serviceDeployments()[0]?.lifecycleHookDetails?.[0];

  it('waits until it is continued', async () => {
    const { deployment } = await playUpdate(paused, {
      arrange: at(600, (kit, arn) => {
        const hook = hookOf(kit);
        expect(hook).toMatchObject({ targetType: 'PAUSE', status: 'AWAITING_ACTION', timeoutAction: 'ROLLBACK' });
        expect(hook?.hookId).toMatch(/^ecs-pause-[A-Za-z0-9_-]{21}$/);
        expect(hook?.targetArn).toBeUndefined();
        kit.engine.continueServiceDeployment(arn, hook?.hookId ?? '', 'CONTINUE');
      }),
    });
    const stage = deployment.stages.find((one) => one.stage === 'POST_TEST_TRAFFIC_SHIFT');
    expect(stage).toMatchObject({ endedAt: START + 600 * MINUTE, hooks: [{ status: 'SUCCEEDED', invocations: [] }] });
    expect(deployment.status).toBe('SUCCESSFUL');
  });

  it('rolls back when told to', async () => {
    const { deployment } = await playUpdate(paused, {
      arrange: at(600, (kit, arn) => kit.engine.continueServiceDeployment(arn, hookOf(kit)?.hookId ?? '', 'ROLLBACK')),
    });
    expect(deployment.status).toBe('ROLLBACK_SUCCESSFUL');
    expect(deployment.statusReason).toContain('POST_TEST_TRAFFIC_SHIFT pause hook');
  });

  it('times out with the message of the documentation', async () => {
    const { deployment } = await playUpdate(paused);
    expect(deployment.statusReason).toBe(
      'Service deployment rolled back because POST_TEST_TRAFFIC_SHIFT pause hook timed out.',
    );
  });

  it.each<[Choices, number]>([
    [{}, 14 * 24 * HOUR],
    [{ stageLimitForPause: 'applies' }, 24 * HOUR],
  ])('may take 14 days: %j', async (choices, lasts) => {
    const { deployment } = await playUpdate(
      {
        ...BLUE_GREEN,
        lifecycleHooks: [pauseHook(['PRE_SCALE_UP'], { timeoutConfiguration: { timeoutInMinutes: 20_160 } })],
      },
      { choices },
    );
    const [stage] = deployment.stages;
    expect((stage?.endedAt ?? 0) - (stage?.startedAt ?? 0)).toBe(lasts);
    expect(stage?.outcome).toBe('timed-out');
  });

  it('may hold RECONCILE_SERVICE open for days, and the work after it too', async () => {
    const hook = pauseHook(['RECONCILE_SERVICE'], {
      timeoutConfiguration: { timeoutInMinutes: 20_160, action: 'CONTINUE' },
    });
    const { engine } = await playUpdate(
      { ...BLUE_GREEN, lifecycleHooks: [hook] },
      { arrange: at(10, (kit) => kit.engine.updateService({ cluster: 'unicorn', service: 'ui', revision: NEXT })) },
    );
    const [, second] = engine.record();
    expect(second?.status).toBe('SUCCESSFUL');
    const [stage] = second?.stages ?? [];
    expect((stage?.endedAt ?? 0) - (stage?.startedAt ?? 0)).toBe(14 * 24 * HOUR + MINUTE);
  });

  it('pauses a linear deployment once before each step, under a new hookId', async () => {
    const ids: string[] = [];
    const { deployment } = await playUpdate(
      {
        strategy: 'LINEAR',
        linearConfiguration: { stepPercent: 20, stepBakeTimeInMinutes: 0 },
        lifecycleHooks: [pauseHook(['PRE_PRODUCTION_TRAFFIC_SHIFT'])],
      },
      {
        arrange: (kit, arn) => {
          for (let minute = 5; minute <= 30; minute += 5) {
            kit.engine.at(START + minute * MINUTE, () => {
              const hookId = hookOf(kit)?.hookId;
              if (hookId === undefined) return;
              ids.push(hookId);
              kit.engine.continueServiceDeployment(arn, hookId, 'CONTINUE');
            });
          }
        },
      },
    );
    expect(deployment.status).toBe('SUCCESSFUL');
    expect(new Set(ids).size).toBe(5);
  });

  it('has the errors of the documentation', async () => {
    const kit = makeKit();
    const { deploymentArn } = kit.engine.createService(serviceOf(paused));
    await kit.engine.run(START + 10 * MINUTE);
    const proceed = (arn: string, hookId: string) => () =>
      kit.engine.continueServiceDeployment(arn, hookId, 'CONTINUE');
    const hookId = hookOf(kit)?.hookId ?? '';
    expect(proceed(deploymentArn, 'pause-1')).toThrow(
      'Invalid hookId: hookId must follow the format: ecs-{hookType}-{id}',
    );
    expect(proceed(deploymentArn, 'ecs-pause-other')).toThrow(
      'Provided hookId is either completed, unavailable, or not associated with the given Resource ARN',
    );
    expect(proceed('arn:aws:ecs:eu-west-1:123456789012:service-deployment/a/b/c', hookId)).toThrow(
      'The service deployment does not exist.',
    );
    proceed(deploymentArn, hookId)();
    expect(proceed(deploymentArn, hookId)).toThrow('Provided hookId is either completed');
    await kit.engine.run();
    expect(proceed(deploymentArn, hookId)).toThrow(
      'Continuing a service deployment is not allowed for service deployment in terminal states.',
    );
  });

  it('ends after 30 days, however long its pauses may last', async () => {
    const hooks = (['PRE_SCALE_UP', 'POST_SCALE_UP', 'POST_TEST_TRAFFIC_SHIFT'] as const).map((stage) =>
      pauseHook([stage], { timeoutConfiguration: { timeoutInMinutes: 20_160, action: 'CONTINUE' } }),
    );
    const { deployment } = await playUpdate({ ...BLUE_GREEN, lifecycleHooks: hooks });
    expect(deployment.rollback?.startedAt).toBe((deployment.startedAt ?? 0) + 30 * 24 * HOUR);
    expect(deployment.status).toBe('ROLLBACK_SUCCESSFUL');
  });
});

describe('alarms', () => {
  const watched = (rollback = true): DeploymentConfiguration => ({
    ...BLUE_GREEN,
    alarms: { alarmNames: ['errors', 'latency'], enable: true, rollback },
    lifecycleHooks: [lambdaHook('watch', ['PRODUCTION_TRAFFIC_SHIFT'])],
  });
  const alarmAt = (minutes: number, state: AlarmState = 'ALARM', name = 'errors') =>
    at(minutes, ({ engine }) => engine.setAlarmState(name, state));

  it.each<[Choices, number]>([
    [{}, 2],
    [{ rollbackHooksOnAlarm: 'skip' }, 1],
  ])('roll back at once: %j', async (choices, invocations) => {
    const { deployment, engine, invoker } = await playUpdate(watched(), { choices, arrange: alarmAt(10) });
    expect(deployment).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      rollback: { startedAt: START + 10 * MINUTE, reason: 'Service deployment rolled back because alarm detected.' },
    });
    expect(engine.serviceDeployments()[0]?.alarms).toEqual({
      status: 'TRIGGERED',
      alarmNames: ['errors', 'latency'],
      triggeredAlarmNames: ['errors'],
    });
    expect(invoker.calls).toHaveLength(invocations);
  });

  it.each([
    ['another alarm', watched(), alarmAt(10, 'ALARM', 'other')],
    ['OK', watched(), alarmAt(10, 'OK')],
    ['INSUFFICIENT_DATA', watched(), alarmAt(10, 'INSUFFICIENT_DATA')],
    [
      'an alarm that is not enabled',
      { ...watched(), alarms: { alarmNames: ['errors'], enable: false, rollback: true } },
      alarmAt(10),
    ],
    ['an alarm after the end', watched(), alarmAt(120)],
  ])('do nothing on %s', async (_, configuration, arrange) => {
    const { deployment } = await playUpdate(configuration, { arrange });
    expect(deployment.status).toBe('SUCCESSFUL');
  });

  it('count INSUFFICIENT_DATA by the other reading', async () => {
    const { deployment } = await playUpdate(watched(), {
      arrange: alarmAt(10, 'INSUFFICIENT_DATA'),
      choices: { alarmInsufficientData: 'fails' },
    });
    expect(deployment.status).toBe('ROLLBACK_SUCCESSFUL');
  });

  it('roll back between two stages too, to the end', async () => {
    // SCALE_UP ends after 62 s, the next stage begins a second later.
    const { deployment } = await playUpdate(watched(), { arrange: alarmAt(62.5 / 60) });
    expect(stageNames(deployment)).toEqual(['PRE_SCALE_UP', 'SCALE_UP', '< CLEAN_UP']);
    expect(deployment.stages.at(-1)?.outcome).toBe('completed');
    expect(deployment.finishedAt).toBe(START + 62_500 + 30_000);
    expect(deployment.notes.filter((note) => note.text.includes('steady state'))).toHaveLength(1);
  });

  it('stop the deployment without a rollback when that is not in use', async () => {
    const { deployment, engine } = await playUpdate(watched(false), { arrange: alarmAt(10) });
    expect(deployment).toMatchObject({
      status: 'STOPPED',
      statusReason: 'Service deployment failed because alarm detected.',
    });
    expect(deployment.rollback).toBeUndefined();
    expect(engine.serviceDeployments()[0]?.targetServiceRevision?.requestedProductionTrafficWeight).toBe(100);
  });

  const inAlarm: NonNullable<PlayOptions['arrange']> = ({ engine }) => engine.setAlarmState('errors', 'ALARM');
  it('fail a deployment that starts while one is in ALARM', async () => {
    const { deployment } = await playUpdate(watched(), { arrange: inAlarm });
    expect(deployment.status).toBe('ROLLBACK_SUCCESSFUL');
    expect(deployment.stages).toEqual([]);
  });

  it('forgive it by the other reading, until it has been OK', async () => {
    const choices = { alarmAlreadyInAlarm: 'ignored' } as const;
    const forgiven = await playUpdate(watched(), { choices, arrange: inAlarm });
    expect(forgiven.deployment.status).toBe('SUCCESSFUL');
    const again = await playUpdate(watched(), {
      choices,
      arrange: (kit) => {
        inAlarm(kit, '');
        kit.engine.at(START + 5 * MINUTE, () => kit.engine.setAlarmState('errors', 'OK'));
        kit.engine.at(START + 6 * MINUTE, () => kit.engine.setAlarmState('errors', 'ALARM'));
      },
    });
    expect(again.deployment.rollback?.startedAt).toBe(START + 6 * MINUTE);
  });

  it.each<[number, AlarmState, string]>([
    [1, 'OK', 'SUCCESSFUL'],
    [1, 'ALARM', 'ROLLBACK_SUCCESSFUL'],
  ])(
    'by the reading that watches from the production shift, at minute %d and then %s',
    async (minute, later, status) => {
      const { deployment } = await playUpdate(watched(), {
        choices: { alarmWindow: 'from-production-shift' },
        arrange: (kit) => {
          kit.engine.at(START + minute * MINUTE, () => kit.engine.setAlarmState('errors', 'ALARM'));
          kit.engine.at(START + minute * MINUTE + 1, () => kit.engine.setAlarmState('errors', later));
        },
      });
      expect(deployment.status).toBe(status);
      const stages = stageNames(deployment);
      expect(stages).toContain('PRODUCTION_TRAFFIC_SHIFT');
    },
  );
});

describe('tasks that fail, and the circuit breaker', () => {
  const breaker = (rollback = true, more = {}): DeploymentConfiguration => ({
    ...BLUE_GREEN,
    deploymentCircuitBreaker: { enable: true, rollback, ...more },
  });
  it.each([
    ['crash', 20_000],
    ['never-healthy', 90_000],
  ] as const)('trips after three tasks that %s', async (tasks, every) => {
    const { deployment, engine } = await playUpdate(breaker(), { target: { tasks } });
    expect(deployment).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
    });
    const scaleUp = deployment.stages.find((stage) => stage.stage === 'SCALE_UP');
    expect((scaleUp?.endedAt ?? 0) - (scaleUp?.startedAt ?? 0)).toBe(3 * every);
    expect(engine.serviceDeployments()[0]?.deploymentCircuitBreaker).toEqual({
      ...{ status: 'TRIGGERED', failureCount: 3, threshold: 3 },
    });
  });

  it.each([
    [25, {}, 13],
    [2, {}, 3],
    [1000, {}, 200],
    [1000, { thresholdConfiguration: { type: 'UNBOUNDED_PERCENT', value: 30 } }, 300],
    [25, { thresholdConfiguration: { type: 'COUNT', value: 7 } }, 7],
  ] as const)('has the threshold of the documentation: %d tasks, %j: %d', async (desiredCount, more, threshold) => {
    const { engine } = await playUpdate(breaker(true, more), { target: { tasks: 'crash' }, service: { desiredCount } });
    expect(engine.serviceDeployments()[0]?.deploymentCircuitBreaker).toMatchObject({
      failureCount: threshold,
      threshold,
    });
  });

  it('stops without a rollback when that is not in use', async () => {
    const { deployment } = await playUpdate(breaker(false), { target: { tasks: 'crash' } });
    expect(deployment).toMatchObject({
      status: 'STOPPED',
      statusReason: 'Service deployment failed because the circuit breaker threshold was exceeded.',
    });
  });

  it.each<[string, DeploymentConfiguration, Choices]>([
    ['no circuit breaker', BLUE_GREEN, {}],
    ['one that is for rolling updates only', breaker(), { circuitBreakerStrategies: 'rolling-only' }],
  ])('rolls back after the 24 hours of the stage with %s', async (_, configuration, choices) => {
    const { deployment } = await playUpdate(configuration, { choices, target: { tasks: 'never-healthy' } });
    const scaleUp = deployment.stages.find((stage) => stage.stage === 'SCALE_UP');
    expect((scaleUp?.endedAt ?? 0) - (scaleUp?.startedAt ?? 0)).toBe(24 * HOUR);
    expect(deployment).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'Service deployment rolled back because SCALE_UP did not complete within 24 hours.',
    });
  });
});

describe('a newer deployment while one runs', () => {
  const configuration: DeploymentConfiguration = {
    strategy: 'CANARY',
    canaryConfiguration: { canaryPercent: 5, canaryBakeTimeInMinutes: 60 },
    lifecycleHooks: [lambdaHook('watch', ['RECONCILE_SERVICE', 'PRODUCTION_TRAFFIC_SHIFT'])],
  };
  const play = (choices: Choices) =>
    playUpdate(configuration, {
      choices,
      arrange: at(20, ({ engine }) => engine.updateService({ cluster: 'unicorn', service: 'ui', revision: NEXT })),
    });

  it.each<[Choices, (id: { target: string; source: string }) => object]>([
    [{}, ({ target, source }) => ({ [target]: 100, [source]: 0 })],
    [{ reconcileWeights: 'empty' }, () => ({})],
  ])('stops the older one and reconciles: %j', async (choices, weights) => {
    const { engine, invoker } = await play(choices);
    const [first, second] = engine.record();
    expect(first).toMatchObject({
      status: 'STOPPED',
      statusReason: 'Service deployment stopped because a newer service deployment was started.',
    });
    expect(second?.status).toBe('SUCCESSFUL');
    expect(stageNames(second ?? expect.fail())[0]).toBe('RECONCILE_SERVICE');
    const expected = weights({ target: second?.target.arn ?? '', source: second?.source?.arn ?? '' });
    const event = invoker.calls.find((call) => call.event.lifecycleStage === 'RECONCILE_SERVICE')?.event;
    expect(event?.executionDetails).toMatchObject({ testTrafficWeights: expected, productionTrafficWeights: expected });
    const production = second?.weights.filter((point) => point.traffic === 'production').map((point) => point.weights);
    expect(production?.slice(0, 3)).toEqual([
      { [first?.target.id ?? '']: 5, [first?.source?.id ?? '']: 95 },
      { [first?.source?.id ?? '']: 100 },
      { [second?.target.id ?? '']: 5, [first?.source?.id ?? '']: 95 },
    ]);
  });

  it('lets the older one roll back first by the other reading', async () => {
    const { engine } = await play({ supersededDeployment: 'rolled-back' });
    const [first, second] = engine.record();
    expect(first).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'Service deployment rolled back because a newer service deployment was started.',
    });
    expect(second?.status).toBe('SUCCESSFUL');
    expect(stageNames(second ?? expect.fail())[0]).toBe('PRE_SCALE_UP');
    expect(second?.startedAt).toBeGreaterThan(first?.finishedAt ?? 0);
  });

  const newer = (name: string) => ({ cluster: 'unicorn', service: 'ui', revision: { ...NEXT, name } });
  it('starts only the newest of those that wait', async () => {
    const { engine } = await playUpdate(configuration, {
      choices: { supersededDeployment: 'rolled-back' },
      arrange: at(20, (kit) => {
        kit.engine.updateService(newer('third'));
        kit.engine.updateService(newer('fourth'));
      }),
    });
    const [first, third, fourth] = engine.record();
    expect([first?.status, third?.status, fourth?.status]).toEqual(['ROLLBACK_SUCCESSFUL', 'STOPPED', 'SUCCESSFUL']);
    expect([third?.startedAt, third?.stages.length]).toEqual([undefined, 0]);
  });

  it('does not touch the one that runs when the one that waits is stopped', async () => {
    const { engine, deployment } = await playUpdate(configuration, {
      choices: { supersededDeployment: 'rolled-back' },
      arrange: at(20, (kit) => {
        const waiting = kit.engine.updateService(newer('third'))?.deploymentArn ?? '';
        kit.engine.stopServiceDeployment(waiting, 'ROLLBACK');
      }),
    });
    expect(engine.record().map((record) => record.status)).toEqual(['ROLLBACK_SUCCESSFUL', 'ROLLBACK_SUCCESSFUL']);
    expect(engine.record()[1]).toMatchObject({ stages: [], weights: [] });
    expect(stageNames(deployment).slice(-3)).toEqual([
      '< PRODUCTION_TRAFFIC_SHIFT',
      '< TEST_TRAFFIC_SHIFT',
      '< CLEAN_UP',
    ]);
    expect(engine.services()[0]?.currentServiceRevisions?.map(({ arn }) => arn)).toEqual([deployment.source?.arn]);
  });

  it('has two active revisions again once it has reconciled', async () => {
    const seen: unknown[] = [];
    await playUpdate(configuration, {
      arrange: (kit) => {
        kit.engine.at(START + 20 * MINUTE, () => kit.engine.updateService(newer('third')));
        for (const minute of [20.5, 22]) {
          kit.engine.at(START + minute * MINUTE, () =>
            seen.push(kit.engine.services()[0]?.currentServiceRevisions?.length),
          );
        }
      },
    });
    expect(seen).toEqual([3, 2]);
  });

  it('leaves the service whole when the newer one fails while it reconciles', async () => {
    const { engine } = await playUpdate(configuration, {
      scripts: {
        watch: ({ lifecycleStage }) => ({
          hookStatus: lifecycleStage === 'RECONCILE_SERVICE' ? 'FAILED' : 'SUCCEEDED',
        }),
      },
      arrange: at(20, (kit) => kit.engine.updateService({ cluster: 'unicorn', service: 'ui', revision: NEXT })),
    });
    const [first, second] = engine.record();
    expect(second?.status).toBe('ROLLBACK_SUCCESSFUL');
    expect(second?.weights.at(-1)?.weights).toEqual({ [first?.source?.id ?? '']: 100 });
    expect(engine.services()[0]?.currentServiceRevisions?.map(({ arn }) => arn)).toEqual([first?.source?.arn]);
  });
});

it('does not start a deployment for a changed deployment configuration alone', () => {
  const { engine } = makeKit();
  engine.addRunningService(serviceOf(BLUE_GREEN));
  const update = {
    cluster: 'unicorn',
    service: 'ui',
    deploymentConfiguration: { ...BLUE_GREEN, bakeTimeInMinutes: 1 },
  };
  expect(engine.updateService(update)).toBeUndefined();
  expect(engine.services()[0]?.deploymentConfiguration?.bakeTimeInMinutes).toBe(1);
  expect(engine.record()).toEqual([]);
});

it('plays until one deployment is over, and to a given time', async () => {
  const { engine, clock } = makeKit({ h: wait });
  const { deploymentArn } = engine.createService(serviceOf(BLUE_GREEN));
  engine.at(START + 99 * HOUR, () => undefined);
  await engine.run(START + 15 * MINUTE);
  expect(clock.now()).toBe(START + 15 * MINUTE);
  expect(engine.record()[0]?.status).toBe('IN_PROGRESS');
  await engine.runUntilTerminal(deploymentArn);
  expect(engine.record()[0]?.status).toBe('SUCCESSFUL');
  expect(clock.now()).toBe(engine.record()[0]?.finishedAt);
  await engine.run();
  expect(clock.now()).toBe(START + 99 * HOUR);
});

import { describe, expect, it } from 'vitest';
import type { Choices } from '../../simulator/engine/readings.ts';
import type { RawOutcome } from '../../simulator/lambda/invoker.ts';
import {
  arnOf,
  fail,
  HOUR,
  lambdaHook,
  MINUTE,
  playUpdate,
  ROLE,
  type Script,
  START,
  serviceOf,
  succeed,
  wait,
} from './engine-kit.ts';

const BLUE_GREEN = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1 } as const;
const at = (scripts: Readonly<Record<string, Script>>, choices: Choices = {}, timeout = {}) =>
  playUpdate(
    {
      ...BLUE_GREEN,
      lifecycleHooks: Object.keys(scripts).map((name) =>
        lambdaHook(name, ['POST_TEST_TRAFFIC_SHIFT'], { timeoutConfiguration: timeout }),
      ),
    },
    { scripts, choices },
  );
const FAILED = 'Service deployment rolled back because POST_TEST_TRAFFIC_SHIFT lifecycle hook(s) failed.';
const UNPARSED = `${FAILED} ECS was unable to parse the response from ${arnOf('h')} due to: HookStatus must not be null.`;

describe('what a hook answers, and what ECS makes of it', () => {
  it.each<[string, object | RawOutcome, string]>([
    ['FAILED', { hookStatus: 'FAILED' }, `${FAILED} Lifecycle hook target ${arnOf('h')} returned FAILED status.`],
    ['no hookStatus', { status: 'SUCCEEDED' }, UNPARSED],
    ['hookStatus null', { hookStatus: null }, UNPARSED],
    ['an unknown hookStatus', { hookStatus: 'OK' }, UNPARSED],
    ['lower case', { hookStatus: 'succeeded' }, UNPARSED],
    ['null', { kind: 'returned', payload: 'null' }, UNPARSED],
    ['text that is no JSON', { kind: 'returned', payload: 'fine' }, UNPARSED],
    ['a JSON string', { kind: 'returned', payload: '"SUCCEEDED"' }, UNPARSED],
    ['a function error', { kind: 'function-error', errorType: 'Error', errorMessage: 'boom' }, UNPARSED],
    ['a function time-out', { kind: 'timed-out', seconds: 3 }, UNPARSED],
    [
      'a role that cannot be assumed',
      { kind: 'role-error', message: 'no' },
      `${FAILED} ECS was unable to assume role ${ROLE}`,
    ],
    [
      'no permission to invoke',
      { kind: 'access-denied', message: 'User: x is not authorized to perform: lambda:InvokeFunction on resource: y' },
      `${FAILED} ECS was unable to invoke hook target ${arnOf('h')} due to User: x is not authorized to perform: lambda:InvokeFunction on resource: y`,
    ],
  ])('%s rolls back', async (_, answer, reason) => {
    const { deployment, invoker } = await at({ h: () => answer });
    expect(deployment).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL', statusReason: reason });
    expect(deployment.rollback).toMatchObject({ reason, serviceRevisionArn: deployment.source?.arn });
    expect(invoker.calls).toHaveLength(1);
  });

  it.each([
    [{ hookStatusCase: 'insensitive' }, () => ({ hookStatus: 'Succeeded' })],
    [
      { functionErrorRetry: 'retry' },
      (_: unknown, call: number) => (call < 3 ? { kind: 'timed-out', seconds: 3 } : { hookStatus: 'SUCCEEDED' }),
    ],
    [
      { lambdaThrottle: 'retry' },
      (_: unknown, call: number) =>
        call < 9 ? { kind: 'throttled', message: 'Rate exceeded' } : { hookStatus: 'SUCCEEDED' },
    ],
  ] as [Choices, Script][])('%j lets it pass', async (choices, script) => {
    expect((await at({ h: script }, choices)).deployment.status).toBe('SUCCESSFUL');
  });

  it('retries a function error twice, after one and two minutes, and then gives up', async () => {
    const { deployment, invoker } = await at(
      { h: () => ({ kind: 'function-error', errorType: 'Error', errorMessage: 'boom' }) },
      { functionErrorRetry: 'retry' },
    );
    expect(deployment.statusReason).toBe(UNPARSED);
    const [first = 0, second = 0, third = 0, ...more] = invoker.calls.map((call) => call.at);
    expect([second - first, third - second, more.length]).toEqual([MINUTE + 200, 2 * MINUTE + 200, 0]);
  });

  it('keeps the outcome of every invocation, with what the function returned', async () => {
    const { deployment } = await at({
      h: (_, call) =>
        call === 1 ? { hookStatus: 'IN_PROGRESS', reason: 'warming up' } : { hookStatus: 'SUCCEEDED', extra: 1 },
    });
    const [first, second] = deployment.stages.flatMap((stage) => stage.hooks).flatMap((hook) => hook.invocations);
    expect(first?.outcome).toEqual({
      ...{ kind: 'answer', hookStatus: 'IN_PROGRESS', reason: 'warming up', callBackDelay: 30 },
      payload: { hookStatus: 'IN_PROGRESS', reason: 'warming up' },
    });
    expect(second).toMatchObject({ attempt: 2, outcome: { hookStatus: 'SUCCEEDED', payload: { extra: 1 } } });
    expect((second?.startedAt ?? 0) - (first?.endedAt ?? 0)).toBe(30_000);
  });
});

describe('callBackDelay', () => {
  it.each<[unknown, Choices, number]>([
    [undefined, {}, 30],
    [null, {}, 30],
    [60, {}, 60],
    [5, {}, 5],
    [0.2, {}, 1],
    [5, { callBackDelayBounds: 'at-least-30' }, 30],
    [45, { callBackDelayBounds: 'at-least-30' }, 45],
    [0, {}, 30],
    [-1, {}, 30],
    ['60', {}, 30],
  ])('%j under %j waits %d s', async (callBackDelay, choices, seconds) => {
    const { invoker } = await at(
      { h: (_, call) => (call === 1 ? { hookStatus: 'IN_PROGRESS', callBackDelay } : { hookStatus: 'SUCCEEDED' }) },
      choices,
    );
    const [first = 0, second = 0] = invoker.calls.map((call) => call.at);
    expect(second - first).toBe(seconds * 1000 + 200);
  });

  it('fails an invalid one by the other reading', async () => {
    const { deployment } = await at(
      { h: () => ({ hookStatus: 'IN_PROGRESS', callBackDelay: -1 }) },
      { callBackDelayInvalid: 'fails' },
    );
    expect(deployment.statusReason).toContain('callBackDelay must be a positive number');
  });
});

describe('hook time-outs', () => {
  it('rolls back when its time is up, and stops invoking', async () => {
    const { deployment, invoker } = await at({ h: wait }, {}, { timeoutInMinutes: 60 });
    const stage = deployment.stages.find((one) => one.stage === 'POST_TEST_TRAFFIC_SHIFT');
    expect(deployment.status).toBe('ROLLBACK_SUCCESSFUL');
    expect(deployment.statusReason).toBe(`${FAILED} Lifecycle hook target ${arnOf('h')} timed out.`);
    expect(stage).toMatchObject({ outcome: 'timed-out', hooks: [{ status: 'TIMED_OUT', timeoutAction: 'ROLLBACK' }] });
    expect((stage?.endedAt ?? 0) - (stage?.startedAt ?? 0)).toBe(HOUR);
    expect(invoker.calls).toHaveLength(6);
  });

  it('goes on when the action is CONTINUE', async () => {
    const { deployment } = await at({ h: wait }, {}, { timeoutInMinutes: 60, action: 'CONTINUE' });
    const stage = deployment.stages.find((one) => one.stage === 'POST_TEST_TRAFFIC_SHIFT');
    expect(deployment.status).toBe('SUCCESSFUL');
    expect(stage).toMatchObject({ outcome: 'completed', hooks: [{ status: 'TIMED_OUT', timeoutAction: 'CONTINUE' }] });
  });

  it('defaults to 24 hours and ROLLBACK', async () => {
    const { deployment } = await at({ h: wait });
    const stage = deployment.stages.find((one) => one.stage === 'POST_TEST_TRAFFIC_SHIFT');
    expect(stage?.hooks[0]?.timeoutAction).toBe('ROLLBACK');
    expect((stage?.endedAt ?? 0) - (stage?.startedAt ?? 0)).toBe(24 * HOUR);
  });

  it('binds a hook to the 24 hours of its stage, the shift before it included', async () => {
    const play = (choices: Choices) =>
      playUpdate(
        {
          ...BLUE_GREEN,
          lifecycleHooks: [lambdaHook('h', ['TEST_TRAFFIC_SHIFT'], { timeoutConfiguration: { action: 'CONTINUE' } })],
        },
        { choices, scripts: { h: wait } },
      );
    const goesOn = (await play({})).deployment;
    const stage = goesOn.stages.find((one) => one.stage === 'TEST_TRAFFIC_SHIFT');
    expect((stage?.endedAt ?? 0) - (stage?.startedAt ?? 0)).toBe(24 * HOUR);
    expect(goesOn.status).toBe('SUCCESSFUL');
    const rollsBack = (await play({ stageLimitAction: 'rollback', rollbackHookWaits: 'not-waited' })).deployment;
    expect(rollsBack.statusReason).toBe(
      'Service deployment rolled back because TEST_TRAFFIC_SHIFT did not complete within 24 hours.',
    );
  });
});

it('lets nothing come after the 24 hours of a stage, not even its shift', async () => {
  const { deployment } = await playUpdate(
    {
      ...BLUE_GREEN,
      lifecycleHooks: [lambdaHook('h', ['TEST_TRAFFIC_SHIFT'], { timeoutConfiguration: { action: 'CONTINUE' } })],
    },
    { choices: { trafficShiftOrder: 'hook-first', rollbackHookWaits: 'not-waited' }, scripts: { h: wait } },
  );
  const stage = deployment.stages.find((one) => one.stage === 'TEST_TRAFFIC_SHIFT');
  expect(stage).toMatchObject({ outcome: 'timed-out', hooks: [{ status: 'TIMED_OUT' }] });
  expect((stage?.endedAt ?? 0) - (stage?.startedAt ?? 0)).toBe(24 * HOUR);
  expect(deployment.statusReason).toContain('did not complete within 24 hours');
});

describe('several hooks on a stage', () => {
  it('run in parallel, and all must succeed', async () => {
    const late: Script = (_, call) =>
      call === 1 ? { hookStatus: 'IN_PROGRESS', callBackDelay: 300 } : { hookStatus: 'SUCCEEDED' };
    const { deployment, invoker } = await at({ a: late, b: late, c: succeed });
    expect(new Set(invoker.calls.slice(0, 3).map((call) => call.at)).size).toBe(1);
    expect(new Set(invoker.calls.slice(3).map((call) => call.at)).size).toBe(1);
    const stage = deployment.stages.find((one) => one.stage === 'POST_TEST_TRAFFIC_SHIFT');
    expect((stage?.endedAt ?? 0) - (stage?.startedAt ?? 0)).toBe(300_000 + 400);
    expect(deployment.status).toBe('SUCCESSFUL');
  });

  it.each<[NonNullable<Choices['siblingsAfterFailure']>, number, string]>([
    ['stop', 1, 'IN_PROGRESS'],
    ['continue', 3, 'SUCCEEDED'],
  ])('a failure rolls back; the others %s', async (siblingsAfterFailure, calls, status) => {
    const slow: Script = (_, call) =>
      call < 3 ? { hookStatus: 'IN_PROGRESS', callBackDelay: 300 } : { hookStatus: 'SUCCEEDED' };
    const { deployment, invoker } = await at({ bad: fail, slow }, { siblingsAfterFailure });
    expect(deployment.status).toBe('ROLLBACK_SUCCESSFUL');
    expect(deployment.statusReason).toContain(arnOf('bad'));
    expect(invoker.calls.filter((call) => call.functionName === 'slow')).toHaveLength(calls);
    const stage = deployment.stages.find((one) => one.stage === 'POST_TEST_TRAFFIC_SHIFT');
    expect(stage?.hooks.find((hook) => hook.name === 'slow')?.status).toBe(status);
  });
});

describe('executionId', () => {
  it.each<[NonNullable<Choices['executionId']>, number]>([
    ['stable', 1],
    ['fresh', 3],
  ])('%s', async (executionId, distinct) => {
    const { invoker } = await at(
      { h: (_, call) => (call < 3 ? { hookStatus: 'IN_PROGRESS' } : { hookStatus: 'SUCCEEDED' }) },
      { executionId },
    );
    const ids = invoker.calls.map((call) => call.event.executionId);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(distinct);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('hookDetails', () => {
  const configured = { table: 'votes', limits: { a: 1, b: 2 } };
  const returning =
    (hookDetails: unknown): Script =>
    (_, call) =>
      call === 1 ? { hookStatus: 'IN_PROGRESS', hookDetails } : { hookStatus: 'SUCCEEDED' };
  async function second(hookDetails: unknown, returned: unknown, choices: Choices = {}): Promise<unknown> {
    const hook = lambdaHook(
      'h',
      ['PRE_SCALE_UP'],
      hookDetails === undefined ? {} : { hookDetails: hookDetails as never },
    );
    const { invoker } = await playUpdate(
      { ...BLUE_GREEN, lifecycleHooks: [hook] },
      { choices, scripts: { h: returning(returned) } },
    );
    return invoker.calls[1]?.event.hookDetails;
  }
  it.each<[Choices['hookDetailsMerge'] & string, unknown]>([
    ['shallow', { table: 'votes', limits: { a: 9 }, seen: 1 }],
    ['deep', { table: 'votes', limits: { a: 9, b: 2 }, seen: 1 }],
    ['replace', { limits: { a: 9 }, seen: 1 }],
  ])('%s', async (hookDetailsMerge, expected) => {
    expect(await second(configured, { limits: { a: 9 }, seen: 1 }, { hookDetailsMerge })).toEqual(expected);
  });

  it.each([
    ['a string by an object', '{"a":1}', { b: 2 }, { b: 2 }],
    ['an object by an array', { a: 1 }, [1, 2], [1, 2]],
    ['nothing by a string', undefined, 'x', 'x'],
    ['null by an object', null, { a: 1 }, { a: 1 }],
  ])('replaces %s', async (_, sent, returned, expected) => {
    expect(await second(sent, returned)).toEqual(expected);
  });

  it('keeps what was sent when an answer has none', async () => {
    expect(await second(configured, undefined)).toEqual(configured);
  });

  it('is absent from the event when neither configured nor returned', async () => {
    const { invoker } = await at({
      h: (_, call) => (call === 1 ? { hookStatus: 'IN_PROGRESS' } : { hookStatus: 'SUCCEEDED' }),
    });
    expect(invoker.calls.map((call) => 'hookDetails' in call.event)).toEqual([false, false]);
  });

  const counting: Script = ({ hookDetails }, call) => {
    const seen =
      typeof hookDetails === 'object' && hookDetails !== null && 'seen' in hookDetails ? Number(hookDetails.seen) : 0;
    return call % 2 === 1
      ? { hookStatus: 'IN_PROGRESS', hookDetails: { seen: seen + 1 } }
      : { hookStatus: 'SUCCEEDED' };
  };
  it.each<[Choices, number[]]>([
    [{}, [0, 1, 1, 2]],
    [{ hookDetailsAcrossSteps: 'reset' }, [0, 1, 0, 1]],
  ])('carries over the steps of a recurring stage: %j', async (choices, seen) => {
    const { invoker } = await playUpdate(
      {
        strategy: 'CANARY',
        lifecycleHooks: [lambdaHook('h', ['PRODUCTION_TRAFFIC_SHIFT'], { hookDetails: { seen: 0 } })],
      },
      { choices, scripts: { h: counting } },
    );
    expect(invoker.calls.map((call) => call.event.hookDetails)).toEqual(seen.map((value) => ({ seen: value })));
  });

  it.each<[Choices, number[]]>([
    [{}, [0, 1, 1, 2]],
    [{ hookDetailsAcrossStages: 'reset' }, [0, 1, 0, 1]],
  ])('carries over the stages of one hook: %j', async (choices, seen) => {
    const { invoker } = await playUpdate(
      {
        ...BLUE_GREEN,
        lifecycleHooks: [lambdaHook('h', ['PRE_SCALE_UP', 'POST_SCALE_UP'], { hookDetails: { seen: 0 } })],
      },
      { choices, scripts: { h: counting } },
    );
    expect(invoker.calls.map((call) => call.event.hookDetails)).toEqual(seen.map((value) => ({ seen: value })));
  });

  it('does not go from one hook to another, nor to the next deployment', async () => {
    const hooks = ['a', 'b'].map((name, index) =>
      lambdaHook(name, [index === 0 ? 'PRE_SCALE_UP' : 'POST_SCALE_UP'], { hookDetails: { seen: 0 } }),
    );
    const { invoker, engine } = await playUpdate(
      { ...BLUE_GREEN, lifecycleHooks: hooks },
      { scripts: { a: counting, b: counting } },
    );
    const { cluster, name } = serviceOf({});
    engine.updateService({ cluster, service: name, forceNewDeployment: true });
    await engine.run();
    expect(invoker.calls.map((call) => call.event.hookDetails)).toEqual(
      [0, 1, 0, 1, 0, 1, 0, 1].map((seen) => ({ seen })),
    );
  });
});

it('does not let a function change the recorded event', async () => {
  const { deployment } = await at({
    h: (event) => {
      event.resourceArn = 'changed';
      return { hookStatus: 'SUCCEEDED' };
    },
  });
  expect(deployment.stages.flatMap((stage) => stage.hooks)[0]?.invocations[0]?.event).toMatchObject({
    resourceArn: deployment.deploymentArn,
  });
  expect(deployment.createdAt).toBe(START);
});

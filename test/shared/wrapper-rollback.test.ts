import { DescribeServiceDeploymentsCommand } from '@aws-sdk/client-ecs';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it, vi } from 'vitest';
import {
  at,
  DEPLOYMENT_ID,
  eventFixture,
  rollback,
  SOURCE,
  TARGET,
  withDetails,
} from '../../library/testing/events.ts';
import { PermanentError } from '../../shared/errors.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { fail, succeed, wait } from '../../shared/verdict.ts';
import { describesDeployment, ecsError, mockAws, ssmError } from '../fixtures/aws.ts';
import { captureOutput } from '../fixtures/output.ts';
import { memoryOf, type ProbeCheck, type ProbeInput, probe, rig, START } from '../fixtures/probe.ts';

const aws = mockAws();
const output = captureOutput();
const BOUND_MS = 5 * 60_000;
const ENV = { ssm: { HOOK_POLICY: 'ssm:/platform/rollback-policy' }, broken: { HOOK_DEFAULTS: '{' } };

describe('rule 2: the direction', () => {
  it.each([
    ['PRODUCTION_TRAFFIC_SHIFT', 0, 'onRollback'],
    ['TEST_TRAFFIC_SHIFT', 0, 'onRollback'],
    ['PRODUCTION_TRAFFIC_SHIFT', 0.1, 'check'],
    ['PRODUCTION_TRAFFIC_SHIFT', 100, 'check'],
    ['TEST_TRAFFIC_SHIFT', 100, 'check'],
    // AWS's own rule, taken literally, would let every release pass unchecked here.
    ['PRE_PRODUCTION_TRAFFIC_SHIFT', 0, 'check'],
  ] as const)('at %s with weight %d calls %s', async (stage, weight, called) => {
    const hook = probe({
      stages: ['PRE_PRODUCTION_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT'],
      check: () => succeed('check'),
      onRollback: () => succeed('onRollback'),
    });
    expect(await rig(hook).look(at(stage, weight))).toMatchObject({ hookStatus: 'SUCCEEDED', reason: called });
  });

  it.each([
    ['ROLLBACK_IN_PROGRESS', 'onRollback'],
    ['ROLLBACK_REQUESTED', 'onRollback'],
    ['IN_PROGRESS', 'check'],
    ['STOP_REQUESTED', 'check'],
  ] as const)('without weights ECS is asked: %s calls %s', async (status, called) => {
    describesDeployment(aws, [SOURCE], status);
    const hook = probe({ check: () => succeed('check'), onRollback: () => succeed('onRollback') });
    for (const stage of ['PRODUCTION_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT'] as const) {
      expect(await rig(hook).look(at(stage, {}))).toMatchObject({ hookStatus: 'SUCCEEDED', reason: called });
    }
    expect(aws.calls()).toEqual(['DescribeServiceDeploymentsCommand', 'DescribeServiceDeploymentsCommand']);
  });

  it('weights that are all 0 say nothing: ECS is asked', async () => {
    describesDeployment(aws, [SOURCE], 'ROLLBACK_IN_PROGRESS');
    const hook = probe({ check: () => succeed('check'), onRollback: () => succeed('onRollback') });
    const event = at('PRODUCTION_TRAFFIC_SHIFT', { [TARGET]: 0, [SOURCE]: 0 });
    expect(await rig(hook).look(event)).toMatchObject({ hookStatus: 'SUCCEEDED', reason: 'onRollback' });
  });

  it.each<[string, ProbeCheck]>([
    ['fails', () => fail('2 messages left')],
    ['throws for good', () => Promise.reject(new PermanentError('no such queue'))],
  ])('that only ECS tells is not hindered either, when onRollback %s', async (_, onRollback) => {
    describesDeployment(aws, [SOURCE], 'ROLLBACK_IN_PROGRESS');
    const answer = await rig(probe({ onRollback })).look(at('PRODUCTION_TRAFFIC_SHIFT', {}));
    expect(answer).toMatchObject({ hookStatus: 'SUCCEEDED' });
    expect(output.decisions()).toMatchObject([{ direction: 'rollback' }]);
  });

  it('without weights and without an answer of ECS is not decided', async () => {
    aws.ecs.on(DescribeServiceDeploymentsCommand).rejects(ecsError('ThrottlingException', 'Rate exceeded'));
    const check = vi.fn();
    const answer = await rig(probe({ check })).look(at('PRODUCTION_TRAFFIC_SHIFT', {}));
    expect(answer).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: 30 });
    expect(check).not.toHaveBeenCalled();
  });
});

/** Everything that refuses a forward deployment. */
const OBSTACLES: [string, unknown, NodeJS.ProcessEnv][] = [
  ['nothing in the way', rollback(), {}],
  ['an unknown key', withDetails(rollback(), { nonsense: 1 }), {}],
  ['a value of the wrong type', withDetails(rollback(), { threshold: 'x' }), {}],
  ['a broken HOOK_DEFAULTS', rollback(), ENV.broken],
  ['a HOOK_POLICY that does not exist', rollback(), ENV.ssm],
  ['hookDetails that are no object', withDetails(rollback(), 'Test string'), {}],
  ['hookDetails that are a number', withDetails(rollback(), 7), {}],
  ['a damaged memory', withDetails(rollback(), { _state: '{"v":1' }), {}],
  ['a damaged memory of nothing', withDetails(rollback(), { _state: null }), {}],
  ['a damaged state', withDetails(rollback(), { _state: memory({ state: { seen: 'x' } }) }), {}],
  ['no deployment', { ...rollback(), resourceArn: undefined }, {}],
  ['a deployment of another form', { ...rollback(), resourceArn: 'arn:aws:ecs:x' }, {}],
  ['no service', withoutService(), {}],
];

describe('rule 3: nothing stands in the way of a rollback', () => {
  it.each(OBSTACLES)('a hook without onRollback is SUCCEEDED at once with %s', async (_, event, env) => {
    const check = vi.fn(() => fail('bad'));
    const hook = probe({ check, defaults: { firstDeployment: 'skip' } });
    expect(await rig(hook, { env }).look(event)).toMatchObject({ hookStatus: 'SUCCEEDED' });
    expect(check).not.toHaveBeenCalled();
    expect(aws.calls()).toEqual([]);
  });

  it.each(OBSTACLES)('a hook with onRollback is SUCCEEDED with %s', async (obstacle, event, env) => {
    aws.ssm.on(GetParameterCommand).rejects(ssmError('ParameterNotFound', 'gone'));
    const onRollback = vi.fn(() => succeed('cleaned up'));
    const hook = probe({ check: () => fail('bad'), onRollback, defaults: { firstDeployment: 'skip' } });
    const answer = await rig(hook, { env }).look(event);
    expect(answer.hookStatus).toBe('SUCCEEDED');
    const isInTheWay = obstacle !== 'nothing in the way';
    expect(onRollback).toHaveBeenCalledTimes(isInTheWay ? 0 : 1);
    const [decision] = output.decisions();
    expect(decision).toMatchObject({ level: isInTheWay ? 'ERROR' : 'INFO', direction: 'rollback' });
    expect('trouble' in (decision ?? {})).toBe(isInTheWay);
    expect('RollbackErrors' in (output.metrics()[0] ?? {})).toBe(isInTheWay);
  });

  it.each(['rollback-production-traffic-shift', 'rollback-test-traffic-shift'] as const)(
    'also at a stage that the hook does not declare: %s',
    async (name) => {
      const { event } = eventFixture(name);
      for (const onRollback of [undefined, () => fail('bad')]) {
        const hook = probe({ stages: ['PRE_SCALE_UP'], ...(onRollback && { onRollback }) });
        expect(await rig(hook).look(event)).toMatchObject({ hookStatus: 'SUCCEEDED' });
      }
    },
  );

  it('a hook without onRollback does not wait when the function itself is in trouble', async () => {
    const context = {
      getRemainingTimeInMillis: () => {
        throw new Error('no clock');
      },
    };
    const handler = lambdaHandler(probe({ check: () => fail('bad') }), { now: () => START, env: {} });
    expect(await handler(rollback(), context)).toMatchObject({ hookStatus: 'SUCCEEDED' });
  });

  it('timeoutMinutes, onError and onTimeout do not count', async () => {
    const details = { timeoutMinutes: 0.001, onTimeout: 'fail', onError: 'fail', maxErrors: 1 };
    for (const onRollback of [() => wait('draining'), () => Promise.reject(new Error('boom'))]) {
      const answers = await rig(probe({ onRollback })).play(withDetails(rollback(), details));
      expect(answers.at(-1)).toMatchObject({ hookStatus: 'SUCCEEDED' });
    }
  });
});

describe('rule 3: what onRollback does', () => {
  const run = async (onRollback: ProbeCheck, details: object = {}, remaining?: number) => {
    const hook = rig(probe({ onRollback }), remaining === undefined ? {} : { remaining });
    const answers = await hook.play(withDetails(rollback(), details));
    return { answers, last: answers.at(-1), waited: hook.now().getTime() - START.getTime() };
  };

  it('succeeds with its own reason', async () => {
    const { answers } = await run(() => succeed('cleaned up', { removed: 3 }));
    expect(answers).toMatchObject([{ hookStatus: 'SUCCEEDED', reason: 'cleaned up' }]);
    expect(output.decisions()).toMatchObject([{ level: 'INFO', direction: 'rollback', evidence: { removed: 3 } }]);
  });

  it('may wait, with state, and then succeeds', async () => {
    const { answers, waited } = await run(({ state }: ProbeInput) => {
      const seen = (state?.seen ?? 0) + 1;
      return seen === 3 ? succeed(`drained in ${seen}`) : wait('draining', { state: { seen }, seconds: 20 });
    });
    expect(answers.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'SUCCEEDED']);
    expect(answers.at(-1)).toMatchObject({ reason: 'drained in 3' });
    expect(waited).toBe(40_000);
  });

  it.each([1, 30, 299, 300, 900])('waits five minutes at the longest (pollSeconds %d)', async (pollSeconds) => {
    const { last, waited } = await run(() => wait('draining'), { pollSeconds });
    expect(last).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: 'Not done while rolling back: draining; a rollback is never hindered',
    });
    expect(waited).toBe(BOUND_MS);
    expect(output.decisions().at(-1)).toMatchObject({
      level: 'ERROR',
      trouble: 'Not done while rolling back: draining',
    });
    expect(output.metrics().at(-1)).toMatchObject({ Succeeded: 1, RollbackErrors: 1 });
  });

  it('whose wait names more than five minutes is asked again at their end', async () => {
    const { answers, waited } = await run(() => wait('draining', { seconds: 86_400 }));
    expect(answers).toHaveLength(2);
    expect(waited).toBe(BOUND_MS);
  });

  it.each<[string, ProbeCheck, RegExp]>([
    ['fails', () => fail('2 messages left'), /^Not done while rolling back: 2 messages left; a rollback is never/],
    [
      'throws for good',
      () => Promise.reject(new PermanentError('no such queue')),
      /a rollback is never hindered: no such queue$/,
    ],
    [
      'is denied',
      () => Promise.reject(ssmError('AccessDeniedException', 'not authorized')),
      /AccessDeniedException: not authorized$/,
    ],
  ])('that %s is SUCCEEDED at once, and an error', async (_, onRollback, reason) => {
    const { answers } = await run(onRollback);
    expect(answers).toMatchObject([{ hookStatus: 'SUCCEEDED', reason: expect.stringMatching(reason) }]);
    expect(output.decisions()).toMatchObject([{ level: 'ERROR' }]);
    expect(output.metrics()).toMatchObject([{ RollbackErrors: 1 }]);
  });

  it.each<[string, ProbeCheck]>([
    ['throws', () => Promise.reject(new Error('boom'))],
    ['throws nothing', () => Promise.reject()],
    ['returns no verdict', () => ({ outcome: 'maybe' })],
    ['returns nothing', () => undefined],
  ])('that always %s is tried again, and SUCCEEDED within the bound', async (_, onRollback) => {
    const { answers, last, waited } = await run(onRollback, { pollSeconds: 240 });
    expect(answers.map((answer) => ('callBackDelay' in answer ? answer.callBackDelay : 0))).toEqual([240, 60, 0]);
    expect(last).toMatchObject({ hookStatus: 'SUCCEEDED', reason: expect.stringContaining('never hindered') });
    expect(waited).toBe(BOUND_MS);
  });

  it('gives up after maxErrors in a row', async () => {
    const { answers } = await run(() => Promise.reject(new Error('boom')), { maxErrors: 3, pollSeconds: 1 });
    expect(answers.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'SUCCEEDED']);
  });

  it('that hangs is SUCCEEDED within the bound', async () => {
    const { last, waited } = await run(() => new Promise(() => {}), { pollSeconds: 150 }, 1001);
    expect(last).toMatchObject({ hookStatus: 'SUCCEEDED', reason: expect.stringContaining('ran out of time') });
    expect(waited).toBe(BOUND_MS);
  });

  it('while HOOK_POLICY is throttled is tried again, and SUCCEEDED within the bound', async () => {
    aws.ssm.on(GetParameterCommand).rejects(ssmError('ThrottlingException', 'Rate exceeded'));
    const hook = rig(probe({ onRollback: () => succeed('done') }), { env: ENV.ssm });
    const answers = await hook.play(rollback());
    expect(answers.at(-1)?.hookStatus).toBe('SUCCEEDED');
    expect(answers.length).toBeGreaterThan(2);
    expect(hook.now().getTime() - START.getTime()).toBeLessThanOrEqual(BOUND_MS);
  });

  it.each(['PRODUCTION_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT'] as const)(
    'has its five minutes after hours of waiting forward at %s, and not the forward state',
    async (stage) => {
      const onRollback = vi.fn((_: ProbeInput) => wait('draining'));
      const hook = rig(probe({ check: () => wait('looking', { state: { seen: 7 } }), onRollback }));
      const forward = await hook.look(withDetails(at(stage, 50), { timeoutMinutes: 1440 }));
      hook.advance(3 * 3600);
      const answer = await hook.look(withDetails(rollback(stage), forward.hookDetails));
      expect(answer).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: 30 });
      expect(onRollback.mock.lastCall?.[0].state).toBeUndefined();
      expect(memoryOf(answer)).toMatchObject({ step: `${stage}-rollback`, looks: 1, errors: 0 });
    },
  );

  it('returns the hookDetails as it received them', async () => {
    const { last } = await run(() => succeed('done'), { threshold: 7, label: 'x' });
    expect(last).toMatchObject({ hookDetails: { threshold: 7, label: 'x' } });
  });
});

function memory(change: object): string {
  const base = { v: 1, deployment: DEPLOYMENT_ID, step: 'PRODUCTION_TRAFFIC_SHIFT-rollback', looks: 1, errors: 0 };
  return JSON.stringify({ ...base, startedAt: START.getTime(), ...change });
}

function withoutService(): unknown {
  const { executionDetails, ...event } = rollback();
  return { ...event, executionDetails: { ...executionDetails, serviceArn: undefined } };
}

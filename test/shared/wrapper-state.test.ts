import { DescribeServiceDeploymentsCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it, vi } from 'vitest';
import { at, DEPLOYMENT_ID, ofDeployment, withDetails } from '../../library/testing/events.ts';
import { ECS_READINGS } from '../../library/testing/readings.ts';
import { fail, succeed, wait } from '../../shared/verdict.ts';
import { mockAws } from '../fixtures/aws.ts';
import { captureOutput } from '../fixtures/output.ts';
import { memoryOf, type ProbeInput, probe, remembering, rig, START } from '../fixtures/probe.ts';

const aws = mockAws();
captureOutput();
const EVENT = at('POST_TEST_TRAFFIC_SHIFT');
const counting = ({ state }: ProbeInput) => {
  const seen = (state?.seen ?? 0) + 1;
  return seen === 4 ? succeed(`seen ${seen}`) : wait(`seen ${seen}`, { state: { seen } });
};

describe('rule 5: the state lives in hookDetails._state', () => {
  it.each(Object.entries(ECS_READINGS))('and survives ECS: %s', async (_, reading) => {
    const hook = rig(probe({ check: counting }));
    let details: Readonly<Record<string, unknown>> = { threshold: 7, label: 'x' };
    const statuses: string[] = [];
    for (let look = 0; look < 4; look += 1) {
      const answer = await hook.look(withDetails(EVENT, details));
      statuses.push(`${answer.hookStatus}: ${answer.reason}`);
      expect(answer.hookDetails).toMatchObject({ threshold: 7, label: 'x' });
      details = reading(details, answer.hookDetails ?? {});
    }
    expect(statuses).toEqual([
      'IN_PROGRESS: seen 1',
      'IN_PROGRESS: seen 2',
      'IN_PROGRESS: seen 3',
      'SUCCEEDED: seen 4',
    ]);
    expect(Object.keys(details).sort()).toEqual(['_state', 'label', 'threshold']);
  });

  it('is bound to the deployment and the step, and says when it began and how often it was looked', async () => {
    const hook = rig(probe({ check: () => wait('looking', { state: { seen: 1 } }) }));
    const first = await hook.look(EVENT);
    hook.advance(30);
    const again = await hook.look(withDetails(EVENT, first.hookDetails));
    expect(memoryOf(again)).toEqual({
      v: 1,
      deployment: DEPLOYMENT_ID,
      step: 'POST_TEST_TRAFFIC_SHIFT',
      startedAt: START.getTime(),
      looks: 2,
      errors: 0,
      state: { seen: 1 },
    });
  });

  it('a wait without state leaves it as it is', async () => {
    const hook = rig(probe({ check: () => wait('looking') }));
    const answer = await hook.look(withDetails(EVENT, remembering({ state: { seen: 42 } })));
    expect(memoryOf(answer)).toMatchObject({ state: { seen: 42 }, looks: 2 });
  });

  it.each([
    ['of another deployment', ofDeployment(EVENT, 'mN5wR8qJ1cVf6XsK3gTdB')],
    ['of another stage', at('TEST_TRAFFIC_SHIFT')],
  ])('%s is not used', async (_, event) => {
    const check = vi.fn((_input: ProbeInput) => wait('looking'));
    const old = remembering({ state: { seen: 42 }, startedAt: START.getTime() - 86_400_000 });
    expect(await rig(probe({ check })).look(withDetails(event, old))).toMatchObject({ hookStatus: 'IN_PROGRESS' });
    expect(check.mock.lastCall?.[0].state).toBeUndefined();
  });

  it('of another traffic step is not used', async () => {
    const check = vi.fn((_: ProbeInput) => wait('looking', { state: { seen: 1 } }));
    const hook = rig(probe({ check }));
    const step1 = await hook.look(at('PRODUCTION_TRAFFIC_SHIFT', 12.5));
    await hook.look(withDetails(at('PRODUCTION_TRAFFIC_SHIFT', 12.5), step1.hookDetails));
    expect(check.mock.lastCall?.[0].state).toEqual({ seen: 1 });
    await hook.look(withDetails(at('PRODUCTION_TRAFFIC_SHIFT', 100), step1.hookDetails));
    expect(check.mock.lastCall?.[0].state).toBeUndefined();
  });

  it('of another traffic step is not used where only ECS can tell the step', async () => {
    const weighs = (requestedProductionTrafficWeight: number) =>
      aws.ecs
        .on(DescribeServiceDeploymentsCommand)
        .resolves({ serviceDeployments: [{ targetServiceRevision: { requestedProductionTrafficWeight } }] });
    const check = vi.fn((_: ProbeInput) => wait('looking', { state: { seen: 1 } }));
    const hook = rig(probe({ check, stages: ['PRE_PRODUCTION_TRAFFIC_SHIFT'] }));
    const event = at('PRE_PRODUCTION_TRAFFIC_SHIFT', {});
    weighs(12.5);
    const step1 = await hook.look(event);
    await hook.look(withDetails(event, step1.hookDetails));
    expect(check.mock.lastCall?.[0].state).toEqual({ seen: 1 });
    weighs(25);
    const step2 = await hook.look(withDetails(event, step1.hookDetails));
    expect(check.mock.lastCall?.[0].state).toBeUndefined();
    expect(memoryOf(step2)).toMatchObject({ step: 'PRE_PRODUCTION_TRAFFIC_SHIFT-25', looks: 1 });
  });

  it.each([
    ['cut', '{"v":1'],
    ['emptied', ''],
    ['replaced', 7],
    ['of another version', JSON.stringify({ v: 2 })],
    ['with a broken state of the hook', remembering({ state: { seen: 'many' } })._state],
  ])('%s is an error, not a restart', async (_, _state) => {
    const check = vi.fn(() => succeed('fine'));
    const details = { threshold: 7, onError: 'succeed', _state };
    const answer = await rig(probe({ check })).look(withDetails(EVENT, details));
    expect(answer).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(/^Damaged state: hookDetails\._state/),
      hookDetails: { threshold: 7 },
    });
    expect(check).not.toHaveBeenCalled();
  });

  it.each([
    ['succeed', () => succeed('fine')],
    ['fail', () => fail('bad')],
    ['wait', () => wait('looking')],
    ['throw', () => Promise.reject(new Error('boom'))],
  ])('the operator finds all of hookDetails in the answer to a %s', async (_, check) => {
    const details = { threshold: 7, label: 'x' };
    const answer = await rig(probe({ check })).look(withDetails(EVENT, details));
    expect(answer.hookDetails).toEqual({ ...details, _state: expect.any(String) });
  });

  it('in a string they come back as an object', async () => {
    const answer = await rig(probe({ check: () => wait('looking') })).look(withDetails(EVENT, '{"threshold":7}'));
    expect(answer.hookDetails).toEqual({ threshold: 7, _state: expect.any(String) });
  });
});

describe('rule 11: the same event twice gives the same decision', () => {
  it.each([
    ['succeed', () => succeed('fine', { n: 1 })],
    ['fail', () => fail('bad')],
    ['wait', counting],
    ['throw', () => Promise.reject(new Error('boom'))],
  ])('%s', async (_, check) => {
    const hook = rig(probe({ check }));
    const event = withDetails(EVENT, remembering({ state: { seen: 1 } }));
    const first = await hook.look(event);
    expect(await hook.look(event)).toEqual(first);
    // Whether executionId stays the same from look to look is not documented.
    expect(await hook.look({ ...event, executionId: 'another' })).toEqual(first);
  });

  it('a hook is given the same input, and no executionId to key anything on', async () => {
    const inputs: string[] = [];
    const check = ({ signal: _signal, log: _log, ...input }: ProbeInput) => {
      inputs.push(JSON.stringify(input));
      return wait('looking');
    };
    const hook = rig(probe({ check }));
    await hook.look(EVENT);
    await hook.look({ ...EVENT, executionId: 'another' });
    expect(inputs[1]).toBe(inputs[0]);
    expect(inputs[0]).not.toContain(EVENT.executionId);
  });
});

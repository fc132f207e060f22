import { DescribeServiceDeploymentsCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it, vi } from 'vitest';
import { at, withDetails } from '../../library/testing/events.ts';
import { fail, succeed, wait } from '../../shared/verdict.ts';
import { describesDeployment, ecsError, mockAws, ssmError } from '../fixtures/aws.ts';
import { captureOutput } from '../fixtures/output.ts';
import { memoryOf, type ProbeCheck, probe, remembering, rig, START } from '../fixtures/probe.ts';

const aws = mockAws();
const output = captureOutput();
const EVENT = at('POST_TEST_TRAFFIC_SHIFT');

function play(check: ProbeCheck, details: object = {}) {
  return rig(probe({ check })).play(withDetails(EVENT, details));
}

describe('rule 6: mode', () => {
  it.each<[string, ProbeCheck, string]>([
    ['a fail', () => fail('latency 900 ms'), 'latency 900 ms'],
    ['trouble for good', () => Promise.reject(ssmError('AccessDeniedException', 'no')), 'AccessDeniedException: no'],
  ])('audit: %s is SUCCEEDED, and logged as a FAILED that would have been', async (_, check, reason) => {
    expect(await play(check)).toMatchObject([{ hookStatus: 'FAILED', reason }]);
    expect(output.metrics()).toMatchObject([{ Failed: 1 }]);
    expect(output.decisions()[0]).not.toHaveProperty('wouldFail');
    const answers = await play(check, { mode: 'audit' });
    expect(answers).toMatchObject([
      { hookStatus: 'SUCCEEDED', reason: `Audit mode, would have been FAILED: ${reason}` },
    ]);
    expect(output.decisions()[1]).toMatchObject({ status: 'SUCCEEDED', wouldFail: true });
    expect(output.metrics()[1]).toMatchObject({ Succeeded: 1, WouldFail: 1 });
  });

  it('audit: it waits as ever, also until a timeout that would have failed', async () => {
    const enforced = await play(() => wait('looking'), { timeoutMinutes: 2 });
    const audited = await play(() => wait('looking'), { timeoutMinutes: 2, mode: 'audit' });
    const statuses = (answers: typeof enforced) => answers.map(({ hookStatus }) => hookStatus);
    expect(statuses(enforced)).toEqual([...Array(4).fill('IN_PROGRESS'), 'FAILED']);
    expect(statuses(audited)).toEqual([...Array(4).fill('IN_PROGRESS'), 'SUCCEEDED']);
    expect(audited.at(-1)?.reason).toMatch(/^Audit mode, would have been FAILED: Waited 2 min/);
  });

  it('audit: errors that end in a FAILED are SUCCEEDED', async () => {
    const answers = await play(() => Promise.reject(new Error('boom')), { maxErrors: 2, mode: 'audit' });
    expect(answers.at(-1)).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: expect.stringMatching(/^Audit mode, would have been FAILED: Could not tell: gave up after 2 errors/),
    });
  });

  it('audit: a success says nothing of it', async () => {
    expect(await play(() => succeed('fine'), { mode: 'audit' })).toMatchObject([{ reason: 'fine' }]);
    expect(output.decisions()[0]).not.toHaveProperty('wouldFail');
  });
});

describe('rule 6: timeoutMinutes and onTimeout', () => {
  it.each([
    ['fail', 'FAILED'],
    ['succeed', 'SUCCEEDED'],
  ])('onTimeout %s is %s, exactly at the end', async (onTimeout, hookStatus) => {
    const hook = rig(probe({ check: () => wait('no load yet') }));
    const answers = await hook.play(withDetails(EVENT, { timeoutMinutes: 10, pollSeconds: 240, onTimeout }));
    expect(answers.map((answer) => ('callBackDelay' in answer ? answer.callBackDelay : 0))).toEqual([240, 240, 120, 0]);
    expect(hook.now().getTime() - START.getTime()).toBe(600_000);
    expect(answers.at(-1)).toMatchObject({
      hookStatus,
      reason: `Waited 10 min (timeoutMinutes): no load yet; onTimeout is ${onTimeout}`,
    });
  });

  it.each([
    ['succeed', 'SUCCEEDED'],
    ['fail', 'FAILED'],
  ] as const)('a verdict of %s counts also when it comes late', async (outcome, hookStatus) => {
    const memory = { startedAt: START.getTime() - 86_400_000 };
    const verdict = outcome === 'succeed' ? succeed('made it') : fail('did not');
    const answers = await play(() => verdict, remembering(memory, { timeoutMinutes: 1, onTimeout: 'succeed' }));
    expect(answers).toMatchObject([{ hookStatus, reason: verdict.reason }]);
  });

  it.each<[string, ProbeCheck]>([
    ['waits', () => wait('looking')],
    ['could not tell', () => Promise.reject(new Error('boom'))],
  ])('a look that took 20 s and %s puts off the last one by nothing', async (_, outcome) => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const check: ProbeCheck = (input) => {
        vi.advanceTimersByTime(20_000);
        return outcome(input);
      };
      const answer = await rig(probe({ check })).look(withDetails(EVENT, { timeoutMinutes: 1, pollSeconds: 120 }));
      expect(answer).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: 40 });
    } finally {
      vi.useRealTimers();
    }
  });

  it('the deadline is counted from the first look at the stage', async () => {
    const check = vi.fn((_: unknown) => wait('looking'));
    await play(check, remembering({ startedAt: START.getTime() - 30_000 }, { timeoutMinutes: 1 }));
    const deadline = new Date(START.getTime() + 30_000);
    expect(check).toHaveBeenCalledTimes(2);
    for (const [input] of check.mock.calls) expect(input).toMatchObject({ deadline });
  });
});

describe('rule 6: pollSeconds', () => {
  it.each([
    [{}, undefined, 30],
    [{ pollSeconds: 1 }, undefined, 1],
    [{ pollSeconds: 900 }, undefined, 900],
    [{ pollSeconds: 60 }, 5, 5],
    [{ pollSeconds: 60 }, 0.2, 1],
    [{ pollSeconds: 60 }, -7, 1],
    [{ pollSeconds: 60 }, 61.5, 62],
    [{ pollSeconds: 60, timeoutMinutes: 1 }, 600, 60],
  ])('%j and a wait of %s seconds: callBackDelay %d', async (details, seconds, callBackDelay) => {
    const check = () => wait('looking', seconds === undefined ? {} : { seconds });
    expect(await rig(probe({ check })).look(withDetails(EVENT, details))).toMatchObject({ callBackDelay });
  });
});

describe('rules 6 and 13: firstDeployment', () => {
  const details = { firstDeployment: 'skip' };

  it('skip: SUCCEEDED without a look when ECS knows no source revision', async () => {
    describesDeployment(aws, []);
    const check = vi.fn(() => fail('bad'));
    const hook = rig(probe({ check }));
    const answer = await hook.look(withDetails(EVENT, details));
    expect(answer).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: 'The first deployment of the service is not checked: firstDeployment is skip',
    });
    expect(
      aws.ecs.commandCalls(DescribeServiceDeploymentsCommand, { serviceDeploymentArns: [EVENT.resourceArn] }),
    ).toHaveLength(1);
    // What the answer leaves behind does not turn it into a later one.
    expect(await hook.look(withDetails(EVENT, answer.hookDetails))).toMatchObject({ hookStatus: 'SUCCEEDED' });
    expect(check).not.toHaveBeenCalled();
  });

  it('skip: checks a later deployment, and asks ECS once for all of its looks', async () => {
    describesDeployment(aws);
    let looks = 0;
    const answers = await play(() => (++looks === 4 ? fail('bad') : wait('looking')), details);
    expect(answers.at(-1)).toMatchObject({ hookStatus: 'FAILED', reason: 'bad' });
    expect(answers).toHaveLength(4);
    expect(aws.calls()).toEqual(['DescribeServiceDeploymentsCommand']);
  });

  it('run: checks the first one, and asks nobody', async () => {
    expect(await play(() => fail('bad'))).toMatchObject([{ hookStatus: 'FAILED', reason: 'bad' }]);
    expect(aws.calls()).toEqual([]);
  });

  it('is not guessed from the event: weights that name one revision prove nothing', async () => {
    describesDeployment(aws);
    const hook = rig(probe({ check: () => fail('bad') }));
    const event = withDetails(
      at('PRODUCTION_TRAFFIC_SHIFT', { [EVENT.executionDetails.targetServiceRevisionArn]: 100 }),
      details,
    );
    expect(await hook.look(event)).toMatchObject({ hookStatus: 'FAILED', reason: 'bad' });
  });

  it('cannot be claimed in hookDetails', async () => {
    const answers = await play(() => succeed('fine'), remembering({ first: true }, details));
    expect(answers).toMatchObject([
      { hookStatus: 'FAILED', reason: expect.stringContaining('_state.first must be false') },
    ]);
  });

  it.each([
    ['ThrottlingException', 'IN_PROGRESS'],
    ['AccessDeniedException', 'FAILED'],
  ])('skip: when ECS answers %s it is %s, never skipped', async (name, hookStatus) => {
    aws.ecs.on(DescribeServiceDeploymentsCommand).rejects(ecsError(name, 'words'));
    const check = vi.fn();
    expect(await rig(probe({ check })).look(withDetails(EVENT, details))).toMatchObject({ hookStatus });
    expect(check).not.toHaveBeenCalled();
  });

  it('skip: when ECS does not know the deployment, it is asked again', async () => {
    aws.ecs.on(DescribeServiceDeploymentsCommand).resolves({ failures: [{ reason: 'MISSING' }] });
    const answer = await rig(probe({})).look(withDetails(EVENT, details));
    expect(answer).toMatchObject({ hookStatus: 'IN_PROGRESS', reason: expect.stringContaining('MISSING') });
    expect(memoryOf(answer)).toMatchObject({ errors: 1 });
    expect(memoryOf(answer)).not.toHaveProperty('first');
  });
});

import { DescribeServiceDeploymentsCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it, vi } from 'vitest';
import { at, withDetails } from '../../library/testing/events.ts';
import { succeed } from '../../shared/verdict.ts';
import { ecsError, mockAws } from '../fixtures/aws.ts';
import { captureOutput } from '../fixtures/output.ts';
import { type ProbeInput, probe, remembering, rig, START } from '../fixtures/probe.ts';
import { processTime } from '../fixtures/process-time.ts';

const aws = mockAws();
const output = captureOutput();
const EVENT = at('POST_TEST_TRAFFIC_SHIFT');

const time = processTime();

describe('the time that a look takes', () => {
  const check = vi.fn(({ clock, log }: ProbeInput) => {
    const first = clock();
    time.ran += 1234.56;
    log.info('clock', { first, last: clock() });
    return succeed('fine');
  });

  it('shows on the clock that the hook is given, in whole milliseconds', async () => {
    await rig(probe({ check })).look(EVENT);
    const { first, last } = output.records().find(({ message }) => message === 'clock') ?? {};
    expect([first, last]).toEqual([START.getTime(), START.getTime() + 1235]);
  });

  it('is in the decision line and the metrics, to a tenth of a millisecond', async () => {
    await rig(probe({ check })).look(EVENT);
    expect(output.decisions()).toMatchObject([{ durationMs: 1234.6 }]);
    expect(output.metrics()).toMatchObject([{ Duration: 1234.6 }]);
  });
});

it('a look that ran out of time is repeated at the deadline, not after it', async () => {
  const details = remembering({ startedAt: START.getTime() - 60_000 }, { timeoutMinutes: 1.25, pollSeconds: 45 });
  const hook = rig(probe({ check: () => new Promise(() => {}) }), { remaining: 1001 });
  expect(await hook.look(withDetails(EVENT, details))).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: 15 });
});

it('damaged hookDetails give up nothing while ECS has not said whether it is a rollback', async () => {
  aws.ecs.on(DescribeServiceDeploymentsCommand).rejects(ecsError('ThrottlingException', 'Rate exceeded'));
  const hook = probe({ onRollback: () => succeed('done'), defaults: { maxErrors: 1 } });
  const answer = await rig(hook).look(withDetails(at('TEST_TRAFFIC_SHIFT', {}), 'Test string'));
  expect(answer).toMatchObject({
    hookStatus: 'IN_PROGRESS',
    callBackDelay: 30,
    reason: 'Could not tell yet (error 1 of 1 in a row): ThrottlingException: Rate exceeded',
  });
  expect(answer).not.toHaveProperty('hookDetails');
});

it('the state of a verdict that does not wait is of no account', async () => {
  const check = () => ({ outcome: 'succeed', reason: 'fine', state: { seen: 'many' } });
  expect(await rig(probe({ check })).look(EVENT)).toMatchObject({ hookStatus: 'SUCCEEDED', reason: 'fine' });
});

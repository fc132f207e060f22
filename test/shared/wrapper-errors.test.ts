import { DescribeServiceDeploymentsCommand } from '@aws-sdk/client-ecs';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it, vi } from 'vitest';
import { answerProblems } from '../../library/testing/answer.ts';
import { at, rollback, withDetails } from '../../library/testing/events.ts';
import { PermanentError } from '../../shared/errors.ts';
import type { HookAnswer } from '../../shared/status.ts';
import { fail, succeed, wait } from '../../shared/verdict.ts';
import { mockAws, ssmError } from '../fixtures/aws.ts';
import { captureOutput } from '../fixtures/output.ts';
import { memoryOf, type ProbeCheck, type ProbeInput, probe, remembering, rig, START } from '../fixtures/probe.ts';

const aws = mockAws();
const output = captureOutput();
const EVENT = at('POST_TEST_TRAFFIC_SHIFT');
/** So little Lambda time that the reserve begins a millisecond after the look does. */
const HURRIED = 1001;

const boom = () => Promise.reject(new Error('boom'));
const delays = (answers: HookAnswer[]) =>
  answers.flatMap((answer) => ('callBackDelay' in answer ? [answer.callBackDelay] : []));

function play(check: ProbeCheck, details: object = {}) {
  return rig(probe({ check })).play(withDetails(EVENT, details));
}

describe('rule 7: trouble that may pass', () => {
  it.each([
    [10, 9, [10, 20, 40, 80, 160, 300, 300, 300]],
    [1, 12, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]],
    [300, 3, [300, 300]],
    [600, 3, [600, 600]],
    [30, 1, []],
  ])(
    'pollSeconds %d, maxErrors %d: asked again after %j seconds, then given up',
    async (pollSeconds, maxErrors, grown) => {
      const answers = await play(boom, { pollSeconds, maxErrors, timeoutMinutes: 1440 });
      expect(delays(answers)).toEqual(grown);
      expect(answers.at(-1)).toMatchObject({
        hookStatus: 'FAILED',
        reason: `Could not tell: gave up after ${maxErrors} error${maxErrors === 1 ? '' : 's'} in a row, the last: boom; onError is fail`,
      });
    },
  );

  it('says which error of how many it was, and counts in the state', async () => {
    const answers = await play(boom, { maxErrors: 3 });
    expect(answers[0]).toMatchObject({ reason: 'Could not tell yet (error 1 of 3 in a row): boom' });
    expect(answers[1]).toMatchObject({ reason: 'Could not tell yet (error 2 of 3 in a row): boom' });
    expect(answers.slice(0, 2).map((answer) => memoryOf(answer).errors)).toEqual([1, 2]);
    expect(output.decisions().map(({ level, trouble }) => ({ level, trouble }))).toEqual(
      Array(3).fill({ level: 'ERROR', trouble: 'boom' }),
    );
    expect(output.metrics()).toMatchObject([{ InProgress: 1, Errors: 1 }, { Errors: 1 }, { Failed: 1, Errors: 1 }]);
  });

  it.each([
    ['fail', 'FAILED'],
    ['succeed', 'SUCCEEDED'],
  ])('onError %s gives up with %s', async (onError, hookStatus) => {
    const answers = await play(boom, { maxErrors: 2, onError, onTimeout: onError === 'fail' ? 'succeed' : 'fail' });
    expect(answers.map((answer) => answer.hookStatus)).toEqual(['IN_PROGRESS', hookStatus]);
    expect(answers.at(-1)?.reason).toMatch(new RegExp(`onError is ${onError}$`));
  });

  it('counts errors in a row: a look that could tell begins anew', async () => {
    let looks = 0;
    const answers = await play(() => (++looks % 3 === 0 ? wait('looking') : boom()), {
      maxErrors: 3,
      pollSeconds: 10,
      timeoutMinutes: 3,
    });
    expect(delays(answers).slice(0, 6)).toEqual([10, 20, 10, 10, 20, 10]);
    expect(answers.at(-1)?.reason).toMatch(/^(Could not tell: gave up after \d errors? in a row|Waited 3 min)/);
  });

  it('keeps the state through an error', async () => {
    const seen: unknown[] = [];
    const answers = await play(
      ({ state }: ProbeInput) => {
        seen.push(state);
        return seen.length === 1 ? wait('looking', { state: { seen: 42 } }) : boom();
      },
      { maxErrors: 2 },
    );
    expect(answers).toHaveLength(3);
    expect(seen).toEqual([undefined, { seen: 42 }, { seen: 42 }]);
  });

  it('counts also what goes wrong before the hook is asked', async () => {
    aws.ecs.on(DescribeServiceDeploymentsCommand).rejects(ssmError('ThrottlingException', 'Rate exceeded'));
    const check = vi.fn();
    const answers = await rig(probe({ check })).play(at('TEST_TRAFFIC_SHIFT', {}));
    expect(delays(answers)).toEqual([30, 60, 120, 240, 300, 300, 300, 300, 300]);
    expect(answers.at(-1)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('10 errors in a row'),
    });
    expect(check).not.toHaveBeenCalled();
  });

  it('does not go on past timeoutMinutes', async () => {
    const hook = rig(probe({ check: boom }));
    const answers = await hook.play(withDetails(EVENT, { timeoutMinutes: 5, maxErrors: 1000, pollSeconds: 60 }));
    expect(answers.at(-1)?.hookStatus).toBe('FAILED');
    // The third delay would be 240 s; the last look is at the end, and gives up.
    expect(delays(answers)).toEqual([60, 120, 120]);
  });

  it.each<[string, ProbeCheck, string]>([
    [
      'throttling',
      () => Promise.reject(ssmError('ThrottlingException', 'Rate exceeded', 400, 3)),
      'ThrottlingException: Rate exceeded (after 3 attempts)',
    ],
    ['a server error', () => Promise.reject(ssmError('InternalServerError', 'oops', 500)), 'InternalServerError: oops'],
    ["a hook's bug", ({ config }: ProbeInput) => JSON.parse(`${config.threshold}}`), 'SyntaxError: '],
    [
      'a synchronous throw',
      () => {
        throw new RangeError('far');
      },
      'RangeError: far',
    ],
    ['a thrown string', () => Promise.reject('words'), 'thrown words'],
    ['a thrown nothing', () => Promise.reject(), 'thrown undefined'],
    ['no verdict', () => undefined, "Error: The probe hook's check returned no verdict"],
    ['a huge thing that is no verdict', () => ({ outcome: 'x'.repeat(900) }), 'returned no verdict: {"outcome":"xxx'],
    [
      'an unknown outcome',
      () => ({ outcome: 'maybe', reason: 'x' }),
      'returned no verdict: {"outcome":"maybe","reason":"x"}',
    ],
    ['a verdict without a reason', () => ({ outcome: 'succeed' }), 'returned no verdict: {"outcome":"succeed"}'],
    ['a verdict with an empty reason', () => succeed(' '), 'returned no verdict'],
    ['seconds as text', () => ({ outcome: 'wait', reason: 'x', seconds: '5' }), 'returned no verdict'],
    ['a state of another form', () => wait('x', { state: { seen: 'many' } }), 'state is not what its schema says'],
    ['a state that JSON cannot hold', () => wait('x', { state: { seen: 1n } }), 'TypeError: '],
  ])('%s is IN_PROGRESS, never SUCCEEDED', async (_, check, words) => {
    const answer = await rig(probe({ check })).look(EVENT);
    expect(answer).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: 30 });
    expect(answer.reason).toContain(words.replace(/^Error: /, ''));
    expect(answer.reason.length).toBeLessThan(300);
  });
});

describe('rule 7: trouble that no retry mends is FAILED at once', () => {
  it.each<[Error, string]>([
    [
      ssmError('AccessDeniedException', 'User: x is not authorized to perform: ssm:GetParameter on resource: y'),
      'AccessDeniedException: User: x is not authorized to perform: ssm:GetParameter on resource: y',
    ],
    [ssmError('ParameterNotFound', 'no /ecs-hooks/x'), 'ParameterNotFound: no /ecs-hooks/x'],
    [ssmError('ValidationException', 'bad name'), 'ValidationException: bad name'],
    [new PermanentError('no queue of that name: orders'), 'no queue of that name: orders'],
  ])('%s', async (error, reason) => {
    expect(await play(() => Promise.reject(error), { onError: 'succeed' })).toMatchObject([
      { hookStatus: 'FAILED', reason },
    ]);
    expect(output.metrics()).toMatchObject([{ Failed: 1, Errors: 1 }]);
  });
});

describe('rule 8: before the Lambda ends, the answer is IN_PROGRESS with unchanged state', () => {
  const before = { looks: 5, errors: 2, state: { seen: 42 } };
  const details = remembering(before, { pollSeconds: 45 });
  const hang = () => new Promise<never>(() => {});

  it.each<[string, ProbeCheck]>([
    ['hangs', hang],
    [
      'throws at the deadline',
      ({ signal }: ProbeInput) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(ssmError('AccessDeniedException', 'too late to count')));
        }),
    ],
    [
      'decides at the deadline',
      ({ signal }: ProbeInput) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(fail('too late to count')));
        }),
    ],
    [
      'has changed what it was given',
      ({ state }: ProbeInput) => {
        if (state !== undefined) state.seen = 0;
        return hang();
      },
    ],
  ])('a check that %s', async (_, check) => {
    const answer = await rig(probe({ check }), { remaining: HURRIED }).look(withDetails(EVENT, details));
    expect(answer).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: 'DeadlineError: The function ran out of time before it could tell; it looks again',
      callBackDelay: 45,
      hookDetails: { pollSeconds: 45 },
    });
    expect(memoryOf(answer)).toMatchObject({ ...before, looks: 6, startedAt: START.getTime() });
  });

  it.each([0, 500, 1000])('also when only %d ms are left at the beginning', async (remaining) => {
    expect(await rig(probe({ check: hang }), { remaining }).look(EVENT)).toMatchObject({ hookStatus: 'IN_PROGRESS' });
  });

  it('the signal is aborted by then, so that calls stop', async () => {
    let signal: AbortSignal | undefined;
    const check = (input: ProbeInput) => {
      signal = input.signal;
      expect(signal.aborted).toBe(false);
      return hang();
    };
    await rig(probe({ check }), { remaining: HURRIED }).look(EVENT);
    expect(signal?.aborted).toBe(true);
  });

  it('a signal of one look does not end the next', async () => {
    const hook = rig(probe({ check: ({ state }: ProbeInput) => (state === undefined ? hang() : succeed('in time')) }), {
      remaining: HURRIED,
    });
    await hook.look(EVENT);
    expect(await hook.look(withDetails(EVENT, details))).toMatchObject({ hookStatus: 'SUCCEEDED', reason: 'in time' });
  });

  it('does not end a look that has the time', async () => {
    const check = () => new Promise((resolve) => setImmediate(() => resolve(succeed('in time'))));
    expect(await rig(probe({ check }), { remaining: 60_000 }).look(EVENT)).toMatchObject({ reason: 'in time' });
  });

  it('covers the framework itself: a HOOK_POLICY that hangs', async () => {
    aws.ssm.on(GetParameterCommand).callsFake(hang);
    const hook = rig(probe({ check: () => succeed('fine') }), {
      remaining: HURRIED,
      env: { HOOK_POLICY: 'ssm:/platform/hangs' },
    });
    const answer = await hook.look(withDetails(EVENT, details));
    expect(answer).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: 30 });
    expect(memoryOf(answer)).toMatchObject({ ...before, looks: 6 });
  });

  it.each([
    ['fail', 'FAILED'],
    ['succeed', 'SUCCEEDED'],
  ])('exactly after timeoutMinutes onTimeout %s counts here too', async (onTimeout, hookStatus) => {
    const late = remembering({ startedAt: START.getTime() - 60 * 60_000 }, { onTimeout });
    const answer = await rig(probe({ check: hang }), { remaining: HURRIED }).look(withDetails(EVENT, late));
    expect(answer).toMatchObject({
      hookStatus,
      reason: expect.stringMatching(/^Waited 1 h \(timeoutMinutes\): .*ran out of time/),
    });
  });
});

describe('rule 9: the answer is valid, and nothing is thrown', () => {
  it.each<[string, ProbeCheck]>([
    ['a reason of many lines', () => fail('one\r\ntwo\u2028three\u0000')],
    ['a huge reason', () => fail('🦄'.repeat(1_000_000))],
    ['a reason of control characters', () => fail('\u0000\u0001')],
    ['half a character', () => fail(`${'x'.repeat(998)}🦄 and more`)],
    ['NaN seconds', () => wait('x', { seconds: Number.NaN })],
    ['endless seconds', () => wait('x', { seconds: Number.POSITIVE_INFINITY })],
    ['a huge error', () => Promise.reject(new Error('x\n'.repeat(1_000_000)))],
    ['an error without words', () => Promise.reject(new PermanentError(''))],
    ['evidence that JSON cannot hold', () => ({ ...fail('bad'), evidence: { n: 1n } })],
    [
      'evidence that throws',
      () => ({
        ...fail('bad'),
        evidence: {
          toJSON: () => {
            throw new Error('no');
          },
        },
      }),
    ],
  ])('with %s', async (_, check) => {
    const answer = await rig(probe({ check })).look(EVENT);
    expect(answerProblems(answer)).toEqual([]);
    expect(answer.hookStatus).not.toBe('SUCCEEDED');
    expect(answer.reason).toBe(answer.reason.toWellFormed());
    const { hookStatus: status, reason } = answer;
    expect(output.decisions()).toMatchObject([{ hook: 'probe', service: 'ui', status, reason }]);
  });

  it.each([
    [EVENT, 'FAILED'],
    [rollback(), 'SUCCEEDED'],
  ])('with an error that throws when it is looked at', async (event, hookStatus) => {
    const hostile = Object.defineProperty(new Error(), 'message', {
      get: () => {
        throw new Error('no words');
      },
    });
    const hook = rig(probe({ check: () => Promise.reject(hostile), onRollback: () => Promise.reject(hostile) }));
    expect(await hook.look(event)).toEqual({ hookStatus, reason: 'Internal error of the probe hook: no words' });
  });
});

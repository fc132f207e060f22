import { describe, expect, it, vi } from 'vitest';
import { at } from '../../library/testing/events.ts';
import { PermanentError } from '../../shared/errors.ts';
import type { AnyHook } from '../../shared/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { fail, succeed } from '../../shared/verdict.ts';
import { captureOutput } from '../fixtures/output.ts';
import { probe, START } from '../fixtures/probe.ts';
import { processTime } from '../fixtures/process-time.ts';
import { COMPLETED, HOOK_EVENT } from '../hooks/consumer-switch-events.ts';

type Take = NonNullable<AnyHook['onServiceEvent']>;
type Context = Parameters<ReturnType<typeof lambdaHandler>>[1];

const output = captureOutput();

const time = processTime();

function listening(onServiceEvent: Take = async () => succeed('noted')): AnyHook {
  return { ...probe({ check: () => succeed('fine') }), onServiceEvent };
}

function invoke(hook: AnyHook, event: unknown = COMPLETED, context?: Context) {
  return lambdaHandler(hook, { now: () => START, env: {} })(event, context);
}

describe('an event is taken for one of EventBridge', () => {
  it.each([
    ['of a deployment', COMPLETED, 'noted'],
    ['of a hook', HOOK_EVENT, 'noted'],
    ['that is one of ECS itself: not', at('POST_TEST_TRAFFIC_SHIFT'), 'fine'],
    [
      'that is one of ECS itself, whatever else it holds: not',
      { ...at('POST_TEST_TRAFFIC_SHIFT'), 'detail-type': 'ECS Deployment State Change' },
      'fine',
    ],
  ])('%s', async (_, event, reason) => {
    expect(await invoke(listening(), event)).toMatchObject({ hookStatus: 'SUCCEEDED', reason });
  });

  it.each([[{}], [null], [[]], ['x'], [{ ...COMPLETED, 'detail-type': 7 }]])('%j: not', async (event) => {
    expect(await invoke(listening(), event)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('Not an ECS lifecycle event'),
    });
  });

  it('not where the hook asks for none', async () => {
    expect(await invoke(probe({}))).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('Not an ECS lifecycle event'),
    });
  });
});

describe('an event that is malformed', () => {
  it.each([
    ['no source', { ...COMPLETED, source: undefined }, 'event.source is missing (string expected)'],
    ['a source that is none', { ...COMPLETED, source: 7 }, 'event.source must be of type string, not 7'],
    ['another source', { ...COMPLETED, source: 'aws.ec2' }, 'event.source is "aws.ec2"'],
  ])('with %s is told of, and the hook not asked', async (_, event, problem) => {
    const take = vi.fn();
    const reason = `Not an ECS service event: ${problem}`;
    expect(await invoke(listening(take), event)).toEqual({ hookStatus: 'FAILED', reason });
    expect(take).not.toHaveBeenCalled();
    expect(output.decisions()).toMatchObject([{ service: 'unknown', status: 'FAILED', reason, trouble: reason }]);
  });
});

describe('the time that is left', () => {
  const times = vi.fn<Take>(async ({ timeLeft, clock }) => {
    const first = [timeLeft(), clock()];
    time.ran += 1234.56;
    return succeed('noted', { first, last: [timeLeft(), clock()] });
  });

  it.each<[string, Context, number]>([
    ["is the function's but for a second", { getRemainingTimeInMillis: () => 60_000 }, 59_000],
    ['is at least a moment', { getRemainingTimeInMillis: () => 500 }, 1],
    ['is a quarter of an hour where nobody says it', undefined, 899_000],
  ])('%s, and grows less', async (_, context, left) => {
    await invoke(listening(times), COMPLETED, context);
    const [decision] = output.decisions();
    expect(decision?.evidence).toEqual({
      first: [left, START.getTime()],
      last: [expect.closeTo(left - 1234.56), START.getTime() + 1235],
    });
  });
});

describe('an event is counted and told of', () => {
  it.each<[string, Take, object, object]>([
    ['when it succeeds', async () => succeed('noted'), { level: 'INFO', status: 'SUCCEEDED' }, { Succeeded: 1 }],
    [
      'when it fails',
      async () => fail('by hand'),
      { level: 'ERROR', status: 'FAILED', trouble: 'by hand' },
      { Failed: 1, Errors: 1 },
    ],
    [
      'when it throws for good',
      () => Promise.reject(new PermanentError('gone')),
      { level: 'ERROR', status: 'FAILED', trouble: 'gone' },
      { Failed: 1, Errors: 1 },
    ],
  ])('%s', async (_, take, decision, counted) => {
    const timed: Take = (input) => {
      time.ran += 1234.56;
      return take(input);
    };
    await invoke(listening(timed));
    const told = { event: 'ECS Deployment State Change', eventName: 'SERVICE_DEPLOYMENT_COMPLETED', service: 'ui' };
    expect(output.decisions()).toMatchObject([{ hook: 'probe', ...told, ...decision, durationMs: 1234.6 }]);
    const [{ _aws, ...metrics } = {}] = output.metrics();
    expect(metrics).toEqual({
      service: 'ecs-lifecycle-hooks',
      hook: 'probe',
      stage: 'service-event',
      Duration: 1234.6,
      ...counted,
    });
  });
});

it('what may pass is told of, and thrown, so that Lambda tries again', async () => {
  await expect(invoke(listening(() => Promise.reject(new Error('boom'))))).rejects.toThrow('boom');
  expect(output.decisions()).toMatchObject([{ status: 'FAILED', trouble: 'boom' }]);
});

it('the hook is given its function, without version or alias, and its configuration', async () => {
  const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:probe';
  const take: Take = async ({ functionArn, configure }) =>
    succeed('noted', { functionArn, config: await configure({ threshold: 7 }) });
  for (const invokedFunctionArn of [ARN, `${ARN}:live`])
    await invoke(listening(take), COMPLETED, { invokedFunctionArn });
  const evidence = { functionArn: ARN, config: expect.objectContaining({ threshold: 7, mode: 'enforce' }) };
  expect(output.decisions()).toMatchObject([{ evidence }, { evidence }]);
});

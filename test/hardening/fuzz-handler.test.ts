import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answerProblems } from '../../library/testing/answer.ts';
import { at, EVENT_FIXTURES, withDetails } from '../../library/testing/events.ts';
import { EventError } from '../../shared/errors.ts';
import { looksLikeRollback, parseEvent, parseHookDetails } from '../../shared/event.ts';
import type { AnyHook } from '../../shared/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { isServiceEvent } from '../../shared/service-event.ts';
import type { HookAnswer } from '../../shared/status.ts';
import { rig, START } from '../fixtures/probe.ts';
import { anyJson, anyText, mutationsOf } from './fuzz/arbitraries.ts';
import { awsError, replaceAws } from './fuzz/aws.ts';
import { fuzz, PATIENCE_MS } from './fuzz/cases.ts';
import { configurationsOf, HOOKS, strictOf } from './fuzz/hooks.ts';
import { takeOutput } from './fuzz/output.ts';
import { DEPLOYMENT_STATE_CHANGE, HOOK_STATE_CHANGE } from './fuzz/service-events.ts';

const aws = replaceAws();
const output = takeOutput();

const hooks = fc.constantFrom(...HOOKS);
const fixtures = EVENT_FIXTURES.map(({ event }) => event);
const valid = fc.constantFrom(...fixtures);

/** AWS in its worst moods; where it answers at all, with nothing in it. */
const moods = fc.constantFrom(
  awsError('ThrottlingException', 'Rate exceeded', 400),
  awsError('AccessDeniedException', 'User: x is not authorized to perform: y', 400),
  awsError('ParameterNotFound', 'no such parameter', 400),
  awsError('InternalServerError', 'try again', 500),
  Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
  'empty' as const,
);
type Mood = typeof moods extends fc.Arbitrary<infer T> ? T : never;

function inMood(mood: Mood): void {
  aws.answer = () => {
    if (mood === 'empty') return {};
    throw mood;
  };
}

/** One look: whatever comes in, one valid answer goes out, and one decision line says the same. */
async function look(hook: AnyHook, event: unknown, env: NodeJS.ProcessEnv): Promise<HookAnswer> {
  output();
  const answer = await rig(hook, { env }).look(event);
  expect(answerProblems(answer)).toEqual([]);
  const [decision, ...others] = output().filter(({ message }) => message === 'decision');
  expect(others).toEqual([]);
  expect(decision).toMatchObject({ hook: hook.name, status: answer.hookStatus, reason: answer.reason });
  return answer;
}

const strict = (hook: AnyHook) => ({ HOOK_POLICY: JSON.stringify(strictOf(hook)) });

it(
  'a damaged event is answered, and passes only as a rollback',
  () => {
    const events = fc.oneof({ weight: 9, arbitrary: mutationsOf(valid) }, { weight: 1, arbitrary: anyJson });
    const cases = fc.record({ hook: hooks, event: events, mood: moods });
    return fuzz('events to the hooks', cases, ['SUCCEEDED', 'FAILED', 'IN_PROGRESS'], async ({ hook, event, mood }) => {
      inMood(mood);
      fc.pre(!isServiceEvent(event));
      const { hookStatus, reason } = await look(hook, event, strict(hook));
      const isRead = readable(event);
      if (hookStatus === 'SUCCEEDED' && !looksLikeRollback(event)) {
        // Nothing was asked of AWS that could have told otherwise: only a hook that has nothing to do may pass.
        expect(isRead).toBe(true);
        expect(reason).toMatch(NOTHING_TO_DO);
      }
      if (!isRead && !looksLikeRollback(event)) expect(hookStatus).toBe('FAILED');
      return hookStatus;
    });
  },
  PATIENCE_MS,
);

/** What an empty AWS may be passed with. */
const NOTHING_TO_DO = /^No load yet: at TEST_TRAFFIC_SHIFT/;

function readable(event: unknown): boolean {
  try {
    parseEvent(event);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(EventError);
    return false;
  }
}

const atItsStage = hooks.chain((hook) =>
  fc.record({ hook: fc.constant(hook), event: fc.constantFrom(...hook.stages).map((stage) => at(stage)) }),
);

it(
  'hookDetails of any kind are answered, and none lets a deployment pass that was not looked at',
  () => {
    const cases = atItsStage.chain(({ hook, event }) => {
      const details = mutationsOf(configurationsOf(hook));
      const anyDetails = fc.oneof(
        { weight: 6, arbitrary: details },
        { weight: 2, arbitrary: details.map((value) => JSON.stringify(value)) },
        { weight: 2, arbitrary: fc.oneof(anyJson, anyText) },
      );
      return fc.record({
        hook: fc.constant(hook),
        event: fc.constant(event),
        details: anyDetails,
        mood: moods,
        isFloor: fc.boolean(),
      });
    });
    const outcomes = ['SUCCEEDED', 'FAILED', 'IN_PROGRESS', 'unreadable'] as const;
    return fuzz('hookDetails to the hooks', cases, outcomes, async ({ hook, event, details, mood, isFloor }) => {
      inMood(mood);
      const sent = withDetails(event, details);
      const { HOOK_POLICY } = strict(hook);
      const { hookStatus, reason } = await look(hook, sent, isFloor ? { HOOK_POLICY } : { HOOK_DEFAULTS: HOOK_POLICY });
      // Where the platform team has no word in it, an operator may choose to pass, by name.
      const isChosen = !isFloor && /audit|succeed/.test(JSON.stringify(details));
      if (hookStatus === 'SUCCEEDED' && !isChosen) expect(reason).toMatch(NOTHING_TO_DO);
      try {
        parseHookDetails(sent);
      } catch {
        expect(hookStatus).toBe('FAILED');
        return 'unreadable';
      }
      return hookStatus;
    });
  },
  PATIENCE_MS,
);

it(
  'a state that was tampered with is answered, and never by a pass',
  () => {
    const memory = fc.record({
      looks: fc.nat(50),
      errors: fc.nat(20),
      startedAt: fc.integer({ min: -100, max: 100 }).map((minutes) => START.getTime() - minutes * 60_000),
      state: fc.oneof(fc.constantFrom(...STATES), anyJson),
    });
    const cases = atItsStage.chain(({ hook, event }) => {
      const base = { v: 1, deployment: parseEvent(event).deploymentId, step: stepNamed(event) };
      const kept = mutationsOf(
        memory.map((own) => ({ ...base, ...own })),
        2,
      );
      const state = fc.oneof(
        kept,
        kept.map((value) => JSON.stringify(value)),
        anyText,
      );
      return fc.record({ hook: fc.constant(hook), event: fc.constant(event), state, mood: moods });
    });
    return fuzz('damaged states to the hooks', cases, ['FAILED', 'IN_PROGRESS', 'damaged'], async (one) => {
      const { hook, event, state, mood } = one;
      inMood(mood);
      const { hookStatus, reason } = await look(hook, withDetails(event, { _state: state }), strict(hook));
      if (hookStatus === 'SUCCEEDED') expect(reason).toMatch(NOTHING_TO_DO);
      if (reason.startsWith('Damaged state: ')) return 'damaged';
      return hookStatus === 'SUCCEEDED' ? 'FAILED' : hookStatus;
    });
  },
  PATIENCE_MS,
);

/** What the hooks themselves keep, each at some moment of its work. */
const STATES = [
  { notices: 1, request: 1, openedAt: START.getTime() },
  { missing: 2, notices: 0 },
  { run: 1 },
  { run: 1, taskArn: 'arn:aws:ecs:eu-west-1:123456789012:task/unicorn-watch/0123456789abcdef' },
  {
    firstLook: START.getTime(),
    cleared: { version: 2, at: START.getTime() },
    drain: { zeros: 1, at: START.getTime() },
  },
  {
    step: 100,
    task: { kind: 'hold', from: START.getTime() - 600_000, to: START.getTime(), weight: 100, of: 1 },
    sides: { green: { revision: '1' }, blue: { revision: '2' } },
    before: START.getTime() - 600_000,
  },
];

function stepNamed(event: unknown): string {
  const { stage, targetWeight } = parseEvent(event);
  return /PRODUCTION_TRAFFIC_SHIFT$/.test(stage) && targetWeight !== undefined ? `${stage}-${targetWeight}` : stage;
}

it(
  'an event of EventBridge is answered, or thrown back for a retry where AWS is in trouble',
  () => {
    const real = mutationsOf(fc.constantFrom<object>(DEPLOYMENT_STATE_CHANGE, HOOK_STATE_CHANGE), 3);
    const cases = fc.record({ hook: hooks, event: real, mood: moods });
    return fuzz('EventBridge events to the hooks', cases, ['SUCCEEDED', 'FAILED', 'thrown'], async (one) => {
      inMood(one.mood);
      output();
      const context = {
        invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:consumer-switch',
        getRemainingTimeInMillis: () => 3000,
      };
      const handler = lambdaHandler(one.hook, { now: () => START, env: {} });
      const answer = await handler(one.event, context).catch((error: unknown) => error);
      expect(output().filter(({ message }) => message === 'decision')).toHaveLength(1);
      if (answer instanceof Error) {
        expect(one.hook.onServiceEvent !== undefined && isServiceEvent(one.event)).toBe(true);
        expect(answer).toBe(one.mood === 'empty' ? answer : one.mood);
        expect(answer.name).not.toMatch(/TypeError|RangeError|EventError/);
        return 'thrown';
      }
      expect(answerProblems(answer)).toEqual([]);
      return (answer as HookAnswer).hookStatus === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED'; // as the line above says
    });
  },
  PATIENCE_MS,
);

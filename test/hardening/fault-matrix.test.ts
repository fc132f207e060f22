import '../hooks/quiet.ts';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { hook as consumerSwitch } from '../../hooks/consumer-switch/hook.ts';
import { ssm } from '../../shared/aws/ssm.ts';
import { describeError } from '../../shared/errors.ts';
import { type AnyHook, defineHook } from '../../shared/hook.ts';
import { fail, succeed, type Verdict, wait } from '../../shared/verdict.ts';
import { FAULT_KINDS } from '../../simulator/aws/faults.ts';
import { hookIds } from '../fixtures/sources.ts';
import { MATRIX_FAULTS } from './matrix/faults.ts';
import { SUBJECTS } from './matrix/hooks.ts';
import { runMatrix } from './matrix/run.ts';
import { type Told, telling } from './matrix/told.ts';
import { account, isNotice, MAX_ERRORS, type Scene, StaticEcs, type Visit, type World } from './matrix/world.ts';
import { CONSUMER_SWITCH_NET_WORLDS } from './matrix/worlds/consumer-switch-net.ts';

it('has worlds for every hook, and every stage that a hook declares', () => {
  expect(SUBJECTS.map(({ hook }) => hook.name)).toEqual(hookIds());
  for (const { hook, worlds } of SUBJECTS) {
    const visited = worlds.flatMap(({ begin }) =>
      begin().visits.flatMap((visit) => (isNotice(visit) ? [] : [visit.stage])),
    );
    expect(visited, hook.name).toEqual(expect.arrayContaining([...hook.stages]));
    const outcomes = worlds.map(({ expected }) => expected);
    expect(outcomes, hook.name).toEqual(expect.arrayContaining(['SUCCEEDED', 'FAILED']));
    if (hook.onRollback !== undefined) expect(outcomes, hook.name).toContain('rollback');
    const visits = worlds.flatMap(({ begin }) => begin().visits);
    expect(visits.some(isNotice), hook.name).toBe(hook.onServiceEvent !== undefined);
    const orders = new Set(worlds.flatMap(({ told = [] }) => told));
    // consumer-switch refuses both: no revision would consume.
    const all = hook.name === 'consumer-switch' ? ['audit'] : ['onError', 'onTimeout', 'audit'];
    expect(orders, hook.name).toEqual(new Set(all));
  }
});

it('injects every kind of fault that the endpoint has', () => {
  expect(new Set(MATRIX_FAULTS.map(({ effect }) => effect.kind))).toEqual(new Set(FAULT_KINDS));
});

/** A hook that reads one parameter, and how it takes what it reads. */
function reader(check: (read: () => Promise<string | undefined>) => Promise<Verdict<never>>): AnyHook {
  return defineHook({
    name: 'reader',
    summary: 'A parameter says that the deployment may go on.',
    stages: ['PRE_SCALE_UP'],
    config: z.strictObject({}),
    state: z.strictObject({}),
    permissions: ['ssm:GetParameter'],
    check: ({ signal }) =>
      check(async () => {
        const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/go' }), { abortSignal: signal });
        return Parameter?.Value;
      }),
  });
}

function readerWorld(value: 'yes' | 'no'): World {
  const visit: Visit = { stage: 'PRE_SCALE_UP' };
  const begin = (): Scene => {
    const ecs = new StaticEcs();
    const aws = account(ecs);
    aws.parameters.put({ name: '/go', value, type: 'String', overwrite: true }, 'platform');
    return { aws, ecs, hookDetails: { maxErrors: MAX_ERRORS, timeoutMinutes: 5 }, visits: [visit] };
  };
  return { hook: 'reader', name: value, expected: value === 'yes' ? 'SUCCEEDED' : 'FAILED', timeoutMinutes: 5, begin };
}

const WORLDS = [readerWorld('yes'), readerWorld('no')];
const judged = (value: string | undefined) => (value === 'yes' ? succeed('it says yes') : fail(`it says ${value}`));

it.each<[string, (read: () => Promise<string | undefined>) => Promise<Verdict<never>>, RegExp | undefined]>([
  ['lets trouble be answered by the framework', async (read) => judged(await read()), undefined],
  [
    'takes trouble for consent',
    (read) => read().then(judged, () => succeed('nobody objects')),
    /SUCCEEDED, though it must fail/,
  ],
  [
    'takes trouble for refusal',
    (read) => read().then(judged, () => fail('ssm:GetParameter did not say yes')),
    /a fault that passes changed the outcome/,
  ],
  [
    'refuses without a cause',
    (read) => read().then(judged, (error) => (isPassing(error) ? Promise.reject(error) : fail('no'))),
    /FAILED without naming the cause/,
  ],
  [
    'waits for ever, but for the framework',
    (read) => read().then(judged, () => wait('it may say so yet')),
    /FAILED without naming the cause: Waited 5 min/,
  ],
])('tells that a hook %s', { timeout: 120_000 }, async (_, check, violation) => {
  const { cases, violations } = await runMatrix(reader(check), WORLDS);

  expect(cases).toBe(2 * 2 * MATRIX_FAULTS.length);
  const told = violations.map(({ what }) => what);
  if (violation === undefined) expect(violations).toEqual([]);
  else expect(told).toContainEqual(expect.stringMatching(violation));
});

function isPassing(error: unknown): boolean {
  return !(error instanceof Error) || !/AccessDenied|NotFound/.test(error.name);
}

type Net = NonNullable<AnyHook['onServiceEvent']>;
const { onServiceEvent: mend = () => Promise.reject(new Error('no net')) } = consumerSwitch;
const NET_WORLDS = CONSUMER_SWITCH_NET_WORLDS.filter(({ name }) => name.endsWith('completed, and nobody is named'));

it.each<[string, Net, RegExp]>([
  [
    'takes trouble for done',
    (input) => mend(input).catch(() => succeed('nobody complains')),
    /SUCCEEDED, and none is named: nobody complains/,
  ],
  [
    'tells trouble to nobody',
    (input) => mend(input).catch((error: unknown) => fail(describeError(error))),
    /so that Lambda will not try again/,
  ],
  [
    'throws what no retry mends',
    (input) => mend(input).catch((error: unknown) => Promise.reject(new Error(describeError(error)))),
    /threw what no retry mends: .*AccessDeniedException/,
  ],
])('tells that a safety net %s', { timeout: 120_000 }, async (_, onServiceEvent, violation) => {
  const { cases, violations } = await runMatrix({ ...consumerSwitch, onServiceEvent }, NET_WORLDS);

  expect(cases).toBeGreaterThan(200);
  expect(violations.map(({ what }) => what)).toContainEqual(expect.stringMatching(violation));
});

const HONEST = async (read: () => Promise<string | undefined>) => judged(await read());
/** What it says in place of an answer that it did not get. */
const saying = (verdict: Verdict<never>) => (read: () => Promise<string | undefined>) =>
  read().then(judged, () => verdict);

it.each<[string, Told, typeof HONEST, RegExp | undefined]>([
  ['gives up when it may', 'onError', HONEST, undefined],
  ['waits as long as it must', 'onTimeout', HONEST, undefined],
  ['looks on', 'audit', HONEST, undefined],
  ['passes before it gave up', 'onError', saying(succeed('nobody objects')), /SUCCEEDED, and not because it gave up/],
  ['refuses though it is told to pass', 'onError', saying(fail('it gave up')), /FAILED all the same/],
  ['passes too soon', 'onTimeout', saying(succeed('over; onTimeout is succeed')), /before timeoutMinutes were over/],
  ['passes without a word', 'audit', saying(succeed('nobody objects')), /SUCCEEDED without a word of audit mode/],
])('tells that a hook with such orders %s', { timeout: 120_000 }, async (_, told, check, violation) => {
  const { violations } = await runMatrix(reader(check), [telling(told, readerWorld('no'))]);

  if (violation === undefined) expect(violations).toEqual([]);
  else expect(violations.map(({ what }) => what)).toContainEqual(expect.stringMatching(violation));
});

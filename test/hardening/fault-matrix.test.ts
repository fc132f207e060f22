import '../hooks/quiet.ts';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { ssm } from '../../shared/aws/ssm.ts';
import { type AnyHook, defineHook } from '../../shared/hook.ts';
import { fail, succeed, type Verdict, wait } from '../../shared/verdict.ts';
import { FAULT_KINDS } from '../../simulator/aws/faults.ts';
import { hookIds } from '../fixtures/sources.ts';
import { MATRIX_FAULTS } from './matrix/faults.ts';
import { SUBJECTS } from './matrix/hooks.ts';
import { runMatrix } from './matrix/run.ts';
import { account, MAX_ERRORS, type Scene, StaticEcs, type Visit, type World } from './matrix/world.ts';

it('has worlds for every hook, and every stage that a hook declares', () => {
  expect(SUBJECTS.map(({ hook }) => hook.name)).toEqual(hookIds());
  for (const { hook, worlds } of SUBJECTS) {
    const visited = worlds.flatMap(({ begin }) => begin().visits.map(({ stage }) => stage));
    expect(visited, hook.name).toEqual(expect.arrayContaining([...hook.stages]));
    const outcomes = worlds.map(({ expected }) => expected);
    expect(outcomes, hook.name).toEqual(expect.arrayContaining(['SUCCEEDED', 'FAILED']));
    if (hook.onRollback !== undefined) expect(outcomes, hook.name).toContain('rollback');
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

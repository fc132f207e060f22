import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerProblems } from '../../library/testing/answer.ts';
import {
  at,
  type EcsEvent,
  EVENT_FIXTURES,
  eventFixture,
  rollback,
  withDetails,
} from '../../library/testing/events.ts';
import { ECS_READINGS } from '../../library/testing/readings.ts';
import type { JsonObject } from '../../shared/schema.ts';
import { HOOK_STAGES } from '../../shared/stages.ts';
import { succeed, wait } from '../../shared/verdict.ts';
import { describesDeployment, mockAws } from '../fixtures/aws.ts';
import { captureOutput } from '../fixtures/output.ts';
import {
  looseProbe,
  memoryOf,
  type ProbeCheck,
  type ProbeInput,
  probe,
  remembering,
  rig,
  START,
} from '../fixtures/probe.ts';

const aws = mockAws();
const output = captureOutput();

// Through JSON once: -0 does not survive it.
const json = fc.jsonValue({ maxDepth: 3 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
const valid = fc.constantFrom(...EVENT_FIXTURES.map(({ event }) => event));

/** A valid event with the value at one place of it, any depth, replaced by something else or taken away. */
const mutated = fc.tuple(valid, fc.nat(), fc.option(json, { nil: undefined })).map(([event, place, value]) => {
  const copy: unknown = JSON.parse(JSON.stringify(event));
  const places: (() => void)[] = [];
  walk(copy, (parent, key) => places.push(() => Object.assign(parent, { [key]: value })));
  places[place % places.length]?.();
  return copy;
});

const memory = fc.oneof(
  fc.record({ state: fc.option(json, { nil: undefined }), errors: fc.integer({ min: -1, max: 20 }), looks: fc.nat() }),
  fc.record({ startedAt: fc.oneof(fc.maxSafeInteger(), fc.double()) }),
  fc.record({ state: fc.record({ seen: fc.integer() }) }),
);
const backAgain = fc.record({
  step: fc.constantFrom('PRODUCTION_TRAFFIC_SHIFT-rollback', 'TEST_TRAFFIC_SHIFT-rollback'),
  startedAt: fc.maxSafeInteger(),
  errors: fc.nat({ max: 20 }),
});
const details = fc.oneof(
  json,
  json.map((value) => JSON.stringify(value)),
  fc.oneof(memory, backAgain).map((fields) => remembering(fields)),
);
const detailed = fc.tuple(valid, details).map(([event, hookDetails]) => withDetails(event, hookDetails));
const anyEvent = fc.oneof(json, valid, mutated, detailed, fc.constant(undefined));

const circular: Record<string, unknown> = { seen: 1 };
circular.self = circular;
const odd = fc.constantFrom<unknown>(
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1n,
  Symbol('x'),
  () => 1,
  circular,
  new Map(),
  new Date(Number.NaN),
);
const anything = fc.oneof(json, odd);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', ' ', '\n', '\u0000', '\u2028', 'x'.repeat(5000), '🦄'.repeat(1000)),
);

const verdict = fc.oneof(
  anything,
  fc.record(
    { outcome: fc.constantFrom('succeed', 'fail', 'wait'), reason: text, evidence: anything },
    { requiredKeys: ['outcome'] },
  ),
  fc.record({
    outcome: fc.constant('wait'),
    reason: text,
    seconds: fc.oneof(fc.double(), fc.integer(), anything),
    state: fc.oneof(anything, fc.record({ seen: fc.integer() })),
  }),
);
const thrown = fc.oneof(
  anything,
  text.map((message) => new Error(message)),
  text.map((message) => Object.assign(new Error(message), { name: message, $metadata: { attempts: 3 } })),
  fc.record({ name: text, $metadata: anything, code: anything }).map((fields) => Object.assign(new Error('x'), fields)),
);

/** What a check may do: return, throw at once, reject, or never settle. */
const behaviour: fc.Arbitrary<ProbeCheck> = fc.oneof(
  { weight: 4, arbitrary: verdict.map((value) => () => value) },
  { weight: 2, arbitrary: verdict.map((value) => () => Promise.resolve(value)) },
  { weight: 2, arbitrary: thrown.map((value) => () => Promise.reject(value)) },
  {
    weight: 1,
    arbitrary: thrown.map((value) => () => {
      throw value;
    }),
  },
  { weight: 1, arbitrary: fc.constant(() => new Promise(() => {})) },
);

const envs = fc.record(
  {
    HOOK_DEFAULTS: fc.oneof(text, json.map(String)),
    HOOK_POLICY: fc.oneof(
      text,
      json.map((value) => JSON.stringify(value)),
    ),
  },
  { requiredKeys: [] },
);

describe('for any event, and whatever check does', () => {
  it('there is one valid answer, one decision line, and nothing is thrown', async () => {
    describesDeployment(aws);
    let looks = 0;
    await fc.assert(
      fc.asyncProperty(anyEvent, behaviour, fc.option(envs), async (event, check, env) => {
        const hook = probe({ check, onRollback: check });
        const answer = await rig(hook, { env: env ?? {}, remaining: 1001 }).look(event);
        looks += 1;
        expect(answerProblems(answer)).toEqual([]);
        expect(output.decisions()).toHaveLength(looks);
      }),
      { numRuns: 600 },
    );
  });

  it('a forward deployment passes only on a verdict of succeed', async () => {
    const forward = fc.constantFrom<EcsEvent>(
      at('POST_TEST_TRAFFIC_SHIFT'),
      at('TEST_TRAFFIC_SHIFT'),
      at('PRODUCTION_TRAFFIC_SHIFT', 12.5),
    );
    await fc.assert(
      fc.asyncProperty(forward, details, behaviour, async (event, hookDetails, check) => {
        let given: unknown;
        const spied = async (input: ProbeInput) => {
          given = await check(input);
          return given;
        };
        // The operator's own choices of a pass are left out: they are tested one by one.
        const env = { HOOK_POLICY: '{"mode":"enforce","onError":"fail","onTimeout":"fail","firstDeployment":"run"}' };
        const answer = await rig(probe({ check: spied }), { env, remaining: 1001 }).look(
          withDetails(event, hookDetails),
        );
        if (answer.hookStatus === 'SUCCEEDED') expect(given).toMatchObject({ outcome: 'succeed' });
      }),
      { numRuns: 400 },
    );
  });
});

describe('for any rollback', () => {
  const stages = fc.constantFrom('PRODUCTION_TRAFFIC_SHIFT' as const, 'TEST_TRAFFIC_SHIFT' as const);
  const looksBound = 330; // one a second for five minutes, and errors in between

  it('a hook without onRollback is SUCCEEDED at once', async () => {
    await fc.assert(
      fc.asyncProperty(stages, details, behaviour, fc.option(envs), async (stage, hookDetails, check, env) => {
        const event = withDetails(rollback(stage), hookDetails);
        expect(await rig(probe({ check }), { env: env ?? {} }).look(event)).toMatchObject({ hookStatus: 'SUCCEEDED' });
      }),
      { numRuns: 300 },
    );
    expect(aws.calls()).toEqual([]);
  });

  it('a hook with onRollback is SUCCEEDED within five minutes and a bounded number of looks', async () => {
    await fc.assert(
      fc.asyncProperty(stages, details, behaviour, fc.option(envs), async (stage, hookDetails, onRollback, env) => {
        const hook = rig(probe({ onRollback }), { env: env ?? {}, remaining: 1001 });
        const answers = await hook.play(withDetails(rollback(stage), hookDetails), looksBound);
        expect(answers.flatMap(answerProblems)).toEqual([]);
        expect(answers.at(-1)).toMatchObject({ hookStatus: 'SUCCEEDED' });
        expect(hook.now().getTime() - START.getTime()).toBeLessThanOrEqual(300_000);
      }),
      { numRuns: 150 },
    );
  });
});

describe('for any hookDetails', () => {
  /** Keys of the operator, with values that a deep merge could spoil. */
  const key = fc.string().filter((name) => name !== '_state' && name !== '__proto__');
  const operator = fc.dictionary(key, json, { maxKeys: 5 });
  const written = fc.array(fc.dictionary(key, json), { minLength: 1, maxLength: 4 });

  it.each(Object.entries(ECS_READINGS))('state and keys survive: %s', async (_, reading) => {
    await fc.assert(
      fc.asyncProperty(operator, written, async (keys, states) => {
        const seen: unknown[] = [];
        const hook = looseProbe(({ state }) => {
          seen.push(state);
          const next = states[seen.length - 1];
          return next === undefined ? succeed('done') : wait('looking', { state: next });
        }, Object.keys(keys));
        let sent: JsonObject = keys;
        for (let look = 0; look <= states.length; look += 1) {
          const answer = await rig(hook).look(withDetails(at('POST_TEST_TRAFFIC_SHIFT'), sent));
          const { _state, ...rest } = answer.hookDetails ?? {};
          expect(rest).toEqual(keys);
          expect(answer.hookStatus).toBe(look < states.length ? 'IN_PROGRESS' : 'SUCCEEDED');
          expect(memoryOf(answer).looks).toBe(look + 1);
          sent = reading(sent, answer.hookDetails ?? {});
        }
        expect(seen).toEqual([undefined, ...states]);
      }),
      { numRuns: 100 },
    );
  });
});

it('for any stage that ECS may add, a hook that does not declare it is FAILED', async () => {
  const name = fc.string({ minLength: 1 }).filter((stage) => !HOOK_STAGES.some((known) => known === stage));
  await fc.assert(
    fc.asyncProperty(name, async (lifecycleStage) => {
      const event = { ...eventFixture('pre-scale-up').event, lifecycleStage };
      const answer = await rig(probe({ check: () => succeed('fine') })).look(event);
      expect(answer).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('does not serve') });
    }),
    { numRuns: 100 },
  );
});

function walk(value: unknown, visit: (parent: object, key: string) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    visit(value, key);
    walk(inner, visit);
  }
}

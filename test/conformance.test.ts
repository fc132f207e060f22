import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { answerProblems } from '../library/testing/answer.ts';
import {
  at,
  type EcsEvent,
  EVENT_FIXTURES,
  FORWARD_FIXTURES,
  ROLLBACK_FIXTURES,
  withDetails,
} from '../library/testing/events.ts';
import { CommonConfig } from '../shared/config.ts';
import { type AnyHook, FRAMEWORK_PERMISSIONS } from '../shared/hook.ts';
import type { HookHandler } from '../shared/lambda.ts';
import { HOOK_STAGES } from '../shared/stages.ts';
import { transportError } from './fixtures/aws.ts';
import { startEndpoint, TROUBLE } from './fixtures/endpoint.ts';
import { type JsonSchema, requiredValues, valuesOf } from './fixtures/json-schema.ts';
import { captureOutput } from './fixtures/output.ts';
import { rig, START } from './fixtures/probe.ts';
import { hookIds, ROOT, sourcesIn } from './fixtures/sources.ts';

const output = captureOutput();

interface HookModule {
  hook: AnyHook;
  handler: HookHandler;
}

const HOOKS = await Promise.all(
  hookIds().map(
    async (id): Promise<{ id: string } & HookModule> => ({ id, ...(await import(`../hooks/${id}/hook.ts`)) }),
  ),
);

// Once for all hooks: a second mock of a class would undo the first.
const clients = await mockEveryClient();

it('there are hooks to look at', () => {
  expect(HOOKS.map(({ id }) => id)).toContain('approval');
});

describe.each(HOOKS)('the declaration of $id', ({ id, hook, handler }) => {
  it('is named like its folder, and says in one sentence what it proves', () => {
    expect(hook.name).toBe(id);
    expect(id).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(hook.summary).toMatch(/^[A-Z][^.\n]{20,150}\.$/);
    expect(handler).toBeTypeOf('function');
  });

  it('has stages that ECS has, each once', () => {
    expect(hook.stages.length).toBeGreaterThan(0);
    expect(new Set(hook.stages).size).toBe(hook.stages.length);
    expect(HOOK_STAGES).toEqual(expect.arrayContaining([...hook.stages]));
  });

  it('has permissions, sorted, each once, none of them a pattern', () => {
    expect([...hook.permissions]).toEqual([...new Set(hook.permissions)].sort());
    for (const permission of hook.permissions) expect(permission).toMatch(/^[a-z][a-z0-9-]+:[A-Z][A-Za-z]+$/);
  });

  it('describes every key of its configuration, and takes none of the common ones', () => {
    const { properties = {} }: JsonSchema = schemaOf(hook.config);
    for (const [key, { description }] of Object.entries(properties)) {
      expect(description, key).toMatch(/^\S.{5,}$/);
      expect(key).toMatch(/^[a-z][A-Za-z0-9]*$/);
    }
    const common = Object.keys(CommonConfig.shape);
    expect(Object.keys(properties).filter((key) => common.includes(key))).toEqual([]);
    expect(CommonConfig.safeParse({ ...hook.defaults }).success).toBe(true);
    expect(Object.keys(hook.defaults ?? {}).filter((key) => !common.includes(key))).toEqual([]);
  });

  it('has defaults that its own schema accepts', () => {
    const { properties = {} }: JsonSchema = schemaOf(hook.config);
    const defaults = Object.entries(properties).filter(([, property]) => 'default' in property);
    const given = {
      ...requiredOf(hook),
      ...Object.fromEntries(defaults.map(([key, property]) => [key, property.default])),
    };
    expect(z.parse(hook.config, given)).toEqual(given);
  });

  it('has a state that goes through JSON and back', () => {
    fc.assert(
      fc.property(valuesOf(schemaOf(hook.state)), (state) => {
        expect(z.parse(hook.state, JSON.parse(JSON.stringify(state)))).toEqual(state);
      }),
    );
  });

  it('is in a file that can be read in one go', () => {
    const file = sourcesIn(`hooks/${id}`).find(({ path }) => path === `hooks/${id}/hook.ts`);
    expect(file?.text.trimEnd().split('\n').length).toBeLessThanOrEqual(160);
    expect(file?.code).toContain('export const hook = defineHook({');
    expect(file?.code).toContain('export const handler = lambdaHandler(hook);');
  });
});

/** What the SDK throws when AWS cannot be asked. */
const FAILURES = {
  throttling: serviceError('ThrottlingException', 'Rate exceeded', 400),
  'access denied': serviceError('AccessDeniedException', 'User: x is not authorized to perform: y', 400),
  unavailable: serviceError('ServiceUnavailable', 'unavailable', 503),
  timeout: transportError('TimeoutError', 'Request did not complete within 3000 ms'),
};

describe.each(HOOKS)('$id from its source', ({ hook, handler }) => {
  configuredByItsFunction(hook);
  const declared = FORWARD_FIXTURES.filter(({ event }) => isDeclared(hook, event));
  const undeclared = FORWARD_FIXTURES.filter(({ event }) => !isDeclared(hook, event));
  const variants = [{}, { firstDeployment: 'skip' }, { firstDeployment: 'run' }];

  it('is tried at every stage that it declares', () => {
    expect(new Set(declared.map(({ event }) => event.lifecycleStage))).toEqual(new Set(hook.stages));
  });

  describe.each(Object.entries(FAILURES))('when every call of AWS ends in %s', (trouble, error) => {
    beforeEach(() => {
      clients.reject(error);
    });

    it.each(declared)('is valid, and never SUCCEEDED, at $name', async ({ event }) => {
      for (const variant of variants) {
        configure(hook, variant);
        const answer = await handler(withDetails(event, {}));
        expect(answerProblems(answer)).toEqual([]);
        const asks = hook.permissions.length > 0 || variant.firstDeployment === 'skip';
        if (asks) expect(answer.hookStatus).toBe(trouble === 'access denied' ? 'FAILED' : 'IN_PROGRESS');
        if (asks) expect(answer.reason).toContain(error.message);
      }
    });

    it.each(undeclared)('names its stages at $name', async ({ event }) => {
      const answer = await handler(event);
      expect(answer).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining(hook.stages.join(' or ')) });
      expect(answerProblems(answer)).toEqual([]);
    });

    it.each(ROLLBACK_FIXTURES)('lets $name go on', async ({ event }) => {
      for (const hookDetails of [undefined, {}, ...variants, { nonsense: 1 }, 'no object', { _state: '{' }]) {
        const hurried = rig(hook);
        const answers = await hurried.play(withDetails(event, hookDetails));
        expect(answers.at(-1)).toMatchObject({ hookStatus: 'SUCCEEDED' });
        expect(hurried.now().getTime() - START.getTime()).toBeLessThanOrEqual(hook.onRollback ? 300_000 : 0);
        if (hook.onRollback === undefined) expect(answers).toHaveLength(1);
      }
    });
  });

  it('waits, with unchanged state, when AWS does not answer before the Lambda ends', async () => {
    clients.hang();
    for (const { event } of declared) {
      const env = configure(hook, { firstDeployment: 'skip' });
      const answer = await rig(hook, { remaining: 1001, env }).look(withDetails(event, {}));
      expect(answer).toMatchObject({ hookStatus: 'IN_PROGRESS', reason: expect.stringContaining('ran out of time') });
    }
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a list', []],
    ['no stage', { ...at('PRE_SCALE_UP'), lifecycleStage: undefined }],
    ['no deployment', { ...at('PRE_SCALE_UP'), resourceArn: '' }],
    ['no details', { ...at('PRE_SCALE_UP'), executionDetails: null }],
  ])('is FAILED on a malformed event: %s', async (_, event) => {
    const answer = await handler(event);
    expect(answer).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(/^Not an ECS lifecycle event: /),
    });
    expect(answerProblems(answer)).toEqual([]);
  });

  it('is FAILED on an unknown key, on a wrong type, on a broken memory, and says which', async () => {
    const [stage] = hook.stages;
    const details = { apprvers: [], pollSeconds: 'often' };
    expect(await handler(withDetails(at(stage), details))).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(
        /hookDetails\.apprvers is not a known key.*hookDetails\.pollSeconds (must be of type|is not a known key)/,
      ),
    });
    expect(await handler(withDetails(at(stage), { _state: '{' }))).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('hookDetails._state'),
    });
  });

  it('writes one decision line for each event, with no line break in it', async () => {
    clients.reject(FAILURES.throttling);
    for (const { event } of EVENT_FIXTURES) await handler(event);
    expect(output.decisions()).toHaveLength(EVENT_FIXTURES.length);
    expect(output.metrics()).toHaveLength(EVENT_FIXTURES.length);
  });
});

const BUILT = HOOKS.filter(({ id }) => existsSync(artifact(id)));

describe.each(BUILT)('$id as it is deployed', ({ id, hook }) => {
  // A hook that asks nothing of AWS is asked what only AWS knows.
  configuredByItsFunction(hook, hook.permissions.length === 0 ? { firstDeployment: 'skip' } : {});
  const endpoint = startEndpoint();
  const declared = FORWARD_FIXTURES.filter(({ event }) => isDeclared(hook, event));
  let handler: HookHandler;
  beforeAll(() => {
    // Read by the clients at their first call.
    process.env.AWS_ENDPOINT_URL = endpoint.url();
    handler = createRequire(import.meta.url)(artifact(id)).handler;
  });
  afterAll(() => {
    delete process.env.AWS_ENDPOINT_URL;
  });

  it('answers every event, and names the permission that is missing', async () => {
    endpoint.answer(TROUBLE['access denied']);
    for (const { name, event } of EVENT_FIXTURES) {
      const answer = await handler(event);
      expect(answerProblems(answer), name).toEqual([]);
      expect(answer.hookStatus, name).toBe(name.startsWith('rollback-') ? 'SUCCEEDED' : 'FAILED');
      if (declared.some((fixture) => fixture.name === name)) {
        const [, action] = /^([a-z]+:[A-Za-z]+): AccessDeniedException/.exec(answer.reason) ?? [];
        expect([...hook.permissions, ...FRAMEWORK_PERMISSIONS], answer.reason).toContain(action);
      }
    }
  });

  it.each(['throttling', 'unavailable', 'connection cut'] as const)(
    'waits on %s, after three tries',
    async (trouble) => {
      endpoint.answer(TROUBLE[trouble]);
      const [stage] = hook.stages;
      const answer = await handler(at(stage));
      expect(answer).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: expect.any(Number) });
      expect(answer.reason).toMatch(/\(after 3 attempts\)$/);
      expect(answerProblems(answer)).toEqual([]);
      expect(endpoint.asked.length % 3).toBe(0);
    },
  );
});

function artifact(id: string): string {
  return join(ROOT, 'dist', id, 'index.cjs');
}

function schemaOf(schema: z.core.$ZodType): JsonSchema {
  // zod's type of it holds more than we read.
  return z.toJSONSchema(schema) as JsonSchema;
}

/** Gives every key that the hook asks for where each hook takes it from: hookDetails may be refused some. */
function configure(hook: AnyHook, more: Record<string, unknown> = {}): NodeJS.ProcessEnv {
  process.env.HOOK_DEFAULTS = JSON.stringify({ ...requiredOf(hook), ...more });
  return { HOOK_DEFAULTS: process.env.HOOK_DEFAULTS };
}

function configuredByItsFunction(hook: AnyHook, more: Record<string, unknown> = {}): void {
  beforeEach(() => {
    configure(hook, more);
  });
  afterEach(() => {
    delete process.env.HOOK_DEFAULTS;
  });
}

/** A value for each key that the hook's configuration asks for, the same at every run. */
function requiredOf(hook: AnyHook): Record<string, unknown> {
  return requiredValues(z.toJSONSchema(hook.config, { io: 'input' }) as JsonSchema); // as above
}

function isDeclared(hook: AnyHook, event: EcsEvent): boolean {
  return hook.stages.some((stage) => stage === event.lifecycleStage);
}

function serviceError(name: string, message: string, httpStatusCode: number): Error {
  return Object.assign(new Error(message), { name, $fault: 'client', $metadata: { httpStatusCode, attempts: 1 } });
}

/** Mocks the client of every AWS service that the package depends on, whichever hook uses it. */
async function mockEveryClient() {
  const { dependencies }: { dependencies: object } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const names = Object.keys(dependencies).filter((name) => name.startsWith('@aws-sdk/client-'));
  const modules: object[] = await Promise.all(names.map((name) => import(name)));
  const classes = modules.flatMap((module) => Object.entries(module).filter(([name]) => /^[A-Z]\w+Client$/.test(name)));
  if (classes.length < names.length) throw new Error(`a client is missing: ${names.join(', ')}`);
  const mocks = classes.map(([, client]) => mockClient(client));
  return {
    reject: (error: Error) => {
      for (const mock of mocks) mock.reset().onAnyCommand().rejects(error);
    },
    hang: () => {
      for (const mock of mocks)
        mock
          .reset()
          .onAnyCommand()
          .callsFake(() => new Promise(() => {}));
    },
  };
}

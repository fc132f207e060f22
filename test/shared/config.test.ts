import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { COMMON_DEFAULTS, type CommonConfig, readConfig } from '../../shared/config.ts';
import { ConfigError } from '../../shared/errors.ts';
import { defineHook } from '../../shared/hook.ts';
import { PARAMETER_PREFIX } from '../../shared/parameter-config.ts';
import type { JsonObject } from '../../shared/schema.ts';
import { succeed } from '../../shared/verdict.ts';

const signal = new AbortController().signal;

function hookWith(defaults: Partial<CommonConfig> = {}) {
  return defineHook({
    name: 'sample',
    summary: 'A sample.',
    stages: ['PRE_SCALE_UP'],
    config: z.strictObject({
      threshold: z._default(z.number().check(z.minimum(0), z.maximum(100)), 5),
      tags: z._default(z.array(z.string()), []),
      label: z.optional(z.string()),
      url: z.optional(z.string()),
    }),
    defaults,
    state: z.unknown(),
    permissions: [],
    check: () => succeed('fine'),
  });
}

function read(details: JsonObject, env: NodeJS.ProcessEnv = {}, defaults: Partial<CommonConfig> = {}) {
  return readConfig(hookWith(defaults), details, env, signal);
}

const OWN = { threshold: 5, tags: [] };

describe('the common configuration', () => {
  it('has the documented defaults', async () => {
    expect(COMMON_DEFAULTS).toEqual({
      mode: 'enforce',
      timeoutMinutes: 60,
      onTimeout: 'fail',
      pollSeconds: 30,
      firstDeployment: 'run',
      maxErrors: 10,
      onError: 'fail',
    });
    expect(await read({})).toEqual({ ...COMMON_DEFAULTS, ...OWN });
  });

  it.each([
    ['mode', 'enforce', true],
    ['mode', 'audit', true],
    ['mode', 'Audit', false],
    ['mode', '', false],
    ['timeoutMinutes', 0.1, true],
    ['timeoutMinutes', 1440, true],
    ['timeoutMinutes', 0, false],
    ['timeoutMinutes', 1440.1, false],
    ['timeoutMinutes', '60', false],
    ['onTimeout', 'fail', true],
    ['onTimeout', 'succeed', true],
    ['onTimeout', 'continue', false],
    ['pollSeconds', 1, true],
    ['pollSeconds', 900, true],
    ['pollSeconds', 0, false],
    ['pollSeconds', 901, false],
    ['pollSeconds', 1.5, false],
    ['firstDeployment', 'run', true],
    ['firstDeployment', 'skip', true],
    ['firstDeployment', false, false],
    ['maxErrors', 1, true],
    ['maxErrors', 1000, true],
    ['maxErrors', 0, false],
    ['maxErrors', 1001, false],
    ['maxErrors', 2.5, false],
    ['onError', 'succeed', true],
    ['onError', 'fail', true],
    ['onError', null, false],
  ])('%s %j is allowed: %s', async (key, value, isAllowed) => {
    const result = read({ [key]: value });
    if (isAllowed) expect((await result)[key]).toBe(value);
    else await expect(result).rejects.toThrow(new RegExp(`^Bad configuration: hookDetails\\.${key} must be `));
  });
});

describe('the layers', () => {
  const DEFAULTS = { timeoutMinutes: 120 };
  const LAYERS = ['schema', 'hook', 'HOOK_DEFAULTS', 'hookDetails', 'HOOK_POLICY'] as const;
  it.each([
    [0, 5, 60],
    [1, 5, 120],
    [2, 20, 200],
    [3, 30, 300],
    [4, 40, 400],
  ])('up to the %d. layer (later wins)', async (upTo, threshold, timeoutMinutes) => {
    const has = (layer: (typeof LAYERS)[number]) => LAYERS.indexOf(layer) <= upTo;
    const env = {
      ...(has('HOOK_DEFAULTS') && { HOOK_DEFAULTS: '{"threshold":20,"timeoutMinutes":200}' }),
      ...(has('HOOK_POLICY') && { HOOK_POLICY: '{"threshold":40,"timeoutMinutes":400}' }),
    };
    const details = has('hookDetails') ? { threshold: 30, timeoutMinutes: 300 } : {};
    expect(await read(details, env, has('hook') ? DEFAULTS : {})).toMatchObject({ threshold, timeoutMinutes });
  });

  it('win key by key, and whole values: a list is not added to', async () => {
    const env = { HOOK_DEFAULTS: '{"tags":["a","b"],"label":"x"}', HOOK_POLICY: '{"tags":[]}' };
    expect(await read({ tags: ['c'], url: 'u' }, env)).toEqual({
      ...COMMON_DEFAULTS,
      threshold: 5,
      tags: [],
      label: 'x',
      url: 'u',
    });
  });

  it.each(['', '  ', undefined])('%j in the environment is no layer', async (text) => {
    expect(await read({}, { HOOK_DEFAULTS: text, HOOK_POLICY: text })).toEqual({ ...COMMON_DEFAULTS, ...OWN });
  });

  it('hold no state: _state is not a key of the configuration', async () => {
    expect(await read({ _state: 'whatever' })).toEqual({ ...COMMON_DEFAULTS, ...OWN });
    await expect(read({}, { HOOK_DEFAULTS: '{"_state":"x"}' })).rejects.toThrow(/HOOK_DEFAULTS\._state is not a known/);
  });

  it('HOOK_POLICY always wins', async () => {
    const keys = fc.record(
      {
        mode: fc.constantFrom('enforce', 'audit'),
        timeoutMinutes: fc.integer({ min: 1, max: 1440 }),
        onTimeout: fc.constantFrom('fail', 'succeed'),
        pollSeconds: fc.integer({ min: 1, max: 900 }),
        firstDeployment: fc.constantFrom('run', 'skip'),
        maxErrors: fc.integer({ min: 1, max: 1000 }),
        onError: fc.constantFrom('fail', 'succeed'),
        threshold: fc.integer({ min: 0, max: 100 }),
        tags: fc.array(fc.string()),
        label: fc.string(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(keys, keys, keys, async (defaults, details, policy) => {
        const env = { HOOK_DEFAULTS: JSON.stringify(defaults), HOOK_POLICY: JSON.stringify(policy) };
        expect(await read(details, env)).toEqual({ ...COMMON_DEFAULTS, ...OWN, ...defaults, ...details, ...policy });
      }),
      { numRuns: 300 },
    );
  });
});

describe('bad configuration', () => {
  const KNOWN =
    '(known: threshold, tags, label, url, mode, timeoutMinutes, onTimeout, pollSeconds, firstDeployment, maxErrors, onError)';
  it.each([
    [{ treshold: 1 }, {}, `hookDetails.treshold is not a known key ${KNOWN}`],
    [{}, { HOOK_DEFAULTS: '{"treshold":1}' }, `HOOK_DEFAULTS.treshold is not a known key ${KNOWN}`],
    [{}, { HOOK_POLICY: '{"Mode":"audit"}' }, `HOOK_POLICY.Mode is not a known key ${KNOWN}`],
    [{ x: 1 }, { HOOK_POLICY: '{"x":1}' }, `HOOK_POLICY.x is not a known key ${KNOWN}`],
    [{ threshold: '7' }, {}, 'hookDetails.threshold must be of type number, not "7"'],
    [{ threshold: null }, {}, 'hookDetails.threshold must be of type number, not null'],
    [{ threshold: 101 }, {}, 'hookDetails.threshold must be at most 100, not 101'],
    [{ threshold: 7 }, { HOOK_POLICY: '{"threshold":-1}' }, 'HOOK_POLICY.threshold must be at least 0, not -1'],
    [{}, { HOOK_DEFAULTS: '{"tags":["a",2]}' }, 'HOOK_DEFAULTS.tags[1] must be of type string, not 2'],
    [{}, { HOOK_DEFAULTS: '{"threshold":' }, 'HOOK_DEFAULTS must be a JSON object, not text that is not JSON'],
    [{}, { HOOK_DEFAULTS: '[]' }, 'HOOK_DEFAULTS must be a JSON object, not a list'],
    [{}, { HOOK_POLICY: '"strict"' }, 'HOOK_POLICY must be a JSON object, not a string'],
  ])('%j with %j: one sentence that names the layer', async (details, env, problem) => {
    await expect(read(details, env)).rejects.toThrow(new ConfigError(`Bad configuration: ${problem}`));
  });

  it('in an overruled layer is no problem: the key that counts is right', async () => {
    expect(await read({ threshold: 'x' }, { HOOK_POLICY: '{"threshold":9}' })).toMatchObject({ threshold: 9 });
  });

  it('tells every problem at once', async () => {
    const env = { HOOK_DEFAULTS: '{"mode":"off"}', HOOK_POLICY: '{"pollSeconds":0.5}' };
    const { message } = await read({ what: 1, threshold: 'x', timeoutMinutes: 2000 }, env).catch((error) => error);
    expect(message.split('; ')).toEqual([
      `Bad configuration: hookDetails.what is not a known key ${KNOWN}`,
      'hookDetails.threshold must be of type number, not "x"',
      'HOOK_DEFAULTS.mode must be "enforce" or "audit", not "off"',
      'hookDetails.timeoutMinutes must be at most 1440, not 2000',
      'HOOK_POLICY.pollSeconds must be of type int, not 0.5',
    ]);
  });

  it('tells of ten unknown keys, and counts the others', async () => {
    const details = (keys: number) => Object.fromEntries(Array.from({ length: keys }, (_, n) => [`key${n}`, 1]));
    const told = async (keys: number): Promise<string> =>
      read(details(keys), {}).then(
        () => '',
        (error: Error) => error.message,
      );
    expect(await told(10)).toMatch(/hookDetails\.key9 is not a known key \(known: [^)]*\)$/);
    expect(await told(11)).toMatch(
      /hookDetails\.key9 is not a known key \(known: [^)]*\); 1 more of the keys not known$/,
    );
    expect((await told(100_000)).length).toBeLessThan(10_000);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is a key like any other', async (key) => {
    const details = JSON.parse(`{"${key}":{"mode":"audit"}}`);
    await expect(read(details)).rejects.toThrow(`hookDetails.${key} is not a known key`);
    await expect(read({}, { HOOK_POLICY: JSON.stringify(details) })).rejects.toThrow(`HOOK_POLICY.${key} is not`);
  });

  it('says when a required key is missing', async () => {
    const hook = { ...hookWith(), config: z.strictObject({ queueUrl: z.string() }) };
    await expect(readConfig(hook, {}, {}, signal)).rejects.toThrow(
      new ConfigError('Bad configuration: hookDetails.queueUrl is missing (string expected)'),
    );
  });
});

describe('parameterPrefix', () => {
  const hook = { ...hookWith(), config: z.strictObject({ parameterPrefix: PARAMETER_PREFIX }) };
  const prefix = async (parameterPrefix?: string) => {
    const config = await readConfig(hook, parameterPrefix === undefined ? {} : { parameterPrefix }, {}, signal);
    return config.parameterPrefix;
  };

  it.each([
    [undefined, '/ecs-hooks'],
    ['/a', '/a'],
    ['/Team_1/ecs-hooks/v1.2', '/Team_1/ecs-hooks/v1.2'],
    ['/awsome', '/awsome'],
    ['/1/2/3/4/5/6/7/8', '/1/2/3/4/5/6/7/8'],
  ])('%s is %s', async (given, expected) => {
    expect(await prefix(given)).toBe(expected);
  });

  it.each(['ecs-hooks', '/', '/a/', '/aws/a', '/SSM', '/a b', '/1/2/3/4/5/6/7/8/9'])(
    '%s is refused, with what it must be',
    async (given) => {
      await expect(prefix(given)).rejects.toThrow(
        `hookDetails.parameterPrefix: must be a path such as /ecs-hooks, not under /aws or /ssm: ${JSON.stringify(given)}`,
      );
    },
  );
});

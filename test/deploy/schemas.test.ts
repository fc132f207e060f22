import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detailsSchema } from '../../scripts/deploy/schemas.ts';
import { readConfig } from '../../shared/config.ts';
import { ConfigError } from '../../shared/errors.ts';
import type { AnyHook } from '../../shared/hook.ts';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import { type JsonSchema, valuesOf } from '../fixtures/json-schema.ts';
import { ROOT } from '../fixtures/sources.ts';
import { HOOKS, neededBy, POLICIES } from './hooks.ts';

/** What the hooks say that no JSON Schema can: words of checks across values, or within a text. */
const BEYOND = new RegExp(
  [
    'not under /aws or /ssm', // a pattern that holds whatever the case
    'Invalid URL', // of another protocol than HTTP
    'must name each queue once',
    '\\.match\\[\\d+\\]: ', // a pattern of images that means nothing
    'two rules',
    'must be a regular expression',
    'does not verify \\w+ yet', // a key that is kept for a later version
  ].join('|'),
);

const ajv = new Ajv2020({ allErrors: true, formats: { uri: isUrl, date: true, 'date-time': true } });
const CASES = HOOKS.map((hook) => {
  const text = readFileSync(join(ROOT, 'deploy/schemas', `${hook.name}.json`), 'utf8');
  const schema: object = JSON.parse(text);
  return { name: hook.name, hook, schema, accepts: ajv.compile(schema) };
});

describe.each(CASES)('the schema of $name', ({ name, hook, schema, accepts }) => {
  it('is of its hook: an id, a title, a description of every key, nothing more allowed', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `urn:ecs-lifecycle-hooks:hook-details:${name}`,
      title: `hookDetails of ${name}`,
      additionalProperties: false,
    });
    for (const [key, property] of Object.entries(propertiesOf(schema))) {
      expect(property, key).toMatchObject({ title: key, description: expect.stringMatching(/\S{4}/) });
    }
  });

  it('takes the defaults that it names', () => {
    const entries = Object.entries(propertiesOf(schema)).filter(([, property]) => 'default' in property);
    const defaults = Object.fromEntries(entries.map(([key, property]) => [key, property.default]));
    accepts(defaults);
    expect(accepts.errors).toBeNull();
  });

  it('takes what the hook takes', async () => {
    await fc.assert(
      fc.asyncProperty(changed(hook), async (details) => {
        const trouble = await refusal(hook, details);
        if (trouble !== undefined) return;
        accepts(details);
        expect(accepts.errors, JSON.stringify(details)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it('refuses what the hook refuses', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(changed(hook), async (details) => {
        const trouble = await refusal(hook, details);
        if (trouble === undefined || BEYOND.test(trouble)) return;
        refused += 1;
        expect(accepts(details), `${trouble}: ${JSON.stringify(details)}`).toBe(false);
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(10);
  });

  it.each<[string, unknown]>([
    ['a key that nobody knows', { apprvers: [] }],
    ['a wrong type', { mode: 7 }],
    ['a mode that there is not', { mode: 'off' }],
    ['a list', []],
    ['a text', '{}'],
    ['the memory of the framework', { _state: '{}' }],
  ])('refuses %s', (_, details) => {
    expect(accepts(details)).toBe(false);
  });
});

it.each<[string, JsonObject, boolean]>([
  ['approval', { quorum: 2, approvers: ['arn:aws:sts::123456789012:assumed-role/Approver/*'] }, true],
  ['approval', { quorum: 0 }, false],
  ['approval', { quorum: 51 }, false],
  ['approval', { pollSeconds: 900, timeoutMinutes: 1440 }, true],
  ['approval', { pollSeconds: 901 }, false],
  ['approval', { timeoutMinutes: 0 }, false],
  ['approval', { approvers: ['ana'] }, false],
  ['approval', { parameterPrefix: '/aws/x' }, false],
  ['approval', { onTimeout: 'succeed' }, true],
  ['consumer-switch', { onTimeout: 'succeed' }, false],
  ['consumer-switch', { onError: 'succeed' }, false],
  ['consumer-switch', { onError: 'fail', leaseSeconds: 240, monitor: { minutes: 15 } }, true],
  ['consumer-switch', { leaseSeconds: 241 }, false],
  ['consumer-switch', { monitor: {} }, false],
  ['canary', { metrics: [{ preset: 'alb' }] }, true],
  ['canary', { metrics: [] }, false],
  ['canary', { metrics: [{ preset: 'elb' }] }, false],
  ['canary', { metrics: [{ preset: 'service-connect' }] }, false],
  ['load-test', { targets: [{ url: 'http://catalog:8080/items' }], rate: 300, testHeader: false }, true],
  ['load-test', { testHeader: true }, false],
  ['admission', { mode: 'enforce' }, true],
  ['admission', { mode: 'audit' }, false],
  ['admission', { onError: 'succeed' }, false],
  ['admission', { rules: [{ name: 'digest', match: ['registry.example/**'], digest: 'require' }] }, true],
  ['admission', { rules: [{ name: 'digest', match: [] }] }, false],
])('%s: %j is taken: %s, by the schema and by the hook', async (name, details, taken) => {
  const found = CASES.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no hook ${name}`);
  expect(found.accepts(details)).toBe(taken);
  expect((await refusal(found.hook, details)) === undefined).toBe(taken);
});

/** hookDetails as the schema has them, whole or with one thing changed somewhere. */
function changed(hook: AnyHook): fc.Arbitrary<JsonObject> {
  // The generated schema is of the part of JSON Schema that valuesOf knows.
  const details = valuesOf(withExamples(detailsSchema(hook) as JsonSchema)).filter(isJsonObject);
  return fc
    .tuple(details, fc.nat(), fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, mutations()))
    .map(([value, at, mutation]) => (mutation === undefined ? value : mutate(value, at, mutation)))
    .map((value) => JSON.parse(JSON.stringify(value)));
}

/** Values for what cannot be made of the schema alone: patterns that look ahead, URLs, patterns of images. */
function withExamples(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    if (!isJsonObject(value)) return value;
    if (typeof value.pattern === 'string' && value.pattern.includes('(?!'))
      return { ...value, examples: ['/ecs-hooks'] };
    if (value.format === 'uri') return { ...value, examples: ['https://sqs.eu-west-1.amazonaws.com/123456789012/q'] };
    if (key === 'match') return { ...value, examples: [['registry.example/**'], ['registry.example/team/*']] };
    return value;
  });
}

type Mutation = { kind: 'replace'; value: unknown } | { kind: 'add' } | { kind: 'remove' };

function mutations(): fc.Arbitrary<Mutation> {
  const values = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(-1, 0, 0.5, 1e9, '', '/AWS/x', 'x y', null));
  return fc.oneof(
    values.map((value): Mutation => ({ kind: 'replace', value })),
    fc.constantFrom<Mutation>({ kind: 'add' }, { kind: 'remove' }),
  );
}

/** Changes one value within; which one, `at` says. */
function mutate(value: JsonObject, at: number, mutation: Mutation): JsonObject {
  const copy: JsonObject = structuredClone(value);
  const places: [Record<string, unknown> | unknown[], string][] = [];
  collect(copy, places);
  const [holder, key] = places[at % Math.max(1, places.length)] ?? [copy, 'none'];
  if (mutation.kind === 'add') Object.assign(Array.isArray(holder) ? copy : holder, { nonsense: 1 });
  else if (mutation.kind === 'remove') Reflect.deleteProperty(holder, key);
  else Object.assign(holder, { [key]: mutation.value });
  return copy;
}

function collect(value: unknown, places: [Record<string, unknown> | unknown[], string][]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    places.push([value as Record<string, unknown>, key]); // an object or a list, either has the key
    collect(inner, places);
  }
}

/** Why the hook refuses these hookDetails, or undefined; what it needs besides comes from its function. */
async function refusal(hook: AnyHook, details: JsonObject): Promise<string | undefined> {
  const policy = POLICIES[hook.name];
  const env = {
    HOOK_DEFAULTS: JSON.stringify(neededBy(hook)),
    HOOK_POLICY: policy === undefined ? '' : JSON.stringify(policy),
  };
  try {
    await readConfig(hook, details, env, AbortSignal.timeout(5000));
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

function propertiesOf(schema: object): Record<string, { default?: unknown }> {
  return (schema as { properties: Record<string, { default?: unknown }> }).properties; // as detailsSchema writes it
}

function isUrl(text: string): boolean {
  return URL.canParse(text);
}

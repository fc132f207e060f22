import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Config as Approval } from '../../hooks/approval/config.ts';
import { parameterName as approvalName } from '../../hooks/approval/request.ts';
import { parameterName as consumerName } from '../../hooks/consumer-switch/parameter.ts';
import { readCounts } from '../../hooks/consumer-switch/queues.ts';
import { deploymentPath } from '../../hooks/load-test/names.ts';
import { sendMessages } from '../../hooks/load-test/queue.ts';
import { answerProblems } from '../../library/testing/answer.ts';
import { at, type EcsEvent, rollback, withDetails } from '../../library/testing/events.ts';
import { CommonConfig, readConfig } from '../../shared/config.ts';
import { ConfigError, EventError } from '../../shared/errors.ts';
import { parseEvent } from '../../shared/event.ts';
import type { AnyHook } from '../../shared/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { PARAMETER_PREFIX } from '../../shared/parameter-config.ts';
import { isJsonObject } from '../../shared/schema.ts';
import { startEndpoint } from '../fixtures/endpoint.ts';
import { type JsonSchema, requiredValues, valuesOf } from '../fixtures/json-schema.ts';
import { captureOutput } from '../fixtures/output.ts';
import { hookIds } from '../fixtures/sources.ts';

const output = captureOutput();
const endpoint = startEndpoint();
const { signal } = new AbortController();

// Read by the clients at their first call.
beforeAll(() => {
  process.env.AWS_ENDPOINT_URL = endpoint.url();
});
afterAll(() => {
  delete process.env.AWS_ENDPOINT_URL;
});

const schemaOf = (schema: z.core.$ZodType) => z.toJSONSchema(schema, { io: 'input' }) as JsonSchema; // as zod writes it
const HOOKS = await Promise.all(
  hookIds().map(async (id) => {
    const { hook }: { hook: AnyHook } = await import(`../../hooks/${id}/hook.ts`);
    return { id, hook, schema: schemaOf(hook.config) };
  }),
);

describe.each(HOOKS)('the configuration of $id', ({ id, hook, schema }) => {
  const required = requiredValues(schema);
  const [stage] = hook.stages;
  const refused = (hookDetails: unknown, env: NodeJS.ProcessEnv = {}) =>
    lambdaHandler(hook, { env })(withDetails(at(stage), hookDetails));

  it('holds to HOOK_POLICY key by key, whatever hookDetails say', async () => {
    const keys = { ...schema.properties, ...schemaOf(CommonConfig).properties };
    let compared = 0;
    for (const [key, property] of Object.entries(keys)) {
      const [value, ...others] = fc.sample(valuesFor(key, property), { seed: 7, numRuns: 6 });
      const env = { HOOK_POLICY: JSON.stringify({ ...required, [key]: value }) };
      const alone = await readConfig(hook, {}, env, signal).catch(refusal);
      for (const other of others) {
        const found = await readConfig(hook, { [key]: other }, env, signal).catch(refusal);
        // A hook may refuse hookDetails that name the key at all.
        if (found === 'refused' || alone === 'refused') continue;
        // Stricter is what a service may be.
        const isStricter = id === 'admission' && key === 'mode' && found[key] === 'enforce';
        if (!isStricter) expect(found[key], key).toEqual(alone[key]);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(4);
  });

  it.each([
    '{"__proto__":{"mode":"audit","onTimeout":"succeed","polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"mode":{"__proto__":{"polluted":1}}}',
    '{"_state":{"__proto__":{"polluted":1}}}',
  ])('inherits nothing, and bequeaths nothing: %s', async (text) => {
    for (const [details, env] of [
      [JSON.parse(text), {}],
      [text, {}],
      [{}, { HOOK_DEFAULTS: text }],
      [{}, { HOOK_POLICY: text }],
    ]) {
      const answer = await refused(details, env);
      expect(answer.hookStatus).toBe('FAILED');
      expect(Object.keys(Object.prototype)).toEqual([]);
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
      expect(output.decisions().filter((decision) => 'wouldFail' in decision)).toEqual([]);
    }
  });

  const deep = (levels: number) => JSON.parse(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`);
  it.each<[string, () => object]>([
    ['a hundred thousand keys', () => Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, 0]))],
    ['keys below the limit', () => Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`key-${n}`, 'x']))],
    ['five million characters', () => ({ parameterPrefix: '/'.repeat(5_000_000) })],
    ['a long key', () => ({ ['k'.repeat(900_000)]: 1 })],
    ['a list of a million', () => ({ approvers: Array.from({ length: 1_000_000 }, () => 'x') })],
    ['a hundred thousand levels', () => deep(100_000)],
    ['a memory of a million', () => ({ _state: 'x'.repeat(2_000_000) })],
  ])('is refused in one short sentence, and hinders no rollback: %s', async (_, make) => {
    const details = make();
    for (const event of [at(stage), rollback('PRODUCTION_TRAFFIC_SHIFT'), rollback('TEST_TRAFFIC_SHIFT')]) {
      const answer = await lambdaHandler(hook, { env: {} })(withDetails(event, details));
      expect(answerProblems(answer)).toEqual([]);
      expect(answer.hookStatus).toBe(event.lifecycleStage === stage && !isRollback(event) ? 'FAILED' : 'SUCCEEDED');
    }
    expect(output.text().length).toBeLessThan(20_000);
  });

  it('is read in time in proportion to its length, whatever pattern meets what text', async () => {
    const patterns = patternsIn({
      ...schema,
      properties: { ...schema.properties, ...schemaOf(CommonConfig).properties },
    });
    for (const unit of [
      'a',
      'A',
      '0',
      '/',
      '-',
      '.',
      '*',
      ':',
      'a/',
      'a-',
      '-a.',
      'aws',
      'arn:aws:sts::',
      '**/',
      '\ud83e\udd84',
    ]) {
      for (const end of ['', '!', '\n', '/']) {
        const text = `${unit.repeat(30_000)}${end}`;
        // A pattern that backtracks would not come to an end in the test's own time.
        for (const pattern of patterns) expect(new RegExp(pattern).test(text)).toBeTypeOf('boolean');
        await refused({
          parameterPrefix: text,
          approvers: [text],
          testUrl: text,
          queueUrls: [text],
          rules: [{ name: text, match: [text] }],
        });
      }
    }
    expect(output.decisions().length).toBeGreaterThan(0);
  });
});

describe('the names of parameters', () => {
  const Prefix = z.strictObject({ parameterPrefix: PARAMETER_PREFIX });

  it.each([
    '',
    '/',
    'ecs-hooks',
    '/ecs-hooks/',
    '//ecs-hooks',
    '/ecs hooks',
    '/ecs-hooks/*',
    '/ecs-hooks/%2e%2e',
    '/ecs-hooks\n',
    '/ecs-hooks:1',
    '/aws',
    '/aws/service',
    '/AWS/x',
    '/ssm',
    '/Ssm/x',
    '/a/b/c/d/e/f/g/h/i',
    '/ecs-hooks/{x}',
    '/é',
    `/${'a'.repeat(200)}`,
  ])('cannot begin with %j', (parameterPrefix) => {
    expect(Prefix.safeParse({ parameterPrefix }).success).toBe(false);
  });

  it('are of the service that ECS calls about, below whatever prefix', () => {
    const deployment = parseEvent(at('POST_TEST_TRAFFIC_SHIFT'));
    // Parameter Store and IAM compare names as they are: two dots lead nowhere.
    for (const prefix of ['/ecs-hooks', '/ecs-hooks/..', '/ecs-hooks/approval/other/service']) {
      const names = [
        approvalName(prefix, deployment),
        consumerName(prefix, deployment),
        deploymentPath(prefix, deployment),
      ];
      expect(names).toEqual([
        `${prefix}/approval/unicorn-watch/ui/${deployment.deploymentId}/POST_TEST_TRAFFIC_SHIFT`,
        `${prefix}/consumer/unicorn-watch/ui`,
        `${prefix}/load-test/unicorn-watch/ui/${deployment.deploymentId}`,
      ]);
    }
  });

  it.each(['../payments', 'a/b', '*', 'ui:1', 'ui\n', '', '%2e', 'ui payments'])(
    'take no other characters from an event: a service %j is none',
    (service) => {
      const event: EcsEvent = JSON.parse(
        JSON.stringify(at('POST_TEST_TRAFFIC_SHIFT')).replaceAll('unicorn-watch/ui', () =>
          JSON.stringify(`unicorn-watch/${service}`).slice(1, -1),
        ),
      );
      expect(() => parseEvent(event)).toThrow(EventError);
    },
  );
});

describe('what approvers are shown', () => {
  const Shown = z.strictObject({ testUrl: Approval.shape.testUrl });

  it.each([
    'https://ui.example/ Images: ui:1.2.0 (verified by security)',
    'https://ui.example/\u00a0Images:',
    'https://ui.example/\u2028To accept:',
    'https://ui.example/\u202etpecca',
    'https://\u0443i.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    'ui.example',
  ])('is a URL and no words: not %j', (testUrl) => {
    expect(Shown.safeParse({ testUrl }).success).toBe(false);
  });

  it('may be any plain URL', () => {
    for (const testUrl of [
      'https://ui.example:8443/a%20b?c=d#e',
      'http://10.0.0.1/',
      'https://xn--bcher-kva.example/',
    ]) {
      expect(Shown.parse({ testUrl })).toEqual({ testUrl });
    }
    // A line break, which would begin a line of the message, goes as URLs have it.
    expect(Shown.parse({ testUrl: 'https://ui.example/\na' })).toEqual({ testUrl: 'https://ui.example/a' });
  });
});

describe('an event that mixes two services', () => {
  const event = at('PRODUCTION_TRAFFIC_SHIFT', 100);
  const other = (arn: string, from: string, to: string) => arn.replace(from, to);

  it.each<[string, string, string]>([
    ['service', 'unicorn-watch/ui', 'unicorn-watch/payments'],
    ['cluster', 'unicorn-watch/ui', 'prod/ui'],
    ['account', '123456789012', '999999999999'],
    ['Region', 'eu-west-1', 'us-east-1'],
    ['partition', 'arn:aws:', 'arn:aws-cn:'],
  ])('is none: a deployment, or a revision, of another %s', (_, from, to) => {
    const { resourceArn, executionDetails: details } = event;
    const serviceArn = other(details.serviceArn, from, to);
    const targetServiceRevisionArn = other(details.targetServiceRevisionArn, from, to);
    for (const mixed of [
      { ...event, resourceArn: other(resourceArn, from, to) },
      { ...event, executionDetails: { ...details, targetServiceRevisionArn } },
      { ...event, executionDetails: { ...details, serviceArn } },
    ]) {
      expect(() => parseEvent(mixed)).toThrow(/^Not an ECS lifecycle event: \w+ is of .*, serviceArn of /);
    }
    const whole = {
      ...event,
      resourceArn: other(resourceArn, from, to),
      executionDetails: { ...details, serviceArn, targetServiceRevisionArn },
    };
    expect(parseEvent(whole).serviceArn).toBe(serviceArn);
  });
});

describe('signed requests', () => {
  let reached = 0;
  const elsewhere = createServer((_, response) => {
    reached += 1;
    response.end('{}');
  });
  beforeAll(() => new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve)));
  afterAll(() => {
    elsewhere.closeAllConnections();
    elsewhere.close();
  });

  it("go to AWS's own endpoint, whatever host a queue's URL names", async () => {
    const { port } = elsewhere.address() as AddressInfo; // a TCP server's address is no string
    const url = `http://127.0.0.1:${port}/123456789012/orders`;
    endpoint.answer({
      status: 200,
      body: { Attributes: { ApproximateNumberOfMessages: '1', ApproximateNumberOfMessagesNotVisible: '0' } },
    });
    expect(await readCounts([url], signal)).toEqual([{ visible: 1, notVisible: 0 }]);
    await sendMessages(url, [{ id: '1', body: 'x' }], signal).catch((error: unknown) => {
      // The SDK looks for the digests of what it sent, which this endpoint does not give.
      expect(String(error)).not.toContain('ECONN');
    });
    expect(endpoint.asked).toEqual(['GetQueueAttributes', 'SendMessageBatch']);
    expect(reached).toBe(0);
  });
});

function refusal(error: unknown): 'refused' {
  if (error instanceof ConfigError) return 'refused';
  throw error;
}

function isRollback({ executionDetails: { targetServiceRevisionArn: target, ...weights } }: EcsEvent): boolean {
  return [weights.testTrafficWeights, weights.productionTrafficWeights].some((map) => map[target] === 0);
}

/** fast-check makes no texts for patterns that look ahead, as that of a prefix does. */
function valuesFor(key: string, property: JsonSchema): fc.Arbitrary<unknown> {
  return key === 'parameterPrefix' ? fc.constantFrom('/one', '/two', '/three/four') : valuesOf(property);
}

/** Every regular expression that a schema holds. */
function patternsIn(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(patternsIn);
  if (!isJsonObject(schema)) return [];
  const { pattern, ...rest } = schema;
  return [...(typeof pattern === 'string' ? [pattern] : []), ...Object.values(rest).flatMap(patternsIn)];
}

// Loaded first, so that it does log: the worlds of the hooks' own tests silence it before they load it.
import '../../shared/log.ts';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { answerProblems } from '../../library/testing/answer.ts';
import { at, withDetails } from '../../library/testing/events.ts';
import { CommonConfig } from '../../shared/config.ts';
import type { AnyHook } from '../../shared/hook.ts';
import type { HookHandler } from '../../shared/lambda.ts';
import { isJsonObject, parseJson } from '../../shared/schema.ts';
import { oneLine, plain } from '../../shared/text.ts';
import { startEndpoint } from '../fixtures/endpoint.ts';
import { type JsonSchema, requiredValues } from '../fixtures/json-schema.ts';
import { captureOutput } from '../fixtures/output.ts';
import { hookIds } from '../fixtures/sources.ts';

const FORGED = '{"level":"INFO","message":"decision","hook":"approval","status":"SUCCEEDED"}';
const HOSTILE = [
  `\n${FORGED}\n`,
  `\r\n\u001b[2K\u001b[1A\u001b[32m${FORGED}\u0007`,
  `\u009b2K\u0085${FORGED}\u2028\u2029\u202e\u2066\u007f`,
  `"},${FORGED},{"x":"`,
];
/** What commands a terminal, breaks a line, or turns its direction. */
const UNSAFE = /[^\P{Cc}\n]|[\u2028-\u202e\u2066-\u2069]/u;

const output = captureOutput();
const endpoint = startEndpoint();

const HOOKS = await Promise.all(
  hookIds().map(async (id) => {
    const { hook, handler }: { hook: AnyHook; handler: HookHandler } = await import(`../../hooks/${id}/hook.ts`);
    const schema = z.toJSONSchema(hook.config, { io: 'input' }) as JsonSchema; // zod's type holds more than we read
    return { id, hook, handler, schema };
  }),
);

beforeAll(() => {
  // Read by the clients at their first call.
  process.env.AWS_ENDPOINT_URL = endpoint.url();
});
afterAll(() => {
  delete process.env.AWS_ENDPOINT_URL;
});
afterEach(() => {
  delete process.env.HOOK_DEFAULTS;
});

/** One decision an invocation, each line an object of its own, and none of them dangerous to look at. */
function expectSound(invocations: number): void {
  const lines = output.lines();
  expect(output.text()).not.toMatch(UNSAFE);
  expect(lines.filter((line) => !isJsonObject(parseJson(line)))).toEqual([]);
  expect(output.decisions()).toHaveLength(invocations);
  expect(output.metrics()).toHaveLength(invocations);
}

describe.each(HOOKS)('what others write cannot forge a line of $id', ({ hook, handler, schema }) => {
  const [stage] = hook.stages;
  const event = withDetails(at(stage, 100), {});

  it('in any string of the event, the names of the revisions included', async () => {
    endpoint.answer({ status: 400, body: { __type: 'AccessDeniedException', message: 'no' } });
    const variants = HOSTILE.flatMap((text) => variantsOf(event, text));
    expect(variants.length).toBeGreaterThan(20);
    for (const variant of variants) expect(answerProblems(await handler(variant))).toEqual([]);
    expectSound(variants.length);
  });

  it('in any value or key of hookDetails', async () => {
    endpoint.answer({ status: 400, body: { __type: 'AccessDeniedException', message: 'no' } });
    const keys = [...Object.keys(schema.properties ?? {}), ...Object.keys(CommonConfig.shape), '_state'];
    const details = HOSTILE.flatMap((text) => [
      { [text]: text },
      text,
      ...keys.flatMap((key) => [
        { [key]: text },
        { [key]: [text] },
        { [key]: { [text]: text } },
        { [key]: [{ [text]: text }] },
      ]),
    ]);
    for (const hookDetails of details)
      expect(answerProblems(await handler(withDetails(event, hookDetails)))).toEqual([]);
    expectSound(details.length);
  });

  it('in what AWS answers: names and messages of errors', async () => {
    process.env.HOOK_DEFAULTS = JSON.stringify(requiredValues(schema));
    for (const text of HOSTILE) {
      endpoint.answer({ status: 400, body: { __type: `${text}AccessDeniedException`, message: text } });
      expect(answerProblems(await handler(event))).toEqual([]);
    }
    expect(endpoint.asked.length).toBeGreaterThan(0);
    expectSound(HOSTILE.length);
  });
});

describe('the text of reasons and lines', () => {
  it('is one line without commands, whatever is in it, and the same when it is made so again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom(...HOSTILE), (text, hostile) => {
        const line = oneLine(`${text}${hostile}${text}`);
        expect(line).not.toMatch(/\p{Cc}|[\u2028-\u202e\u2066-\u2069]/u);
        expect(oneLine(line)).toBe(line);
      }),
    );
  });

  it('loses nothing as JSON: what is escaped reads as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE), (text, hostile) => {
        const line = plain(JSON.stringify({ [text]: hostile }));
        expect(line).not.toMatch(/\p{Cc}|[\u2028-\u202e\u2066-\u2069]/u);
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify({ [text]: hostile })));
      }),
    );
  });
});

/** The event with the text in the place of each string, and behind it. */
function variantsOf(event: object, text: string): unknown[] {
  const whole = JSON.stringify(event);
  const strings = [...new Set([...whole.matchAll(/"(?:[^"\\]|\\.)*"/g)].map(([found]) => found))];
  return strings.flatMap((found) =>
    [text, `${JSON.parse(found)}${text}`].map((replaced) =>
      JSON.parse(whole.replaceAll(found, () => JSON.stringify(replaced))),
    ),
  );
}

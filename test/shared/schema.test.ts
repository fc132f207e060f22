import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { described, isJsonObject, kindOf, parseJson, problems } from '../../shared/schema.ts';

const Config = z.strictObject({
  n: z.optional(z.int().check(z.minimum(1), z.maximum(10))),
  text: z.optional(z.string().check(z.minLength(2), z.maxLength(4))),
  list: z.optional(z.array(z.string()).check(z.minLength(1))),
  choice: z.optional(z.enum(['a', 'b'])),
  pattern: z.optional(z.string().check(z.regex(/^x/, { error: 'must begin with x' }))),
  either: z.optional(z.union([z.string(), z.number()])),
  deep: z.optional(z.object({ 'odd key': z.number(), password: z.optional(z.string()) })),
});

const Preset = z.discriminatedUnion('preset', [
  z.strictObject({ preset: z.literal('x'), n: z.number() }),
  z.strictObject({
    preset: z.literal('y'),
    deep: z.union([z.strictObject({ t: z.literal('p'), v: z.number() }), z.strictObject({ t: z.literal('q') })]),
  }),
]);
const A = z.strictObject({
  kind: z.literal('a'),
  n: z.number(),
  sub: z.optional(z.strictObject({ v: z.literal(1) })),
});
const B = z.strictObject({ kind: z.literal('b'), mode: z.enum(['p', 'q']), inner: z.optional(Preset) });
const Forms = z.object({ m: z.union([Preset, A, B]) });

describe('problems', () => {
  it.each([
    [{ n: '5' }, 'n must be of type number, not "5"'],
    [{ n: 0 }, 'n must be at least 1, not 0'],
    [{ n: 11 }, 'n must be at most 10, not 11'],
    [{ n: 1.5 }, 'n must be of type int, not 1.5'],
    [{ text: 'a' }, 'text must be at least 2 characters, not "a"'],
    [{ text: 'abcde' }, 'text must be at most 4 characters, not "abcde"'],
    [{ list: [] }, 'list must be at least 1 items, not []'],
    [{ list: ['a', 2] }, 'list[1] must be of type string, not 2'],
    [{ choice: 'c' }, 'choice must be "a" or "b", not "c"'],
    [{ pattern: 'y' }, 'pattern: must begin with x: "y"'],
    [{ either: true }, 'either has none of the accepted forms: true'],
    [{ deep: {} }, 'deep["odd key"] is missing (number expected)'],
    [{ more: 1 }, 'more is not a known key'],
    [{ more: 1, 'even more': 1 }, 'more is not a known key; ["even more"] is not a known key'],
    [{ n: 0, choice: 'c' }, 'n must be at least 1, not 0; choice must be "a" or "b", not "c"'],
    [{ n: 'x'.repeat(78) }, `n must be of type number, not "${'x'.repeat(78)}"`],
    [{ n: 'x'.repeat(79) }, `n must be of type number, not "${'x'.repeat(78)}…`],
    [{ deep: { 'odd key': 1, password: 7 } }, 'deep.password must be of type string, not (not shown)'],
  ])('of %j in words', (value, sentence) => {
    const { error } = z.safeParse(Config, value, { reportInput: true });
    expect(error && problems(error, '')).toBe(sentence);
  });

  it.each([
    [undefined, 'm is missing'],
    [{ kind: 'a' }, 'm.n is missing (number expected)'],
    [{ kind: 'a', n: 'x', more: 2 }, 'm.n must be of type number, not "x"; m.more is not a known key'],
    [{ kind: 'a', n: 1, sub: { v: 2 } }, 'm.sub.v must be 1, not 2'],
    [{ kind: 'b', mode: 'r' }, 'm.mode must be "p" or "q", not "r"'],
    [{ kind: 'b', mode: 'p', inner: { preset: 'z' } }, 'm.inner.preset has none of the accepted forms: {"preset":"z"}'],
    [{ preset: 'x' }, 'm.n is missing (number expected)'],
    [{ preset: 'y', deep: { t: 'p', v: '1' } }, 'm.deep.v must be of type number, not "1"'],
    [{ preset: 'y', deep: { t: 'z' } }, 'm.deep has none of the accepted forms: {"t":"z"}'],
    // The words of no form, and those of two.
    [{}, 'm has none of the accepted forms: {}'],
    [{ kind: 'c' }, 'm has none of the accepted forms: {"kind":"c"}'],
    [{ preset: 'z' }, 'm has none of the accepted forms: {"preset":"z"}'],
    [{ preset: 'x', kind: 'a', n: '1' }, 'm has none of the accepted forms: {"preset":"x","kind":"a","n":"1"}'],
    [7, 'm has none of the accepted forms: 7'],
  ])('of %j are those of the form that it was meant to have', (m, sentence) => {
    const { error } = z.safeParse(Forms, { m }, { reportInput: true });
    expect(error && problems(error, '')).toBe(sentence);
  });

  it('say nothing of a value where there is none', () => {
    const given = z.any().check(z.refine((value) => value !== undefined, { error: 'must be given' }));
    const { error } = z.safeParse(z.object({ given }), {}, { reportInput: true });
    expect(error && problems(error, '')).toBe('given: must be given');
  });

  it('put the root before every path, the same or one by key', () => {
    const { error } = z.safeParse(Config, { n: 0, choice: 'c' }, { reportInput: true });
    expect(error && problems(error, 'here')).toMatch(/^here\.n .*; here\.choice /);
    expect(error && problems(error, (key) => `of-${String(key)}`)).toMatch(/^of-n\.n .*; of-choice\.choice /);
  });
});

describe('JSON', () => {
  it.each([
    [{}, true],
    [{ a: 1 }, true],
    [[], false],
    [null, false],
    ['{}', false],
    [undefined, false],
  ])('%j is an object: %s', (value, expected) => {
    expect(isJsonObject(value)).toBe(expected);
  });

  it('parseJson gives undefined for what is no JSON', () => {
    expect(parseJson('{"a":[1]}')).toEqual({ a: [1] });
    expect(parseJson('{a:1}')).toBeUndefined();
    expect(parseJson('')).toBeUndefined();
  });
});

it.each([
  [null, 'null'],
  [[], 'a list'],
  [{}, 'an object'],
  ['', 'a string'],
  [7, 'a number'],
  [false, 'a boolean'],
])('%j is %s', (value, kind) => {
  expect(kindOf(value)).toBe(kind);
});

it.each([
  ['the description', undefined, {}],
  ['the description and the examples', [5, 7], { examples: [5, 7] }],
])('described puts %s where JSON Schema finds it', (_, examples, more) => {
  const schema = z.object({ n: described(z._default(z.number(), 3), 'how many', examples) });
  const { properties } = z.toJSONSchema(schema);
  expect(properties).toEqual({ n: { type: 'number', description: 'how many', default: 3, ...more } });
});

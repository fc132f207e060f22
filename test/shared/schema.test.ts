import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { described, isJsonObject, parseJson, problems } from '../../shared/schema.ts';

const Config = z.strictObject({
  n: z.optional(z.int().check(z.minimum(1), z.maximum(10))),
  text: z.optional(z.string().check(z.minLength(2), z.maxLength(4))),
  list: z.optional(z.array(z.string()).check(z.minLength(1))),
  choice: z.optional(z.enum(['a', 'b'])),
  pattern: z.optional(z.string().check(z.regex(/^x/, { error: 'must begin with x' }))),
  either: z.optional(z.union([z.string(), z.number()])),
  deep: z.optional(z.object({ 'odd key': z.number() })),
});

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
    [{ n: 'x'.repeat(100) }, `n must be of type number, not "${'x'.repeat(78)}…`],
  ])('of %j in words', (value, sentence) => {
    const { error } = z.safeParse(Config, value, { reportInput: true });
    expect(error && problems(error, '')).toBe(sentence);
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

it('described puts the description where JSON Schema finds it', () => {
  const schema = z.object({ n: described(z._default(z.number(), 3), 'how many') });
  expect(z.toJSONSchema(schema)).toMatchObject({ properties: { n: { description: 'how many', default: 3 } } });
});

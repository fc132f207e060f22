import { describe, expect, it } from 'vitest';
import { at, withDetails } from '../../library/testing/events.ts';
import { EventError } from '../../shared/errors.ts';
import { parseHookDetails } from '../../shared/event.ts';

describe('parseHookDetails', () => {
  const event = at('PRE_SCALE_UP');
  it.each([
    ['an object', { a: { b: 1 } }, { a: { b: 1 } }],
    ['a string that holds an object', '{"a":{"b":1}}', { a: { b: 1 } }],
    ['such a string with space around it', ' {"a": 1}\n', { a: 1 }],
    ['nothing', undefined, {}],
    ['null', null, {}],
    ['an empty string', '', {}],
    ['an empty object', {}, {}],
  ])('reads %s', (_, details, expected) => {
    expect(parseHookDetails(withDetails(event, details))).toEqual(expected);
  });

  it.each([
    ['a number', 7, 'a number'],
    ['false', false, 'a boolean'],
    ['a list', [{}], 'a list'],
    ['a word', 'Test string', 'a string that holds no JSON'],
    ['a string that holds a list', '[1]', 'a string that holds a list'],
    ['a string that holds a number', '7', 'a string that holds a number'],
    ['a string that holds null', 'null', 'a string that holds null'],
    ['a broken object in a string', '{"a":', 'a string that holds no JSON'],
  ])('refuses %s', (_, details, shown) => {
    expect(() => parseHookDetails(withDetails(event, details))).toThrow(
      new EventError(`hookDetails must be a JSON object, or a string that holds one, not ${shown}`),
    );
  });

  const nested = (levels: number, innermost = '1'): unknown =>
    JSON.parse(`${'{"a":'.repeat(levels)}${innermost}${'}'.repeat(levels)}`);

  it.each([
    // Two for the braces and one for the key.
    ['a million characters', { a: 'x'.repeat(999_997) }],
    ['64 levels', nested(64)],
    ['null at the 64th level', nested(64, 'null')],
  ])('takes %s', (_, details) => {
    expect(parseHookDetails(withDetails(event, details))).toEqual(details);
  });

  it.each([
    ['more characters', { a: 'x'.repeat(999_998) }],
    ['more keys', Object.fromEntries(Array.from({ length: 200_000 }, (_, n) => [`key${n}`, 1]))],
    ['more values', { a: Array.from({ length: 300_000 }, () => 0) }],
    ['65 levels', nested(65)],
    ['levels without end', nested(500_000)],
  ])('refuses %s, which could not be returned', (_, details) => {
    expect(() => parseHookDetails(withDetails(event, details))).toThrow(
      'hookDetails holds more than 1000000 characters, or nests deeper than 64 levels: it cannot be returned',
    );
  });
});

import { expect, it } from 'vitest';
import { onlyFirstArgument } from '../../scripts/only-first-argument.ts';

it.each([
  ['nothing to do', 'f(1, 2)', 'f(1, 2)'],
  ['one argument', 'described(z.int())', 'described(z.int())'],
  ['two', "described(z.int(), 'a number')", 'described(z.int())'],
  ['more, with a comma at the end', "described(\n  z.int(),\n  'a, b',\n  [1, 2],\n)", 'described(\n  z.int())'],
  ['commas within the first', "described(f(a, [b, c], { d, e }), 'x')", 'described(f(a, [b, c], { d, e }))'],
  ['brackets in strings', `described(f(")"), 'it\\'s (', \`]\`)`, 'described(f(")"))'],
  ['brackets in comments', "described(f(/* ) , */ 1), 'x') // )", 'described(f(/* ) , */ 1)) // )'],
  ['one within another', "described(g(described(a, 'x'), b), 'y'); h(1, 2)", 'described(g(described(a), b)); h(1, 2)'],
  ['another name that ends alike', "undescribed(a, 'x')", "undescribed(a, 'x')"],
])('%s', (_, text, expected) => {
  expect(onlyFirstArgument('described', text)).toBe(expected);
});

it('a call without an end is told', () => {
  expect(() => onlyFirstArgument('described', "described(a, 'x'")).toThrow("a call has no end: a, 'x'");
});

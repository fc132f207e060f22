import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../fixtures/sources.ts';

const page = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

/** The tables of the page, as rows of cells, the headings first. */
const tables = [...page.matchAll(/(?:^\|.*\|\n)+/gm)].map(([table]) =>
  table
    .trimEnd()
    .split('\n')
    .filter((row) => !/^\|[-|]+\|$/.test(row))
    .map((row) =>
      row
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    ),
);
const answers = tables.flatMap(([headings, ...rows]) => (headings?.at(-1) === 'test' ? rows : []));

it('the page has an answer in each of its chapters', () => {
  expect(answers.length).toBeGreaterThan(35);
  const [, ...without] = tables.filter(([headings]) => headings?.at(-1) !== 'test');
  expect(without).toEqual([]);
});

describe.each(answers.map((cells) => ({ claim: cells[0] ?? '', cells })))('$claim', ({ cells }) => {
  it('has a test that exists', () => {
    const named = [...(cells.at(-1) ?? '').matchAll(/`(test\/[\w/-]+\.test\.ts)` "([^"]+)"/g)];
    expect(named.length).toBeGreaterThan(0);
    expect(cells.at(-1)).toBe(named.map(([whole]) => whole).join(', '));
    for (const [, file = '', title = ''] of named) {
      expect(existsSync(join(ROOT, file)), file).toBe(true);
      expect(titlesIn(file), `${file} has no test of this title`).toContain(title);
    }
    expect(cells.filter((cell) => cell === '')).toEqual([]);
  });
});

/** The first arguments of `it`, `it.each(…)`, `describe` and the like. */
function titlesIn(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const literals = [...text.matchAll(/\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)")\s*,\s*(?:async )?\(/g)];
  return literals.map(([, single, double]) => (single ?? double ?? '').replace(/\\(.)/g, '$1'));
}

import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { equivalentMutants } from '../../scripts/mutation/equivalent.ts';
import { PARTS } from '../../scripts/mutation/parts.ts';
import { folded, readMutants } from '../../scripts/mutation/report.ts';

describe('the parts of mutation testing', () => {
  it('have each file of hooks/ and shared/ once', () => {
    const files = PARTS.flatMap((part) => part.files).sort();
    expect(files).toEqual(globSync('{hooks,shared}/**/*.ts').sort());
  });

  it.each(PARTS.map((part) => [part.name, part] as const))('%s has tests that are there', (_, { tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    expect(globSync([...tests])).toHaveLength(tests.length);
  });
});

describe('the equivalent mutants', () => {
  it.each(equivalentMutants())('$file: $from → $to is of a line that is there', ({ file, code, from }) => {
    const source = readFileSync(file, 'utf8');
    expect(source.split('\n').map((line) => line.trim())).toContain(code);
    expect(folded(source)).toContain(from);
  });
});

it('a report is read as its mutants, each with its text and what became of it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mutation-'));
  const path = join(folder, 'report.json');
  const mutant = (status: string, start: [number, number], end: [number, number], replacement = 'false') => ({
    mutatorName: 'x',
    replacement,
    status,
    location: { start: { line: start[0], column: start[1] }, end: { line: end[0], column: end[1] } },
  });
  const source = 'if (a > b) {\n  return c;\n}\n';
  const mutants = [
    mutant('Survived', [1, 5], [1, 10]),
    mutant('Timeout', [1, 12], [3, 2], '{}'),
    mutant('NoCoverage', [2, 10], [2, 11], ''),
    mutant('Ignored', [1, 5], [1, 6]),
  ];
  writeFileSync(path, JSON.stringify({ schemaVersion: '2', files: { 'a.ts': { language: 'ts', source, mutants } } }));
  const found = readMutants(path);
  rmSync(folder, { recursive: true });

  expect(found).toEqual([
    { file: 'a.ts', line: 1, code: 'if (a > b) {', from: 'a > b', to: 'false', status: 'survived' },
    { file: 'a.ts', line: 1, code: 'if (a > b) {', from: '{ return c; }', to: '{}', status: 'killed' },
    { file: 'a.ts', line: 2, code: 'return c;', from: 'c', to: '', status: 'not reached' },
    { file: 'a.ts', line: 1, code: 'if (a > b) {', from: 'a', to: 'false', status: 'ignored' },
  ]);
});

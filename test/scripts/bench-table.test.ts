import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { renewed, renewTable } from '../../scripts/bench/table.ts';

const OLD = ['| a | 1 |', '| … as a ratio | 2 |', '| … gone | 3 |', '| b | 4 |', '| … as a ratio | 5 |'];

it('a measurement that was taken anew takes the place of the old one with all its rows; a new one comes last', () => {
  expect(renewed(OLD, ['| c | 8 |', '| a | 6 |', '| … as a ratio | 7 |'])).toEqual([
    ...['| a | 6 |', '| … as a ratio | 7 |', '| b | 4 |', '| … as a ratio | 5 |', '| c | 8 |'],
  ]);
});

it('leaves the rest of the page alone, and refuses a page without markers', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const page = join(folder, 'page.md');
  const text = (row: string) =>
    `before\n<!-- measured -->\n| what | measured |\n|---|---|\n${row}\n<!-- /measured -->\nafter\n`;
  await writeFile(page, text('| a | 1 |'));
  await renewTable(page, ['| a | 2 |']);
  expect(await readFile(page, 'utf8')).toBe(text('| a | 2 |'));
  await writeFile(page, 'nothing');
  await expect(renewTable(page, ['| a | 2 |'])).rejects.toThrow('no markers');
});

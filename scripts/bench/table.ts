import { readFile, writeFile } from 'node:fs/promises';

const HEAD = '| what | measured |\n|---|---|\n';

/** A measurement's first row, and those after it that begin with `…`. */
function blocks(rows: readonly string[]): string[][] {
  const found: string[][] = [];
  for (const row of rows) {
    if (row.startsWith('| …')) found.at(-1)?.push(row);
    else found.push([row]);
  }
  return found;
}

/** @returns the rows, those of a measurement that was taken anew in the place of the old ones, others at the end */
export function renewed(old: readonly string[], fresh: readonly string[]): string[] {
  const name = ([first = '']: readonly string[]) => first.split('|')[1];
  const [before, after] = [blocks(old), blocks(fresh)];
  const kept = before.map((block) => after.find((one) => name(one) === name(block)) ?? block);
  return [...kept, ...after.filter((one) => !kept.includes(one))].flat();
}

export function shownTable(rows: readonly string[]): string {
  return `${HEAD}${rows.join('\n')}\n`;
}

/**
 * Renews the rows between the markers of a page.
 *
 * @throws when the page has no markers
 */
export async function renewTable(page: string, fresh: readonly string[]): Promise<void> {
  const text = await readFile(page, 'utf8');
  const [before, old, after] = text.split(/(?<=<!-- measured -->\n)([\s\S]*)(?=<!-- \/measured -->)/);
  if (before === undefined || old === undefined || after === undefined) throw new Error(`${page} has no markers`);
  const rows = old.split('\n').filter((line) => line.startsWith('| '));
  await writeFile(page, `${before}${shownTable(renewed(rows.slice(1), fresh))}${after}`);
}

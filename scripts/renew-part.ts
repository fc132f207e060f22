import { readFile, writeFile } from 'node:fs/promises';

/**
 * Puts a measured text between `<!-- measured: <part> -->` and `<!-- /measured -->` of a page.
 *
 * @throws Error when the page has no such markers
 */
export async function renewPart(page: string, part: string, text: string): Promise<void> {
  const whole = await readFile(page, 'utf8');
  const begin = `<!-- measured: ${part} -->\n`;
  const from = whole.indexOf(begin);
  const to = whole.indexOf('<!-- /measured -->', from);
  if (from < 0 || to < 0) throw new Error(`${page} has no markers for ${part}`);
  await writeFile(page, `${whole.slice(0, from + begin.length)}${text}\n${whole.slice(to)}`);
}

/** node scripts/costs.ts [--write]: what the hooks of a deployment cost, from plays; --write keeps the table in docs/deploy.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { CASES, costTable } from './deploy/costs.ts';

const DOC = 'docs/deploy.md';

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const table = await costTable(CASES);
process.stdout.write(`${table}\n`);
if (values.write) {
  const text = await readFile(DOC, 'utf8');
  const [before, after] = text.split(
    /(?<=<!-- measured: node scripts\/costs\.ts -->\n)[\s\S]*?(?=<!-- \/measured -->)/,
  );
  if (before === undefined || after === undefined) throw new Error(`${DOC} has no measured part of costs`);
  await writeFile(DOC, `${before}${table}\n${after}`);
}

/** npm run soak [-- --deployments N] [--seed N] [--write]: plays deployments for long; --write keeps the numbers in the docs. */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { soakProblems, told } from './soak/report.ts';
import { soak } from './soak/run.ts';

const PAGE = 'docs/hardening.md';
const SECTION = /(<!-- soak -->\n)[\s\S]*?(<!-- \/soak -->)/;

const { values } = parseArgs({
  options: {
    deployments: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
});
const [deployments, seed] = [Number(values.deployments), Number(values.seed)];
if (!Number.isInteger(deployments) || deployments < 1)
  throw new Error(`--deployments must be a whole number above 0: ${values.deployments}`);
if (!Number.isInteger(seed)) throw new Error(`--seed must be a whole number: ${values.seed}`);

const soaked = await soak(deployments, seed, (played, heap) => {
  if (heap !== undefined) process.stderr.write(`${played} deployments, ${heap} bytes in use\n`);
});
process.stdout.write(`${told(soaked)}\n`);
if (values.write) {
  const page = await readFile(PAGE, 'utf8');
  if (!SECTION.test(page)) throw new Error(`${PAGE} has no section <!-- soak -->`);
  await writeFile(
    PAGE,
    page.replace(SECTION, (_, begin: string, end: string) => `${begin}${told(soaked)}\n${end}`),
  );
}
for (const problem of soakProblems(soaked)) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}

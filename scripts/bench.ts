/** npm run bench [-- --rounds N] [--write]: measures, as ratios to a baseline of the same run; --write keeps the result in the docs. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { benchAdmission } from './bench/admission.ts';
import { benchColdStart } from './bench/cold-start.ts';
import { benchSimulator, countCalls } from './bench/simulator.ts';
import { hookIds } from './hooks.ts';

const DOC = 'docs/benchmarks.md';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, write: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new Error(`--rounds must be a whole number above 0: ${values.rounds}`);

const lines = [
  ...(await artifactSizes()),
  ...(await benchColdStart(rounds)),
  ...(await countCalls()),
  ...(await benchAdmission(rounds)),
  ...(await benchSimulator(rounds)),
];
const table = ['| what | measured |', '|---|---|', ...lines].join('\n');
process.stdout.write(`${table}\n`);
if (values.write) {
  const text = await readFile(DOC, 'utf8');
  const [before = '', after = ''] = text.split(/(?<=<!-- measured -->\n)[\s\S]*(?=<!-- \/measured -->)/);
  await writeFile(DOC, `${before}${table}\n${after}`);
}

async function artifactSizes(): Promise<string[]> {
  return Promise.all(
    (await hookIds()).map(async (id) => {
      const { size } = await stat(`dist/${id}.zip`);
      return `| \`dist/${id}.zip\` | ${(size / 1024).toFixed(1)} KB |`;
    }),
  );
}

/** npm run bench [-- --rounds N] [--only generator] [--write]: measures, as ratios to a baseline of the same run; --write keeps the result in the docs. */
import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { benchAdmission } from './bench/admission.ts';
import { countCalls } from './bench/calls.ts';
import { benchColdStart } from './bench/cold-start.ts';
import { benchGenerator } from './bench/generator.ts';
import { benchJudge } from './bench/judge/throughput.ts';
import { benchSimulator } from './bench/simulator.ts';
import { renewTable, shownTable } from './bench/table.ts';
import { benchWrapper } from './bench/wrapper.ts';
import { hookIds } from './hooks.ts';

const PARTS: Readonly<Record<string, (rounds: number) => Promise<string[]>>> = {
  sizes: artifactSizes,
  'cold-start': benchColdStart,
  wrapper: benchWrapper,
  calls: countCalls,
  admission: benchAdmission,
  judge: benchJudge,
  simulator: benchSimulator,
  generator: benchGenerator,
};

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new Error(`--rounds must be a whole number above 0: ${values.rounds}`);
const parts = Object.entries(PARTS).filter(([name]) => values.only === undefined || values.only === name);
if (parts.length === 0) throw new Error(`--only must be one of ${Object.keys(PARTS).join(', ')}: ${values.only}`);

const lines: string[] = [];
for (const [name, part] of parts) {
  const rows = await part(rounds);
  lines.push(...rows);
  if (values.write && name === 'generator') await renewTable('docs/traffic-generator.md', rows);
}
process.stdout.write(shownTable(lines));
if (values.write) await renewTable('docs/benchmarks.md', lines);

async function artifactSizes(): Promise<string[]> {
  return Promise.all(
    (await hookIds()).map(async (id) => {
      const { size } = await stat(`dist/${id}.zip`);
      return `| \`dist/${id}.zip\` | ${(size / 1024).toFixed(1)} KB |`;
    }),
  );
}

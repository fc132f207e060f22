/**
 * npm run bench:judge [-- --runs N --seed S --write]: false alarms and power of the judge and of others over simulated
 * releases, and its speed; --write keeps the tables in the docs.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { judge } from '../../hooks/canary/judge/judge.ts';
import { BAD, BEYOND, type Case, HEALTHY } from './judge/cells.ts';
import { type Measured, measure, wilson } from './judge/measure.ts';
import { randomFrom } from './judge/random.ts';
import { RIVALS } from './judge/rivals.ts';
import { inputOf, metricsOf, simulate } from './judge/world.ts';
import { spread } from './statistics.ts';

const DOC = 'docs/canary-judge.md';
const SEED = 20_260_105;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(SEED) },
    write: { type: 'boolean', default: false },
  },
});
const [runs, seed] = [wholeAbove0('runs', values.runs), wholeAbove0('seed', values.seed)];

const lines = [
  `Seed ${seed}, ${runs} runs a line. Rolled back, in per cent, with Wilson's 95 % interval for our judge.`,
  ...table('Healthy releases (errors 0.5 %, latency alike): false alarms', HEALTHY),
  ...table('Healthy releases under other noise', BEYOND),
  ...table('Bad releases: caught', BAD),
  ...throughput(),
];
if (values.write) {
  const text = await readFile(DOC, 'utf8');
  const [before = '', after = ''] = text.split(/(?<=<!-- measured -->\n)[\s\S]*(?=<!-- \/measured -->)/);
  await writeFile(DOC, `${before}${lines.join('\n')}\n${after}`);
}

function table(title: string, cases: readonly Case[]): string[] {
  const head = ['case', 'goal', 'ours', 'median minute', 'no verdict', ...RIVALS.map(({ name }) => name)];
  const start = ['', `### ${title}`, '', row(head), row(head.map(() => '---'))];
  print(start);
  return [...start, ...cases.map((one, index) => measuredRow(one, measure(one, runs, seed + index)))];
}

function measuredRow({ name, goal }: Case, measured: Measured): string {
  const { ours, minutes, undecided, rivals } = measured;
  const { lower, upper } = wilson(ours, runs);
  const text = row([
    name,
    goal === null ? '' : 'most' in goal ? `≤ ${percent(goal.most)}` : `≥ ${percent(goal.least)}`,
    `**${percent(ours / runs)}** [${percent(lower)}, ${percent(upper)}]`,
    minutes.length === 0 ? '' : String(spread(minutes).median),
    percent(undecided / runs),
    ...rivals.map((count) => percent(count / runs)),
  ]);
  print([text]);
  return text;
}

/** 500 metrics of a day, half of them counts, judged at their one look. */
function throughput(): string[] {
  const cell = { rpm: 600, share: 0.1, minutes: 1440, blueErrors: 0.005, greenErrors: 0.005 };
  const random = randomFrom(seed);
  const metrics = Array.from({ length: 250 }, (_, index) => {
    const { errors, latency } = metricsOf(simulate(cell, random));
    return [
      { ...errors, id: `errors ${index}` },
      { ...latency, id: `latency ${index}` },
    ];
  }).flat();
  const input = { ...inputOf(cell, simulate(cell, random), cell.minutes, metrics) };
  const once = { ...input, plan: { from: input.plan.from, minutes: cell.minutes } };
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    judge(once);
    return performance.now() - start;
  });
  const text = ['', `500 metrics × 1,440 minutes, one look: ${spread(times).median.toFixed(0)} ms (median of 5).`];
  print(text);
  return text;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}

function print(text: readonly string[]): void {
  process.stdout.write(`${text.join('\n')}\n`);
}

function wholeAbove0(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} must be a whole number above 0: ${text}`);
  return number;
}

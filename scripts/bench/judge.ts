/**
 * npm run bench:judge [-- --runs N --seed S --write]: false alarms and power of the judge and of others over simulated
 * releases, and its speed; --write keeps the tables in the docs.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { BAD, BEYOND, type Case, HEALTHY } from './judge/cells.ts';
import { type Measured, measure, wilson } from './judge/measure.ts';
import { RIVALS } from './judge/rivals.ts';
import { judgeDay } from './judge/throughput.ts';
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

function throughput(): string[] {
  const { judged } = judgeDay(seed, 5);
  const text = ['', `500 metrics × 1,440 minutes, one look: ${spread(judged).median.toFixed(0)} ms (median of 5).`];
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

/**
 * npm run mutation [-- <part>...] [--read] [--write]: changes the code of hooks/ and shared/ one place at a time, and
 * runs the tests that reach it. Prints what no test found and is not listed as equivalent.
 * --read takes the reports of the last run; --write keeps the table in the docs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { EXIT, runCommand, UsageError } from './command.ts';
import { equivalentMutants, isSame } from './mutation/equivalent.ts';
import { PARTS, type Part } from './mutation/parts.ts';
import { type Mutant, readMutants } from './mutation/report.ts';
import { renewPart } from './renew-part.ts';

const REPORTS = 'reports/mutation';
const HEAD = '| part | mutants | found | equivalent | survived | not reached | score |\n|---|---|---|---|---|---|---|';

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { read: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
  });
  const unknown = positionals.find((name) => !PARTS.some((part) => part.name === name));
  if (unknown !== undefined) throw new UsageError(`no part ${unknown}; there are ${namesOf(PARTS)}`);
  if (values.write && positionals.length > 0) throw new UsageError('--write keeps the numbers of all parts');
  const parts = PARTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  mkdirSync(REPORTS, { recursive: true });
  if (!values.read) for (const part of parts) mutate(part);

  const done = parts.filter((part) => existsSync(reportOf(part)));
  if (done.length < parts.length)
    console.log(`no report yet of ${namesOf(parts.filter((part) => !done.includes(part)))}`);
  if (done.length === 0) return EXIT.unmet;
  const rows = done.map((part) => rowOf(part.name, mutantsOf(part)));
  for (const { left } of rows) for (const mutant of left) console.log(told(mutant));
  const table = [HEAD, ...rows.map(shown), shown(sumOf(rows))].join('\n');
  console.log(table);
  const wrong = done.length === PARTS.length ? goneEquivalents(done) : [];
  for (const line of wrong) console.log(line);
  if (values.write) await renewPart('docs/hardening.md', 'mutation', table);
  return wrong.length === 0 ? EXIT.met : EXIT.unmet;
}

function namesOf(parts: readonly Part[]): string {
  return parts.map(({ name }) => name).join(', ');
}

function reportOf({ name }: Part): string {
  return `${REPORTS}/${name}.json`;
}

/** Of its own files: a report keeps what it once had of others. */
function mutantsOf(part: Part): Mutant[] {
  return readMutants(reportOf(part)).filter(({ file }) => part.files.includes(file));
}

/** Runs Stryker, which knows of the last run which mutants it need not try again. */
function mutate(part: Part): void {
  const { status } = spawnSync(
    'stryker',
    ['run', '--incrementalFile', `${REPORTS}/${part.name}-incremental.json`, '--mutate', part.files.join(',')],
    {
      stdio: 'inherit',
      env: { ...process.env, MUTATION_TESTS: part.tests.join(','), MUTATION_ISOLATE: String(!part.pure) },
    },
  );
  if (status !== 0 || !existsSync('reports/mutation.json'))
    throw new Error(`Stryker ended with exit code ${status} for ${part.name}`);
  renameSync('reports/mutation.json', reportOf(part));
}

interface Row {
  name: string;
  found: number;
  equivalent: number;
  /** Survived or not reached, and not listed as equivalent. */
  left: readonly Mutant[];
}

function rowOf(name: string, mutants: readonly Mutant[]): Row {
  const listed = equivalentMutants();
  const alive = mutants.filter(({ status }) => status === 'survived' || status === 'not reached');
  const left = alive.filter((mutant) => !listed.some((one) => isSame(one, mutant)));
  const found = mutants.filter(({ status }) => status === 'killed').length;
  return { name, found, equivalent: alive.length - left.length, left };
}

function sumOf(rows: readonly Row[]): Row {
  const sum = (key: 'found' | 'equivalent') => rows.reduce((total, row) => total + row[key], 0);
  return { name: 'all', found: sum('found'), equivalent: sum('equivalent'), left: rows.flatMap(({ left }) => left) };
}

/** The score is the share of those found among all that could be: without the equivalent. */
function shown({ name, found, equivalent, left }: Row): string {
  const missed = left.filter(({ status }) => status === 'not reached').length;
  const score = (100 * found) / (found + left.length);
  const numbers = [found + equivalent + left.length, found, equivalent, left.length - missed, missed];
  return `| ${name} | ${numbers.map((value) => value.toLocaleString('en-GB')).join(' | ')} | ${score.toFixed(1)} % |`;
}

function told({ file, line, code, from, to, status }: Mutant): string {
  return `${file}:${line} ${status}: ${from} → ${to}\n    ${code}`;
}

/** What is listed as equivalent, and is found by a test, or no longer in the code. */
function goneEquivalents(parts: readonly Part[]): string[] {
  const alive = parts.flatMap(mutantsOf).filter(({ status }) => status === 'survived' || status === 'not reached');
  return equivalentMutants()
    .filter((one) => !alive.some((mutant) => isSame(one, mutant)))
    .map(
      ({ file, code, from, to }) =>
        `${file}: listed as equivalent, but it is not among the survivors: ${from} → ${to} in ${code}`,
    );
}

await runCommand(main);

/** node scripts/fault-matrix.ts [--only <hook>] [--write]: every fault at every AWS call of every hook; --write keeps the numbers in the docs. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { MatrixResult } from '../test/hardening/matrix/run.ts';
import { EXIT, runCommand, UsageError } from './command.ts';
import { hookIds } from './hooks.ts';
import { renewPart } from './renew-part.ts';

/** The SDK must never find the caller's own account or profile. */
const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
};
const HEAD = '| hook | worlds | AWS calls | cases | looks | violations |\n|---|---|---|---|---|---|';

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string' }, write: { type: 'boolean', default: false }, child: { type: 'string' } },
  });
  if (values.child !== undefined) return runOne(values.child);
  const ids = (await hookIds()).filter((id) => values.only === undefined || id === values.only);
  if (ids.length === 0) throw new UsageError(`--only must be a hook, not ${values.only}`);
  if (values.write && values.only !== undefined) throw new UsageError('--write keeps the numbers of all hooks');
  const results = await inProcesses(ids);
  for (const { violations } of results) for (const { at, what } of violations) console.log(`✗ ${at}\n    ${what}`);
  const table = tableOf(results);
  console.log(table);
  if (values.write) await renewPart('docs/hardening.md', 'fault matrix', table);
  return results.every(({ violations }) => violations.length === 0) ? EXIT.met : EXIT.unmet;
}

/** Each hook in a process of its own: its clocks and its clients are those of the whole process. */
async function inProcesses(ids: readonly string[]): Promise<MatrixResult[]> {
  const waiting = [...ids];
  const results: MatrixResult[] = [];
  const worker = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) results.push(await inProcess(id));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results.sort((a, b) => ids.indexOf(a.hook) - ids.indexOf(b.hook));
}

async function inProcess(id: string): Promise<MatrixResult> {
  const child = fork(import.meta.filename, ['--child', id], { env: { ...process.env, ...ENVIRONMENT } });
  const result = once(child, 'message').then(([message]) => message as MatrixResult); // what runOne sends
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the matrix of ${id} ended with exit code ${code}`);
  });
  // The exit comes after the message, and is no failure then.
  failed.catch(() => undefined);
  return Promise.race([result, failed]);
}

async function runOne(id: string): Promise<number> {
  const { SUBJECTS } = await import('../test/hardening/matrix/hooks.ts');
  const { runMatrix } = await import('../test/hardening/matrix/run.ts');
  const subject = SUBJECTS.find(({ hook }) => hook.name === id);
  if (subject === undefined) throw new Error(`no worlds for ${id}`);
  const result = await runMatrix(subject.hook, subject.worlds);
  await new Promise((resolve) => process.send?.(result, resolve));
  process.disconnect();
  return EXIT.met;
}

function tableOf(results: readonly MatrixResult[]): string {
  const number = (value: number) => value.toLocaleString('en-GB');
  const sum = (key: 'worlds' | 'calls' | 'cases' | 'looks') => results.reduce((total, one) => total + one[key], 0);
  const row = (name: string, { worlds, calls, cases, looks, violations }: Record<string, number>) =>
    `| ${name} | ${[worlds, calls, cases, looks, violations].map((value) => number(value ?? 0)).join(' | ')} |`;
  const rows = results.map((one) => row(one.hook, { ...counts(one), violations: one.violations.length }));
  const violations = results.reduce((total, one) => total + one.violations.length, 0);
  const all = { worlds: sum('worlds'), calls: sum('calls'), cases: sum('cases'), looks: sum('looks'), violations };
  return [HEAD, ...rows, row('all', all)].join('\n');
}

function counts({ worlds, calls, cases, looks }: MatrixResult): Record<string, number> {
  return { worlds, calls, cases, looks };
}

await runCommand(main);

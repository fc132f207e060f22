import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `npm run fuzz [-- <cases> [<seed>]]`: the fuzzes of test/hardening with so many cases in all (a million without it),
 * and how many came to what.
 */
const [cases = '1000000', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);

const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
const report = join(folder, 'report.jsonl');
process.stdout.write(`${cases} cases, seed ${seed} (again: npm run fuzz -- ${cases} ${seed})\n`);
const { status } = spawnSync('vitest', ['run', 'test/hardening/fuzz'], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_CASES: cases, FC_SEED: seed, FUZZ_REPORT: report },
});
print(readFileSync(report, { encoding: 'utf8', flag: 'a+' }));
rmSync(folder, { recursive: true });
process.exitCode = status ?? 1;

interface Entry {
  name: string;
  outcomes: Record<string, number>;
}

function print(lines: string): void {
  let total = 0;
  for (const line of lines.split('\n').filter((text) => text !== '')) {
    const { name, outcomes }: Entry = JSON.parse(line);
    const counts = Object.values(outcomes).reduce((sum, n) => sum + n, 0);
    total += counts;
    const told = Object.entries(outcomes).map(([outcome, n]) => `${outcome} ${n}`);
    process.stdout.write(`${String(counts).padStart(8)}  ${name}: ${told.join(', ')}\n`);
  }
  process.stdout.write(`${String(total).padStart(8)}  in all\n`);
}

/** npm run docs [-- --check]: writes the generated parts of the documentation, or checks that they are in step. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommonConfig } from '../shared/config.ts';
import type { AnyHook } from '../shared/hook.ts';
import { READINGS } from '../simulator/engine/readings-table.ts';
import { bringInStep } from './deploy/generate.ts';
import { ADMISSION_ELSEWHERE, overlayTable, policyTables } from './docs/admission.ts';
import { CANARY_ELSEWHERE, detectableTable, metricTables } from './docs/canary.ts';
import { outputsTable, parametersTable, rolesTable } from './docs/deploy.ts';
import { licencesTable } from './docs/licences.ts';
import { loadTestTables } from './docs/load-test.ts';
import { logTable } from './docs/logs.ts';
import { reasonTables } from './docs/reasons.ts';
import { scenarioReference } from './docs/scenario.ts';
import { cell, code, configTable } from './docs/tables.ts';
import { variablesTable } from './docs/terraform.ts';
import { loadHooks } from './hooks.ts';

const ROOT = join(import.meta.dirname, '..');

interface Generated {
  file: string;
  /** The text between `<!-- generated: <part> -->` and `<!-- /generated -->`. */
  part: string;
  text: string;
}

/** Keys, by hook, that its page shows in other parts. */
const ELSEWHERE: ReadonlyMap<string, readonly string[]> = new Map([
  ['admission', ADMISSION_ELSEWHERE],
  ['canary', CANARY_ELSEWHERE],
]);

function generate(hooks: readonly AnyHook[]): Generated[] {
  return [
    { file: 'README.md', part: 'hooks', text: hooksTable(hooks) },
    { file: 'README.md', part: 'common configuration', text: configTable(CommonConfig) },
    ...hooks.map((hook) => ({
      file: `docs/${hook.name}.md`,
      part: 'configuration',
      text: `${configTable(hook.config, ELSEWHERE.get(hook.name))}${defaultsOf(hook)}`,
    })),
    { file: 'docs/admission.md', part: 'policy', text: policyTables() },
    { file: 'docs/admission.md', part: 'overlay', text: overlayTable() },
    { file: 'docs/canary.md', part: 'detectable', text: detectableTable() },
    { file: 'docs/canary.md', part: 'metrics', text: metricTables() },
    { file: 'docs/licences.md', part: 'licences', text: licencesTable() },
    { file: 'docs/load-test.md', part: 'objects', text: loadTestTables() },
    { file: 'docs/deploy-terraform.md', part: 'variables', text: variablesTable(hooks) },
    { file: 'docs/deploy.md', part: 'parameters', text: parametersTable(hooks) },
    { file: 'docs/deploy.md', part: 'outputs', text: outputsTable(hooks) },
    { file: 'docs/deploy.md', part: 'roles', text: rolesTable(hooks) },
    { file: 'docs/operate.md', part: 'log lines', text: logTable() },
    { file: 'docs/reasons.md', part: 'reasons', text: reasonTables(hooks) },
    { file: 'docs/simulator.md', part: 'scenario format', text: scenarioReference() },
    { file: 'docs/simulator.md', part: 'readings', text: readingsTable() },
  ];
}

function hooksTable(hooks: readonly AnyHook[]): string {
  const rows = hooks.map(
    ({ name, summary, stages }) => `| [${name}](docs/${name}.md) | ${summary} | ${stages.map(code).join(', ')} |`,
  );
  return ['| hook | what its SUCCEEDED proves | stages |', '|---|---|---|', ...rows].join('\n');
}

function defaultsOf({ defaults = {} }: AnyHook): string {
  const own = Object.entries(defaults).map(([key, value]) => `${code(key)} ${code(JSON.stringify(value))}`);
  return own.length === 0 ? '' : `\n\nIts own defaults of the common keys: ${own.join(', ')}.`;
}

function readingsTable(): string {
  const rows = Object.entries(READINGS).map(([id, { description, values, default: standard, source }]) => {
    const shown = values.map((value) => (value === standard ? `**${value}**` : value)).join(', ');
    return `| ${code(id)} | ${cell(description)} | ${shown} | ${cell(source)} |`;
  });
  return ['| reading | of what | values (default in bold) | rests on |', '|---|---|---|---|', ...rows].join('\n');
}

function replacePart(text: string, { file, part, text: generated }: Generated): string {
  const begin = `<!-- generated: ${part} -->`;
  const end = '<!-- /generated -->';
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`${file} has no part "${begin} … ${end}"`);
  return `${text.slice(0, from + begin.length)}\n${generated}\n${text.slice(to)}`;
}

const check = process.argv.includes('--check');
const parts = generate(await loadHooks());
const stale: string[] = [];
for (const file of new Set(parts.map((part) => part.file))) {
  const before = await readFile(join(ROOT, file), 'utf8');
  const after = parts.filter((part) => part.file === file).reduce(replacePart, before);
  if (after === before) continue;
  stale.push(file);
  if (!check) await writeFile(join(ROOT, file), after);
}
stale.push(...(await bringInStep(await loadHooks(), check)));
if (check && stale.length > 0) {
  process.stderr.write(`Out of step: ${stale.join(', ')}. Mend with: npm run docs\n`);
  process.exitCode = 1;
}

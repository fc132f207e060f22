import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { isJsonObject } from '../../shared/schema.ts';
import type { HookStage } from '../../shared/stages.ts';
import { UsageError } from '../command.ts';
import { logicalId } from '../deploy/names.ts';
import { parseYaml } from '../validate/cloudformation.ts';

const ROOT = join(import.meta.dirname, '../..');
const TEMPLATE = '_template';

const run = promisify(execFile);

/**
 * Writes the hook's files from those of the template, and the documentation that is generated from its declaration.
 * @returns their paths
 * @throws UsageError when one of them exists; nothing is written then
 */
export async function makeHook(id: string, stages: readonly HookStage[]): Promise<string[]> {
  const files = await templateFiles();
  const paths = files.map(({ to }) => to.replaceAll(TEMPLATE, id));
  const taken = [`hooks/${id}`, `tasks/${id}`, ...paths].filter((path) => existsSync(join(ROOT, path)));
  taken.push(...(await clashes(id)).map((name) => `${name} in deploy/template.yaml`));
  if (taken.length > 0) throw new UsageError(`${id} is taken: there is ${taken.join(', ')}. Nothing was written.`);
  for (const [index, { from }] of files.entries()) {
    const path = join(ROOT, paths[index] ?? '');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, adapted(await readFile(join(ROOT, from), 'utf8'), id, stages), { flag: 'wx' });
  }
  const code = paths.filter((path) => path.endsWith('.ts'));
  // A longer id, or more stages, may need other line breaks. A download without .git has no ignore file.
  await run(join(ROOT, 'node_modules/.bin/biome'), ['check', '--write', '--vcs-enabled=false', ...code], { cwd: ROOT });
  await run(process.execPath, ['scripts/docs.ts'], { cwd: ROOT });
  return paths;
}

/** Names that the hook would have in the deployment's template, and that something else has there. */
async function clashes(id: string): Promise<string[]> {
  const template = parseYaml(await readFile(join(ROOT, 'deploy/template.yaml'), 'utf8'));
  const parts = isJsonObject(template) ? Object.values(template).filter(isJsonObject) : [];
  const names = [...new Set(parts.flatMap((part) => Object.keys(part)))];
  const [example, own] = [logicalId('admission'), logicalId(id)];
  const needed = names.filter((name) => name.includes(example)).map((name) => name.replace(example, own));
  return needed.filter((name) => names.includes(name));
}

interface TemplateFile {
  from: string;
  /** Where it goes, with the template's name where the id belongs. */
  to: string;
}

async function templateFiles(): Promise<TemplateFile[]> {
  const folder = `hooks/${TEMPLATE}`;
  const names = await readdir(join(ROOT, folder));
  const own = names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
  return [
    ...own.sort().map((path) => ({ from: path, to: path })),
    { from: `test/hooks/${TEMPLATE}.test.ts`, to: `test/hooks/${TEMPLATE}.test.ts` },
    { from: `${folder}/scenario.yaml`, to: `simulator/scenarios/${TEMPLATE}.yaml` },
    { from: `${folder}/page.md`, to: `docs/${TEMPLATE}.md` },
  ];
}

function adapted(text: string, id: string, stages: readonly HookStage[]): string {
  return text
    .replaceAll(TEMPLATE, id)
    .replaceAll("stages: ['POST_TEST_TRAFFIC_SHIFT']", `stages: [${stages.map((stage) => `'${stage}'`).join(', ')}]`)
    .replaceAll('lifecycleStages: [POST_TEST_TRAFFIC_SHIFT]', `lifecycleStages: [${stages.join(', ')}]`)
    .replaceAll('["POST_TEST_TRAFFIC_SHIFT"]', JSON.stringify(stages))
    .replaceAll('47613', String(portOf(id)));
}

/** A port for the scenario's site, below those that systems hand out; another id, most likely another port. */
function portOf(id: string): number {
  const hash = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 10_007, 7);
  return 20_000 + hash;
}

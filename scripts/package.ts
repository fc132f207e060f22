/**
 * npm run build:package [-- --out <folder>/lib]: writes lib/, the JavaScript, types and files of the npm package. It has
 * the folders of this repository, so that whatever finds a file from its own place finds it there too.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { loadScenario } from '../simulator/scenario/load.ts';
import { hasPrograms } from '../simulator/scenario/tasks.ts';
import { hookIds } from './hooks.ts';

const ROOT = join(import.meta.dirname, '..');
const LIB = parseArgs({ options: { out: { type: 'string' } } }).values.out ?? join(ROOT, 'lib');
const SCENARIOS = 'simulator/scenarios';
/** What is read or run as it is. */
const ASSETS = ['simulator/lambda/runtime', 'library/testing/events'];

// What is there is taken away: never anything else than a lib.
if (basename(LIB) !== 'lib') throw new Error(`--out must end in lib, not ${LIB}`);
await rm(LIB, { recursive: true, force: true });
await compile();
await Promise.all([...ASSETS, ...(await artifacts()), ...(await scenarios())].map(copy));
await cp(join(ROOT, 'deploy'), join(LIB, 'deploy'), { recursive: true, filter: isNoSource });

async function compile(): Promise<void> {
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  try {
    await promisify(execFile)(tsc, ['-p', 'tsconfig.package.json', '--outDir', LIB], { cwd: ROOT });
  } catch (error) {
    // tsc tells what is wrong on its standard output.
    if (error instanceof Error && 'stdout' in error) process.stdout.write(String(error.stdout));
    throw error;
  }
  const declarations = await filesIn(LIB, '.d.ts');
  await Promise.all(declarations.map(nameJavaScript));
}

/** tsc rewrites the imports of the code, but not those of the types. */
async function nameJavaScript(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replaceAll(/((?:\bfrom |\bimport\()['"]\.{1,2}\/[^'"]+)\.ts(?=['"])/g, '$1.js'));
}

async function filesIn(folder: string, ending: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The built hooks: as the simulator runs them, and as Lambda takes them. */
async function artifacts(): Promise<string[]> {
  return (await hookIds()).flatMap((id) => [`dist/${id}/index.cjs`, `dist/${id}.zip`]);
}

/** The scenarios that need no program of this repository. */
async function scenarios(): Promise<string[]> {
  const names = (await readdir(join(ROOT, SCENARIOS))).map((name) => `${SCENARIOS}/${name}`);
  const loaded = await Promise.all(
    names.map(async (name) => ({ name, scenario: await loadScenario(join(ROOT, name)) })),
  );
  return loaded.filter(({ scenario }) => !hasPrograms(scenario)).map(({ name }) => name);
}

async function copy(path: string): Promise<void> {
  await mkdir(dirname(join(LIB, path)), { recursive: true });
  await cp(join(ROOT, path), join(LIB, path), { recursive: true });
}

/** TypeScript has been compiled. */
function isNoSource(path: string): boolean {
  return !/(?<!\.d)\.ts$/.test(path);
}

import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { AnyHook } from '../shared/hook.ts';

const HOOKS = join(import.meta.dirname, '../hooks');

/** A hook's file is of the same kind as this one: TypeScript here, JavaScript in the package. */
const HOOK_FILE = `hook${extname(import.meta.filename)}`;

const TASKS = join(import.meta.dirname, '../tasks');

/** The ids of all hooks: the folders of hooks/, but `_template`, which `npm run new` copies and nobody deploys. */
export function hookIds(): Promise<string[]> {
  return foldersIn(HOOKS);
}

/** The ids of the programs for ECS tasks: the folders of tasks/. */
export function taskIds(): Promise<string[]> {
  return foldersIn(TASKS);
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
    .map((entry) => entry.name)
    .sort();
}

/** The declarations of all hooks, in the order of their ids. */
export async function loadHooks(): Promise<AnyHook[]> {
  return Promise.all(
    (await hookIds()).map(async (id) => {
      const module: { hook?: AnyHook } = await import(join(HOOKS, id, HOOK_FILE));
      if (module.hook === undefined) throw new Error(`hooks/${id}/${HOOK_FILE} exports no hook`);
      return module.hook;
    }),
  );
}

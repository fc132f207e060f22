import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnyHook } from '../shared/hook.ts';

const HOOKS = join(import.meta.dirname, '../hooks');

const TASKS = join(import.meta.dirname, '../tasks');

/** The ids of all hooks: the folders of hooks/. */
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
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** The declarations of all hooks, in the order of their ids. */
export async function loadHooks(): Promise<AnyHook[]> {
  return Promise.all(
    (await hookIds()).map(async (id) => {
      const module: { hook?: AnyHook } = await import(join(HOOKS, id, 'hook.ts'));
      if (module.hook === undefined) throw new Error(`hooks/${id}/hook.ts exports no hook`);
      return module.hook;
    }),
  );
}

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnyHook } from '../shared/hook.ts';

const HOOKS = join(import.meta.dirname, '../hooks');

/** The ids of all hooks: the folders of hooks/. */
export async function hookIds(): Promise<string[]> {
  const entries = await readdir(HOOKS, { withFileTypes: true });
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

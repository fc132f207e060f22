import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { AnyHook } from '../../shared/hook.ts';
import { recognise } from '../lifecycle/recognise.ts';
import type { Around } from './around.ts';
import { type Line, right, warning } from './line.ts';

/** Hook ids by CodeSha256, as Lambda tells it: of the zips that are built. */
export async function readBuilds(dist: string, hooks: readonly AnyHook[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { name } of hooks) {
    try {
      const zip = await readFile(join(dist, `${name}.zip`));
      found.set(createHash('sha256').update(zip).digest('base64'), name);
    } catch {
      // Not built: its functions are told by their names.
    }
  }
  return found;
}

/** Which hook of this project a function is: by its code, else as `--map` says, else by its name. */
export function identify(around: Around, arn: string, fn: FunctionConfiguration): { hook?: AnyHook; line: Line } {
  const { hooks, map, builds } = around;
  const byCode = hooks.find(({ name }) => name === builds.get(fn.CodeSha256 ?? ''));
  if (byCode !== undefined) {
    return { hook: byCode, line: right('code', `the build dist/${byCode.name}.zip, to the byte`) };
  }
  const named = recognise(arn, { hooks, map });
  if (named === undefined) {
    const todo = `say --map ${arn}=HOOK if it is one; its hookDetails and permissions were not judged`;
    return { line: warning('code', 'of unknown make: not taken for a hook of this project', todo) };
  }
  if (isMapped(arn, map)) {
    return { hook: named, line: right('code', `${named.name}, as --map says`) };
  }
  const isBuilt = [...builds.values()].includes(named.name);
  const not = isBuilt ? `, but its code is not dist/${named.name}.zip` : '; dist has no build to compare it with';
  const todo = isBuilt ? `deploy this build, or say --map ${arn}=${named.name}` : 'npm run build';
  return { hook: named, line: warning('code', `taken for ${named.name} by its name${not}`, todo) };
}

function isMapped(arn: string, map: ReadonlyMap<string, string>): boolean {
  return [...map.keys()].some((name) => name === arn || arn.endsWith(`:function:${name}`));
}

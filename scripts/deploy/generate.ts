import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AnyHook } from '../../shared/hook.ts';
import { cdkHooks } from './cdk.ts';
import { json } from './json.ts';
import { policyOf } from './policies.ts';
import { CONSUMER_GATE, invokePolicy, invokeTrust, TRAFFIC_GENERATOR } from './roles.ts';
import { detailsSchema } from './schemas.ts';
import { templateText } from './template.ts';
import { terraformData } from './terraform.ts';
import { terraformVariables } from './terraform-variables.ts';

const ROOT = join(import.meta.dirname, '../..');
/** All that lies there is generated. */
const FOLDERS = ['deploy/policies', 'deploy/roles', 'deploy/schemas'];

/** Every generated file of deploy/, by its path from the root of the project. */
export function deployFiles(all: readonly AnyHook[]): ReadonlyMap<string, string> {
  // The template for new hooks is not deployed.
  const hooks = all.filter(({ name }) => !name.startsWith('_'));
  return new Map([
    ['deploy/template.yaml', templateText(hooks)] as const,
    ['deploy/cdk/hooks.ts', cdkHooks(hooks)] as const,
    ['deploy/terraform/hooks.tf.json', terraformData(hooks)] as const,
    ['deploy/terraform/variables.tf', terraformVariables(hooks)] as const,
    ...hooks.map((hook) => [`deploy/policies/${hook.name}.json`, json(policyOf(hook))] as const),
    ['deploy/roles/consumer-gate.json', json(CONSUMER_GATE)] as const,
    ['deploy/roles/invoke.json', json(invokePolicy(hooks))] as const,
    ['deploy/roles/invoke-trust.json', json(invokeTrust())] as const,
    ['deploy/roles/traffic-generator.json', json(TRAFFIC_GENERATOR)] as const,
    ...hooks.map((hook) => [`deploy/schemas/${hook.name}.json`, json(detailsSchema(hook))] as const),
  ]);
}

/**
 * Writes the generated files of deploy/, or with `check` only looks at them.
 *
 * @param root where deploy/ is
 * @returns the paths of those that were out of step, those of hooks that are gone included
 */
export async function bringInStep(hooks: readonly AnyHook[], check: boolean, root = ROOT): Promise<string[]> {
  const stale: string[] = [];
  const files = deployFiles(hooks);
  for (const [path, text] of files) {
    const file = join(root, path);
    if ((await readFile(file, 'utf8').catch(() => undefined)) === text) continue;
    stale.push(path);
    if (check) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  for (const folder of FOLDERS) {
    const present = await readdir(join(root, folder)).catch(() => []);
    stale.push(...present.map((name) => `${folder}/${name}`).filter((path) => !files.has(path)));
  }
  return stale;
}

/** What docs/deploy-cdk.md and docs/deploy-terraform.md show, tried. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { snake } from '../../scripts/deploy/terraform-variables.ts';
import { judgeDetails } from '../../scripts/lifecycle/details.ts';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import { ROOT } from '../fixtures/sources.ts';
import { readHcl as readValues } from '../scripts/hcl.ts';
import { type Block, readHcl, referencesOf } from './hcl.ts';
import { HOOKS, POLICIES } from './hooks.ts';
import { blocksOf } from './terraform-module.ts';
import { HAS_TERRAFORM, plan } from './terraform-plan.ts';

const run = promisify(execFile);
const SLOW = 180_000;

let folder = '';
beforeAll(async () => {
  // Within the project, where TypeScript and Node find its packages, and outside of what is checked and built.
  await mkdir(join(ROOT, 'dist'), { recursive: true });
  folder = await mkdtemp(join(ROOT, 'dist/docs-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fences(page: string, language: string): Promise<string[]> {
  const text = await readFile(join(ROOT, 'docs', page), 'utf8');
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, of, body = '']) =>
    of === language ? [body] : [],
  );
}

describe('deploy-cdk.md', () => {
  const program = async () => {
    const code = (await fences('deploy-cdk.md', 'ts')).join('\n');
    expect(code).toContain("from 'ecs-lifecycle-hooks/cdk'");
    const file = join(folder, 'main.ts');
    await writeFile(file, code.replace("'ecs-lifecycle-hooks/cdk'", "'../../deploy/cdk/index.ts'"));
    return file;
  };

  it('shows one program, which TypeScript accepts', { timeout: SLOW }, async () => {
    await program();
    // CDK's own classes do not fit their interfaces with exactOptionalPropertyTypes.
    const compilerOptions = { exactOptionalPropertyTypes: false };
    const config = { extends: '../../tsconfig.json', compilerOptions, include: ['main.ts'] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder]).catch((error) => error);
    expect((await tsc).stdout).toBe('');
  });

  it('which synthesises a stack that validate has nothing against', { timeout: SLOW }, async () => {
    const out = join(folder, 'cdk.out');
    await run(process.execPath, [await program()], { env: { ...process.env, CDK_OUTDIR: out } });
    const template: JsonObject = JSON.parse(await readFile(join(out, 'UnicornWatch.template.json'), 'utf8'));
    expect(JSON.stringify(template)).toContain('"LifecycleStages":["POST_TEST_TRAFFIC_SHIFT"]');
    const { stdout } = await run(process.execPath, [join(ROOT, 'scripts/validate.ts'), out]);
    expect(stdout).toMatch(/^1 service, 2 lifecycle hooks: 0 errors, 0 warnings, /m);
    expect(await readdir(out)).toContain('tree.json');
  });
});

describe('deploy-terraform.md', async () => {
  const blocks = (await fences('deploy-terraform.md', 'hcl')).flatMap((text) => readHcl(text).blocks);
  const [module] = blocks.filter(({ type }) => type === 'module');
  const hooks = blocks.flatMap(hooksIn);

  it('gives the module variables that it has, and those that it needs', () => {
    const { source, ...given } = module?.attributes ?? {};
    const variables = blocksOf('variable').map(({ labels, attributes }) => ({ name: labels[0] ?? '', ...attributes }));
    expect(source).toBe('"./ecs-lifecycle-hooks/deploy/terraform"');
    expect(variables.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(given)));
    const needed = variables.filter((variable) => !('default' in variable)).map(({ name }) => name);
    expect(Object.keys(given)).toEqual(expect.arrayContaining(needed));
  });

  it('refers to outputs that the module has', () => {
    const outputs = blocksOf('output').map(({ labels }) => labels[0]);
    const used = hooks.flatMap(({ attributes }) => [...JSON.stringify(attributes).matchAll(/module\.hooks\.(\w+)/g)]);
    expect(used.length).toBeGreaterThan(3);
    for (const [, name] of used) expect(outputs).toContain(name);
  });

  it('gives hooks what they take, where they take it', async () => {
    const chosen = objectIn(module?.attributes.hooks);
    expect(hooks.length).toBeGreaterThan(1);
    for (const { attributes } of hooks) {
      const id = /function_arns\["([\w-]+)"\]/.exec(attributes.hook_target_arn ?? '')?.[1] ?? '';
      const hook = HOOKS.find(({ name }) => name === id);
      if (hook === undefined) throw new Error(`there is no hook ${id}`);
      for (const stage of JSON.parse(attributes.lifecycle_stages ?? '[]')) expect(hook.stages).toContain(stage);
      const { defaults = '{}', policy = '' } = Object(chosen[id]);
      const known = policy.startsWith('ssm:') ? JSON.stringify(POLICIES[id] ?? {}) : policy;
      const details =
        attributes.hook_details === undefined ? {} : JSON.parse(String(valuesOf(attributes.hook_details)));
      const judged = await judgeDetails(hook, details, { HOOK_DEFAULTS: defaults, HOOK_POLICY: known });
      expect(judged.problems, id).toEqual([]);
    }
  });

  it.skipIf(!HAS_TERRAFORM)('is a module that Terraform plans', { timeout: SLOW }, () => {
    const given = Object.entries(module?.attributes ?? {}).filter(([name]) => name !== 'source');
    const variables = Object.fromEntries(given.map(([name, expression]) => [name, valuesOf(expression)]));
    const planned = plan(join(folder, 'terraform'), variables);
    expect(planned.filter(({ type }) => type === 'aws_lambda_function').map(({ key }) => key)).toEqual([
      'admission',
      'approval',
    ]);
  });
});

it('what the pages name is there', async () => {
  const text = await readFile(join(ROOT, 'docs/deploy-terraform.md'), 'utf8');
  const variables = blocksOf('variable').map(({ labels }) => labels[0]);
  const rows = [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual(variables.sort());
  expect(snake('LogRetentionDays')).toBe('log_retention_days');
});

function hooksIn(block: Block): Block[] {
  return [...(block.type === 'lifecycle_hook' ? [block] : []), ...block.blocks.flatMap(hooksIn)];
}

/** The value of an expression without references. */
function valuesOf(expression: string | undefined): unknown {
  expect(referencesOf(expression ?? '')).toEqual([]);
  // The reader knows keys in quotes only.
  const quoted = (expression ?? '').replaceAll(/(?<=[{,\n]\s*)([A-Za-z_][\w-]*)(?=\s*=)/g, '"$1"');
  return readValues(`x = ${quoted}`).x;
}

function objectIn(expression: string | undefined): JsonObject {
  const value = valuesOf(expression);
  return isJsonObject(value) ? value : {};
}

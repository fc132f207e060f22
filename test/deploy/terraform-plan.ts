/**
 * Lets Terraform itself work the module out, without a provider and without an account: every resource becomes a
 * terraform_data (which Terraform has built in) whose input is the resource's arguments.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import { ROOT } from '../fixtures/sources.ts';
import type { Body } from './hcl.ts';
import { BLOCKS, blocksOf, DATA, MODULE } from './terraform-module.ts';

export const HAS_TERRAFORM = spawnSync('terraform', ['version'], { timeout: 20_000 }).status === 0;

const META = new Set(['count', 'for_each', 'depends_on']);
const PLACE: Readonly<Record<string, string>> = {
  'data.aws_partition.current.partition': '"aws"',
  'data.aws_partition.current.dns_suffix': '"amazonaws.com"',
  'data.aws_region.current.region': '"eu-west-1"',
  'data.aws_caller_identity.current.account_id': '"123456789012"',
};

export interface Planned {
  type: string;
  name: string;
  /** Of for_each or count. */
  key: string | number | undefined;
  values: JsonObject;
}

/** @throws Error with what Terraform says, where the variables are refused */
export function plan(folder: string, variables: JsonObject): Planned[] {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(doubled()));
  copyFileSync(join(MODULE, 'variables.tf'), join(folder, 'variables.tf'));
  writeFileSync(join(folder, 'data.tf.json'), JSON.stringify({ locals: DATA.locals }));
  writeFileSync(join(folder, 'terraform.tfvars.json'), JSON.stringify({ artifacts: join(ROOT, 'dist'), ...variables }));
  // The caller's own settings could name mirrors of providers.
  const env = { PATH: process.env.PATH ?? '', HOME: folder, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
  const terraform = (...args: string[]) =>
    execFileSync('terraform', args, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  terraform('init', '-no-color', '-input=false');
  terraform('plan', '-no-color', '-input=false', '-out=plan');
  const { planned_values: values } = JSON.parse(terraform('show', '-json', 'plan'));
  return (values.root_module.resources ?? []).map(
    ({ name, index, values: { input } }: { name: string; index?: string; values: { input: JsonObject } }) => {
      const [type = '', own = ''] = name.split('__');
      return { type, name: own, key: index, values: input };
    },
  );
}

/** The module in Terraform's JSON, with doubles in the place of resources. */
function doubled(): JsonObject {
  const named = (type: string, convert: (body: Body) => JsonObject) =>
    Object.fromEntries(blocksOf(type).map((block) => [block.labels[0], convert(block)]));
  const resources = blocksOf('resource').map((block) => {
    const [type = '', name = ''] = block.labels;
    return [`${type}__${name}`, double(type, name, block)] as const;
  });
  return {
    locals: BLOCKS.filter(({ type }) => type === 'locals').map(plain),
    resource: { terraform_data: Object.fromEntries(resources) },
    output: named('output', ({ attributes }) => ({ value: expression(attributes.value ?? '') })),
  };
}

function double(type: string, name: string, { attributes, blocks }: Body): JsonObject {
  const meta = Object.entries(attributes).filter(([key]) => META.has(key) && key !== 'depends_on');
  const own = Object.fromEntries(Object.entries(attributes).filter(([key]) => !META.has(key)));
  const lifecycle = blocks.find((block) => block.type === 'lifecycle');
  const key = 'for_each' in attributes ? `-\${each.key}` : '';
  return {
    ...Object.fromEntries(meta.map(([of, value]) => [of, expression(value)])),
    input: {
      // What AWS gives a resource.
      ...Object.fromEntries(['arn', 'id', 'url'].map((attribute) => [attribute, `${type}.${name}${key}.${attribute}`])),
      ...plain({ attributes: own, blocks: blocks.filter((block) => block !== lifecycle) }),
    },
    ...(lifecycle && {
      lifecycle: { precondition: lifecycle.blocks.map(plain) },
    }),
  };
}

function plain({ attributes, blocks }: Body): JsonObject {
  const result: Record<string, unknown> = Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [key, expression(value)]),
  );
  for (const block of blocks) {
    const before = result[block.type];
    result[block.type] = [...(Array.isArray(before) ? before : []), plain(block)];
  }
  return result;
}

function expression(text: string): string {
  const placed = Object.entries(PLACE).reduce(
    (result, [reference, value]) => result.replaceAll(reference, value),
    text,
  );
  const references = /(?<![\w."$])(aws_\w+)\.(\w+)(\[[^\]]*\])?(?=[.\s:]|$)/g;
  const replaced = placed.replaceAll(references, (_, type: string, name: string, index = '') => {
    return `terraform_data.${type}__${name}${index}`;
  });
  const attributes = /(terraform_data\.\w+(?:\[[^\]]*\])?|function)\.(arn|id|url|name|function_name)\b/g;
  return `\${${replaced.replaceAll(attributes, '$1.input.$2')}}`;
}

/** An argument that is JSON text, as what it says. */
export function decoded(value: unknown): unknown {
  const text = typeof value === 'string' && /^[[{]/.test(value) ? JSON.parse(value) : value;
  if (Array.isArray(text)) return text.map(decoded);
  return isJsonObject(text)
    ? Object.fromEntries(Object.entries(text).map(([key, item]) => [key, decoded(item)]))
    : text;
}

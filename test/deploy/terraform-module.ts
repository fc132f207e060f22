import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import { ROOT } from '../fixtures/sources.ts';
import { type Block, type Body, readHcl } from './hcl.ts';

export const MODULE = join(ROOT, 'deploy/terraform');
export const FILES: readonly string[] = readdirSync(MODULE).filter((name) => /\.tf(\.json)?$/.test(name));

/** The blocks of all .tf files. */
export const BLOCKS: readonly Block[] = FILES.filter((name) => name.endsWith('.tf')).flatMap((name) => {
  const { attributes, blocks } = readHcl(readFileSync(join(MODULE, name), 'utf8'));
  if (Object.keys(attributes).length > 0) throw new Error(`${name} sets ${Object.keys(attributes)} outside of a block`);
  return blocks;
});

export const DATA: { locals: JsonObject } = JSON.parse(readFileSync(join(MODULE, 'hooks.tf.json'), 'utf8'));

export function blocksOf(type: string): readonly Block[] {
  return BLOCKS.filter((block) => block.type === type);
}

/** Every expression of a body, those of the blocks within included. */
export function expressionsOf({ attributes, blocks }: Body): string[] {
  return [...Object.values(attributes), ...blocks.flatMap(expressionsOf)];
}

/** The text of a string that is no template. */
export function textOf(expression: string | undefined): string {
  const value: unknown = JSON.parse(expression ?? 'null');
  if (typeof value === 'string') return value;
  throw new Error(`not a string: ${expression}`);
}

/** Every string within a JSON value. */
export function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  return isJsonObject(value) ? Object.values(value).flatMap(stringsIn) : [];
}

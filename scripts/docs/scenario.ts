import * as z from 'zod';
import { Scenario } from '../../simulator/scenario/schema.ts';
import { code } from './tables.ts';

interface Field {
  title?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Field[];
  items?: Field;
  properties?: Record<string, Field>;
  propertyNames?: { enum?: string[] };
  additionalProperties?: Field | boolean;
  required?: string[];
  description?: string;
  default?: unknown;
  pattern?: string;
}

/** Objects with a title have a table of their own; what they hold beyond that is shown with dots. */
interface Section {
  title: string;
  rows: string[];
}

/** The tables of all keys that a scenario file may have, from its schema. */
export function scenarioReference(): string {
  const sections: Section[] = [];
  collect(z.toJSONSchema(Scenario, { io: 'input', reused: 'inline' }) as Field, sections); // of the draft that zod writes
  return sections
    .map(({ title, rows }) =>
      [`**${code(title)}**`, '', '| key | value | default | |', '|---|---|---|---|', ...rows].join('\n'),
    )
    .join('\n\n');
}

function collect(object: Field, sections: Section[]): void {
  const title = object.title ?? '';
  if (sections.some((section) => section.title === title)) return;
  const section: Section = { title, rows: [] };
  sections.push(section);
  addRows(object, '', section, sections);
}

function addRows(object: Field, prefix: string, section: Section, sections: Section[]): void {
  for (const [key, field] of Object.entries(object.properties ?? {})) {
    const path = `${prefix}${key}`;
    const inner = innerObject(field);
    if (inner?.properties !== undefined && inner.title === undefined) {
      if (field.description !== undefined) section.rows.push(row(path, field, object, 'mapping'));
      addRows(inner, `${path}.`, section, sections);
      continue;
    }
    section.rows.push(row(path, field, object, typeOf(field)));
    if (inner?.title !== undefined) collect(inner, sections);
  }
}

/** The object that a field is, is a list of, or maps names to. */
function innerObject(field: Field): Field | undefined {
  if (field.properties !== undefined) return field;
  if (field.items !== undefined) return innerObject(field.items);
  return typeof field.additionalProperties === 'object' ? innerObject(field.additionalProperties) : undefined;
}

function row(path: string, field: Field, { required = [] }: Field, type: string): string {
  const key = path.slice(path.lastIndexOf('.') + 1);
  const standard = field.default === undefined ? '' : code(JSON.stringify(field.default));
  const isNeeded = required.includes(key) && field.default === undefined;
  return `| ${code(path)} | ${type} | ${isNeeded ? 'needed' : standard} | ${(field.description ?? '').replaceAll('|', '\\|')} |`;
}

function typeOf(field: Field): string {
  if (field.title !== undefined) return field.properties === undefined ? field.title : `mapping ${code(field.title)}`;
  if (field.enum !== undefined) return field.enum.map((value) => code(String(value))).join(' \\| ');
  if (field.const !== undefined) return code(String(field.const));
  if (field.anyOf !== undefined) return isDuration(field) ? 'duration' : field.anyOf.map(typeOf).join(' \\| ');
  if (field.type === 'array') return `list of ${typeOf(field.items ?? {})}`;
  if (field.type === 'object') {
    const values = typeof field.additionalProperties === 'object' ? typeOf(field.additionalProperties) : 'any';
    return values === 'any' ? 'mapping' : `name: ${values}`;
  }
  return field.type ?? 'any';
}

function isDuration({ anyOf = [] }: Field): boolean {
  return anyOf.some(({ pattern }) => pattern?.includes('(ms|s|m|h|d)'));
}

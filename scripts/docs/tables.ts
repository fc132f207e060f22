import * as z from 'zod';

/** What of a JSON Schema, of the draft that zod writes, the tables show. */
interface JsonSchema {
  type?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  description?: string;
  default?: unknown;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
}

/** A table of a schema's keys, but for those in `without`. */
export function configTable(schema: z.core.$ZodType, without: readonly string[] = []): string {
  return table(jsonSchemaOf(schema), without);
}

export interface NestedTable {
  /** What the tables call such an object: `rule` for the entries of `rules`. */
  name: string;
  /** Where it stands: `rules[]`, or empty for the schema itself. */
  path: string;
  text: string;
}

/** A table of a schema's keys, and one for each object within it, an outer one before its inner ones. */
export function nestedTables(name: string, schema: z.core.$ZodType): NestedTable[] {
  return walk({ name, path: '', schema: jsonSchemaOf(schema) });
}

function jsonSchemaOf(schema: z.core.$ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input' }) as JsonSchema; // of the draft that zod writes
}

function walk({ name, path, schema }: { name: string; path: string; schema: JsonSchema }): NestedTable[] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const at = path === '' ? key : `${path}.${key}`;
    const nested = objectIn(key, field);
    return nested === undefined ? [] : walk({ ...nested, path: nested.schema === field ? at : `${at}[]` });
  });
  return [{ name, path, text: table(schema) }, ...inner];
}

/** The object that a key holds, or a list of; a list's name is that of its entries. */
function objectIn(key: string, field: JsonSchema): { name: string; schema: JsonSchema } | undefined {
  if (field.properties) return { name: key, schema: field };
  return field.items?.properties && { name: key.replace(/s$/, ''), schema: field.items };
}

function table({ properties = {}, required = [] }: JsonSchema, without: readonly string[] = []): string {
  const rows = Object.entries(properties)
    .filter(([key]) => !without.includes(key))
    .map(([key, field]) => {
      const standard = field.default === undefined ? '' : code(JSON.stringify(field.default));
      const shown = required.includes(key) ? 'required' : standard;
      return `| ${code(key)} | ${typeOf(field, key)} | ${shown} | ${cell(field.description ?? '')} |`;
    });
  return ['| key | value | default | |', '|---|---|---|---|', ...rows].join('\n');
}

function typeOf(field: JsonSchema, key: string): string {
  if (field.const !== undefined) return code(String(field.const));
  if (field.enum) return field.enum.map((value) => code(String(value))).join(' \\| ');
  if (field.anyOf) return field.anyOf.map((one) => typeOf(one, key)).join(' \\| ');
  const nested = objectIn(key, field)?.name;
  if (field.type === 'array') return `list of ${nested ?? typeOf(field.items ?? {}, key)}`;
  if (nested !== undefined) return nested;
  if (field.format === 'date') return 'day';
  const least = field.minimum ?? field.exclusiveMinimum;
  const most = field.maximum !== undefined && field.maximum < Number.MAX_SAFE_INTEGER ? field.maximum : undefined;
  const range =
    most === undefined ? '' : ` ${field.exclusiveMinimum === undefined ? least : `over ${least}`} to ${most}`;
  return `${field.type ?? ''}${range}`;
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** A text in a table's cell, as it stands: what Markdown would take for markup is escaped. */
export function cell(text: string): string {
  return text.replace(/[|*<]/g, '\\$&');
}

import type { AwsError } from '../errors.ts';
import { isObject } from '../input.ts';
import type { JsonObject } from '../service.ts';

/**
 * The AWS query protocol: form-encoded requests with dotted keys, XML answers (Smithy documentation, page "AWS query
 * protocol"). Lists are `Tags.member.1.Key`, maps `Attributes.entry.1.key`; both become JSON's shapes here.
 */

/** @returns the form's members, `Action` and `Version` left out; every scalar is a string */
export function decodeQuery(form: URLSearchParams): JsonObject {
  const pairs = [...form]
    .filter(([key]) => key !== 'Action' && key !== 'Version')
    .map(([key, value]): Leaf => ({ path: key.split('.'), value }));
  const decoded = group(pairs);
  return isObject(decoded) ? decoded : {};
}

interface Leaf {
  path: string[];
  value: string;
}

function group(leaves: readonly Leaf[]): unknown {
  const [only] = leaves;
  if (only && leaves.length === 1 && only.path.length === 0) return only.value;
  const byHead = new Map<string, Leaf[]>();
  for (const { path, value } of leaves) {
    const [head, ...rest] = path;
    if (head === undefined) continue;
    const siblings = byHead.get(head) ?? [];
    siblings.push({ path: rest, value });
    byHead.set(head, siblings);
  }
  const children = [...byHead].map(([name, below]): [string, unknown] => [name, group(below)]);
  // fromEntries defines own members, so that a key named __proto__ is only a key.
  return collapse(Object.fromEntries(children));
}

/** `{member: {1: a, 2: b}}` is the list [a, b]; `{entry: {1: {key, value}}}` is the map {key: value}. */
function collapse(object: JsonObject): unknown {
  const names = Object.keys(object);
  if (names.length !== 1) return object;
  if (isObject(object.member)) return inOrder(object.member);
  if (!isObject(object.entry)) return object;
  return Object.fromEntries(
    inOrder(object.entry)
      .filter(isObject)
      .map((entry) => [String(entry.Name ?? entry.key ?? ''), entry.Value ?? entry.value]),
  );
}

function inOrder(numbered: JsonObject): unknown[] {
  return Object.entries(numbered)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, value]) => value);
}

export function encodeQuery(operation: string, output: object, namespace: string, requestId: string): string {
  const result = `<${operation}Result>${members(output)}</${operation}Result>`;
  const metadata = `<ResponseMetadata><RequestId>${escapeXml(requestId)}</RequestId></ResponseMetadata>`;
  return `<${operation}Response xmlns="${escapeXml(namespace)}">${result}${metadata}</${operation}Response>`;
}

export function encodeQueryError(error: AwsError, namespace: string, requestId: string): string {
  const type = error.statusCode >= 500 ? 'Receiver' : 'Sender';
  const detail = `<Type>${type}</Type><Code>${escapeXml(error.name)}</Code><Message>${escapeXml(error.message)}</Message>`;
  return `<ErrorResponse xmlns="${escapeXml(namespace)}"><Error>${detail}</Error><RequestId>${escapeXml(requestId)}</RequestId></ErrorResponse>`;
}

function members(output: object): string {
  return Object.entries(output)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<${name}>${content(value)}</${name}>`)
    .join('');
}

function content(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<member>${content(item)}</member>`).join('');
  if (value instanceof Map) return entries(value);
  if (value instanceof Date) return value.toISOString();
  if (isObject(value)) return members(value);
  return escapeXml(String(value));
}

function entries(map: ReadonlyMap<unknown, unknown>): string {
  return [...map]
    .map(([key, value]) => `<entry><key>${content(key)}</key><value>${content(value)}</value></entry>`)
    .join('');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

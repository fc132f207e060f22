import type { ClassNode, FunctionNode } from './ast.ts';
import type { Scope } from './scope.ts';
import { keyOfText, mergeTexts, type Text } from './text.ts';

/** What an expression may be, as far as the source tells: one of several, if there are several ways to it. */
export type Value =
  | { readonly kind: 'text'; readonly text: Text }
  | ObjectValue
  | ArrayValue
  | { readonly kind: 'function'; readonly node: FunctionNode; readonly scope: Scope }
  | { readonly kind: 'class'; readonly node: ClassNode }
  | ErrorValue
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown'; readonly name: string };

export interface ObjectValue {
  readonly kind: 'object';
  readonly entries: ReadonlyMap<string, readonly Value[]>;
  /** It may have other keys. */
  readonly isOpen: boolean;
}

/** A list; a map is one of pairs. */
export interface ArrayValue {
  readonly kind: 'array';
  readonly entries: readonly Entry[];
  readonly isMap?: boolean;
  /** What was put into a list that began empty, by whatever name it was known there. */
  readonly box?: Entry[];
}

export interface ErrorValue {
  readonly kind: 'error';
  readonly name: string;
  readonly message: readonly Value[];
  readonly file: string;
}

export interface Entry {
  readonly values: readonly Value[];
  /** one: it is there. optional: it may be. many: none of it, or any number. */
  readonly times: 'one' | 'optional' | 'many';
}

export const NOTHING: Value = { kind: 'nothing' };

export function unknown(name: string): Value {
  return { kind: 'unknown', name };
}

export function literal(text: string, file = ''): Value {
  return { kind: 'text', text: { parts: text === '' ? [] : [text], file } };
}

/** The text, where nothing in it is open. */
export function plainText(value: Value): string | undefined {
  if (value.kind !== 'text' || value.text.parts.some((part) => typeof part !== 'string')) return undefined;
  return value.text.parts.join('');
}

/** Each value once; those that only differ in what is put into the same place are one. */
export function distinct(values: readonly Value[]): readonly Value[] {
  if (values.length < 2) return values;
  const texts = mergeTexts(values.flatMap((value) => (value.kind === 'text' ? [value.text] : [])));
  const objects = mergeObjects(values.filter((value) => value.kind === 'object'));
  const others = new Map<string, Value>();
  for (const value of values) if (value.kind !== 'text' && value.kind !== 'object') others.set(keyOf(value), value);
  return [...texts.map((text): Value => ({ kind: 'text', text })), ...objects, ...others.values()];
}

/** Objects whose fixed words are the same are one, whatever else is in them. */
function mergeObjects(objects: readonly ObjectValue[]): readonly ObjectValue[] {
  const groups = Map.groupBy(objects, wordsOf);
  return [...groups.values()].flatMap((group) => {
    const [first, ...more] = group;
    if (first === undefined || more.length === 0) return group;
    const entries = [...first.entries.keys()].map((key) => {
      const all = group.flatMap((one) => one.entries.get(key) ?? []);
      return [key, distinct(all)] as const;
    });
    return [{ ...first, entries: new Map(entries) }];
  });
}

function wordsOf({ entries, isOpen }: ObjectValue): string {
  const words = [...entries].map(([key, values]) => {
    const [only] = values;
    const isWord = values.length === 1 && only !== undefined && (plainText(only) !== undefined || only.kind !== 'text');
    return `${key}:${isWord && only.kind !== 'object' && only.kind !== 'array' ? keyOf(only) : '*'}`;
  });
  return `${isOpen} ${words.sort().join(' ')}`;
}

const numbers = new WeakMap<object, number>();
let last = 0;

function numberOf(node: object): number {
  const known = numbers.get(node);
  if (known !== undefined) return known;
  last += 1;
  numbers.set(node, last);
  return last;
}

/** All that may be in a list by now. */
export function entriesOf({ entries, box = [] }: ArrayValue): readonly Entry[] {
  return box.length === 0 ? entries : [...entries, ...box];
}

export function put(list: ArrayValue, entry: Entry): void {
  const key = (one: Entry) => `${one.times} ${one.values.map(keyOf).join('|')}`;
  if (list.box?.every((one) => key(one) !== key(entry))) list.box.push(entry);
}

const keys = new WeakMap<Value, string>();

/** Equal for equal values. */
export function keyOf(value: Value): string {
  const known = keys.get(value);
  if (known !== undefined) return known;
  const key = newKey(value);
  if (!mayGrow(value)) keys.set(value, key);
  return key;
}

function newKey(value: Value): string {
  switch (value.kind) {
    case 'text':
      return `t${keyOfText(value.text)}`;
    case 'object':
      return `o${value.isOpen}{${[...value.entries].map(([key, of]) => `${key}:${of.map(keyOf).join('|')}`).join(',')}}`;
    case 'array':
      return `a${value.isMap}${value.box === undefined ? '' : numberOf(value.box)}[${entriesOf(value)
        .map(({ values, times }) => `${times} ${values.map(keyOf).join('|')}`)
        .join(',')}]`;
    case 'function':
      return `f${numberOf(value.node)}.${numberOf(value.scope)}`;
    case 'class':
      return `c${numberOf(value.node)}`;
    case 'error':
      return `e${value.name}(${value.message.map(keyOf).join('|')})`;
    case 'boolean':
      return `b${value.value}`;
    case 'nothing':
      return 'n';
    case 'unknown':
      return `u${value.name}`;
  }
}

/** Is a function or a list in it, by which a call may change what is outside of it? */
export function mayGrow(value: Value): boolean {
  switch (value.kind) {
    case 'function':
      return true;
    case 'object':
      return isIn(value, () => [...value.entries.values()]);
    case 'array':
      return value.box !== undefined || isIn(value, () => value.entries.map(({ values }) => values));
    default:
      return false;
  }
}

const growing = new WeakMap<Value, boolean>();

function isIn(value: Value, inside: () => readonly (readonly Value[])[]): boolean {
  const known = growing.get(value);
  if (known !== undefined) return known;
  const found = inside().flat().some(mayGrow);
  growing.set(value, found);
  return found;
}

/** The texts that values may be; what is not known is a text of one place. */
export function textsOf(values: readonly Value[], name: string): readonly Text[] {
  const texts = values.flatMap((value): Text[] => {
    if (value.kind === 'nothing' || value.kind === 'boolean') return [];
    if (value.kind === 'text') return [value.text];
    const called = value.kind === 'unknown' && !GENERIC.has(value.name) ? value.name : name;
    return [{ parts: [{ name: called }], file: '' }];
  });
  return mergeTexts(texts, name);
}

/** Names that say nothing. */
const GENERIC = new Set(['at', 'n', 'text', 'value']);

/** Entries with something between them. */
export function joined(node: object, entries: readonly Entry[], separator: string, name: string, file: string): Text {
  const texts = textsOf(
    entries.flatMap(({ values }) => values),
    name,
  );
  const [only] = texts;
  if (entries.length === 1 && entries[0]?.times === 'one' && texts.length === 1 && only) return only;
  if (entries.length === 0) return { parts: [], file };
  const slots = [{ name, texts: texts.length === 0 ? [{ parts: [{ name }], file: '' }] : texts }];
  return {
    parts: [{ name, of: slots[0]?.texts ?? [], separator }],
    file,
    template: { node, quasis: [], slots, separator },
  };
}

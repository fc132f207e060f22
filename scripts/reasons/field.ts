import { distinct, entriesOf, NOTHING, unknown, type Value } from './values.ts';

/** What `value.key` may be. */
export function field(values: readonly Value[], key: string): readonly Value[] {
  return distinct(values.flatMap((value) => fieldOf(value, key)));
}

function fieldOf(value: Value, key: string): readonly Value[] {
  switch (value.kind) {
    case 'object':
      return value.entries.get(key) ?? [value.isOpen ? unknown(key) : NOTHING];
    case 'error':
      return key === 'message' ? value.message : [unknown(key)];
    case 'nothing':
      return [NOTHING];
    case 'text':
    case 'array':
      return [unknown(key === 'length' ? 'n' : key)];
    default:
      return [unknown(key === 'length' && value.kind === 'unknown' ? value.name : key)];
  }
}

/** What stands at a place of arrays, or of what is not known. */
export function firstOf(values: readonly Value[], at: number): readonly Value[] {
  return distinct(
    values.flatMap((value): readonly Value[] => {
      if (value.kind === 'unknown') return [value];
      if (value.kind !== 'array') return [NOTHING];
      const entries = entriesOf(value);
      const isFixed = entries.slice(0, at + 1).every(({ times }) => times === 'one');
      if (isFixed) return entries[at]?.values ?? [NOTHING];
      return [...entries.flatMap((entry) => entry.values), NOTHING];
    }),
  );
}

export function withoutKeys(values: readonly Value[], keys: readonly string[]): readonly Value[] {
  return values.map((value) => {
    if (value.kind !== 'object') return value;
    const entries = new Map([...value.entries].filter(([key]) => !keys.includes(key)));
    return { ...value, entries };
  });
}

/** All that may stand in arrays. */
export function elements(values: readonly Value[], name: string): readonly Value[] {
  return distinct(
    values.flatMap((value): readonly Value[] => {
      if (value.kind === 'array') return entriesOf(value).flatMap((entry) => entry.values);
      return value.kind === 'unknown' ? [unknown(value.name)] : [unknown(name)];
    }),
  );
}

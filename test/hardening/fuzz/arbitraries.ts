import fc from 'fast-check';

/** Names that mean something to JavaScript where a program takes any name for a key. */
const PROTOTYPE_KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then'];

const WORDS = [
  ...PROTOTYPE_KEYS,
  ...['NaN', 'Infinity', '-0', '1e309', 'null', 'undefined', 'true', '[]', '{}', '{"_state":"{}"}', '"'],
  ...['SUCCEEDED', 'accept', 'decline', 'none', 'pending', 'PRODUCTION_TRAFFIC_SHIFT', '2026-03-05T15:54:41.618Z'],
  ...['\u0000', '\n{"level":"INFO","message":"decision"}', '\u2028', '\u202e', '\ud800', '🦄', 'ﬀ', 'İ', 'ſ', 'K'],
  'arn:aws:ecs:eu-west-1:123456789012:service/unicorn-watch/ui',
];

/** Text of any kind: short and long, of any script, half characters, words that mean something somewhere. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 3, arbitrary: fc.string({ maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...WORDS, 'x', ' ', '/', '🦄'), fc.integer({ min: 50, max: 3000 }))
      .map(([word, times]) => word.repeat(times)),
  },
);

const anyNumber = fc.oneof(
  fc.constantFrom(0, 1, -1, 0.1, 100, 101, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, -1e308, 5e-324, 1e21),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
);

/** A list in a list in a list: deeper than what AWS's own parsers let through. */
const deep = fc.tuple(fc.integer({ min: 10, max: 1500 }), fc.boolean()).map(([depth, isList]): unknown => {
  const [open, close] = isList ? ['[', ']'] : ['{"a":', '}'];
  return JSON.parse(`${open.repeat(depth)}1${close.repeat(depth)}`);
});

const anyKey = fc.oneof(fc.constantFrom(...PROTOTYPE_KEYS, '_state', ''), fc.string({ maxLength: 8 }));
const scalar = fc.oneof(anyText, anyNumber, fc.boolean(), fc.constant(null));

/** An object whose keys are its own whatever they are called, as JSON.parse makes them. */
const prototypeObject = fc
  .array(fc.tuple(anyKey, scalar), { maxLength: 4 })
  .map((entries): unknown => Object.fromEntries(entries));

/** Whatever JSON can hold. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 2, arbitrary: prototypeObject },
  { weight: 2, arbitrary: fc.array(fc.oneof(scalar, prototypeObject), { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }).map((value): unknown => JSON.parse(JSON.stringify(value))) },
  { weight: 1, arbitrary: deep },
);

const HOW = ['replace', 'replace', 'drop', 'double', 'add', 'text', 'wrap', 'swap', 'repeat', 'negate'] as const;
const change = fc.record({ at: fc.nat(), other: fc.nat(), how: fc.constantFrom(...HOW), key: anyKey, value: anyJson });
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** Valid JSON values with one to four places of them changed, at any depth; now and then with none. */
export function mutationsOf<T>(valid: fc.Arbitrary<T>, most = 4): fc.Arbitrary<unknown> {
  return fc.tuple(valid, fc.array(change, { maxLength: most })).map(([value, changes]) => mutated(value, changes));
}

function mutated(value: unknown, changes: readonly Change[]): unknown {
  // In a holder, so that the whole can be replaced too; through JSON, so that nothing valid is shared.
  const holder: { whole: unknown } = { whole: JSON.parse(JSON.stringify(value) ?? 'null') };
  for (const one of changes) apply(one, placesIn(holder));
  return holder.whole;
}

interface Place {
  readonly parent: Record<string, unknown>;
  readonly key: string;
}

function placesIn(holder: object): Place[] {
  const places: Place[] = [];
  const walk = (parent: object, depth: number): void => {
    for (const key of Object.keys(parent)) {
      const fields = parent as Record<string, unknown>; // an object that JSON made
      places.push({ parent: fields, key });
      const inner = fields[key];
      if (typeof inner === 'object' && inner !== null && depth < 12) walk(inner, depth + 1);
    }
  };
  walk(holder, 0);
  return places;
}

function apply({ at, other, how, key, value }: Change, places: readonly Place[]): void {
  const place = places[at % places.length];
  const second = places[other % places.length];
  if (place === undefined || second === undefined) return;
  const old = place.parent[place.key];
  const { parent } = place;
  if (how === 'drop' && Array.isArray(parent)) parent.splice(Number(place.key), 1);
  else if (how === 'drop') delete parent[place.key];
  else if (how === 'add') define(typeof old === 'object' && old !== null ? old : parent, key, value);
  else if (how === 'double') define(parent, `${place.key} `, old);
  else if (how === 'swap') define(parent, place.key, clone(second.parent[second.key]));
  else define(parent, place.key, changed(old, how, value));
}

function changed(old: unknown, how: Change['how'], value: unknown): unknown {
  if (how === 'text') return typeof old === 'string' ? Number(old) || old : JSON.stringify(old);
  if (how === 'wrap') return [clone(old)];
  if (how === 'repeat' && typeof old === 'string') return old.repeat(Math.min(40, Math.ceil(4000 / (old.length + 1))));
  if (how === 'repeat' && Array.isArray(old)) return old.length > 200 ? old : [...old, ...old, ...old];
  if (how === 'negate' && typeof old === 'number') return 0 - old;
  if (how === 'negate' && typeof old === 'boolean') return !old;
  return clone(value);
}

function clone(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** As JSON.parse would: a key named __proto__ is a key. A list stays one. */
function define(parent: object, key: string, value: unknown): void {
  if (Array.isArray(parent) && !/^\d+$/.test(key)) parent.push(value);
  else Object.defineProperty(parent, key, { value, configurable: true, enumerable: true, writable: true });
}

/** Texts with some of their characters changed, dropped, doubled or put elsewhere. */
export function textsLike(valid: fc.Arbitrary<string>, alphabet: string): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.nat(),
    how: fc.constantFrom('put', 'insert', 'drop', 'double', 'upper', 'cut'),
    what: fc.oneof(
      fc.constantFrom(...alphabet),
      fc.constantFrom(...alphabet),
      fc.string({ unit: 'binary', maxLength: 2 }),
    ),
  });
  return fc.tuple(valid, fc.array(edit, { maxLength: 4 })).map(([text, edits]) =>
    edits.reduce((now, { at, how, what }) => {
      const place = at % (now.length + 1);
      const [head, tail] = [now.slice(0, place), now.slice(place)];
      if (how === 'insert') return head + what + tail;
      if (how === 'drop') return head + tail.slice(1);
      if (how === 'double') return head + tail.slice(0, 1) + tail;
      if (how === 'upper') return head + tail.slice(0, 1).toUpperCase() + tail.slice(1);
      return how === 'cut' ? tail : head + what + tail.slice(1);
    }, text),
  );
}

import type { Expression } from './ast.ts';
import { applied, argument, argumentsOf } from './call.ts';
import { elements, field, firstOf } from './field.ts';
import { nameOf } from './names.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import type { Part } from './text.ts';
import {
  type ArrayValue,
  distinct,
  type Entry,
  entriesOf,
  joined,
  NOTHING,
  plainText,
  put,
  unknown,
  type Value,
} from './values.ts';

interface MethodCall {
  readonly node: Expression & { type: 'CallExpression' | 'NewExpression' };
  readonly object: Expression;
  readonly name: string;
}

/** Methods of lists that answer a list of the same entries, or some of them. */
const SAME_ENTRIES = new Set(['filter', 'slice', 'sort', 'toSorted', 'reverse', 'toReversed']);
const ONE_ENTRY = new Set(['find', 'findLast', 'at', 'pop', 'shift']);

/** A list of more is taken as one of any length. */
const MOST_ENTRIES = 8;

/** What `object.name(…)` may answer. */
export function method(run: Run, called: MethodCall, scope: Scope): readonly Value[] {
  const { node, object, name } = called;
  if (object.type === 'Identifier' && scope.find(object.name) === undefined) return ofGlobal(run, called, scope);
  if (name === 'push') return push(run, called, scope);
  const of = run.evaluate(object, scope);
  return distinct(
    of.flatMap((value): readonly Value[] => {
      switch (value.kind) {
        case 'array':
          return ofArray(run, value, called, scope);
        case 'text':
          return [ofText(value, name, nameOf(node))];
        case 'object':
        case 'error':
          return applied(run, node, field([value], name), scope);
        case 'nothing':
          return [NOTHING];
        case 'unknown':
          return ofUnknown(run, value.name, called, scope);
        default:
          return [unknown(nameOf(node))];
      }
    }),
  );
}

function ofGlobal(run: Run, { node, object, name }: MethodCall, scope: Scope): readonly Value[] {
  const isPromise = object.type === 'Identifier' && object.name === 'Promise';
  if (isPromise && name === 'all') return argument(run, node, scope, 0);
  if (isPromise && name === 'allSettled') return [unknown(nameOf(node))];
  const isMap = object.type === 'Identifier' && object.name === 'Map';
  if (isMap && name === 'groupBy') return [grouped(argumentsOf(run, node, scope)[0] ?? [], nameOf(node))];
  return applied(run, node, [], scope);
}

function grouped(list: readonly Value[], name: string): Value {
  const group: Value = { kind: 'array', entries: [{ values: elements(list, name), times: 'many' }] };
  const pair: Value = {
    kind: 'array',
    entries: [
      { values: [unknown('key')], times: 'one' },
      { values: [group], times: 'one' },
    ],
  };
  return { kind: 'array', isMap: true, entries: [{ values: [pair], times: 'many' }] };
}

/** A list that is added to while the code goes on. */
function push(run: Run, { node, object }: MethodCall, scope: Scope): readonly Value[] {
  // A list that began empty may be known by other names too; any other only by this one.
  const cell = object.type === 'Identifier' ? scope.find(object.name) : undefined;
  const lists = run.evaluate(object, scope).filter((value) => value.kind === 'array');
  for (const [at, values] of argumentsOf(run, node, scope).entries()) {
    const isSpread = node.arguments[at]?.type === 'SpreadElement';
    const entry: Entry = { values, times: isSpread ? 'many' : 'optional' };
    for (const list of lists) put(list, entry);
    cell?.push(entry);
  }
  return [unknown('n')];
}

function ofArray(run: Run, whole: ArrayValue, called: MethodCall, scope: Scope): readonly Value[] {
  const all = entriesOf(whole);
  const array = { entries: all.length > MOST_ENTRIES ? [many(all)] : all };
  const ofMap = whole.isMap ? ofMapMethod(run, whole, called, scope) : undefined;
  if (ofMap !== undefined) return ofMap;
  const { node, object, name } = called;
  if (name === 'map' || name === 'flatMap') return [mapped(run, array.entries, called, scope)];
  if (name === 'join') {
    const separator = plainText(argument(run, node, scope, 0)[0] ?? NOTHING) ?? ',';
    return [{ kind: 'text', text: joined(node, array.entries, separator, nameOf(object), scope.file) }];
  }
  if (name === 'concat') {
    const more = argumentsOf(run, node, scope).flatMap((values) => elements(values, nameOf(object)));
    return [{ kind: 'array', entries: [...array.entries, { values: more, times: 'many' }] }];
  }
  if (name === 'filter') return [{ kind: 'array', entries: kept(run, array.entries, called, scope).map(optional) }];
  if (name === 'slice') return [{ kind: 'array', entries: array.entries.map(optional) }];
  if (SAME_ENTRIES.has(name)) return [{ kind: 'array', entries: [many(array.entries)] }];
  if (ONE_ENTRY.has(name)) {
    const entries = name.startsWith('find') ? kept(run, array.entries, called, scope) : array.entries;
    return [...elements([{ kind: 'array', entries }], nameOf(object)), NOTHING];
  }
  // A callback may note things, or throw.
  applied(run, node, [], scope);
  return [unknown(nameOf(node))];
}

/** What of a map is asked for; undefined where it is asked as any list. */
function ofMapMethod(run: Run, map: ArrayValue, { node, object, name }: MethodCall, scope: Scope) {
  const values = entriesOf(map).flatMap((entry) => firstOf(entry.values, 1));
  switch (name) {
    case 'get':
      return [...(values.length === 0 ? [unknown(nameOf(node))] : values), NOTHING];
    case 'set': {
      const pair: Value = {
        kind: 'array',
        entries: argumentsOf(run, node, scope).map((one) => ({ values: one, times: 'one' })),
      };
      put(map, { values: [pair], times: 'many' });
      return [map];
    }
    case 'values':
      return [{ kind: 'array' as const, entries: [{ values: distinct(values), times: 'many' as const }] }];
    case 'has':
    case 'keys':
      return [unknown(nameOf(object))];
    default:
      return undefined;
  }
}

/** Without what the condition surely keeps out. */
function kept(run: Run, entries: readonly Entry[], { node }: MethodCall, scope: Scope): readonly Entry[] {
  const [first] = node.arguments;
  const conditions = first === undefined || first.type === 'SpreadElement' ? [] : run.evaluate(first, scope);
  const isOut = (value: Value) =>
    conditions.every((condition) => {
      if (condition.kind !== 'function') return false;
      const answers = run.apply(condition, [[value]]);
      return (
        answers.length > 0 &&
        answers.every((answer) => answer.kind === 'nothing' || (answer.kind === 'boolean' && !answer.value))
      );
    });
  return entries.flatMap(({ values, times }) => {
    const left = values.filter((value) => !isOut(value));
    return left.length === 0 ? [] : [{ values: left, times }];
  });
}

function optional(entry: Entry): Entry {
  return entry.times === 'one' ? { ...entry, times: 'optional' } : entry;
}

function many(entries: readonly Entry[]): Entry {
  return { values: distinct(entries.flatMap(({ values }) => values)), times: 'many' };
}

/** @param entries undefined where the list is somebody else's: the callback's own names are used then */
function mapped(run: Run, entries: readonly Entry[] | undefined, { node, name }: MethodCall, scope: Scope): Value {
  const [first] = node.arguments;
  const callbacks = first === undefined || first.type === 'SpreadElement' ? [] : run.evaluate(first, scope);
  const answersFor = (given: readonly (readonly Value[])[]) =>
    callbacks.flatMap((one) => (one.kind === 'function' ? run.apply(one, given) : [unknown(nameOf(node))]));
  const fresh = (entries ?? [undefined]).flatMap((entry): readonly Entry[] => {
    const answers = answersFor(entry === undefined ? [] : [entry.values]);
    const times = entry?.times ?? 'many';
    return name === 'map' ? [{ values: answers, times }] : flattened(answers, times);
  });
  return { kind: 'array', entries: fresh };
}

function flattened(answers: readonly Value[], times: Entry['times']): readonly Entry[] {
  // One of several answers: what is in each may be there or not.
  const outer = times === 'one' && answers.length > 1 ? 'optional' : times;
  return answers.flatMap((answer): readonly Entry[] => {
    if (answer.kind === 'array')
      return entriesOf(answer).map((one) => ({ ...one, times: one.times === 'one' ? outer : one.times }));
    return answer.kind === 'nothing' ? [] : [{ values: [answer], times: 'many' }];
  });
}

/** A list that somebody else answered has entries that are not known; a callback is followed with one of them. */
function ofUnknown(run: Run, receiver: string, called: MethodCall, scope: Scope): readonly Value[] {
  const { node, name } = called;
  const entry: Entry = { values: [unknown(receiver)], times: 'many' };
  if (name === 'map' || name === 'flatMap') return [mapped(run, undefined, called, scope)];
  if (name === 'join') {
    const separator = plainText(argument(run, node, scope, 0)[0] ?? NOTHING) ?? ',';
    return [{ kind: 'text', text: joined(node, [entry], separator, receiver, scope.file) }];
  }
  if (SAME_ENTRIES.has(name) || ONE_ENTRY.has(name)) {
    applied(run, node, [], scope);
    return [unknown(receiver)];
  }
  applied(run, node, [], scope);
  return [unknown(nameOf(node))];
}

function ofText(value: Value & { kind: 'text' }, name: string, called: string): Value {
  const change = {
    toUpperCase: (text: string) => text.toUpperCase(),
    toLowerCase: (text: string) => text.toLowerCase(),
  }[name];
  if (change !== undefined) {
    const parts = value.text.parts.map((part): Part => (typeof part === 'string' ? change(part) : part));
    return { kind: 'text', text: { ...value.text, parts } };
  }
  return ['trim', 'toString', 'toWellFormed'].includes(name) ? value : unknown(called);
}

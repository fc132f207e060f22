import type { Expression } from './ast.ts';
import { elements } from './field.ts';
import { method } from './method.ts';
import { nameOf } from './names.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import { distinct, entriesOf, NOTHING, unknown, type Value } from './values.ts';

type Call = Expression & { type: 'CallExpression' | 'NewExpression' };

/** Functions that only write a value for people: the place is called after what they are given, or as told here. */
const WRITERS: ReadonlyMap<string, string | undefined> = new Map([
  ...['chance', 'clock', 'duration', 'factor', 'grouped', 'instant', 'milliseconds', 'percent', 'plain', 'time'].map(
    (name) => [name, undefined] as const,
  ),
  ['describeError', 'error'],
  ['parameterName', 'parameter'],
  ['problems', 'problems'],
  ['printable', undefined],
  ['queueName', 'queue'],
]);

/** What a call may answer. */
export function call(run: Run, node: Call, scope: Scope): readonly Value[] {
  const { callee } = node;
  if (node.type === 'NewExpression') return made(run, node, scope);
  if (callee.type === 'Identifier' && WRITERS.has(callee.name)) return written(run, node, callee.name, scope);
  if (callee.type === 'Identifier' && callee.name === 'oneLine') return argument(run, node, scope, 0);
  if (callee.type === 'Identifier' && callee.name === 'String') return argument(run, node, scope, 0);
  if (callee.type === 'MemberExpression' && !callee.computed && callee.property.type === 'Identifier') {
    return method(run, { node, object: callee.object, name: callee.property.name }, scope);
  }
  return applied(run, node, run.evaluate(callee, scope), scope);
}

/** What is nothing stays so: a writer's caller may ask. */
function written(run: Run, node: Call, name: string, scope: Scope): readonly Value[] {
  const given = WRITERS.get(name);
  if (given !== undefined) return [unknown(given)];
  const [first] = argument(run, node, scope, 0);
  const named = nameOf(node);
  return [unknown(first?.kind === 'unknown' && ['value', 'n', 'at'].includes(named) ? first.name : named)];
}

/** Of what is called, the functions of ours are followed; what others do with ours they may call. */
export function applied(run: Run, node: Call, called: readonly Value[], scope: Scope): readonly Value[] {
  const given = argumentsOf(run, node, scope);
  const functions = called.filter((value) => value.kind === 'function');
  if (functions.length === 0) {
    for (const value of given.flat().flatMap(functionsIn)) run.apply(value, []);
    return [unknown(nameOf(node))];
  }
  return distinct(functions.flatMap((value) => run.apply(value, given)));
}

function functionsIn(value: Value): readonly (Value & { kind: 'function' })[] {
  if (value.kind === 'function') return [value];
  return value.kind === 'object' ? [...value.entries.values()].flat().filter((one) => one.kind === 'function') : [];
}

export function argumentsOf(run: Run, node: Call, scope: Scope): readonly (readonly Value[])[] {
  return node.arguments.map((one) => {
    if (one.type === 'SpreadElement') return elements(run.evaluate(one.argument, scope), nameOf(one.argument));
    return named(run.evaluate(one, scope), nameOf(one));
  });
}

/** What is not known keeps the name that it has where it is given. */
function named(values: readonly Value[], name: string): readonly Value[] {
  return values.map((value) => (value.kind === 'unknown' && value.name === 'value' ? unknown(name) : value));
}

export function argument(run: Run, node: Call, scope: Scope, at: number): readonly Value[] {
  return argumentsOf(run, node, scope)[at] ?? [NOTHING];
}

function mapOf(pairs: readonly Value[]): Value {
  const entries = pairs.flatMap((value) => (value.kind === 'array' ? entriesOf(value) : []));
  return {
    kind: 'array',
    isMap: true,
    entries: entries.map((entry) => ({ ...entry, times: 'many' as const })),
    box: [],
  };
}

/** An error, with its message; a set or a list of what it is made of; else it is unknown. */
function made(run: Run, node: Call, scope: Scope): readonly Value[] {
  const name = nameOf(node.callee);
  if (/Error$/.test(name)) {
    return [{ kind: 'error', name, message: argument(run, node, scope, 0), file: scope.file }];
  }
  const given = argumentsOf(run, node, scope);
  if (name === 'Set' && given[0] !== undefined) return given[0];
  if (name === 'Map') return [mapOf(given[0] ?? [])];
  return [unknown(nameOf(node))];
}

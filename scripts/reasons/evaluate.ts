import type { Expression, SpreadElement } from './ast.ts';
import { call } from './call.ts';
import { decide } from './decide.ts';
import { elements, field } from './field.ts';
import { nameOf } from './names.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import { fromTemplate } from './text.ts';
import {
  distinct,
  type Entry,
  entriesOf,
  literal,
  NOTHING,
  plainText,
  textsOf,
  unknown,
  type Value,
} from './values.ts';

/** What an expression may be. */
export function evaluate(run: Run, node: Expression, scope: Scope): readonly Value[] {
  switch (node.type) {
    case 'Literal':
      return [ofLiteral(node.value, scope.file)];
    case 'TemplateLiteral':
      return [ofTemplate(run, node, scope)];
    case 'Identifier':
      return node.name === 'undefined' ? [NOTHING] : (scope.find(node.name)?.values() ?? [unknown(node.name)]);
    case 'MemberExpression':
      return ofMember(run, node, scope);
    case 'CallExpression':
    case 'NewExpression':
      return call(run, node, scope);
    case 'ObjectExpression':
      return ofObject(run, node, scope);
    case 'ArrayExpression':
      return [ofArray(run, node, scope)];
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return [{ kind: 'function', node, scope }];
    default:
      return ofOperator(run, node, scope);
  }
}

function ofOperator(run: Run, node: Expression, scope: Scope): readonly Value[] {
  switch (node.type) {
    case 'AwaitExpression':
    case 'ChainExpression':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'ParenthesizedExpression': {
      const inner = node.argument ?? node.expression;
      return inner === undefined ? [NOTHING] : evaluate(run, inner, scope);
    }
    case 'ConditionalExpression': {
      const holds = decide(run, node.test, scope);
      return distinct([
        ...(holds === false ? [] : evaluate(run, node.consequent, scope)),
        ...(holds === true ? [] : evaluate(run, node.alternate, scope)),
      ]);
    }
    case 'LogicalExpression':
      return ofLogical(run, node, scope);
    case 'BinaryExpression':
      return ofBinary(run, node, scope);
    case 'AssignmentExpression':
      return assign(run, node, scope);
    case 'UnaryExpression': {
      const holds = decide(run, node, scope);
      return [holds === undefined ? unknown(nameOf(node)) : { kind: 'boolean', value: holds }];
    }
    default:
      return [unknown(nameOf(node))];
  }
}

function ofLiteral(value: unknown, file: string): Value {
  if (typeof value === 'string') return literal(value, file);
  if (typeof value === 'boolean') return { kind: 'boolean', value };
  return value === null ? NOTHING : unknown('n');
}

function ofTemplate(run: Run, node: Expression & { type: 'TemplateLiteral' }, scope: Scope): Value {
  let { file } = scope;
  const slots = node.expressions.map((expression, index) => {
    const name = nameOf(expression);
    const put = evaluate(run, expression, scope);
    // Who begins with another's words goes on with them.
    if (index === 0 && node.quasis[0]?.value.cooked === '' && put.length === 1 && put[0]?.kind === 'text') {
      file = put[0].text.file;
    }
    return { name, texts: textsOf(put, name) };
  });
  const quasis = node.quasis.map(({ value }) => value.cooked ?? '');
  return { kind: 'text', text: fromTemplate({ node, quasis, slots }, file) };
}

function ofMember(run: Run, node: Expression & { type: 'MemberExpression' }, scope: Scope): readonly Value[] {
  const of = evaluate(run, node.object, scope);
  if (isLength(node)) return [unknown(nameOf(node.object))];
  if (!node.computed) return node.property.type === 'Identifier' ? field(of, node.property.name) : [unknown('value')];
  const keys = evaluate(run, node.property, scope).map(plainText);
  const objects = of.filter(({ kind }) => kind === 'object');
  if (objects.length > 0 && keys.every((key) => key !== undefined)) return keys.flatMap((key) => field(of, key ?? ''));
  if (objects.length > 0)
    return distinct(objects.flatMap((one) => (one.kind === 'object' ? [...one.entries.values()].flat() : [])));
  return distinct([...elements(of, nameOf(node.object)), NOTHING]);
}

function isLength({ computed, property }: Expression & { type: 'MemberExpression' }): boolean {
  return !computed && property.type === 'Identifier' && ['length', 'size'].includes(property.name);
}

/** What no reason is made of, and would only be in the way. */
const ASIDE = new Set(['evidence', 'state']);

function ofObject(run: Run, { properties }: Expression & { type: 'ObjectExpression' }, scope: Scope): readonly Value[] {
  let made: { entries: Map<string, readonly Value[]>; isOpen: boolean }[] = [{ entries: new Map(), isOpen: false }];
  for (const property of properties) {
    if (property.type === 'SpreadElement') {
      const spread = evaluate(run, property.argument, scope).filter(({ kind }) => kind !== 'boolean');
      made = made.flatMap((one) => (spread.length === 0 ? [one] : spread.map((value) => withSpread(one, value))));
      continue;
    }
    const { key } = property;
    const name =
      key.type === 'Identifier' && !property.computed ? key.name : plainText(evaluate(run, key, scope)[0] ?? NOTHING);
    const values = name !== undefined && ASIDE.has(name) ? [unknown(name)] : evaluate(run, property.value, scope);
    if (name === undefined) made = made.map((one) => ({ ...one, isOpen: true }));
    // Words that tell one case from another: each is an object of its own, so that conditions on it can be decided.
    else if (values.length > 1 && values.every((value) => plainText(value) !== undefined)) {
      made = made.flatMap((one) =>
        values.map((value) => ({ ...one, entries: new Map([...one.entries, [name, [value]]]) })),
      );
    } else made = made.map((one) => ({ ...one, entries: new Map([...one.entries, [name, values]]) }));
  }
  return distinct(made.map((one) => ({ kind: 'object', ...one })));
}

function withSpread(one: { entries: Map<string, readonly Value[]>; isOpen: boolean }, value: Value) {
  if (value.kind === 'nothing') return one;
  if (value.kind !== 'object') return { ...one, isOpen: true };
  return { entries: new Map([...one.entries, ...value.entries]), isOpen: one.isOpen || value.isOpen };
}

function ofArray(run: Run, { elements: all }: Expression & { type: 'ArrayExpression' }, scope: Scope): Value {
  if (all.length === 0) return { kind: 'array', entries: [], box: [] };
  return { kind: 'array', entries: all.flatMap((one) => (one === null ? [] : spread(run, one, scope))) };
}

function spread(run: Run, node: Expression | SpreadElement, scope: Scope): readonly Entry[] {
  if (node.type !== 'SpreadElement') return [{ values: evaluate(run, node, scope), times: 'one' }];
  return evaluate(run, node.argument, scope).flatMap((value): readonly Entry[] => {
    if (value.kind === 'array') return entriesOf(value);
    return value.kind === 'nothing' ? [] : [{ values: [value], times: 'many' }];
  });
}

function ofLogical(run: Run, node: Expression & { type: 'LogicalExpression' }, scope: Scope): readonly Value[] {
  const holds = node.operator === '??' ? undefined : decide(run, node, scope);
  const left = evaluate(run, node.left, scope);
  if (holds !== undefined && left.every(({ kind }) => kind === 'boolean')) return [{ kind: 'boolean', value: holds }];
  if (node.operator === '??') {
    const given = left.filter(({ kind }) => kind !== 'nothing');
    if (given.length === left.length && given.every(({ kind }) => kind !== 'unknown')) return given;
    return distinct([...given, ...evaluate(run, node.right, scope)]);
  }
  const right = evaluate(run, node.right, scope);
  if (node.operator === '||') return distinct([...left.filter((value) => !isFalse(value)), ...right]);
  return distinct([
    ...left.filter((value) => isFalse(value)),
    ...right,
    ...(left.some(({ kind }) => kind === 'unknown') ? [NOTHING] : []),
  ]);
}

function isFalse(value: Value): boolean {
  return value.kind === 'nothing' || (value.kind === 'boolean' && !value.value) || plainText(value) === '';
}

function ofBinary(run: Run, node: Expression & { type: 'BinaryExpression' }, scope: Scope): readonly Value[] {
  const holds = decide(run, node, scope);
  if (holds !== undefined) return [{ kind: 'boolean', value: holds }];
  const left = evaluate(run, node.left, scope);
  const right = evaluate(run, node.right, scope);
  // Of a sum the name of the variable that holds it says more than that of its parts.
  if (node.operator !== '+' || ![...left, ...right].some(({ kind }) => kind === 'text')) return [unknown('n')];
  const slots = [node.left, node.right].map((side, index) => {
    const name = nameOf(side);
    return { name, texts: textsOf(index === 0 ? left : right, name) };
  });
  return [{ kind: 'text', text: fromTemplate({ node, quasis: ['', '', ''], slots }, scope.file) }];
}

function assign(run: Run, node: Expression & { type: 'AssignmentExpression' }, scope: Scope): readonly Value[] {
  const values = evaluate(run, node.right, scope);
  if (node.left.type !== 'Identifier') return values;
  const { name } = node.left;
  // What is added to a text bit by bit is not followed.
  scope.find(name)?.assign(node.operator === '=' || node.operator === '??=' ? values : [unknown(name)]);
  return values;
}

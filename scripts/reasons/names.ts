import type { Expression } from './ast.ts';

/** Methods whose result is still called what they are called on. */
const SAME = new Set([
  'at',
  'concat',
  'entries',
  'filter',
  'find',
  'get',
  'reduce',
  'findLast',
  'flatMap',
  'getTime',
  'join',
  'keys',
  'map',
  'padEnd',
  'replace',
  'replaceAll',
  'slice',
  'sort',
  'toFixed',
  'toISOString',
  'toLowerCase',
  'toPrecision',
  'toSorted',
  'toString',
  'toUpperCase',
  'trim',
  'values',
]);

/** Names of what holds everything: a function of it is better called by its own. */
const WHOLE = new Set(['config', 'deployment', 'input', 'plan', 'subject']);

/** What people would call the value of an expression, after the names in it. */
export function nameOf(node: Expression | null | undefined): string {
  return named(node) ?? 'value';
}

function named(node: Expression | null | undefined): string | undefined {
  if (node === null || node === undefined) return undefined;
  switch (node.type) {
    case 'Identifier':
      return node.name;
    case 'MemberExpression':
      return ofMember(node);
    case 'CallExpression':
    case 'NewExpression':
      return ofCall(node);
    case 'BinaryExpression':
    case 'LogicalExpression':
      return named(node.left) ?? named(node.right);
    case 'ConditionalExpression':
      return named(node.consequent) ?? named(node.alternate);
    case 'TemplateLiteral':
      return node.expressions.map(named).find((name) => name !== undefined);
    case 'UnaryExpression':
    case 'UpdateExpression':
      return named(node.argument);
    case 'AwaitExpression':
    case 'ChainExpression':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'ParenthesizedExpression':
      return named(node.argument ?? node.expression);
    default:
      return undefined;
  }
}

function ofMember(node: Expression & { type: 'MemberExpression' }): string | undefined {
  const { object, property, computed } = node;
  if (computed || property.type !== 'Identifier' || ['length', 'size'].includes(property.name)) return named(object);
  return property.name;
}

function ofCall(node: Expression & { type: 'CallExpression' | 'NewExpression' }): string | undefined {
  const { callee } = node;
  const first = node.arguments.find((one) => one.type !== 'SpreadElement' && named(one) !== undefined);
  const argument = first === undefined || first.type === 'SpreadElement' ? undefined : named(first);
  if (callee.type === 'MemberExpression' && callee.property.type === 'Identifier' && SAME.has(callee.property.name)) {
    const of = named(callee.object);
    if (of === undefined || !/^[A-Z][a-z]+$/.test(of)) return of;
  }
  return argument === undefined || WHOLE.has(argument) ? (named(callee) ?? argument) : argument;
}

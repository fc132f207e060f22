import type { Expression } from './ast.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import { plainText, type Value } from './values.ts';

/** Whether a condition holds, where the source says it for every way that leads to it; else undefined. */
export function decide(run: Run, test: Expression, scope: Scope): boolean | undefined {
  switch (test.type) {
    case 'ParenthesizedExpression':
      return test.expression && decide(run, test.expression, scope);
    case 'UnaryExpression': {
      const inner = test.operator === '!' ? decide(run, test.argument, scope) : undefined;
      return inner === undefined ? undefined : !inner;
    }
    case 'LogicalExpression':
      return ofLogical(decide(run, test.left, scope), decide(run, test.right, scope), test.operator);
    case 'BinaryExpression':
      return ofBinary(run, test, scope);
    case 'Identifier':
    case 'MemberExpression':
      return allTrue(run.evaluate(test, scope));
    default:
      return undefined;
  }
}

function ofLogical(left: boolean | undefined, right: boolean | undefined, operator: string): boolean | undefined {
  if (operator === '??') return undefined;
  const deciding = operator === '||';
  if (left === deciding || right === deciding) return deciding;
  return left === undefined || right === undefined ? undefined : !deciding;
}

function ofBinary(run: Run, { operator, left, right }: Expression & { type: 'BinaryExpression' }, scope: Scope) {
  if (operator === 'in' && left.type === 'Literal') return hasKey(run.evaluate(right, scope), String(left.value));
  if (operator !== '===' && operator !== '!==') return undefined;
  const same = areSame(run.evaluate(left, scope), run.evaluate(right, scope));
  return same === undefined || operator === '===' ? same : !same;
}

function areSame(left: readonly Value[], right: readonly Value[]): boolean | undefined {
  const answers = new Set(left.flatMap((one) => right.map((other) => isSame(one, other))));
  const [only] = answers;
  return answers.size === 1 ? only : undefined;
}

function isSame(one: Value, other: Value): boolean | undefined {
  if (one.kind === 'unknown' || other.kind === 'unknown') return undefined;
  if (one.kind !== other.kind) return false;
  if (one.kind === 'nothing') return true;
  if (one.kind === 'boolean' && other.kind === 'boolean') return one.value === other.value;
  const [text, wanted] = [plainText(one), plainText(other)];
  return text === undefined || wanted === undefined ? undefined : text === wanted;
}

function hasKey(values: readonly Value[], key: string): boolean | undefined {
  const answers = new Set(
    values.map((value) =>
      value.kind === 'object' ? value.entries.has(key) || (value.isOpen ? undefined : false) : undefined,
    ),
  );
  const [only] = answers;
  return answers.size === 1 ? only : undefined;
}

function allTrue(values: readonly Value[]): boolean | undefined {
  const answers = new Set(values.map(isTrue));
  const [only] = answers;
  return answers.size === 1 ? only : undefined;
}

function isTrue(value: Value): boolean | undefined {
  switch (value.kind) {
    case 'nothing':
      return false;
    case 'boolean':
      return value.value;
    case 'text':
      return plainText(value) === undefined ? undefined : plainText(value) !== '';
    case 'unknown':
      return undefined;
    default:
      return true;
  }
}

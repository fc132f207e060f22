import type { Expression, Pattern, Statement } from './ast.ts';
import { bindDeclaration, bindPattern } from './bind.ts';
import { decide } from './decide.ts';
import { elements } from './field.ts';
import { nameOf } from './names.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import { distinct, NOTHING, unknown, type Value } from './values.ts';

/** What a call comes to. */
export interface Frame {
  readonly returned: Value[];
  /** How often the rest of a block may still be taken once for each thing that a call may answer. */
  forks: number;
}

/** A call that answers more things than this is not followed one by one. */
const MOST_FORKS = 24;

/** Follows statements wherever they may lead. @returns whether nothing after them is reached */
export function execute(run: Run, body: readonly Statement[], scope: Scope, frame: Frame): boolean {
  for (const statement of body) bindDeclaration(statement, scope);
  return follow(run, body, scope, frame);
}

function follow(run: Run, body: readonly Statement[], scope: Scope, frame: Frame): boolean {
  for (const [at, statement] of body.entries()) {
    if (statement.type !== 'VariableDeclaration') {
      if (ends(run, statement, scope, frame)) return true;
      continue;
    }
    for (const { id, init } of statement.declarations) {
      const values = init === null ? undefined : run.evaluate(init, scope);
      const cases = values === undefined ? [] : casesOf(values, frame);
      if (cases.length > 1 && statement.declarations.length === 1) {
        const rest = body.slice(at + 1);
        return cases
          .map((one) => {
            const inner = scope.child();
            bindPattern(run, id, () => [one], inner);
            return follow(run, rest, inner, frame);
          })
          .every(Boolean);
      }
      bindPattern(run, id, () => values ?? [NOTHING], scope);
    }
  }
  return false;
}

/** The values one by one, where knowing which it is decides what comes next. */
function casesOf(values: readonly Value[], frame: Frame): readonly Value[] {
  const isWorth = values.some(({ kind }) => kind === 'object') && values.length > 1 && values.length <= MOST_FORKS;
  if (!isWorth || frame.forks < values.length) return [];
  frame.forks -= values.length;
  return values;
}

function ends(run: Run, statement: Statement, scope: Scope, frame: Frame): boolean {
  switch (statement.type) {
    case 'ReturnStatement':
      frame.returned.push(...(statement.argument ? run.evaluate(statement.argument, scope) : [unknown('nothing')]));
      return true;
    case 'ThrowStatement':
      if (statement.argument) noteThrown(run, run.evaluate(statement.argument, scope));
      return true;
    case 'ExpressionStatement':
      run.evaluate(statement.expression, scope);
      return false;
    case 'BlockStatement':
      return execute(run, statement.body, scope.child(), frame);
    case 'IfStatement':
      return ofIf(run, statement, scope, frame);
    case 'SwitchStatement':
      return ofSwitch(run, statement, scope, frame);
    case 'TryStatement':
      return ofTry(run, statement, scope, frame);
    case 'ForStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForOfStatement':
    case 'ForInStatement':
      ofLoop(run, statement, scope, frame);
      return false;
    case 'BreakStatement':
    case 'ContinueStatement':
      return true;
    default:
      return false;
  }
}

function noteThrown(run: Run, values: readonly Value[]): void {
  for (const value of values) if (value.kind === 'error') run.thrown.push(value);
}

function ofIf(
  run: Run,
  { test, consequent, alternate }: Statement & { type: 'IfStatement' },
  scope: Scope,
  frame: Frame,
) {
  const holds = decide(run, test, scope);
  const first = holds === false ? true : ends(run, consequent, scope.child(), frame);
  const second = holds === true ? true : alternate !== null && ends(run, alternate, scope.child(), frame);
  return first && second;
}

function ofSwitch(run: Run, node: Statement & { type: 'SwitchStatement' }, scope: Scope, frame: Frame): boolean {
  const { discriminant, cases } = node;
  let isMet = false;
  const left = cases.map(({ test, consequent }, index) => {
    const same = test === null ? !isMet : decide(run, equal(discriminant, test), scope);
    if (same === false) return true;
    if (same === true) isMet = true;
    const reached = cases.slice(index).flatMap((one) => one.consequent);
    return execute(run, consequent.length > 0 ? consequent : reached, scope.child(), frame);
  });
  return left.every(Boolean) && (isMet || cases.some(({ test }) => test === null));
}

function equal(left: Expression, right: Expression): Expression {
  return { type: 'BinaryExpression', operator: '===', left, right };
}

function ofTry(run: Run, node: Statement & { type: 'TryStatement' }, scope: Scope, frame: Frame): boolean {
  const { block, handler, finalizer } = node;
  const thrownBefore = run.thrown.length;
  const tried = execute(run, block.body, scope.child(), frame);
  // What is caught here is not thrown on, unless the handler does so.
  const caught = handler === null ? [] : run.thrown.splice(thrownBefore);
  const inner = scope.child();
  if (handler?.param) bindPattern(run, handler.param, () => distinct([unknown('error'), ...caught]), inner);
  const handled = handler === null || execute(run, handler.body.body, inner, frame);
  const finished = finalizer !== null && execute(run, finalizer.body, scope.child(), frame);
  return (tried && handled) || finished;
}

function ofLoop(
  run: Run,
  {
    body,
    left,
    right,
    init,
  }: Statement & { type: 'ForStatement' | 'WhileStatement' | 'DoWhileStatement' | 'ForOfStatement' | 'ForInStatement' },
  scope: Scope,
  frame: Frame,
): void {
  const inner = scope.child();
  if (init?.type === 'VariableDeclaration') follow(run, [init], inner, frame);
  const pattern = left?.type === 'VariableDeclaration' ? left.declarations[0]?.id : left;
  if (pattern !== undefined && right !== undefined) {
    bindPattern(
      run,
      pattern,
      () => elements(run.evaluate(right, scope), nameOfPattern(pattern) ?? nameOf(right)),
      inner,
    );
  }
  ends(run, body, inner, frame);
}

function nameOfPattern(pattern: Pattern): string | undefined {
  return pattern.type === 'Identifier' ? pattern.name : undefined;
}

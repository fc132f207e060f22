import type { Pattern, Statement } from './ast.ts';
import { field, firstOf, withoutKeys } from './field.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import { distinct, type Value } from './values.ts';

/** Binds the names of a pattern to the parts of a value; nothing is found out before a name is used. */
export function bindPattern(run: Run, pattern: Pattern, init: () => readonly Value[], scope: Scope): void {
  switch (pattern.type) {
    case 'Identifier':
      scope.bind(pattern.name, init);
      break;
    case 'AssignmentPattern':
      bindPattern(run, pattern.left, () => withDefault(init(), () => run.evaluate(pattern.right, scope)), scope);
      break;
    case 'RestElement':
      bindPattern(run, pattern.argument, init, scope);
      break;
    case 'ArrayPattern':
      for (const [at, one] of pattern.elements.entries()) {
        if (one !== null) bindPattern(run, one, () => firstOf(init(), at), scope);
      }
      break;
    case 'ObjectPattern':
      bindProperties(run, pattern, init, scope);
  }
}

function bindProperties(
  run: Run,
  { properties }: Pattern & { type: 'ObjectPattern' },
  init: () => readonly Value[],
  scope: Scope,
): void {
  const keys = properties.flatMap((one) =>
    one.type === 'Property' && one.key.type === 'Identifier' ? [one.key.name] : [],
  );
  for (const property of properties) {
    if (property.type === 'RestElement') {
      bindPattern(run, property.argument, () => withoutKeys(init(), keys), scope);
    } else if (property.key.type === 'Identifier' && !property.computed) {
      const { name } = property.key;
      bindPattern(run, property.value, () => field(init(), name), scope);
    }
  }
}

function withDefault(values: readonly Value[], standard: () => readonly Value[]): readonly Value[] {
  if (values.every(({ kind }) => kind !== 'nothing' && kind !== 'unknown')) return values;
  return distinct([...values.filter(({ kind }) => kind !== 'nothing'), ...standard()]);
}

/** Functions and classes are there from the beginning of their block. */
export function bindDeclaration(statement: Statement, scope: Scope): void {
  if (statement.type === 'FunctionDeclaration' && statement.id) {
    scope.bind(statement.id.name, () => [{ kind: 'function', node: statement, scope }]);
  } else if (statement.type === 'ClassDeclaration' && statement.id) {
    scope.bind(statement.id.name, () => [{ kind: 'class', node: statement }]);
  }
}

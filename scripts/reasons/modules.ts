import { dirname, join, relative } from 'node:path';
import type { ImportDeclaration, Statement } from './ast.ts';
import { bindDeclaration, bindPattern } from './bind.ts';
import { parseModule } from './parse.ts';
import type { Run } from './run.ts';
import { Scope } from './scope.ts';
import { unknown, type Value } from './values.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The variables of a module's top level. Imports of ours are followed; what comes from a package is unknown. */
export function moduleScope(run: Run, path: string): Scope {
  const known = run.modules.get(path);
  if (known !== undefined) return known;
  const scope = new Scope(relative(ROOT, path));
  run.modules.set(path, scope);
  for (const statement of parseModule(path)) bindStatement(run, statement, scope, path);
  return scope;
}

function bindStatement(run: Run, statement: Statement, scope: Scope, path: string): void {
  switch (statement.type) {
    case 'ImportDeclaration':
      bindImport(run, statement, scope, path);
      break;
    case 'ExportNamedDeclaration':
      if (statement.declaration !== null) bindStatement(run, statement.declaration, scope, path);
      break;
    case 'VariableDeclaration':
      for (const { id, init } of statement.declarations) {
        bindPattern(run, id, () => (init === null ? [] : run.evaluate(init, scope)), scope);
      }
      break;
    default:
      bindDeclaration(statement, scope);
  }
}

/** Modules that answer numbers alone. */
const NUMBERS = /\/statistics\//;

function bindImport(run: Run, { source, specifiers }: ImportDeclaration, scope: Scope, path: string): void {
  const file =
    source.value.startsWith('.') && !NUMBERS.test(source.value) ? join(dirname(path), source.value) : undefined;
  for (const specifier of specifiers) {
    const { name } = specifier.local;
    const imported = specifier.type === 'ImportSpecifier' ? specifier.imported.name : undefined;
    scope.bind(name, (): readonly Value[] => {
      if (file === undefined || imported === undefined) return [unknown(name)];
      return run.module(file).find(imported)?.values() ?? [unknown(name)];
    });
  }
}

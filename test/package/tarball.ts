import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { packageOf } from '../fixtures/sources.ts';

/** Every file below a folder, from there; those of installed packages are not of it. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('node_modules/'))
    .sort();
}

/** The module specifiers of a JavaScript or declaration file: static, lazy, and those of types. */
export function specifiersIn(file: string): string[] {
  const text = readFileSync(file, 'utf8').replaceAll(/^\s*\/?\*.*$|^\s*\/\/.*$/gm, '');
  const found = text.matchAll(/\b(?:from|import)\s*\(?\s*(['"])((?:\.{1,2}\/|@?[a-z])[\w@./:-]*)\1/g);
  return [...found].flatMap(([, , name]) => name ?? []);
}

/** The package that a specifier names; none for a file, and for what is Node's own. */
export function packagesOf(specifier: string): string[] {
  return specifier.startsWith('.') || isBuiltin(specifier) ? [] : [packageOf(specifier)];
}

export interface Exported {
  name: string;
  /** Is there a docstring right above it? */
  isDocumented: boolean;
}

/** What a declaration file exports from others, by name. */
export function exportsOf(file: string): Exported[] {
  const lists = readFileSync(file, 'utf8').matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)';$/gm);
  return [...lists].flatMap(([, list = '', from = '']) => {
    const declarations = readFileSync(join(dirname(file), from.replace(/\.js$/, '.d.ts')), 'utf8');
    const names = list.split(',').flatMap((name) => /\w+$/.exec(name.trim())?.[0] ?? []);
    return names.map((name) => ({ name, isDocumented: isDocumented(name, declarations) }));
  });
}

function isDocumented(name: string, declarations: string): boolean {
  const declared = new RegExp(`\\*/\\nexport (?:declare )?(?:const|function|class|interface|type) ${name}\\b`);
  return declared.test(declarations);
}

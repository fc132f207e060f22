import { readFileSync } from 'node:fs';
import { parseAst } from 'rolldown/parseAst';
import type { Statement } from './ast.ts';

/** The statements of a TypeScript module. @throws where it does not parse */
export function parseModule(path: string): readonly Statement[] {
  // The parser's own types name every node of the language; `ast.ts` has those that are looked at.
  return parseAst(readFileSync(path, 'utf8'), { lang: 'ts' }).body as unknown as readonly Statement[];
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { folded, type Mutant } from './report.ts';

/** Mutants that no test can find, since what they change cannot be seen, and why that is so. */
const EQUIVALENT = z.array(
  z.strictObject({
    why: z.string().min(20),
    mutants: z.array(z.strictObject({ file: z.string(), code: z.string(), from: z.string(), to: z.string() })).min(1),
  }),
);

export type Equivalent = Pick<Mutant, 'file' | 'code' | 'from' | 'to'> & { why: string };

/** The list of scripts/mutation/equivalent.json. */
export function equivalentMutants(): Equivalent[] {
  const text = readFileSync(join(import.meta.dirname, 'equivalent.json'), 'utf8');
  return EQUIVALENT.parse(JSON.parse(text)).flatMap(({ why, mutants }) =>
    mutants.map(({ file, code, from, to }) => ({ file, code, from: folded(from), to: folded(to), why })),
  );
}

export function isSame(one: Omit<Equivalent, 'why'>, other: Omit<Equivalent, 'why'>): boolean {
  return one.file === other.file && one.code === other.code && one.from === other.from && one.to === other.to;
}

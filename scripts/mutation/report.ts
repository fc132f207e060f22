import { readFileSync } from 'node:fs';
import * as z from 'zod';

const POSITION = z.object({ line: z.number(), column: z.number() });

/** What is read of Stryker's JSON report, which follows the mutation-testing-report-schema. */
const REPORT = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.string(),
      mutants: z.array(
        z.object({
          mutatorName: z.string(),
          replacement: z.string().default(''),
          location: z.object({ start: POSITION, end: POSITION }),
          status: z.enum(['Killed', 'Survived', 'NoCoverage', 'Timeout', 'CompileError', 'RuntimeError', 'Ignored']),
        }),
      ),
    }),
  ),
});

/** One change of the code, found by its text and not by its line number, which moves. */
export interface Mutant {
  file: string;
  line: number;
  /** The line of code in which it begins, without what is around it. */
  code: string;
  from: string;
  to: string;
  status: 'killed' | 'survived' | 'not reached' | 'ignored';
}

const STATUS = {
  Killed: 'killed',
  Timeout: 'killed',
  Survived: 'survived',
  NoCoverage: 'not reached',
  // A mutant that does not run at all tells nothing about the tests.
  CompileError: 'ignored',
  RuntimeError: 'ignored',
  Ignored: 'ignored',
} as const;

/**
 * The mutants of a report.
 *
 * @throws Error when the file is no report of Stryker's
 */
export function readMutants(path: string): Mutant[] {
  const { files } = REPORT.parse(JSON.parse(readFileSync(path, 'utf8')));
  return Object.entries(files).flatMap(([file, { source, mutants }]) => {
    const lines = source.split('\n');
    return mutants.map(({ location: { start, end }, replacement, status }) => ({
      file,
      line: start.line,
      code: (lines[start.line - 1] ?? '').trim(),
      from: folded(between(lines, start, end)),
      to: folded(replacement),
      status: STATUS[status],
    }));
  });
}

/** On one line, as mutants are listed. */
export function folded(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** The text from one position to another, each counted from 1. */
function between(lines: readonly string[], start: z.infer<typeof POSITION>, end: z.infer<typeof POSITION>): string {
  const taken = lines.slice(start.line - 1, end.line);
  taken[taken.length - 1] = (taken.at(-1) ?? '').slice(0, end.column - 1);
  taken[0] = (taken[0] ?? '').slice(start.column - 1);
  return taken.join('\n');
}

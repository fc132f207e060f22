import { extname } from 'node:path';
import { inspect } from 'node:util';
import { ScenarioError } from '../simulator/scenario/problem.ts';

/** The command was called in a way that it does not understand. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Exit codes of the commands that play scenarios. 70 as in sysexits.h: the fault is the program's own. */
export const EXIT = { met: 0, unmet: 1, wrong: 2, fault: 70 } as const;

/** How a user writes a command: as a script of this project, or, compiled, with the command of the package. */
export function spelled(name: string): string {
  return extname(import.meta.filename) === '.js' ? `npx ecs-lifecycle-hooks ${name}` : `npm run ${name} --`;
}

/**
 * Runs a command and sets the exit code that it returns. A mistake of the caller is told in its own words, anything
 * else whole, with its stack.
 */
export async function runCommand(main: (args: readonly string[]) => Promise<number>): Promise<void> {
  // A reader that has seen enough, such as head, closes the pipe.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 128 + 13 : EXIT.fault);
  });
  // Without a handler the process would go without its exit handlers, which end the functions' processes.
  process.once('SIGINT', () => process.exit(128 + 2));
  process.once('SIGTERM', () => process.exit(128 + 15));
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    const isMistake = error instanceof UsageError || error instanceof ScenarioError || isParseArgsError(error);
    process.stderr.write(`${isMistake ? error.message : inspect(error)}\n`);
    process.exitCode = isMistake ? EXIT.wrong : EXIT.fault;
  }
}

/** @throws UsageError when the text is not a whole number in the range */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isInteger(number) && number >= least && number <= most) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  throw new UsageError(`${option} must be a whole number ${range}, not ${JSON.stringify(text)}`);
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

import { runInNewContext } from 'node:vm';

/** Of a pattern that a body sends astray (`(a+)+$`), milliseconds. An honest one takes a few, and longer on a busy machine. */
const MOST_MS = 1000;

/**
 * Whether a body matches a pattern.
 * @throws Error when that takes too long: nothing else could stop it, and the function would end without an answer
 */
export function matches(pattern: string, body: string): boolean {
  const context = { pattern: new RegExp(pattern), body };
  try {
    return runInNewContext('pattern.test(body)', context, { timeout: MOST_MS }) === true;
  } catch (cause) {
    throw new Error(`bodyPattern ${pattern} is not done after ${MOST_MS} ms: write a simpler one`, { cause });
  }
}

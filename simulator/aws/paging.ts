import type { AwsError } from './errors.ts';

export interface Page<Item> {
  items: Item[];
  /** Undefined on the last page. */
  nextToken: string | undefined;
}

/**
 * Cuts one page out of a list that is sorted by key. The token says after which key to go on, so that what is created
 * or deleted between two requests neither repeats an item nor skips one.
 * @param scope binds the token to one operation and its arguments
 * @param invalid thrown when the token is not one of ours for this scope
 */
export function page<Item>(
  sorted: readonly Item[],
  keyOf: (item: Item) => string | number,
  size: number,
  token: string | undefined,
  scope: string,
  invalid: AwsError,
): Page<Item> {
  const after = token === undefined ? undefined : readToken(token, scope, invalid);
  const start = after === undefined ? 0 : sorted.findIndex((item) => compareKeys(keyOf(item), after) > 0);
  const items = start === -1 ? [] : sorted.slice(start, start + size);
  const last = items.at(-1);
  const more = start !== -1 && last !== undefined && start + items.length < sorted.length;
  return { items, nextToken: more ? writeToken(keyOf(last), scope) : undefined };
}

function compareKeys(a: string | number, b: string | number): number {
  return a === b ? 0 : a > b ? 1 : -1;
}

function writeToken(key: string | number, scope: string): string {
  return Buffer.from(JSON.stringify([scope, key])).toString('base64url');
}

function readToken(token: string, scope: string, invalid: AwsError): string | number {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (
      Array.isArray(parsed) &&
      parsed[0] === scope &&
      (typeof parsed[1] === 'string' || typeof parsed[1] === 'number')
    )
      return parsed[1];
  } catch {
    // Not one of our tokens: told below, in the service's words.
  }
  throw invalid;
}

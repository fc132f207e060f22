import type { JsonObject } from './schema.ts';
import { oneLine } from './text.ts';

/** The three answers that ECS understands. */
export type HookStatus = 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS';

/**
 * What a lifecycle hook returns to ECS. `reason` is for the people who read the function's log: ECS tolerates it, but
 * shows only that the hook failed.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
 */
export type HookAnswer =
  | { hookStatus: 'SUCCEEDED' | 'FAILED'; reason: string; hookDetails?: JsonObject }
  | { hookStatus: 'IN_PROGRESS'; reason: string; callBackDelay: number; hookDetails?: JsonObject };

/** ECS goes on. */
export function succeeded(reason: string, hookDetails?: JsonObject): HookAnswer {
  return { hookStatus: 'SUCCEEDED', reason: said(reason), ...(hookDetails && { hookDetails }) };
}

/** ECS rolls back. */
export function failed(reason: string, hookDetails?: JsonObject): HookAnswer {
  return { hookStatus: 'FAILED', reason: said(reason), ...(hookDetails && { hookDetails }) };
}

/** ECS asks again after `seconds`, rounded up to a whole number of at least 1. */
export function inProgress(reason: string, seconds: number, hookDetails?: JsonObject): HookAnswer {
  const callBackDelay = Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : 30;
  return { hookStatus: 'IN_PROGRESS', reason: said(reason), callBackDelay, ...(hookDetails && { hookDetails }) };
}

/** A hook's own words may be nothing but control characters; ECS and the log are still told something. */
function said(reason: string): string {
  return oneLine(reason) || 'no reason given';
}

import type { JsonObject } from './schema.ts';

/** What a hook found out. `evidence` goes to the log with the decision; it holds no secret and no message body. */
export type Verdict<State = unknown> =
  | { readonly outcome: 'succeed' | 'fail'; readonly reason: string; readonly evidence?: JsonObject }
  | {
      readonly outcome: 'wait';
      readonly reason: string;
      readonly evidence?: JsonObject;
      /** What the next look needs to know; without it the state stays as it is. */
      readonly state?: State;
      /** Seconds until ECS asks again; without it `pollSeconds`. */
      readonly seconds?: number;
    };

/** The deployment may go on. The reason says what was seen, with the number that decided it. */
export function succeed(reason: string, evidence?: JsonObject): Verdict<never> {
  return { outcome: 'succeed', reason, ...(evidence && { evidence }) };
}

/** The deployment must be rolled back. */
export function fail(reason: string, evidence?: JsonObject): Verdict<never> {
  return { outcome: 'fail', reason, ...(evidence && { evidence }) };
}

/** Not decided yet: ECS asks again. */
export function wait<State>(
  reason: string,
  more: { state?: State; seconds?: number; evidence?: JsonObject } = {},
): Verdict<State> {
  return { outcome: 'wait', reason, ...more };
}

/** The verdict at the end of `timeoutMinutes`, as the operator chose it. */
export function expire(onTimeout: 'fail' | 'succeed', reason: string, evidence?: JsonObject): Verdict<never> {
  const verdict = onTimeout === 'succeed' ? succeed : fail;
  return verdict(`${reason}; onTimeout is ${onTimeout}`, evidence);
}

import * as z from 'zod/mini';
import { parseJson } from '../../shared/schema.ts';

const ACCEPT = ['accept', 'accepted', 'approve', 'approved', 'yes', 'y', 'ok'];
const DECLINE = ['decline', 'declined', 'reject', 'rejected', 'deny', 'denied', 'no', 'n'];

export interface Ballot {
  /** `unknown` is no vote, and reported; `pending` takes the writer's own accept back. */
  decision: 'accept' | 'decline' | 'pending' | 'unknown';
  reason?: string | undefined;
  /** The revision or deployment that the JSON form names, ids or ARNs. */
  revision?: string | undefined;
  deployment?: string | undefined;
}

const JsonForm = z.object({
  decision: z.string(),
  reason: z.optional(z.string()),
  revision: z.optional(z.string()),
  deployment: z.optional(z.string()),
});

/**
 * Reads the parameter's value: `accept`, `decline` or a synonym, in any case, perhaps with a reason after a colon; or
 * `{"decision":"accept","reason":"…"}`, which may also name the `deployment` and the `revision` it is meant for.
 */
export function parseBallot(value: string): Ballot {
  const text = value.trim();
  if (text.startsWith('{')) {
    const form = JsonForm.safeParse(parseJson(text));
    if (!form.success) return { decision: 'unknown' };
    const { decision, ...rest } = form.data;
    return { ...rest, decision: wordOf(decision) };
  }
  const colon = text.indexOf(':');
  if (colon < 0) return { decision: wordOf(text) };
  const reason = text.slice(colon + 1).trim();
  return { decision: wordOf(text.slice(0, colon)), ...(reason !== '' && { reason }) };
}

function wordOf(text: string): Ballot['decision'] {
  const word = text.trim().toLowerCase();
  if (ACCEPT.includes(word)) return 'accept';
  if (DECLINE.includes(word)) return 'decline';
  return word === 'pending' ? 'pending' : 'unknown';
}

import type { RawOutcome } from '../lambda/invoker.ts';
import type { InvocationOutcome } from '../record.ts';
import { HOOK_STATUS_NULL } from './messages.ts';
import type { Readings } from './readings.ts';

const DEFAULT_DELAY_SECONDS = 30;
const STATUSES = ['SUCCEEDED', 'FAILED', 'IN_PROGRESS'] as const;

/** What the engine does next with a hook. `delayMs` and `hookDetails` come with IN_PROGRESS only. */
export interface Judgement {
  outcome: InvocationOutcome;
  delayMs?: number;
  hookDetails?: unknown;
}

/**
 * Judges what an invocation returned, as the page on Lambda hooks says: a JSON object with a valid `hookStatus`,
 * optionally `callBackDelay` (seconds, 30 by default) and `hookDetails`.
 */
export function judge(raw: RawOutcome, readings: Readings): Judgement {
  if (raw.kind !== 'returned') return { outcome: raw };
  const payload = parse(raw.payload);
  const answer = isObject(payload) ? payload : {};
  const hookStatus = statusOf(answer.hookStatus, readings);
  if (hookStatus === undefined) return { outcome: { kind: 'invalid-answer', payload, message: HOOK_STATUS_NULL } };
  const reason = typeof answer.reason === 'string' ? { reason: answer.reason } : {};
  if (hookStatus !== 'IN_PROGRESS') return { outcome: { kind: 'answer', hookStatus, ...reason, payload } };
  const seconds = delayOf(answer.callBackDelay, readings);
  if (seconds === undefined) {
    return { outcome: { kind: 'invalid-answer', payload, message: 'callBackDelay must be a positive number' } };
  }
  return {
    outcome: { kind: 'answer', hookStatus, ...reason, callBackDelay: seconds, payload },
    delayMs: seconds * 1000,
    hookDetails: answer.hookDetails,
  };
}

function statusOf(value: unknown, readings: Readings): (typeof STATUSES)[number] | undefined {
  if (typeof value !== 'string') return undefined;
  const exact = STATUSES.find((status) => status === value);
  if (exact !== undefined) return exact;
  const other = STATUSES.find((status) => status === value.toUpperCase());
  return other !== undefined && readings.reading('hookStatusCase') === 'insensitive' ? other : undefined;
}

function delayOf(value: unknown, readings: Readings): number | undefined {
  if (value === undefined || value === null) return DEFAULT_DELAY_SECONDS;
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
    return readings.reading('callBackDelayInvalid') === 'fails' ? undefined : DEFAULT_DELAY_SECONDS;
  }
  if (value >= DEFAULT_DELAY_SECONDS) return value;
  return readings.reading('callBackDelayBounds') === 'as-given' ? Math.max(value, 1) : DEFAULT_DELAY_SECONDS;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

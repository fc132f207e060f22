import { describeError, isRetryable } from './errors.ts';
import { looksLikeRollback } from './event.ts';
import type { AnyHook } from './hook.ts';
import type { Look } from './look.ts';
import { type Memory, remember } from './memory.ts';
import type { JsonObject } from './schema.ts';
import { failed, type HookAnswer, inProgress, succeeded } from './status.ts';
import { count, duration } from './text.ts';
import { expire, type Verdict } from './verdict.ts';

/** What the decision line says beyond the answer. */
export interface Decision {
  answer: HookAnswer;
  /** A FAILED that `mode: audit` turned into SUCCEEDED. */
  wouldFail?: boolean;
  /** Why there was no verdict. */
  error?: string;
}

/** The Lambda's time is nearly up. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** How long `onRollback` may wait in all, milliseconds. */
const ROLLBACK_BOUND_MS = 5 * 60_000;
const LONGEST_DELAY_SECONDS = 300;

/** The answer to a verdict: states and delays kept, `timeoutMinutes` and `mode` applied. */
export function answerVerdict(look: Look, verdict: Verdict): Decision {
  if (isRollback(look)) return answerRollback(look, verdict);
  if (verdict.outcome !== 'wait') {
    const { outcome, reason } = verdict;
    return outcome === 'fail' ? refuse(look, reason) : { answer: succeeded(reason, details(look)) };
  }
  const left = timeLeft(look);
  if (left <= 0) return giveUp(look, `Waited ${timeout(look)}: ${verdict.reason}`);
  const seconds = Math.min(verdict.seconds ?? look.config.pollSeconds, secondsOf(look, left));
  return { answer: inProgress(verdict.reason, seconds, details(look, { errors: 0, ...stateOf(verdict) })) };
}

/** The answer where there is no verdict. */
export function answerError(hook: AnyHook, look: Look, thrown: unknown): Decision {
  const error = describeError(thrown);
  if (isRollback(look)) return { ...rollbackError(hook, look, thrown, error), error };
  if (thrown instanceof DeadlineError) return answerDeadline(look, error);
  if (!isRetryable(thrown)) return { ...refuse(look, error), error };
  const errors = (look.memory?.errors ?? 0) + 1;
  const { maxErrors, onError, pollSeconds } = look.config;
  if (look.memory !== undefined && (errors >= maxErrors || timeLeft(look) <= 0)) {
    const reason = `Could not tell: gave up after ${count(errors, 'error')} in a row, the last: ${error}; onError is ${onError}`;
    return onError === 'succeed'
      ? { answer: succeeded(reason, details(look)), error }
      : { ...refuse(look, reason), error };
  }
  const grown = Math.min(pollSeconds * 2 ** (errors - 1), Math.max(pollSeconds, LONGEST_DELAY_SECONDS));
  // The last look is at the deadline, not some minutes after it.
  const delay = Math.min(grown, secondsOf(look, timeLeft(look)));
  const reason = `Could not tell yet (error ${errors} of ${maxErrors} in a row): ${error}`;
  return { answer: inProgress(reason, delay, details(look, { errors })), error };
}

function answerDeadline(look: Look, error: string): Decision {
  if (timeLeft(look) <= 0) return { ...giveUp(look, `Waited ${timeout(look)}: ${error}`), error };
  const seconds = Math.min(look.config.pollSeconds, secondsOf(look, timeLeft(look)));
  return { answer: inProgress(error, seconds, details(look)), error };
}

/** FAILED, or in audit mode SUCCEEDED with what would have been. */
function refuse(look: Look, reason: string): Decision {
  if (look.config.mode !== 'audit') return { answer: failed(reason, details(look)) };
  return { answer: succeeded(`Audit mode, would have been FAILED: ${reason}`, details(look)), wouldFail: true };
}

function giveUp(look: Look, reason: string): Decision {
  const verdict = expire(look.config.onTimeout, reason);
  if (verdict.outcome === 'fail') return refuse(look, verdict.reason);
  return { answer: succeeded(verdict.reason, details(look)) };
}

/** Whatever a rollback's work comes to, it ends in SUCCEEDED, and soon. */
function answerRollback(look: Look, verdict: Verdict): Decision {
  if (verdict.outcome === 'succeed') return { answer: succeeded(verdict.reason, details(look)) };
  if (verdict.outcome === 'wait' && rollbackTimeLeft(look) > 0) {
    const seconds = Math.min(verdict.seconds ?? look.config.pollSeconds, secondsOf(look, rollbackTimeLeft(look)));
    return { answer: inProgress(verdict.reason, seconds, details(look, { errors: 0, ...stateOf(verdict) })) };
  }
  const error = `Not done while rolling back: ${verdict.reason}`;
  return { answer: succeeded(`${error}; a rollback is never hindered`, details(look)), error };
}

function rollbackError(hook: AnyHook, look: Look, thrown: unknown, error: string): Decision {
  const mayRetry = hook.onRollback !== undefined && look.memory !== undefined && isRetryable(thrown);
  const errors = (look.memory?.errors ?? 0) + 1;
  if (mayRetry && errors < look.config.maxErrors && rollbackTimeLeft(look) > 0) {
    const seconds = Math.min(look.config.pollSeconds, secondsOf(look, rollbackTimeLeft(look)));
    return { answer: inProgress(`Rolling back, not done yet: ${error}`, seconds, details(look, { errors })) };
  }
  return { answer: succeeded(`Rolling back, a rollback is never hindered: ${error}`, details(look)) };
}

export function isRollback(look: Look): boolean {
  return look.deployment === undefined ? looksLikeRollback(look.event) : look.deployment.direction === 'rollback';
}

function rollbackTimeLeft(look: Look): number {
  return (look.memory?.startedAt ?? 0) + ROLLBACK_BOUND_MS - look.now.getTime();
}

/** Milliseconds until timeoutMinutes are over. */
function timeLeft(look: Look): number {
  return (look.memory?.startedAt ?? look.now.getTime()) + look.config.timeoutMinutes * 60_000 - look.now.getTime();
}

/** What is left when the answer goes out: a look that waited for AWS has used up some of it. */
function secondsOf(look: Look, left: number): number {
  return Math.max(1, (left - (performance.now() - look.began)) / 1000);
}

function timeout(look: Look): string {
  return `${duration(look.config.timeoutMinutes * 60_000)} (timeoutMinutes)`;
}

function stateOf({ state }: { state?: unknown }): Partial<Memory> {
  return state === undefined ? {} : { state };
}

/** All that ECS sent, so that nothing is lost if ECS replaces, with the memory brought up to date. */
function details(look: Look, change: Partial<Memory> = {}): JsonObject | undefined {
  if (look.details === undefined || look.memory === undefined) return look.details;
  return remember(look.details, { ...look.memory, looks: look.memory.looks + 1, ...change });
}

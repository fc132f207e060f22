import { isJsonObject } from '../../shared/schema.ts';

/** Everything that is wrong with an answer to ECS; an answer without problems is one that ECS can read. */
export function answerProblems(answer: unknown): string[] {
  if (!isJsonObject(answer)) return [`not an object: ${String(answer)}`];
  const found: string[] = [];
  const { hookStatus, reason, callBackDelay, hookDetails, ...others } = answer;
  if (hookStatus !== 'SUCCEEDED' && hookStatus !== 'FAILED' && hookStatus !== 'IN_PROGRESS') {
    found.push(`hookStatus ${String(hookStatus)}`);
  }
  if (typeof reason !== 'string' || reason.trim() === '') found.push('reason is empty');
  else if (/[\p{Cc}\u2028\u2029]/u.test(reason)) found.push(`reason is not one line: ${JSON.stringify(reason)}`);
  else if (reason.length > 1000) found.push(`reason has ${reason.length} characters`);
  if (hookStatus === 'IN_PROGRESS' && !(Number.isSafeInteger(callBackDelay) && Number(callBackDelay) > 0)) {
    found.push(`callBackDelay ${String(callBackDelay)}`);
  }
  if (hookStatus !== 'IN_PROGRESS' && 'callBackDelay' in answer) found.push('callBackDelay without IN_PROGRESS');
  if (hookDetails !== undefined && !isJsonObject(hookDetails)) found.push('hookDetails is not an object');
  if (Object.keys(others).length > 0) found.push(`unknown keys ${Object.keys(others).join(', ')}`);
  return [...found, ...jsonProblems(answer)];
}

function jsonProblems(answer: unknown): string[] {
  try {
    JSON.stringify(answer);
    return [];
  } catch (error) {
    return [`not serialisable: ${String(error)}`];
  }
}

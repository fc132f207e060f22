import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { answerError, answerVerdict, DeadlineError, type Decision, isRollback } from './answer.ts';
import { describeError } from './errors.ts';
import type { AnyHook } from './hook.ts';
import { decisionLog, log, type MetricName, putMetrics } from './log.ts';
import { type Look, newLook, takeLook } from './look.ts';
import { isServiceEvent, takeServiceEvent } from './service-event.ts';
import { failed, type HookAnswer, type HookStatus, succeeded } from './status.ts';
import { oneLine } from './text.ts';
import type { Verdict } from './verdict.ts';

/** Kept back of the Lambda's time for the answer, milliseconds. */
const RESERVE_MS = 1000;

/** For tests: what the handler takes from its surroundings, the machine's clock and the environment, without it. */
export interface HandlerOptions {
  now?: () => Date;
  env?: NodeJS.ProcessEnv;
}

/** What Lambda calls. */
export type HookHandler = (event: unknown, context?: Partial<Context>) => Promise<HookAnswer>;

/**
 * Makes a Lambda handler of a hook. Whatever the event, the configuration or the hook's own code do, it answers one
 * of the three statuses, never throws, never hinders a rollback, and writes one decision line. Only an event of
 * EventBridge, where the hook takes those, may end in a throw.
 */
export function lambdaHandler(hook: AnyHook, options: HandlerOptions = {}): HookHandler {
  const { now = () => new Date(), env = process.env } = options;
  const handler = middy<unknown, unknown>({
    timeoutEarlyInMillis: RESERVE_MS,
    timeoutEarlyResponse: () => {
      throw new DeadlineError('The function ran out of time before it could tell; it looks again');
    },
  })
    .use(decide(hook, now))
    .handler(async (look: unknown, { functionName }, { signal }) =>
      // The middleware has put the Look in the event's place.
      takeLook(hook, look as Look, { env, signal, log, functionName: functionName ?? '' }),
    );
  return async (event, context) => {
    if (hook.onServiceEvent !== undefined && isServiceEvent(event)) {
      return takeServiceEvent(hook, hook.onServiceEvent, event, { now: now(), env, context: context ?? {} });
    }
    try {
      // The middleware has turned the verdict, or the error, into the answer.
      return (await handler(event, (context ?? {}) as Context)) as HookAnswer;
    } catch (error) {
      return lastResort(hook, newLook(hook, event, now()), error);
    }
  };
}

interface Request {
  event: unknown;
  response?: unknown;
  error?: unknown;
  internal: Record<string, unknown>;
}

/** The middleware that makes a Look of the event, and of the verdict or the error the answer, with its decision line. */
function decide(hook: AnyHook, now: () => Date) {
  const looks = new WeakMap<object, Look>();
  const conclude = (request: Request, decideOn: (look: Look) => Decision): void => {
    const look = looks.get(request) ?? newLook(hook, request.event, now());
    const decision = decideOn(look);
    request.response = decision.answer;
    record(hook, look, decision, performance.now() - look.began);
  };
  return {
    before: (request: Request) => {
      const look = newLook(hook, request.event, now());
      looks.set(request, look);
      request.event = look;
    },
    after: (request: Request) =>
      conclude(request, (look) => {
        const verdict = request.response as Verdict; // takeLook returns nothing else
        if (verdict.evidence !== undefined) look.evidence = verdict.evidence;
        return answerVerdict(look, verdict);
      }),
    onError: (request: Request) => conclude(request, (look) => answerError(hook, look, request.error)),
  };
}

const METRICS = { SUCCEEDED: 'Succeeded', FAILED: 'Failed', IN_PROGRESS: 'InProgress' } as const satisfies Record<
  HookStatus,
  MetricName
>;

function record(hook: AnyHook, look: Look, { answer, wouldFail, error }: Decision, durationMs: number): void {
  const { deployment, evidence } = look;
  const rollback = isRollback(look);
  const fields = {
    hook: hook.name,
    stage: deployment?.stage,
    direction: rollback ? 'rollback' : 'forward',
    cluster: deployment?.cluster,
    deployment: deployment?.deploymentId,
    revision: deployment?.targetRevisionId,
    status: answer.hookStatus,
    reason: answer.reason,
    evidence,
    durationMs: Math.round(durationMs * 10) / 10,
    attempt: (look.memory?.looks ?? 0) + 1,
    wouldFail,
    // Not `error`: the logger formats a field of that name itself.
    trouble: error === undefined ? undefined : oneLine(error),
  };
  const level = error === undefined ? 'info' : 'error';
  try {
    decisionLog.write(level, deployment?.service, fields);
  } catch {
    // Evidence that cannot be written must cost neither the decision nor its line.
    decisionLog.write(level, deployment?.service, { ...fields, evidence: 'cannot be shown' });
  }
  putMetrics(hook.name, deployment?.stage ?? 'unknown', {
    [METRICS[answer.hookStatus]]: 1,
    Duration: fields.durationMs,
    ...(wouldFail && { WouldFail: 1 }),
    ...(error !== undefined && { [rollback ? 'RollbackErrors' : 'Errors']: 1 }),
  });
}

function lastResort(hook: AnyHook, look: Look, error: unknown): HookAnswer {
  const reason = `Internal error of the ${hook.name} hook: ${describeError(error)}`;
  return isRollback(look) ? succeeded(reason) : failed(reason);
}

import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { readConfig } from './config.ts';
import { describeError, EventError, isRetryable } from './errors.ts';
import { parseArn } from './event.ts';
import type { AnyHook, ServiceEvent } from './hook.ts';
import { decisionLog, log, putMetrics } from './log.ts';
import { isJsonObject, problems } from './schema.ts';
import { failed, type HookAnswer, succeeded } from './status.ts';
import { oneLine } from './text.ts';
import type { Verdict } from './verdict.ts';

const Envelope = z.object({
  source: z.string(),
  'detail-type': z.string(),
  resources: z.prefault(z.array(z.string()), []),
  detail: z.prefault(z.object({ eventName: z.optional(z.string()), serviceArn: z.optional(z.string()) }), {}),
});

/** Kept back of the Lambda's time for the log, milliseconds. */
const RESERVE_MS = 1000;
/** Where nobody says how long the function may run. */
const LONGEST_MS = 15 * 60_000;

/** Does EventBridge speak, and not ECS itself? */
export function isServiceEvent(event: unknown): boolean {
  return isJsonObject(event) && typeof event['detail-type'] === 'string' && event.lifecycleStage === undefined;
}

/**
 * Reads an event that EventBridge has of ECS. The service is in `resources` (`ECS Deployment State Change`) or in the
 * detail (`ECS Hook State Change`).
 *
 * @throws EventError
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
 */
export function parseServiceEvent(event: unknown): ServiceEvent {
  const parsed = Envelope.safeParse(event, { reportInput: true });
  if (!parsed.success) throw new EventError(`Not an ECS service event: ${problems(parsed.error, 'event')}`);
  const { source, resources, detail, 'detail-type': detailType } = parsed.data;
  if (source !== 'aws.ecs') throw new EventError(`Not an ECS service event: event.source is ${JSON.stringify(source)}`);
  const serviceArn = detail.serviceArn ?? resources.find((arn) => /:service\//.test(arn)) ?? '';
  const { cluster, service } = parseArn(serviceArn, 'service', 'resources[0] or detail.serviceArn');
  return { detailType, eventName: detail.eventName, serviceArn, cluster, service };
}

interface Surroundings {
  now: Date;
  env: NodeJS.ProcessEnv;
  context: Partial<Context>;
}

/**
 * Gives the event to the hook, and writes the decision line. The answer is for the log: EventBridge reads none.
 *
 * @throws what the hook threw, where a retry of Lambda's may mend it
 */
export async function takeServiceEvent(
  hook: AnyHook,
  take: NonNullable<AnyHook['onServiceEvent']>,
  raw: unknown,
  { now, env, context }: Surroundings,
): Promise<HookAnswer> {
  const began = performance.now();
  const elapsed = () => performance.now() - began;
  const budget = Math.max(1, (context.getRemainingTimeInMillis?.() ?? LONGEST_MS) - RESERVE_MS);
  const signal = AbortSignal.timeout(Math.floor(budget));
  let event: ServiceEvent | undefined;
  try {
    event = parseServiceEvent(raw);
    const verdict = await take({
      event,
      configure: (hookDetails) => readConfig(hook, hookDetails, env, signal),
      clock: () => Math.ceil(now.getTime() + elapsed()),
      timeLeft: () => budget - elapsed(),
      signal,
      log,
      functionArn: (context.invokedFunctionArn ?? '').split(':').slice(0, 7).join(':'),
    });
    return conclude(hook, event, verdict, elapsed());
  } catch (error) {
    const reason = describeError(error);
    const answer = conclude(hook, event, { outcome: 'fail', reason }, elapsed());
    if (isRetryable(error)) throw error;
    return answer;
  }
}

function conclude(hook: AnyHook, event: ServiceEvent | undefined, verdict: Verdict, durationMs: number): HookAnswer {
  const isDone = verdict.outcome === 'succeed';
  const answer = isDone ? succeeded(verdict.reason) : failed(verdict.reason);
  const durationRounded = Math.round(durationMs * 10) / 10;
  decisionLog.write(isDone ? 'info' : 'error', event?.service, {
    hook: hook.name,
    event: event?.detailType,
    eventName: event?.eventName,
    cluster: event?.cluster,
    status: answer.hookStatus,
    reason: answer.reason,
    evidence: verdict.evidence,
    durationMs: durationRounded,
    trouble: isDone ? undefined : oneLine(verdict.reason),
  });
  putMetrics(hook.name, 'service-event', {
    [isDone ? 'Succeeded' : 'Failed']: 1,
    Duration: durationRounded,
    ...(!isDone && { Errors: 1 }),
  });
  return answer;
}

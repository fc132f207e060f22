import type { Context } from 'aws-lambda';
import type { AnyHook } from '../../shared/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../shared/schema.ts';
import type { HookAnswer } from '../../shared/status.ts';
import { ECS_READINGS, type EcsReading } from './readings.ts';

/** When a rig's clock begins, unless it is told otherwise. */
export const START = new Date('2026-03-05T15:54:41.618Z');

/** A hook's Lambda function, and its clock. */
export interface Rig {
  /** One look; the answer has gone through JSON, as on its way to ECS. */
  look(event: unknown): Promise<HookAnswer>;
  /**
   * Looks until the answer is not IN_PROGRESS or `limit` is reached (1,000 without it). In between ECS waits
   * callBackDelay, and sends the hookDetails of the answer back.
   */
  play(event: { hookDetails?: unknown }, limit?: number): Promise<HookAnswer[]>;
  advance(seconds: number): void;
  now(): Date;
}

/** Of `rig`. */
export interface RigOptions {
  /** The function's environment, such as HOOK_DEFAULTS and HOOK_POLICY; empty without it. */
  env?: NodeJS.ProcessEnv;
  /** Milliseconds of Lambda time at the beginning of each look; absent: no context at all. */
  remaining?: number;
  /** Of the clock; `START` without it. */
  start?: Date;
  /** How ECS combines the hookDetails that it sent with those of the answer; `replace` without it. */
  reading?: EcsReading;
}

/** A hook's Lambda function with a clock that stands still until it is moved. It prints its decision lines. */
export function rig(hook: AnyHook, { env = {}, remaining, start = START, reading = 'replace' }: RigOptions = {}): Rig {
  let at = start.getTime();
  const handler = lambdaHandler(hook, { now: () => new Date(at), env });
  const look = async (event: unknown): Promise<HookAnswer> => {
    const context =
      remaining === undefined ? undefined : fakeContext({ functionName: `${hook.name}-function`, remaining });
    const answer = await handler(event, context);
    return JSON.parse(JSON.stringify(answer));
  };
  return {
    look,
    async play(event, limit = 1000) {
      const answers: HookAnswer[] = [];
      let next = event;
      for (let n = 0; n < limit; n += 1) {
        const answer = await look(next);
        answers.push(answer);
        if (answer.hookStatus !== 'IN_PROGRESS') break;
        at += answer.callBackDelay * 1000;
        next = { ...event, hookDetails: ECS_READINGS[reading](objectOf(next.hookDetails), answer.hookDetails ?? {}) };
      }
      return answers;
    },
    advance: (seconds) => {
      at += seconds * 1000;
    },
    now: () => new Date(at),
  };
}

/** ECS may send hookDetails as a string that holds an object. */
function objectOf(details: unknown): JsonObject {
  const value = typeof details === 'string' ? parseJson(details) : details;
  return isJsonObject(value) ? value : {};
}

/** Of `fakeContext`. */
export interface ContextOptions {
  /** `hook` without it. */
  functionName?: string;
  /** Milliseconds that the function still has; 30,000 without it. They do not run down. */
  remaining?: number;
}

/**
 * What Lambda gives a handler beside the event, as far as hooks read it.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */
export function fakeContext({ functionName = 'hook', remaining = 30_000 }: ContextOptions = {}): Partial<Context> {
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:eu-west-1:123456789012:function:${functionName}`,
    memoryLimitInMB: '256',
    awsRequestId: '6c5f3a3e-8b1d-4d0e-9f57-1f4f0a5b7c21',
    getRemainingTimeInMillis: () => remaining,
  };
}

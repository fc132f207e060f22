import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import type { Clock } from '../clock.ts';
import { parseFunctionArn, unqualifiedArn } from './arn.ts';
import { type LambdaFault, LambdaFaults } from './faults.ts';
import type { HookInvoker, Invocation, RawOutcome } from './invoker.ts';
import {
  functionNotFound,
  MAX_REQUEST_BYTES,
  MAX_RESPONSE_BYTES,
  requestTooLarge,
  responseTooLarge,
} from './outcomes.ts';
import { logGroupName, logStreamName } from './process-environment.ts';

/** A function's handler, called in the simulator's own process. */
export type InProcessHandler = (event: unknown, context: Context) => Promise<unknown>;

export interface InProcessInvokerOptions {
  /** On which the deadline runs. */
  clock: Clock;
  /** Milliseconds on the simulator's clock that an invocation takes; default 250. */
  nominalMs?: number;
  /** Of all functions; default 30. It sets the deadline; a handler that ignores it is not stopped. */
  timeoutSeconds?: number;
  memoryMb?: number;
  /** Makes request ids; default random UUIDs. */
  newId?: () => string;
}

/**
 * Runs handlers in the simulator's own process: thousands of invocations a second, for property tests and for playing
 * many readings. Event and answer go through JSON both ways, so that a handler sees what Lambda would give it. Output
 * is not captured and a hanging handler not stopped.
 */
export class InProcessInvoker implements HookInvoker {
  readonly #handlers = new Map<string, InProcessHandler>();
  readonly #options: InProcessInvokerOptions;
  readonly #faults = new LambdaFaults();

  constructor(
    handlers: Iterable<readonly [functionArn: string, handler: InProcessHandler]>,
    options: InProcessInvokerOptions,
  ) {
    for (const [arn, handler] of handlers) this.#handlers.set(unqualifiedArn(arn), handler);
    this.#options = options;
  }

  /** Lets the next invocations of a function meet trouble of the Lambda service or of the hook's role. */
  injectFault(functionArn: string, fault: LambdaFault): void {
    this.#faults.inject(functionArn, fault);
  }

  async invoke(functionArn: string, event: unknown, now: number): Promise<Invocation> {
    const handler = this.#handlers.get(unqualifiedArn(functionArn));
    const fault = this.#faults.take(functionArn);
    if (fault || !handler) return { outcome: fault ?? functionNotFound(functionArn), durationMs: 0, logs: [] };
    const body = JSON.stringify(event) ?? 'null';
    const bytes = Buffer.byteLength(body);
    if (bytes > MAX_REQUEST_BYTES) return { outcome: requestTooLarge(bytes), durationMs: 0, logs: [] };
    const outcome = await outcomeOf(handler, JSON.parse(body), this.#context(functionArn, now));
    return { outcome, durationMs: this.#options.nominalMs ?? 250, logs: [] };
  }

  #context(functionArn: string, now: number): Context {
    const { clock, timeoutSeconds = 30, memoryMb = 256, newId = randomUUID } = this.#options;
    const { functionName = functionArn } = parseFunctionArn(functionArn) ?? {};
    const requestId = newId();
    const deadline = now + timeoutSeconds * 1000;
    return {
      awsRequestId: requestId,
      functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: functionArn,
      memoryLimitInMB: String(memoryMb),
      logGroupName: logGroupName(functionName),
      logStreamName: logStreamName(now, '$LATEST', requestId.replaceAll('-', '')),
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => deadline - clock.now(),
      done: gone,
      fail: gone,
      succeed: gone,
    };
  }
}

/** The type still has them, but the nodejs24.x runtime does not. */
function gone(): never {
  throw new TypeError('The Node.js 24 runtime has no context.done, fail and succeed');
}

async function outcomeOf(handler: InProcessHandler, event: unknown, context: Context): Promise<RawOutcome> {
  let payload: string;
  try {
    payload = serialised(await handler(event, context));
  } catch (error) {
    const known = error instanceof Error;
    return {
      kind: 'function-error',
      errorType: known ? error.name : typeof error,
      errorMessage: known ? error.message : String(error),
    };
  }
  return Buffer.byteLength(payload) > MAX_RESPONSE_BYTES ? responseTooLarge() : { kind: 'returned', payload };
}

function serialised(answer: unknown): string {
  try {
    return JSON.stringify(answer) ?? 'null';
  } catch (cause) {
    const error = new Error('Unable to stringify response body', { cause });
    error.name = 'Runtime.JSONStringifyError';
    throw error;
  }
}

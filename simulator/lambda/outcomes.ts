/** Lambda's own limits, error types and message texts. Sources: "Lambda quotas"; Lambda API reference, Invoke. */
import type { constants } from 'node:os';
import type { RawOutcome } from './invoker.ts';

/** The largest event of a synchronous invocation, in bytes. */
export const MAX_REQUEST_BYTES = 6_291_456;
/** The largest answer of a synchronous invocation, in bytes. */
export const MAX_RESPONSE_BYTES = 6_291_556;
/** How long the init phase may take before Lambda starts it anew within the invocation, in milliseconds. */
export const INIT_LIMIT_MS = 10_000;

type ServiceOutcomeKind = 'throttled' | 'service-error' | 'access-denied' | 'role-error';

// What Go, in which the service's supervisor is written, calls the signals.
const SIGNAL_TEXTS: Partial<Record<keyof typeof constants.signals, string>> = {
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGILL: 'illegal instruction',
  SIGINT: 'interrupt',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
  SIGTRAP: 'trace/breakpoint trap',
};

export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** What Lambda reports when the runtime's process ends without having answered. */
export function exitOutcome(requestId: string, exit: ProcessExit): RawOutcome {
  return {
    kind: 'function-error',
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: ${exitReason(exit)}`,
  };
}

function exitReason({ code, signal }: ProcessExit): string {
  if (signal) return `Runtime exited with error: signal: ${SIGNAL_TEXTS[signal] ?? signal}`;
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
}

export function responseTooLarge(): RawOutcome {
  return {
    kind: 'function-error',
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  };
}

/** RequestEntityTooLargeException: the call to Invoke is refused, the function does not run. */
export function requestTooLarge(bytes: number): RawOutcome {
  return serviceOutcome(
    'service-error',
    `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${MAX_REQUEST_BYTES} bytes)`,
  );
}

/** ResourceNotFoundException of Invoke. */
export function functionNotFound(functionArn: string): RawOutcome {
  return serviceOutcome('service-error', `Function not found: ${functionArn}`);
}

/** TooManyRequestsException of Invoke. */
export function throttled(): RawOutcome {
  return serviceOutcome('throttled', 'Rate Exceeded.');
}

export function serviceOutcome(kind: ServiceOutcomeKind, message: string): RawOutcome {
  return { kind, message };
}

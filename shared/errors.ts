import { isJsonObject } from './schema.ts';

/** The event is not one that ECS sends to a lifecycle hook. No retry mends it. */
export class EventError extends Error {
  override readonly name = 'EventError';
}

/** The hook's configuration is wrong. No retry mends it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** `hookDetails._state` is not what this hook wrote. Starting afresh could repeat or skip a check, so it is an error. */
export class StateError extends Error {
  override readonly name = 'StateError';
}

/** A hook throws this for trouble that no retry mends: the deployment is refused at once. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}

const THROTTLING =
  /Throttl|TooManyRequests|TooManyUpdates|RequestLimitExceeded|BandwidthLimitExceeded|SlowDown|PriorRequestNotComplete|ProvisionedThroughputExceeded|TransactionInProgress/;
// Credentials rotate and clocks are corrected under a running function: the next look has fresh ones.
const PASSING =
  /Timeout|Expired|ClockSkew|TimeTooSkewed|InTheFuture|ServiceUnavailable|InternalServerError|InternalFailure/;

interface AwsServiceError {
  name: string;
  message: string;
  $metadata: { httpStatusCode?: number; attempts?: number };
}

function isAwsServiceError(error: unknown): error is Error & AwsServiceError {
  return error instanceof Error && '$metadata' in error && isJsonObject(error.$metadata);
}

/**
 * Would a later look mend it? Throttling, 5xx, network trouble, timeouts and anything unknown: yes.
 * The event, the configuration, the state, and what AWS refuses with 4xx (access denied, not found): no.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
 */
export function isRetryable(error: unknown): boolean {
  if (error instanceof EventError || error instanceof ConfigError || error instanceof StateError) return false;
  if (error instanceof PermanentError) return false;
  if (!isAwsServiceError(error)) return true;
  if (THROTTLING.test(error.name) || PASSING.test(error.name) || isSkewed(error)) return true;
  // A gateway's 408 and 429 carry no modelled name.
  const status = error.$metadata.httpStatusCode ?? 0;
  return status < 400 || status >= 500 || status === 408 || status === 429;
}

/**
 * Most services have no error of its own for a clock that is wrong; only their words tell it from a wrong secret.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
function isSkewed({ name, message }: AwsServiceError): boolean {
  return /^(InvalidSignature|SignatureDoesNotMatch)/.test(name) && /^Signature (expired|not yet current)/.test(message);
}

/** `ssm:GetParameter: AccessDeniedException: User … is not authorized …`; an Error's own words, else the value thrown. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `thrown ${safeString(error)}`;
  const operation = operationOf(error);
  const named = error.name === 'Error' || OWN.has(error.name) ? '' : `${error.name}: `;
  const text = `${operation === undefined ? '' : `${operation}: `}${named}${error.message || codeOf(error)}`;
  return `${text}${attempts(error)}`;
}

const OWN = new Set(['EventError', 'ConfigError', 'StateError', 'PermanentError']);
const OPERATIONS = new WeakMap<Error, string>();

/** Notes which AWS operation an error came from; the SDK's own error does not say. */
export function noteOperation(error: unknown, operation: string): void {
  if (error instanceof Error) OPERATIONS.set(error, operation);
}

/** The AWS operation that an error came from, such as `ssm:GetParameter`, where it came from one. */
export function operationOf(error: unknown): string | undefined {
  return error instanceof Error ? OPERATIONS.get(error) : undefined;
}

function codeOf(error: Error): string {
  // A refused connection on a host with several addresses is an AggregateError with an empty message.
  return 'code' in error && typeof error.code === 'string' ? error.code : 'no message';
}

function attempts(error: Error): string {
  const tried = isAwsServiceError(error) ? error.$metadata.attempts : undefined;
  return tried !== undefined && tried > 1 ? ` (after ${tried} attempts)` : '';
}

function safeString(value: unknown): string {
  try {
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  } catch {
    return 'a value that cannot be shown';
  }
}

import * as ecs from '@aws-sdk/client-ecs';
import * as sns from '@aws-sdk/client-sns';
import * as ssm from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { DeadlineError } from '../../shared/answer.ts';
import {
  ConfigError,
  describeError,
  EventError,
  isRetryable,
  noteOperation,
  operationOf,
  PermanentError,
  StateError,
} from '../../shared/errors.ts';
import { ecsError, ssmError, transportError } from '../fixtures/aws.ts';

type Thrower = new (options: {
  message: string;
  $metadata: { httpStatusCode?: number };
}) => Error & {
  $fault: 'client' | 'server';
  $metadata: { httpStatusCode?: number };
};

/** Every modelled exception of a client: a class that extends the service's own exception. */
function exceptionsOf(client: object): [string, Thrower][] {
  return Object.entries(client).filter(
    ([name, value]) =>
      typeof value === 'function' && value.prototype instanceof Error && !name.endsWith('ServiceException'),
  );
}

/** The modelled exceptions that a later look mends; every other is AWS saying no. */
const MENDS: Readonly<Record<string, readonly string[]>> = {
  ecs: ['ServerException'],
  ssm: ['InternalServerError', 'OpsMetadataTooManyUpdatesException', 'ThrottlingException', 'TooManyUpdates'],
  sns: ['InternalErrorException', 'KMSThrottlingException', 'ThrottledException'],
};

describe('isRetryable', () => {
  it.each([
    ['ecs', ecs],
    ['ssm', ssm],
    ['sns', sns],
  ])('knows every modelled exception of %s', (service, client) => {
    const exceptions = exceptionsOf(client);
    expect(exceptions.length).toBeGreaterThan(25);
    const retryable = exceptions.filter(([, Exception]) => {
      const error = new Exception({ message: 'words', $metadata: {} });
      error.$metadata.httpStatusCode = error.$fault === 'server' ? 500 : 400;
      return isRetryable(error);
    });
    expect(retryable.map(([name]) => name).sort()).toEqual(MENDS[service]);
  });

  // The errors common to all services, which no client models.
  it.each([
    ['AccessDeniedException', 400, false],
    ['AccessDenied', 403, false],
    ['UnauthorizedOperation', 403, false],
    ['NotAuthorized', 400, false],
    ['OptInRequired', 403, false],
    ['UnrecognizedClientException', 400, false],
    ['InvalidClientTokenId', 403, false],
    ['IncompleteSignature', 400, false],
    ['SignatureDoesNotMatch', 403, false],
    ['ValidationError', 400, false],
    ['UnknownOperationException', 400, false],
    ['ResourceNotFoundException', 404, false],
    ['Throttling', 400, true],
    ['ThrottlingException', 400, true],
    ['ThrottledException', 429, true],
    ['RequestThrottled', 400, true],
    ['TooManyRequestsException', 400, true],
    ['RequestLimitExceeded', 503, true],
    ['SlowDown', 503, true],
    ['ProvisionedThroughputExceededException', 400, true],
    ['PriorRequestNotComplete', 400, true],
    ['ExpiredTokenException', 400, true],
    ['RequestExpired', 400, true],
    ['RequestTimeTooSkewed', 403, true],
    ['RequestInTheFuture', 400, true],
    ['RequestTimeout', 400, true],
    ['RequestTimeoutException', 408, true],
    ['ServiceUnavailable', 503, true],
    ['InternalFailure', 500, true],
    ['Unnamed', 399, true],
    ['Unnamed', 400, false],
    ['Unnamed', 408, true],
    ['Unnamed', 429, true],
    ['Unnamed', 499, false],
    ['Unnamed', 500, true],
    ['Unnamed', 502, true],
    ['Unnamed', 503, true],
    ['Unnamed', 504, true],
  ])('%s with HTTP %d: %s', (name, status, expected) => {
    expect(isRetryable(ssmError(name, 'words', status))).toBe(expected);
    expect(isRetryable(ecsError(name, 'words', status))).toBe(expected);
  });

  it.each([
    ['InvalidSignatureException', 'Signature expired: 20260302T084500Z is now earlier than 20260302T085500Z', true],
    ['InvalidSignatureException', 'Signature not yet current: 20260302T091500Z is still later than …', true],
    ['SignatureDoesNotMatch', 'Signature expired: 20260302T084500Z is now earlier than 20260302T085500Z', true],
    [
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided.',
      false,
    ],
    ['AccessDeniedException', 'Signature expired: 20260302T084500Z is now earlier than …', false],
  ])('%s with the words %s: %s', (name, message, expected) => {
    expect(isRetryable(ssmError(name, message, 403))).toBe(expected);
  });

  it.each([
    ['a refused connection', transportError('Error', 'connect ECONNREFUSED 127.0.0.1:9', 'ECONNREFUSED')],
    ['a reset connection', transportError('Error', 'socket hang up', 'ECONNRESET')],
    ['an unknown host', transportError('Error', 'getaddrinfo ENOTFOUND ssm', 'ENOTFOUND')],
    ['a resolver in trouble', transportError('Error', 'getaddrinfo EAI_AGAIN ssm', 'EAI_AGAIN')],
    ['a request timeout', transportError('TimeoutError', 'Request did not complete within 3000 ms')],
    ['an aborted request', transportError('AbortError', 'Request aborted')],
    ['no credentials', transportError('CredentialsProviderError', 'Could not load credentials from any providers')],
    ['tried thrice without an answer', Object.assign(new Error('socket hang up'), { $metadata: { attempts: 3 } })],
    ['odd metadata', Object.assign(new Error('odd'), { $metadata: null })],
    ['an unknown error', new Error('no idea')],
    ["a hook's bug", new TypeError('x is not a function')],
    ['the deadline', new DeadlineError('late')],
    ['a string', 'words'],
    ['nothing', undefined],
    ['null', null],
  ])('%s may pass', (_, error) => {
    expect(isRetryable(error)).toBe(true);
  });

  it.each([new EventError('x'), new ConfigError('x'), new StateError('x'), new PermanentError('x')])(
    '$name does not pass',
    (error) => {
      expect(isRetryable(error)).toBe(false);
    },
  );
});

describe('describeError', () => {
  const circular: unknown[] = [];
  circular.push(circular);
  it.each([
    [new Error('plain'), 'plain'],
    [new TypeError('x is not a function'), 'TypeError: x is not a function'],
    [new ConfigError('Bad configuration: n is missing'), 'Bad configuration: n is missing'],
    [new EventError('e'), 'e'],
    [new StateError('s'), 's'],
    [new PermanentError('p'), 'p'],
    [ssmError('ParameterNotFound', 'no such parameter'), 'ParameterNotFound: no such parameter'],
    [ssmError('ThrottlingException', 'Rate exceeded', 400, 3), 'ThrottlingException: Rate exceeded (after 3 attempts)'],
    [ssmError('ThrottlingException', 'Rate exceeded', 400, 1), 'ThrottlingException: Rate exceeded'],
    [ssmError('ThrottlingException', 'Rate exceeded', 400, 2), 'ThrottlingException: Rate exceeded (after 2 attempts)'],
    [new AggregateError([], ''), 'AggregateError: no message'],
    [Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' }), 'AggregateError: ECONNREFUSED'],
    [Object.assign(new Error(''), { code: 7 }), 'no message'],
    [Object.assign(new Error('odd'), { $metadata: null }), 'odd'],
    ['words', 'thrown words'],
    [{ code: 7 }, 'thrown {"code":7}'],
    [undefined, 'thrown undefined'],
    [null, 'thrown null'],
    [7n, 'thrown a value that cannot be shown'],
    [circular, 'thrown a value that cannot be shown'],
  ])('of %o', (error, text) => {
    expect(describeError(error)).toBe(text);
  });

  it('says which operation failed, where that was noted', () => {
    const error = ssmError('AccessDeniedException', 'User: x is not authorized to perform: ssm:GetParameter');
    expect(operationOf(error)).toBeUndefined();
    noteOperation(error, 'ssm:GetParameter');
    expect(operationOf(error)).toBe('ssm:GetParameter');
    expect(describeError(error)).toBe(
      'ssm:GetParameter: AccessDeniedException: User: x is not authorized to perform: ssm:GetParameter',
    );
    noteOperation('words', 'ssm:GetParameter');
    expect(operationOf('words')).toBeUndefined();
  });
});

import { AwsError } from '../errors.ts';

/**
 * What today's error names were called on the query protocol (Amazon SQS API reference, section "Errors" of each
 * action). SDKs in query mode show these.
 */
export const QUERY_ERROR_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  ExpiredTokenException: 'ExpiredToken',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  PurgeQueueInProgress: 'AWS.SimpleQueueService.PurgeQueueInProgress',
  QueueDeletedRecently: 'AWS.SimpleQueueService.QueueDeletedRecently',
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  QueueNameExists: 'QueueAlreadyExists',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  UnsupportedOperation: 'AWS.SimpleQueueService.UnsupportedOperation',
};

export function noSuchQueue(): AwsError {
  return new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
}

export function missing(parameter: string): AwsError {
  return new AwsError('MissingParameter', `The request must contain the parameter ${parameter}.`);
}

export function invalidValue(value: unknown, parameter: string, reason: string): AwsError {
  return new AwsError(
    'InvalidParameterValue',
    `Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`,
  );
}

/** @throws AwsError InvalidParameterValue when the number is outside of the limits */
export function checkRange(value: number | undefined, parameter: string, min: number, max: number): void {
  if (value === undefined || (value >= min && value <= max)) return;
  throw invalidValue(value, parameter, `Must be between ${min} and ${max}, if provided.`);
}

export function fifoNotImplemented(operation: string): AwsError {
  return new AwsError(
    'NotImplementedException',
    `${operation}: FIFO queues are not implemented by the local endpoint.`,
    501,
  );
}

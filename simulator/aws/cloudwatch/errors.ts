import { AwsError } from '../errors.ts';

/**
 * CloudWatch's error names on the JSON protocol, and the codes that clients of the older query protocol know
 * (CloudWatch API reference, section "Errors" of each action). SDKs show one or the other, by their age.
 */
export const QUERY_ERROR_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  ExpiredTokenException: 'ExpiredToken',
  InternalServiceFault: 'InternalServiceError',
  InvalidParameterCombinationException: 'InvalidParameterCombination',
  InvalidParameterValueException: 'InvalidParameterValue',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  MissingRequiredParameterException: 'MissingParameter',
  SerializationException: 'MalformedInput',
  ThrottlingException: 'Throttling',
  ValidationException: 'ValidationError',
};

export function invalidValue(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message);
}

export function invalidCombination(message: string): AwsError {
  return new AwsError('InvalidParameterCombinationException', message);
}

/** @param parameter as in `MetricData.member.1.MetricName` */
export function missing(parameter: string): AwsError {
  return new AwsError('MissingRequiredParameterException', `The parameter ${parameter} is required.`);
}

export function bothGiven(one: string, other: string): AwsError {
  return invalidCombination(exclusive(one, other));
}

export function exclusive(one: string, other: string): string {
  return `The parameters ${one} and ${other} are mutually exclusive and you have specified both.`;
}

export function validationError(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

export function invalidNextToken(): AwsError {
  return new AwsError('InvalidNextToken', 'The next token specified is invalid.');
}

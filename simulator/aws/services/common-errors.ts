import { AwsError } from '../errors.ts';
import type { ServiceErrors } from '../service.ts';

/** What the services on the JSON protocol have in common (page "Common error types" of each API reference). */
export function jsonServiceErrors(
  service: string,
  own: Pick<ServiceErrors, 'serverError' | 'notFound'>,
): ServiceErrors {
  return {
    ...own,
    throttled: new AwsError('ThrottlingException', 'Rate exceeded'),
    unavailable: unavailable(),
    accessDenied: (message) => new AwsError('AccessDeniedException', message),
    action: (operation) => `${service}:${operation}`,
    expiredCredentials: new AwsError('ExpiredTokenException', EXPIRED),
    clockSkew: (message) => new AwsError('InvalidSignatureException', message),
  };
}

/** The query services' own spelling of the same. */
export function queryServiceErrors(
  own: Pick<ServiceErrors, 'serverError' | 'notFound' | 'accessDenied' | 'action'>,
): ServiceErrors {
  return {
    ...own,
    throttled: new AwsError('Throttling', 'Rate exceeded'),
    unavailable: unavailable(),
    expiredCredentials: new AwsError('ExpiredToken', EXPIRED, 403),
    clockSkew: (message) => new AwsError('SignatureDoesNotMatch', message, 403),
  };
}

const EXPIRED = 'The security token included in the request is expired';

function unavailable(): AwsError {
  return new AwsError('ServiceUnavailable', 'The request has failed due to a temporary failure of the server.', 503);
}

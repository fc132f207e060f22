import { createHash } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { ServiceDefinition } from '../service.ts';
import { queryServiceErrors } from './common-errors.ts';

/** GetCallerIdentity alone, the call by which people check whose credentials they hold. */
export function stsService(): ServiceDefinition {
  return {
    id: 'sts',
    protocol: { kind: 'query', xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/' },
    operations: {
      GetCallerIdentity: (_input, { callerArn, accountId }) => ({
        Arn: callerArn,
        UserId: userId(callerArn, accountId),
        Account: callerArn.split(':')[4] ?? accountId,
      }),
    },
    resource: () => '*',
    errors: queryServiceErrors({
      serverError: new AwsError(
        'InternalFailure',
        'The request processing has failed because of an unknown error, exception or failure.',
        500,
      ),
      notFound: () => new AwsError('NoSuchEntity', 'The requested resource does not exist.', 404),
      accessDenied: (message) => new AwsError('AccessDenied', message, 403),
      action: (operation) => `sts:${operation}`,
    }),
  };
}

/** IAM user guide, page "IAM identifiers": a role's id begins with AROA and has the session's name behind a colon. */
function userId(arn: string, accountId: string): string {
  if (arn.endsWith(':root')) return accountId;
  const [kind = '', name = '', session] = arn.split(':').slice(5).join(':').split('/');
  const digest = createHash('sha256').update(name).digest('hex').toUpperCase().slice(0, 17);
  if (kind === 'assumed-role') return `AROA${digest}${session === undefined ? '' : `:${session}`}`;
  return `AIDA${digest}`;
}

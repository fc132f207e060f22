import { AwsError } from '../errors.ts';
import { optionalString } from '../input.ts';
import type { FunctionStore } from '../lambda/function-store.ts';
import type { JsonObject, ServiceDefinition } from '../service.ts';
import { jsonServiceErrors } from './common-errors.ts';

/** What Lambda tells of functions (Lambda API reference). Invocations go to the sandbox, not through the endpoint. */
export function lambdaService(store: FunctionStore): ServiceDefinition {
  const find = (input: JsonObject) =>
    store.find(optionalString(input, 'FunctionName') ?? '', optionalString(input, 'Qualifier'));
  return {
    id: 'lambda',
    protocol: {
      kind: 'rest-json',
      paths: {
        GetFunctionConfiguration: { method: 'GET', template: '/2015-03-31/functions/{FunctionName}/configuration' },
        GetFunctionConcurrency: { method: 'GET', template: '/2019-09-30/functions/{FunctionName}/concurrency' },
        GetPolicy: { method: 'GET', template: '/2015-03-31/functions/{FunctionName}/policy' },
      },
    },
    operations: {
      GetFunctionConfiguration: (input) => find(input).configuration,
      GetFunctionConcurrency: (input) => ({ ReservedConcurrentExecutions: find(input).record.reservedConcurrency }),
      GetPolicy: (input) => {
        const { policy } = find(input).record;
        if (policy === undefined) throw noPolicy();
        return { Policy: JSON.stringify(policy), RevisionId: 'local' };
      },
    },
    resource: (_operation, { FunctionName }, { partition, region, accountId }) => {
      const named = String(FunctionName ?? '*');
      return named.startsWith('arn:') ? named : `arn:${partition}:lambda:${region}:${accountId}:function:${named}`;
    },
    errors: {
      ...jsonServiceErrors('lambda', {
        serverError: new AwsError('ServiceException', 'An error occurred and the request cannot be processed.', 500),
        notFound: (_operation, { FunctionName }) =>
          new AwsError('ResourceNotFoundException', `Function not found: ${FunctionName}`, 404),
      }),
      throttled: new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429),
      accessDenied: (message) => new AwsError('AccessDeniedException', message, 403),
    },
  };
}

function noPolicy(): AwsError {
  return new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
}

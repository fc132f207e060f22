import { noteOperation } from '../errors.ts';

/**
 * Options for every AWS client: a dead endpoint costs at most three tries of three seconds, well within the
 * invocation. Whatever fails after that is answered with IN_PROGRESS and looked at again.
 */
export const CLIENT_OPTIONS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
};

interface Client {
  middlewareStack: {
    add(
      middleware: (
        next: (args: never) => Promise<unknown>,
        context: { clientName?: string; commandName?: string },
      ) => (args: never) => Promise<unknown>,
      options: { step: 'initialize'; name: string },
    ): void;
  };
}

/** Makes the client's errors say which operation failed, by its IAM action's name; see `describeError`. */
export function naming<T extends Client>(client: T): T {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const service = context.clientName?.replace(/Client$/, '').toLowerCase();
        noteOperation(error, `${service}:${context.commandName?.replace(/Command$/, '')}`);
        throw error;
      }
    },
    { step: 'initialize', name: 'nameOperation' },
  );
  return client;
}

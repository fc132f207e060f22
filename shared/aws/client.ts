import { noteOperation } from '../errors.ts';
import { isJsonObject } from '../schema.ts';

/**
 * Options for every AWS client: a dead endpoint costs at most three tries of three seconds, well within the
 * invocation. Whatever fails after that is answered with IN_PROGRESS and looked at again.
 */
export const CLIENT_OPTIONS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
};

type Middleware = (
  next: (args: never) => Promise<unknown>,
  context: { clientName?: string; commandName?: string },
) => (args: never) => Promise<unknown>;

interface Client {
  middlewareStack: {
    add(middleware: Middleware, options: { step: 'initialize'; name: string }): void;
    add(middleware: Middleware, options: { step: 'deserialize'; priority: 'low'; name: string }): void;
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
  client.middlewareStack.add(refuseNothing, { step: 'deserialize', priority: 'low', name: 'refuseNothing' });
  return client;
}

/** Operations without an output. */
const ANSWER_NOTHING = new Set(['PutMetricDataCommand', 'DeleteMessageCommand', 'ChangeMessageVisibilityCommand']);

/**
 * The SDK takes a 200 without a body, which a broken proxy may give, for an answer in which nothing is set: no such
 * image, no scan, no shard. Every operation with an output answers a document at least.
 */
const refuseNothing: Middleware =
  (next, { commandName = '' }) =>
  async (args) => {
    const result = await next(args);
    if (!ANSWER_NOTHING.has(commandName) && isEmpty(result)) throw new Error('the answer is empty');
    return result;
  };

function isEmpty(result: unknown): boolean {
  const response = isJsonObject(result) ? result.response : undefined;
  if (!isJsonObject(response) || response.statusCode !== 200) return false;
  return isJsonObject(response.headers) && response.headers['content-length'] === '0';
}

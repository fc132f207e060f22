import { describeError, operationOf } from '../../shared/errors.ts';

/** AWS did not say. */
export interface Unseen {
  kind: 'unseen';
  why: string;
  /** The IAM action that the caller lacks, where it is that. */
  permission?: string;
}

/** What AWS said to a question: the answer, that there is no such thing, or nothing. */
export type Asked<T> = { kind: 'told'; value: T } | { kind: 'absent'; why: string } | Unseen;

const ABSENT =
  /NotFound|NoSuchEntity|NonExistent|DoesNotExist|^ClusterNotFoundException$|Unable to describe task definition/;
const DENIED = /AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized/;

/** Where the prefix of the IAM actions is not the client's name. */
const PREFIXES: Readonly<Record<string, string>> = { eventbridge: 'events' };

/** Never rejects: trouble is an answer too. */
export async function ask<T>(call: Promise<T>): Promise<Asked<T>> {
  try {
    return { kind: 'told', value: await call };
  } catch (error) {
    const why = describeError(error);
    const name = error instanceof Error ? error.name : '';
    if (DENIED.test(name)) return { kind: 'unseen', why, permission: actionOf(error) };
    if (ABSENT.test(name) || ABSENT.test(why)) return { kind: 'absent', why };
    return { kind: 'unseen', why };
  }
}

function actionOf(error: unknown): string {
  const [service = '', operation = ''] = (operationOf(error) ?? '').split(':');
  return `${PREFIXES[service] ?? service}:${operation}`;
}

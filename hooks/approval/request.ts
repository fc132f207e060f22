import { GetParameterHistoryCommand, type ParameterHistory } from '@aws-sdk/client-ssm';
import { ssm } from '../../shared/aws/ssm.ts';
import type { Deployment } from '../../shared/event.ts';
import { stepOf } from '../../shared/memory.ts';
import type { ParameterVersion } from './tally.ts';

/** The name of the parameter that approves one deployment at one stage, and at a recurring stage one traffic step. */
export function parameterName(prefix: string, deployment: Deployment): string {
  return `${servicePath(prefix, deployment)}/${deployment.deploymentId}/${stepOf(deployment)}`;
}

/** Where everything is that this hook keeps for one service. */
export function servicePath(prefix: string, { cluster, service }: Deployment): string {
  return `${prefix}/approval/${cluster}/${service}`;
}

/**
 * Every version that Parameter Store still has, oldest first: one call for up to 50 of them. None when there is no such
 * parameter, which just after its creation may only mean that the read came too early.
 */
export async function readHistory(name: string, signal: AbortSignal): Promise<ParameterVersion[]> {
  const versions: ParameterVersion[] = [];
  let NextToken: string | undefined;
  try {
    do {
      const page = await ssm.send(
        new GetParameterHistoryCommand({
          Name: name,
          MaxResults: 50,
          WithDecryption: true,
          ...(NextToken && { NextToken }),
        }),
        { abortSignal: signal },
      );
      for (const record of page.Parameters ?? []) versions.push(versionOf(name, record));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') return [];
    throw error;
  }
  return versions.sort((a, b) => a.version - b.version);
}

/** @throws when a record lacks what a vote is judged by: a vote at an unknown time must not count */
function versionOf(name: string, record: ParameterHistory): ParameterVersion {
  const { Version, Value = '', LastModifiedUser, LastModifiedDate } = record;
  if (Version === undefined || LastModifiedUser === undefined || LastModifiedDate === undefined) {
    throw new Error(`ssm:GetParameterHistory answered a version of ${name} without its number, author or date`);
  }
  return { version: Version, value: Value, by: LastModifiedUser, at: LastModifiedDate };
}

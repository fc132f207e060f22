import { DeleteParametersCommand, GetParametersByPathCommand } from '@aws-sdk/client-ssm';
import { ssm } from '../../shared/aws/ssm.ts';
import { describeError } from '../../shared/errors.ts';
import type { Deployment } from '../../shared/event.ts';
import type { Log } from '../../shared/log.ts';
import { servicePath } from './request.ts';

/** So that a hanging endpoint costs housekeeping its turn, and not the verdict. */
const TIDY_MS = 2000;

/** Removes old approvals of the service. Never throws: what is not removed now, the next deployment removes. */
export async function tidy(
  prefix: string,
  deployment: Deployment,
  before: Date,
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  try {
    await removeOld(prefix, deployment, before, AbortSignal.any([signal, AbortSignal.timeout(TIDY_MS)]));
  } catch (error) {
    log.warn('old approvals could not be removed', { trouble: describeError(error) });
  }
}

/** At most this many pages of ten are looked through at the end of a deployment; the next deployment goes on. */
const CLEANUP_PAGES = 5;

/** Removes what this service's deployments of more than `retainDays` ago left behind. */
export async function removeOld(
  prefix: string,
  deployment: Deployment,
  before: Date,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  let NextToken: string | undefined;
  for (let page = 0; page < CLEANUP_PAGES; page += 1) {
    const found = await ssm.send(
      new GetParametersByPathCommand({
        Path: servicePath(prefix, deployment),
        Recursive: true,
        MaxResults: 10,
        ...(NextToken && { NextToken }),
      }),
      { abortSignal: signal },
    );
    const names = (found.Parameters ?? []).flatMap(({ Name, LastModifiedDate }) =>
      Name && LastModifiedDate && LastModifiedDate < before && !Name.includes(`/${deployment.deploymentId}/`)
        ? [Name]
        : [],
    );
    if (names.length > 0) {
      await ssm.send(new DeleteParametersCommand({ Names: names }), { abortSignal: signal });
      removed += names.length;
    }
    NextToken = found.NextToken;
    if (NextToken === undefined) break;
  }
  return removed;
}

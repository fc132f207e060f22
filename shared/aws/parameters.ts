import { DeleteParametersCommand, GetParametersByPathCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { describeError } from '../errors.ts';
import type { Log } from '../log.ts';
import { ssm } from './ssm.ts';

/** A parameter of type String. */
export interface ParameterText {
  name: string;
  value: string;
  /** At most 1,024 characters. */
  description: string;
}

/**
 * Creates a parameter if there is none of that name: of several callers, exactly one is answered a version.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export async function createParameter(text: ParameterText, signal: AbortSignal): Promise<number | undefined> {
  try {
    return await putParameter({ ...text, overwrite: false }, signal);
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterAlreadyExists') return undefined;
    throw error;
  }
}

/** @returns the number of the version that was written */
export async function putParameter(
  { name, value, description, overwrite }: ParameterText & { overwrite: boolean },
  signal: AbortSignal,
): Promise<number> {
  const { Version } = await ssm.send(
    new PutParameterCommand({
      Name: name,
      Value: value,
      Type: 'String',
      Description: description,
      Overwrite: overwrite,
    }),
    { abortSignal: signal },
  );
  if (Version === undefined) throw new Error(`ssm:PutParameter answered no version for ${name}`);
  return Version;
}

/** What `removeLeftovers` may remove. */
export interface Leftovers {
  /** Where everything is that a hook keeps for one service. */
  folder: string;
  /** The deployment whose parameters stay, however old they are. */
  deploymentId: string;
  /** Parameters last changed before this are removed. */
  before: Date;
}

/** So that a hanging endpoint costs housekeeping its turn, and not the verdict. */
const CLEANUP_MS = 2000;
/** At most this many pages of ten are looked through at the end of a deployment; the next deployment goes on. */
const CLEANUP_PAGES = 5;

/**
 * Removes what earlier deployments of a service left behind. Never throws, since housekeeping must not change a
 * verdict: what is not removed now, the next deployment removes.
 */
export async function removeLeftovers(leftovers: Leftovers, signal: AbortSignal, log: Log): Promise<void> {
  try {
    await remove(leftovers, AbortSignal.any([signal, AbortSignal.timeout(CLEANUP_MS)]));
  } catch (error) {
    log.warn('old parameters could not be removed', { folder: leftovers.folder, trouble: describeError(error) });
  }
}

async function remove({ folder, deploymentId, before }: Leftovers, signal: AbortSignal): Promise<void> {
  let NextToken: string | undefined;
  for (let page = 0; page < CLEANUP_PAGES; page += 1) {
    const found = await ssm.send(
      new GetParametersByPathCommand({
        Path: folder,
        Recursive: true,
        MaxResults: 10,
        ...(NextToken && { NextToken }),
      }),
      { abortSignal: signal },
    );
    const old = (found.Parameters ?? []).filter(
      ({ Name, LastModifiedDate }) =>
        LastModifiedDate !== undefined && LastModifiedDate < before && !isOf(deploymentId, folder, Name),
    );
    const names = old.flatMap(({ Name }) => Name ?? []);
    if (names.length > 0) await ssm.send(new DeleteParametersCommand({ Names: names }), { abortSignal: signal });
    NextToken = found.NextToken;
    if (NextToken === undefined) return;
  }
}

function isOf(deploymentId: string, folder: string, name = ''): boolean {
  return `${name}/`.startsWith(`${folder}/${deploymentId}/`);
}

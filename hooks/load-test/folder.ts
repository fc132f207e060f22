import { DeleteParametersCommand, GetParametersByPathCommand } from '@aws-sdk/client-ssm';
import { ssm } from '../../shared/aws/ssm.ts';

/**
 * Every parameter below a path, by its name without the path.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
 */
export async function readFolder(path: string, signal: AbortSignal): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let NextToken: string | undefined;
  do {
    const page = await ssm.send(
      new GetParametersByPathCommand({
        Path: path,
        Recursive: true,
        MaxResults: 10,
        ...(NextToken && { NextToken }),
      }),
      { abortSignal: signal },
    );
    for (const { Name = '', Value = '' } of page.Parameters ?? []) found.set(Name.slice(path.length + 1), Value);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

/** No error when there is none of that name. */
export async function removeParameter(name: string, signal: AbortSignal): Promise<void> {
  await ssm.send(new DeleteParametersCommand({ Names: [name] }), { abortSignal: signal });
}

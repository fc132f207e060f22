import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { CLIENT_OPTIONS, naming } from './client.ts';

/** One client for every invocation of the function. */
export const ssm = naming(new SSMClient(CLIENT_OPTIONS));

/** A parameter's value, decrypted where it is a SecureString. */
export async function readParameter(name: string, signal: AbortSignal): Promise<string> {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }), {
    abortSignal: signal,
  });
  if (Parameter?.Value === undefined) throw new Error(`ssm:GetParameter answered no value for ${name}`);
  return Parameter.Value;
}

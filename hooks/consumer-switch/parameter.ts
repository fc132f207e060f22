import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { CLIENT_OPTIONS, naming } from '../../shared/aws/client.ts';
import { ssm } from '../../shared/aws/ssm.ts';
import { type Holder, WRITE_MS } from './protocol.ts';

/** A write that the SDK tries again could land long after the read that it rests on. */
const writer = naming(new SSMClient({ ...CLIENT_OPTIONS, maxAttempts: 1 }));

const DESCRIPTION =
  'The id of the one service revision whose workers may take messages, or none. Written by the consumer-switch hook';

/** The parameter that all workers of a service read. */
export function parameterName(prefix: string, { cluster, service }: { cluster: string; service: string }): string {
  return `${prefix}/consumer/${cluster}/${service}`;
}

/** What the parameter holds, and when it was written; undefined where there is none. */
export async function readHolder(
  name: string,
  signal: AbortSignal,
): Promise<(Holder & { writtenAt: Date | undefined }) | undefined> {
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name }), { abortSignal: signal });
    const { Value: value, Version: version, LastModifiedDate: writtenAt } = Parameter ?? {};
    if (value === undefined || version === undefined) {
      throw new Error(`ssm:GetParameter answered ${name} without its value or version`);
    }
    return { value: value.trim(), version, writtenAt };
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') return undefined;
    throw error;
  }
}

export interface Write {
  name: string;
  value: string;
  /** What the write rests on. */
  held: Holder | undefined;
  /** `performance.now()` before the check began that the write rests on. */
  checkedAt: number;
}

/** `exists`: nothing was written. `overtook`: somebody has written something else between the read and this write. */
export type Written = { outcome: 'exists' } | { outcome: 'written' | 'overtook'; version: number };

/**
 * One attempt, given up WRITE_MS after the check.
 *
 * @throws also when the write may have been done all the same
 */
export async function write({ name, value, held, checkedAt }: Write, signal: AbortSignal): Promise<Written> {
  const left = Math.floor(WRITE_MS - (performance.now() - checkedAt));
  if (left <= 0) throw new Error(`The check before writing ${value} to ${name} took longer than ${WRITE_MS} ms`);
  const expected = (held?.version ?? 0) + 1;
  const version = await put(name, value, held !== undefined, AbortSignal.any([signal, AbortSignal.timeout(left)]));
  if (version === undefined) return { outcome: 'exists' };
  const isOurs = await saysOnly(name, value, expected, version, signal);
  return { outcome: isOurs ? 'written' : 'overtook', version };
}

async function put(name: string, value: string, overwrite: boolean, abortSignal: AbortSignal) {
  try {
    const command = new PutParameterCommand({
      Name: name,
      Value: value,
      Type: 'String',
      Description: DESCRIPTION,
      Overwrite: overwrite,
    });
    const { Version } = await writer.send(command, { abortSignal });
    if (Version === undefined) throw new Error(`ssm:PutParameter answered no version for ${name}`);
    return Version;
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterAlreadyExists') return undefined;
    throw error;
  }
}

/** Nothing came between, or the same invocation done twice has written the same twice: nobody was overtaken then. */
async function saysOnly(name: string, value: string, from: number, to: number, signal: AbortSignal): Promise<boolean> {
  if (to < from || to - from > 3) return false;
  try {
    for (let version = from; version < to; version += 1) {
      if ((await readHolder(`${name}:${version}`, signal))?.value !== value) return false;
    }
    return true;
  } catch {
    return false;
  }
}

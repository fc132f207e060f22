import * as z from 'zod/mini';
import { putParameter, removeLeftovers } from '../../shared/aws/parameters.ts';
import { readParameter } from '../../shared/aws/ssm.ts';
import { describeError } from '../../shared/errors.ts';
import type { Deployment } from '../../shared/event.ts';
import type { CheckInput } from '../../shared/hook.ts';
import { parseJson } from '../../shared/schema.ts';
import type { Config } from './config.ts';
import type { ImageVerdict } from './subject.ts';

/** Parameter Store's limit for a standard parameter, bytes. */
const VALUE_LIMIT = 4096;

/** So that a hanging endpoint costs the record, and not the verdict; milliseconds. */
const RECORD_MS = 2000;

const Digests = z.record(z.string(), z.array(z.string()));
/** By container name: the digest that was judged, and those of the platforms of an index. */
export type Digests = z.infer<typeof Digests>;

type Input = Pick<CheckInput<Config, unknown>, 'config' | 'deployment' | 'now' | 'signal' | 'log'>;

function folderOf(prefix: string, { cluster, service }: Deployment): string {
  return `${prefix}/admission/${cluster}/${service}`;
}

/**
 * Notes for POST_SCALE_UP which digests were admitted. It explains a tag that has moved since, and decides nothing:
 * what runs is judged again by its own digest. So it is no reason to fail when it cannot be written.
 */
export async function writeRecord({ config, deployment, now, signal, log }: Input, verdicts: readonly ImageVerdict[]) {
  const digests = Object.fromEntries(
    verdicts.flatMap(({ container, digest, platformDigests = [] }) =>
      digest === undefined ? [] : [[container, [...new Set([digest, ...platformDigests])]]],
    ),
  );
  const value = JSON.stringify(digests);
  const folder = folderOf(config.parameterPrefix, deployment);
  try {
    if (Buffer.byteLength(value) <= VALUE_LIMIT) {
      const description = 'Digests that the admission hook has admitted before the tasks started';
      const name = `${folder}/${deployment.deploymentId}`;
      await putParameter({ name, value, description, overwrite: true }, briefly(signal));
    }
  } catch (error) {
    signal.throwIfAborted();
    log.warn('the admitted digests could not be noted', { trouble: describeError(error) });
  }
  const before = new Date(now.getTime() - config.retainDays * 86_400_000);
  await removeLeftovers({ folder, deploymentId: deployment.deploymentId, before }, signal, log);
}

/** The digests that were admitted at PRE_SCALE_UP; none where there is no record that can be read. */
export async function readRecord({ config, deployment, signal, log }: Input): Promise<Digests> {
  try {
    const name = `${folderOf(config.parameterPrefix, deployment)}/${deployment.deploymentId}`;
    return Digests.safeParse(parseJson(await readParameter(name, briefly(signal)))).data ?? {};
  } catch (error) {
    signal.throwIfAborted();
    log.info('there is no record of the digests admitted at PRE_SCALE_UP', { trouble: describeError(error) });
    return {};
  }
}

function briefly(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(RECORD_MS)]);
}

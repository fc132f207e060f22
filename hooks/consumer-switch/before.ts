import * as z from 'zod/mini';
import { createParameter } from '../../shared/aws/parameters.ts';
import { parseJson } from '../../shared/schema.ts';
import { parameterName, readHolder } from './parameter.ts';
import { readCounts } from './queues.ts';
import { type Input, Reading } from './state.ts';

/** Notes what the queues were before the switch, once a deployment; a later look finds it noted. */
export async function noteBefore({ config, deployment, signal, clock }: Input): Promise<void> {
  const isShift = deployment.stage === 'PRODUCTION_TRAFFIC_SHIFT';
  if (!isShift || config.monitor === undefined || config.queueUrls.length === 0) return;
  const reading: Reading = { at: clock(), queues: await readCounts(config.queueUrls, signal) };
  const name = `${parameterName(config.parameterPrefix, deployment)}/${deployment.deploymentId}`;
  const description = 'Written by the consumer-switch hook: the queues before the switch, in the order of queueUrls';
  await createParameter({ name, value: JSON.stringify(reading), description }, signal);
}

/** Undefined where nothing was noted, or for other queues than those of now. */
export async function readBefore({ config, deployment, signal }: Input): Promise<Reading | undefined> {
  const name = `${parameterName(config.parameterPrefix, deployment)}/${deployment.deploymentId}`;
  const parsed = z.safeParse(Reading, parseJson((await readHolder(name, signal))?.value ?? ''));
  return parsed.success && parsed.data.queues.length === config.queueUrls.length ? parsed.data : undefined;
}

import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { describeServiceDeployment } from '../../shared/aws/ecs.ts';
import { putParameter } from '../../shared/aws/parameters.ts';
import { readParameter } from '../../shared/aws/ssm.ts';
import { describeError } from '../../shared/errors.ts';
import { parseJson } from '../../shared/schema.ts';
import { type Config, LATENCIES } from './config.ts';
import type { Input } from './input.ts';
import type { Baseline } from './judge.ts';
import type { Measured } from './measured.ts';
import { servicePath } from './names.ts';

const Values = z.object({
  p50Ms: z.number(),
  p90Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
  p999Ms: z.number(),
  maxMs: z.number(),
});
const Release = z.object({
  deploymentArn: z.string(),
  revision: z.string(),
  at: z.string(),
  /** The load that it was measured under; figures of another one are not comparable. */
  load: z.string(),
  requests: z.number(),
  errors: z.number(),
  latencies: z.number(),
  values: Values,
});
type Release = z.infer<typeof Release>;
const Accepted = z.object({ last: Release, before: z.optional(Release) });
type Accepted = z.infer<typeof Accepted>;

/** The baseline `previous`, or why there is none. */
export type Previous = { name: string; of: Baseline } | { why: string };

/** What makes two measurements comparable, in 16 digits. */
export function loadOf({ targets, rate, durationSeconds, rampSeconds, warmUpSeconds, http }: Config): string {
  const load = JSON.stringify([targets, rate, durationSeconds, rampSeconds, warmUpSeconds, http]);
  return createHash('sha256').update(load).digest('hex').slice(0, 16);
}

/**
 * The last release of the service that passed this hook and whose deployment then ended SUCCESSFUL. One that passed
 * here and was rolled back later is no measure, so the one before it is kept too.
 */
export async function readPrevious(input: Input): Promise<Previous> {
  const accepted = await readAccepted(input);
  const release = accepted && (await lastGood(accepted, input));
  if (release === undefined) return { why: 'no accepted release has been measured yet' };
  if (release.load !== loadOf(input.config))
    return { why: 'the last accepted release was measured under another load' };
  return { name: `revision ${release.revision}`, of: release };
}

/**
 * Notes what was measured. Never throws: the verdict stands, and the next release is compared with an older one.
 *
 * @returns whether it is noted
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export async function noteAccepted(input: Input, { requests, errors, latencies, values }: Measured): Promise<boolean> {
  const { config, deployment, now, signal, log } = input;
  try {
    const accepted = await readAccepted(input);
    const before = accepted && (await lastGood(accepted, input));
    const last: Release = {
      deploymentArn: deployment.deploymentArn,
      revision: deployment.targetRevisionId,
      at: now.toISOString(),
      load: loadOf(config),
      ...{ requests, errors, latencies },
      values: Object.fromEntries(LATENCIES.map((key) => [key, values[key]])) as Release['values'], // exactly its keys
    };
    const value = JSON.stringify({ last, ...(before && { before }) });
    const description =
      'Written by the load-test hook: what the last accepted releases of this service were measured at';
    await putParameter({ name: nameOf(input), value, description, overwrite: true }, signal);
    return true;
  } catch (error) {
    log.warn('the result could not be kept as a baseline', { trouble: describeError(error) });
    return false;
  }
}

/** What was kept before this deployment, whose own result may be the last already. */
async function lastGood({ last, before }: Accepted, { deployment, signal }: Input): Promise<Release | undefined> {
  if (last.deploymentArn === deployment.deploymentArn) return before;
  return (await endedWell(last.deploymentArn, signal)) ? last : before;
}

/** A deployment that ECS no longer knows cannot be told to have ended well. */
async function endedWell(deploymentArn: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await describeServiceDeployment(deploymentArn, signal)).status === 'SUCCESSFUL';
  } catch (error) {
    if (error instanceof Error && !('$metadata' in error) && /MISSING|nothing/.test(error.message)) return false;
    throw error;
  }
}

async function readAccepted(input: Input): Promise<Accepted | undefined> {
  try {
    const record = Accepted.safeParse(parseJson(await readParameter(nameOf(input), input.signal)));
    return record.success ? record.data : undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') return undefined;
    throw error;
  }
}

function nameOf({ config, deployment }: Input): string {
  return `${servicePath(config.parameterPrefix, deployment)}/accepted`;
}

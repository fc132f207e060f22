import { DeleteParametersCommand } from '@aws-sdk/client-ssm';
import * as z from 'zod/mini';
import { putParameter } from '../../shared/aws/parameters.ts';
import { readParameter, ssm } from '../../shared/aws/ssm.ts';
import type { Deployment } from '../../shared/event.ts';
import { parseJson } from '../../shared/schema.ts';
import { type Step, sameWeight } from './steps.ts';

const Instant = z.pipe(
  z.string().check(z.refine((text) => Number.isFinite(Date.parse(text)))),
  z.transform((text: string) => Date.parse(text)),
);
const StepRecord = z.object({
  steps: z.array(z.object({ weight: z.number(), seen: Instant, since: z.optional(Instant) })),
});

/** Where everything is that this hook keeps for one service. */
export function servicePath(prefix: string, { cluster, service }: Deployment): string {
  return `${prefix}/canary/${cluster}/${service}`;
}

function recordName(prefix: string, deployment: Deployment): string {
  return `${servicePath(prefix, deployment)}/${deployment.deploymentId}`;
}

/** The steps noted so far, by weight; none where there is no record, or one that cannot be understood. */
export async function readSteps(prefix: string, deployment: Deployment, signal: AbortSignal): Promise<Step[]> {
  try {
    const record = StepRecord.safeParse(parseJson(await readParameter(recordName(prefix, deployment), signal)));
    const steps = record.success ? record.data.steps : [];
    return steps
      .map(({ weight, seen, since }) => ({ weight, seen, ...(since !== undefined && { since }) }))
      .sort((a, b) => a.weight - b.weight);
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') return [];
    throw error;
  }
}

/** Notes a step, or what is new of it: what is noted already does not move, however often a hook is invoked. */
export async function noteStep(
  prefix: string,
  deployment: Deployment,
  steps: readonly Step[],
  step: Step,
  signal: AbortSignal,
): Promise<void> {
  const known = steps.find(({ weight }) => sameWeight(weight, step.weight));
  if (known !== undefined && (known.since !== undefined || step.since === undefined)) return;
  const others = steps.filter((one) => one !== known);
  const all = [...others, { ...step, ...known }].sort((a, b) => a.weight - b.weight);
  const value = JSON.stringify({ steps: all.map(toText) });
  const description =
    "Written by the canary hook: each traffic step by green's weight in percent, when it was first seen, and since when it bakes";
  await putParameter({ name: recordName(prefix, deployment), value, description, overwrite: true }, signal);
}

/** Without milliseconds: a record of 34 steps must fit into the 4 KB of a standard parameter. */
function toText({ weight, seen, since }: Step) {
  const text = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;
  return { weight, seen: text(seen), ...(since !== undefined && { since: text(since) }) };
}

export async function removeSteps(prefix: string, deployment: Deployment, signal: AbortSignal): Promise<void> {
  await ssm.send(new DeleteParametersCommand({ Names: [recordName(prefix, deployment)] }), { abortSignal: signal });
}

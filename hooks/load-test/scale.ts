import { DescribeServicesCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import * as z from 'zod/mini';
import { ecs } from '../../shared/aws/ecs.ts';
import { putParameter } from '../../shared/aws/parameters.ts';
import { describeError, PermanentError } from '../../shared/errors.ts';
import { parseJson } from '../../shared/schema.ts';
import type { Config } from './config.ts';
import { readFolder, removeParameter } from './folder.ts';
import type { Input } from './input.ts';

type Generator = NonNullable<Config['generator']>;

const Hold = z.object({ tasks: z.number(), until: z.string() });

/**
 * Several deployments may share one generator service. Each holds as many tasks as it needs by a parameter of its own,
 * and the desired count is what all holds come to, or `idleTasks`. No former count is remembered: the one that a
 * deployment met may have been another's, and would come back after that one is done.
 */
export async function holdTasks(input: Input, until: Date): Promise<void> {
  const { config, now, signal } = input;
  const { generator } = config;
  if (generator === undefined) return;
  const description = 'Written by the load-test hook: how many traffic generator tasks a deployment needs, until when';
  const value = JSON.stringify({ tasks: generator.tasks, until: until.toISOString() });
  await putParameter({ name: holdName(input, generator), value, description, overwrite: true }, signal);
  const { wanted, desired } = await counts(generator, input, now);
  if (desired < wanted) await setDesired(generator, wanted, signal);
}

/** Gives the tasks back. Never throws: what a test has found out does not hang on it; a hold ends by itself. */
export async function releaseTasks(input: Input): Promise<void> {
  const { config, now, signal, log } = input;
  const { generator } = config;
  if (generator === undefined) return;
  try {
    await removeParameter(holdName(input, generator), signal);
    const { wanted, desired } = await counts(generator, input, now);
    if (desired > wanted) await setDesired(generator, wanted, signal);
  } catch (error) {
    const { cluster, service } = generator;
    log.warn('the traffic generators could not be scaled in', { cluster, service, trouble: describeError(error) });
  }
}

async function counts(generator: Generator, input: Input, now: Date): Promise<{ wanted: number; desired: number }> {
  const holds = await readFolder(holdsPath(input, generator), input.signal);
  let held = 0;
  for (const text of holds.values()) {
    const hold = Hold.safeParse(parseJson(text));
    if (hold.success && new Date(hold.data.until) > now) held += hold.data.tasks;
  }
  const { services } = await ecs.send(
    new DescribeServicesCommand({ cluster: generator.cluster, services: [generator.service] }),
    { abortSignal: input.signal },
  );
  const service = services?.[0];
  if (service?.status !== 'ACTIVE' || service.desiredCount === undefined) {
    throw new PermanentError(
      `The generator service ${generator.service} in cluster ${generator.cluster} is ${service?.status ?? 'MISSING'}`,
    );
  }
  return { wanted: Math.max(generator.idleTasks, held), desired: service.desiredCount };
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html */
async function setDesired({ cluster, service }: Generator, desiredCount: number, signal: AbortSignal): Promise<void> {
  await ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount }), { abortSignal: signal });
}

/** A name may be given as an ARN, which a parameter's name cannot hold. */
function holdsPath({ config }: Input, { cluster, service }: Generator): string {
  const last = (name: string) => name.slice(name.lastIndexOf('/') + 1);
  return `${config.parameterPrefix}/load-generators/${last(cluster)}/${last(service)}`;
}

function holdName(input: Input, generator: Generator): string {
  const { deploymentId } = input.deployment;
  return `${holdsPath(input, generator)}/${deploymentId}`;
}

import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import * as z from 'zod/mini';
import { describeServiceDeployment, describeServiceRevisions, sourceRevisionArns } from '../../shared/aws/ecs.ts';
import { ConfigError } from '../../shared/errors.ts';
import type { CheckInput } from '../../shared/hook.ts';
import type { Config } from './config.ts';
import { planQueries } from './metrics.ts';
import { noteStep, readSteps } from './record.ts';
import { Sides, sidesOf } from './sides.ts';
import { bakeAt, bakeBefore, findStep, type Step, type TrafficPlan, trafficPlan, weightFromRecord } from './steps.ts';

const MINUTE = 60_000;

/** What a stage comes to, decided at its first look and kept from then on; milliseconds since the epoch. */
const Task = z.strictObject({
  /** bake: judged once at its end. hold: the stage is held open, and judged at every look. */
  kind: z.enum(['bake', 'hold']),
  from: z.int(),
  to: z.int(),
  /** Green's share of the traffic, percent. */
  weight: z.number(),
  orWeight: z.optional(z.number()),
  /** How many such tasks the deployment has: they share α. */
  of: z.int(),
});
export type Task = z.infer<typeof Task>;

/** All that a look needs beside the metrics, so that each later look is one call of CloudWatch. */
export const State = z.strictObject({
  /** Green's share of the traffic that the stage is about, percent. */
  step: z.number(),
  task: Task,
  sides: Sides,
  /** Until then all traffic was blue's. */
  before: z.int(),
});
export type State = z.infer<typeof State>;

export type Input = CheckInput<Config, State>;

/** What the stage comes to, or why there is nothing to judge at it. @throws ConfigError where there never will be */
export async function begin(input: Input): Promise<State | { step: number; why: string }> {
  const { config, deployment, now, signal } = input;
  const described = await describeServiceDeployment(deployment.deploymentArn, signal);
  const plan = trafficPlan(described);
  const steps = await readSteps(config.parameterPrefix, deployment, signal);
  const step = weightAt(input, described, steps, plan);
  const task = chooseTask(input, step, steps, plan);
  const sides = await readSides(input, described);
  // What is wrong with the metrics is told before green gets any traffic.
  planQueries(config, sides);
  if (typeof task === 'string') return { step, why: task };
  if (deployment.stage === 'PRODUCTION_TRAFFIC_SHIFT') {
    await noteStep(config.parameterPrefix, deployment, steps, { weight: step, seen: now.getTime() }, signal);
  }
  return { step, task, sides, before: blueAlone(described, steps, plan, task) };
}

/** Notes that a step bakes from now on; the last one does not. */
export async function letBake({ config, deployment, now, signal }: Input, step: number): Promise<string | undefined> {
  // Before the first step the time is noted too: it tells how long the first can have baked at the most.
  if (step >= 100 || (deployment.stage === 'PRE_PRODUCTION_TRAFFIC_SHIFT' && step > 0)) return undefined;
  const steps = await readSteps(config.parameterPrefix, deployment, signal);
  const at = now.getTime();
  await noteStep(config.parameterPrefix, deployment, steps, { weight: step, seen: at, since: at }, signal);
  return step > 0 ? `Noted that green bakes at ${step} % of the traffic; judged when the next step begins` : undefined;
}

function weightAt(
  { deployment, now }: Input,
  { targetServiceRevision }: ServiceDeployment,
  steps: readonly Step[],
  plan: TrafficPlan,
): number {
  const { stage, targetWeight } = deployment;
  if (stage === 'POST_PRODUCTION_TRAFFIC_SHIFT') return 100;
  if (targetWeight !== undefined) return targetWeight;
  if (stage === 'PRODUCTION_TRAFFIC_SHIFT')
    return weightFromRecord(targetServiceRevision?.requestedProductionTrafficWeight, steps, plan, now.getTime());
  throw new Error('Neither the event nor ecs:DescribeServiceDeployments says what share of the traffic green has');
}

function chooseTask({ config, deployment, now }: Input, weight: number, steps: readonly Step[], plan: TrafficPlan) {
  const { stage } = deployment;
  const { holdMinutes } = config;
  const at = now.getTime();
  const isPre = stage === 'PRE_PRODUCTION_TRAFFIC_SHIFT';
  if (isPre && weight <= 0) {
    if (plan.weights.length > 1) return 'No traffic has moved yet, so there is nothing to judge';
    throw nothingToJudge(stage, 'green has no traffic here');
  }
  if (holdMinutes !== undefined) {
    const from = (stage === 'PRODUCTION_TRAFFIC_SHIFT' ? findStep(weight, steps)?.seen : undefined) ?? at;
    const of = stage === 'POST_PRODUCTION_TRAFFIC_SHIFT' ? 1 : plan.weights.length;
    return { kind: 'hold' as const, from, to: from + holdMinutes * MINUTE, weight, of };
  }
  if (stage === 'POST_PRODUCTION_TRAFFIC_SHIFT') throw nothingToJudge(stage, 'nothing has baked yet');
  const bake = (isPre ? bakeAt : bakeBefore)(weight, steps, plan, at);
  if (bake !== undefined) return { kind: 'bake' as const, ...bake, of: Math.max(1, plan.weights.length - 1) };
  if (weight < 100) return 'There is no traffic step to judge yet';
  throw nothingToJudge(stage, 'all traffic moves at once');
}

/** A hook that never judges must not look like one that does. */
function nothingToJudge(stage: string, why: string): ConfigError {
  return new ConfigError(
    `Bad configuration: there is nothing to judge at ${stage}, since ${why}: ` +
      'set holdMinutes and attach the hook at POST_PRODUCTION_TRAFFIC_SHIFT',
  );
}

/** The history of what both sides share ends where green got its first traffic, as far as is known. */
function blueAlone(
  { startedAt, createdAt }: ServiceDeployment,
  steps: readonly Step[],
  { bakeMinutes }: TrafficPlan,
  { from }: Task,
): number {
  const first = steps.find(({ weight }) => weight > 0);
  // The bake may come before the hook that saw the step.
  if (first !== undefined) return Math.min(from, first.seen - bakeMinutes * MINUTE);
  return Math.min(from, (startedAt ?? createdAt)?.getTime() ?? from);
}

/** Green, and the blue that it replaces. */
async function readSides({ deployment, signal }: Input, described: ServiceDeployment): Promise<Sides> {
  const weightOf = (arn: string) =>
    described.sourceServiceRevisions?.find((one) => one.arn === arn)?.requestedProductionTrafficWeight ?? 0;
  // Of several sources, blue is the one that has the traffic.
  const [first] = sourceRevisionArns(described).toSorted((a, b) => weightOf(b) - weightOf(a));
  const blueArn = first ?? deployment.sourceRevisionArn;
  const arns = [deployment.targetRevisionArn, ...(blueArn === undefined ? [] : [blueArn])];
  const [green, blue] = await describeServiceRevisions(arns, signal);
  return sidesOf(deployment, green, blue);
}

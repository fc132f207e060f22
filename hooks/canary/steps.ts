import type { ServiceDeployment } from '@aws-sdk/client-ecs';

const MINUTE = 60_000;

/** A traffic step of a canary or linear deployment; times are milliseconds since the epoch. */
export interface Step {
  /** Green's share in percent. */
  weight: number;
  /** When ECS first invoked the hook for it: the step before ends there. */
  seen: number;
  /** When the hook let it bake. */
  since?: number;
}

/** How the deployment moves its traffic, as far as the configuration says. */
export interface TrafficPlan {
  /** Green's weight after each step, percent; one step alone where all traffic moves at once. */
  weights: readonly number[];
  /** Between one step and the next, minutes. */
  bakeMinutes: number;
}

/** The time that a step bakes, and green's weight in it. */
export interface Bake {
  from: number;
  to: number;
  weight: number;
  /** Where it is not documented which of two steps it is, the weight of the other. */
  orWeight?: number;
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html */
export function trafficPlan({ deploymentConfiguration: configuration }: ServiceDeployment): TrafficPlan {
  const { canaryConfiguration, linearConfiguration } = configuration ?? {};
  switch (configuration?.strategy) {
    case 'CANARY': {
      const percent = canaryConfiguration?.canaryPercent ?? 5;
      const bakeMinutes = canaryConfiguration?.canaryBakeTimeInMinutes ?? 10;
      return { weights: percent < 100 ? [percent, 100] : [100], bakeMinutes };
    }
    case 'LINEAR': {
      // Percentages are multiples of 0.1, which do not add up exactly in binary: counted in tenths.
      const tenths = Math.max(1, Math.round((linearConfiguration?.stepPercent ?? 10) * 10));
      const weights = Array.from(
        { length: Math.ceil(1000 / tenths) },
        (_, index) => Math.min((index + 1) * tenths, 1000) / 10,
      );
      return { weights, bakeMinutes: linearConfiguration?.stepBakeTimeInMinutes ?? 6 };
    }
    default:
      return { weights: [100], bakeMinutes: 0 };
  }
}

/** Weights are multiples of 0.1; arithmetic with them is not exact. */
const EPSILON = 0.05;

export function sameWeight(one: number, other: number): boolean {
  return Math.abs(one - other) < EPSILON;
}

export function findStep(weight: number, steps: readonly Step[]): Step | undefined {
  return steps.find((step) => sameWeight(step.weight, weight));
}

/**
 * What has baked when PRODUCTION_TRAFFIC_SHIFT begins the step of `weight`; undefined at the first step. A record that
 * was lost is rebuilt from the configuration. AWS does not say whether the bake comes after the hooks of its step or
 * before them: it lies in the minutes before now in both cases, and in the second its weight may be this step's.
 */
export function bakeBefore(
  weight: number,
  steps: readonly Step[],
  { weights, bakeMinutes }: TrafficPlan,
  now: number,
): Bake | undefined {
  const to = findStep(weight, steps)?.seen ?? now;
  const below = [...weights, ...steps.map((step) => step.weight)].filter((one) => one > 0 && one < weight - EPSILON);
  if (below.length === 0) return undefined;
  const before = Math.max(...below);
  const since = findStep(before, steps)?.since ?? to;
  const from = Math.min(since, to - bakeMinutes * MINUTE);
  return { from, to, weight: before, ...(weight < 100 && { orWeight: weight }) };
}

/**
 * What bakes while PRE_PRODUCTION_TRAFFIC_SHIFT carries this weight; undefined before the first step. The stage may
 * come before the bake or after it: where the step cannot have baked yet, the bake ends in time to come.
 */
export function bakeAt(
  weight: number,
  steps: readonly Step[],
  { weights, bakeMinutes }: TrafficPlan,
  now: number,
): Bake | undefined {
  if (weight < EPSILON) return undefined;
  const bake = bakeMinutes * MINUTE;
  const earlier = steps.filter((step) => step.weight < weight - EPSILON).map(({ since, seen }) => since ?? seen);
  const notBefore = Math.max(...earlier, now - bake);
  // The step before was under way less than a bake ago: this one has begun since, and bakes from now on.
  const from = findStep(weight, steps)?.since ?? (notBefore > now - bake ? now : now - bake);
  const lower = weights.filter((one) => one < weight - EPSILON).at(-1);
  return { from, to: Math.max(now, from + bake), weight, ...(lower !== undefined && { orWeight: lower }) };
}

/** Which step PRODUCTION_TRAFFIC_SHIFT begins when its event has no weights. @param described by ECS, percent */
export function weightFromRecord(
  described: number | undefined,
  steps: readonly Step[],
  { weights, bakeMinutes }: TrafficPlan,
  now: number,
): number {
  const first = weights[0] ?? 100;
  const weight = described !== undefined && described > 0 ? described : first;
  const since = findStep(weight, steps)?.since;
  // Whether ECS describes the step that ends or the one that begins is not known. One that has baked is the former.
  if (since === undefined || now - since < bakeMinutes * MINUTE) return weight;
  return weights.find((one) => one > weight + EPSILON) ?? weight;
}

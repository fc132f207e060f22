import type { DeploymentConfiguration, DeploymentStrategy } from '@aws-sdk/client-ecs';
import type { Stage } from '../record.ts';
import { DEFAULTS, MINUTE, strategyOf } from './definition.ts';
import type { Readings } from './readings.ts';

/** ECS's own work within a stage. */
export type Work = 'reconcile' | 'scale-up' | 'test-shift' | 'production-shift' | 'clean-up';
export type Activity = 'hooks' | Work;

/** One stage as it will be played. */
export interface PlannedStage {
  stage: Stage;
  direction: 'forward' | 'rollback';
  /** 1-based, of `steps`, where a canary or linear deployment repeats the stage. */
  step?: number;
  steps?: number;
  /** Phases follow one another; the activities of a phase run side by side. */
  phases: readonly (readonly Activity[])[];
  /** The target's share of production traffic before and after, in percent, at the production stages. */
  weight?: { before: number; after: number };
  bakeMs?: number;
  /** The bake counts from the end of the last shift, not from its own beginning. */
  bakeSinceShift?: boolean;
}

export interface PlanInput {
  configuration: DeploymentConfiguration;
  /** Whether a hook is registered on a stage. */
  hooked: (stage: Stage) => boolean;
  testTraffic: boolean;
  /** More than one service revision is ACTIVE as the deployment starts. */
  reconcile: boolean;
}

/** The target's percentages after each shift. BLUE_GREEN: 100. */
function trafficSteps(configuration: DeploymentConfiguration, readings: Readings): number[] {
  switch (strategyOf(configuration)) {
    case 'CANARY': {
      const percent = configuration.canaryConfiguration?.canaryPercent ?? DEFAULTS.canaryPercent;
      if (percent < 100) return [percent, 100];
      return readings.reading('canaryAt100') === 'one-step' ? [100] : [100, 100];
    }
    case 'LINEAR': {
      // Percentages are multiples of 0.1, which do not add up exactly in binary: count in tenths.
      const tenths = Math.round((configuration.linearConfiguration?.stepPercent ?? DEFAULTS.stepPercent) * 10);
      const shifts = Math.ceil(1000 / tenths);
      return Array.from({ length: shifts }, (_, index) => Math.min((index + 1) * tenths, 1000) / 10);
    }
    default:
      return [100];
  }
}

/** All stages of a deployment in order, as the pages on blue/green, canary and linear deployments have them. */
export function planForward(input: PlanInput, readings: Readings): PlannedStage[] {
  const plan =
    strategyOf(input.configuration) === 'ROLLING' ? planRolling(input, readings) : planShifted(input, readings);
  if (input.reconcile) plan.unshift(forward('RECONCILE_SERVICE', withHooks(input, 'RECONCILE_SERVICE', ['reconcile'])));
  return plan;
}

function planShifted(input: PlanInput, readings: Readings): PlannedStage[] {
  const testHooks = input.hooked('TEST_TRAFFIC_SHIFT') || input.hooked('POST_TEST_TRAFFIC_SHIFT');
  const runTestHooks = input.testTraffic || !testHooks || readings.reading('testStagesWithoutTestListener') === 'run';
  const testInput = runTestHooks ? input : { ...input, hooked: () => false };
  const bake = input.configuration.bakeTimeInMinutes ?? DEFAULTS.bakeTimeInMinutes;
  return [
    forward('PRE_SCALE_UP', withHooks(input, 'PRE_SCALE_UP')),
    forward('SCALE_UP', [['scale-up']]),
    forward('POST_SCALE_UP', withHooks(input, 'POST_SCALE_UP')),
    forward('TEST_TRAFFIC_SHIFT', shiftPhases(testInput, 'TEST_TRAFFIC_SHIFT', 'test-shift', readings)),
    forward('POST_TEST_TRAFFIC_SHIFT', withHooks(testInput, 'POST_TEST_TRAFFIC_SHIFT')),
    ...planProduction(input, readings),
    forward('POST_PRODUCTION_TRAFFIC_SHIFT', withHooks(input, 'POST_PRODUCTION_TRAFFIC_SHIFT')),
    { ...forward('BAKE_TIME', []), bakeMs: bake * MINUTE },
    forward('CLEAN_UP', [['clean-up']]),
  ];
}

function planProduction(input: PlanInput, readings: Readings): PlannedStage[] {
  const weights = trafficSteps(input.configuration, readings);
  const plan: PlannedStage[] = [];
  let delayedBake: PlannedStage[] = [];
  for (const [index, after] of weights.entries()) {
    const common = {
      direction: 'forward' as const,
      ...(weights.length > 1 ? { step: index + 1, steps: weights.length } : {}),
      weight: { before: weights[index - 1] ?? 0, after },
    };
    plan.push({
      ...common,
      stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT',
      phases: withHooks(input, 'PRE_PRODUCTION_TRAFFIC_SHIFT'),
    });
    plan.push(...delayedBake);
    const isLast = index === weights.length - 1;
    const bakeMs = isLast ? 0 : stepBakeMinutes(input.configuration) * MINUTE;
    const [shift, bake] = planStep(input, readings, common, bakeMs);
    plan.push(...shift);
    const preBake = bake.length > 0 && input.hooked('PRE_PRODUCTION_TRAFFIC_SHIFT');
    const early = preBake && readings.reading('preProductionAfterBake') === 'before-bake';
    delayedBake = early ? bake : [];
    if (!early) plan.push(...bake);
  }
  return plan;
}

/** The shift of one step with its hooks, and the bake that is still to follow. */
function planStep(
  input: PlanInput,
  readings: Readings,
  common: Omit<PlannedStage, 'stage' | 'phases'>,
  bakeMs: number,
): [PlannedStage[], PlannedStage[]] {
  const stage = 'PRODUCTION_TRAFFIC_SHIFT';
  const phases = shiftPhases(input, stage, 'production-shift', readings);
  const shift: PlannedStage = { ...common, stage, phases };
  if (bakeMs === 0) return [[shift], []];
  const bake: PlannedStage = { ...common, stage: 'BAKE_TIME', phases: [], bakeMs };
  const hooksCanOverlap = input.hooked(stage) && phases[0]?.[0] !== 'hooks';
  switch (hooksCanOverlap ? readings.reading('stepBake') : 'after-hooks') {
    case 'after-hooks':
      return [[shift], [bake]];
    case 'with-hooks':
      return [[shift], [{ ...bake, bakeSinceShift: true }]];
    case 'before-hooks':
      return [[{ ...shift, phases: [['production-shift']] }, bake, { ...shift, phases: [['hooks']] }], []];
  }
}

function planRolling(input: PlanInput, readings: Readings): PlannedStage[] {
  const anyHook = input.hooked('PRE_SCALE_UP') || input.hooked('POST_SCALE_UP');
  const hooks = anyHook ? readings.reading('rollingHooks') : 'none';
  const bake = input.configuration.bakeTimeInMinutes ?? 0;
  return [
    forward('PRE_SCALE_UP', hooks === 'none' ? [] : withHooks(input, 'PRE_SCALE_UP')),
    forward('SCALE_UP', [['scale-up']]),
    forward('POST_SCALE_UP', hooks === 'scale-up-stages' ? withHooks(input, 'POST_SCALE_UP') : []),
    ...(bake > 0 ? [{ ...forward('BAKE_TIME', []), bakeMs: bake * MINUTE }] : []),
    forward('CLEAN_UP', [['clean-up']]),
  ];
}

export interface RollbackInput extends PlanInput {
  /** Stages that the forward deployment entered. */
  reached: (stage: Stage) => boolean;
  /** The target's current share of production traffic in percent, and the shares that it had before, in order. */
  productionWeight: number;
  formerWeights: readonly number[];
  testShifted: boolean;
  /** Whether anything of the target was scaled up. */
  scaledUp: boolean;
  /** False when the reading for this kind of rollback says so. Asked only where a hook would run. */
  hooksRun: () => boolean;
}

/** The way back. The page on Lambda hooks names the production stage before the test stage. */
export function planRollback(input: RollbackInput, readings: Readings): PlannedStage[] {
  const plan: PlannedStage[] = [];
  if (strategyOf(input.configuration) !== 'ROLLING') {
    plan.push(...planProductionRollback(input, readings));
    plan.push(...planTestRollback(input, readings));
  }
  if (input.scaledUp) plan.push({ stage: 'CLEAN_UP', direction: 'rollback', phases: [['clean-up']] });
  return plan;
}

function planProductionRollback(input: RollbackInput, readings: Readings): PlannedStage[] {
  const stage = 'PRODUCTION_TRAFFIC_SHIFT';
  const hooks = rollbackHooks(input, stage, 'rollbackProductionHooks', readings);
  if (input.productionWeight === 0) {
    const weight = { before: 0, after: 0 };
    return hooks ? [{ stage, direction: 'rollback', phases: [['hooks']], weight }] : [];
  }
  const stepwise = input.formerWeights.length > 0 && readings.reading('rollbackShape') === 'step-by-step';
  const weights = stepwise ? [...input.formerWeights.toReversed(), 0] : [0];
  const phases = shiftPhases({ ...input, hooked: () => hooks }, stage, 'production-shift', readings);
  return weights.map((after, index) => ({
    stage,
    direction: 'rollback',
    ...(weights.length > 1 ? { step: index + 1, steps: weights.length } : {}),
    phases,
    weight: { before: weights[index - 1] ?? input.productionWeight, after },
  }));
}

function planTestRollback(input: RollbackInput, readings: Readings): PlannedStage[] {
  const stage = 'TEST_TRAFFIC_SHIFT';
  const hooks =
    rollbackHooks(input, stage, 'rollbackTestHooks', readings) &&
    (input.testTraffic || readings.reading('testStagesWithoutTestListener') === 'run');
  if (!input.testShifted) return hooks ? [{ stage, direction: 'rollback', phases: [['hooks']] }] : [];
  const phases = shiftPhases({ ...input, hooked: () => hooks }, stage, 'test-shift', readings);
  return [{ stage, direction: 'rollback', phases }];
}

function rollbackHooks(
  input: RollbackInput,
  stage: Stage,
  reading: 'rollbackProductionHooks' | 'rollbackTestHooks',
  readings: Readings,
): boolean {
  if (!input.hooked(stage)) return false;
  return (input.reached(stage) || readings.reading(reading) === 'always') && input.hooksRun();
}

function shiftPhases(input: Pick<PlanInput, 'hooked'>, stage: Stage, shift: Work, readings: Readings): Activity[][] {
  if (!input.hooked(stage)) return [[shift]];
  switch (readings.reading('trafficShiftOrder')) {
    case 'shift-first':
      return [[shift], ['hooks']];
    case 'hook-first':
      return [['hooks'], [shift]];
    case 'concurrent':
      return [[shift, 'hooks']];
  }
}

function withHooks(input: Pick<PlanInput, 'hooked'>, stage: Stage, then: readonly Work[] = []): Activity[][] {
  return [...(input.hooked(stage) ? [['hooks' as const]] : []), ...then.map((work) => [work])];
}

function forward(stage: Stage, phases: Activity[][]): PlannedStage {
  return { stage, direction: 'forward', phases };
}

function stepBakeMinutes(configuration: DeploymentConfiguration): number {
  const strategy: DeploymentStrategy = strategyOf(configuration);
  if (strategy === 'CANARY') {
    return configuration.canaryConfiguration?.canaryBakeTimeInMinutes ?? DEFAULTS.canaryBakeTimeInMinutes;
  }
  return configuration.linearConfiguration?.stepBakeTimeInMinutes ?? DEFAULTS.stepBakeTimeInMinutes;
}

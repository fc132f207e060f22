import type {
  DeploymentConfiguration,
  DeploymentLifecycleHook,
  DeploymentLifecycleHookStage,
} from '@aws-sdk/client-ecs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoadBalancing, RevisionDefinition } from '../../simulator/engine/definition.ts';
import { EcsEngine } from '../../simulator/engine/engine.ts';
import type { LifecycleEvent } from '../../simulator/engine/lifecycle-event.ts';
import { parseChoices, Readings } from '../../simulator/engine/readings.ts';
import { READINGS } from '../../simulator/engine/readings-table.ts';
import { VirtualClock } from '../../simulator/engine/virtual-clock.ts';
import type { HookInvoker, RawOutcome } from '../../simulator/lambda/invoker.ts';
import type { DeploymentRecord, HookRunRecord, StageRecord } from '../../simulator/record.ts';
import { HOUR, lambdaHook, pauseHook, START } from './engine-kit.ts';

const STAGES: DeploymentLifecycleHookStage[] = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
];
const ORDER = [...STAGES.slice(0, 2), 'SCALE_UP', ...STAGES.slice(2), 'BAKE_TIME', 'CLEAN_UP'];
const TERMINAL = ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'];

const details = fc.option(
  fc.oneof(fc.dictionary(fc.constantFrom('a', 'b'), fc.jsonValue({ maxDepth: 2 })), fc.jsonValue({ maxDepth: 1 })),
  { nil: undefined },
);
const returned = (payload: unknown): RawOutcome => ({ kind: 'returned', payload: JSON.stringify(payload) ?? 'null' });
const outcome: fc.Arbitrary<RawOutcome> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(returned({ hookStatus: 'SUCCEEDED' })) },
  {
    weight: 6,
    arbitrary: fc
      .record({ callBackDelay: fc.constantFrom(undefined, 5, 60, 600, 7200, -1, 'soon'), hookDetails: details })
      .map((more) => returned({ hookStatus: 'IN_PROGRESS', ...more })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('FAILED', 'Succeeded', 'OK', null).map((hookStatus) => returned({ hookStatus })),
  },
  { weight: 1, arbitrary: fc.jsonValue().map(returned) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<RawOutcome>(
      { kind: 'returned', payload: 'not JSON' },
      { kind: 'function-error', errorType: 'Error', errorMessage: 'boom' },
      { kind: 'timed-out', seconds: 3 },
      { kind: 'throttled', message: 'Rate exceeded' },
      { kind: 'service-error', message: 'Internal' },
      { kind: 'access-denied', message: 'User is not authorized' },
      { kind: 'role-error', message: 'cannot assume' },
    ),
  },
);

const timeoutConfiguration = fc.record({
  timeoutInMinutes: fc.constantFrom(1, 30, 600, 1440),
  action: fc.constantFrom('ROLLBACK' as const, 'CONTINUE' as const),
});
const hook: fc.Arbitrary<DeploymentLifecycleHook> = fc
  .record({
    name: fc.constantFrom('one', 'two', 'three'),
    stages: fc.subarray(STAGES, { minLength: 1 }),
    isPause: fc.boolean(),
    timeoutConfiguration,
    hookDetails: details,
  })
  .map(({ name, stages, isPause, timeoutConfiguration: timeout, hookDetails }) => {
    const pausable = stages.filter((stage) => stage !== 'TEST_TRAFFIC_SHIFT' && stage !== 'PRODUCTION_TRAFFIC_SHIFT');
    if (isPause && pausable.length > 0) return pauseHook(pausable, { timeoutConfiguration: timeout });
    // Any JSON value is a document; the SDK's type of one is narrower than what JSON.parse gives.
    const document = hookDetails === undefined ? {} : { hookDetails: hookDetails as never };
    return lambdaHook(name, stages, { timeoutConfiguration: timeout, ...document });
  });

const bake = fc.constantFrom(0, 1, 60, 1440);
const traffic: fc.Arbitrary<DeploymentConfiguration> = fc.oneof(
  fc.constant({ strategy: 'ROLLING' as const }),
  fc.constant({ strategy: 'BLUE_GREEN' as const }),
  fc.record({
    strategy: fc.constant('CANARY' as const),
    canaryConfiguration: fc.record({
      canaryPercent: fc.integer({ min: 1, max: 1000 }).map((n) => n / 10),
      canaryBakeTimeInMinutes: bake,
    }),
  }),
  fc.record({
    strategy: fc.constant('LINEAR' as const),
    linearConfiguration: fc.record({
      stepPercent: fc.integer({ min: 150, max: 1000 }).map((n) => n / 10),
      stepBakeTimeInMinutes: bake,
    }),
  }),
);
const configuration: fc.Arbitrary<DeploymentConfiguration> = fc
  .record({
    traffic,
    bakeTimeInMinutes: bake,
    lifecycleHooks: fc.array(hook, { maxLength: 4 }),
    rollback: fc.boolean(),
    enable: fc.boolean(),
  })
  .map(({ traffic: chosen, bakeTimeInMinutes, lifecycleHooks, rollback, enable }) => ({
    ...chosen,
    ...{ bakeTimeInMinutes, lifecycleHooks },
    alarms: { alarmNames: ['errors'], enable, rollback },
    deploymentCircuitBreaker: { enable, rollback },
  }));

const loadBalancing: fc.Arbitrary<LoadBalancing> = fc.record({
  kind: fc.constantFrom('alb', 'nlb', 'service-connect', 'headless'),
  testListener: fc.boolean(),
});
const tasks = fc.oneof(
  { weight: 8, arbitrary: fc.constant('healthy' as const) },
  fc.constantFrom('crash' as const, 'never-healthy' as const),
);

type Disturbance = {
  second: number;
  what: 'stop' | 'abort' | 'alarm' | 'alarm-ok' | 'newer' | 'continue' | 'roll-back';
};
const disturbance: fc.Arbitrary<Disturbance> = fc.record({
  // Half-seconds meet the gaps between stages; the rest is spread over two days.
  second: fc.oneof(
    fc.integer({ min: 0, max: 400 }).map((n) => n / 2),
    fc.integer({ min: 0, max: 180_000 }),
  ),
  what: fc.constantFrom('stop', 'abort', 'alarm', 'alarm-ok', 'newer', 'continue', 'roll-back'),
});

/** Every value of every reading that keeps a service definition acceptable. */
const choices = fc
  .record(
    Object.fromEntries(Object.entries(READINGS).map(([id, { values }]) => [id, fc.constantFrom<string>(...values)])),
  )
  .map((all) =>
    parseChoices({
      ...all,
      pauseAtReconcile: 'accepted',
      headlessProgressive: 'accepted',
      nlbLinear: 'accepted',
      abortStop: 'stops',
    }),
  );

const scenario = fc.record({
  configuration,
  loadBalancing,
  first: fc.boolean(),
  tasks,
  outcomes: fc.array(outcome, { minLength: 1, maxLength: 12 }),
  disturbances: fc.array(disturbance, { maxLength: 3 }),
  choices,
  durationMs: fc.constantFrom(1, 300, 20_000, 900_000),
  seed: fc.nat(),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer One> ? One : never;

class OutcomeInvoker implements HookInvoker {
  readonly calls: { event: LifecycleEvent; at: number }[] = [];
  private readonly given: Pick<Scenario, 'outcomes' | 'durationMs'>;

  constructor(given: Pick<Scenario, 'outcomes' | 'durationMs'>) {
    this.given = given;
  }

  async invoke(_: string, event: unknown, now: number) {
    const chosen = this.given.outcomes[this.calls.length % this.given.outcomes.length];
    this.calls.push({ event: event as LifecycleEvent, at: now });
    return { outcome: chosen ?? returned({ hookStatus: 'SUCCEEDED' }), durationMs: this.given.durationMs, logs: [] };
  }
}

function revision(name: string, more: Partial<RevisionDefinition> = {}): RevisionDefinition {
  return { name, containers: [{ name: 'app', image: `registry.example/app:${name}` }], ...more };
}

function disturb(engine: EcsEngine, what: Disturbance['what']): void {
  const running = engine.serviceDeployments().findLast(({ finishedAt }) => finishedAt === undefined);
  const arn = running?.serviceDeploymentArn;
  if (what === 'alarm' || what === 'alarm-ok') engine.setAlarmState('errors', what === 'alarm' ? 'ALARM' : 'OK');
  if (what === 'newer') engine.updateService({ cluster: 'c', service: 's', revision: revision('newer') });
  if (arn === undefined) return;
  if (what === 'stop' || what === 'abort') engine.stopServiceDeployment(arn, what === 'stop' ? 'ROLLBACK' : 'ABORT');
  const paused = running?.lifecycleHookDetails?.find((detail) => detail.status === 'AWAITING_ACTION');
  if (paused?.hookId === undefined || running?.status !== 'IN_PROGRESS') return;
  if (what === 'continue') engine.continueServiceDeployment(arn, paused.hookId, 'CONTINUE');
  if (what === 'roll-back') engine.continueServiceDeployment(arn, paused.hookId, 'ROLLBACK');
}

async function play(given: Scenario) {
  const clock = new VirtualClock({ start: START });
  const invoker = new OutcomeInvoker(given);
  const engine = new EcsEngine({ clock, readings: new Readings(given.choices), invoker, seed: given.seed });
  const definition = {
    ...{ cluster: 'c', name: 's', loadBalancing: given.loadBalancing },
    deploymentConfiguration: given.configuration,
  };
  if (given.first) engine.createService({ ...definition, revision: revision('next', { tasks: given.tasks }) });
  else {
    engine.addRunningService({ ...definition, revision: revision('old') });
    engine.updateService({ cluster: 'c', service: 's', revision: revision('next', { tasks: given.tasks }) });
  }
  for (const { second, what } of given.disturbances) engine.at(START + second * 1000, () => disturb(engine, what));
  await engine.run();
  return { engine, invoker };
}

const lasted = ({ startedAt, endedAt }: StageRecord | HookRunRecord): number => (endedAt ?? Number.NaN) - startedAt;

function checkWeights(deployment: DeploymentRecord, events: readonly LifecycleEvent[]): void {
  const maps = [
    ...deployment.weights.map((point) => point.weights),
    ...events.flatMap(({ executionDetails: { testTrafficWeights, productionTrafficWeights } }) => [
      testTrafficWeights,
      productionTrafficWeights,
    ]),
  ];
  for (const map of maps) {
    const percents = Object.values(map);
    if (percents.length > 0) expect(percents.reduce((sum, percent) => sum + percent, 0)).toBeCloseTo(100, 9);
    for (const percent of percents) expect(percent).toBeGreaterThanOrEqual(0);
  }
}

/** Forward: the documented order, with only the production steps and their bakes repeating. Rollback comes after. */
function checkOrder(deployment: DeploymentRecord): void {
  const names = deployment.stages.map(({ stage, direction }) => `${direction} ${stage}`);
  const firstBack = names.findIndex((name) => name.startsWith('rollback'));
  const forward = deployment.stages.slice(0, firstBack === -1 ? names.length : firstBack);
  expect(forward.every(({ direction }) => direction === 'forward')).toBe(true);
  const rank = ({ stage, step }: StageRecord): number =>
    step === undefined && stage !== 'PRE_PRODUCTION_TRAFFIC_SHIFT' && stage !== 'PRODUCTION_TRAFFIC_SHIFT'
      ? ORDER.indexOf(stage)
      : ORDER.indexOf('PRODUCTION_TRAFFIC_SHIFT');
  expect(forward.map(rank)).toEqual(forward.map(rank).toSorted((a, b) => a - b));
  const production = forward.filter(({ stage }) => stage === 'PRODUCTION_TRAFFIC_SHIFT').map(({ step }) => step ?? 1);
  expect(production).toEqual(production.toSorted((a, b) => a - b));
  const back = deployment.stages.slice(forward.length).map(({ stage }) => stage);
  const backOrder = ['PRODUCTION_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT', 'CLEAN_UP'];
  expect(back.map((stage) => backOrder.indexOf(stage))).toEqual(
    back.map((stage) => backOrder.indexOf(stage)).toSorted(),
  );
  expect(back.every((stage) => backOrder.includes(stage))).toBe(true);
}

function checkTimes(deployment: DeploymentRecord): void {
  for (const stage of deployment.stages) {
    expect(stage.outcome).not.toBe('running');
    expect(lasted(stage)).toBeGreaterThanOrEqual(0);
    expect(lasted(stage)).toBeLessThanOrEqual(24 * HOUR);
    for (const run of stage.hooks) {
      expect(lasted(run)).toBeGreaterThanOrEqual(0);
      expect(run.endedAt).toBeLessThanOrEqual(run.expiresAt);
    }
  }
  const { rollback, startedAt } = deployment;
  if (startedAt !== undefined) expect((rollback?.startedAt ?? 0) - startedAt).toBeLessThanOrEqual(30 * 24 * HOUR);
}

/** A SUCCESSFUL deployment has passed every stage, and a rolled-back one has given the traffic back. */
function checkOutcome(deployment: DeploymentRecord): void {
  const shares = deployment.weights.filter(({ traffic: kind }) => kind === 'production').at(-1)?.weights ?? {};
  if (deployment.status === 'SUCCESSFUL') {
    expect(deployment.stages.every(({ outcome: how }) => how === 'completed')).toBe(true);
    if (Object.keys(shares).length > 0) expect(shares[deployment.target.id]).toBe(100);
  }
  if (deployment.status === 'ROLLBACK_SUCCESSFUL') {
    const back = deployment.stages.filter(({ direction }) => direction === 'rollback');
    expect(back.every(({ outcome: how }) => how === 'completed')).toBe(true);
    expect(shares[deployment.target.id] ?? 0).toBe(0);
    if (Object.keys(shares).length > 0) expect(shares[deployment.source?.id ?? '']).toBe(100);
  }
}

describe('any scenario under any readings', () => {
  it('ends, keeps its weights whole, its stages in order and under 24 hours', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { engine, invoker } = await play(given);
        for (const deployment of engine.record()) {
          expect(TERMINAL).toContain(deployment.status);
          const events = invoker.calls
            .map((call) => call.event)
            .filter((event) => event.resourceArn === deployment.deploymentArn);
          checkWeights(deployment, events);
          checkOrder(deployment);
          checkTimes(deployment);
          checkOutcome(deployment);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is played the same from the same seed', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const [first, second] = [await play(given), await play(given)];
        expect(second.engine.record()).toEqual(first.engine.record());
      }),
      { numRuns: 50 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { bakeAt, bakeBefore, type Step, trafficPlan, weightFromRecord } from '../../hooks/canary/steps.ts';

const MINUTE = 60_000;
/** Minutes since a day's beginning, as milliseconds. */
const at = (minute: number) => minute * MINUTE;
const step = (weight: number, since?: number, seen = since ?? 0): Step => ({
  weight,
  seen: at(seen),
  ...(since !== undefined && { since: at(since) }),
});

describe('the plan of a deployment', () => {
  const canary = (canaryPercent?: number) => ({ strategy: 'CANARY', canaryConfiguration: { canaryPercent } }) as const;
  const linear = (stepPercent?: number) => ({ strategy: 'LINEAR', linearConfiguration: { stepPercent } }) as const;

  it.each([
    [canary(0.1), [0.1, 100], 10],
    [canary(100), [100], 10],
    [{ strategy: 'CANARY' } as const, [5, 100], 10],
    [linear(50), [50, 100], 6],
    [linear(33.3), [33.3, 66.6, 99.9, 100], 6],
    [{ strategy: 'LINEAR' } as const, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100], 6],
    [{ strategy: 'BLUE_GREEN' } as const, [100], 0],
    [{ strategy: 'ROLLING' } as const, [100], 0],
    [undefined, [100], 0],
  ])('%j', (deploymentConfiguration, weights, bakeMinutes) => {
    // The SDK's types have no undefined where the API leaves a field out.
    const given = JSON.parse(JSON.stringify({ deploymentConfiguration }));
    expect(trafficPlan(given)).toEqual({ weights, bakeMinutes });
  });

  it('of 11 % has ten steps, of which the last is what is left', () => {
    const { weights } = trafficPlan({ deploymentConfiguration: linear(11) });
    expect(weights).toHaveLength(10);
    expect(weights.slice(-2)).toEqual([99, 100]);
  });
});

const PLAN = { weights: [10, 30, 100], bakeMinutes: 10 };

describe('what has baked when a step begins', () => {
  it.each<[string, number, Step[], number, object | undefined]>([
    ['nothing at the first', 10, [], 60, undefined],
    ['since it was let through', 30, [step(10, 40)], 60, { from: at(40), to: at(60), weight: 10, orWeight: 30 }],
    [
      'until the next was first seen',
      30,
      [step(10, 40), step(30, undefined, 55)],
      60,
      { from: at(40), to: at(55), weight: 10, orWeight: 30 },
    ],
    ['at least as long as it bakes', 30, [step(10, 59)], 60, { from: at(50), to: at(60), weight: 10, orWeight: 30 }],
    ['rebuilt without a record', 100, [], 60, { from: at(50), to: at(60), weight: 30 }],
    ['rebuilt where only its own step is lost', 100, [step(10, 20)], 60, { from: at(50), to: at(60), weight: 30 }],
    [
      'a step that the plan does not have',
      30,
      [step(20, 45)],
      60,
      { from: at(45), to: at(60), weight: 20, orWeight: 30 },
    ],
    [
      'weights a rounding away',
      30.04,
      [step(10.04, 40)],
      60,
      { from: at(40), to: at(60), weight: 10.04, orWeight: 30.04 },
    ],
  ])('%s', (_, weight, steps, now, expected) => {
    expect(bakeBefore(weight, steps, PLAN, at(now))).toEqual(expected);
  });
});

describe('what bakes before a step begins', () => {
  it.each<[string, number, Step[], number, object | undefined]>([
    ['nothing before the first', 0, [], 60, undefined],
    ['since it was let through', 10, [step(0, 30), step(10, 40)], 60, { from: at(40), to: at(60), weight: 10 }],
    ['what has baked by the configuration', 10, [step(0, 30)], 60, { from: at(50), to: at(60), weight: 10 }],
    ['from now on, where the step has only begun', 10, [step(0, 55)], 60, { from: at(60), to: at(70), weight: 10 }],
    ['on to its end', 30, [step(0, 20), step(30, 55)], 60, { from: at(55), to: at(65), weight: 30, orWeight: 10 }],
  ])('%s', (_, weight, steps, now, expected) => {
    expect(bakeAt(weight, steps, PLAN, at(now))).toEqual(expected);
  });
});

describe('the step of an event without weights', () => {
  it.each<[string, number | undefined, Step[], number]>([
    ['the first, where ECS describes nothing yet', 0, [], 10],
    ['the first, where ECS does not say', undefined, [], 10],
    ['the one that ECS describes', 30, [step(10, 40)], 30],
    ['the one after, where that has baked', 10, [step(10, 40)], 30],
    ['the same again, where it has not', 10, [step(10, 55)], 10],
    ['the last', 30, [step(10, 20), step(30, 40)], 100],
  ])('%s', (_, described, steps, weight) => {
    expect(weightFromRecord(described, steps, PLAN, at(60))).toBe(weight);
  });
});

import { describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod/mini';
import type { CommonConfig } from '../../shared/config.ts';
import { defineHook, FRAMEWORK_PERMISSIONS } from '../../shared/hook.ts';
import { fail, succeed, wait } from '../../shared/verdict.ts';

const basis = {
  name: 'sample',
  summary: 'A sample.',
  stages: ['PRE_SCALE_UP'],
  config: z.strictObject({ threshold: z._default(z.number(), 5), label: z.optional(z.string()) }),
  state: z.strictObject({ seen: z.int() }),
  permissions: [],
} as const;

describe('defineHook', () => {
  it('gives the declaration back as it is', () => {
    const declaration = { ...basis, check: () => succeed('fine') };
    expect(defineHook(declaration)).toBe(declaration);
  });

  it('types what check is given, and what it may return', () => {
    defineHook({
      ...basis,
      check: ({ config, state }) => {
        expectTypeOf(config).toExtend<CommonConfig & { threshold: number }>();
        expectTypeOf(config.label).toEqualTypeOf<string | undefined>();
        expectTypeOf(state).toEqualTypeOf<{ seen: number } | undefined>();
        return wait('looking', { state: { seen: 1 } });
      },
      onRollback: async () => fail('bad'),
    });
  });

  it('does not compile with a stage that ECS does not have, or that has no hooks', () => {
    // @ts-expect-error: no such stage
    defineHook({ ...basis, stages: ['POST_EVERYTHING'], check: () => succeed('fine') });
    // @ts-expect-error: ECS calls no hooks while it bakes
    defineHook({ ...basis, stages: ['BAKE_TIME'], check: () => succeed('fine') });
    // @ts-expect-error: no stage at all
    defineHook({ ...basis, stages: [], check: () => succeed('fine') });
  });

  it('does not compile with a state, or a verdict, of another type', () => {
    // @ts-expect-error: seen is a number
    defineHook({ ...basis, check: () => wait('looking', { state: { seen: 'many' } }) });
    // @ts-expect-error: no verdict
    defineHook({ ...basis, check: () => 'fine' });
    // @ts-expect-error: no such outcome
    defineHook({ ...basis, check: () => ({ outcome: 'maybe', reason: 'x' }) });
    // @ts-expect-error: no such key of the configuration
    defineHook({ ...basis, check: ({ config }) => succeed(config.missing) });
    // @ts-expect-error: no such common key
    defineHook({ ...basis, defaults: { patience: 1 }, check: () => succeed('fine') });
  });
});

it('the framework itself asks for two permissions', () => {
  expect(FRAMEWORK_PERMISSIONS).toEqual(['ecs:DescribeServiceDeployments', 'ssm:GetParameter']);
});

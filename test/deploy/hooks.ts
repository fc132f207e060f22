import fc from 'fast-check';
import * as z from 'zod/mini';
import type { AnyHook } from '../../shared/hook.ts';
import type { JsonObject } from '../../shared/schema.ts';
import { type JsonSchema, valuesOf } from '../fixtures/json-schema.ts';
import { hookIds } from '../fixtures/sources.ts';

/** The declarations of the hooks that are deployed. */
export const HOOKS: readonly AnyHook[] = await Promise.all(
  hookIds()
    .filter((id) => !id.startsWith('_'))
    .map(async (id): Promise<AnyHook> => (await import(`../../hooks/${id}/hook.ts`)).hook),
);

/** A policy for hooks that work without one in no case. */
export const POLICIES: Readonly<Record<string, object>> = {
  admission: { version: 1, rules: [{ name: 'own', match: ['123456789012.dkr.ecr.eu-west-1.amazonaws.com/**'] }] },
};

/** A value for each key that hookDetails or the function must give, the same at every run. */
export function neededBy(hook: AnyHook): JsonObject {
  if (hook.name in POLICIES) return {};
  // zod's type of it holds more than we read.
  const { properties = {}, required = [] } = z.toJSONSchema(hook.config, { io: 'input' }) as JsonSchema;
  return Object.fromEntries(
    required.map((key) => [key, fc.sample(valuesOf(properties[key] ?? {}), { seed: 1, numRuns: 1 })[0]]),
  );
}

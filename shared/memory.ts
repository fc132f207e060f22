import * as z from 'zod/mini';
import { StateError } from './errors.ts';
import type { Deployment } from './event.ts';
import { isJsonObject, type JsonObject, parseJson, problems } from './schema.ts';
import { RECURRING_STAGES } from './stages.ts';

/** The one key of hookDetails that is not the operator's. */
export const STATE_KEY = '_state';

const Memory = z.strictObject({
  v: z.literal(1),
  /** The deployment and the step of it that this memory is of. */
  deployment: z.string(),
  step: z.string(),
  /** Milliseconds since the epoch. */
  startedAt: z.int().check(z.minimum(0)),
  /** Looks so far. */
  looks: z.int().check(z.minimum(0)),
  /** Looks in a row that could not tell. */
  errors: z.int().check(z.minimum(0)),
  /** Only `false` is ever kept: who can write hookDetails must not be able to claim a first deployment. */
  first: z.optional(z.literal(false)),
  /** The hook's own state. */
  state: z.optional(z.unknown()),
});
/** What is kept from one IN_PROGRESS answer to the next look. */
export type Memory = z.infer<typeof Memory>;

/**
 * A stage; at a recurring stage with the target's weight, so that one traffic step is never taken for another. A
 * rollback is a step of its own: it must not count the errors, nor the waiting, of the way forward.
 */
export function stepOf(deployment: Deployment): string {
  if (deployment.direction === 'rollback') return `${deployment.stage}-rollback`;
  const recurs = RECURRING_STAGES.has(deployment.stage) && deployment.targetWeight !== undefined;
  return recurs ? `${deployment.stage}-${deployment.targetWeight}` : deployment.stage;
}

/**
 * What the last look at this deployment and step left behind, or a new memory. One of another deployment or step is
 * not used: whether ECS carries hookDetails over to the next step is not documented.
 *
 * @throws StateError when it is damaged
 */
export function recall(details: JsonObject, deployment: Deployment, now: Date): Memory {
  const step = stepOf(deployment);
  const fresh: Memory = {
    v: 1,
    deployment: deployment.deploymentId,
    step,
    startedAt: now.getTime(),
    looks: 0,
    errors: 0,
  };
  const raw = details[STATE_KEY];
  if (raw === undefined) return fresh;
  const value = typeof raw === 'string' ? parseJson(raw) : raw;
  if (!isJsonObject(value)) throw new StateError(`Damaged state: hookDetails.${STATE_KEY} is not a JSON object`);
  const parsed = Memory.safeParse(value, { reportInput: true });
  if (!parsed.success) throw new StateError(`Damaged state: ${problems(parsed.error, `hookDetails.${STATE_KEY}`)}`);
  const { data } = parsed;
  // Without a weight in the event the step is not known yet; until it is, the memory of any step of the stage counts on.
  const sameStep = `${data.step}-`.startsWith(`${step}-`);
  if (data.deployment !== deployment.deploymentId || !sameStep) return fresh;
  // No deadline is prolonged by a beginning that is yet to come: another host's clock, or an edited state.
  return { ...data, startedAt: Math.min(data.startedAt, now.getTime()) };
}

/**
 * The received hookDetails with the memory in it. The memory is one string, so that it comes back as it went whether
 * ECS merges what a hook returns (shallowly or deeply) or replaces the old with it.
 */
export function remember(details: JsonObject, memory: Memory): JsonObject {
  return { ...details, [STATE_KEY]: JSON.stringify(memory) };
}

/** @throws StateError when the hook's own part is not what its schema says */
export function parseState<T>(schema: z.core.$ZodType<T>, memory: Memory): T | undefined {
  if (memory.state === undefined) return undefined;
  const parsed = z.safeParse(schema, memory.state, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new StateError(`Damaged state: ${problems(parsed.error, `hookDetails.${STATE_KEY}.state`)}`);
}

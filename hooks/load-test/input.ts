import * as z from 'zod/mini';
import type { CheckInput } from '../../shared/hook.ts';
import type { Config } from './config.ts';

export const State = z.strictObject({
  /** The run that this look is about; the first is 1. */
  run: z.int().check(z.minimum(1)),
  /** All shards of this run have been handed to the queue. */
  sent: z.optional(z.boolean()),
  /** The ECS task of this run. */
  taskArn: z.optional(z.string()),
  /** Looks in a row at which ECS did not know the task. */
  missing: z.optional(z.int()),
});
export type State = z.infer<typeof State>;

export type Input = CheckInput<Config, State>;

import * as z from 'zod/mini';
import type { CheckInput } from '../../shared/hook.ts';
import type { Config } from './config.ts';

export const State = z.strictObject({
  /** How many notices (the request, then reminders) are known to be out. */
  notices: z.int(),
  /** The version of the parameter that asked, and when Parameter Store says it was written (milliseconds). */
  request: z.optional(z.int()),
  openedAt: z.optional(z.int()),
  /** Looks in a row that did not find the parameter. */
  missing: z.optional(z.int()),
});
export type State = z.infer<typeof State>;

export type Input = CheckInput<Config, State>;

import * as z from 'zod/mini';
import type { CheckInput } from '../../shared/hook.ts';
import type { Config } from './config.ts';

const Counts = z.strictObject({
  visible: z.int(),
  notVisible: z.int(),
  /** Undefined where the queue has no dead-letter queue. */
  deadLetters: z.optional(z.int()),
});
/** What SQS counts of one queue. */
export type Counts = z.infer<typeof Counts>;

/** The queues at one time, in the order of `queueUrls`; milliseconds since the epoch. */
export const Reading = z.strictObject({ at: z.int(), queues: z.array(Counts) });
export type Reading = z.infer<typeof Reading>;

/** Everything is safe to lose: the protocol then begins anew, and only takes longer. Times are milliseconds since the epoch. */
export const State = z.strictObject({
  firstLook: z.int(),
  cleared: z.optional(z.strictObject({ version: z.int(), at: z.int() })),
  /** Readings in a row with nothing in flight, and when the latest that counted was made. */
  drain: z.optional(z.strictObject({ zeros: z.int(), at: z.int() })),
  /** The target was named, as far as this stage has seen; the queues are watched since. */
  watched: z.optional(
    z.strictObject({
      since: z.int(),
      before: Reading,
      /** What the pause of the switch had heaped up when the watch began. */
      heaped: z.array(Counts),
      /** The switch itself was not seen: `before` is the first look of this stage. */
      late: z.boolean(),
      /** How often in a row a limit was passed. */
      over: z.int(),
    }),
  ),
});
export type State = z.infer<typeof State>;

export type Input = CheckInput<Config, State>;

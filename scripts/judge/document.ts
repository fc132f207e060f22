/** A recorded window as JSON: what the judge was given, as the hook logs it. */
import * as z from 'zod/mini';
import type { JudgeInput } from '../../hooks/canary/judge/input.ts';
import { problems } from '../../shared/schema.ts';
import { messageOf } from '../../simulator/scenario/problem.ts';
import { UsageError } from '../command.ts';
import { momentOf } from './time.ts';

const optional = z.exactOptional;

/** Epoch milliseconds; an ISO moment is taken as well. */
const Moment = z.pipe(
  z.union([z.number(), z.string()]),
  z.transform((value, context) => {
    const at = typeof value === 'number' ? value : momentOf(value);
    // Far within what a Date can hold, so that later sums are, too.
    if (at !== undefined && Math.abs(at) <= 8.64e14) return at;
    const message = 'must be epoch milliseconds or a moment such as 2026-09-14T09:00:00Z';
    context.issues.push({ code: 'custom', message, input: value });
    return z.NEVER;
  }),
);

const positive = z.number().check(z.positive());
const share = z.number().check(z.minimum(0), z.maximum(1));
const atLeastNone = z.number().check(z.minimum(0));

const Series = z.strictObject({
  status: z.enum(['Complete', 'PartialData', 'InternalError', 'Forbidden']),
  points: z.array(z.strictObject({ at: Moment, value: z.number() })),
  message: optional(z.string()),
});
const CountSide = z.strictObject({ events: Series, requests: Series });
const GaugeSide = z.strictObject({ values: Series, samples: optional(Series) });

const common = {
  id: z.string().check(z.minLength(1)),
  title: optional(z.string()),
  unit: optional(z.string()),
  query: optional(z.string()),
  critical: optional(z.boolean()),
  muted: optional(z.boolean()),
  direction: optional(z.enum(['increase', 'decrease', 'either'])),
  alpha: optional(z.enum(['own', 'shared'])),
  wall: optional(
    z.strictObject({
      above: z.number(),
      minEvents: optional(atLeastNone),
      minutes: optional(z.int().check(z.positive())),
    }),
  ),
  compare: optional(z.enum(['concurrent', 'history', 'none'])),
  group: optional(z.string()),
  error: optional(z.string()),
};

const Count = z.strictObject({
  ...common,
  kind: z.literal('count'),
  limits: optional(
    z.strictObject({
      ratio: optional(positive),
      difference: optional(atLeastNone),
      minEvents: optional(atLeastNone),
      minRequests: optional(atLeastNone),
      tolerance: optional(positive),
    }),
  ),
  canary: CountSide,
  baseline: optional(CountSide),
  history: optional(CountSide),
});

const Gauge = z.strictObject({
  ...common,
  kind: z.literal('gauge'),
  statistic: z.string(),
  limits: optional(
    z.strictObject({ ratio: optional(positive), difference: optional(atLeastNone), tolerance: optional(positive) }),
  ),
  canary: GaugeSide,
  baseline: optional(GaugeSide),
  history: optional(GaugeSide),
});

const choice = z.enum(['wait', 'pass', 'fail']);
const Settings = z.partial(
  z.strictObject({
    alpha: share,
    spending: z.enum(['power-1', 'power-2', 'power-3', 'obrien-fleming', 'pocock']),
    power: share,
    confidence: share,
    delayMinutes: atLeastNone,
    warmUpMinutes: atLeastNone,
    minMinutes: atLeastNone,
    minCoverage: share,
    staleMinutes: atLeastNone,
    sampleRatioP: share,
    sampleRatioOff: atLeastNone,
    onInconclusive: choice,
    onNoData: choice,
    onError: choice,
  }),
);

const Document = z.strictObject({
  /** Where the numbers come from, for the reader. */
  about: optional(z.string()),
  now: Moment,
  // A day and more of looks is no longer a deployment.
  plan: z.strictObject({
    from: Moment,
    minutes: z.number().check(z.positive(), z.maximum(10_080)),
    everyMinutes: optional(z.number().check(z.minimum(1))),
  }),
  metrics: z.array(z.discriminatedUnion('kind', [Count, Gauge])).check(z.minLength(1)),
  traffic: optional(z.strictObject({ canary: Series, baseline: Series })),
  weights: optional(z.array(z.strictObject({ at: Moment, share }))),
  settings: optional(Settings),
  groups: optional(z.record(z.string(), atLeastNone)),
});

/**
 * Reads a JudgeInput from JSON.
 * @param name of the file, for messages
 * @throws UsageError with every problem and its path
 */
export function readDocument(text: string, name: string): JudgeInput {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw new UsageError(`${name} is not JSON: ${messageOf(cause)}`, { cause });
  }
  const parsed = Document.safeParse(value, { reportInput: true });
  if (!parsed.success) throw new UsageError(`${name}: ${problems(parsed.error, 'document')}`);
  const { about: _, settings, ...input } = parsed.data;
  return settings === undefined ? input : { ...input, settings: defined(settings) };
}

/** Without the keys that are not set, which would hide the defaults. */
function defined(settings: z.infer<typeof Settings>): NonNullable<JudgeInput['settings']> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

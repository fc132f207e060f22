import { type ENDED_BY, MOST_RESULT_BYTES, type ShardResult } from '../../shared/load/result.ts';
import type { ShardMessage } from '../../shared/load/shard.ts';
import { oneLine } from '../../shared/text.ts';
import { encode } from './histogram.ts';
import { schedule } from './schedule.ts';
import type { Tally } from './tally.ts';

export interface Ending {
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** In which requests were counted. */
  readonly seconds: number;
  readonly endedBy: (typeof ENDED_BY)[number];
  readonly problem?: string;
  readonly taskId: string;
  readonly cpu: number;
}

/** The result as the parameter's value: at most 4,096 bytes, for the histogram's precision gives way. */
export function resultText(
  shard: Pick<ShardMessage, 'test' | 'shard'>,
  wanted: Wanted,
  tally: Tally,
  end: Ending,
): string {
  const result = { ...resultOf(shard, wanted, tally, end), histogram: '' };
  const room = MOST_RESULT_BYTES - Buffer.byteLength(JSON.stringify(result));
  return JSON.stringify({ ...result, histogram: encode(tally.histogram, room) } satisfies ShardResult);
}

interface Wanted {
  readonly rate: number;
  readonly requests: number;
}

/** What the plan asks for after its warm-up. */
export function wantedOf({ plan }: Pick<ShardMessage, 'plan'>): Wanted {
  const whole = schedule(plan.stages);
  const seconds = Math.max(0, whole.seconds - plan.warmUpSeconds);
  const requests = Math.max(0, Math.round(whole.requests - Math.ceil(whole.askedBy(plan.warmUpSeconds) - 1e-9)));
  return { requests, rate: seconds === 0 ? 0 : rounded(requests / seconds) };
}

function resultOf({ test, shard }: Pick<ShardMessage, 'test' | 'shard'>, wanted: Wanted, tally: Tally, end: Ending) {
  return {
    v: 1 as const,
    test: oneLine(test, 300),
    shard,
    startedAt: end.startedAt.toISOString(),
    endedAt: end.endedAt.toISOString(),
    wanted,
    sent: tally.sent,
    completed: tally.completed,
    abandoned: tally.abandoned,
    warmUp: tally.warmUp,
    byStatus: tally.byStatus,
    errorsByKind: tally.errorsByKind,
    bytes: tally.bytes,
    max: tally.max,
    achievedRate: end.seconds === 0 ? 0 : rounded(tally.sent / end.seconds),
    lateness: { p99: tally.lateness.getValueAtPercentile(99), max: tally.latenessMax },
    generator: { taskId: oneLine(end.taskId, 200), cpu: rounded(end.cpu) },
    endedBy: end.endedBy,
    ...(end.problem !== undefined && { problem: oneLine(end.problem, 400) }),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

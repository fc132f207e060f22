import type { ShardMessage } from '../../shared/load/shard.ts';
import type { AllowList } from './allow-list.ts';
import type { Limits } from './environment.ts';
import { schedule } from './schedule.ts';

/** Why this task will not run the shard, or undefined. Nothing is trimmed: another load than the wanted proves nothing. */
export function refusal({ plan }: ShardMessage, limits: Limits, allowed: AllowList): string | undefined {
  for (const { url } of plan.targets) {
    const why = allowed.refusal(url);
    if (why !== undefined) return why;
  }
  const rate = Math.max(...plan.stages.map((stage) => Math.max(stage.rate, stage.rampTo ?? 0)));
  if (rate > limits.maxRate) return `a rate of ${rate} a second is over MAX_RATE (${limits.maxRate})`;
  const { seconds } = schedule(plan.stages);
  if (seconds > limits.maxSeconds) return `${seconds} s are over MAX_DURATION_SECONDS (${limits.maxSeconds})`;
  if (plan.connections > limits.maxConnections) {
    return `${plan.connections} connections are over MAX_CONNECTIONS (${limits.maxConnections})`;
  }
  return undefined;
}

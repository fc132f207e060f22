import type { ShardMessageInput } from '../../shared/load/shard.ts';
import type { Input } from './input.ts';
import { type Plan, type Side, shardDeadline, shardStart } from './plan.ts';

/** `green-1` … `green-4`, and `blue-1` … where blue is measured too. */
export function shardNames({ sides, shards }: Plan): string[] {
  return sides.flatMap((side) => Array.from({ length: shards }, (_, index) => `${side}-${index + 1}`));
}

export function sideOf(name: string): Side {
  return name.startsWith('blue-') ? 'blue' : 'green';
}

/** A shard's message, and the name of the shard. */
export interface NamedShard {
  readonly name: string;
  readonly message: ShardMessageInput;
}

/** The messages of all shards; the same whenever they are made of the same plan. */
export function shardsOf({ config, deployment }: Input, plan: Plan, test: string, path: string): NamedShard[] {
  const { rate, rampSeconds, warmUpSeconds, durationSeconds, timeoutMs, connections, http, testHeader } = config;
  const share = rate / plan.shards;
  const ramp = rampSeconds === 0 ? [] : [{ rate: 0, rampTo: share, seconds: rampSeconds }];
  const targets = config.targets.map(({ name, body, headers = {}, ...target }) => ({
    ...target,
    name: name ?? new URL(target.url).pathname,
    headers,
    ...(body !== undefined && { body }),
  }));
  return shardNames(plan).map((name, index) => ({
    name,
    message: {
      v: 1,
      test: `${deployment.deploymentId}/${test}/${sideOf(name)}`,
      shard: (index % plan.shards) + 1,
      of: plan.shards,
      deployment: deployment.deploymentArn,
      resultParameter: `${path}/${name}`,
      stopParameter: `${path}/stop`,
      notBefore: shardStart(plan, config).toISOString(),
      deadline: shardDeadline(plan).toISOString(),
      plan: {
        stages: [...ramp, { rate: share, seconds: warmUpSeconds + durationSeconds }],
        warmUpSeconds: rampSeconds + warmUpSeconds,
        timeoutMs,
        connections,
        http,
        targets,
        testHeader: sideOf(name) === 'green' && testHeader !== false ? testHeader : null,
      },
    },
  }));
}

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { log } from '../../shared/log.ts';
import { readLimits } from './environment.ts';
import { work } from './worker.ts';

/** One task of the traffic generator: takes shards off the queue until SIGTERM, which ECS sends before it stops a task. */
async function main(): Promise<void> {
  const terminate = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => terminate.abort());
  const limits = readLimits(process.env);
  const taskId = `${hostname()}-${randomUUID().slice(0, 8)}`;
  log.info('traffic generator started', { taskId, queueUrl: limits.queueUrl, allowedTargets: limits.allowedTargets });
  await work({ limits, taskId, log, terminate: terminate.signal });
  log.info('traffic generator ended', { taskId });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    log.error('traffic generator failed', { trouble: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  },
);

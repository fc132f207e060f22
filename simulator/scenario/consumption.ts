/** Which revision took messages off which queue, and when: what the local SQS tells, counted in steps. */
import type { Task } from '@aws-sdk/client-ecs';
import type { QueueEvent } from '../aws/sqs/queue-store.ts';
import type { ConsumptionRecord, DeploymentRecord } from '../record.ts';

/** The id of the revision that a caller is a task of, by its ARN; undefined for anybody else. */
export type RevisionOf = (callerArn: string) => string | undefined;

/** ECS names the session of a task's role after the task; `startedBy` has the revision (API Task). */
export function taskRevisions(tasks: () => readonly Pick<Task, 'taskArn' | 'startedBy'>[]): RevisionOf {
  const known = new Map<string, string>();
  return (callerArn) => {
    const taskId = callerArn.slice(callerArn.lastIndexOf('/') + 1);
    const found = known.get(taskId);
    if (found !== undefined || taskId === '') return found;
    const { startedBy = '' } = tasks().find(({ taskArn = '' }) => taskArn.endsWith(`/${taskId}`)) ?? {};
    const revision = /^ecs-svc\/(\d+)$/.exec(startedBy)?.[1];
    if (revision !== undefined) known.set(taskId, revision);
    return revision;
  };
}

interface Taken {
  type: 'received' | 'deleted' | 'deadLettered';
  queue: string;
  at: number;
  revision: string | undefined;
}

/** Longer deployments are told in longer steps. */
const MOST_STEPS = 180;
/** Milliseconds. A step is a round number of seconds or minutes, so that its values can be named. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400].map((seconds) => seconds * 1000);

export class Consumption {
  readonly #revisionOf: RevisionOf;
  readonly #taken: Taken[] = [];

  constructor(revisionOf: RevisionOf) {
    this.#revisionOf = revisionOf;
  }

  /** The revision is asked for at once: a task is forgotten some time after it is gone. */
  on({ type, queue, at, callerArn }: Pick<QueueEvent, 'type' | 'queue' | 'at' | 'callerArn'>): void {
    if (type === 'sent' || type === 'expired') return;
    this.#taken.push({ type, queue, at, revision: this.#revisionOf(callerArn) });
  }

  /**
   * The queues that a deployment's revisions took messages off while it ran.
   * @param until milliseconds since the epoch; what came later belongs to nobody
   */
  recordsOf(deployment: DeploymentRecord, until: number): ConsumptionRecord[] {
    const { createdAt, source, target } = deployment;
    const revisions = [...(source === undefined ? [] : [source.id]), target.id];
    const taken = this.#taken.filter(({ at }) => at >= createdAt && at <= until);
    const queues = new Set(
      taken.flatMap(({ queue, revision }) => (revision !== undefined && revisions.includes(revision) ? [queue] : [])),
    );
    const span = { from: createdAt, stepMs: stepFor(until - createdAt), until };
    return [...queues].sort().map((queue) => {
      const ofQueue = taken.filter((one) => one.queue === queue);
      return countOf(queue, ofQueue, revisions, span);
    });
  }
}

function countOf(
  queue: string,
  taken: readonly Taken[],
  revisions: readonly string[],
  { from, stepMs, until }: { from: number; stepMs: number; until: number },
): ConsumptionRecord {
  const steps = Math.max(1, Math.ceil((until - from + 1) / stepMs));
  const none = (): number[] => Array.from({ length: steps }, () => 0);
  const byRevision: Record<string, number[]> = Object.fromEntries(revisions.map((id) => [id, none()]));
  const deadLettered = none();
  const count = (counts: number[], at: number): void => {
    const step = Math.floor((at - from) / stepMs);
    counts[step] = (counts[step] ?? 0) + 1;
  };
  for (const { type, at, revision } of taken) {
    if (type === 'deadLettered') count(deadLettered, at);
    if (type !== 'deleted' || revision === undefined) continue;
    // A third revision that takes messages is what must not happen, so it is shown.
    byRevision[revision] ??= none();
    count(byRevision[revision], at);
  }
  return { queue, from, stepMs, byRevision, deadLettered };
}

function stepFor(length: number): number {
  return STEPS.find((step) => length / step <= MOST_STEPS) ?? Math.ceil(length / MOST_STEPS);
}

import { createHash } from 'node:crypto';
import type { Task } from '@aws-sdk/client-ecs';
import { partitionOf } from '../aws/service.ts';
import { ecsSvc } from './deployment-log.ts';
import { fargateTask } from './fargate.ts';
import type { RevisionState, ServiceState } from './state.ts';

interface Place {
  region: string;
  accountId: string;
}

/**
 * What DescribeTasks shows of tasks that are only counted. Each has an id that belongs to its revision and its number.
 * @param generations how often each number's task was stopped and replaced
 */
export function countedTasks(
  service: ServiceState,
  revision: RevisionState,
  place: Place,
  generations: ReadonlyMap<string, number>,
): Task[] {
  if (revision.processes !== undefined) return [];
  const count = revision.running + revision.pending;
  return Array.from({ length: count }, (_, index) => {
    const generation = generations.get(`${revision.id}/${index}`) ?? 0;
    return countedTask(service, revision, place, { index, generation });
  });
}

function countedTask(
  service: ServiceState,
  revision: RevisionState,
  { region, accountId }: Place,
  { index, generation }: { index: number; generation: number },
): Task {
  const id = createHash('sha256').update(`${revision.arn}/${index}/${generation}`).digest('hex').slice(0, 32);
  const taskArn = `arn:${partitionOf(region)}:ecs:${region}:${accountId}:task/${service.cluster}/${id}`;
  const lastStatus = index < revision.running ? 'RUNNING' : 'PENDING';
  const startedAt = lastStatus === 'RUNNING' ? { startedAt: new Date(revision.firstTaskAt ?? revision.createdAt) } : {};
  return {
    taskArn,
    clusterArn: service.clusterArn,
    taskDefinitionArn: revision.taskDefinition,
    group: `service:${service.name}`,
    startedBy: ecsSvc(revision),
    lastStatus,
    desiredStatus: 'RUNNING',
    ...fargateTask(region),
    overrides: { containerOverrides: [], inferenceAcceleratorOverrides: [] },
    containers: revision.containers.map(({ name, image }) => ({
      taskArn,
      name,
      image,
      ...(revision.digests.has(name) ? { imageDigest: revision.digests.get(name) } : {}),
      lastStatus,
      healthStatus: 'UNKNOWN',
      networkInterfaces: [],
    })),
    createdAt: new Date(revision.createdAt),
    ...startedAt,
  };
}

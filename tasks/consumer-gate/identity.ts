import { DescribeTasksCommand } from '@aws-sdk/client-ecs';
import * as z from 'zod/mini';
import { ecs } from '../../shared/aws/ecs.ts';

/** Which service revision this task belongs to. */
export interface Identity {
  readonly cluster: string;
  readonly service: string;
  /** A string: its 19 digits are more than a JavaScript number holds. */
  readonly revisionId: string;
}

const TaskMetadata = z.object({ TaskARN: z.string(), Cluster: z.string() });

const METADATA_MS = 2000;

/**
 * Asks the task metadata endpoint which task this is, and ECS which service and revision started it.
 *
 * That the id in `startedBy` is the service revision's is what ECS does, not what its API promises.
 *
 * @param metadataUri the value of ECS_CONTAINER_METADATA_URI_V4
 * @throws Error where there is no such endpoint, or the task was not started by a service
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
 */
export async function findIdentity(metadataUri: string | undefined, signal: AbortSignal): Promise<Identity> {
  if (!metadataUri) throw new Error('ECS_CONTAINER_METADATA_URI_V4 is not set: not an ECS task, and no id was given');
  const response = await fetch(`${metadataUri}/task`, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(METADATA_MS)]),
  });
  if (!response.ok) throw new Error(`the task metadata endpoint answered ${response.status}`);
  const { TaskARN, Cluster } = TaskMetadata.parse(await response.json());
  const { tasks, failures } = await ecs.send(new DescribeTasksCommand({ cluster: Cluster, tasks: [TaskARN] }), {
    abortSignal: signal,
  });
  const task = tasks?.[0];
  if (task === undefined) throw new Error(`ecs:DescribeTasks answered ${failures?.[0]?.reason ?? 'nothing'}`);
  return {
    // The metadata endpoint gives a name on EC2 and an ARN on Fargate.
    cluster: (task.clusterArn ?? Cluster).replace(/^.*\//, ''),
    service: after('service:', task.group, 'group'),
    revisionId: after('ecs-svc/', task.startedBy, 'startedBy'),
  };
}

function after(prefix: string, value: string | undefined, field: string): string {
  const rest = value?.startsWith(prefix) ? value.slice(prefix.length) : '';
  if (rest === '')
    throw new Error(`the task's ${field} is ${value ?? 'not set'}, not ${prefix}…: no service started it`);
  return rest;
}

import type { Task } from '@aws-sdk/client-ecs';
import type { EcsBackend } from '../ecs-backend.ts';
import { AwsError } from '../errors.ts';
import { optionalInteger, optionalString } from '../input.ts';
import { page } from '../paging.ts';
import type { JsonObject } from '../service.ts';
import { findCluster, findService, invalidParameter, requiredList } from './describe.ts';

/** DescribeTasks, ListTasks and StopTask (ECS API reference). */
export function describeTasks(backend: EcsBackend, input: JsonObject): object {
  const clusterArn = findCluster(backend, optionalString(input, 'cluster'));
  const named = requiredList(input, 'tasks', 100, 'Tasks');
  const all = tasksOf(backend, clusterArn);
  const tasks: Task[] = [];
  const failures: object[] = [];
  for (const one of new Set(named)) {
    const arn = arnOf(one, clusterArn);
    const task = all.find(({ taskArn }) => taskArn === arn);
    if (task === undefined) failures.push({ arn, reason: 'MISSING' });
    else tasks.push(task);
  }
  return { tasks, failures };
}

export function listTasks(backend: EcsBackend, input: JsonObject): object {
  const clusterArn = findCluster(backend, optionalString(input, 'cluster'));
  const size = optionalInteger(input, 'maxResults') ?? 100;
  if (size < 1 || size > 100) throw invalidParameter('maxResults must be between 1 and 100.');
  const wanted = filterOf(backend, input, clusterArn);
  const found = tasksOf(backend, clusterArn)
    .filter(wanted)
    .toSorted((a, b) => (ageKey(a) < ageKey(b) ? -1 : 1));
  const { items, nextToken } = page(
    found,
    ageKey,
    size,
    optionalString(input, 'nextToken'),
    `ListTasks ${clusterArn}`,
    invalidParameter('Invalid token.'),
  );
  return { taskArns: items.map(({ taskArn }) => taskArn), nextToken };
}

export function stopTask(backend: EcsBackend, input: JsonObject): object {
  const clusterArn = findCluster(backend, optionalString(input, 'cluster'));
  const named = optionalString(input, 'task');
  if (!named) throw invalidParameter('Task cannot be empty.');
  const reason = optionalString(input, 'reason') ?? 'Task stopped by user';
  if (reason.length > 1024) throw invalidParameter('reason can have at most 1024 characters.');
  const task = backend.tasks?.stop(arnOf(named, clusterArn), reason);
  if (task === undefined) throw invalidParameter('The referenced task was not found.');
  return { task };
}

function tasksOf({ tasks }: EcsBackend, cluster: string): Task[] {
  return (tasks?.list() ?? []).filter(({ clusterArn }) => clusterArn === cluster);
}

/** A task is named by its id or its ARN. */
function arnOf(named: string, clusterArn: string): string {
  const cluster = clusterArn.slice(clusterArn.lastIndexOf('/') + 1);
  if (!named.startsWith('arn:')) return `${clusterArn.replace(':cluster/', ':task/')}/${named}`;
  const other = /:task\/([^/]+)\/[^/]+$/.exec(named)?.[1];
  if (other === undefined) throw invalidParameter(`Invalid identifier: ${named}`);
  if (other !== cluster)
    throw invalidParameter(`Invalid identifier: Identifier is for ${other}. Your cluster is ${cluster}`);
  return named;
}

function filterOf(backend: EcsBackend, input: JsonObject, clusterArn: string): (task: Task) => boolean {
  const family = optionalString(input, 'family');
  const startedBy = optionalString(input, 'startedBy');
  const serviceName = optionalString(input, 'serviceName');
  const launchType = optionalString(input, 'launchType');
  const desiredStatus = optionalString(input, 'desiredStatus') ?? 'RUNNING';
  if (!['RUNNING', 'PENDING', 'STOPPED'].includes(desiredStatus)) {
    throw invalidParameter(`Invalid desiredStatus: ${desiredStatus}. Valid values are: RUNNING, PENDING, STOPPED`);
  }
  if (startedBy !== undefined && (family !== undefined || serviceName !== undefined)) {
    throw invalidParameter('startedBy must be the only filter that you use.');
  }
  const service = serviceName === undefined ? undefined : findService(backend, serviceName, clusterArn);
  if (serviceName !== undefined && service === undefined) {
    throw new AwsError('ServiceNotFoundException', 'Service not found.');
  }
  const ofFamily = (task: Task) => task.taskDefinitionArn?.includes(`/${family}:`) === true;
  return (task) =>
    task.desiredStatus === desiredStatus &&
    (family === undefined || ofFamily(task)) &&
    (startedBy === undefined || task.startedBy === startedBy) &&
    (service === undefined || task.group === `service:${service.serviceName}`) &&
    (launchType === undefined || task.launchType === launchType);
}

/** The oldest first; the ARN keeps two of the same moment apart. */
function ageKey({ createdAt, taskArn }: Task): string {
  return `${String(createdAt?.getTime() ?? 0).padStart(16, '0')} ${taskArn}`;
}

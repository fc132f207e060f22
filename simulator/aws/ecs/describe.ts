import type { Service, TaskDefinition } from '@aws-sdk/client-ecs';
import type { EcsBackend } from '../ecs-backend.ts';
import { AwsError } from '../errors.ts';
import { optionalString, optionalStrings } from '../input.ts';
import type { JsonObject, OperationContext } from '../service.ts';

/** DescribeServices and DescribeTaskDefinition (ECS API reference). */
export function describeServices(backend: EcsBackend, input: JsonObject, context: OperationContext): object {
  const named = requiredList(input, 'services', 10, 'Services');
  const cluster = findCluster(backend, optionalString(input, 'cluster'));
  const found: Service[] = [];
  const failures: object[] = [];
  for (const one of new Set(named)) {
    const service = findService(backend, one, cluster);
    const { partition, region, accountId } = context;
    const arn = one.startsWith('arn:')
      ? one
      : `arn:${partition}:ecs:${region}:${accountId}:service/${shortName(cluster)}/${one}`;
    if (service === undefined) failures.push({ arn, reason: 'MISSING' });
    else found.push(service);
  }
  return { services: found, failures };
}

export function describeTaskDefinition(backend: EcsBackend, input: JsonObject): object {
  const wanted = optionalString(input, 'taskDefinition');
  if (!wanted) throw invalidParameter('TaskDefinition cannot be empty.');
  const taskDefinition = findTaskDefinition(backend.taskDefinitions(), wanted);
  if (taskDefinition === undefined) throw new AwsError('ClientException', 'Unable to describe task definition.');
  return { taskDefinition, tags: [] };
}

/** @param wanted an ARN, `family:revision`, or a family, whose newest active one is meant */
export function findTaskDefinition(all: readonly TaskDefinition[], wanted: string): TaskDefinition | undefined {
  if (wanted.startsWith('arn:')) return all.find((one) => one.taskDefinitionArn === wanted);
  const [family, revision] = wanted.split(':');
  const ofFamily = all.filter((one) => one.family === family);
  if (revision !== undefined) return ofFamily.find((one) => String(one.revision) === revision);
  const active = ofFamily.filter((one) => one.status !== 'INACTIVE' && one.status !== 'DELETE_IN_PROGRESS');
  return active.toSorted((a, b) => (b.revision ?? 0) - (a.revision ?? 0))[0];
}

/**
 * @param named a short name or an ARN; the cluster `default` without it
 * @returns the cluster's ARN
 * @throws AwsError ClusterNotFoundException; a cluster exists when a service lives in it
 */
export function findCluster(backend: EcsBackend, named: string | undefined): string {
  const wanted = named ?? 'default';
  const arns = backend.services().flatMap((service) => service.clusterArn ?? []);
  const found = arns.find((arn) => arn === wanted || (!wanted.startsWith('arn:') && shortName(arn) === wanted));
  if (found === undefined) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
  return found;
}

export function findService(backend: EcsBackend, named: string, clusterArn: string): Service | undefined {
  return backend
    .services()
    .find((one) => one.clusterArn === clusterArn && (one.serviceArn === named || one.serviceName === named));
}

/** @throws AwsError InvalidParameterException when the list is absent, empty or longer than `max` */
export function requiredList(input: JsonObject, member: string, max: number, label: string): string[] {
  const list = optionalStrings(input, member) ?? [];
  if (list.length === 0) throw invalidParameter(`${label} cannot be empty.`);
  if (list.length > max)
    throw invalidParameter(`${label} can have at most ${max} items, but ${list.length} were given.`);
  return list;
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

function shortName(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

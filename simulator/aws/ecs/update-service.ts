import type { EcsBackend } from '../ecs-backend.ts';
import { AwsError } from '../errors.ts';
import { optionalInteger, optionalString } from '../input.ts';
import type { JsonObject } from '../service.ts';
import { findCluster, findService, invalidParameter } from './describe.ts';

const HAS_EFFECT = ['cluster', 'service', 'desiredCount'];

/** UpdateService (ECS API reference) with a `desiredCount`: deployments are the scenario's. */
export function updateService(backend: EcsBackend, input: JsonObject): object {
  const named = optionalString(input, 'service');
  if (!named) throw invalidParameter('Service cannot be empty.');
  const clusterArn = findCluster(backend, optionalString(input, 'cluster'));
  const service = findService(backend, named, clusterArn);
  if (service?.serviceArn === undefined) throw new AwsError('ServiceNotFoundException', 'Service not found.');
  const given = Object.keys(input).filter((member) => input[member] !== undefined && input[member] !== null);
  const other = given.find((member) => !HAS_EFFECT.includes(member) && input[member] !== false);
  if (other !== undefined) throw invalidParameter(`UpdateService: ${other} is not implemented by the local endpoint.`);
  const desiredCount = optionalInteger(input, 'desiredCount');
  if (desiredCount !== undefined) {
    if (desiredCount < 0) throw invalidParameter('desiredCount cannot be negative.');
    backend.tasks?.scale(service.serviceArn, desiredCount);
  }
  return { service: findService(backend, named, clusterArn) };
}

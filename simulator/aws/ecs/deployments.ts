import type { ServiceDeployment, ServiceDeploymentBrief } from '@aws-sdk/client-ecs';
import type { EcsBackend } from '../ecs-backend.ts';
import { AwsError } from '../errors.ts';
import { optionalInteger, optionalObject, optionalString, optionalStrings } from '../input.ts';
import { page } from '../paging.ts';
import type { JsonObject } from '../service.ts';
import { findCluster, findService, invalidParameter, requiredList } from './describe.ts';

const STATUSES = [
  'PENDING',
  'SUCCESSFUL',
  'STOPPED',
  'STOP_REQUESTED',
  'IN_PROGRESS',
  'ROLLBACK_REQUESTED',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
];

/** Service deployments and revisions (ECS API reference; at most 20 ARNs to a request). */
export function describeServiceDeployments(backend: EcsBackend, input: JsonObject): object {
  const { found, failures } = lookUp(
    input,
    'serviceDeploymentArns',
    'service-deployment',
    backend.serviceDeployments(),
    (one) => one.serviceDeploymentArn,
  );
  return { serviceDeployments: found, failures };
}

export function describeServiceRevisions(backend: EcsBackend, input: JsonObject): object {
  const { found, failures } = lookUp(
    input,
    'serviceRevisionArns',
    'service-revision',
    backend.serviceRevisions(),
    (one) => one.serviceRevisionArn,
  );
  return { serviceRevisions: found, failures };
}

function lookUp<Item>(
  input: JsonObject,
  member: string,
  resourceType: string,
  all: readonly Item[],
  arnOf: (item: Item) => string | undefined,
): { found: Item[]; failures: object[] } {
  const arns = requiredList(input, member, 20, member);
  const malformed = arns.find((arn) => !isEcsArn(arn, resourceType));
  if (malformed !== undefined) throw invalidParameter(`Invalid ${resourceType} ARN: ${malformed}`);
  const found: Item[] = [];
  const failures: object[] = [];
  for (const arn of new Set(arns)) {
    const item = all.find((one) => arnOf(one) === arn);
    if (item === undefined) failures.push({ arn, reason: 'MISSING' });
    else found.push(item);
  }
  return { found, failures };
}

export function listServiceDeployments(backend: EcsBackend, input: JsonObject): object {
  const named = optionalString(input, 'service');
  if (!named) throw invalidParameter('Service cannot be empty.');
  const size = optionalInteger(input, 'maxResults') ?? 20;
  if (size < 1 || size > 100) throw invalidParameter('maxResults must be between 1 and 100.');
  const service = findService(backend, named, findCluster(backend, clusterOf(input, named)));
  if (service === undefined) throw new AwsError('ServiceNotFoundException', 'Service not found.');
  const wanted = filterOf(input);
  const newestFirst = backend
    .serviceDeployments()
    .filter((one) => one.serviceArn === service.serviceArn && wanted(one))
    .toSorted((a, b) => (ageKey(a) < ageKey(b) ? -1 : 1));
  const token = optionalString(input, 'nextToken');
  const { items, nextToken } = page(
    newestFirst,
    ageKey,
    size,
    token,
    `List ${service.serviceArn}`,
    invalidParameter('Invalid token.'),
  );
  return { serviceDeployments: items.map(brief), nextToken };
}

/** A service's own ARN names its cluster, so that the cluster may be left out. */
function clusterOf(input: JsonObject, service: string): string | undefined {
  return optionalString(input, 'cluster') ?? /^arn:[^/]+\/([^/]+)\//.exec(service)?.[1];
}

function filterOf(input: JsonObject): (deployment: ServiceDeployment) => boolean {
  const statuses = optionalStrings(input, 'status') ?? [];
  const unknown = statuses.find((status) => !STATUSES.includes(status));
  if (unknown !== undefined)
    throw invalidParameter(`Invalid status: ${unknown}. Valid values are: ${STATUSES.join(', ')}`);
  const created = optionalObject(input, 'createdAt') ?? {};
  const after = epochSeconds(created.after, Number.NEGATIVE_INFINITY);
  const before = epochSeconds(created.before, Number.POSITIVE_INFINITY);
  return ({ status, createdAt }) => {
    const at = (createdAt?.getTime() ?? 0) / 1000;
    return at > after && at < before && (statuses.length === 0 || statuses.includes(status ?? ''));
  };
}

function epochSeconds(value: unknown, absent: number): number {
  if (value === undefined || value === null) return absent;
  if (typeof value !== 'number')
    throw new AwsError('SerializationException', 'STRING_VALUE can not be converted to a Timestamp');
  return value;
}

/** Sorts newest first; the ARN keeps two of the same moment apart. */
function ageKey(deployment: ServiceDeployment): string {
  const age = 1e15 - (deployment.createdAt?.getTime() ?? 0);
  return `${String(age).padStart(16, '0')} ${deployment.serviceDeploymentArn}`;
}

function brief(deployment: ServiceDeployment): ServiceDeploymentBrief {
  const { serviceDeploymentArn, serviceArn, clusterArn, startedAt, createdAt, finishedAt, status, statusReason } =
    deployment;
  const targetServiceRevisionArn = deployment.targetServiceRevision?.arn;
  return {
    serviceDeploymentArn,
    serviceArn,
    clusterArn,
    startedAt,
    createdAt,
    finishedAt,
    targetServiceRevisionArn,
    status,
    statusReason,
  };
}

export function stopServiceDeployment(backend: EcsBackend, input: JsonObject): object {
  const arn = existingDeployment(backend, input);
  const stopType = optionalString(input, 'stopType') ?? 'ROLLBACK';
  if (stopType !== 'ROLLBACK' && stopType !== 'ABORT')
    throw invalidParameter(`Invalid stopType: ${stopType}. Valid values are: ABORT, ROLLBACK`);
  backend.stopServiceDeployment(arn, stopType);
  return { serviceDeploymentArn: arn };
}

export function continueServiceDeployment(backend: EcsBackend, input: JsonObject): object {
  const arn = existingDeployment(backend, input);
  const hookId = optionalString(input, 'hookId') ?? '';
  const action = optionalString(input, 'action') ?? 'CONTINUE';
  // Page "Troubleshooting Amazon ECS blue/green deployments" has these texts.
  if (!/^ecs-[a-z]+-.+$/.test(hookId))
    throw invalidParameter('Invalid hookId: hookId must follow the format: ecs-{hookType}-{id}');
  if (action !== 'CONTINUE' && action !== 'ROLLBACK')
    throw invalidParameter(`Invalid action: ${action}. Valid values are: CONTINUE, ROLLBACK`);
  backend.continueServiceDeployment(arn, hookId, action);
  return { serviceDeploymentArn: arn };
}

function existingDeployment(backend: EcsBackend, input: JsonObject): string {
  const arn = optionalString(input, 'serviceDeploymentArn');
  if (!arn) throw invalidParameter('serviceDeploymentArn cannot be empty.');
  if (!isEcsArn(arn, 'service-deployment')) throw invalidParameter(`Invalid service-deployment ARN: ${arn}`);
  if (backend.serviceDeployments().some((one) => one.serviceDeploymentArn === arn)) return arn;
  throw new AwsError('ServiceDeploymentNotFoundException', 'The service deployment does not exist.');
}

function isEcsArn(arn: string, resourceType: string): boolean {
  return new RegExp(`^arn:[^:]+:ecs:[^:]+:\\d{12}:${resourceType}/[^/]+/[^/]+/[^/]+$`).test(arn);
}

import { AwsError } from '../errors.ts';
import { optionalInteger, optionalObject, optionalObjects, optionalString, optionalStrings } from '../input.ts';
import type { JsonObject, OperationContext } from '../service.ts';
import { imageNotFound, invalidParameter, type Named, repositoryNotFound } from './errors.ts';
import type { RegistryPlace } from './hosts.ts';
import type { ImageRegistries } from './registries.ts';
import type { Repository, StoredImage } from './repository.ts';

/** Readers of what ECR requests have in common; limits and patterns are those of the service's model. */

export interface ImageId {
  imageDigest?: string | undefined;
  imageTag?: string | undefined;
}

const REGISTRY_ID = '[0-9]{12}';
const REPOSITORY_NAME = '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(\\/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*';
const DIGEST = '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+';

export const DIGEST_PATTERN = DIGEST;

/** @returns the registry that a request is for: the caller's own account unless it names another, in its own Region */
export function placeOf(input: JsonObject, { callerArn, accountId, signedRegion }: OperationContext): RegistryPlace {
  const registryId = optionalString(input, 'registryId');
  if (registryId !== undefined) requirePattern('registryId', registryId, REGISTRY_ID);
  return { registryId: registryId ?? (callerArn.split(':')[4] || accountId), region: signedRegion };
}

/** @throws AwsError RepositoryNotFoundException, InvalidParameterException */
export function repositoryOf(
  registries: ImageRegistries,
  input: JsonObject,
  context: OperationContext,
): { repository: Repository; named: Named } {
  const place = placeOf(input, context);
  const name = requireString(input, 'repositoryName');
  requireRepositoryName('repositoryName', name);
  const named = { registryId: place.registryId, repository: name };
  const repository = registries.find(place, name);
  if (repository === undefined) throw repositoryNotFound(named);
  return { repository, named };
}

export function requireRepositoryName(member: string, name: string): void {
  if (name.length < 2) throw invalidParameter(member, 'must have length greater than or equal to 2');
  if (name.length > 256) throw invalidParameter(member, 'must have length less than or equal to 256');
  requirePattern(member, name, REPOSITORY_NAME);
}

/** @throws AwsError ImageNotFoundException, InvalidParameterException */
export function imageOf(repository: Repository, id: ImageId, named: Named): StoredImage {
  const image = repository.find(id);
  if (image === undefined) throw imageNotFound(id, named);
  return image;
}

/** The one image of a request, by digest, tag, or both. */
export function requireImageId(input: JsonObject): ImageId {
  const given = optionalObject(input, 'imageId');
  if (given === undefined) throw invalidParameter('imageId', 'must not be null');
  const id = readImageId(given);
  if (id.imageDigest === undefined && id.imageTag === undefined) throw missingDigestAndTag();
  return id;
}

/** @returns undefined when the request names no images */
export function optionalImageIds(input: JsonObject): ImageId[] | undefined {
  const ids = optionalObjects(input, 'imageIds')?.map(readImageId);
  if (ids !== undefined) requireLength('imageIds', ids, 1, 100);
  return ids;
}

export function readImageId(given: JsonObject): ImageId {
  const imageDigest = optionalString(given, 'imageDigest');
  const imageTag = optionalString(given, 'imageTag');
  if (imageTag !== undefined) requireLength('imageTag', imageTag, 1, 300, 'must');
  return { ...(imageDigest === undefined ? {} : { imageDigest }), ...(imageTag === undefined ? {} : { imageTag }) };
}

function missingDigestAndTag(): AwsError {
  return new AwsError('InvalidParameterException', MISSING_DIGEST_AND_TAG);
}

export const MISSING_DIGEST_AND_TAG = 'Invalid request parameters: both tag and digest cannot be null';

export function requireString(input: JsonObject, member: string): string {
  const value = optionalString(input, member);
  if (value === undefined) throw invalidParameter(member, 'must not be null');
  return value;
}

export function requireDigest(member: string, digest: string): void {
  requirePattern(member, digest, DIGEST);
}

export function oneOf<Value extends string>(
  input: JsonObject,
  member: string,
  allowed: readonly Value[],
): Value | undefined {
  const given = optionalString(input, member);
  if (given === undefined) return undefined;
  const value = allowed.find((one) => one === given);
  if (value === undefined)
    throw invalidParameter(member, `Member must satisfy enum value set: [${allowed.join(', ')}]`);
  return value;
}

export function pageSize(input: JsonObject, max: number, byDefault: number): number {
  const size = optionalInteger(input, 'maxResults');
  if (size === undefined) return byDefault;
  if (size < 1) throw invalidParameter('maxResults', 'Member must have value greater than or equal to 1');
  if (size > max) throw invalidParameter('maxResults', `Member must have value less than or equal to ${max}`);
  return size;
}

export function boundedStrings(input: JsonObject, member: string, min: number, max: number): string[] | undefined {
  const list = optionalStrings(input, member);
  if (list !== undefined) requireLength(member, list, min, max);
  return list;
}

/** Paging goes through a whole list: API reference, "This option cannot be used when you specify …". */
export function refusePaging(input: JsonObject, list: string): void {
  for (const member of ['nextToken', 'maxResults']) {
    if (input[member] === undefined || input[member] === null) continue;
    throw invalidParameter(member, `must not be specified together with ${list}`);
  }
}

export function invalidToken(): AwsError {
  return invalidParameter('nextToken', 'Invalid next token');
}

function requireLength(
  member: string,
  value: string | readonly unknown[],
  min: number,
  max: number,
  subject = 'Member must',
): void {
  if (value.length < min) throw invalidParameter(member, `${subject} have length greater than or equal to ${min}`);
  if (value.length > max) throw invalidParameter(member, `${subject} have length less than or equal to ${max}`);
}

function requirePattern(member: string, value: string, pattern: string): void {
  if (new RegExp(`^(?:${pattern})$`).test(value)) return;
  throw invalidParameter(member, `must satisfy regular expression '${pattern}'`);
}

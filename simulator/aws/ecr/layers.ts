import { createHash } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { JsonObject, OperationContext } from '../service.ts';
import { layerInaccessible, layersNotFound } from './errors.ts';
import type { RegistryPlace } from './hosts.ts';
import { presignGet, verifyPresigned } from './presign.ts';
import type { ImageRegistries } from './registries.ts';
import type { Repository } from './repository.ts';
import { repositoryOf, requireDigest, requireString } from './request.ts';

/**
 * GetDownloadUrlForLayer (ECR API reference): a pre-signed S3 URL, here one of this very endpoint, for a config or a
 * layer that an active image names.
 */
export function getDownloadUrlForLayer(
  registries: ImageRegistries,
  input: JsonObject,
  context: OperationContext,
): object {
  const { repository, named } = repositoryOf(registries, input, context);
  const digest = requireString(input, 'layerDigest');
  requireDigest('layerDigest', digest);
  if (!repository.blobs.has(digest)) {
    if (repository.upstreamFailure === undefined) throw layersNotFound(digest, named);
    throw new AwsError('UnableToGetUpstreamLayerException', repository.upstreamFailure);
  }
  if (!repository.usersOf(digest).some(({ status }) => status === 'ACTIVE')) throw layerInaccessible(digest, named);
  const { region } = repository.place;
  const path = `/${bucketOf(region)}/${keyOf(repository, digest)}`;
  return { downloadUrl: presignGet({ origin: context.origin, path, region }, context.now), layerDigest: digest };
}

/** S3's GetObject as the layer store answers it. @throws AwsError under S3's names */
export function getLayer(registries: ImageRegistries, input: JsonObject, context: OperationContext): object {
  const { Bucket, Key, Path, Query } = input;
  verifyPresigned(context.origin, String(Path), String(Query), context.now);
  const place = { registryId: registryOf(String(Key)), region: context.signedRegion };
  const bytes = Bucket === bucketOf(place.region) ? find(registries, place, String(Key)) : undefined;
  if (bytes === undefined) throw noSuchKey();
  return { Body: bytes };
}

export function noSuchKey(): AwsError {
  return new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
}

function find(registries: ImageRegistries, place: RegistryPlace, key: string): Uint8Array | undefined {
  for (const repository of registries.list(place)) {
    for (const [digest, bytes] of repository.blobs) {
      if (keyOf(repository, digest) === key) return repository.servedBlobs.get(digest) ?? bytes;
    }
  }
  return undefined;
}

/** ECR user guide, page "Amazon ECR interface VPC endpoints": the bucket that a gateway endpoint must let through. */
function bucketOf(region: string): string {
  return `prod-${region}-starport-layer-bucket`;
}

/** Of the form that ECR's own keys have: shard, registry and repository, then the layer, without its digest. */
function keyOf({ place, arn }: Repository, digest: string): string {
  const repository = hash(arn);
  return `${repository.slice(0, 4)}-${place.registryId}-${uuid(repository)}/${uuid(hash(`${arn} ${digest}`))}`;
}

function registryOf(key: string): string {
  return /^[0-9a-f]{4}-(\d{12})-/.exec(key)?.[1] ?? '';
}

function uuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

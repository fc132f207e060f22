import type { ImageReferrer } from '@aws-sdk/client-ecr';
import { AwsError } from '../errors.ts';
import { optionalObject, optionalString } from '../input.ts';
import { page } from '../paging.ts';
import type { JsonObject, OperationContext } from '../service.ts';
import { invalidParameter } from './errors.ts';
import type { ImageRegistries } from './registries.ts';
import type { StoredImage } from './repository.ts';
import {
  boundedStrings,
  imageOf,
  invalidToken,
  oneOf,
  pageSize,
  repositoryOf,
  requireDigest,
  requireImageId,
  requireString,
} from './request.ts';

/**
 * ListImageReferrers (ECR API reference). As the OCI distribution specification has it, a subject that is not there
 * has no referrers, which is no error.
 */
export function listImageReferrers(registries: ImageRegistries, input: JsonObject, context: OperationContext): object {
  const { repository } = repositoryOf(registries, input, context);
  const subject = optionalObject(input, 'subjectId');
  if (subject === undefined) throw invalidParameter('subjectId', 'must not be null');
  const digest = requireString(subject, 'imageDigest');
  requireDigest('imageDigest', digest);
  const matches = filterOf(input);
  const size = pageSize(input, 50, 20);
  if (repository.upstreamFailure !== undefined) {
    throw new AwsError('UnableToListUpstreamImageReferrersException', repository.upstreamFailure);
  }
  const { items, nextToken } = page(
    repository.referrersOf(digest).filter(matches),
    (image) => image.digest,
    size,
    optionalString(input, 'nextToken'),
    `ListImageReferrers ${repository.arn} ${digest} ${JSON.stringify(input.filter ?? {})}`,
    invalidToken(),
  );
  return { referrers: items.map(referrer), nextToken };
}

function filterOf(input: JsonObject): (image: StoredImage) => boolean {
  const filter = optionalObject(input, 'filter') ?? {};
  const types = boundedStrings(filter, 'artifactTypes', 0, 5) ?? [];
  const wanted = oneOf(filter, 'artifactStatus', ['ACTIVE', 'ARCHIVED', 'ACTIVATING', 'ANY']) ?? 'ACTIVE';
  return ({ facts, status }) => {
    if (wanted !== 'ANY' && wanted !== status) return false;
    return types.length === 0 || types.includes(facts.artifactType ?? '');
  };
}

function referrer({ digest, text, facts, status }: StoredImage): ImageReferrer {
  return {
    digest,
    mediaType: facts.mediaType,
    artifactType: facts.artifactType,
    size: Buffer.byteLength(text),
    annotations: facts.annotations,
    artifactStatus: status,
  };
}

/** DescribeImageSigningStatus (ECR API reference): one status for each signing profile that a signing rule names. */
export function describeImageSigningStatus(
  registries: ImageRegistries,
  input: JsonObject,
  context: OperationContext,
): object {
  const { repository, named } = repositoryOf(registries, input, context);
  const id = requireImageId(input);
  const image = imageOf(repository, id, named);
  return {
    registryId: named.registryId,
    repositoryName: named.repository,
    imageId: { imageDigest: image.digest, ...(id.imageTag === undefined ? {} : { imageTag: id.imageTag }) },
    signingStatuses: image.signing,
  };
}

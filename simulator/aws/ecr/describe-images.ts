import type { ImageDetail } from '@aws-sdk/client-ecr';
import { optionalObject, optionalString } from '../input.ts';
import { page } from '../paging.ts';
import type { JsonObject, OperationContext } from '../service.ts';
import { imageNotFound, type Named } from './errors.ts';
import { isIndex } from './media-types.ts';
import type { ImageRegistries } from './registries.ts';
import type { Repository, StoredImage } from './repository.ts';
import { imageOf, invalidToken, oneOf, optionalImageIds, pageSize, refusePaging, repositoryOf } from './request.ts';

/** DescribeImages (ECR API reference): by id, or page by page through a repository. */
export function describeImages(registries: ImageRegistries, input: JsonObject, context: OperationContext): object {
  const { repository, named } = repositoryOf(registries, input, context);
  const ids = optionalImageIds(input);
  const matches = filterOf(repository, input);
  if (ids !== undefined) {
    refusePaging(input, 'imageIds');
    const filtered = input.filter !== undefined && input.filter !== null;
    const hidden = registries.readings.archivedById === 'not-found' && !filtered;
    const found = ids.map((id) => {
      const image = imageOf(repository, id, named);
      if (hidden && image.status !== 'ACTIVE') throw imageNotFound(id, named);
      return image;
    });
    const wanted = filtered ? found.filter(matches) : found;
    return { imageDetails: [...new Set(wanted)].map((image) => detail(image, repository, named)) };
  }
  const { items, nextToken } = page(
    repository.images().filter(matches),
    ({ digest }) => digest,
    pageSize(input, 1000, 100),
    optionalString(input, 'nextToken'),
    `DescribeImages ${repository.arn} ${JSON.stringify(input.filter ?? {})}`,
    invalidToken(),
  );
  return { imageDetails: items.map((image) => detail(image, repository, named)), nextToken };
}

function filterOf(repository: Repository, input: JsonObject): (image: StoredImage) => boolean {
  const filter = optionalObject(input, 'filter') ?? {};
  const tagStatus = oneOf(filter, 'tagStatus', ['TAGGED', 'UNTAGGED', 'ANY']) ?? 'ANY';
  const imageStatus = oneOf(filter, 'imageStatus', ['ACTIVE', 'ARCHIVED', 'ACTIVATING', 'ANY']) ?? 'ACTIVE';
  return ({ digest, status }) => {
    if (imageStatus !== 'ANY' && imageStatus !== status) return false;
    return tagStatus === 'ANY' || repository.tagsOf(digest).length > 0 === (tagStatus === 'TAGGED');
  };
}

/** Scan results are not here: basic scanning of today and enhanced scanning leave them to DescribeImageScanFindings. */
function detail(image: StoredImage, repository: Repository, named: Named): ImageDetail {
  const tags = repository.tagsOf(image.digest);
  return {
    registryId: named.registryId,
    repositoryName: named.repository,
    imageDigest: image.digest,
    imageTags: tags.length > 0 ? tags : undefined,
    imageSizeInBytes: sizeOf(image, repository),
    imagePushedAt: new Date(image.pushedAt),
    imageManifestMediaType: image.facts.mediaType,
    artifactMediaType: image.facts.artifactType,
    lastRecordedPullTime: dateOf(image.lastPulledAt),
    subjectManifestDigest: image.facts.subject,
    imageStatus: image.status,
    lastArchivedAt: dateOf(image.lastArchivedAt),
    lastActivatedAt: dateOf(image.lastActivatedAt),
  };
}

/** Of an index, the size of its largest manifest (API reference, ImageDetail). */
function sizeOf({ facts }: StoredImage, repository: Repository): number {
  if (!isIndex(facts.mediaType)) return total(facts.blobs);
  const sizes = facts.manifests.map(({ digest }) => {
    const listed = repository.find({ imageDigest: digest });
    return listed === undefined ? 0 : total(listed.facts.blobs);
  });
  return Math.max(0, ...sizes);
}

function total(blobs: readonly { size: number }[]): number {
  return blobs.reduce((sum, { size }) => sum + size, 0);
}

function dateOf(at: number | undefined): Date | undefined {
  return at === undefined ? undefined : new Date(at);
}

import type { ImageScanFindings } from '@aws-sdk/client-ecr';
import { optionalString } from '../input.ts';
import { page } from '../paging.ts';
import type { JsonObject, OperationContext } from '../service.ts';
import { scanNotFound } from './errors.ts';
import type { ImageRegistries } from './registries.ts';
import type { Repository, StoredImage } from './repository.ts';
import { imageOf, invalidToken, pageSize, repositoryOf, requireImageId } from './request.ts';
import { basicFinding, currentScan, enhancedFinding, type Finding, type ScanRecord } from './scan.ts';

/** DescribeImageScanFindings (ECR API reference): basic or enhanced findings of one image, page by page. */
export function describeImageScanFindings(
  registries: ImageRegistries,
  input: JsonObject,
  context: OperationContext,
): object {
  const { repository, named } = repositoryOf(registries, input, context);
  const id = requireImageId(input);
  const size = pageSize(input, 1000, 100);
  const image = imageOf(repository, id, named);
  const { scan } = image;
  if (scan === undefined) throw scanNotFound(id, named);
  const { status, description, hasResult } = currentScan(scan, image.status === 'ARCHIVED', context.now);
  const { items, nextToken } = page(
    hasResult ? scan.findings.map((finding, index) => ({ finding, index })) : [],
    ({ index }) => index,
    size,
    optionalString(input, 'nextToken'),
    `DescribeImageScanFindings ${repository.arn} ${image.digest}`,
    invalidToken(),
  );
  const findings = items.map(({ finding }) => finding);
  return {
    registryId: named.registryId,
    repositoryName: named.repository,
    imageId: { imageDigest: image.digest, ...(id.imageTag === undefined ? {} : { imageTag: id.imageTag }) },
    imageScanStatus: { status, description },
    imageScanFindings: hasResult ? result(scan, findings, image, repository) : undefined,
    nextToken,
  };
}

/** Counts and times are those of the whole scan on every page. */
function result(
  scan: ScanRecord,
  findings: readonly Finding[],
  image: StoredImage,
  repository: Repository,
): ImageScanFindings {
  // An enhanced scan without findings looks like a basic one, without times and counts.
  if (scan.type === 'ENHANCED' && scan.findings.length === 0) return { findings: [] };
  const { digest, pushedAt } = image;
  const place = {
    ...repository.place,
    repository: repository.name,
    repositoryArn: repository.arn,
    imageDigest: digest,
    imageTags: repository.tagsOf(digest),
    pushedAt,
  };
  return {
    imageScanCompletedAt: new Date(scan.completedAt),
    vulnerabilitySourceUpdatedAt: new Date(scan.vulnerabilitySourceUpdatedAt ?? scan.completedAt),
    findingSeverityCounts: scan.severityCounts,
    ...(scan.type === 'BASIC'
      ? { findings: findings.map(basicFinding) }
      : { enhancedFindings: findings.map((finding) => enhancedFinding(finding, scan, place)) }),
  };
}

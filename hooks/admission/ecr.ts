import {
  BatchGetImageCommand,
  DescribeImageScanFindingsCommand,
  type DescribeImageScanFindingsResponse,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  type Image,
  type ImageDetail,
  type ImageFailure,
  type ImageIdentifier,
  type Repository,
} from '@aws-sdk/client-ecr';
import { CLIENT_OPTIONS, naming } from '../../shared/aws/client.ts';
import { PermanentError } from '../../shared/errors.ts';

/** A repository in whatever account and Region its registry is. */
export interface RepositoryRef {
  account: string;
  region: string;
  name: string;
}

/** All that ECR can hold: without an index type it may answer one platform's manifest in the index's place. */
const MANIFEST_TYPES = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
];
/** Of BatchGetImage and DescribeImages. */
const IDS_PER_CALL = 100;
/** An image with more pages of findings than this is refused unread; each is of the API's largest size, 1,000. */
const FINDINGS_PAGES = 100;

const clients = new Map<string, ECRClient>();

/** A registry is asked in its own Region, whatever Region the function runs in. */
function clientOf(region: string): ECRClient {
  const client = clients.get(region) ?? naming(new ECRClient({ ...CLIENT_OPTIONS, region }));
  clients.set(region, client);
  return client;
}

/**
 * The manifests of images of one repository, and what ECR could not give, by id.
 * It counts as a pull: register the function's role as a pull time update exclusion if lifecycle policies go by it.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
 */
export async function batchGetImage(
  { account, region, name }: RepositoryRef,
  ids: readonly ImageIdentifier[],
  signal: AbortSignal,
): Promise<{ images: Image[]; failures: ImageFailure[] }> {
  const images: Image[] = [];
  const failures: ImageFailure[] = [];
  for (let from = 0; from < ids.length; from += IDS_PER_CALL) {
    const answer = await clientOf(region).send(
      new BatchGetImageCommand({
        registryId: account,
        repositoryName: name,
        imageIds: ids.slice(from, from + IDS_PER_CALL),
        acceptedMediaTypes: MANIFEST_TYPES,
      }),
      { abortSignal: signal },
    );
    images.push(...(answer.images ?? []));
    failures.push(...(answer.failures ?? []));
  }
  return { images, failures };
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html */
export async function describeImages(
  { account, region, name }: RepositoryRef,
  digests: readonly string[],
  signal: AbortSignal,
): Promise<ImageDetail[]> {
  const details: ImageDetail[] = [];
  for (let from = 0; from < digests.length; from += IDS_PER_CALL) {
    const imageIds = digests.slice(from, from + IDS_PER_CALL).map((imageDigest) => ({ imageDigest }));
    const answer = await clientOf(region).send(
      new DescribeImagesCommand({ registryId: account, repositoryName: name, imageIds }),
      { abortSignal: signal },
    );
    details.push(...(answer.imageDetails ?? []));
  }
  return details;
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html */
export async function describeRepository(
  { account, region, name }: RepositoryRef,
  signal: AbortSignal,
): Promise<Repository> {
  const { repositories = [] } = await clientOf(region).send(
    new DescribeRepositoriesCommand({ registryId: account, repositoryNames: [name] }),
    { abortSignal: signal },
  );
  const repository = repositories.find(({ repositoryName }) => repositoryName === name);
  if (repository === undefined) throw new Error(`ecr:DescribeRepositories answered nothing for ${name}`);
  return repository;
}

/**
 * The scan of one image, all pages of its findings put together; undefined when ECR has never scanned it.
 *
 * @throws PermanentError when the findings do not end within the pages that are read
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html
 */
export async function describeScan(
  { account, region, name }: RepositoryRef,
  imageDigest: string,
  signal: AbortSignal,
): Promise<DescribeImageScanFindingsResponse | undefined> {
  let scan: DescribeImageScanFindingsResponse | undefined;
  let nextToken: string | undefined;
  for (let page = 0; page < FINDINGS_PAGES; page += 1) {
    const answer = await readPage({ account, region, name }, imageDigest, nextToken, signal);
    // Half a scan must not pass for none at all, which a policy may allow.
    if (answer === undefined && scan !== undefined) throw new Error(vanished(name, imageDigest));
    if (answer === undefined) return undefined;
    scan = scan === undefined ? answer : joined(scan, answer);
    nextToken = answer.nextToken;
    if (nextToken === undefined) return scan;
  }
  throw new PermanentError(
    `ecr:DescribeImageScanFindings: the findings of ${name}@${imageDigest} have over ${FINDINGS_PAGES} pages`,
  );
}

function vanished(name: string, imageDigest: string): string {
  return `ecr:DescribeImageScanFindings: the scan of ${name}@${imageDigest} went away while it was read`;
}

async function readPage(
  { account, region, name }: RepositoryRef,
  imageDigest: string,
  nextToken: string | undefined,
  signal: AbortSignal,
): Promise<DescribeImageScanFindingsResponse | undefined> {
  try {
    return await clientOf(region).send(
      new DescribeImageScanFindingsCommand({
        registryId: account,
        repositoryName: name,
        imageId: { imageDigest },
        maxResults: 1000,
        ...(nextToken !== undefined && { nextToken }),
      }),
      { abortSignal: signal },
    );
  } catch (error) {
    if (error instanceof Error && error.name === 'ScanNotFoundException') return undefined;
    throw error;
  }
}

function joined(
  scan: DescribeImageScanFindingsResponse,
  page: DescribeImageScanFindingsResponse,
): DescribeImageScanFindingsResponse {
  const before = scan.imageScanFindings;
  const more = page.imageScanFindings;
  return {
    ...scan,
    imageScanFindings: {
      ...before,
      findings: [...(before?.findings ?? []), ...(more?.findings ?? [])],
      enhancedFindings: [...(before?.enhancedFindings ?? []), ...(more?.enhancedFindings ?? [])],
    },
  };
}

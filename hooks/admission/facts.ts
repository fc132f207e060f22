import type { Image, ImageDetail, ImageFailure, ImageIdentifier, Repository } from '@aws-sdk/client-ecr';
import { oneLine } from '../../shared/text.ts';
import type { AdmittedCache } from './cache.ts';
import { batchGetImage, describeImages, describeRepository, describeScan, type RepositoryRef } from './ecr.ts';
import { readScan, type Scan } from './findings.ts';
import type { Limiter } from './limiter.ts';
import type { Platform } from './manifest.ts';
import type { AppliedRule } from './rules.ts';
import type { Subject } from './subject.ts';

export interface Inquiry {
  now: Date;
  /** When this stage began to look: scans are waited for from here. */
  since: Date;
  platform: Partial<Platform>;
  limiter: Limiter;
  cache: AdmittedCache;
  /** Of all rules in force: what was admitted under others says nothing. */
  fingerprint: string;
  signal: AbortSignal;
}

/**
 * What ECR says of the images of one repository. Each answer, or the error in its place, concerns only the images whose
 * rules ask for it.
 */
export interface Facts {
  manifests: PromiseSettledResult<{ images: readonly Image[]; failures: readonly ImageFailure[] }>;
  /** Undefined where no rule goes by it. */
  settings: PromiseSettledResult<Repository | undefined>;
  details: PromiseSettledResult<readonly ImageDetail[]>;
  /** By digest, as far as they have been asked for: containers often share an image. */
  scans: Map<string, Promise<Scan>>;
}

/** One BatchGetImage for all images; DescribeRepositories and DescribeImages once where a rule needs them. */
export async function gatherFacts(subjects: readonly Subject[], { limiter, signal }: Inquiry): Promise<Facts> {
  const [first] = subjects;
  if (first === undefined) throw new Error('there is no image to judge');
  const ref = refOf(first);
  const ids = new Map(subjects.map((subject) => [subject.digest ?? `:${tagOf(subject)}`, idOf(subject)]));
  const manifests = await settled(limiter.run(() => batchGetImage(ref, [...ids.values()], signal)));
  const images = manifests.status === 'fulfilled' ? manifests.value.images : [];
  const digests = [...new Set(images.flatMap(({ imageId }) => imageId?.imageDigest ?? []))];
  const asked = digests.length > 0;
  const [settings, details] = await Promise.all([
    settled(asked && subjects.some(goesByTag) ? limiter.run(() => describeRepository(ref, signal)) : undefined),
    settled(asked && subjects.some(goesByDetails) ? limiter.run(() => describeImages(ref, digests, signal)) : []),
  ]);
  return { manifests, settings, details, scans: new Map() };
}

async function settled<T>(asking: Promise<T> | T): Promise<PromiseSettledResult<T>> {
  const [result] = await Promise.allSettled([asking]);
  return result;
}

/** @throws the error in the answer's place */
export function known<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** Failures of BatchGetImage that a later look may not meet; all others speak against the image. */
const PASSING_FAILURES: ReadonlySet<string> = new Set(['UpstreamTooManyRequests', 'UpstreamUnavailable']);

/**
 * The image that ECR gave for a reference, or a clause that says why there is none.
 *
 * @throws Error for what a later look may not meet
 */
export function imageFor(subject: Subject, facts: Facts): Image | { why: string } {
  const { images, failures } = known(facts.manifests);
  const isFor = ({ imageId }: { imageId?: ImageIdentifier | undefined }) =>
    subject.digest === undefined ? imageId?.imageTag === tagOf(subject) : imageId?.imageDigest === subject.digest;
  const image = images.find(isFor);
  if (image !== undefined) return image;
  const wanted = subject.digest ?? `tag ${tagOf(subject)}`;
  const failure = failures.find(isFor);
  if (failure === undefined) return { why: `ECR answered nothing for ${wanted}` };
  const text = oneLine(`${failure.failureCode ?? 'no code'}: ${failure.failureReason ?? 'no reason'}`, 200);
  if (PASSING_FAILURES.has(failure.failureCode ?? '')) throw new Error(`ecr:BatchGetImage: ${wanted}: ${text}`);
  return { why: `ECR has no ${wanted} to give: ${text}` };
}

/** The scan of one platform's image, asked for once. */
export function scanOf(subject: Subject, digest: string, { scans }: Facts, inquiry: Inquiry): Promise<Scan> {
  const { limiter, signal } = inquiry;
  const asked = scans.get(digest) ?? limiter.run(() => describeScan(refOf(subject), digest, signal)).then(readScan);
  scans.set(digest, asked);
  return asked;
}

/** @throws Error when ECR gave the image, and then does not describe it */
export function detailOf(digest: string, facts: Facts): ImageDetail {
  const detail = known(facts.details).find(({ imageDigest }) => imageDigest === digest);
  if (detail === undefined) throw new Error(`ecr:DescribeImages answered nothing for ${digest}`);
  return detail;
}

/** Beside a digest a tag selects nothing, so whether it can move does not matter. */
export function goesByTag({ reference, rules }: Pick<Subject, 'reference' | 'rules'>): boolean {
  return reference.digest === undefined && rules.some(isTagBound);
}

export function isTagBound({ rule }: AppliedRule): boolean {
  return rule.tagImmutability === 'require';
}

export function goesByDetails({ rules }: Pick<Subject, 'rules'>): boolean {
  return rules.some(({ rule }) => rule.maxAgeDays !== undefined || rule.vulnerabilities !== undefined);
}

export function refOf({ identity }: Subject): RepositoryRef {
  const { account, region, repository } = identity;
  return { account, region, name: repository };
}

/** The tag that selects the image where nothing else does. */
export function tagOf({ reference }: Pick<Subject, 'reference'>): string {
  return reference.tag ?? 'latest';
}

function idOf(subject: Subject): ImageIdentifier {
  return subject.digest === undefined ? { imageTag: tagOf(subject) } : { imageDigest: subject.digest };
}

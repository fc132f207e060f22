import type {
  ImageFailureCode,
  ImageSigningStatus,
  ImageStatus,
  ImageTagMutability,
  ImageTagMutabilityExclusionFilter,
} from '@aws-sdk/client-ecr';
import { tagAlreadyExists } from './errors.ts';
import { type RegistryPlace, repositoryArn } from './hosts.ts';
import { digestOf, type ManifestFacts, readManifest } from './manifest.ts';
import type { ImageId } from './request.ts';
import type { ScanRecord } from './scan.ts';

export interface StoredImage {
  readonly digest: string;
  readonly text: string;
  /** What BatchGetImage answers instead, when the registry was tampered with. */
  served: string | undefined;
  readonly facts: ManifestFacts;
  /** Milliseconds since the epoch, as all times here. */
  pushedAt: number;
  status: ImageStatus;
  lastArchivedAt: number | undefined;
  lastActivatedAt: number | undefined;
  lastPulledAt: number | undefined;
  scan: ScanRecord | undefined;
  signing: readonly ImageSigningStatus[];
}

export interface RepositorySettings {
  /** MUTABLE without it. */
  imageTagMutability?: ImageTagMutability;
  /** Up to five, each of letters, digits, `.`, `_`, `-` and the wildcard `*`. */
  imageTagMutabilityExclusionFilters?: readonly ImageTagMutabilityExclusionFilter[];
  scanOnPush?: boolean;
  /** KMS with this key's ARN; AES256 without it. */
  kmsKey?: string;
}

export interface InjectedFailure {
  code: ImageFailureCode;
  reason: string;
}

const DAY = 24 * 60 * 60 * 1000;

/** One repository: what was pushed to it, under its true digests. */
export class Repository {
  readonly place: RegistryPlace;
  readonly name: string;
  readonly createdAt: number;
  settings: RepositorySettings;
  /** Text of an upstream that cannot be reached; set on a repository of a pull through cache. */
  upstreamFailure: string | undefined;
  /** By digest or tag: what BatchGetImage answers in `failures`. */
  readonly failures = new Map<string, InjectedFailure>();
  readonly blobs = new Map<string, Uint8Array>();
  /** By digest: what the layer store hands out instead. */
  readonly servedBlobs = new Map<string, Uint8Array>();
  readonly #images = new Map<string, StoredImage>();
  readonly #tags = new Map<string, string>();

  constructor(place: RegistryPlace, name: string, createdAt: number, settings: RepositorySettings) {
    this.place = place;
    this.name = name;
    this.createdAt = createdAt;
    this.settings = settings;
  }

  get arn(): string {
    return repositoryArn(this.place, this.name);
  }

  /**
   * Stores a manifest under its digest and moves the tags to it. What is there already keeps its time; an archived
   * image becomes active again (user guide, page "Archiving an image").
   * @throws AwsError ImageTagAlreadyExistsException when a tag may not move
   */
  put(text: string, mediaType: string, tags: readonly string[], now: number): StoredImage {
    const digest = digestOf(text);
    for (const tag of tags) this.#requireMovable(tag, digest);
    const image = this.#images.get(digest) ?? newImage(text, readManifest(text, mediaType), now);
    if (image.status !== 'ACTIVE') {
      image.status = 'ACTIVE';
      image.lastActivatedAt = now;
    }
    this.#images.set(digest, image);
    for (const tag of tags) this.#tags.set(tag, digest);
    return image;
  }

  putBlob(bytes: Uint8Array): string {
    const digest = digestOf(bytes);
    this.blobs.set(digest, bytes);
    return digest;
  }

  /** @throws AwsError ImageTagAlreadyExistsException when the tag is immutable and on another image */
  tag(tag: string, digest: string): void {
    this.#requireMovable(tag, digest);
    this.#tags.set(tag, digest);
  }

  /** @returns whether the tag was there */
  untag(tag: string): boolean {
    return this.#tags.delete(tag);
  }

  /** Deletes an image and its tags. @returns whether it was there */
  delete(digest: string): boolean {
    for (const tag of this.tagsOf(digest)) this.#tags.delete(tag);
    return this.#images.delete(digest);
  }

  /** Sorted by digest, which is as good an order as any and a stable one to page through. */
  images(): StoredImage[] {
    return [...this.#images.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  }

  /** @returns undefined also when tag and digest are given and name two images */
  find({ imageDigest, imageTag }: ImageId): StoredImage | undefined {
    const digest = imageTag === undefined ? imageDigest : this.#tags.get(imageTag);
    if (digest === undefined || (imageDigest !== undefined && imageDigest !== digest)) return undefined;
    return this.#images.get(digest);
  }

  tagsOf(digest: string): string[] {
    return [...this.#tags].flatMap(([tag, one]) => (one === digest ? [tag] : [])).sort();
  }

  /** Manifests that name this one as their subject, sorted by digest. */
  referrersOf(subject: string): StoredImage[] {
    return this.images().filter(({ facts }) => facts.subject === subject);
  }

  /** Images that name this blob as config or layer. */
  usersOf(blob: string): StoredImage[] {
    return this.images().filter(({ facts }) => facts.blobs.some(({ digest }) => digest === blob));
  }

  isImmutable(tag: string): boolean {
    const { imageTagMutability = 'MUTABLE', imageTagMutabilityExclusionFilters = [] } = this.settings;
    const excluded = imageTagMutabilityExclusionFilters.some(({ filter = '' }) => matchesWildcard(filter, tag));
    if (imageTagMutability === 'IMMUTABLE') return true;
    if (imageTagMutability === 'IMMUTABLE_WITH_EXCLUSION') return !excluded;
    return imageTagMutability === 'MUTABLE_WITH_EXCLUSION' && excluded;
  }

  #requireMovable(tag: string, digest: string): void {
    const present = this.#tags.get(tag);
    if (present !== undefined && present !== digest && this.isImmutable(tag)) throw tagAlreadyExists(tag, this.name);
  }
}

/** ECR notes a pull at least once in 24 hours (API reference, ImageDetail), so the first one of a day stands. */
export function recordPull(image: StoredImage, now: number): void {
  if (image.lastPulledAt === undefined || now - image.lastPulledAt >= DAY) image.lastPulledAt = now;
}

/** @param filter in which `*` stands for any number of characters, also none */
export function matchesWildcard(filter: string, tag: string): boolean {
  const [first = '', ...parts] = filter.split('*');
  const last = parts.pop();
  if (last === undefined) return filter === tag;
  if (!tag.startsWith(first) || tag.length < first.length + last.length || !tag.endsWith(last)) return false;
  let at = first.length;
  const end = tag.length - last.length;
  for (const part of parts) {
    const found = tag.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

function newImage(text: string, facts: ManifestFacts, now: number): StoredImage {
  return {
    digest: digestOf(text),
    text,
    served: undefined,
    facts,
    pushedAt: now,
    status: 'ACTIVE',
    lastArchivedAt: undefined,
    lastActivatedAt: undefined,
    lastPulledAt: undefined,
    scan: undefined,
    signing: [],
  };
}

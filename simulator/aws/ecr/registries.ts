import type { ImageFailureCode, ImageSigningStatus, ImageStatus } from '@aws-sdk/client-ecr';
import type { Clock } from '../../clock.ts';
import {
  type ArtifactContent,
  type BuiltManifest,
  buildArtifact,
  buildAttestation,
  buildImage,
  buildIndex,
  parsePlatform,
} from './build-image.ts';
import { FAILURE_REASONS } from './failures.ts';
import { parseRepositoryUri, type RegistryPlace, registryHost } from './hosts.ts';
import type { Descriptor } from './manifest.ts';
import type { ImageFormat } from './media-types.ts';
import { DEFAULT_ECR_READINGS, type EcrReadings } from './readings.ts';
import { Repository, type RepositorySettings, type StoredImage } from './repository.ts';
import { requireRepositoryName } from './request.ts';
import { type ScanResult, scanRecord } from './scan.ts';

/** A repository by name (of the endpoint's own account and Region), by URI, or by its parts. */
export type RepositoryRef = string | ({ repository: string } & Partial<RegistryPlace>);

export interface PushInput extends Partial<RegistryPlace> {
  /** Name or URI; a repository that does not exist is created, mutable. */
  repository: string;
  tag?: string;
  tags?: readonly string[];
  /** What the image is made from: the same text gives the same digests. */
  createdFrom: string;
  /** With platforms an index is pushed that lists an image for each; without, one image for linux/amd64. */
  platforms?: readonly string[];
  format?: ImageFormat;
  /** Adds BuildKit's provenance statements to the index, under the platform unknown/unknown. */
  attestations?: boolean;
  /** Milliseconds since the epoch; now without it. */
  pushedAt?: number;
}

export interface PushedImage extends RegistryPlace {
  repository: string;
  digest: string;
  mediaType: string;
  tags: readonly string[];
  /** `<host>/<repository>`, to which `:tag` or `@digest` is added. */
  uri: string;
  /** By tag where there is one, by digest otherwise: what a task definition would name. */
  reference: string;
  /** What an index lists, by platform; empty for a single image. */
  platforms: Readonly<Record<string, string>>;
  pushedAt: number;
}

export interface ManifestInput {
  text: string;
  mediaType: string;
  tags?: readonly string[];
  pushedAt?: number;
}

export interface ArtifactInput {
  /** Digest of the image that it belongs to, which must be there. */
  subject?: string;
  artifactType: string;
  content?: readonly ArtifactContent[];
  annotations?: Readonly<Record<string, string>>;
  tags?: readonly string[];
  pushedAt?: number;
}

/**
 * ECR's private registries of any account and Region, as state in memory. What scenarios and tests put in here, clients
 * see through the ECR operations of the endpoint.
 */
export class ImageRegistries {
  readonly readings: EcrReadings;
  readonly #clock: Clock;
  readonly #home: RegistryPlace;
  readonly #repositories = new Map<string, Repository>();

  /** @param home the account and Region that a repository is in when nothing else is said */
  constructor(clock: Clock, home: RegistryPlace, readings: Partial<EcrReadings> = {}) {
    this.#clock = clock;
    this.#home = home;
    this.readings = { ...DEFAULT_ECR_READINGS, ...readings };
  }

  find(place: RegistryPlace, name: string): Repository | undefined {
    return this.#repositories.get(key(place, name));
  }

  /** The repositories of one registry, sorted by name. */
  list(place: RegistryPlace): Repository[] {
    const prefix = key(place, '');
    return [...this.#repositories]
      .filter(([one]) => one.startsWith(prefix))
      .map(([, repository]) => repository)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Creates a repository, or gives an existing one other settings.
   * @throws AwsError InvalidParameterException when the name is not one that ECR takes
   */
  createRepository(ref: RepositoryRef, settings: RepositorySettings = {}): Repository {
    const { place, name } = this.#locate(ref);
    requireRepositoryName('repositoryName', name);
    const present = this.find(place, name);
    const repository = present ?? new Repository(place, name, this.#clock.now(), settings);
    repository.settings = settings;
    this.#repositories.set(key(place, name), repository);
    return repository;
  }

  deleteRepository(ref: RepositoryRef): boolean {
    const { place, name } = this.#locate(ref);
    return this.#repositories.delete(key(place, name));
  }

  setMutability(
    ref: RepositoryRef,
    imageTagMutability: NonNullable<RepositorySettings['imageTagMutability']>,
    exclusionFilters: readonly string[] = [],
  ): void {
    const repository = this.repository(ref);
    const { imageTagMutabilityExclusionFilters: _, ...settings } = repository.settings;
    const filters = exclusionFilters.map((filter) => ({ filterType: 'WILDCARD' as const, filter }));
    repository.settings = {
      ...settings,
      imageTagMutability,
      ...(filters.length > 0 ? { imageTagMutabilityExclusionFilters: filters } : {}),
    };
  }

  /**
   * Builds an image from a text and pushes it.
   * @throws AwsError ImageTagAlreadyExistsException when a tag may not move
   */
  push(input: PushInput): PushedImage {
    const { createdFrom, platforms, format = 'oci', attestations = false } = input;
    const { place, name } = this.#locate(input);
    const repository = this.find(place, name) ?? this.createRepository(input);
    const pushedAt = input.pushedAt ?? this.#clock.now();
    const images = (platforms ?? ['linux/amd64']).map((text) => ({
      text,
      platform: parsePlatform(text),
      built: buildImage(createdFrom, parsePlatform(text), format),
    }));
    const entries: Descriptor[] = images.map(({ platform, built }) => ({ ...built.descriptor, platform }));
    const statements = attestations ? images.map(({ built }) => buildAttestation(built.descriptor)) : [];
    for (const one of [...images.map(({ built }) => built), ...statements]) store(repository, one, [], pushedAt);
    const listed = [...entries, ...statements.map(({ descriptor }) => descriptor)];
    const single = platforms === undefined && !attestations ? images[0]?.built : undefined;
    const top = single ?? buildIndex(listed, format);
    const tags = [...(input.tag === undefined ? [] : [input.tag]), ...(input.tags ?? [])];
    const { digest } = store(repository, top, tags, pushedAt);
    const digests = images.map(({ text, built }) => [text, built.descriptor.digest] as const);
    const uri = `${registryHost(place)}/${name}`;
    return {
      ...place,
      repository: name,
      digest,
      mediaType: top.mediaType,
      tags,
      uri,
      reference: tags[0] === undefined ? `${uri}@${digest}` : `${uri}:${tags[0]}`,
      platforms: single === undefined ? Object.fromEntries(digests) : {},
      pushedAt,
    };
  }

  /** Pushes a manifest as it is, whatever it holds. @returns its digest */
  putManifest(ref: RepositoryRef, { text, mediaType, tags = [], pushedAt }: ManifestInput): string {
    return this.repository(ref).put(text, mediaType, tags, pushedAt ?? this.#clock.now()).digest;
  }

  /** @returns the blob's digest; clients reach it once a manifest names it */
  putBlob(ref: RepositoryRef, bytes: string | Uint8Array): string {
    return this.repository(ref).putBlob(Buffer.from(bytes));
  }

  /** Pushes an artifact such as a signature or an SBOM, as an OCI manifest with a subject. @returns its digest */
  attach(ref: RepositoryRef, { artifactType, content = [], annotations, ...input }: ArtifactInput): string {
    const repository = this.repository(ref);
    const subject = input.subject === undefined ? undefined : descriptorOf(this.image(ref, input.subject));
    const built = buildArtifact({ artifactType, subject, content, annotations });
    return store(repository, built, input.tags ?? [], input.pushedAt ?? this.#clock.now()).digest;
  }

  /** Lets a tag stand for another image that is already there. @throws AwsError ImageTagAlreadyExistsException */
  moveTag(ref: RepositoryRef, tag: string, digest: string): void {
    this.repository(ref).tag(tag, this.image(ref, digest).digest);
  }

  untag(ref: RepositoryRef, tag: string): boolean {
    return this.repository(ref).untag(tag);
  }

  deleteImage(ref: RepositoryRef, digest: string): boolean {
    return this.repository(ref).delete(digest);
  }

  /** @param scan undefined when the image was never scanned */
  setScan(ref: RepositoryRef, digest: string, scan: ScanResult | undefined): void {
    this.image(ref, digest).scan = scan === undefined ? undefined : scanRecord(scan, this.#clock.now());
  }

  setSigning(ref: RepositoryRef, digest: string, statuses: readonly ImageSigningStatus[]): void {
    this.image(ref, digest).signing = statuses;
  }

  /** Archives an image, or restores it. */
  setStatus(ref: RepositoryRef, digest: string, status: ImageStatus): void {
    const image = this.image(ref, digest);
    image.status = status;
    if (status === 'ARCHIVED') image.lastArchivedAt = this.#clock.now();
    if (status === 'ACTIVE') image.lastActivatedAt = this.#clock.now();
  }

  /** BatchGetImage answers this failure for a digest or tag, until it is taken away with `undefined`. */
  failImage(ref: RepositoryRef, digestOrTag: string, code: ImageFailureCode | undefined, reason?: string): void {
    const { failures } = this.repository(ref);
    if (code === undefined) failures.delete(digestOrTag);
    else failures.set(digestOrTag, { code, reason: reason ?? FAILURE_REASONS[code] });
  }

  /** BatchGetImage answers other bytes under this digest than those that were pushed. */
  tamperManifest(ref: RepositoryRef, digest: string, text: string | undefined): void {
    this.image(ref, digest).served = text;
  }

  /** The layer store hands out other bytes under this digest than those that were pushed. */
  tamperBlob(ref: RepositoryRef, digest: string, bytes: string | Uint8Array): void {
    this.repository(ref).servedBlobs.set(digest, Buffer.from(bytes));
  }

  /** What is not in this repository of a pull through cache cannot be fetched, for this reason. */
  setUpstreamFailure(ref: RepositoryRef, reason: string | undefined): void {
    this.repository(ref).upstreamFailure = reason;
  }

  /** @throws Error when the repository does not exist */
  repository(ref: RepositoryRef): Repository {
    const { place, name } = this.#locate(ref);
    const repository = this.find(place, name);
    if (repository === undefined) throw new Error(`no such repository: ${registryHost(place)}/${name}`);
    return repository;
  }

  /**
   * @param digestOrTag a digest when it has a colon
   * @throws Error when it is not there
   */
  image(ref: RepositoryRef, digestOrTag: string): StoredImage {
    const repository = this.repository(ref);
    const id = digestOrTag.includes(':') ? { imageDigest: digestOrTag } : { imageTag: digestOrTag };
    const image = repository.find(id);
    if (image === undefined) throw new Error(`no such image in ${repository.arn}: ${digestOrTag}`);
    return image;
  }

  #locate(ref: RepositoryRef): { place: RegistryPlace; name: string } {
    const given = typeof ref === 'string' ? { repository: ref } : ref;
    const uri = parseRepositoryUri(given.repository);
    const registryId = uri?.registryId ?? given.registryId ?? this.#home.registryId;
    const region = uri?.region ?? given.region ?? this.#home.region;
    return { place: { registryId, region }, name: uri?.repository ?? given.repository };
  }
}

function key({ registryId, region }: RegistryPlace, name: string): string {
  return `${registryId} ${region} ${name}`;
}

function store(
  repository: Repository,
  { text, mediaType, blobs }: BuiltManifest,
  tags: readonly string[],
  now: number,
): StoredImage {
  for (const blob of blobs) repository.putBlob(blob);
  return repository.put(text, mediaType, tags, now);
}

function descriptorOf({ digest, text, facts }: StoredImage): Descriptor {
  return { mediaType: facts.mediaType, digest, size: Buffer.byteLength(text) };
}

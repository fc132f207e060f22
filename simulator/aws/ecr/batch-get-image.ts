import type { Image, ImageFailure, ImageFailureCode } from '@aws-sdk/client-ecr';
import { AwsError } from '../errors.ts';
import { isObject } from '../input.ts';
import type { JsonObject, OperationContext } from '../service.ts';
import { invalidParameter, type Named } from './errors.ts';
import { FAILURE_REASONS } from './failures.ts';
import { digestOf, parseObject } from './manifest.ts';
import { DOCKER_MANIFEST, isIndex, OCI_MANIFEST } from './media-types.ts';
import type { EcrReadings } from './readings.ts';
import type { ImageRegistries } from './registries.ts';
import { type InjectedFailure, type Repository, recordPull, type StoredImage } from './repository.ts';
import { boundedStrings, DIGEST_PATTERN, type ImageId, optionalImageIds, repositoryOf } from './request.ts';
import { translate } from './translate.ts';

interface Asked {
  repository: Repository;
  named: Named;
  /** Undefined when the client sent none. */
  accepted: readonly string[] | undefined;
  readings: EcrReadings;
  now: number;
}

/**
 * BatchGetImage (ECR API reference). What is wrong with one image stands in `failures`, in a successful answer; an
 * image that was read counts as pulled.
 */
export function batchGetImage(registries: ImageRegistries, input: JsonObject, context: OperationContext): object {
  const { repository, named } = repositoryOf(registries, input, context);
  const ids = optionalImageIds(input);
  if (ids === undefined) throw invalidParameter('imageIds', 'Member must not be null');
  const accepted = boundedStrings(input, 'acceptedMediaTypes', 1, 100);
  const asked: Asked = { repository, named, accepted, readings: registries.readings, now: context.now };
  const images: Image[] = [];
  const failures: ImageFailure[] = [];
  for (const id of ids) {
    const answer = getImage(id, asked);
    if ('imageManifest' in answer) images.push(answer);
    else failures.push(answer);
  }
  return { images, failures };
}

function getImage(id: ImageId, asked: Asked): Image | ImageFailure {
  const { repository, named, readings, now } = asked;
  const failure = malformed(id) ?? injected(id, repository);
  if (failure !== undefined) return failed(id, failure);
  const image = repository.find(id);
  if (image === undefined) return failed(id, missing(id, repository));
  const own = repository.failures.get(image.digest);
  if (own !== undefined) return failed(id, own);
  if (image.status !== 'ACTIVE') return failed(id, because(readings.archivedPull));
  const served = negotiate(image, id, asked);
  if (served === undefined) return failed(id, because('ImageNotFound'));
  recordPull(image, now);
  return {
    registryId: named.registryId,
    repositoryName: named.repository,
    imageId: { imageDigest: served.digest, ...(id.imageTag === undefined ? {} : { imageTag: id.imageTag }) },
    imageManifest: served.text,
    imageManifestMediaType: served.mediaType,
  };
}

function malformed({ imageDigest, imageTag }: ImageId): InjectedFailure | undefined {
  if (imageDigest === undefined && imageTag === undefined) return because('MissingDigestAndTag');
  if (imageDigest !== undefined && !new RegExp(`^${DIGEST_PATTERN}$`).test(imageDigest)) {
    return because('InvalidImageDigest');
  }
  return imageTag !== undefined && !/^[a-zA-Z0-9-_.]+$/.test(imageTag) ? because('InvalidImageTag') : undefined;
}

function injected({ imageDigest, imageTag }: ImageId, { failures }: Repository): InjectedFailure | undefined {
  return failures.get(imageDigest ?? '') ?? failures.get(imageTag ?? '');
}

/** @throws AwsError UnableToGetUpstreamImageException when it would have to be fetched and cannot be */
function missing({ imageDigest, imageTag }: ImageId, repository: Repository): InjectedFailure {
  const both = imageDigest !== undefined && imageTag !== undefined;
  if (both && repository.find({ imageDigest }) !== undefined) return because('ImageTagDoesNotMatchDigest');
  if (repository.upstreamFailure !== undefined) {
    throw new AwsError('UnableToGetUpstreamImageException', repository.upstreamFailure);
  }
  return because('ImageNotFound');
}

interface Served {
  digest: string;
  text: string;
  mediaType: string;
}

/**
 * User guide, page "Container image manifest format support": by tag, what the client does not accept is translated
 * where it can be; by digest, the stored manifest or nothing.
 */
function negotiate(image: StoredImage, id: ImageId, { repository, accepted, readings }: Asked): Served | undefined {
  const { mediaType } = image.facts;
  const types = accepted ?? (readings.withoutAcceptedTypes === 'everything' ? [mediaType] : [DOCKER_MANIFEST]);
  if (types.includes(mediaType)) return { digest: image.digest, text: image.served ?? image.text, mediaType };
  if (id.imageDigest !== undefined) return undefined;
  const source = isIndex(mediaType) ? platformManifest(image, repository, readings) : image;
  if (source === undefined) return undefined;
  if (source !== image && types.includes(source.facts.mediaType)) return asStored(source);
  const wanted = [OCI_MANIFEST, DOCKER_MANIFEST].find((type) => types.includes(type));
  const text = wanted === undefined ? undefined : translate(source.served ?? source.text, wanted);
  if (wanted === undefined || text === undefined) return undefined;
  return {
    digest: readings.translatedDigest === 'stored' ? source.digest : digestOf(text),
    text,
    mediaType: wanted,
  };
}

function asStored({ digest, served, text, facts }: StoredImage): Served {
  return { digest, text: served ?? text, mediaType: facts.mediaType };
}

/** linux/amd64 where the index lists it, otherwise the first. */
function platformManifest(
  { text }: StoredImage,
  repository: Repository,
  { indexNotAccepted }: EcrReadings,
): StoredImage | undefined {
  if (indexNotAccepted === 'failure') return undefined;
  const { manifests } = parseObject(text);
  const entries = Array.isArray(manifests) ? manifests.filter(isObject) : [];
  const amd64 = entries.find(
    ({ platform }) => isObject(platform) && platform.os === 'linux' && platform.architecture === 'amd64',
  );
  const digest = (amd64 ?? entries[0])?.digest;
  return typeof digest === 'string' ? repository.find({ imageDigest: digest }) : undefined;
}

function because(code: ImageFailureCode): InjectedFailure {
  return { code, reason: FAILURE_REASONS[code] };
}

function failed(id: ImageId, { code, reason }: InjectedFailure): ImageFailure {
  return { imageId: id, failureCode: code, failureReason: reason };
}

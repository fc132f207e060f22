import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject, parseJson } from '../../shared/schema.ts';
import { oneLine } from '../../shared/text.ts';

const IMAGE_TYPES: readonly string[] = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
];
const INDEX_TYPES: readonly string[] = [
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.index.v1+json',
];
const CONFIG_TYPES: readonly string[] = [
  'application/vnd.docker.container.image.v1+json',
  'application/vnd.oci.image.config.v1+json',
];
// Signatures and attestations borrow the config type of an image; only their layers give them away.
const LAYER_TYPE =
  /^application\/vnd\.(docker\.image\.rootfs\.(foreign\.)?diff\.tar(\.gzip|\.zstd)?|oci\.image\.layer\.(nondistributable\.)?v1\.tar(\+gzip|\+zstd)?)$/;

/** Bytes: what registries take at most. */
export const MANIFEST_LIMIT = 4 * 1024 * 1024;
/** As many as one BatchGetImage can fetch. */
export const INDEX_LIMIT = 100;

export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
}

export interface IndexEntry extends Descriptor {
  /** Without one, a container runtime looks into the image itself, so the entry concerns every platform. */
  platform?: Platform;
  /**
   * What the index claims the entry to be instead of an image, such as a SOCI index. It is only a claim: leave the entry
   * out when its own manifest has been read as an `artifact`, and not before.
   */
  artifactType?: string;
}

/** A runnable image of one platform. */
export interface ImageManifest {
  kind: 'image';
  digest: string;
  mediaType: string;
  size: number;
  config: Descriptor;
  layers: readonly Descriptor[];
}

/** Images of several platforms. */
export interface ImageIndex {
  kind: 'index';
  digest: string;
  mediaType: string;
  size: number;
  /** Attestations (platform unknown/unknown), which no runtime picks, are left out. */
  entries: readonly IndexEntry[];
}

/** Well-formed, but nothing that a runtime can start: a chart, an SBOM, a SOCI index. */
export interface Artifact {
  kind: 'artifact';
  digest: string;
  mediaType: string;
  size: number;
  why: string;
}

/** What must not be admitted, and a clause that says why. */
export interface RefusedManifest {
  kind: 'refused';
  why: string;
}

export type Manifest = ImageManifest | ImageIndex | Artifact;

/** `sha256:` and 64 lower-case hex digits, the only kind of digest that ECR and ECS use. */
export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/** The digest of a manifest's exact bytes. */
export function digestOf(bytes: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * Reads a manifest as ECR's BatchGetImage gives it, and believes nothing of it before its bytes have hashed to the
 * digest. What different programs could read differently (an image that is also an index, keys that differ in case
 * only) is refused.
 *
 * @param expected the digest that was asked for (or, for a tag, that ECR answered), and what else is known of it:
 *   ECR's `imageManifestMediaType`, the size in the descriptor that led here, in bytes
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
 */
export function readManifest(
  text: string,
  expected: { digest: string; mediaType?: string | undefined; size?: number | undefined },
): Manifest | RefusedManifest {
  const size = Buffer.byteLength(text);
  if (size > MANIFEST_LIMIT) return refused(`the manifest has ${size} bytes, over ${MANIFEST_LIMIT}`);
  const digest = digestOf(text);
  if (digest !== expected.digest) {
    return refused(`the manifest's bytes hash to ${digest}, not to ${shown(expected.digest)}`);
  }
  if (expected.size !== undefined && size !== expected.size) {
    return refused(`the manifest has ${size} bytes, not ${expected.size} as its descriptor says`);
  }
  const body = parseJson(text);
  if (!isJsonObject(body)) return refused(`manifest ${digest} is not a JSON object`);
  const alias = aliasIn(body);
  if (alias !== undefined) return refused(`manifest ${digest} has a key ${shown(alias)} in an unusual case`);
  const mediaType = mediaTypeOf(body, expected.mediaType);
  if (typeof mediaType !== 'string') return mediaType;
  if (body.schemaVersion !== 2) return refused(`manifest ${digest} has schemaVersion ${shown(body.schemaVersion)}`);
  if (IMAGE_TYPES.includes(mediaType)) return readImage(body, { digest, mediaType, size });
  if (INDEX_TYPES.includes(mediaType)) return readIndex(body, { digest, mediaType, size });
  return refused(`media type ${shown(mediaType)} is not that of a container image or an index of them`);
}

function mediaTypeOf(body: JsonObject, known: string | undefined): string | RefusedManifest {
  const own = body.mediaType;
  if (own !== undefined && typeof own !== 'string') return refused(`mediaType is ${shown(own)}, not a text`);
  if (own !== undefined && known !== undefined && own !== known) {
    return refused(`the manifest calls itself ${shown(own)}, but was announced as ${shown(known)}`);
  }
  // OCI leaves mediaType optional; without either, what the bytes are would be guesswork.
  return own ?? known ?? refused('the manifest has no media type');
}

function readImage(body: JsonObject, is: Descriptor): ImageManifest | Artifact | RefusedManifest {
  if (body.manifests !== undefined) return refused(`manifest ${is.digest} is an image and an index at once`);
  const config = readDescriptor(body.config);
  if (config === undefined) return refused(`manifest ${is.digest} has no valid config`);
  if (!CONFIG_TYPES.includes(config.mediaType)) {
    return { kind: 'artifact', ...is, why: `its config is ${shown(config.mediaType)}, not that of a container image` };
  }
  const { artifactType } = body;
  if (artifactType !== undefined && !CONFIG_TYPES.includes(String(artifactType))) {
    return refused(`manifest ${is.digest} is an artifact of type ${shown(artifactType)}, not a container image`);
  }
  if (!Array.isArray(body.layers) || body.layers.length === 0) return refused(`manifest ${is.digest} has no layers`);
  const layers = body.layers.map(readDescriptor).filter((layer) => layer !== undefined);
  if (layers.length < body.layers.length) return refused(`manifest ${is.digest} has a malformed layer`);
  const strange = layers.find(({ mediaType }) => !LAYER_TYPE.test(mediaType));
  if (strange !== undefined) {
    return refused(
      `manifest ${is.digest} has a layer of type ${shown(strange.mediaType)}: it is not a container image`,
    );
  }
  return { kind: 'image', ...is, config, layers };
}

function readIndex(body: JsonObject, is: Descriptor): ImageIndex | RefusedManifest {
  if (body.config !== undefined || body.layers !== undefined) {
    return refused(`manifest ${is.digest} is an index and an image at once`);
  }
  if (body.artifactType !== undefined) {
    return refused(`index ${is.digest} is an artifact of type ${shown(body.artifactType)}, not a container image`);
  }
  if (!Array.isArray(body.manifests)) return refused(`index ${is.digest} has no list of manifests`);
  const entries = new Map<string, IndexEntry>();
  for (const [at, value] of body.manifests.entries()) {
    const entry = readEntry(value);
    if (typeof entry === 'string') return refused(`manifests[${at}] of index ${is.digest} ${entry}`);
    if (isAttestation(entry)) continue;
    // The same image for two platforms must be judged for both.
    entries.set(`${entry.digest} ${platformName(entry.platform)}`, entry);
  }
  if (entries.size === 0) return refused(`index ${is.digest} lists no image`);
  if (entries.size > INDEX_LIMIT)
    return refused(`index ${is.digest} lists ${entries.size} images, over ${INDEX_LIMIT}`);
  return { kind: 'index', ...is, entries: [...entries.values()] };
}

function readEntry(value: unknown): IndexEntry | string {
  const descriptor = readDescriptor(value);
  if (descriptor === undefined || !isJsonObject(value)) return 'is malformed';
  if (!IMAGE_TYPES.includes(descriptor.mediaType)) return `is ${shown(descriptor.mediaType)}, not an image manifest`;
  const { artifactType } = value;
  if (artifactType !== undefined && typeof artifactType !== 'string') return 'has a malformed artifactType';
  const claims = artifactType === undefined || CONFIG_TYPES.includes(artifactType) ? {} : { artifactType };
  if (value.platform === undefined || value.platform === null) return { ...descriptor, ...claims };
  const platform = readPlatform(value.platform);
  return platform === undefined ? 'has a malformed platform' : { ...descriptor, ...claims, platform };
}

function readDescriptor(value: unknown): Descriptor | undefined {
  if (!isJsonObject(value) || aliasIn(value) !== undefined) return undefined;
  const { mediaType, digest, size } = value;
  if (typeof mediaType !== 'string' || typeof digest !== 'string' || typeof size !== 'number') return undefined;
  return isDigest(digest) && Number.isSafeInteger(size) && size >= 0 ? { mediaType, digest, size } : undefined;
}

// Runtimes read these spellings as the same machine; an entry must not slip through by an unusual one.
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', 'x86-64': 'amd64', aarch64: 'arm64' };

function readPlatform(value: unknown): Platform | undefined {
  if (!isJsonObject(value) || aliasIn(value) !== undefined) return undefined;
  const { os, architecture, variant } = value;
  if (typeof os !== 'string' || typeof architecture !== 'string') return undefined;
  if (variant !== undefined && typeof variant !== 'string') return undefined;
  const named = architecture.toLowerCase();
  const known = Object.hasOwn(ARCHITECTURES, named) ? ARCHITECTURES[named] : undefined;
  const shortVariant = variant === undefined || variant === '' ? {} : { variant: oneLine(variant.toLowerCase(), 40) };
  return { os: oneLine(os.toLowerCase(), 40), architecture: known ?? oneLine(named, 40), ...shortVariant };
}

function isAttestation({ platform }: IndexEntry): boolean {
  return platform?.os === 'unknown' && platform.architecture === 'unknown';
}

/** `linux/arm64/v8`, or `any platform`. */
export function platformName(platform: Partial<Platform> | undefined): string {
  const parts = [platform?.os, platform?.architecture, platform?.variant].filter((part) => part !== undefined);
  return parts.length === 0 ? 'any platform' : parts.join('/');
}

/**
 * The platform that a task definition asks for, as far as it says so; what it leaves open stays open.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
 */
export function wantedPlatform(
  runtime: { cpuArchitecture?: string | undefined; operatingSystemFamily?: string | undefined } | undefined,
): Partial<Platform> {
  const cpu = runtime?.cpuArchitecture;
  const architecture = cpu === 'X86_64' ? 'amd64' : cpu === 'ARM64' ? 'arm64' : undefined;
  const family = runtime?.operatingSystemFamily;
  const os = family === 'LINUX' ? 'linux' : family?.startsWith('WINDOWS_SERVER_') ? 'windows' : undefined;
  return { ...(os !== undefined && { os }), ...(architecture !== undefined && { architecture }) };
}

/**
 * The images of an index that could be started on the platform, all variants of it, each of which must pass; all of
 * the index where the platform is open. None at all is a refusal: a runtime then falls back to whatever runs.
 */
export function pickPlatforms(
  index: ImageIndex,
  wanted: Partial<Platform>,
): { kind: 'picked'; entries: readonly IndexEntry[] } | RefusedManifest {
  const entries = index.entries.filter(
    ({ platform }) =>
      platform === undefined ||
      ((wanted.os ?? platform.os) === platform.os &&
        (wanted.architecture ?? platform.architecture) === platform.architecture),
  );
  if (entries.length > 0) return { kind: 'picked', entries };
  const has = index.entries.map(({ platform }) => platformName(platform)).join(', ');
  return refused(`index ${index.digest} has no image for ${platformName(wanted)}, only for ${oneLine(has, 300)}`);
}

/** The entry of an index with this digest: only what the hashed bytes of the index name belongs to it. */
export function entryOf(index: ImageIndex, digest: string): IndexEntry | RefusedManifest {
  const entry = index.entries.find((candidate) => candidate.digest === digest);
  return entry ?? refused(`${shown(digest)} is not among the images of index ${index.digest}`);
}

const KEYS: ReadonlyMap<string, string> = new Map(
  [
    'schemaVersion',
    'mediaType',
    'artifactType',
    'config',
    'layers',
    'manifests',
    'digest',
    'size',
    'platform',
    'os',
    'architecture',
    'variant',
  ].map((key) => [folded(key), key]),
);

/** Container runtimes match JSON keys without regard to case, this code does not: such keys could hide another image. */
function aliasIn(object: JsonObject): string | undefined {
  return Object.keys(object).find((key) => (KEYS.get(folded(key)) ?? key) !== key);
}

function folded(key: string): string {
  return key.toUpperCase(); // also folds the long s, as container runtimes do
}

function shown(value: unknown): string {
  return oneLine(typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)), 120);
}

function refused(why: string): RefusedManifest {
  return { kind: 'refused', why };
}

import { type Descriptor, digestOf } from './manifest.ts';
import { FORMATS, type ImageFormat, IN_TOTO, OCI_CONFIG, OCI_EMPTY, OCI_MANIFEST } from './media-types.ts';
import { gzipStored, tarOf } from './tar.ts';

/** A manifest and the blobs that it names, ready to be stored. */
export interface BuiltManifest {
  mediaType: string;
  text: string;
  descriptor: Descriptor;
  blobs: readonly Uint8Array[];
}

export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
}

export interface ArtifactContent {
  mediaType: string;
  data: string | Uint8Array;
  annotations?: Readonly<Record<string, string>>;
}

/** @param text such as `linux/amd64` or `linux/arm/v7` */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...rest] = text.split('/');
  if (!os || !architecture || rest.length > 0) throw new Error(`not a platform: ${text} (wanted: linux/amd64)`);
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

/**
 * A runnable image with one layer that holds `createdFrom` as a file. Reproducible, as builds with SOURCE_DATE_EPOCH=0
 * are: the same text, platform and format give the same digests on every machine and at any time.
 */
export function buildImage(createdFrom: string, platform: Platform, format: ImageFormat): BuiltManifest {
  const types = FORMATS[format];
  const tar = tarOf('app/content.txt', createdFrom);
  const layer = gzipStored(tar);
  const config = jsonBytes({
    created: '1970-01-01T00:00:00Z',
    ...platform,
    config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], Entrypoint: ['/app/run'] },
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'COPY app /app # buildkit' }],
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: describe(types.config, config),
    layers: [describe(types.layer, layer)],
  };
  return built(types.manifest, manifest, [config, layer]);
}

/** @param manifests in the order in which the index lists them */
export function buildIndex(manifests: readonly Descriptor[], format: ImageFormat): BuiltManifest {
  const { index } = FORMATS[format];
  return built(index, { schemaVersion: 2, mediaType: index, manifests }, []);
}

/** What BuildKit puts into an index beside each platform: a provenance statement under the platform unknown/unknown. */
export function buildAttestation(image: Descriptor): BuiltManifest {
  const statement = jsonBytes({
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType: 'https://slsa.dev/provenance/v0.2',
    subject: [{ name: 'image', digest: { sha256: image.digest.replace('sha256:', '') } }],
    predicate: { buildType: 'https://mobyproject.org/buildkit@v1' },
  });
  const config = jsonBytes({
    architecture: 'unknown',
    os: 'unknown',
    config: {},
    rootfs: { type: 'layers', diff_ids: [digestOf(statement)] },
  });
  const layers = [
    {
      ...describe(IN_TOTO, statement),
      annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v0.2' },
    },
  ];
  const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: describe(OCI_CONFIG, config), layers };
  const { descriptor, ...rest } = built(OCI_MANIFEST, manifest, [config, statement]);
  return {
    ...rest,
    descriptor: {
      ...descriptor,
      annotations: {
        'vnd.docker.reference.digest': image.digest,
        'vnd.docker.reference.type': 'attestation-manifest',
      },
      platform: { architecture: 'unknown', os: 'unknown' },
    },
  };
}

export interface ArtifactDefinition {
  artifactType: string;
  /** What it refers to; undefined for an artifact that stands alone. */
  subject?: Descriptor | undefined;
  content: readonly ArtifactContent[];
  annotations?: Readonly<Record<string, string>> | undefined;
}

/** OCI image specification, "Guidelines for Artifact Usage": an empty config, the type in `artifactType`. */
export function buildArtifact({ artifactType, subject, content, annotations }: ArtifactDefinition): BuiltManifest {
  const empty = Buffer.from('{}');
  const datas = content.map(({ data }) => (typeof data === 'string' ? Buffer.from(data) : data));
  const layers = content.map(({ mediaType, annotations: own }, index) => ({
    ...describe(mediaType, datas[index] ?? empty),
    ...(own === undefined ? {} : { annotations: own }),
  }));
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType,
    config: describe(OCI_EMPTY, empty),
    layers: layers.length > 0 ? layers : [describe(OCI_EMPTY, empty)],
    subject,
    annotations,
  };
  return built(OCI_MANIFEST, manifest, [empty, ...datas]);
}

function built(mediaType: string, manifest: object, blobs: readonly Uint8Array[]): BuiltManifest {
  const text = JSON.stringify(manifest, null, 2);
  return { mediaType, text, descriptor: describe(mediaType, Buffer.from(text)), blobs };
}

function describe(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

function jsonBytes(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

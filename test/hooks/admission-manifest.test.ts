import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  digestOf,
  entryOf,
  type ImageIndex,
  INDEX_LIMIT,
  isDigest,
  MANIFEST_LIMIT,
  pickPlatforms,
  platformName,
  readManifest,
  wantedPlatform,
} from '../../hooks/admission/manifest.ts';

const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_IMAGE = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json';
const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

function descriptor(mediaType: string, letter: string, more: object = {}) {
  return { mediaType, digest: digest(letter), size: 7023, ...more };
}

const image = {
  schemaVersion: 2,
  mediaType: OCI_IMAGE,
  config: descriptor(OCI_CONFIG, 'c'),
  layers: [descriptor(OCI_LAYER, 'd')],
};
const amd64 = descriptor(OCI_IMAGE, 'a', { platform: { os: 'linux', architecture: 'amd64' } });
const arm64 = descriptor(OCI_IMAGE, 'b', { platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } });
const attestation = descriptor(OCI_IMAGE, 'e', { platform: { os: 'unknown', architecture: 'unknown' } });
const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [amd64, arm64, attestation] };

/** Reads a manifest whose bytes are what was asked for, so that only what they say can be at fault. */
function read(body: unknown, mediaType?: string) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return readManifest(text, { digest: digestOf(text), mediaType });
}

function why(body: unknown, mediaType?: string): string {
  const manifest = read(body, mediaType);
  return manifest.kind === 'refused' ? manifest.why.replaceAll(/sha256:[0-9a-f]{64}/g, '<digest>') : manifest.kind;
}

function readIndex(manifests: unknown[]): ImageIndex {
  const manifest = read({ ...index, manifests });
  if (manifest.kind !== 'index') throw new Error(JSON.stringify(manifest));
  return manifest;
}

describe('digests', () => {
  it('are of the exact bytes', () => {
    // The empty object's digest is in the OCI image specification.
    expect(digestOf('{}')).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
    expect(digestOf(Buffer.from('{}'))).toBe(digestOf('{}'));
    expect(digestOf('{ }')).not.toBe(digestOf('{}'));
  });

  it.each([
    [digest('a'), true],
    [digest('A'), false],
    [`sha256:${'a'.repeat(63)}`, false],
    [`sha256:${'a'.repeat(65)}`, false],
    [`sha512:${'a'.repeat(64)}`, false],
    [`${digest('a')}\n`, false],
    [` ${digest('a')}`, false],
    ['a'.repeat(64), false],
    ['', false],
  ])('%j is one: %s', (text, expected) => {
    expect(isDigest(text)).toBe(expected);
  });
});

describe('readManifest', () => {
  it.each([
    [OCI_IMAGE, OCI_CONFIG, OCI_LAYER],
    [OCI_IMAGE, OCI_CONFIG, 'application/vnd.oci.image.layer.v1.tar'],
    [OCI_IMAGE, OCI_CONFIG, 'application/vnd.oci.image.layer.v1.tar+zstd'],
    [OCI_IMAGE, OCI_CONFIG, 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'],
    [
      DOCKER_IMAGE,
      'application/vnd.docker.container.image.v1+json',
      'application/vnd.docker.image.rootfs.diff.tar.gzip',
    ],
    [
      DOCKER_IMAGE,
      'application/vnd.docker.container.image.v1+json',
      'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    ],
  ])('reads an image: %s, %s, %s', (mediaType, config, layer) => {
    const body = { ...image, mediaType, config: descriptor(config, 'c'), layers: [descriptor(layer, 'd')] };
    const text = JSON.stringify(body, undefined, 3);
    expect(read(text, mediaType)).toEqual({
      kind: 'image',
      digest: digestOf(text),
      mediaType,
      size: text.length,
      config: descriptor(config, 'c'),
      layers: [descriptor(layer, 'd')],
    });
  });

  it.each([OCI_INDEX, DOCKER_INDEX])('reads an index, attestations left out: %s', (mediaType) => {
    const text = JSON.stringify({ ...index, mediaType });
    expect(read(text, mediaType)).toEqual({
      kind: 'index',
      digest: digestOf(text),
      mediaType,
      size: text.length,
      entries: [amd64, arm64],
    });
  });

  it('takes the media type from ECR where an OCI manifest has none', () => {
    const { mediaType: _, ...body } = image;
    expect(read(body, OCI_IMAGE).kind).toBe('image');
    expect(why(body)).toBe('the manifest has no media type');
  });

  it('reads a layer of no bytes', () => {
    const layers = [descriptor(OCI_LAYER, 'd', { size: 0 })];
    expect(read({ ...image, layers })).toMatchObject({ kind: 'image', layers });
  });

  it('refuses bytes that are not those of the digest', () => {
    const text = JSON.stringify(image);
    const forged = `${text} `;
    expect(readManifest(forged, { digest: digestOf(text), mediaType: OCI_IMAGE })).toEqual({
      kind: 'refused',
      why: `the manifest's bytes hash to ${digestOf(forged)}, not to ${digestOf(text)}`,
    });
  });

  it('compares the size with that of the descriptor that led to it', () => {
    const text = JSON.stringify({ ...image, annotations: { author: 'Jürgen' } });
    const size = Buffer.byteLength(text);
    const sized = (bytes: number) => readManifest(text, { digest: digestOf(text), size: bytes });
    expect(sized(size).kind).toBe('image');
    expect(sized(size - 1)).toEqual({
      kind: 'refused',
      why: `the manifest has ${size} bytes, not ${size - 1} as its descriptor says`,
    });
  });

  it('has a limit in bytes', () => {
    const text = JSON.stringify(image);
    const padded = text + ' '.repeat(MANIFEST_LIMIT - text.length);
    expect(read(padded).kind).toBe('image');
    expect(why(`${padded} `)).toBe('the manifest has 4194305 bytes, over 4194304');
  });

  it.each<[string, unknown, string]>([
    ['JSON cut short', JSON.stringify(image).slice(0, -1), 'manifest <digest> is not a JSON object'],
    ['nothing', '', 'manifest <digest> is not a JSON object'],
    ['a list', [image], 'manifest <digest> is not a JSON object'],
    ['null', 'null', 'manifest <digest> is not a JSON object'],
    ['a byte order mark', `\uFEFF${JSON.stringify(image)}`, 'manifest <digest> is not a JSON object'],
    ['schema version 1', { ...image, schemaVersion: 1 }, 'manifest <digest> has schemaVersion 1'],
    ['a schema version in text', { ...image, schemaVersion: '2' }, 'manifest <digest> has schemaVersion 2'],
    ['a media type that is no text', { ...image, mediaType: 2 }, 'mediaType is 2, not a text'],
    [
      'an old Docker manifest',
      { ...image, mediaType: 'application/vnd.docker.distribution.manifest.v1+prettyjws' },
      'media type application/vnd.docker.distribution.manifest.v1+prettyjws is not that of a container image or an index of them',
    ],
    [
      'an image that is an index too',
      { ...image, manifests: [amd64] },
      'manifest <digest> is an image and an index at once',
    ],
    ['an index with layers', { ...index, layers: [] }, 'manifest <digest> is an index and an image at once'],
    [
      'an index with a config',
      { ...index, config: image.config },
      'manifest <digest> is an index and an image at once',
    ],
    ['a key in another case', { ...image, Layers: [] }, 'manifest <digest> has a key Layers in an unusual case'],
    [
      'a key with a long s',
      { ...image, manife\u017Fts: [] },
      'manifest <digest> has a key manife\u017Fts in an unusual case',
    ],
    ['no config', { ...image, config: undefined }, 'manifest <digest> has no valid config'],
    [
      'a config without a digest',
      { ...image, config: { mediaType: OCI_CONFIG, size: 1 } },
      'manifest <digest> has no valid config',
    ],
    [
      'a config with a malformed digest',
      { ...image, config: descriptor(OCI_CONFIG, 'C') },
      'manifest <digest> has no valid config',
    ],
    [
      'a config whose size is a text',
      { ...image, config: descriptor(OCI_CONFIG, 'c', { size: '7023' }) },
      'manifest <digest> has no valid config',
    ],
    [
      'a config whose digest is a number',
      { ...image, config: descriptor(OCI_CONFIG, 'c', { digest: 1 }) },
      'manifest <digest> has no valid config',
    ],
    // What is no text may read like one: a list of one digest does.
    [
      'a config whose digest is a list',
      { ...image, config: descriptor(OCI_CONFIG, 'c', { digest: [digest('c')] }) },
      'manifest <digest> has no valid config',
    ],
    [
      'a config whose media type is a number',
      { ...image, config: descriptor(OCI_CONFIG, 'c', { mediaType: 1 }) },
      'manifest <digest> has no valid config',
    ],
    [
      'a config of negative size',
      { ...image, config: descriptor(OCI_CONFIG, 'c', { size: -1 }) },
      'manifest <digest> has no valid config',
    ],
    [
      'a config of half a byte',
      { ...image, config: descriptor(OCI_CONFIG, 'c', { size: 0.5 }) },
      'manifest <digest> has no valid config',
    ],
    ['no layers', { ...image, layers: [] }, 'manifest <digest> has no layers'],
    ['layers that are no list', { ...image, layers: {} }, 'manifest <digest> has no layers'],
    ['a malformed layer', { ...image, layers: [...image.layers, null] }, 'manifest <digest> has a malformed layer'],
    [
      'a signature that borrows the config of an image',
      { ...image, layers: [descriptor('application/vnd.dev.cosign.simplesigning.v1+json', 'd')] },
      'manifest <digest> has a layer of type application/vnd.dev.cosign.simplesigning.v1+json: it is not a container image',
    ],
    [
      'an attestation that borrows the config of an image',
      { ...image, layers: [...image.layers, descriptor('application/vnd.in-toto+json', 'd')] },
      'manifest <digest> has a layer of type application/vnd.in-toto+json: it is not a container image',
    ],
    [
      'an artifact with the config of an image',
      { ...image, artifactType: 'application/vnd.example.sbom' },
      'manifest <digest> is an artifact of type application/vnd.example.sbom, not a container image',
    ],
    [
      'an index of artifacts',
      { ...index, artifactType: 'application/vnd.example.sbom' },
      'index <digest> is an artifact of type application/vnd.example.sbom, not a container image',
    ],
    ['an index without a list', { ...index, manifests: undefined }, 'index <digest> has no list of manifests'],
    ['an empty index', { ...index, manifests: [] }, 'index <digest> lists no image'],
    ['an index of attestations only', { ...index, manifests: [attestation] }, 'index <digest> lists no image'],
    ['a malformed entry', { ...index, manifests: [amd64, 'x'] }, 'manifests[1] of index <digest> is malformed'],
    [
      'an entry with a key in another case',
      { ...index, manifests: [{ ...amd64, Digest: digest('f') }] },
      'manifests[0] of index <digest> is malformed',
    ],
    [
      'an index within an index',
      { ...index, manifests: [descriptor(OCI_INDEX, 'a')] },
      `manifests[0] of index <digest> is ${OCI_INDEX}, not an image manifest`,
    ],
    [
      'an artifact type that is no text',
      { ...index, manifests: [{ ...amd64, artifactType: {} }] },
      'manifests[0] of index <digest> has a malformed artifactType',
    ],
    [
      'a platform without an architecture',
      { ...index, manifests: [{ ...amd64, platform: { os: 'linux' } }] },
      'manifests[0] of index <digest> has a malformed platform',
    ],
    [
      'a platform without a system',
      { ...index, manifests: [{ ...amd64, platform: { architecture: 'amd64' } }] },
      'manifests[0] of index <digest> has a malformed platform',
    ],
    [
      'a platform in another case',
      { ...index, manifests: [{ ...amd64, platform: { OS: 'linux', os: 'unknown', architecture: 'unknown' } }] },
      'manifests[0] of index <digest> has a malformed platform',
    ],
    [
      'a variant that is no text',
      { ...index, manifests: [{ ...amd64, platform: { ...arm64, os: 'linux', architecture: 'arm64', variant: 8 } }] },
      'manifests[0] of index <digest> has a malformed platform',
    ],
  ])('refuses %s', (_, body, expected) => {
    expect(why(body)).toBe(expected);
  });

  it('refuses a manifest that calls itself something else than ECR does', () => {
    expect(why(image, OCI_INDEX)).toBe(`the manifest calls itself ${OCI_IMAGE}, but was announced as ${OCI_INDEX}`);
  });

  it.each([
    ['a Helm chart', 'application/vnd.cncf.helm.config.v1+json'],
    ['a SOCI index', 'application/vnd.amazon.soci.index.v2+json'],
    ['an empty config', 'application/vnd.oci.empty.v1+json'],
  ])('tells %s from what can run', (_, mediaType) => {
    expect(read({ ...image, artifactType: mediaType, config: descriptor(mediaType, 'c') })).toMatchObject({
      kind: 'artifact',
      why: `its config is ${mediaType}, not that of a container image`,
    });
  });

  it('never takes anything for an image by chance, and never throws', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(OCI_IMAGE, OCI_INDEX, DOCKER_IMAGE, undefined), (text, mediaType) => {
        expect(readManifest(text, { digest: digestOf(text), mediaType }).kind).toBe('refused');
      }),
    );
  });
});

describe('the images of an index', () => {
  it('has a limit', () => {
    const many = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ ...amd64, digest: `sha256:${i.toString(16).padStart(64, '0')}` }));
    expect(readIndex(many(INDEX_LIMIT)).entries).toHaveLength(100);
    expect(why({ ...index, manifests: many(INDEX_LIMIT + 1) })).toBe('index <digest> lists 101 images, over 100');
  });

  it('keeps what claims to be no image, since anything can claim that', () => {
    const artifactType = 'application/vnd.amazon.soci.index.v2+json';
    const soci = { ...amd64, digest: digest('f'), artifactType };
    expect(readIndex([amd64, soci, { ...arm64, artifactType: OCI_CONFIG }]).entries).toEqual([amd64, soci, arm64]);
    expect(pickPlatforms(readIndex([amd64, soci]), { architecture: 'amd64' })).toMatchObject({
      entries: [amd64, soci],
    });
  });

  it('keeps an image that two platforms share, once each', () => {
    const shared = { ...arm64, digest: amd64.digest };
    expect(readIndex([amd64, shared, amd64]).entries).toEqual([amd64, shared]);
  });

  it('keeps an image whose platform is unknown by half: only an attestation is so altogether', () => {
    const half = (os: string, architecture: string) => ({ ...amd64, platform: { os, architecture } });
    const halves = [half('unknown', 'amd64'), half('linux', 'unknown')];
    expect(readIndex([...halves, attestation]).entries).toEqual(halves);
  });

  it('reads a platform that is null as none, and a variant that is empty as none', () => {
    const bare = descriptor(OCI_IMAGE, 'a');
    const platform = { os: 'linux', architecture: 'amd64' };
    const given = [
      { ...bare, platform: null },
      { ...bare, platform: { ...platform, variant: '' } },
    ];
    expect(readIndex(given).entries).toEqual([bare, { ...bare, platform }]);
  });

  it.each([
    ['x86_64', 'amd64'],
    ['x86-64', 'amd64'],
    ['AMD64', 'amd64'],
    ['aarch64', 'arm64'],
    ['constructor', 'constructor'],
  ])('reads architecture %s as %s', (architecture, expected) => {
    const [entry] = readIndex([{ ...amd64, platform: { os: 'Linux', architecture, variant: 'V8' } }]).entries;
    expect(entry?.platform).toEqual({ os: 'linux', architecture: expected, variant: 'v8' });
  });

  it.each<[string, Parameters<typeof wantedPlatform>[0], ReturnType<typeof wantedPlatform>]>([
    ['says all', { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' }, { os: 'linux', architecture: 'arm64' }],
    [
      'is Windows',
      { cpuArchitecture: 'X86_64', operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' },
      { os: 'windows', architecture: 'amd64' },
    ],
    ['says the processor only', { cpuArchitecture: 'X86_64' }, { architecture: 'amd64' }],
    ['says the system only', { operatingSystemFamily: 'LINUX' }, { os: 'linux' }],
    ['says nothing', undefined, {}],
    ['says something new', { cpuArchitecture: 'RISCV64', operatingSystemFamily: 'PLAN9' }, {}],
  ])('a task definition that %s', (_, runtime, expected) => {
    expect(wantedPlatform(runtime)).toEqual(expected);
  });

  const anywhere = descriptor(OCI_IMAGE, 'f');
  const arm64v9 = descriptor(OCI_IMAGE, '9', { platform: { os: 'linux', architecture: 'arm64', variant: 'v9' } });
  const windows = descriptor(OCI_IMAGE, '8', { platform: { os: 'windows', architecture: 'amd64' } });

  it.each([
    ['the one platform', { os: 'linux', architecture: 'amd64' }, [amd64, anywhere]],
    ['all variants of it', { os: 'linux', architecture: 'arm64' }, [arm64, arm64v9, anywhere]],
    ['all systems of a processor', { architecture: 'amd64' }, [amd64, windows, anywhere]],
    ['all processors of a system', { os: 'linux' }, [amd64, arm64, arm64v9, anywhere]],
    ['all where nothing is known', {}, [amd64, arm64, arm64v9, windows, anywhere]],
  ])('picks %s, and what names no platform', (_, wanted, entries) => {
    expect(pickPlatforms(readIndex([amd64, arm64, arm64v9, windows, anywhere, attestation]), wanted)).toEqual({
      kind: 'picked',
      entries,
    });
  });

  it('refuses an index without the platform', () => {
    const made = readIndex([amd64, windows]);
    expect(pickPlatforms(made, { os: 'linux', architecture: 'arm64' })).toEqual({
      kind: 'refused',
      why: `index ${made.digest} has no image for linux/arm64, only for linux/amd64, windows/amd64`,
    });
  });

  it('finds what belongs to it, and nothing else', () => {
    const made = readIndex([amd64, arm64, attestation]);
    expect(entryOf(made, digest('b'))).toEqual(arm64);
    for (const other of [digest('e'), digest('f'), made.digest]) {
      expect(entryOf(made, other)).toEqual({
        kind: 'refused',
        why: `${other} is not among the images of index ${made.digest}`,
      });
    }
  });

  it('names platforms', () => {
    expect(platformName({ os: 'linux', architecture: 'arm64', variant: 'v8' })).toBe('linux/arm64/v8');
    expect(platformName({ architecture: 'amd64' })).toBe('amd64');
    expect(platformName(undefined)).toBe('any platform');
  });
});

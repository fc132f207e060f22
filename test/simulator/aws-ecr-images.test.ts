import {
  BatchGetImageCommand,
  type BatchGetImageCommandOutput,
  DescribeImagesCommand,
  ECRClient,
  type ImageFailureCode,
  type ImageIdentifier,
  paginateDescribeImages,
} from '@aws-sdk/client-ecr';
import { describe, expect, it } from 'vitest';
import {
  ALL_TYPES,
  DOCKER_LIST,
  DOCKER_MANIFEST,
  type EcrFixture,
  NO_DIGEST,
  OCI_INDEX,
  OCI_MANIFEST,
  sha256,
  startEcr,
} from './aws-ecr-kit.ts';
import { START } from './aws-fixture.ts';

const REPOSITORY = 'team/app';

function get({ ecr }: EcrFixture, imageIds: ImageIdentifier[], acceptedMediaTypes: string[] | undefined = ALL_TYPES) {
  return ecr.send(new BatchGetImageCommand({ repositoryName: REPOSITORY, imageIds, acceptedMediaTypes }));
}

function only({ images = [], failures = [] }: BatchGetImageCommandOutput) {
  expect(failures).toEqual([]);
  expect(images).toHaveLength(1);
  return images[0] ?? {};
}

describe('BatchGetImage', () => {
  it('gives manifests whose bytes hash to their digest, in the order asked for, by tag and by digest', async () => {
    const fixture = await startEcr();
    const one = fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one' });
    const two = fixture.registry.push({ repository: REPOSITORY, tag: 'v2', createdFrom: 'two', format: 'docker' });
    const { images = [], failures } = await get(fixture, [{ imageTag: 'v2' }, { imageDigest: one.digest }]);
    expect(failures).toEqual([]);
    expect(images.map(({ imageId }) => imageId)).toEqual([
      { imageDigest: two.digest, imageTag: 'v2' },
      { imageDigest: one.digest },
    ]);
    expect(images.map(({ imageManifest }) => sha256(imageManifest ?? ''))).toEqual([two.digest, one.digest]);
    expect(images.map(({ imageManifestMediaType }) => imageManifestMediaType)).toEqual([DOCKER_MANIFEST, OCI_MANIFEST]);
    expect(images[0]).toMatchObject({ registryId: '123456789012', repositoryName: REPOSITORY });
  });

  it.each([
    ['oci', OCI_INDEX, OCI_MANIFEST],
    ['docker', DOCKER_LIST, DOCKER_MANIFEST],
  ] as const)(
    'gives an %s index that lists the manifest of each platform by its true digest',
    async (format, index, manifest) => {
      const fixture = await startEcr();
      const platforms = ['linux/amd64', 'linux/arm64/v8'];
      const pushed = fixture.registry.push({
        repository: REPOSITORY,
        tag: 'v1',
        createdFrom: 'one',
        platforms,
        format,
        attestations: true,
      });
      const image = only(await get(fixture, [{ imageTag: 'v1' }]));
      expect(image.imageManifestMediaType).toBe(index);
      expect(sha256(image.imageManifest ?? '')).toBe(pushed.digest);
      const { manifests } = JSON.parse(image.imageManifest ?? '');
      expect(manifests.map(({ platform }: { platform: object }) => platform)).toEqual([
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm64', variant: 'v8' },
        { os: 'unknown', architecture: 'unknown' },
        { os: 'unknown', architecture: 'unknown' },
      ]);
      const digests: string[] = manifests.map(({ digest }: { digest: string }) => digest);
      expect(digests.slice(0, 2)).toEqual(platforms.map((platform) => pushed.platforms[platform]));
      const listed = await get(
        fixture,
        digests.map((imageDigest) => ({ imageDigest })),
      );
      expect(listed.images?.map(({ imageManifest }) => sha256(imageManifest ?? ''))).toEqual(digests);
      expect(listed.images?.map((one) => Buffer.byteLength(one.imageManifest ?? ''))).toEqual(
        manifests.map(({ size }: { size: number }) => size),
      );
      expect(listed.images?.[0]?.imageManifestMediaType).toBe(manifest);
      expect(manifests[2].annotations['vnd.docker.reference.digest']).toBe(digests[0]);
    },
  );

  it.each<[string, ImageIdentifier, ImageFailureCode, string]>([
    ['an unknown tag', { imageTag: 'nope' }, 'ImageNotFound', 'Requested image not found'],
    ['an unknown digest', { imageDigest: NO_DIGEST }, 'ImageNotFound', 'Requested image not found'],
    ['nothing', {}, 'MissingDigestAndTag', 'Invalid request parameters: both tag and digest cannot be null'],
    [
      'a malformed digest',
      { imageDigest: 'sha256' },
      'InvalidImageDigest',
      "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
    ],
    [
      'a malformed tag',
      { imageTag: 'a/b' },
      'InvalidImageTag',
      "Invalid request parameters: image tag should satisfy the regex '[a-zA-Z0-9-_.]+'",
    ],
  ])('tells of %s in failures, and gives the others', async (_name, id, failureCode, failureReason) => {
    const fixture = await startEcr();
    const { digest } = fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one' });
    const answer = await get(fixture, [id, { imageTag: 'v1' }]);
    expect(answer.failures).toEqual([{ imageId: id, failureCode, failureReason }]);
    expect(answer.images?.map(({ imageId }) => imageId?.imageDigest)).toEqual([digest]);
  });

  it('does not take a tag for a digest that it is not on', async () => {
    const fixture = await startEcr();
    const one = fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one' });
    fixture.registry.push({ repository: REPOSITORY, tag: 'v2', createdFrom: 'two' });
    const id = { imageDigest: one.digest, imageTag: 'v2' };
    const { images, failures } = await get(fixture, [id, { imageDigest: one.digest, imageTag: 'v1' }]);
    expect(failures).toMatchObject([{ imageId: id, failureCode: 'ImageTagDoesNotMatchDigest' }]);
    expect(images).toMatchObject([{ imageId: { imageDigest: one.digest, imageTag: 'v1' } }]);
  });

  it.each<ImageFailureCode>([
    'ImageInaccessible',
    'ImageReferencedByManifestList',
    'KmsError',
    'UpstreamAccessDenied',
    'UpstreamTooManyRequests',
    'UpstreamUnavailable',
  ])('answers %s when told to, for the tag and for the digest', async (code) => {
    const fixture = await startEcr();
    const { digest } = fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one' });
    fixture.registry.failImage(REPOSITORY, digest, code, 'because');
    const { failures, images } = await get(fixture, [{ imageTag: 'v1' }, { imageDigest: digest }]);
    expect(images).toEqual([]);
    expect(failures?.map(({ failureCode, failureReason }) => [failureCode, failureReason])).toEqual([
      [code, 'because'],
      [code, 'because'],
    ]);
    fixture.registry.failImage(REPOSITORY, digest, undefined);
    only(await get(fixture, [{ imageTag: 'v1' }]));
  });

  it('fails as a whole when the repository is not there, or an upstream cannot be reached', async () => {
    const fixture = await startEcr();
    await expect(get(fixture, [{ imageTag: 'v1' }])).rejects.toMatchObject({
      name: 'RepositoryNotFoundException',
      message: "The repository with name 'team/app' does not exist in the registry with id '123456789012'",
    });
    fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one' });
    fixture.registry.setUpstreamFailure(REPOSITORY, 'the secret is gone');
    only(await get(fixture, [{ imageTag: 'v1' }]));
    await expect(get(fixture, [{ imageTag: 'v2' }])).rejects.toMatchObject({
      name: 'UnableToGetUpstreamImageException',
      message: 'the secret is gone',
    });
  });

  it.each([
    [
      0,
      "Invalid parameter at 'imageIds' failed to satisfy constraint: 'Member must have length greater than or equal to 1'",
    ],
    [
      101,
      "Invalid parameter at 'imageIds' failed to satisfy constraint: 'Member must have length less than or equal to 100'",
    ],
  ])('refuses %i images at once', async (count, message) => {
    const fixture = await startEcr();
    fixture.registry.createRepository(REPOSITORY);
    const ids = Array.from({ length: count }, (_, index) => ({ imageTag: `v${index}` }));
    await expect(get(fixture, ids)).rejects.toMatchObject({ name: 'InvalidParameterException', message });
  });

  it('serves tampered bytes under the old digest', async () => {
    const fixture = await startEcr();
    const { digest } = fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one' });
    fixture.registry.tamperManifest(REPOSITORY, digest, '{"schemaVersion":2}');
    const image = only(await get(fixture, [{ imageTag: 'v1' }]));
    expect(image).toMatchObject({ imageId: { imageDigest: digest }, imageManifest: '{"schemaVersion":2}' });
  });

  it('reads the registry named in the request, in the Region that the request was signed for', async () => {
    const fixture = await startEcr();
    const other = { registryId: '210987654321', region: 'us-east-1' };
    const here = fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'here' });
    const there = fixture.registry.push({ ...other, repository: REPOSITORY, tag: 'v1', createdFrom: 'there' });
    const read = async (region: string, registryId: string | undefined, credentials = fixture.config.credentials) => {
      const ecr = new ECRClient({ ...fixture.config, region, credentials });
      const ask = { registryId, repositoryName: REPOSITORY, imageIds: [{ imageTag: 'v1' }] };
      return only(await ecr.send(new BatchGetImageCommand(ask)));
    };
    expect(await read('eu-west-1', undefined)).toMatchObject({ imageId: { imageDigest: here.digest } });
    expect(await read('us-east-1', other.registryId)).toMatchObject({
      registryId: other.registryId,
      imageId: { imageDigest: there.digest },
    });
    await expect(read('eu-west-1', other.registryId)).rejects.toMatchObject({ name: 'RepositoryNotFoundException' });
    const { credentials } = fixture.configAs('arn:aws:sts::210987654321:assumed-role/Deployer/bo');
    expect(await read('us-east-1', undefined, credentials)).toMatchObject({ registryId: other.registryId });
    expect(there.uri).toBe('210987654321.dkr.ecr.us-east-1.amazonaws.com/team/app');
  });
});

describe('media types', () => {
  it('gives nothing by digest that the client does not accept', async () => {
    const fixture = await startEcr();
    const { digest } = fixture.registry.push({ repository: REPOSITORY, createdFrom: 'one' });
    const { failures } = await get(fixture, [{ imageDigest: digest }], [DOCKER_MANIFEST]);
    expect(failures).toMatchObject([{ failureCode: 'ImageNotFound' }]);
  });

  it.each([
    ['oci', DOCKER_MANIFEST, 'application/vnd.docker.container.image.v1+json'],
    ['docker', OCI_MANIFEST, 'application/vnd.oci.image.config.v1+json'],
  ] as const)('translates by tag from %s to %s, which changes the bytes', async (format, accepted, config) => {
    const fixture = await startEcr();
    const { digest } = fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one', format });
    const image = only(await get(fixture, [{ imageTag: 'v1' }], [accepted]));
    expect(image).toMatchObject({ imageManifestMediaType: accepted, imageId: { imageDigest: digest } });
    expect(JSON.parse(image.imageManifest ?? '')).toMatchObject({ mediaType: accepted, config: { mediaType: config } });
    expect(sha256(image.imageManifest ?? '')).not.toBe(digest);
  });

  it('tells the digest of the translated bytes under the other reading', async () => {
    const fixture = await startEcr({ ecr: { translatedDigest: 'translated' } });
    fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one' });
    const image = only(await get(fixture, [{ imageTag: 'v1' }], [DOCKER_MANIFEST]));
    expect(image.imageId?.imageDigest).toBe(sha256(image.imageManifest ?? ''));
  });

  it.each([
    ['failure', OCI_MANIFEST, undefined],
    ['platform-manifest', OCI_MANIFEST, 'linux/amd64'],
    ['platform-manifest', DOCKER_LIST, undefined],
  ] as const)('an index not accepted is a %s for a client of %s', async (indexNotAccepted, accepted, platform) => {
    const fixture = await startEcr({ ecr: { indexNotAccepted } });
    const platforms = ['linux/arm64', 'linux/amd64'];
    const pushed = fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one', platforms });
    const answer = await get(fixture, [{ imageTag: 'v1' }], [accepted]);
    const expected = platform === undefined ? [] : [pushed.platforms[platform]];
    expect(answer.images?.map(({ imageId }) => imageId?.imageDigest)).toEqual(expected);
    expect(answer.failures).toHaveLength(1 - expected.length);
  });

  it.each([
    ['everything', OCI_MANIFEST],
    ['docker-manifest', DOCKER_MANIFEST],
  ] as const)('without accepted types the client accepts %s', async (withoutAcceptedTypes, mediaType) => {
    const fixture = await startEcr({ ecr: { withoutAcceptedTypes } });
    fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one' });
    const ask = { repositoryName: REPOSITORY, imageIds: [{ imageTag: 'v1' }] };
    const image = only(await fixture.ecr.send(new BatchGetImageCommand(ask)));
    expect(image.imageManifestMediaType).toBe(mediaType);
  });

  it('has no translation of an artifact, and none of bytes that are no manifest', async () => {
    const fixture = await startEcr({ ecr: { indexNotAccepted: 'platform-manifest' } });
    const { registry } = fixture;
    registry.createRepository(REPOSITORY);
    registry.attach(REPOSITORY, { artifactType: 'application/spdx+json', tags: ['sbom'] });
    registry.putManifest(REPOSITORY, { text: 'not JSON', mediaType: OCI_MANIFEST, tags: ['junk'] });
    registry.putManifest(REPOSITORY, { text: 'not an index', mediaType: OCI_INDEX, tags: ['list'] });
    const ids = ['sbom', 'junk', 'list'].map((imageTag) => ({ imageTag }));
    const { failures } = await get(fixture, ids, [DOCKER_MANIFEST]);
    expect(failures?.map(({ failureCode }) => failureCode)).toEqual([
      'ImageNotFound',
      'ImageNotFound',
      'ImageNotFound',
    ]);
    expect((await get(fixture, ids)).images?.[1]?.imageManifest).toBe('not JSON');
  });
});

describe('DescribeImages', () => {
  const ask = (input: Partial<ConstructorParameters<typeof DescribeImagesCommand>[0]> = {}) =>
    new DescribeImagesCommand({ repositoryName: REPOSITORY, ...input });

  it('tells push time, tags, size and media types, and the last pull of a day', async () => {
    const fixture = await startEcr();
    const pushedAt = START - 86_400_000;
    const tags = ['v1', 'latest'];
    const one = fixture.registry.push({ repository: REPOSITORY, tags, createdFrom: 'one', pushedAt });
    await get(fixture, [{ imageTag: 'v1' }]);
    fixture.clock.advance(3600);
    await get(fixture, [{ imageTag: 'v1' }]);
    const { imageDetails } = await fixture.ecr.send(ask({ imageIds: [{ imageTag: 'v1' }] }));
    const { config, layers } = JSON.parse(fixture.registry.image(REPOSITORY, one.digest).text);
    expect(imageDetails).toEqual([
      {
        registryId: '123456789012',
        repositoryName: REPOSITORY,
        imageDigest: one.digest,
        imageTags: ['latest', 'v1'],
        imageSizeInBytes: config.size + layers[0].size,
        imagePushedAt: new Date(pushedAt),
        imageManifestMediaType: OCI_MANIFEST,
        artifactMediaType: 'application/vnd.oci.image.config.v1+json',
        imageStatus: 'ACTIVE',
        lastRecordedPullTime: new Date(START),
      },
    ]);
    fixture.clock.advance(86_400);
    await get(fixture, [{ imageTag: 'v1' }]);
    const later = await fixture.ecr.send(ask({ imageIds: [{ imageTag: 'v1' }] }));
    expect(later.imageDetails?.[0]?.lastRecordedPullTime).toEqual(new Date(START + 3_600_000 + 86_400_000));
  });

  it('gives an index the size of its largest image, and no artifact type', async () => {
    const { ecr, registry } = await startEcr();
    const platforms = ['linux/amd64', 'linux/arm64/v8'];
    const index = registry.push({ repository: REPOSITORY, createdFrom: 'one', platforms });
    const sizes = new Map<string | undefined, number | undefined>();
    for (const one of (await ecr.send(ask())).imageDetails ?? []) sizes.set(one.imageDigest, one.imageSizeInBytes);
    const [amd64 = 0, arm64 = 0] = platforms.map((platform) => sizes.get(index.platforms[platform]));
    expect(arm64).toBeGreaterThan(amd64);
    expect(sizes.get(index.digest)).toBe(arm64);
    const { imageDetails } = await ecr.send(ask({ imageIds: [{ imageDigest: index.digest }] }));
    expect(imageDetails?.[0]).toMatchObject({ imageManifestMediaType: OCI_INDEX });
    expect(imageDetails?.[0]?.artifactMediaType).toBeUndefined();
  });

  it('follows a tag that moves, and keeps the push time of an image that is pushed again', async () => {
    const fixture = await startEcr();
    const one = fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one' });
    fixture.clock.advance(60);
    const two = fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'two' });
    const read = async () => (await fixture.ecr.send(ask({ imageIds: [{ imageTag: 'v1' }] }))).imageDetails?.[0];
    expect(await read()).toMatchObject({ imageDigest: two.digest, imagePushedAt: new Date(START + 60_000) });
    fixture.registry.moveTag(REPOSITORY, 'v1', one.digest);
    expect(await read()).toMatchObject({ imageDigest: one.digest, imagePushedAt: new Date(START) });
    fixture.registry.push({ repository: REPOSITORY, createdFrom: 'one' });
    expect(await read()).toMatchObject({ imagePushedAt: new Date(START) });
  });

  it('pages through all images once, whatever is pushed meanwhile', async () => {
    const fixture = await startEcr();
    const digests = Array.from(
      { length: 25 },
      (_, index) => fixture.registry.push({ repository: REPOSITORY, createdFrom: `image ${index}` }).digest,
    );
    const seen: (string | undefined)[] = [];
    const sizes: number[] = [];
    const pages = paginateDescribeImages({ client: fixture.ecr, pageSize: 10 }, { repositoryName: REPOSITORY });
    for await (const { imageDetails = [] } of pages) {
      sizes.push(imageDetails.length);
      seen.push(...imageDetails.map(({ imageDigest }) => imageDigest));
      if (sizes.length === 1) fixture.registry.deleteImage(REPOSITORY, seen[0] ?? '');
    }
    expect(sizes).toEqual([10, 10, 5]);
    expect(new Set(seen)).toEqual(new Set(digests));
  });

  it('filters by tag and by status; an archived image is pulled no more but can be described', async () => {
    const fixture = await startEcr();
    const { registry, ecr } = fixture;
    const tagged = registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one' });
    const untagged = registry.push({ repository: REPOSITORY, createdFrom: 'two' });
    const archived = registry.push({ repository: REPOSITORY, tag: 'old', createdFrom: 'three' });
    registry.setStatus(REPOSITORY, archived.digest, 'ARCHIVED');
    const list = async (filter: object | undefined) =>
      (await ecr.send(ask(filter === undefined ? {} : { filter }))).imageDetails?.map(({ imageDigest }) => imageDigest);
    expect(await list({ tagStatus: 'TAGGED' })).toEqual([tagged.digest]);
    expect(await list({ tagStatus: 'UNTAGGED' })).toEqual([untagged.digest]);
    expect(await list({ imageStatus: 'ARCHIVED' })).toEqual([archived.digest]);
    expect(await list(undefined)).toEqual([tagged.digest, untagged.digest].sort());
    expect(await list({ imageStatus: 'ANY' })).toHaveLength(3);
    const { imageDetails } = await ecr.send(ask({ imageIds: [{ imageTag: 'old' }] }));
    expect(imageDetails).toMatchObject([{ imageStatus: 'ARCHIVED', lastArchivedAt: new Date(START) }]);
    expect((await get(fixture, [{ imageTag: 'old' }])).failures).toMatchObject([{ failureCode: 'ImageNotFound' }]);
    registry.push({ repository: REPOSITORY, createdFrom: 'three' });
    only(await get(fixture, [{ imageTag: 'old' }]));
  });

  it('knows the other readings of an archived image', async () => {
    const fixture = await startEcr({ ecr: { archivedPull: 'ImageInaccessible', archivedById: 'not-found' } });
    const { digest } = fixture.registry.push({ repository: REPOSITORY, tag: 'old', createdFrom: 'three' });
    fixture.registry.setStatus(REPOSITORY, digest, 'ARCHIVED');
    const imageIds = [{ imageTag: 'old' }];
    expect((await get(fixture, imageIds)).failures).toMatchObject([{ failureCode: 'ImageInaccessible' }]);
    await expect(fixture.ecr.send(ask({ imageIds }))).rejects.toMatchObject({ name: 'ImageNotFoundException' });
    const filtered = await fixture.ecr.send(ask({ imageIds, filter: { imageStatus: 'ANY' } }));
    expect(filtered.imageDetails).toHaveLength(1);
  });

  it.each([
    [
      'an image that is not there',
      { imageIds: [{ imageTag: 'v9' }] },
      'ImageNotFoundException',
      "The image with imageId {imageDigest:'null', imageTag:'v9'} does not exist within the repository with name 'team/app' in the registry with id '123456789012'",
    ],
    [
      'too large a page',
      { maxResults: 1001 },
      'InvalidParameterException',
      "Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must have value less than or equal to 1000'",
    ],
    [
      'a page of images named by id',
      { maxResults: 5, imageIds: [{ imageTag: 'v1' }] },
      'InvalidParameterException',
      '',
    ],
    ['a token that is not ours', { nextToken: 'forged' }, 'InvalidParameterException', "at 'nextToken'"],
    ['a registry that is no account', { registryId: '12' }, 'InvalidParameterException', "'[0-9]{12}'"],
    ['a malformed repository', { repositoryName: 'Team/App' }, 'InvalidParameterException', 'must satisfy regular'],
    [
      'a repository of one letter',
      { repositoryName: 'a' },
      'InvalidParameterException',
      'must have length greater than or equal to 2',
    ],
    ['an unknown filter', { filter: { imageStatus: 'LOST' as 'ANY' } }, 'InvalidParameterException', 'enum value set'],
  ])('refuses %s', async (_name, input, name, message) => {
    const fixture = await startEcr();
    fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one' });
    await expect(fixture.ecr.send(ask(input))).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
      $metadata: { httpStatusCode: 400 },
    });
  });
});

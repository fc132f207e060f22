import {
  DescribeImageSigningStatusCommand,
  DescribeImagesCommand,
  type ImageReferrer,
  ListImageReferrersCommand,
} from '@aws-sdk/client-ecr';
import { describe, expect, it } from 'vitest';
import { NO_DIGEST, OCI_MANIFEST, startEcr } from './aws-ecr-kit.ts';

const REPOSITORY = 'team/app';
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const NOTATION = 'application/vnd.cncf.notary.signature';

async function withReferrers(count: number) {
  const fixture = await startEcr();
  const image = fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one' });
  const digests = Array.from({ length: count }, (_, index) =>
    fixture.registry.attach(REPOSITORY, {
      subject: image.digest,
      artifactType: index % 2 === 0 ? BUNDLE : NOTATION,
      content: [{ mediaType: 'application/json', data: `{"signature":${index}}` }],
      annotations: { 'org.opencontainers.image.created': '2026-03-05T15:54:41Z' },
    }),
  );
  const list = (extra: object = {}) =>
    fixture.ecr.send(
      new ListImageReferrersCommand({
        repositoryName: REPOSITORY,
        subjectId: { imageDigest: image.digest },
        ...extra,
      }),
    );
  return { ...fixture, image, digests, list };
}

describe('ListImageReferrers', () => {
  it('lists the artifacts of one subject with type, annotations and true size', async () => {
    const { list, digests, registry, ecr, image } = await withReferrers(1);
    const [digest = ''] = digests;
    const stored = registry.image(REPOSITORY, digest);
    expect((await list()).referrers).toEqual([
      {
        digest,
        mediaType: OCI_MANIFEST,
        artifactType: BUNDLE,
        size: Buffer.byteLength(stored.text),
        annotations: { 'org.opencontainers.image.created': '2026-03-05T15:54:41Z' },
        artifactStatus: 'ACTIVE',
      },
    ]);
    const ask = { repositoryName: REPOSITORY, imageIds: [{ imageDigest: digest }] };
    const { imageDetails } = await ecr.send(new DescribeImagesCommand(ask));
    expect(imageDetails).toMatchObject([{ subjectManifestDigest: image.digest, artifactMediaType: BUNDLE }]);
    expect((await list({ subjectId: { imageDigest: NO_DIGEST } })).referrers).toEqual([]);
  });

  it('pages by twenty, or as asked', async () => {
    const { list, digests } = await withReferrers(45);
    const seen: ImageReferrer[] = [];
    const sizes: number[] = [];
    let nextToken: string | undefined;
    do {
      const page = await list(nextToken === undefined ? {} : { nextToken });
      sizes.push(page.referrers?.length ?? 0);
      seen.push(...(page.referrers ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(sizes).toEqual([20, 20, 5]);
    expect(seen.map(({ digest }) => digest)).toEqual(digests.toSorted());
    const fifty = await list({ maxResults: 50 });
    expect([fifty.referrers?.length, fifty.nextToken]).toEqual([45, undefined]);
  });

  it('filters by type and by status', async () => {
    const { list, registry, digests } = await withReferrers(4);
    registry.setStatus(REPOSITORY, digests[0] ?? '', 'ARCHIVED');
    const found = async (filter?: object) =>
      ((await list(filter === undefined ? {} : { filter })).referrers ?? []).map(({ digest }) => digest);
    const expected = (...indexes: number[]) => indexes.map((index) => digests[index]).sort();
    expect(await found()).toEqual(expected(1, 2, 3));
    expect(await found({ artifactTypes: [BUNDLE] })).toEqual(expected(2));
    expect(await found({ artifactStatus: 'ARCHIVED' })).toEqual(expected(0));
    expect(await found({ artifactTypes: [BUNDLE], artifactStatus: 'ANY' })).toEqual(expected(0, 2));
  });

  it.each([
    ['a page over fifty', { maxResults: 51 }, 'less than or equal to 50'],
    ['a digest that is none', { subjectId: { imageDigest: 'v1' } }, 'must satisfy regular expression'],
    ['six types', { filter: { artifactTypes: ['a', 'b', 'c', 'd', 'e', 'f'] } }, 'less than or equal to 5'],
    ['the token of another question', { nextToken: 'forged' }, "at 'nextToken'"],
  ])('refuses %s', async (_name, extra, message) => {
    const { list } = await withReferrers(0);
    const rejected = { name: 'InvalidParameterException', message: expect.stringContaining(message) };
    await expect(list(extra)).rejects.toMatchObject(rejected);
  });

  it('fails when an upstream cannot be reached, and needs the permission of BatchGetImage', async () => {
    const { list, aws, registry } = await withReferrers(1);
    aws.faults.add({ service: 'ecr', operation: 'ListImageReferrers', kind: 'access-denied' });
    await expect(list()).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(
        /is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-1:123456789012:repository\/team\/app because/,
      ),
    });
    registry.setUpstreamFailure(REPOSITORY, 'no upstream');
    await expect(list()).rejects.toMatchObject({ name: 'UnableToListUpstreamImageReferrersException' });
  });
});

describe('DescribeImageSigningStatus', () => {
  const profile = 'arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release';

  it('tells a status for each signing profile', async () => {
    const { ecr, registry, image } = await withReferrers(0);
    const ask = () =>
      ecr.send(new DescribeImageSigningStatusCommand({ repositoryName: REPOSITORY, imageId: { imageTag: 'v1' } }));
    expect((await ask()).signingStatuses).toEqual([]);
    const statuses = [
      { signingProfileArn: profile, status: 'IN_PROGRESS' as const },
      {
        signingProfileArn: `${profile}2`,
        status: 'FAILED' as const,
        failureCode: 'AccessDenied',
        failureReason: 'not allowed to sign',
      },
    ];
    registry.setSigning(REPOSITORY, image.digest, statuses);
    expect(await ask()).toMatchObject({
      registryId: '123456789012',
      repositoryName: REPOSITORY,
      imageId: { imageDigest: image.digest, imageTag: 'v1' },
      signingStatuses: statuses,
    });
  });

  it('does not know an image that is not there', async () => {
    const { ecr } = await withReferrers(0);
    const ask = { repositoryName: REPOSITORY, imageId: { imageTag: 'v2' } };
    const rejected = { name: 'ImageNotFoundException' };
    await expect(ecr.send(new DescribeImageSigningStatusCommand(ask))).rejects.toMatchObject(rejected);
  });
});

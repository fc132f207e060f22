import { gunzipSync } from 'node:zlib';
import { BatchGetImageCommand, ECRClient, GetDownloadUrlForLayerCommand } from '@aws-sdk/client-ecr';
import { describe, expect, it } from 'vitest';
import { presignGet } from '../../simulator/aws/ecr/presign.ts';
import { gzipStored } from '../../simulator/aws/ecr/tar.ts';
import { type EcrFixture, NO_DIGEST, sha256, startEcr } from './aws-ecr-kit.ts';
import { START } from './aws-fixture.ts';

const REPOSITORY = 'team/app';

interface Pushed extends EcrFixture {
  digest: string;
  imageConfig: { digest: string; size: number };
  layer: { digest: string; size: number };
}

async function pushed(): Promise<Pushed> {
  const fixture = await startEcr();
  const { digest } = fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'hello' });
  const ask = { repositoryName: REPOSITORY, imageIds: [{ imageDigest: digest }] };
  const { images } = await fixture.ecr.send(new BatchGetImageCommand(ask));
  const { config, layers } = JSON.parse(images?.[0]?.imageManifest ?? '');
  return { ...fixture, digest, imageConfig: config, layer: layers[0] };
}

async function urlOf({ ecr }: EcrFixture, layerDigest: string): Promise<string> {
  const answer = await ecr.send(new GetDownloadUrlForLayerCommand({ repositoryName: REPOSITORY, layerDigest }));
  expect(answer.layerDigest).toBe(layerDigest);
  return answer.downloadUrl ?? '';
}

describe('the parts of a layer', () => {
  it.each([0, 1, 65_535, 65_536, 131_071])('zips %i bytes so that gunzip gives them back', (size) => {
    const bytes = Buffer.alloc(size, 'unicorn');
    expect(gunzipSync(gzipStored(bytes)).equals(bytes)).toBe(true);
  });

  it('signs as Signature Version 4 has it: the signature is the one that botocore makes of the same request', () => {
    const origin = 'http://127.0.0.1:4566';
    const path = '/prod-eu-west-1-starport-layer-bucket/0a1b-123/uu';
    const url = presignGet({ origin, path, region: 'eu-west-1' }, START);
    const expected = '04eb25172b4409790398c282937a662752be1a874dfcfce64bd061c468e227c3';
    expect(new URL(url).searchParams.get('X-Amz-Signature')).toBe(expected);
  });
});

describe('GetDownloadUrlForLayer', () => {
  it('gives pre-signed URLs of this endpoint, whose bytes have the digest and size that the manifest says', async () => {
    const fixture = await pushed();
    const { imageConfig, layer, url, digest } = fixture;
    for (const blob of [imageConfig, layer]) {
      const downloadUrl = await urlOf(fixture, blob.digest);
      const response = await fetch(downloadUrl);
      const bytes = new Uint8Array(await response.arrayBuffer());
      expect([response.status, sha256(bytes), bytes.length]).toEqual([200, blob.digest, blob.size]);
      expect(response.headers.get('content-type')).toBe('application/octet-stream');
    }
    const signed = new URL(await urlOf(fixture, layer.digest));
    expect(signed.origin).toBe(url);
    expect(signed.pathname).toMatch(
      /^\/prod-eu-west-1-starport-layer-bucket\/[0-9a-f]{4}-123456789012-[0-9a-f-]{36}\/[0-9a-f-]{36}$/,
    );
    expect(signed.searchParams.get('X-Amz-Expires')).toBe('3600');
    expect(signed.searchParams.get('X-Amz-Credential')).toMatch(
      /^ASIA[A-Z0-9]{16}\/20260305\/eu-west-1\/s3\/aws4_request$/,
    );
    expect(signed.href).not.toContain(digest.slice(7));
  });

  it('holds the text that the image was made from, in a tar, and a config that names the layer by its content', async () => {
    const fixture = await pushed();
    const layer = new Uint8Array(await (await fetch(await urlOf(fixture, fixture.layer.digest))).arrayBuffer());
    const tar = gunzipSync(layer);
    expect(tar.subarray(0, 15).toString()).toBe('app/content.txt');
    expect(tar.subarray(512, 517).toString()).toBe('hello');
    const config = await (await fetch(await urlOf(fixture, fixture.imageConfig.digest))).json();
    expect(config).toMatchObject({ os: 'linux', architecture: 'amd64', rootfs: { diff_ids: [sha256(tar)] } });
  });

  it('reads other Regions from other buckets', async () => {
    const fixture = await pushed();
    const uri = '210987654321.dkr.ecr.eu-central-1.amazonaws.com/team/other';
    const { digest } = fixture.registry.push({ repository: uri, createdFrom: 'far away' });
    const { layers } = JSON.parse(fixture.registry.image(uri, digest).text);
    const ecr = new ECRClient({ ...fixture.config, region: 'eu-central-1' });
    const ask = { registryId: '210987654321', repositoryName: 'team/other', layerDigest: layers[0].digest };
    const { downloadUrl = '' } = await ecr.send(new GetDownloadUrlForLayerCommand(ask));
    expect(downloadUrl).toContain('/prod-eu-central-1-starport-layer-bucket/');
    expect(sha256(new Uint8Array(await (await fetch(downloadUrl)).arrayBuffer()))).toBe(layers[0].digest);
  });

  it('hands out tampered bytes under the old digest', async () => {
    const fixture = await pushed();
    fixture.registry.tamperBlob(REPOSITORY, fixture.layer.digest, 'evil');
    expect(await (await fetch(await urlOf(fixture, fixture.layer.digest))).text()).toBe('evil');
  });

  it.each([
    [
      'a changed key',
      (url: string) => url.replace(/[0-9a-f]\?/, (end) => (end === '0?' ? '1?' : '0?')),
      'SignatureDoesNotMatch',
    ],
    ['a longer life', (url: string) => url.replace('Expires=3600', 'Expires=36000'), 'SignatureDoesNotMatch'],
    ['no signature', (url: string) => url.replace(/&X-Amz-Signature=.*$/, ''), 'SignatureDoesNotMatch'],
    ['a parameter more', (url: string) => `${url}&versionId=1`, 'SignatureDoesNotMatch'],
  ])('refuses a URL with %s', async (_name, change, code) => {
    const fixture = await pushed();
    const response = await fetch(change(await urlOf(fixture, fixture.layer.digest)));
    expect(response.status).toBe(403);
    expect(await response.text()).toContain(`<Code>${code}</Code>`);
  });

  it('closes a URL after an hour of the clock', async () => {
    const fixture = await pushed();
    const url = await urlOf(fixture, fixture.layer.digest);
    const statuses: number[] = [];
    // The URL counts from the whole second that its date names.
    for (const seconds of [3599, 1]) {
      fixture.clock.advance(seconds);
      const response = await fetch(url);
      statuses.push(response.status);
      const text = await response.text();
      if (response.status !== 200) expect(text).toContain('<Code>AccessDenied</Code><Message>Request has expired');
    }
    expect(statuses).toEqual([200, 403]);
  });

  it('writes no signature to the call log', async () => {
    const fixture = await pushed();
    await fetch(await urlOf(fixture, fixture.layer.digest));
    const call = fixture.aws.calls.at(-1);
    expect(call).toMatchObject({ service: 's3', operation: 'GetObject' });
    expect(Object.keys(call?.input ?? {})).toEqual(['Bucket', 'Key']);
  });

  it.each([
    ['throttle', 503, 'SlowDown'],
    ['server-error', 500, 'InternalError'],
    ['access-denied', 403, 'AccessDenied'],
    ['not-found', 404, 'NoSuchKey'],
    ['expired-credentials', 400, 'ExpiredToken'],
  ] as const)('plays the fault %s in S3’s words', async (kind, status, code) => {
    const fixture = await pushed();
    fixture.aws.faults.add({ service: 's3', kind });
    const url = await urlOf(fixture, fixture.layer.digest);
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(`<Code>${code}</Code>`)]);
    expect((await fetch(url)).status).toBe(200);
  });

  it('plays half a body and a cut connection', async () => {
    const fixture = await pushed();
    const url = await urlOf(fixture, fixture.layer.digest);
    fixture.aws.faults.add({ service: 's3', kind: 'malformed-body' });
    const half = new Uint8Array(await (await fetch(url)).arrayBuffer());
    expect(half.length).toBe(Math.ceil(fixture.layer.size / 2));
    fixture.aws.faults.add({ service: 's3', kind: 'cut' });
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('refuses what no active image names', async () => {
    const fixture = await pushed();
    const loose = fixture.registry.putBlob(REPOSITORY, 'uploaded, never used');
    await expect(urlOf(fixture, loose)).rejects.toMatchObject({ name: 'LayerInaccessibleException' });
    await expect(urlOf(fixture, NO_DIGEST)).rejects.toMatchObject({ name: 'LayersNotFoundException' });
    await expect(urlOf(fixture, 'nonsense')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    fixture.registry.setUpstreamFailure(REPOSITORY, 'no upstream');
    await expect(urlOf(fixture, NO_DIGEST)).rejects.toMatchObject({ name: 'UnableToGetUpstreamLayerException' });
    fixture.registry.setStatus(REPOSITORY, fixture.digest, 'ARCHIVED');
    await expect(urlOf(fixture, fixture.layer.digest)).rejects.toMatchObject({ name: 'LayerInaccessibleException' });
  });
});

import { ImageFailureCode } from '@aws-sdk/client-ecr';
import { afterEach, describe, expect, it } from 'vitest';
import { OCI_INDEX, OCI_MANIFEST } from '../simulator/aws-ecr-kit.ts';
import { NO_DIGEST, policyOf, useWorld } from './admission-world.ts';

const world = useWorld();

afterEach(() => {
  world().aws.faults.clear();
  world().afterCall = () => {};
});

/** Those that the next look may not meet: the registry behind a pull through cache is out of reach. */
const PASSING = [ImageFailureCode.UpstreamTooManyRequests, ImageFailureCode.UpstreamUnavailable] as const;
const LASTING = Object.values(ImageFailureCode).filter((code) => !PASSING.some((one) => one === code));

describe('a failure that BatchGetImage answers', () => {
  it.each(LASTING)('%s: FAILED', async (code) => {
    const { repository, reference } = world().push();
    world().registry.failImage(repository, 'v1', code);
    const answer = await world().look(reference);
    expect(answer).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining(`no tag v1 to give: ${code}: `),
    });
  });

  it.each(PASSING)('%s: IN_PROGRESS, then what is right', async (code) => {
    const { repository, reference } = world().push();
    world().registry.failImage(
      repository,
      'v1',
      code === PASSING[0] ? 'UpstreamTooManyRequests' : 'UpstreamUnavailable',
    );
    const play = world().deploy({ containers: [reference], policy: policyOf() });
    expect(await play.look()).toMatchObject({ hookStatus: 'IN_PROGRESS', reason: expect.stringContaining(code) });
    world().registry.failImage(repository, 'v1', undefined);
    expect((await play.look(30)).hookStatus).toBe('SUCCEEDED');
  });

  it('that passes never hides a denial in the same repository, whatever onError says', async () => {
    const { repository, uri, reference } = world().push();
    world().push({ repository, tag: 'latest', createdFrom: 'another' });
    world().registry.failImage(repository, 'v1', 'UpstreamUnavailable');
    const policy = policyOf({ denyTags: ['bad*'] }, { onError: 'allow', deadlineSeconds: 60 });
    world().registry.failImage(repository, 'latest', 'KmsError');
    const containers = [reference, { name: 'side', image: `${uri}:latest` }];
    expect(await world().deploy({ containers, policy }).look()).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(
        /^Denied 1 of 2 images: side .*KmsError.*; others could not be judged: .*UpstreamUnavail/,
      ),
    });
  });

  it('of a new kind speaks against the image', async () => {
    const { repository, reference } = world().push();
    // The service may have more codes than this version of its API's model.
    world()
      .registry.repository(repository)
      .failures.set('v1', { code: 'Quarantined' as 'KmsError', reason: 'not today' });
    expect(await world().look(reference)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('Quarantined: not today'),
    });
  });
});

describe('an image that is not there to be started', () => {
  it('no such repository', async () => {
    const answer = await world().look(`${world().push().uri}-none:v1`);
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toMatch(
      /ecr:BatchGetImage: RepositoryNotFoundException: The repository with name .*-none' does/,
    );
  });

  it('no such tag, no such digest', async () => {
    const { uri } = world().push();
    expect((await world().look(`${uri}:v2`)).reason).toContain('ECR has no tag v2 to give: ImageNotFound');
    const answer = await world().look(`${uri}@${NO_DIGEST}`);
    expect(answer).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining(`no ${NO_DIGEST} to give`) });
  });

  it.each(['ARCHIVED', 'ACTIVATING'] as const)('%s: not pulled', async (status) => {
    const { repository, uri, digest } = world().push();
    world().registry.setStatus(repository, digest, status);
    expect(await world().look(`${uri}@${digest}`)).toMatchObject({ hookStatus: 'FAILED' });
  });

  it('archived between two calls of one look', async () => {
    const { repository, reference, digest } = world().push();
    world().afterCall = ({ operation }) => {
      if (operation === 'BatchGetImage') world().registry.setStatus(repository, digest, 'ARCHIVED');
    };
    expect(await world().look(reference, { maxAgeDays: 30 })).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('ECR has the image as ARCHIVED: it cannot be pulled'),
    });
  });

  it('deleted between two calls of one look', async () => {
    const { repository, reference, digest } = world().push();
    world().afterCall = ({ operation }) => {
      if (operation === 'BatchGetImage') world().registry.deleteImage(repository, digest);
    };
    expect(await world().look(reference, { maxAgeDays: 30 })).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('ecr:DescribeImages: ImageNotFoundException'),
    });
  });
});

describe('a manifest that is not what it should be', () => {
  it.each(['tag', 'digest'])('bytes of another image under the digest, by %s', async (by) => {
    const { repository, uri, digest, reference } = world().push();
    const other = world().push({ repository, tag: 'other', createdFrom: 'other' });
    const text = world().registry.image(repository, other.digest).text;
    world().registry.tamperManifest(repository, digest, text);
    expect(await world().look(by === 'tag' ? reference : `${uri}@${digest}`)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining(`the manifest's bytes hash to ${other.digest}, not to ${digest}`),
    });
  });

  it.each<[string, string, string]>([
    ['no JSON', 'hello', 'is not a JSON object'],
    ['JSON, but no manifest', '{"schemaVersion":2}', 'has no valid config'],
    ['an image and an index at once', `{"schemaVersion":2,"manifests":[],"config":{},"layers":[]}`, 'at once'],
  ])('%s', async (_what, text, why) => {
    const { repository } = world().push();
    world().registry.putManifest(repository, { text, mediaType: OCI_MANIFEST, tags: ['odd'] });
    const uri = world().push({ repository }).uri;
    expect(await world().look(`${uri}:odd`)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining(why),
    });
  });

  it('a signature under a tag', async () => {
    const { repository, uri, digest } = world().push();
    const artifactType = 'application/vnd.cncf.notary.signature';
    world().registry.attach(repository, { subject: digest, artifactType, tags: ['signature'] });
    expect(await world().look(`${uri}:signature`)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('not that of a container image'),
    });
  });
});

describe('an index', () => {
  const on = (cpuArchitecture: string, operatingSystemFamily = 'LINUX') => ({
    runtimePlatform: { cpuArchitecture, operatingSystemFamily },
  });

  it('without the platform that is asked for', async () => {
    const { reference } = world().push({ platforms: ['linux/amd64', 'windows/amd64'], attestations: true });
    expect(await world().look(reference, {}, on('ARM64'))).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(/has no image for linux\/arm64, only for linux\/amd64, windows\/amd64$/),
    });
    expect(await world().look(reference, {}, on('X86_64', 'WINDOWS_SERVER_2022_CORE'))).toMatchObject({
      hookStatus: 'SUCCEEDED',
    });
  });

  it('of attestations only, and of nothing', async () => {
    const { repository, uri } = world().push();
    const platform = { os: 'unknown', architecture: 'unknown' };
    const { digest } = world().registry.image(repository, 'v1');
    const manifests = [{ mediaType: OCI_MANIFEST, digest, size: 1, platform }];
    for (const [tag, list] of [['statements', manifests] as const, ['nothing', []] as const]) {
      const text = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: list });
      world().registry.putManifest(repository, { text, mediaType: OCI_INDEX, tags: [tag] });
      expect((await world().look(`${uri}:${tag}`)).reason).toContain('lists no image');
    }
  });

  it('whose platform’s image is gone, where its scan is needed', async () => {
    const { repository, reference, platforms } = world().push({ platforms: ['linux/amd64'] });
    world().registry.deleteImage(repository, platforms['linux/amd64'] ?? '');
    expect(await world().look(reference, { vulnerabilities: { onMissing: 'allow' } })).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('ecr:DescribeImageScanFindings: ImageNotFoundException'),
    });
  });

  it('may hold a SOCI index, which needs no scan, but nothing that only claims to be one', async () => {
    const { repository, uri, digest } = world().push();
    const artifactType = 'application/vnd.amazon.soci.index.v2+json';
    const soci = world().registry.attach(repository, { artifactType });
    const unscanned = world().push({ repository, tag: 'unscanned', createdFrom: 'unscanned' }).digest;
    world().registry.setScan(repository, digest, { status: 'COMPLETE' });
    const platform = { os: 'linux', architecture: 'amd64' };
    const entry = (of: string) => ({
      mediaType: OCI_MANIFEST,
      digest: of,
      size: Buffer.byteLength(world().registry.image(repository, of).text),
      platform,
    });
    for (const [tag, claiming, hookStatus] of [
      ['honest', soci, 'SUCCEEDED'],
      ['lying', unscanned, 'FAILED'],
    ] as const) {
      const manifests = [entry(digest), { ...entry(claiming), artifactType }];
      const text = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests });
      world().registry.putManifest(repository, { text, mediaType: OCI_INDEX, tags: [tag] });
      const play = world().deploy({
        containers: [`${uri}:${tag}`],
        policy: policyOf({ vulnerabilities: { waitSeconds: 0 } }),
      });
      expect(await play.look()).toMatchObject({ hookStatus });
      expect(play.calls.filter((call) => call === 'ecr:BatchGetImage')).toHaveLength(2);
    }
  });
});

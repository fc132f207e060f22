import { describe, expect, it } from 'vitest';
import { isJsonObject } from '../../shared/schema.ts';
import { HOST, policyOf, START, useWorld } from './admission-world.ts';

const world = useWorld();
const SHA256 = /^[0-9a-f]{64}$/;

it('a pattern that says more than it seems to is warned of, and one that does not is not', async () => {
  const warnings = () =>
    world()
      .output.records()
      .filter(({ warning }) => warning !== undefined);
  const { reference } = world().push();
  await world()
    .deploy({ containers: [reference], policy: policyOf() })
    .look();
  expect(warnings()).toEqual([]);
  await world()
    .deploy({ containers: [reference], policy: policyOf({ match: ['*.example.com/**'] }) })
    .look();
  expect(warnings()).toEqual([
    expect.objectContaining({ level: 'WARN', warning: expect.stringMatching(/^rules\[0\]\.match\[0\]: /) }),
  ]);
});

describe('the line of an image', () => {
  it('says what it is, what was asked of it and what was found', async () => {
    const image = world().push({ platforms: ['linux/amd64', 'linux/arm64'], pushedAt: START - 86_400_000 });
    for (const digest of Object.values(image.platforms)) {
      const findings = [{ id: 'CVE-1', severity: 'LOW' }];
      world().registry.setScan(image.repository, digest, { status: 'COMPLETE', findings, completedAt: START });
    }
    const play = world().deploy({
      containers: [image.reference],
      policy: policyOf({ maxAgeDays: 7, vulnerabilities: {} }),
      runtimePlatform: { cpuArchitecture: 'ARM64' },
    });
    await play.look();
    const { mediaType } = image;
    expect(world().images()).toHaveLength(1);
    expect(world().images()[0]).toMatchObject({
      level: 'INFO',
      cluster: 'prod',
      ecsService: play.service,
      deployment: play.id,
      stage: 'PRE_SCALE_UP',
      policySha256: expect.stringMatching(SHA256),
      container: 'web',
      image: image.reference,
      name: image.uri,
      account: '123456789012',
      region: 'eu-west-1',
      digest: image.digest,
      digestSource: 'resolved',
      mediaType,
      size: Buffer.byteLength(world().registry.image(image.repository, image.digest).text),
      pushedAt: new Date(image.pushedAt).toISOString(),
      platforms: [{ digest: image.platforms['linux/arm64'], name: 'linux/arm64' }],
      rules: ['own'],
      scans: [
        {
          rule: 'own',
          outcome: 'allow',
          evidence: [{ status: 'COMPLETE', completedAt: new Date(START).toISOString(), counted: { LOW: 1 } }],
        },
      ],
      outcome: 'admitted',
      reason: expect.stringContaining(`${image.digest} passes rule own`),
    });
  });

  it.each([
    ['reference', (uri: string, digest: string) => `${uri}@${digest}`],
    ['ecs', (uri: string) => `${uri}:v1`],
  ])('says where the digest is from: %s', async (digestSource, reference) => {
    const { uri, digest } = world().push();
    const play = world().deploy({ containers: [reference(uri, digest)], policy: policyOf() });
    await play.start({ web: digest }).look();
    expect(world().images()).toMatchObject([{ digest, digestSource, image: reference(uri, digest) }]);
    await play.look();
    expect(world().images()[1]).toMatchObject({ digest, digestSource, cached: true });
  });

  it('is there once for each image, at the decision and not while it is waited for', async () => {
    const image = world().push();
    world().registry.setScan(image.repository, image.digest, { status: 'COMPLETE', pendingUntil: Date.now() + 60_000 });
    const containers = [image.reference, { name: 'hub', image: 'nginx' }];
    const policy = policyOf({ vulnerabilities: {} }, { mode: 'audit' });
    await world()
      .deploy({ containers: [image.reference], policy })
      .look();
    expect(world().images()).toEqual([]);
    await world().deploy({ containers, policy }).look();
    expect(
      world()
        .images()
        .map(({ container, outcome }) => [container, outcome]),
    ).toEqual([
      ['web', 'pending'],
      ['hub', 'denied'],
    ]);
  });
});

describe('the line of the decision', () => {
  it('names the policy and every image, in the order of the containers', async () => {
    const containers = ['c', 'a', 'b'].map((name) => ({ name, image: world().push().reference }));
    const play = world().deploy({ containers, policy: policyOf() });
    await play.look();
    expect(world().output.decisions()).toHaveLength(1);
    expect(world().evidence()).toMatchObject({
      taskDefinition: play.taskDefinitionArn,
      policySha256: world().images()[0]?.policySha256,
      images: containers.map(({ name, image }) => ({ container: name, image, outcome: 'admitted' })),
    });
  });

  it('has the same fingerprint for the same rules, and another for others', async () => {
    const { reference } = world().push();
    const fingerprint = async (rule: object, more: object = {}, rules: object[] = []) => {
      await world().look(reference, {}, { policy: policyOf(rule, more), hookDetails: { rules } });
      return world().evidence().policySha256;
    };
    const [first] = [await fingerprint({})];
    expect(first).toMatch(SHA256);
    expect(await fingerprint({ denyTags: [], digest: 'resolve' })).toBe(first);
    const others = [
      await fingerprint({ maxAgeDays: 30 }),
      await fingerprint({}, {}, [{ name: 'more', match: [`${HOST}/**`] }]),
      await fingerprint(
        {},
        { exemptions: [{ container: 'x', match: [`${HOST}/**`], reason: 'r', until: '2030-01-01' }] },
      ),
    ];
    expect(new Set([first, ...others]).size).toBe(4);
  });

  it('is one line, whatever the images are called', async () => {
    const images = [
      'evil\n{"message":"image","outcome":"admitted"}',
      `${HOST}/team/\u202eapp`,
      'x'.repeat(100_000),
      '\ud800',
    ];
    const containers = images.map((image, at) => ({ name: `c${at}`, image }));
    const answer = await world().deploy({ containers, policy: policyOf() }).look();
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toMatch(/^[ -~…’]{1,1000}$/);
    expect(
      world()
        .images()
        .map(({ outcome }) => outcome),
    ).toEqual(['denied', 'denied', 'denied', 'denied']);
    for (const line of world().output.lines()) {
      expect(isJsonObject(JSON.parse(line))).toBe(true);
      expect(line.length).toBeLessThan(10_000);
    }
  });

  it('tells nothing that is secret', async () => {
    const { reference, repository } = world().push();
    const play = world().deploy({ containers: [reference, { name: 'no', image: 'nginx' }], policy: policyOf() });
    await play.look();
    const said = world().output.text();
    expect(said).toContain(reference);
    expect(said).not.toMatch(/X-Amz-|AWS4-HMAC|authorization|SecretAccessKey/i);
    expect(said).not.toContain(JSON.stringify(world().registry.image(repository, 'v1').text).slice(1, 40));
  });
});

describe('the reason', () => {
  it('has the first denial of each image, and all images are judged', async () => {
    const old = world().push({ pushedAt: START - 100 * 86_400_000, tag: 'old' });
    const fresh = world().push();
    const containers = [
      { name: 'a', image: 'nginx:1' },
      { name: 'b', image: `${HOST}/team/x:latest` },
      { name: 'c', image: fresh.reference },
      { name: 'd', image: old.reference },
      { name: 'e', image: `${HOST}/team/none:1` },
    ];
    const rule = { denyTags: ['latest'], maxAgeDays: 90 };
    const answer = await world()
      .deploy({ containers, policy: policyOf(rule) })
      .look();
    expect(answer.hookStatus).toBe('FAILED');
    const [head, ...denials] = answer.reason.split(/; (?=[a-e] \()/);
    expect([head, ...denials]).toEqual([
      'Denied 4 of 5 images: a (nginx:1): no rule of the policy matches docker.io/library/nginx (rules: own)',
      `b (${HOST}/team/x:latest): rule own: the tag is latest: denied by denyTags latest`,
      expect.stringMatching(
        /^d .*: rule own: it was pushed 2025-11-22 09:00 UTC, 100(\.1)? days ago; the rule allows 90$/,
      ),
      expect.stringMatching(/^e .*: ecr:BatchGetImage: RepositoryNotFoundException: /),
    ]);
    expect(
      world()
        .images()
        .map(({ container, outcome }) => `${container} ${outcome}`),
    ).toEqual(['a denied', 'b denied', 'c admitted', 'd denied', 'e denied']);
  });

  it('of an image with several faults is the first alone', async () => {
    const { uri } = world().push();
    const answer = await world().look(`${uri}:latest`, { denyTags: ['latest'], digest: 'require', maxAgeDays: 1 });
    expect(answer.reason).toMatch(/: rule own: the reference has no digest \(@sha256:…\), which the rule requires$/);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { type Container, HOST, NO_DIGEST, policyOf, useWorld } from './admission-world.ts';

const world = useWorld();
const CRITICAL = { id: 'CVE-2026-1', severity: 'CRITICAL' };

afterEach(() => world().aws.faults.clear());

describe('a tag that moved between PRE_SCALE_UP and POST_SCALE_UP', () => {
  /** Admitted under v1, which then moves to another image, and that one is started. */
  async function moved(findings: { id: string; severity: string }[], rule: object = { vulnerabilities: {} }) {
    const first = world().push();
    const { repository, reference } = first;
    world().registry.setScan(repository, first.digest, { status: 'COMPLETE' });
    const play = world().deploy({ containers: [reference], policy: policyOf(rule) });
    expect((await play.look()).hookStatus).toBe('SUCCEEDED');
    const second = world().push({ repository, createdFrom: 'the next' });
    world().registry.setScan(repository, second.digest, { status: 'COMPLETE', findings });
    return { play: play.start({ web: second.digest }), first, second };
  }

  it('is checked afresh: admitted, and the reason says that it moved', async () => {
    const { play, first, second } = await moved([]);
    expect(await play.look()).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: expect.stringContaining(
        `it has moved from ${first.digest} to ${second.digest} since PRE_SCALE_UP; ${second.digest} passes rule own`,
      ),
    });
    expect(play.made.find(({ operation }) => operation === 'BatchGetImage')?.input.imageIds).toEqual([
      { imageDigest: second.digest },
    ]);
  });

  it('is checked afresh: denied, and the reason says that it moved', async () => {
    const { play, first, second } = await moved([CRITICAL]);
    const answer = await play.look();
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toContain(
      `it has moved from ${first.digest} to ${second.digest} since PRE_SCALE_UP; rule own`,
    );
    expect(answer.reason).toContain('1 CRITICAL finding, 0 allowed (CVE-2026-1)');
  });

  it('is denied where the repository lets tags move, whatever it moved to', async () => {
    const first = world().push();
    world().registry.setMutability(first.repository, 'IMMUTABLE');
    const play = world().deploy({ containers: [first.reference], policy: policyOf({ tagImmutability: 'require' }) });
    expect((await play.look()).hookStatus).toBe('SUCCEEDED');
    world().registry.setMutability(first.repository, 'MUTABLE');
    const second = world().push({ repository: first.repository, createdFrom: 'the next' });
    expect((await play.start({ web: second.digest }).look()).reason).toContain('the repository is MUTABLE');
  });

  it('to something that is gone by now', async () => {
    const { play, second } = await moved([]);
    world().registry.deleteImage(second.repository, second.digest);
    expect((await play.look()).hookStatus).toBe('FAILED');
  });

  it('without a record of the first stage: checked all the same', async () => {
    const { play, second } = await moved([CRITICAL]);
    world().aws.parameters.delete(play.record);
    const answer = await play.look();
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).not.toContain('moved');
    expect(answer.reason).toContain('CVE-2026-1');
    world().registry.setScan(second.repository, second.digest, { status: 'COMPLETE' });
    expect((await play.look()).hookStatus).toBe('SUCCEEDED');
  });

  it.each(['{"web":7}', 'nonsense', '{"constructor":"x"}'])(
    'a record that somebody wrote over decides nothing: %s',
    async (value) => {
      const { play } = await moved([]);
      world().aws.parameters.put({ name: play.record, value, overwrite: true }, 'arn:aws:iam::123456789012:user/m');
      const answer = await play.look();
      expect(answer.hookStatus).toBe('SUCCEEDED');
      expect(answer.reason).not.toContain('moved');
    },
  );
});

describe('the digest that ECS records', () => {
  const look = (containers: (Container | string)[], digests: Record<string, string>, rule: object = {}) =>
    world()
      .deploy({ containers, policy: policyOf(rule) })
      .start(digests)
      .look();

  it('missing at POST_SCALE_UP: denied, unless the reference carries one', async () => {
    const { reference, uri, digest } = world().push();
    expect(await look([reference], {})).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('ECS has recorded no digest for it, so what its tasks run is not known'),
    });
    expect((await look([`${uri}@${digest}`], {})).hookStatus).toBe('SUCCEEDED');
  });

  it('of one container missing is not made good by another’s', async () => {
    const { reference, digest } = world().push();
    const containers = ['a', 'b'].map((name) => ({ name, image: reference }));
    expect(await look(containers, { a: digest })).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(/^Denied 1 of 2 images: b /),
    });
  });

  it('other than that in the reference: denied', async () => {
    const { uri, digest, repository } = world().push();
    const other = world().push({ repository, createdFrom: 'another' });
    expect(await look([`${uri}@${digest}`], { web: other.digest })).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining(`the reference pins ${digest}, but ECS has recorded ${other.digest}`),
    });
  });

  it.each(['sha256:ABC', 'latest', `${NO_DIGEST} `])('that is none: denied (%j)', async (digest) => {
    expect((await look([world().push().reference], { web: digest })).reason).toContain('is no sha256 digest');
  });

  it('at PRE_SCALE_UP already: that one is judged', async () => {
    const { reference, repository } = world().push();
    const other = world().push({ repository, tag: 'v0', createdFrom: 'the last' });
    const revisionImages = [{ containerName: 'web', image: reference, imageDigest: other.digest }];
    const play = world().deploy({ containers: [reference], policy: policyOf(), revisionImages });
    expect(await play.look()).toMatchObject({ hookStatus: 'SUCCEEDED', reason: expect.stringContaining(other.digest) });
  });

  it('of an index may be the index’s or its platform’s, and neither is a tag that moved', async () => {
    const { reference, digest, platforms } = world().push({ platforms: ['linux/amd64', 'linux/arm64'] });
    const other = world().push({ createdFrom: 'another', tag: 'other' });
    for (const recorded of [digest, ...Object.values(platforms)]) {
      const play = world().deploy({ containers: [reference], policy: policyOf() });
      expect((await play.look()).hookStatus).toBe('SUCCEEDED');
      const answer = await play.start({ web: recorded }).look();
      expect(answer.hookStatus).toBe('SUCCEEDED');
      expect(answer.reason).not.toContain('moved');
      expect((await play.start({ web: other.digest }).look()).hookStatus).toBe('FAILED');
    }
  });
});

describe('versionConsistency disabled', () => {
  const disabled = (image: string): Container => ({ name: 'web', image, versionConsistency: 'disabled' });

  it('is denied by tag at both stages, since each task may pull something else', async () => {
    const { reference, digest } = world().push();
    const play = world().deploy({ containers: [disabled(reference)], policy: policyOf() });
    expect((await play.look()).reason).toContain('versionConsistency is disabled');
    for (const digests of [{}, { web: digest }]) {
      expect((await play.start(digests).look()).reason).toContain('versionConsistency is disabled');
    }
  });

  it('does not matter beside a digest', async () => {
    const { uri, digest } = world().push();
    const play = world().deploy({ containers: [disabled(`${uri}@${digest}`)], policy: policyOf() });
    expect((await play.look()).hookStatus).toBe('SUCCEEDED');
    expect((await play.start().look()).hookStatus).toBe('SUCCEEDED');
  });
});

describe('which images are judged', () => {
  it.each<[string, Container[], { containerName?: string; image?: string }[] | undefined, string]>([
    ['none at all', [], [], 'the task definition names no container; the service revision names no container image'],
    ['none in the revision', [{ image: `${HOST}/team/a:1` }], [], 'the service revision names no container image'],
    [
      'none in the task definition',
      [],
      [{ containerName: 'web', image: 'x' }],
      'the task definition names no container',
    ],
    [
      'two lists that disagree',
      [{ image: `${HOST}/team/a:1` }],
      [{ containerName: 'web', image: `${HOST}/team/b:1` }],
      `container web is ${HOST}/team/a:1 in the task definition, but ${HOST}/team/b:1 in the service revision`,
    ],
    ['a container without image', [{}], undefined, 'container web has no image in the task definition'],
  ])('%s: denied', async (_what, containers, revisionImages, why) => {
    const play = world().deploy({ containers, policy: policyOf(), ...(revisionImages && { revisionImages }) });
    for (const stage of [play, play.start()]) {
      expect(await stage.look()).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining(why) });
      expect(stage.calls.filter((call) => call.startsWith('ecr:'))).toEqual([]);
    }
  });

  it('those that only the revision names as well', async () => {
    const { reference } = world().push();
    const revisionImages = [
      { containerName: 'web', image: reference },
      { containerName: 'injected', image: 'docker.io/library/evil:1' },
    ];
    const play = world().deploy({ containers: [reference], policy: policyOf(), revisionImages });
    expect(await play.look()).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(/^Denied 1 of 2 images: injected /),
    });
  });
});

describe('the record', () => {
  it('of an earlier deployment is removed after retainDays, and this one’s stays', async () => {
    const { reference } = world().push();
    const play = world().deploy({ containers: [reference], policy: policyOf({}, { retainDays: 2 }) });
    const old = `${play.record}-before`;
    world().aws.parameters.put({ name: old, value: '{}', type: 'String' }, 'arn:aws:iam::123456789012:role/hook');
    await play.look();
    expect(world().aws.parameters.get(old)).toBeDefined();
    await play.look(3 * 86_400);
    expect(world().aws.parameters.get(old)).toBeUndefined();
    expect(world().aws.parameters.get(play.record)).toBeDefined();
    expect(play.calls.at(-1)).toBe('ssm:DeleteParameters');
  });

  it('is of the last look', async () => {
    const { reference, repository } = world().push();
    const play = world().deploy({ containers: [reference], policy: policyOf() });
    await play.look();
    const { digest } = world().push({ repository, createdFrom: 'the next' });
    await play.look();
    expect(world().aws.parameters.get(play.record)?.value).toBe(JSON.stringify({ web: [digest] }));
  });

  it('goes under the prefix that is configured', async () => {
    const { reference } = world().push();
    const play = world().deploy({ containers: [reference], policy: policyOf({}, { parameterPrefix: '/gates' }) });
    await play.look();
    expect(world().aws.parameters.get(play.record.replace('/ecs-hooks', '/gates'))).toBeDefined();
  });

  it.each(['access-denied', 'unavailable'] as const)('decides nothing when it cannot be kept: %s', async (kind) => {
    const { reference, digest } = world().push();
    const play = world().deploy({ containers: [reference], policy: policyOf() });
    world().aws.faults.add({ service: 'ssm', kind, always: true });
    expect((await play.look()).hookStatus).toBe('SUCCEEDED');
    expect((await play.start({ web: digest }).look()).hookStatus).toBe('SUCCEEDED');
    const told = world()
      .output.records()
      .filter(({ trouble }) => String(trouble).startsWith('ssm:'));
    expect(told.map(({ message }) => message)).toEqual([
      'the admitted digests could not be noted',
      'old parameters could not be removed',
      'there is no record of the digests admitted at PRE_SCALE_UP',
    ]);
  });

  it('decides nothing when Parameter Store hangs', async () => {
    const containers = [world().push().reference];
    const play = world().deploy({ containers, policy: policyOf(), remaining: 5000 });
    world().aws.faults.add({ service: 'ssm', operation: 'PutParameter', kind: 'hang', always: true });
    expect((await play.look()).hookStatus).toBe('SUCCEEDED');
  });
});

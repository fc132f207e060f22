import { describe, expect, it } from 'vitest';
import { AdmittedCache } from '../../hooks/admission/cache.ts';
import { Limiter } from '../../hooks/admission/limiter.ts';
import { ECS_CALLS, HOST, policyOf, useWorld } from './admission-world.ts';

const world = useWorld();

describe('an image that the policy trusts', () => {
  it('by tag: admitted before a task starts, noted, and admitted again as what runs', async () => {
    const image = world().push();
    const play = world().deploy({ containers: [image.reference], policy: policyOf() });
    expect(await play.look()).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: `Admitted 1 image: web (${image.reference}): ${image.digest} passes rule own`,
    });
    expect(play.calls).toEqual([...ECS_CALLS, 'ecr:BatchGetImage', 'ssm:PutParameter', 'ssm:GetParametersByPath']);
    expect(world().aws.parameters.get(play.record)?.value).toBe(JSON.stringify({ web: [image.digest] }));
    play.start({ web: image.digest });
    expect(await play.look()).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: `Admitted 1 image: web (${image.reference}): ${image.digest} passed rule own a moment ago`,
    });
    expect(play.calls).toEqual([...ECS_CALLS, 'ssm:GetParameter']);
  });

  it('by digest: what another image’s tag says of it does not matter', async () => {
    const image = world().push();
    const moved = world().push({ repository: image.repository, createdFrom: 'something else' });
    const reference = `${image.uri}:v1@${image.digest}`;
    const answer = await world().look(reference, { digest: 'require', tagImmutability: 'require' });
    expect(answer).toMatchObject({ hookStatus: 'SUCCEEDED', reason: expect.stringContaining(image.digest) });
    expect(answer.reason).not.toContain(moved.digest);
  });

  it('without tag and digest: latest', async () => {
    const image = world().push({ tag: 'latest' });
    expect(await world().look(image.uri)).toMatchObject({ hookStatus: 'SUCCEEDED' });
    const { uri } = world().push({ tag: 'v1' });
    expect(await world().look(uri)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('ECR has no tag latest to give: ImageNotFound'),
    });
  });

  it.each([
    ['oci', undefined],
    ['docker', undefined],
    ['oci', ['linux/amd64', 'linux/arm64']],
    ['docker', ['linux/amd64', 'windows/amd64']],
  ] as const)('packed as %s, for %s', async (format, platforms) => {
    const image = world().push({ format, ...(platforms && { platforms, attestations: format === 'oci' }) });
    expect(await world().look(image.reference)).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: expect.stringContaining(image.digest),
    });
  });
});

describe('several rules for an image', () => {
  const two = (second: object) =>
    policyOf(
      {},
      {
        rules: [
          { name: 'own', match: [`${HOST}/team/**`] },
          { name: 'strict', match: [`${HOST}/**`], ...second },
        ],
      },
    );

  it('must all be passed', async () => {
    const { reference } = world().push();
    const pass = { policy: two({ denyTags: ['latest'] }) };
    expect(await world().look(reference, {}, pass)).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: expect.stringMatching(/passes rule own, rule strict$/),
    });
    expect(await world().look(reference, {}, { policy: two({ denyTags: ['v*'] }) })).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('rule strict: the tag is v1: denied by denyTags v*'),
    });
  });

  it('the service’s own among them, which are named as such', async () => {
    const { reference } = world().push();
    const rules = [{ name: 'pinned', match: [`${HOST}/team/**`], digest: 'require' }];
    expect(await world().look(reference, {}, { hookDetails: { rules } })).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining("the service's rule pinned: the reference has no digest"),
      hookDetails: { rules },
    });
  });
});

describe('the same event twice', () => {
  it('is the same decision and the same record', async () => {
    const { reference, digest } = world().push();
    const play = world().deploy({ containers: [reference], policy: policyOf() });
    const answers = await Promise.all([play.invoke(), play.invoke(), play.invoke()]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await play.look()).toEqual(answers[0]);
    expect(world().aws.parameters.get(play.record)?.value).toBe(JSON.stringify({ web: [digest] }));
  });

  it('is the same denial', async () => {
    const { reference } = world().push();
    const play = world().deploy({ containers: [reference], policy: policyOf({ digest: 'require' }) });
    const first = await play.look();
    expect(first.hookStatus).toBe('FAILED');
    expect(await play.look(60)).toMatchObject({ hookStatus: 'FAILED', reason: first.reason });
    expect(world().aws.parameters.get(play.record)).toBeUndefined();
  });
});

describe('what is remembered', () => {
  const scanned = { vulnerabilities: { waitSeconds: 0 } };

  it('is nothing that was denied', async () => {
    const { repository, uri, digest } = world().push();
    const play = world().deploy({ containers: [`${uri}@${digest}`], policy: policyOf(scanned) });
    world().registry.setScan(repository, digest, {
      status: 'COMPLETE',
      findings: [{ id: 'CVE-1', severity: 'CRITICAL' }],
    });
    expect((await play.look()).hookStatus).toBe('FAILED');
    world().registry.setScan(repository, digest, { status: 'COMPLETE' });
    expect((await play.look()).hookStatus).toBe('SUCCEEDED');
  });

  it('is nothing under another policy, nor under another platform', async () => {
    const { repository, uri, digest, platforms } = world().push({ platforms: ['linux/amd64', 'linux/arm64'] });
    const reference = `${uri}@${digest}`;
    world().registry.setScan(repository, platforms['linux/amd64'] ?? '', { status: 'COMPLETE' });
    const on = (cpuArchitecture: string) => ({ runtimePlatform: { cpuArchitecture, operatingSystemFamily: 'LINUX' } });
    expect((await world().look(reference, {}, on('X86_64'))).hookStatus).toBe('SUCCEEDED');
    expect((await world().look(reference, scanned, on('X86_64'))).reason).toContain('0 CRITICAL (0 allowed)');
    expect((await world().look(reference, scanned, on('X86_64'))).reason).toContain('a moment ago');
    expect((await world().look(reference, scanned, on('ARM64'))).hookStatus).toBe('FAILED');
  });

  it('is nothing under another tag, where a rule goes by tags', async () => {
    const { repository, uri, digest } = world().push({ tags: ['v1', 'latest-1'] });
    world().registry.setMutability(repository, 'IMMUTABLE_WITH_EXCLUSION', ['latest*']);
    const policy = policyOf({ tagImmutability: 'require' });
    const started = (tag: string) =>
      world()
        .deploy({ containers: [`${uri}:${tag}`], policy })
        .start({ web: digest });
    expect((await started('v1').look()).hookStatus).toBe('SUCCEEDED');
    expect(await started('latest-1').look()).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('tag latest-1 is excluded from IMMUTABLE_WITH_EXCLUSION by filter latest*'),
    });
  });

  it('is nothing of a tag: it is resolved at each look', async () => {
    const { repository, reference, digest } = world().push();
    const play = world().deploy({ containers: [reference], policy: policyOf() });
    expect((await play.look()).reason).toContain(digest);
    const next = world().push({ repository, createdFrom: 'the next' });
    expect((await play.look()).reason).toContain(next.digest);
  });

  it('is forgotten with time, and the oldest first when there is too much', () => {
    const cache = new AdmittedCache(1000, 2);
    cache.add('a', 0);
    expect([cache.has('a', 999), cache.has('a', 1000), cache.has('b', 0)]).toEqual([true, false, false]);
    cache.add('b', 1);
    cache.add('a', 2); // again, so that b is now the oldest
    cache.add('c', 3);
    expect(['a', 'b', 'c'].map((key) => cache.has(key, 3))).toEqual([true, false, true]);
  });
});

describe('the limiter', () => {
  it('goes on after a call that fails, in the order of arrival', async () => {
    const limiter = new Limiter(2);
    const began: number[] = [];
    const open: (() => void)[] = [];
    const runs = [0, 1, 2, 3].map((id) =>
      limiter.run(async () => {
        began.push(id);
        await new Promise<void>((resolve) => open.push(resolve));
        if (id === 0) throw new Error('broken');
        return id;
      }),
    );
    const results = Promise.allSettled(runs);
    for (let released = 0; released < 4; released += 1) {
      await new Promise(setImmediate);
      expect(began).toHaveLength(Math.min(4, released + 2));
      open[released]?.();
    }
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
    expect(began).toEqual([0, 1, 2, 3]);
    expect(await limiter.run(async () => 'free')).toBe('free');
  });
});

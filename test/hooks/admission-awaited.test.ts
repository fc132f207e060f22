import { afterEach, describe, expect, it } from 'vitest';
import { awaitedState } from '../../hooks/admission/awaited.ts';
import { isJsonObject } from '../../shared/schema.ts';
import { HOST, type Play, policyOf, useWorld } from './admission-world.ts';

const world = useWorld();
const SCAN = 'ecr:DescribeImageScanFindings';
const DAY_AGO = -86_400_000;

afterEach(() => world().aws.faults.clear());

/** A deployment of images whose scans are under way for so many seconds. */
function pending(seconds: readonly number[], vulnerabilities: object = {}): Play {
  const containers = seconds.map((from, i) => {
    const image = world().push({ pushedAt: Date.now() + DAY_AGO });
    const pendingUntil = Date.now() + from * 1000;
    world().registry.setScan(image.repository, image.digest, { status: 'COMPLETE', pendingUntil });
    return { name: `c${i}`, image: image.reference };
  });
  return world().deploy({ containers, policy: policyOf({ vulnerabilities }) });
}

describe('while scans are awaited', () => {
  it('a look is one call, and the one that decides is whole', async () => {
    const play = pending([75]);
    expect((await play.look()).hookStatus).toBe('IN_PROGRESS');
    for (const _ of [30, 60]) {
      expect(await play.look(30)).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: 30 });
      expect(play.calls).toEqual([SCAN]);
    }
    expect((await play.look(30)).hookStatus).toBe('SUCCEEDED');
    expect(play.calls).toEqual(expect.arrayContaining(['ecs:DescribeServiceRevisions', 'ecr:BatchGetImage', SCAN]));
  });

  it('each of them is asked for', async () => {
    const play = pending([45, 75, 600]);
    await play.look();
    expect(await play.look(30)).toMatchObject({ reason: expect.stringMatching(/^Waiting for 3 scans: /) });
    expect(play.calls).toEqual([SCAN, SCAN, SCAN]);
    expect(await play.look(30)).toMatchObject({ reason: expect.stringMatching(/^Waiting for 2 scans: c1 /) });
    expect(play.calls.length).toBeGreaterThan(5);
  });

  it('one that comes to a denial is not kept back by another', async () => {
    const play = pending([600]);
    const bad = world().push();
    const finding = { id: 'CVE-2026-1', severity: 'CRITICAL' as const, package: 'openssl' };
    world().registry.setScan(bad.repository, bad.digest, {
      status: 'COMPLETE',
      findings: [finding],
      pendingUntil: Date.now() + 20_000,
    });
    const image = { name: 'bad', image: bad.reference };
    const both = world().deploy({
      containers: [...play.taskDefinition().containerDefinitions, image],
      policy: policyOf({ vulnerabilities: {} }),
    });
    await both.look();
    expect(await both.look(30)).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('1 CRITICAL') });
  });

  it('the whole look comes when the time for one is up', async () => {
    const play = pending([600], { waitSeconds: 60 });
    await play.look();
    expect((await play.look(59)).hookStatus).toBe('IN_PROGRESS');
    expect(play.calls).toEqual([SCAN]);
    expect(await play.look(1)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('the scan is IN_PROGRESS after 60 s; onMissing is deny'),
    });
  });

  it('so does it where an image has not been scanned, and was pushed long enough ago', async () => {
    const image = world().push({ pushedAt: Date.now() - 40_000 });
    world().registry.setScan(image.repository, image.digest, undefined);
    const play = world().deploy({
      containers: [image.reference],
      policy: policyOf({ vulnerabilities: { waitSeconds: 60 } }),
    });
    await play.look();
    expect((await play.look(19)).reason).toContain('is SCAN_NOT_FOUND; waited for until');
    expect(play.calls).toEqual([SCAN]);
    expect(await play.look(1)).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('never') });
  });

  it('a throttled call is asked again, and one that is refused is denied by the whole look', async () => {
    const play = pending([600]);
    await play.look();
    world().aws.faults.add({ service: 'ecr', operation: 'DescribeImageScanFindings', kind: 'throttle', times: 3 });
    expect((await play.look(30)).hookStatus).toBe('IN_PROGRESS');
    world().aws.faults.add({
      service: 'ecr',
      operation: 'DescribeImageScanFindings',
      kind: 'access-denied',
      always: true,
    });
    expect(await play.look(30)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(/^Denied 1 of 1 image: c0 .*AccessDenied/),
    });
  });
});

describe('what a look remembers', () => {
  const image = (n: number) => `${HOST}/team/app@sha256:${String(n).padStart(64, '0')}`;

  it('is each image once, with the time that ends first', () => {
    const scans = [
      { image: image(1), until: 500 },
      { image: image(1), until: 300 },
      { image: image(1), until: 400 },
      { image: image(2), until: 600 },
    ];
    expect(awaitedState(scans).awaited).toEqual([
      { image: image(1), until: 300 },
      { image: image(2), until: 600 },
    ]);
  });

  it('is nothing where there are more than ten', () => {
    const scans = Array.from({ length: 11 }, (_, n) => ({ image: image(n), until: 500 }));
    expect(awaitedState(scans.slice(1)).awaited).toHaveLength(10);
    expect(awaitedState(scans).awaited).toEqual([]);
  });

  it.each([
    'nonsense!',
    'docker.io/library/nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000',
    `${HOST}/team/app:v1`,
  ])('is not acted on where it is no digest of Amazon ECR: %s', async (other) => {
    const play = pending([600]);
    await play.look();
    const said = JSON.stringify(play.hookDetails);
    play.hookDetails = JSON.parse(said.replace(/[^"\\]+@sha256:[a-f0-9]{64}/, other));
    expect(JSON.stringify(play.hookDetails)).toContain(other);
    const { hookStatus } = await play.look(30);
    expect(hookStatus).toBe('IN_PROGRESS');
    expect(play.calls).toContain('ecs:DescribeServiceRevisions');
    expect(isJsonObject(play.hookDetails)).toBe(true);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { type Container, policyOf, START, useWorld } from './admission-world.ts';

const world = useWorld();

afterEach(() => world().aws.faults.clear());

interface Grid {
  images: number;
  repositories: number;
  /** Of each image; 0: no index. */
  platforms: number;
  byTag: boolean;
  age: boolean;
  vulnerabilities: boolean;
}

const PLATFORMS = ['linux/amd64', 'linux/arm64'];

/**
 * The calls of a look at images that nothing was known of: two to ECS, then for each repository one BatchGetImage for
 * 100 images, one DescribeRepositories if a rule goes by tags, one DescribeImages for 100 images if a rule goes by age
 * or scans, and one DescribeImageScanFindings for each platform and 1,000 findings. Then the record: written at
 * PRE_SCALE_UP where it fits into a parameter, read at POST_SCALE_UP.
 */
function formula({ images, repositories, platforms, byTag, age, vulnerabilities }: Grid, stage: string) {
  const inEach = Array.from({ length: repositories }, (_, at) => Math.ceil((images - at) / repositories));
  const hundreds = inEach.reduce((sum, n) => sum + Math.ceil(n / 100), 0);
  const before = stage === 'PRE_SCALE_UP';
  return {
    'ecs:DescribeServiceRevisions': 1,
    'ecs:DescribeTaskDefinition': 1,
    'ecr:BatchGetImage': hundreds,
    'ecr:DescribeRepositories': byTag ? repositories : 0,
    'ecr:DescribeImages': age || vulnerabilities ? hundreds : 0,
    'ecr:DescribeImageScanFindings': vulnerabilities ? images * Math.max(1, platforms) : 0,
    'ssm:GetParameter': before ? 0 : 1,
    'ssm:PutParameter': before && images < 40 ? 1 : 0,
    'ssm:GetParametersByPath': before ? 1 : 0,
  };
}

/** The images of a grid, pushed, each with a clean scan of each platform. */
function pushed({ images, repositories, platforms }: Grid): {
  containers: Container[];
  digests: Record<string, string>;
} {
  const names = Array.from({ length: repositories }, () => world().repository());
  const digests: Record<string, string> = {};
  const containers = Array.from({ length: images }, (_, at) => {
    const repository = names[at % repositories] ?? '';
    const tag = `v${at}`;
    const several = platforms > 0 ? { platforms: PLATFORMS.slice(0, platforms) } : {};
    const image = world().push({ repository, tag, createdFrom: `${repository} ${tag}`, pushedAt: START, ...several });
    world().registry.setMutability(repository, 'IMMUTABLE');
    const scanned = platforms > 0 ? Object.values(image.platforms) : [image.digest];
    for (const digest of scanned) world().registry.setScan(repository, digest, { status: 'COMPLETE' });
    digests[`c${at}`] = image.digest;
    return { name: `c${at}`, image: image.reference };
  });
  return { containers, digests };
}

function policyFor({ byTag, age, vulnerabilities }: Grid) {
  return policyOf({
    ...(byTag && { tagImmutability: 'require' }),
    ...(age && { maxAgeDays: 1000 }),
    ...(vulnerabilities && { vulnerabilities: {} }),
  });
}

function counted(calls: readonly string[], names: readonly string[]): Record<string, number> {
  const all = new Set([...names, ...calls]);
  return Object.fromEntries([...all].map((name) => [name, calls.filter((call) => call === name).length]));
}

const bools = [false, true];
const grid: Grid[] = [
  [1, 1],
  [3, 1],
  [3, 2],
  [9, 3],
].flatMap(([images = 0, repositories = 0]) =>
  [0, 2].flatMap((platforms) =>
    bools.flatMap((byTag) =>
      bools.flatMap((age) =>
        bools.map((vulnerabilities) => ({ images, repositories, platforms, byTag, age, vulnerabilities })),
      ),
    ),
  ),
);

describe('the calls are those of the formula', () => {
  it.each(grid)(
    '$images images in $repositories repositories, $platforms platforms, by tag: $byTag, age: $age, scans: $vulnerabilities',
    async (one) => {
      const { containers, digests } = pushed(one);
      const policy = policyFor(one);
      const first = world().deploy({ containers, policy });
      expect((await first.look()).hookStatus).toBe('SUCCEEDED');
      const before = formula(one, 'PRE_SCALE_UP');
      expect(counted(first.calls, Object.keys(before))).toEqual(before);

      // What was admitted is not asked about again, whichever deployment runs it.
      const cached = world().deploy({ containers, policy }).start(digests);
      expect((await cached.look()).hookStatus).toBe('SUCCEEDED');
      expect(cached.calls).toEqual(['ecs:DescribeServiceRevisions', 'ecs:DescribeTaskDefinition', 'ssm:GetParameter']);

      // Another policy, so that nothing is remembered.
      const other = world().deploy({ containers, policy: { ...policy, exemptions: [exemption(first.id)] } });
      expect((await other.start(digests).look()).hookStatus).toBe('SUCCEEDED');
      const after = formula(one, 'POST_SCALE_UP');
      expect(counted(other.calls, Object.keys(after))).toEqual(after);
    },
  );

  it('with more images than one call takes', async () => {
    const one = { images: 120, repositories: 1, platforms: 0, byTag: true, age: true, vulnerabilities: true };
    const play = world().deploy({ containers: pushed(one).containers, policy: policyFor(one) });
    expect((await play.look()).hookStatus).toBe('SUCCEEDED');
    const expected = formula(one, 'PRE_SCALE_UP');
    expect(expected).toMatchObject({ 'ecr:BatchGetImage': 2, 'ecr:DescribeImages': 2, 'ssm:PutParameter': 0 });
    expect(counted(play.calls, Object.keys(expected))).toEqual(expected);
  });

  it('with the same image in several containers, which is asked about once', async () => {
    const one = { images: 1, repositories: 1, platforms: 0, byTag: true, age: true, vulnerabilities: true };
    const [container] = pushed(one).containers;
    const containers = ['a', 'b', 'c'].map((name) => ({ ...container, name }));
    const play = world().deploy({ containers, policy: policyFor(one) });
    expect((await play.look()).reason).toMatch(/^Admitted 3 images: a .*; b .*; c /);
    expect(play.calls.filter((call) => call.startsWith('ecr:'))).toEqual([
      'ecr:BatchGetImage',
      'ecr:DescribeRepositories',
      'ecr:DescribeImages',
      'ecr:DescribeImageScanFindings',
    ]);
    expect(play.made.find(({ operation }) => operation === 'BatchGetImage')?.input.imageIds).toHaveLength(1);
  });
});

it('BatchGetImage is asked for every type of manifest', async () => {
  const play = world().deploy({ containers: [world().push().reference], policy: policyOf() });
  await play.look();
  expect(play.made.find(({ operation }) => operation === 'BatchGetImage')?.input.acceptedMediaTypes).toEqual(
    expect.arrayContaining([
      'application/vnd.docker.distribution.manifest.v2+json',
      'application/vnd.docker.distribution.manifest.list.v2+json',
      'application/vnd.oci.image.manifest.v1+json',
      'application/vnd.oci.image.index.v1+json',
    ]),
  );
});

describe('how much is asked at a time', () => {
  it.each([
    ['12 repositories', { images: 12, repositories: 12, platforms: 0, byTag: true, age: true, vulnerabilities: true }],
    ['one repository', { images: 12, repositories: 1, platforms: 2, byTag: false, age: false, vulnerabilities: true }],
  ])('is eight calls and never more: %s', async (_what, one) => {
    const play = world().deploy({ containers: pushed(one).containers, policy: policyFor(one) });
    world().aws.faults.add({ service: 'ecr', kind: 'slow', ms: 5, always: true });
    world().mostAtOnce = 0;
    expect((await play.look()).hookStatus).toBe('SUCCEEDED');
    expect(world().mostAtOnce).toBe(8);
  });
});

/** One that concerns no image, and makes another policy of the one that it is in. */
function exemption(container: string) {
  return { container, match: ['docker.io/library/none'], reason: 'none', until: '2030-01-01' };
}

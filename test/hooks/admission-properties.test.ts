import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { answerProblems } from '../../library/testing/answer.ts';
import type { FaultEffect } from '../../simulator/aws/faults.ts';
import { HOST, NO_DIGEST, type Play, useWorld } from './admission-world.ts';

const world = useWorld();
const DAY = 86_400_000;

afterEach(() => world().aws.faults.clear());

/** All that matters of an image, and of how it is referred to. */
const anyImage = fc.record({
  place: fc.constantFrom('team/', 'other/', 'docker.io/', 'spoofed/'),
  tag: fc.constantFrom('v1', 'latest'),
  pinned: fc.boolean(),
  is: fc.constantFrom('an image', 'an image', 'an image', 'missing', 'archived', 'tampered with', 'a signature'),
  immutable: fc.boolean(),
  ageDays: fc.constantFrom(1, 200),
  worst: fc.constantFrom('NONE', 'NONE', 'HIGH', 'CRITICAL'),
  scan: fc.constantFrom('COMPLETE', 'COMPLETE', 'FAILED', 'SCAN_ELIGIBILITY_EXPIRED', 'never'),
  recorded: fc.constantFrom('the digest', 'the digest', 'nothing', 'another'),
  versionConsistency: fc.constantFrom('enabled', 'enabled', 'disabled'),
  exempt: fc.constantFrom('no', 'no', 'no', 'yes', 'until yesterday', 'as another container'),
});
type AnyImage = typeof anyImage extends fc.Arbitrary<infer T> ? T : never;

/** So that deployments with nothing wrong in them come up as well. */
const someImage = fc.oneof(
  { weight: 1, arbitrary: anyImage },
  {
    weight: 3,
    arbitrary: fc.boolean().map(
      (pinned): AnyImage => ({
        place: 'team/',
        tag: 'v1',
        pinned,
        is: 'an image',
        immutable: true,
        ageDays: 1,
        worst: 'NONE',
        scan: 'COMPLETE',
        recorded: 'the digest',
        versionConsistency: 'enabled',
        exempt: 'no',
      }),
    ),
  },
);

const anyRule = fc.record({
  match: fc.constantFrom(
    [`${HOST}/team/**`],
    [`${HOST}/**`],
    [`${HOST}/team/**`, `${HOST}/other/**`, 'docker.io/**'],
    ['docker.io/library/*'],
  ),
  digest: fc.constantFrom('require', 'resolve', 'resolve'),
  denyTags: fc.constantFrom([], ['latest'], ['l*', 'x']),
  tagImmutability: fc.constantFrom('require', 'ignore', 'ignore'),
  maxAgeDays: fc.constantFrom(undefined, undefined, 90, 365),
  limit: fc.constantFrom(undefined, undefined, 'CRITICAL', 'HIGH'),
  onMissing: fc.constantFrom('deny', 'allow'),
});
type AnyRule = typeof anyRule extends fc.Arbitrary<infer T> ? T : never;

const anyFault = fc.record({
  at: fc.constantFrom(
    ['ecs', 'DescribeServiceRevisions'],
    ['ecs', 'DescribeTaskDefinition'],
    ['ecr', 'BatchGetImage'],
    ['ecr', 'DescribeRepositories'],
    ['ecr', 'DescribeImages'],
    ['ecr', 'DescribeImageScanFindings'],
    ['ssm', 'GetParameter'],
    ['ssm', 'PutParameter'],
  ),
  kind: fc.constantFrom<Exclude<FaultEffect['kind'], 'slow'>>(
    'access-denied',
    'unavailable',
    'cut',
    'malformed-body',
    'empty-body',
    'not-found',
  ),
  times: fc.integer({ min: 1, max: 7 }),
});

const anyDeployment = fc.record({
  images: fc.array(someImage, { minLength: 1, maxLength: 3 }),
  rules: fc.array(anyRule, { minLength: 1, maxLength: 2 }),
  added: fc.array(anyRule, { maxLength: 1 }),
  started: fc.boolean(),
});
type AnyDeployment = typeof anyDeployment extends fc.Arbitrary<infer T> ? T : never;

/** What the policy comes to, in a few lines that share nothing with the hook. */
function isAdmissible(image: AnyImage, { rules, added, started }: AnyDeployment): boolean {
  if (image.place === 'spoofed/') return false;
  if (image.exempt === 'yes') return true;
  const fits = ({ match }: AnyRule) =>
    match.some(
      (pattern) =>
        pattern.startsWith(image.place) ||
        (pattern === `${HOST}/**` && image.place !== 'docker.io/') ||
        pattern === `${HOST}/${image.place}**`,
    );
  if (!rules.some(fits)) return false;
  if (!image.pinned && (image.versionConsistency === 'disabled' || (started && image.recorded === 'nothing')))
    return false;
  if (image.pinned && started && image.recorded === 'another') return false;
  return [...rules, ...added].filter(fits).every((rule) => passes(image, rule, started));
}

function passes(image: AnyImage, rule: AnyRule, started: boolean): boolean {
  if (!image.pinned && (rule.digest === 'require' || rule.denyTags.some((tag) => tag[0] === image.tag[0])))
    return false;
  const asksMore = rule.maxAgeDays !== undefined || rule.limit !== undefined;
  if (image.place === 'docker.io/') return image.pinned && !asksMore;
  if (!image.pinned && rule.tagImmutability === 'require' && !image.immutable) return false;
  // The other digest is of an image of one day, scanned and clean.
  if (!image.pinned && started && image.recorded === 'another') return true;
  if (image.is !== 'an image' || image.ageDays > (rule.maxAgeDays ?? Infinity)) return false;
  if (rule.limit === undefined) return true;
  const isCounted = image.scan !== 'never' && image.worst !== 'NONE';
  if (isCounted && (image.worst === 'CRITICAL' || rule.limit === 'HIGH')) return false;
  return image.scan === 'COMPLETE' || rule.onMissing === 'allow';
}

/** Puts an image where it is said to be. @returns its container, and what ECS records */
function seeded(image: AnyImage, at: number) {
  const name = `c${at}`;
  if (image.place === 'docker.io/' || image.place === 'spoofed/') {
    const host = image.place === 'docker.io/' ? 'docker.io' : `${HOST}.evil.example`;
    const reference = `${host}/library/app-${at}${image.pinned ? `@${NO_DIGEST}` : `:${image.tag}`}`;
    return { name, image: reference, digest: NO_DIGEST, other: NO_DIGEST.replace('0', '1') };
  }
  const { registry } = world();
  const repository = world().repository().replace('team/', image.place);
  const now = Date.now();
  const pushed = world().push({
    repository,
    tag: image.tag,
    createdFrom: repository,
    pushedAt: now - image.ageDays * DAY,
  });
  const other = world().push({ repository, tag: 'other', createdFrom: `${repository} other`, pushedAt: now - DAY });
  registry.setScan(repository, other.digest, { status: 'COMPLETE' });
  if (image.scan !== 'never') {
    const findings = image.worst === 'NONE' ? [] : [{ id: 'CVE-1', severity: image.worst }];
    registry.setScan(repository, pushed.digest, { status: image.scan, findings });
  }
  registry.setMutability(repository, image.immutable ? 'IMMUTABLE' : 'MUTABLE');
  let { digest } = pushed;
  if (image.is === 'archived') registry.setStatus(repository, digest, 'ARCHIVED');
  if (image.is === 'tampered with')
    registry.tamperManifest(repository, digest, registry.image(repository, other.digest).text);
  if (image.is === 'missing' || image.is === 'a signature') registry.deleteImage(repository, digest);
  if (image.is === 'a signature') {
    digest = registry.attach(repository, { artifactType: 'application/vnd.cncf.notary.signature', tags: [image.tag] });
  }
  const reference = `${pushed.uri}${image.pinned ? `@${digest}` : `:${image.tag}`}`;
  return { name, image: reference, digest, other: other.digest };
}

function ruleOf({ limit, onMissing, maxAgeDays, ...rule }: AnyRule, name: string) {
  return {
    name,
    ...rule,
    ...(maxAgeDays !== undefined && { maxAgeDays }),
    ...(limit !== undefined && { vulnerabilities: { max: { [limit]: 0 }, onMissing, waitSeconds: 0 } }),
  };
}

function exemptionsOf({ exempt, place }: AnyImage, name: string, now: Date) {
  if (exempt === 'no' || place === 'spoofed/') return [];
  const day = (of: number) => new Date(of).toISOString().slice(0, 10);
  const until = day(exempt === 'until yesterday' ? now.getTime() - DAY : now.getTime());
  const container = exempt === 'as another container' ? `${name}-other` : name;
  return [{ container, match: [place === 'docker.io/' ? 'docker.io/**' : `${HOST}/${place}**`], reason: 'so', until }];
}

function deployed(deployment: AnyDeployment): Play {
  const { images, rules, added, started } = deployment;
  const seeds = images.map(seeded);
  const containers = seeds.map(({ name, image }, at) => ({
    name,
    image,
    versionConsistency: images[at]?.versionConsistency === 'disabled' ? ('disabled' as const) : ('enabled' as const),
  }));
  const policy = {
    version: 1,
    deadlineSeconds: 120,
    rules: rules.map((rule, at) => ruleOf(rule, `rule-${at}`)),
    exemptions: images.flatMap((image, at) => exemptionsOf(image, `c${at}`, new Date())),
  };
  const hookDetails = { rules: added.map((rule) => ruleOf(rule, 'added')) };
  const play = world().deploy({ containers, policy, hookDetails });
  const recorded = seeds.flatMap(({ name, digest, other }, at) => {
    const what = images[at]?.recorded;
    return what === 'nothing' ? [] : [[name, what === 'another' ? other : digest] as const];
  });
  return started ? play.start(Object.fromEntries(recorded)) : play;
}

const isAllAdmissible = (deployment: AnyDeployment) =>
  deployment.images.every((image) => isAdmissible(image, deployment));

describe('whatever the policy and the images', () => {
  it('without trouble, the answer is at once what the model says', async () => {
    const seen = { SUCCEEDED: 0, FAILED: 0, IN_PROGRESS: 0 };
    await fc.assert(
      fc.asyncProperty(anyDeployment, async (deployment) => {
        const answer = await deployed(deployment).look();
        expect(answerProblems(answer)).toEqual([]);
        expect(answer.hookStatus, answer.reason).toBe(isAllAdmissible(deployment) ? 'SUCCEEDED' : 'FAILED');
        seen[answer.hookStatus] += 1;
      }),
      { numRuns: 400 },
    );
    expect(seen.SUCCEEDED).toBeGreaterThan(60);
    expect(seen.FAILED).toBeGreaterThan(100);
  });

  it('with trouble, SUCCEEDED only where the model says that every image is admissible', async () => {
    const seen = { admitted: 0, delayed: 0 };
    await fc.assert(
      fc.asyncProperty(
        anyDeployment,
        fc.array(anyFault, { minLength: 1, maxLength: 3 }),
        async (deployment, faults) => {
          const play = deployed(deployment);
          for (const { at, kind, times } of faults) {
            const [service = '', operation = ''] = at;
            world().aws.faults.add({ service, operation, kind, times });
          }
          const answers = await play.looks();
          world().aws.faults.clear();
          const last = answers.at(-1);
          expect(answers.flatMap(answerProblems)).toEqual([]);
          expect(last?.hookStatus).not.toBe('IN_PROGRESS');
          if (last?.hookStatus !== 'SUCCEEDED') return;
          expect(isAllAdmissible(deployment), last.reason).toBe(true);
          seen.admitted += 1;
          if (answers.length > 1) seen.delayed += 1; // a fault had struck, and passed
        },
      ),
      { numRuns: 150 },
    );
    expect(seen.admitted).toBeGreaterThan(5);
    expect(seen.delayed).toBeGreaterThan(0);
  });
});

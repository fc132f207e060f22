import { ScanStatus } from '@aws-sdk/client-ecr';
import { describe, expect, it, vi } from 'vitest';
import type { HookAnswer } from '../shared/status.ts';
import { codeIn, patternOf, rowsIn, section } from './docs-admission-page.ts';
import {
  type AdmissionWorld,
  type ContainerInput,
  DAY,
  findings,
  type LookInput,
  NOW,
  policy,
  REGISTRY,
  scanned,
  useAdmissionWorld,
} from './docs-admission-world.ts';
import { captureOutput } from './fixtures/output.ts';
import { holdToReasons } from './fixtures/reasons.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

const output = captureOutput();
holdToReasons();
const world = useAdmissionWorld();

type Play = (w: AdmissionWorld) => Promise<HookAnswer>;
interface Scenario {
  status: HookAnswer['hookStatus'];
  play: Play;
}

/** One look at one container, `web`, by a policy of one rule. */
function one(
  image: (w: AdmissionWorld) => string | ContainerInput,
  rule: object = {},
  more: Partial<LookInput> = {},
  status: HookAnswer['hookStatus'] = 'FAILED',
): Scenario {
  return { status, play: (w) => w.look({ policy: policy(rule), containers: { web: image(w) }, ...more }) };
}

const web = (w: AdmissionWorld) => w.push(`${REGISTRY}/web`).reference;
const withScan = (scan: Parameters<AdmissionWorld['push']>[1]) => (w: AdmissionWorld) =>
  w.push(`${REGISTRY}/web`, scan).reference;
const pending = withScan({ scan: { ...scanned(), pendingUntil: NOW + DAY } });
const exception = { id: 'CVE-2026-CRITICAL-0', until: '2026-11-19', reason: 'not called' };

async function moved(w: AdmissionWorld): Promise<HookAnswer> {
  const before = w.push(`${REGISTRY}/moving`);
  await w.look({ policy: policy(), containers: { web: before.reference } });
  const { digest } = w.push(`${REGISTRY}/moving`);
  const image = { image: before.reference, digest };
  return w.look({ policy: policy(), containers: { web: image }, stage: 'POST_SCALE_UP' });
}

/** What brings about each reason of the page's table, by the reason. */
const REASONS: Readonly<Record<string, Scenario>> = {
  'Bad configuration: …': one(web, { digests: 'require' }),
  'Bad policy: hookDetails…': one(web, {}, { hookDetails: { exemptions: [] } }),
  'the service revision names no container image': one(web, {}, { unlisted: true }),
  'container … is … in the task definition, but … in the service revision': one((w) => ({
    image: web(w),
    listed: 'another:v1',
  })),
  'the registry host … looks like Amazon ECR, and is not': one(() => `${REGISTRY}.example/web:v1`),
  'no rule of the policy matches … (rules: …)': one(() => 'nginx:1.27'),
  '…; its exemption ended with …': one(
    () => 'nginx:1.27',
    {},
    {
      policy: policy(
        {},
        { exemptions: [{ container: 'web', match: ['docker.io/**'], until: '2026-11-19', reason: 'a trial' }] },
      ),
    },
  ),
  'rule …: the reference has no digest (@sha256:…), which the rule requires': one(web, { digest: 'require' }),
  'rule …: the tag is …: denied by denyTags …': one(web, { denyTags: ['v*'] }),
  'versionConsistency is disabled, so each task may pull something else under this tag; pin it by digest': one((w) => ({
    image: web(w),
    versionConsistency: 'disabled',
  })),
  'ECS has recorded no digest for it, so what its tasks run is not known; pin it by digest': one(
    web,
    {},
    { stage: 'POST_SCALE_UP' },
  ),
  'the reference pins …, but ECS has recorded …': one((w) => {
    const { uri, digest } = w.push(`${REGISTRY}/web`);
    return { image: `${uri}@${digest}`, digest: DIGEST };
  }),
  'a tag of … cannot be resolved here; pin it by digest': one(() => 'public.ecr.aws/docker/library/nginx:1.27'),
  'rule …: vulnerabilities cannot be checked in …': one(() => `public.ecr.aws/docker/library/nginx@${DIGEST}`, {
    vulnerabilities: {},
  }),
  'ECR has no … to give: ImageNotFound: …': one((w) => `${w.push(`${REGISTRY}/web`).uri}:gone`),
  'ecr:BatchGetImage: AccessDeniedException: …': one((w) => {
    w.aws.faults.add({ service: 'ecr', operation: 'BatchGetImage', kind: 'access-denied' });
    return web(w);
  }),
  "the manifest's bytes hash to …, not to …": one((w) => {
    const { uri, digest, reference } = w.push(`${REGISTRY}/web`);
    w.aws.registry.tamperManifest(uri, digest, '{"schemaVersion":2}');
    return reference;
  }),
  'index … has no image for …, only for …': one(
    withScan({ platforms: ['linux/arm64'] }),
    {},
    { runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' } },
  ),
  'rule …: tag … can be moved: the repository is MUTABLE': one(web, { tagImmutability: 'require' }),
  'rule …: it was pushed …, … days ago; the rule allows …': one(withScan({ pushedAt: NOW - 2 * DAY }), {
    maxAgeDays: 1,
  }),
  'rule …: the scan of … is …: 1 CRITICAL finding, 0 allowed (CVE-…)': one(
    withScan({ scan: scanned(...findings(1, 'CRITICAL')) }),
    { vulnerabilities: {} },
  ),
  '…; the exception for … ended with …': one(withScan({ scan: scanned(...findings(1, 'CRITICAL')) }), {
    vulnerabilities: { exceptions: [exception] },
  }),
  'rule …: the image has never been scanned; onMissing is deny': one(withScan({ pushedAt: NOW - DAY }), {
    vulnerabilities: {},
  }),
  'rule …: the scan is SCAN_ELIGIBILITY_EXPIRED; onMissing is deny': one(
    withScan({ scan: { type: 'ENHANCED', status: 'SCAN_ELIGIBILITY_EXPIRED' } }),
    { vulnerabilities: {} },
  ),
  'Waiting for 1 scan: …': one(pending, { vulnerabilities: {} }, {}, 'IN_PROGRESS'),
  'Waited 10 min (timeoutMinutes): …; onTimeout is fail': {
    status: 'FAILED',
    play: async (w) => {
      const input = {
        policy: policy({ vulnerabilities: { waitSeconds: 3600 } }, { deadlineSeconds: 600 }),
        containers: { web: pending(w) },
      };
      const { hookDetails } = await w.look(input);
      vi.setSystemTime(NOW + 600_000);
      return w.look({ ...input, hookDetails });
    },
  },
  'Could not tell yet (error 1 of 10 in a row): …': one(
    (w) => {
      w.aws.faults.add({ service: 'ecr', operation: 'BatchGetImage', kind: 'server-error', always: true });
      return web(w);
    },
    {},
    {},
    'IN_PROGRESS',
  ),
  'Could not tell: gave up after … in a row, the last: …; onError is …': one(
    (w) => {
      w.aws.faults.add({ service: 'ecr', operation: 'BatchGetImage', kind: 'server-error', always: true });
      return web(w);
    },
    {},
    { policy: policy({}, { maxErrors: 1 }) },
  ),
  'Audit mode, would have been FAILED: …': one(
    () => 'nginx:1.27',
    {},
    { policy: policy({}, { mode: 'audit' }) },
    'SUCCEEDED',
  ),
};

/** What brings about each reason of a SUCCEEDED that the page names. */
const ADMITTED: Readonly<Record<string, Play>> = {
  'sha256:… passes rule own-registry': one(web, { name: 'own-registry' }).play,
  'exempt until …: …': one(
    () => 'nginx:1.27',
    {},
    {
      policy: policy(
        {},
        { exemptions: [{ container: 'web', match: ['docker.io/**'], until: '2026-11-20', reason: 'a trial' }] },
      ),
    },
  ).play,
  'allow-listed and pinned by digest; nothing else can be checked in …': one(
    () => `public.ecr.aws/docker/library/nginx@${DIGEST}`,
  ).play,
  'sha256:… passed rule … a moment ago': async (w) => {
    const { uri, digest } = w.push(`${REGISTRY}/web`);
    const input = { policy: policy(), containers: { web: `${uri}@${digest}` } };
    await w.look(input);
    return w.look(input);
  },
  'it has moved from … to … since PRE_SCALE_UP; …': moved,
};

describe('the reasons', () => {
  const reasons = section('## Reasons');
  const rows = rowsIn(reasons).map(([reason = '']) => codeIn(reason));

  it('are all brought about here', () => {
    expect(rows).toEqual(Object.keys(REASONS).map((reason) => [reason]));
    const said = reasons.split('\n\n').find((paragraph) => paragraph.startsWith('A SUCCEEDED says why'));
    expect(codeIn(said ?? '')).toEqual(Object.keys(ADMITTED));
  });

  it.each(Object.entries(REASONS))('%s', async (reason, { status, play }) => {
    const answer = await play(world());
    expect(answer.reason).toMatch(patternOf(reason));
    expect(answer.hookStatus).toBe(status);
  });

  it.each(Object.entries(ADMITTED))('%s', async (reason, play) => {
    const answer = await play(world());
    expect(answer.reason).toMatch(patternOf(reason));
    expect(answer.hookStatus).toBe('SUCCEEDED');
  });

  it('name each denied image, and every image has a line of its own', async () => {
    const containers = { web: web(world()), agent: 'nginx:1.27', init: web(world()) };
    const { reason } = await world().look({ policy: policy(), containers });
    expect(reason).toMatch(/^Denied 1 of 3 images: agent \(nginx:1\.27\): no rule/);
    const lines = output.records().filter(({ message }) => message === 'image');
    expect(lines.map(({ container, outcome }) => [container, outcome])).toEqual([
      ['web', 'admitted'],
      ['agent', 'denied'],
      ['init', 'admitted'],
    ]);
    for (const key of [
      'name',
      'account',
      'region',
      'digest',
      'digestSource',
      'mediaType',
      'size',
      'platforms',
      'rules',
      'policySha256',
    ]) {
      expect(lines[0]).toHaveProperty(key);
    }
  });
});

describe('the statuses of a scan', () => {
  const rows = rowsIn(section("### What a scan's status means")).map(([status = '']) =>
    codeIn(status).flatMap((name) => Object.values(ScanStatus).filter((known) => known === name)),
  );
  const [current = [], underWay = [], , missing = [], refused = []] = rows;

  async function look(status: ScanStatus, vulnerabilities: object, at = NOW) {
    vi.setSystemTime(NOW);
    const image = world().push(`${REGISTRY}/web`, { pushedAt: NOW - DAY, scan: { status } }).reference;
    const input = { policy: policy({ vulnerabilities }), containers: { web: image } };
    const first = await world().look(input);
    vi.setSystemTime(at);
    return at === NOW ? first : world().look({ ...input, hookDetails: first.hookDetails });
  }

  it('are all on the page', () => {
    expect(rows.flat().sort()).toEqual(Object.values(ScanStatus).sort());
  });

  it.each(current)('%s: the findings decide', async (status) => {
    expect((await look(status, {})).hookStatus).toBe('SUCCEEDED');
  });

  it.each(underWay)('%s: waited for, then onMissing', async (status) => {
    expect((await look(status, { waitSeconds: 300 }, NOW + 299_000)).hookStatus).toBe('IN_PROGRESS');
    expect((await look(status, { waitSeconds: 300 }, NOW + 300_000)).hookStatus).toBe('FAILED');
    const allowed = await look(status, { waitSeconds: 300, onMissing: 'allow' }, NOW + 300_000);
    expect(allowed.hookStatus).toBe('SUCCEEDED');
  });

  it.each(missing)('%s: onMissing', async (status) => {
    expect((await look(status, {})).hookStatus).toBe('FAILED');
    expect((await look(status, { onMissing: 'allow' })).hookStatus).toBe('SUCCEEDED');
  });

  it.each(refused)('%s: denied', async (status) => {
    expect((await look(status, { onMissing: 'allow' })).hookStatus).toBe('FAILED');
  });
});

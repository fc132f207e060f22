import { describe, expect, it, vi } from 'vitest';
import { parseOverlay, parsePolicy, policyWarnings } from '../hooks/admission/policy.ts';
import { DIGEST, REFERENCE_CASES } from './docs-admission-cases.ts';
import { SCAN_CASES } from './docs-admission-cases-scan.ts';
import { section, workedPolicies } from './docs-admission-page.ts';
import { DAY, NOW, REGISTRY, scanned, useAdmissionWorld } from './docs-admission-world.ts';
import { captureOutput } from './fixtures/output.ts';

const CASES = { ...REFERENCE_CASES, ...SCAN_CASES };
const AUDIT = 'Audit first, then enforce';
const SERVICE = 'What a service adds';
const STATUS = { admitted: 'SUCCEEDED', denied: 'FAILED', 'waited for': 'IN_PROGRESS' } as const;

const output = captureOutput();
const world = useAdmissionWorld();
const policies = workedPolicies();

/** The JSON that the page has under a title. */
function jsonOf(title: string): string {
  const found = policies.find((one) => one.title === title);
  if (found === undefined) throw new Error(`the page works through no policy "${title}"`);
  return found.json;
}

describe('the page', () => {
  it('works through ten policies and what a service adds, each with a sentence on what it admits and denies', () => {
    const played = [...Object.keys(CASES), AUDIT, SERVICE];
    expect(policies.map(({ title }) => title).sort()).toEqual(played.sort());
    expect(played).toHaveLength(11);
    for (const { title, sentence } of policies.slice(0, 10))
      expect(sentence, title).toMatch(/^Admits .*den(?:y|ies|ied)/);
  });

  it.each(policies)('has a policy that the schema accepts, and that has no trap in it: $title', ({ title, json }) => {
    const document: unknown = JSON.parse(json);
    if (title === SERVICE) {
      expect(parseOverlay(document, 'hookDetails').rules).toHaveLength(1);
      return;
    }
    expect(policyWarnings(parsePolicy(document, 'HOOK_POLICY'))).toEqual([]);
  });

  it('has a table for every object of the policy', () => {
    const titles = [...section('## Policy reference').matchAll(/^### (\w+)/gm)].map(([, title]) => title);
    expect(titles.slice(0, 6)).toEqual(['policy', 'rule', 'vulnerabilities', 'max', 'exception', 'exemption']);
  });
});

describe.each(Object.entries(CASES))('%s', (title, cases) => {
  it.each(cases)('$it is $is', async ({ image, container = 'web', inDays = 0, is, because }) => {
    const containers = { [container]: image(world()) };
    vi.setSystemTime(NOW + inDays * DAY);
    const answer = await world().look({ policy: jsonOf(title), containers });
    expect(answer.reason).toContain(because);
    expect(answer.hookStatus).toBe(STATUS[is]);
  });

  it('is shown to admit something and to deny something', () => {
    expect(cases.map(({ is }) => is)).toEqual(expect.arrayContaining(['admitted', 'denied']));
  });
});

describe('Vulnerabilities, strictly', () => {
  const policy = jsonOf('Vulnerabilities, strictly');

  it('waits for a scan to end, and goes by it', async () => {
    const scan = { ...scanned(), pendingUntil: NOW + 590_000 };
    const containers = { web: world().push(`${REGISTRY}/slow`, { scan }).reference };
    const first = await world().look({ policy, containers });
    expect(first).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: 30 });
    vi.setSystemTime(NOW + 600_000);
    expect((await world().look({ policy, containers, hookDetails: first.hookDetails })).hookStatus).toBe('SUCCEEDED');
  });

  it('waits for no more than ten minutes', async () => {
    const scan = { ...scanned(), pendingUntil: NOW + DAY };
    const containers = { web: world().push(`${REGISTRY}/slower`, { scan }).reference };
    const { hookDetails } = await world().look({ policy, containers });
    vi.setSystemTime(NOW + 599_000);
    expect((await world().look({ policy, containers, hookDetails })).hookStatus).toBe('IN_PROGRESS');
    vi.setSystemTime(NOW + 600_000);
    const last = await world().look({ policy, containers, hookDetails });
    expect(last.hookStatus).toBe('FAILED');
    expect(last.reason).toContain('the scan is PENDING after 10 min; onMissing is deny');
  });
});

describe(AUDIT, () => {
  const audit = jsonOf(AUDIT);
  const { mode, ...rest } = JSON.parse(audit);

  it('admits what it would deny, and says so', async () => {
    const containers = { web: world().push(`${REGISTRY}/movable`).reference };
    const answer = await world().look({ policy: audit, containers });
    expect(mode).toBe('audit');
    expect(answer.hookStatus).toBe('SUCCEEDED');
    expect(answer.reason).toMatch(/^Audit mode, would have been FAILED: Denied 1 of 1 image: .*can be moved/);
    expect(output.decisions()).toMatchObject([{ wouldFail: true, status: 'SUCCEEDED' }]);
    expect(output.metrics()).toMatchObject([{ WouldFail: 1 }]);
  });

  it('denies exactly that without its mode, or with enforce', async () => {
    for (const policy of [rest, { ...rest, mode: 'enforce' }].map((document) => JSON.stringify(document))) {
      const denied = { web: world().push(`${REGISTRY}/movable`).reference };
      const answer = await world().look({ policy, containers: denied });
      expect(answer.hookStatus).toBe('FAILED');
      expect(answer.reason).toMatch(/^Denied 1 of 1 image: .*can be moved/);
      const { uri, digest } = world().push(`${REGISTRY}/movable`);
      const admitted = await world().look({ policy, containers: { web: `${uri}@${digest}` } });
      expect(admitted.hookStatus).toBe('SUCCEEDED');
    }
  });

  it('admits nothing by a policy that cannot be read, whatever mode it names', async () => {
    const policy = JSON.stringify({ mode, ...rest, rule: [] });
    const answer = await world().look({ policy, containers: { web: `${REGISTRY}/web:v1` } });
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toContain('HOOK_POLICY.rule is not a known key');
  });
});

describe(SERVICE, () => {
  const policy = JSON.stringify({ ...JSON.parse(jsonOf('The own registry only')), mode: 'audit' });
  const hookDetails: unknown = JSON.parse(jsonOf(SERVICE));

  it.each<[string, string, unknown, string, string]>([
    ['its own image by tag', 'team/web', hookDetails, 'FAILED', "the service's rule pinned-here: the reference has no"],
    ['the same without what it adds', 'team/web', {}, 'SUCCEEDED', 'passes rule own-registry'],
    ['another image by tag', 'base/web', hookDetails, 'SUCCEEDED', 'passes rule own-registry'],
  ])('%s', async (_, repository, details, status, because) => {
    const containers = { web: world().push(`${REGISTRY}/${repository}`).reference };
    const answer = await world().look({ policy, hookDetails: details, containers });
    expect(answer.reason).toContain(because);
    expect(answer.hookStatus).toBe(status);
  });

  it('admits its own image by digest', async () => {
    const { uri, digest } = world().push(`${REGISTRY}/team/web`);
    const answer = await world().look({ policy, hookDetails, containers: { web: `${uri}@${digest}` } });
    expect(answer.reason).toContain("passes rule own-registry, the service's rule pinned-here");
    expect(answer.hookStatus).toBe('SUCCEEDED');
  });

  it('does not admit what the policy does not know', async () => {
    const answer = await world().look({ policy, hookDetails, containers: { web: `quay.io/team/web@${DIGEST}` } });
    expect(answer.reason).toContain('no rule of the policy matches quay.io/team/web');
    expect(answer.hookStatus).toBe('FAILED');
  });

  it.each([{ mode: 'audit' }, { exemptions: [] }, { onError: 'allow' }, { pollSeconds: 5 }, { version: 1 }])(
    'may not give %j',
    async (more) => {
      const answer = await world().look({ policy, hookDetails: more, containers: { web: `${REGISTRY}/web:v1` } });
      expect(answer.hookStatus).toBe('FAILED');
      expect(answer.reason).toContain(`hookDetails.${Object.keys(more)[0]}`);
    },
  );
});

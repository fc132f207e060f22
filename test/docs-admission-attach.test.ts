import { describe, expect, it } from 'vitest';
import { hook } from '../hooks/admission/hook.ts';
import { FRAMEWORK_PERMISSIONS } from '../shared/hook.ts';
import { jsonIn, section } from './docs-admission-page.ts';
import { type AdmissionWorld, findings, policy, REGISTRY, scanned, useAdmissionWorld } from './docs-admission-world.ts';
import { captureOutput } from './fixtures/output.ts';

captureOutput();
const world = useAdmissionWorld();

describe('what the page has to attach', () => {
  const [hookJson = '', roleJson = '', repositoryJson = ''] = jsonIn(section('## Attach it'));
  const actionsIn = (json: string): string[] =>
    JSON.parse(json).Statement.flatMap(({ Action }: { Action: string | string[] }) => Action);
  const inspector = ['inspector2:ListCoverage', 'inspector2:ListFindings'];

  it('is at the stages of the hook', () => {
    expect(JSON.parse(hookJson).lifecycleStages).toEqual(hook.stages);
  });

  it('has the permissions that the hook declares, and no more', () => {
    const needed = [...hook.permissions, ...FRAMEWORK_PERMISSIONS, ...inspector];
    expect([...new Set(actionsIn(roleJson))].sort()).toEqual([...new Set(needed)].sort());
    expect(actionsIn(repositoryJson)).toEqual(hook.permissions.filter((action) => action.startsWith('ecr:')));
  });
});

describe('the cost', () => {
  const vulnerabilities = { max: { CRITICAL: 0 } };

  async function calls(rule: object, push: Parameters<AdmissionWorld['push']>[1] = { scan: scanned() }) {
    const images = ['a1', 'a1', 'b2', 'b2', 'c3'].map((name, n) => world().push(`${REGISTRY}/${name}:v${n}`, push));
    const containers = Object.fromEntries(images.map(({ reference }, n) => [`c${n}`, reference]));
    const input = { policy: policy(rule), containers };
    const answer = await world().look(input);
    expect(answer.hookStatus).toBe('SUCCEEDED');
    const digests = images.map(({ reference, digest }, n) => [`c${n}`, { image: reference, digest }] as const);
    return { input, started: Object.fromEntries(digests), sent: world().calls };
  }

  it('is what the page says, and little at POST_SCALE_UP', async () => {
    const page = section('## What it costs');
    expect(page).toContain('2 + 3 + 0 + 3 + 5 + 2 = 15');
    const { input, started, sent } = await calls({ vulnerabilities });
    expect(sent).toHaveLength(15);
    const answer = await world().look({ ...input, containers: started, stage: 'POST_SCALE_UP' });
    expect(answer.hookStatus).toBe('SUCCEEDED');
    expect(page).toContain('2 + 0 + 0 + 0 + 0 + 1 = 3');
    expect(world().calls).toHaveLength(3);
  });

  it.each<[string, object, object | undefined, number]>([
    ['no rule that asks for more', {}, undefined, 2 + 3 + 0 + 0 + 0 + 2],
    ['age', { maxAgeDays: 1 }, undefined, 2 + 3 + 0 + 3 + 0 + 2],
    ['two platforms', { vulnerabilities }, { platforms: ['linux/amd64', 'linux/arm64'] }, 2 + 3 + 0 + 3 + 10 + 2],
  ])('with %s', async (_, rule, push, expected) => {
    expect((await calls(rule, { scan: scanned(), ...push })).sent).toHaveLength(expected);
  });

  it('once for containers that run the same image', async () => {
    const image = world().push(`${REGISTRY}/web`, { scan: scanned() }).reference;
    await world().look({ policy: policy({ vulnerabilities }), containers: { a: image, b: image, c: image } });
    expect(world().calls).toHaveLength(2 + 1 + 0 + 1 + 1 + 2);
  });

  it('with immutable tags, and with findings on more than one page', async () => {
    const immutable = ['d4', 'e5'].map((name) => {
      const pushed = world().push(`${REGISTRY}/${name}`, { scan: scanned(...findings(1001, 'LOW')) });
      world().aws.registry.setMutability(pushed.uri, 'IMMUTABLE');
      return pushed.reference;
    });
    const [a = '', b = ''] = immutable;
    const rule = { tagImmutability: 'require', vulnerabilities };
    const answer = await world().look({ policy: policy(rule), containers: { a, b } });
    expect(answer.hookStatus).toBe('SUCCEEDED');
    expect(world().calls).toHaveLength(2 + 2 + 2 + 2 + 4 + 2);
  });
});

import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { policyOf, useWorld } from './admission-world.ts';

const world = useWorld();
const REGION = 'us-east-1';
const REPOSITORY = { repository: 'team/app', region: REGION };

const Case = z.object({
  name: z.string(),
  expect: z.enum(['allow', 'deny']),
  containerImages: z.array(
    z.object({ containerName: z.string(), image: z.string(), imageDigest: z.string().optional() }),
  ),
  facts: z
    .object({
      tagMutability: z.enum(['IMMUTABLE', 'IMMUTABLE_WITH_EXCLUSION']).optional(),
      exclusionFilters: z.array(z.string()).optional(),
      signature: z.enum(['verified', 'none']).optional(),
      previouslyAllowed: z.string().optional(),
      error: z.literal('AccessDeniedException').optional(),
    })
    .default({}),
  policyPatch: z.object({ __raw: z.string() }).optional(),
});
const Vectors = z.object({
  admission: z.object({ basePolicy: z.looseObject({ rules: z.array(z.looseObject({})) }), cases: z.array(Case) }),
});
const file = new URL('../fixtures/admission-vectors.json', import.meta.url);
const { basePolicy, cases } = Vectors.parse(JSON.parse(readFileSync(file, 'utf8'))).admission;

/** The reference policy in our words: accounts and Regions are part of the patterns, and an exemption has an end. */
const rules = basePolicy.rules.map(({ signatures: _signatures, ...rule }) => rule);
const policy = { ...policyOf(), rules };
/** The image that the cases call by this digest. */
const KNOWN = `sha256:${'a'.repeat(64)}`;

afterEach(() => world().aws.faults.clear());

/** Whether a signature is missing is not looked at yet, so that case says nothing here: see the refusal below. */
const judged = cases.filter(({ facts }) => facts.signature !== 'none');

describe('the reference cases', () => {
  it('are all there but the one that is about a signature', () => {
    expect(cases.length - judged.length).toBe(1);
    expect(judged.length).toBeGreaterThanOrEqual(8);
  });

  it('a policy with signatures is refused', async () => {
    const image = world().push();
    const play = world().deploy({ containers: [image.reference], policy: { ...policyOf(), rules: basePolicy.rules } });
    expect(await play.look()).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('HOOK_POLICY.rules[0].signatures: this version does not verify signatures yet'),
    });
  });

  it.each(judged)('$name: $expect', async ({ name, containerImages, facts, policyPatch, expect: expected }) => {
    // Bytes of its own for each case, so that none profits from what another had admitted.
    const { digest } = world().push({ ...REPOSITORY, createdFrom: name, tags: ['1', 'latest-1'] });
    world().registry.setMutability(REPOSITORY, facts.tagMutability ?? 'IMMUTABLE', facts.exclusionFilters);
    const real = (text: string) => text.replace(KNOWN, digest);
    const containers = containerImages.map(({ containerName, image }) => ({ name: containerName, image: real(image) }));
    const recorded = containerImages.flatMap(({ containerName, imageDigest }) =>
      imageDigest === undefined ? [] : [[containerName, real(imageDigest)] as const],
    );
    const env = { HOOK_POLICY: policyPatch?.__raw ?? JSON.stringify(policy) };
    const play = world().deploy({ containers, env });
    if (facts.previouslyAllowed !== undefined) expect((await play.look()).hookStatus).toBe('SUCCEEDED');
    if (facts.error !== undefined) {
      world().aws.faults.add({ service: 'ecr', operation: 'BatchGetImage', kind: 'access-denied', always: true });
    }
    if (recorded.length > 0) play.start(Object.fromEntries(recorded));
    expect(await play.look()).toMatchObject({ hookStatus: expected === 'allow' ? 'SUCCEEDED' : 'FAILED' });
    world().registry.deleteRepository(REPOSITORY);
  });
});

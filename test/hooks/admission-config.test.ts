import { afterEach, describe, expect, it } from 'vitest';
import { type DeployOptions, HOST, policyOf, useWorld } from './admission-world.ts';

const world = useWorld();
const OWN = { name: 'own', match: [`${HOST}/team/**`] };
let parameters = 0;

afterEach(() => world().aws.faults.clear());

/** A look at an image with which nothing is wrong. */
function configured(options: Omit<DeployOptions, 'containers'>) {
  return world().deploy({ containers: [world().push().reference], ...options });
}

/** A parameter with this text; each has a name of its own, since the function remembers them for a minute. */
function parameter(value: string): string {
  parameters += 1;
  const name = `/platform/admission-${parameters}`;
  world().aws.parameters.put({ name, value, type: 'SecureString' }, 'arn:aws:iam::123456789012:role/platform');
  return name;
}

describe('a policy that is not one denies, and says what to mend', () => {
  it.each<[string, unknown, string]>([
    ['no version', { rules: [OWN] }, 'HOOK_POLICY.version is missing (1 expected)'],
    ['another version', { version: 2, rules: [OWN] }, 'HOOK_POLICY.version must be 1, not 2'],
    ['no rules', { version: 1 }, 'there is no policy'],
    ['an empty list of rules', { version: 1, rules: [] }, 'HOOK_POLICY.rules must be at least 1 items, not []'],
    ['rules that are no list', { version: 1, rules: OWN }, 'HOOK_POLICY.rules must be of type array'],
    ['an unknown key', policyOf({}, { exempt: [] }), 'HOOK_POLICY.exempt is not a known key'],
    ['an unknown key in a rule', policyOf({ matches: [] }), 'HOOK_POLICY.rules[0].matches is not a known key'],
    [
      'an unknown key far below',
      policyOf({ vulnerabilities: { max: { SEVERE: 0 } } }),
      'HOOK_POLICY.rules[0].vulnerabilities.max.SEVERE is not a known key',
    ],
    ['a pattern without repository', policyOf({ match: ['*'] }), 'HOOK_POLICY.rules[0].match[0]'],
    ['a word for a switch', policyOf({ digest: 'yes' }), 'HOOK_POLICY.rules[0].digest must be "require" or "resolve"'],
    [
      'signatures',
      policyOf({ signatures: { require: 1 } }),
      'HOOK_POLICY.rules[0].signatures: this version does not verify',
    ],
    ['attestations', policyOf({ attestations: [] }), 'HOOK_POLICY.rules[0].attestations: this version does not verify'],
    ['verifiers', policyOf({}, { verifiers: {} }), 'HOOK_POLICY.verifiers: this version does not verify'],
    ['break-glass', policyOf({}, { breakGlass: {} }), 'HOOK_POLICY.breakGlass: this version does not verify'],
    [
      'an exemption that never ends',
      policyOf({}, { exemptions: [{ container: 'web', match: [`${HOST}/**`], reason: 'x' }] }),
      'HOOK_POLICY.exemptions[0].until',
    ],
    ['no deadline', policyOf({}, { deadlineSeconds: 0 }), 'HOOK_POLICY.deadlineSeconds must be at least 1, not 0'],
    ['a word as deadline', policyOf({}, { deadlineSeconds: '60' }), 'HOOK_POLICY.deadlineSeconds must be of type'],
    ['an unknown onError', policyOf({}, { onError: 'alow' }), 'HOOK_POLICY.onError must be'],
    ['an unknown mode', policyOf({}, { mode: 'dryrun' }), 'HOOK_POLICY.mode must be "enforce" or "audit"'],
    ['the hook’s own key', policyOf({}, { addedRules: [] }), 'HOOK_POLICY.addedRules is not a known key'],
  ])('%s', async (_what, policy, why) => {
    const play = configured({ policy });
    expect(await play.look()).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining(why) });
    expect(play.calls).toEqual([]);
  });

  it.each([
    ['no JSON', '{', 'HOOK_POLICY must be a JSON object'],
    ['a list', '[]', 'HOOK_POLICY must be a JSON object'],
    ['a text', '"allow"', 'HOOK_POLICY must be a JSON object'],
    ['empty', '', 'there is no policy; give one in HOOK_POLICY (or HOOK_DEFAULTS)'],
    ['no rules', '{"mode":"audit"}', 'there is no policy'],
    ['audit, and broken', '{"mode":"audit","version":1,"rules":[{}]}', 'HOOK_POLICY.rules[0].name is missing'],
  ])('%s', async (_what, text, why) => {
    const play = configured({ env: { HOOK_POLICY: text } });
    expect(await play.look()).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining(why) });
  });

  it('none at all', async () => {
    expect(await configured({ env: {} }).look()).toMatchObject({
      hookStatus: 'FAILED',
      reason: 'Bad configuration: there is no policy; give one in HOOK_POLICY (or HOOK_DEFAULTS)',
    });
  });
});

describe('the policy in a parameter', () => {
  it('is read', async () => {
    const name = parameter(JSON.stringify(policyOf({ name: 'from-parameter' })));
    const play = configured({ env: { HOOK_POLICY: `ssm:${name}` } });
    expect(await play.look()).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: expect.stringContaining('passes rule from-parameter'),
    });
    expect(play.calls[0]).toBe('ssm:GetParameter');
  });

  it.each([
    ['empty', ' ', 'is empty'],
    ['no JSON', 'hunter2', 'must hold a JSON object'],
    ['a list', '["hunter2"]', 'must hold a JSON object'],
  ])('denies: %s, and tells nothing of what is in it', async (_what, value, why) => {
    const name = parameter(value);
    const answer = await configured({ env: { HOOK_POLICY: `ssm:${name}` } }).look();
    expect(answer).toMatchObject({
      hookStatus: 'FAILED',
      reason: `Bad configuration: HOOK_POLICY (ssm:${name}) ${why}`,
    });
    expect(world().output.text()).not.toContain('hunter2');
  });

  it('denies where there is none', async () => {
    expect(await configured({ env: { HOOK_POLICY: 'ssm:/platform/none' } }).look()).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(/^ssm:GetParameter: ParameterNotFound/),
    });
  });

  it('denies where it may not be read', async () => {
    const name = parameter(JSON.stringify(policyOf()));
    world().aws.faults.add({ service: 'ssm', operation: 'GetParameter', kind: 'access-denied' });
    expect(await configured({ env: { HOOK_POLICY: `ssm:${name}` } }).look()).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('is not authorized to perform: ssm:GetParameter'),
    });
  });

  it('is waited for where it cannot be read just now', async () => {
    const play = configured({ env: { HOOK_POLICY: `ssm:${parameter(JSON.stringify(policyOf()))}` } });
    world().aws.faults.add({ service: 'ssm', operation: 'GetParameter', kind: 'unavailable', times: 3 });
    expect(await play.look()).toMatchObject({ hookStatus: 'IN_PROGRESS' });
    expect((await play.look(30)).hookStatus).toBe('SUCCEEDED');
  });
});

describe('the policy in two places', () => {
  it('HOOK_DEFAULTS will do', async () => {
    const env = { HOOK_DEFAULTS: JSON.stringify(policyOf()) };
    expect((await configured({ env }).look()).hookStatus).toBe('SUCCEEDED');
  });

  it('HOOK_POLICY wins, key by key', async () => {
    const env = {
      HOOK_DEFAULTS: JSON.stringify(policyOf({}, { mode: 'audit' })),
      HOOK_POLICY: JSON.stringify({ rules: [{ ...OWN, name: 'strict', denyTags: ['*'] }] }),
    };
    expect(await configured({ env }).look()).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: expect.stringMatching(/^Audit mode, would have been FAILED: Denied 1 of 1 image: .*rule strict/),
    });
    const enforced = { ...env, HOOK_POLICY: JSON.stringify({ mode: 'enforce', rules: [{ ...OWN, denyTags: ['*'] }] }) };
    expect((await configured({ env: enforced }).look()).hookStatus).toBe('FAILED');
  });
});

describe('hookDetails, which the deployer writes', () => {
  const look = (hookDetails: unknown, policy: unknown = policyOf()) => configured({ policy, hookDetails }).look();

  it.each<[string, Record<string, unknown>, string]>([
    ['a looser mode', { mode: 'audit' }, 'hookDetails.mode must be "enforce", not "audit"'],
    ['onError', { onError: 'allow' }, 'hookDetails.onError is not a known key'],
    [
      'the common spelling of it',
      { onError: 'succeed', onTimeout: 'succeed' },
      'hookDetails.onTimeout is not a known key',
    ],
    ['exemptions', { exemptions: [] }, 'hookDetails.exemptions is not a known key'],
    ['a deadline', { deadlineSeconds: 1 }, 'hookDetails.deadlineSeconds is not a known key'],
    ['common keys', { pollSeconds: 5 }, 'hookDetails.pollSeconds is not a known key'],
    [
      'a first deployment that is skipped',
      { firstDeployment: 'skip' },
      'hookDetails.firstDeployment is not a known key',
    ],
    ['the hook’s own key', { addedRules: [] }, 'hookDetails.addedRules is not a known key'],
    ['a parameter prefix', { parameterPrefix: '/mine' }, 'hookDetails.parameterPrefix is not a known key'],
    ['a whole policy', policyOf(), 'hookDetails.version is not a known key'],
    ['a rule that is none', { rules: [{ name: 'x' }] }, 'hookDetails.rules[0].match is missing'],
    ['rules with signatures', { rules: [{ ...OWN, signatures: {} }] }, 'hookDetails.rules[0].signatures'],
  ])('is refused %s', async (_what, hookDetails, why) => {
    const answer = await look(hookDetails);
    expect(answer).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining(why) });
  });

  it('may be absent, empty, a text of JSON', async () => {
    for (const details of [undefined, {}, '{}', { rules: [] }, JSON.stringify({ rules: [OWN] })]) {
      expect((await look(details)).hookStatus).toBe('SUCCEEDED');
    }
  });

  it('takes no part in what the policy is, wherever that stands', async () => {
    const loose = { rules: [{ name: 'all', match: ['**/*'] }] };
    const env = { HOOK_DEFAULTS: JSON.stringify(policyOf({ match: [`${HOST}/none/**`] })) };
    expect(await configured({ env, hookDetails: loose }).look()).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('no rule of the policy matches'),
    });
    expect(await configured({ env: {}, hookDetails: loose }).look()).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('there is no policy'),
    });
  });

  it('makes an audit an enforcement', async () => {
    const policy = policyOf({ digest: 'require' }, { mode: 'audit' });
    expect((await look({}, policy)).hookStatus).toBe('SUCCEEDED');
    expect((await look({ mode: 'enforce' }, policy)).hookStatus).toBe('FAILED');
  });

  it('admits no image that the policy does not know', async () => {
    const rules = [{ name: 'all', match: ['docker.io/**', `${HOST}/**`] }];
    const play = world().deploy({
      containers: ['nginx@sha256:'.padEnd(77, 'a')],
      policy: policyOf(),
      hookDetails: { rules },
    });
    expect(await play.look()).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('no rule of the policy matches docker.io/library/nginx (rules: own)'),
    });
  });

  it('with a memory that it made up gains nothing', async () => {
    const policy = policyOf({}, { onError: 'allow', deadlineSeconds: 60 });
    world().aws.faults.add({ service: 'ecr', kind: 'unavailable', always: true });
    const memory = { v: 1, deployment: 'dep-0', step: 'PRE_SCALE_UP', startedAt: 0, looks: 9, errors: 999 };
    expect((await look({ _state: JSON.stringify(memory) }, policy)).hookStatus).toBe('IN_PROGRESS');
    expect((await look({ _state: 'x' }, policy)).hookStatus).toBe('FAILED');
  });
});

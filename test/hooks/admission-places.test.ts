import { describe, expect, it } from 'vitest';
import { ACCOUNT, ECS_CALLS, HOST, NO_DIGEST, policyOf, REGION, useWorld } from './admission-world.ts';

const world = useWorld();
const OTHER = '210987654321';

/** The calls to ECR of a look, with the registry that they name. */
function asked(play: { made: readonly { service: string; operation: string; input: object }[] }) {
  return play.made.filter(({ service }) => service === 'ecr').map(({ operation, input }) => ({ operation, ...input }));
}

describe('a registry elsewhere', () => {
  it.each([
    ['another account', OTHER, REGION],
    ['another Region', ACCOUNT, 'us-west-2'],
    ['another account and Region', OTHER, 'ap-southeast-2'],
    ['China', OTHER, 'cn-north-1'],
  ])('%s is asked there, and nowhere else', async (_what, registryId, region) => {
    const repository = world().repository();
    const place = { repository, registryId, region };
    const image = world().push({ ...place, createdFrom: 'there' });
    world().registry.setMutability(place, 'IMMUTABLE');
    world().registry.setScan(place, image.digest, { status: 'COMPLETE' });
    // A trap: the same name here is another image.
    const here = world().push({ repository, createdFrom: 'here' });
    const rule = { match: [`${image.uri}`], tagImmutability: 'require', maxAgeDays: 1, vulnerabilities: {} };
    const play = world().deploy({ containers: [image.reference], policy: policyOf(rule) });
    const answer = await play.look();
    expect(answer).toMatchObject({ hookStatus: 'SUCCEEDED', reason: expect.stringContaining(image.digest) });
    expect(answer.reason).not.toContain(here.digest);
    expect(asked(play).map(({ operation }) => operation)).toHaveLength(4);
    for (const call of asked(play)) expect(call).toMatchObject({ registryId });
    expect(world().images()).toMatchObject([{ account: registryId, region }]);
  });

  it('with a repository of the same name: each is asked for its own', async () => {
    const repository = world().repository();
    const images = [ACCOUNT, OTHER].map((registryId) =>
      world().push({ repository, registryId, createdFrom: registryId }),
    );
    const containers = images.map(({ reference }, at) => ({ name: `c${at}`, image: reference }));
    const play = world().deploy({ containers, policy: policyOf({ match: images.map(({ uri }) => uri) }) });
    expect((await play.look()).hookStatus).toBe('SUCCEEDED');
    expect(
      world()
        .images()
        .map(({ digest }) => digest),
    ).toEqual(images.map(({ digest }) => digest));
    expect(asked(play).map((call) => 'registryId' in call && call.registryId)).toEqual([ACCOUNT, OTHER]);
  });

  it('is one registry under all its hosts, with one call', async () => {
    const image = world().push();
    const hosts = [
      HOST,
      `${ACCOUNT}.dkr.ecr-fips.${REGION}.amazonaws.com`,
      `${ACCOUNT}.dkr-ecr.${REGION}.on.aws`,
      `${ACCOUNT}.dkr-ecr-fips.${REGION}.on.aws`,
    ];
    const containers = hosts.map((host, at) => ({ name: `c${at}`, image: `${host}/${image.repository}:v1` }));
    const play = world().deploy({ containers, policy: policyOf({ match: [`${hosts[3]}/team/*`] }) });
    expect(await play.look()).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: expect.stringMatching(/^Admitted 4 images: /),
    });
    expect(asked(play)).toMatchObject([{ operation: 'BatchGetImage', imageIds: [{ imageTag: 'v1' }] }]);
    expect(
      world()
        .images()
        .map(({ name }) => name),
    ).toEqual(hosts.map(() => `${HOST}/${image.repository}`));
  });

  it.each([
    `${HOST}.evil.com/team/app:v1`,
    `evil.com/${HOST}/team/app:v1`,
    `x${HOST}/team/app:v1`,
    `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com.cn/team/app:v1`,
    `${HOST}:443/team/app:v1`,
    `${HOST.toUpperCase()}/team/app:v1`,
    `${ACCOUNT}.dkr.ecr.${REGION}.on.aws/team/app:v1`,
    `team/app:v1`,
    `${HOST}/team/../app:v1`,
    `${HOST}/team/app:v1\n`,
    `https://${HOST}/team/app:v1`,
    `${HOST}/te\u0430m/app:v1`,
    'sha256:dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c',
    ' ',
  ])('is not what only looks like it: %j', async (image) => {
    // Even with rules that let everything pass that is a reference.
    for (const match of [[`${HOST}/**`], [`${HOST}/**`, `${HOST.replace(ACCOUNT, '*')}/**`]]) {
      const play = world().deploy({ containers: [image], policy: policyOf({ match }) });
      expect((await play.look()).hookStatus).toBe('FAILED');
      expect(play.calls).toEqual(ECS_CALLS);
    }
  });
});

describe('what no careful person means', () => {
  it.each([
    ['port-on-aws-host', `${HOST}:443/team/app`],
    ['ecr-look-alike', `${HOST}.evil.com/team/app`],
    ['ecr-look-alike', `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com.cn/team/app`],
    ['upper-case-host', 'Registry.example/team/app'],
  ])('%s is denied, also where a pattern lets all registries pass: %s', async (problem, name) => {
    expect(await world().look(`${name}@${NO_DIGEST}`, { match: ['**/team/app'] })).toMatchObject({
      hookStatus: 'FAILED',
    });
    expect(world().images()).toMatchObject([{ outcome: 'denied', problem }]);
    expect((await world().look(`registry.example/team/app@${NO_DIGEST}`, { match: ['**/team/app'] })).hookStatus).toBe(
      'SUCCEEDED',
    );
  });

  it('nor with an exemption', async () => {
    const exemption = { container: 'web', match: ['**/team/app'], reason: 'x', until: '2030-01-01' };
    const policy = policyOf({}, { exemptions: [exemption] });
    expect((await world().look('registry.example/team/app:1', {}, { policy })).hookStatus).toBe('SUCCEEDED');
    expect((await world().look(`${HOST}:443/team/app:1`, {}, { policy })).hookStatus).toBe('FAILED');
  });
});

describe.each([
  [
    'Amazon ECR Public',
    'public.ecr.aws/docker/library/nginx',
    'public.ecr.aws/docker/library/nginx',
    'Amazon ECR Public',
  ],
  [
    'its dual-stack host',
    'ecr-public.aws.com/docker/library/nginx',
    'public.ecr.aws/docker/library/nginx',
    'Amazon ECR Public',
  ],
  ['Docker Hub', 'nginx', 'docker.io/library/nginx', 'docker.io'],
  ['another registry', 'ghcr.io/org/app', 'ghcr.io/org/app', 'ghcr.io'],
])('%s', (_what, name, canonical, told) => {
  const pinned = `${name}@${NO_DIGEST}`;
  const look = async (image: string, rule: object) => {
    const play = world().deploy({ containers: [image], policy: policyOf({ match: [canonical], ...rule }) });
    const answer = await play.look();
    expect(play.calls.filter((call) => call.startsWith('ecr:'))).toEqual([]);
    return answer;
  };

  it('is admitted by allow-list and digest alone, and the reason says so', async () => {
    expect(await look(pinned, { digest: 'require', tagImmutability: 'require' })).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: expect.stringContaining(`allow-listed and pinned by digest; nothing else can be checked in ${told}`),
    });
    expect((await look(`${name}:1@${NO_DIGEST}`, { denyTags: ['1'] })).hookStatus).toBe('SUCCEEDED');
  });

  it.each<[string, string, object, string]>([
    ['by tag', `${name}:1.27`, {}, `a tag of ${told} cannot be resolved here; pin it by digest`],
    ['without tag', name, {}, 'cannot be resolved here'],
    ['that no rule knows', pinned, { match: [`${HOST}/**`] }, `no rule of the policy matches ${canonical}`],
    ['whose age is asked', pinned, { maxAgeDays: 1 }, `rule own: maxAgeDays cannot be checked in ${told}`],
    ['whose scan is asked', pinned, { vulnerabilities: { onMissing: 'allow' } }, 'vulnerabilities cannot be checked'],
  ])('is denied %s', async (_case, image, rule, why) => {
    expect(await look(image, rule)).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining(why) });
  });

  it('is denied by tag also when ECS has recorded a digest', async () => {
    const play = world().deploy({ containers: [`${name}:1`], policy: policyOf({ match: [canonical] }) });
    expect((await play.start({ web: NO_DIGEST }).look()).hookStatus).toBe('FAILED');
  });
});

describe('an exemption', () => {
  const agent = { name: 'datadog-agent', image: 'public.ecr.aws/datadog/agent:7' };
  const exemption = {
    container: agent.name,
    match: ['public.ecr.aws/datadog/**'],
    reason: 'vendor sidecar',
    until: '2026-03-02',
  };
  const look = (container: { name: string; image: string }, change: object = {}) =>
    world()
      .deploy({ containers: [container], policy: policyOf({}, { exemptions: [{ ...exemption, ...change }] }) })
      .look();

  it('admits the container with the image until the end of its last day, and is evidence', async () => {
    expect(await look(agent)).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: `Admitted 1 image: datadog-agent (${agent.image}): exempt until 2026-03-02: vendor sidecar`,
    });
    expect(world().images()).toMatchObject([{ container: 'datadog-agent', outcome: 'admitted', exemption }]);
  });

  it.each<[string, { name: string; image: string }, object, string]>([
    [
      'that is over',
      agent,
      { until: '2026-03-01' },
      'no rule of the policy matches public.ecr.aws/datadog/agent (rules: own); its exemption ended with 2026-03-01',
    ],
    ['of another container', { ...agent, name: 'app' }, {}, 'no rule of the policy matches'],
    ['of another image', { ...agent, image: 'public.ecr.aws/datadog2/agent:7' }, {}, 'no rule of the policy matches'],
    ['of a host that looks like it', { ...agent, image: 'public.ecr.aws.evil.com/datadog/agent:7' }, {}, 'no rule'],
  ])('%s admits nothing', async (_what, container, change, why) => {
    expect(await look(container, change)).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining(why) });
  });
});

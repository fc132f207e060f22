import { beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../scripts/approve/cli.ts';
import { ALICE, BOB, HOOK, MALLORY, type Play, useWorld } from '../hooks/approval-world.ts';

const world = useWorld();

/** Who votes: the account knows this access key as nobody's, so as a session of its role `Local`. */
const ME = 'arn:aws:sts::123456789012:assumed-role/Local/ana';

interface Ran {
  code: number;
  out: string;
  err: string;
}

async function approve(argv: string[], env: NodeJS.ProcessEnv = { AWS_REGION: 'eu-west-1' }): Promise<Ran> {
  const told: { out: string[]; err: string[] } = { out: [], err: [] };
  const code = await run(argv, {
    env,
    now: () => new Date(world().now),
    out: (text) => told.out.push(text),
    err: (text) => told.err.push(text),
  });
  return { code, out: told.out.join('\n'), err: told.err.join('\n') };
}

/** With the endpoint, and as ana. */
function asAna(...argv: string[]): Promise<Ran> {
  return approve([...argv, '--endpoint-url', world().url, '--as', 'ana']);
}

async function asked(options: Parameters<ReturnType<typeof world>['deploy']>[0] = {}): Promise<Play> {
  const play = world().deploy(options);
  expect((await play.look()).hookStatus).toBe('IN_PROGRESS');
  return play;
}

function writtenBy(play: Play): [string, string][] {
  return play.history().map(({ lastModifiedUser, value }) => [lastModifiedUser, value]);
}

beforeEach(() => {
  // Each test has the account to itself: ids are matched by their beginning.
  for (const name of world().aws.parameters.names()) world().aws.parameters.delete(name);
  world().aws.faults.clear();
});

describe('list', () => {
  it('shows what waits, and nothing else', async () => {
    const [waiting, voted, accepted, declined] = [
      await asked({ id: 'A1' }),
      await asked({ id: 'B2', config: { quorum: 2, notifyTopicArn: world().topicArn } }),
      await asked({ id: 'C3' }),
      await asked({ id: 'D4' }),
    ];
    voted.vote(ALICE, 'accept', 0);
    accepted.vote(ALICE, 'accept', 0);
    declined.vote(ALICE, 'no', 0);
    world().advance(1800);
    const { code, out } = await asAna('list');
    expect(code).toBe(0);
    const service = 'SERVICE'.padEnd(`prod/${waiting.service}`.length);
    expect(out.split('\n')).toEqual([
      `DEPLOYMENT  ${service}  STAGE                    VOTES   LEFT`,
      `A1          prod/${waiting.service}  POST_TEST_TRAFFIC_SHIFT  0 of 1  22 h 30 min`,
      `B2          prod/${voted.service}  POST_TEST_TRAFFIC_SHIFT  1 of 2  22 h 30 min`,
    ]);
  });

  it('shows the decided and the expired with --all', async () => {
    const declined = await asked({ id: 'D4' });
    declined.vote(ALICE, 'no', 0);
    await asked({ id: 'E5', config: { timeoutMinutes: 10 } });
    world().advance(3600);
    const { out } = await asAna('list', '--all');
    expect(out).toMatch(/^D4 .* declined$/m);
    expect(out).toMatch(/^E5 .* expired$/m);
  });

  it('says so when nothing waits', async () => {
    expect(await asAna('list')).toEqual({
      code: 0,
      out: 'No deployment waits for approval under /ecs-hooks/approval in eu-west-1.',
      err: '',
    });
  });

  it('does not show what ECS has ended or passed', async () => {
    const [stopped, passed, open] = [await asked({ id: 'A1' }), await asked({ id: 'B2' }), await asked({ id: 'C3' })];
    world().describe(stopped, { status: 'ROLLBACK_SUCCESSFUL' });
    world().describe(passed, { lifecycleStage: 'PRODUCTION_TRAFFIC_SHIFT' });
    world().describe(open, { lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT' });
    const { requests } = JSON.parse((await asAna('list', '--json')).out);
    expect(requests.map((one: { deployment: string }) => one.deployment)).toEqual(['C3']);
  });

  it('does without ECS where the approver may not ask it', async () => {
    await asked({ id: 'A1' });
    world().aws.faults.add({ service: 'ecs', kind: 'access-denied', always: true });
    expect((await asAna('list')).out).toContain('A1');
  });

  it('fits 100 columns, whatever the names', async () => {
    const long = await asked({ id: '0EYSiB0qap8xf0N76FsbE', stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT', weight: 33.3 });
    const cluster = 'c'.repeat(255);
    const name = long.parameter.replace('/prod/', `/${cluster}/`);
    world().aws.parameters.put({ name, value: 'pending', type: 'String' }, HOOK);
    const { out } = await asAna('list');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(out).toContain('0EYSiB0qap8xf0N76FsbE');
    expect(out).toContain('PRE_PRODUCTION_TRAFFIC_SHIFT-33.3');
  });

  it('narrows down by service, cluster and stage', async () => {
    const [a, b] = [await asked({ id: 'A1' }), await asked({ id: 'B2', stage: 'PRE_SCALE_UP' })];
    const ids = async (...options: string[]): Promise<string[]> => {
      const { requests } = JSON.parse((await asAna('list', '--json', ...options)).out);
      return requests.map(({ deployment }: { deployment: string }) => deployment);
    };
    expect(await ids('--service', a.service)).toEqual(['A1']);
    expect(await ids('--stage', 'PRE_SCALE_UP')).toEqual([b.id]);
    expect(await ids('--cluster', 'prod')).toEqual(['A1', 'B2']);
    expect(await ids('--cluster', 'pro')).toEqual([]);
  });

  it('finds more than a page of them', async () => {
    for (let n = 0; n < 12; n += 1) await asked({ id: `many-${n}` });
    const { requests } = JSON.parse((await asAna('list', '--json')).out);
    expect(requests).toHaveLength(12);
  });
});

describe('show', () => {
  it('tells what is released, until when, and who has voted', async () => {
    const play = await asked({ id: 'A1', config: { quorum: 2, testUrl: 'https://test.example.com/' } });
    play.vote(ALICE, 'accept: tried the login', 600);
    play.vote(MALLORY, 'LGTM\u001b[2J', 60);
    const { code, out } = await asAna('show', 'A1');
    expect(code).toBe(0);
    const [asking, until, first, second] = [-660, 1380 * 60 - 660, -60, 0].map(at);
    expect(out.split('\n')).toEqual([
      `Service:    ${play.service} in prod, eu-west-1`,
      'Deployment: A1',
      'Stage:      POST_TEST_TRAFFIC_SHIFT',
      'Revision:   2222222222222222222, replaces 1111111111111111111',
      'Image:      web: repo/web:1 → repo/web:2',
      'Test:       https://test.example.com/',
      `Asked:      ${asking}`,
      `Until:      ${until}, 22 h 49 min left`,
      'Votes:      1 of 2 approvals, as far as the hook counts them',
      'State:      pending',
      `Parameter:  ${play.parameter}`,
      '',
      `${first}  accept   ${ALICE}: tried the login`,
      `${second}  unknown  ${MALLORY}`,
    ]);
  });

  it('prints all of it as JSON', async () => {
    const play = await asked({ id: 'A1' });
    play.vote(ALICE, 'decline: slow');
    expect(JSON.parse((await asAna('show', 'A1', '--json')).out)).toMatchObject({
      parameter: play.parameter,
      region: 'eu-west-1',
      cluster: 'prod',
      service: play.service,
      deployment: 'A1',
      deploymentArn: play.deploymentArn,
      stage: 'POST_TEST_TRAFFIC_SHIFT',
      revision: '2222222222222222222',
      quorum: 1,
      accepted: 0,
      standing: 'declined',
      votes: [{ by: ALICE, decision: 'decline', reason: 'slow', at: new Date(world().now).toISOString() }],
    });
  });
});

describe('accept and decline', () => {
  it('write the vote, which the hook counts', async () => {
    const play = await asked({ id: 'A1' });
    const { code, out } = await asAna('accept', 'A1', '--reason', ' tried the login ');
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      `Accepted: ${play.service} in prod, deployment A1, at POST_TEST_TRAFFIC_SHIFT.`,
      `Recorded as ${ME}, version 2 of ${play.parameter}.`,
      'The hook looks again within 30 s (its pollSeconds) and then, if it counts this vote, lets the deployment go on.',
    ]);
    expect(writtenBy(play)).toEqual([
      [HOOK, 'pending'],
      [ME, 'accept: tried the login'],
    ]);
    expect(play.history()[1]?.description).toBe(play.history()[0]?.description);
    const answer = await play.look(30);
    expect(answer.hookStatus).toBe('SUCCEEDED');
    expect(answer.reason).toContain(`${ME} at`);
  });

  it('say what the hook will make of a decline', async () => {
    const play = await asked({ id: 'A1' });
    const { code, out } = await asAna('decline', 'A1');
    expect(code).toBe(0);
    expect(out).toContain('Where it requires a reason, it waits for one: decline again with --reason.');
    expect((await asAna('decline', 'A1', '--reason', 'login is broken')).code).toBe(0);
    const answer = await play.look(30);
    expect(answer.hookStatus).toBe('FAILED');
    expect(writtenBy(play).at(-1)).toEqual([ME, 'decline: login is broken']);
  });

  it('say how many are missing', async () => {
    await asked({ id: 'A1', config: { quorum: 3 } });
    expect((await asAna('accept', 'A1')).out).toContain('1 of 3 approvals: the hook waits for 2 more.');
  });

  it('print JSON', async () => {
    await asked({ id: 'A1' });
    expect(JSON.parse((await asAna('accept', 'A1', '--json')).out)).toMatchObject({
      decision: 'accept',
      version: 2,
      request: { deployment: 'A1', standing: 'accepted', votes: [{ by: ME }] },
    });
  });

  it('take a beginning of the id, or the ARN with its Region', async () => {
    const [a, b] = [await asked({ id: 'abc123' }), await asked({ id: 'abd456' })];
    expect((await asAna('accept', 'abc')).code).toBe(0);
    expect((await approve(['accept', b.deploymentArn, '--endpoint-url', world().url, '--as', 'ana'], {})).code).toBe(0);
    expect([a, b].map((play) => writtenBy(play).length)).toEqual([2, 2]);
  });

  it('take an id that is whole before those that begin like it', async () => {
    const [short, long] = [await asked({ id: 'abc' }), await asked({ id: 'abcd' })];
    expect((await asAna('accept', 'abc')).code).toBe(0);
    expect([short, long].map((play) => writtenBy(play).length)).toEqual([2, 1]);
  });

  it('take the one step that is open', async () => {
    const start = await asked({ id: 'A1', stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT', weight: 0 });
    start.vote(ALICE, 'accept');
    const ten = start.at({ weight: 10 });
    await ten.look();
    expect((await asAna('accept', 'A1')).code).toBe(0);
    expect([start, ten].map((play) => writtenBy(play).length)).toEqual([2, 2]);
  });

  it('work under another prefix', async () => {
    const play = await asked({ id: 'A1', config: { parameterPrefix: '/platform/gates' } });
    expect((await asAna('accept', 'A1', '--prefix', '/platform/gates/')).code).toBe(0);
    expect((await play.look(30)).hookStatus).toBe('SUCCEEDED');
  });
});

describe('what cannot be done exits with 1 and says what to do', () => {
  it('unknown', async () => {
    await asked({ id: 'A1' });
    expect(await asAna('accept', 'B')).toEqual({
      code: 1,
      out: '',
      err: 'approve: no approval is asked for deployment B under /ecs-hooks/approval in eu-west-1; see: list --all',
    });
  });

  it('ambiguous, with the candidates', async () => {
    const [a, b] = [await asked({ id: 'abc123' }), await asked({ id: 'abc456', stage: 'PRE_SCALE_UP' })];
    const { code, err } = await asAna('decline', 'abc');
    expect(code).toBe(1);
    expect(err).toContain('abc may mean 2 requests; say which with more of the id, --service, --cluster or --stage:');
    expect(err).toMatch(/abc123 .* POST_TEST_TRAFFIC_SHIFT .*pending/);
    expect(err).toMatch(/abc456 .* PRE_SCALE_UP .*pending/);
    expect([a, b].map((play) => writtenBy(play).length)).toEqual([1, 1]);
    expect((await asAna('decline', 'abc', '--stage', 'PRE_SCALE_UP')).code).toBe(0);
  });

  it('a note of the hook’s is no request', async () => {
    const play = await asked({ id: 'A1', config: { notifyTopicArn: world().topicArn } });
    world().aws.parameters.delete(play.parameter);
    expect((await asAna('accept', 'A1')).err).toContain('no approval is asked for deployment A1');
  });

  it.each([
    ['accept', 'declined', [[ALICE, 'decline']]],
    [
      'accept',
      'declined',
      [
        [ALICE, 'decline: slow'],
        [BOB, 'accept'],
      ],
    ],
    ['decline', 'declined', [[ALICE, 'decline: slow']]],
    ['accept', 'accepted', [[ALICE, 'accept']]],
  ] as const)('%s what is already %s', async (command, standing, votes) => {
    const play = await asked({ id: 'A1' });
    for (const [by, value] of votes) play.vote(by, value);
    const before = writtenBy(play).length;
    const { code, err } = await asAna(command, 'A1');
    expect(code).toBe(1);
    expect(err).toContain(`deployment A1 is already ${standing}`);
    expect(err).toContain('--force');
    expect(writtenBy(play)).toHaveLength(before);
    expect((await asAna(command, 'A1', '--force')).code).toBe(0);
    expect(writtenBy(play)).toHaveLength(before + 1);
  });

  it('but a decline may still overtake an accept', async () => {
    const play = await asked({ id: 'A1' });
    play.vote(ALICE, 'accept');
    expect((await asAna('decline', 'A1', '--reason', 'wait')).code).toBe(0);
    expect((await play.look()).hookStatus).toBe('FAILED');
  });

  it('expired', async () => {
    const play = await asked({ id: 'A1', config: { timeoutMinutes: 10 } });
    world().advance(660);
    const { code, err } = await asAna('accept', 'A1', '--force');
    expect(code).toBe(1);
    expect(err).toBe(`approve: too late for deployment A1: the request expired at ${at(-60)}`);
    expect(writtenBy(play)).toHaveLength(1);
  });

  it.each([
    [{ status: 'ROLLBACK_SUCCESSFUL' }, 'the deployment is ROLLBACK_SUCCESSFUL'],
    [{ lifecycleStage: 'BAKE_TIME' }, 'the deployment has gone on to BAKE_TIME'],
  ] as const)('ended: %j', async (described, told) => {
    const play = await asked({ id: 'A1' });
    world().describe(play, described);
    const { code, err } = await asAna('decline', 'A1', '--force');
    expect([code, err]).toEqual([1, `approve: too late for deployment A1: ${told}`]);
    expect(writtenBy(play)).toHaveLength(1);
  });

  it.each(['PRODUCTION_TRAFFIC_SHIFT', 'POST_TEST_TRAFFIC_SHIFT', undefined] as const)(
    'a traffic step is open while ECS may still be at it: %s',
    async (lifecycleStage) => {
      const play = await asked({ id: 'A1', stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT', weight: 10 });
      world().describe(play, lifecycleStage === undefined ? {} : { lifecycleStage });
      expect((await asAna('accept', 'A1')).code).toBe(0);
    },
  );

  it('a request that is deleted meanwhile does not come back as a vote', async () => {
    const play = await asked({ id: 'A1' });
    const puts = { service: 'ssm', operation: 'PutParameter', kind: 'slow', ms: 0 } as const;
    world().aws.faults.add({ ...puts, match: () => world().aws.parameters.delete(play.parameter) });
    const { code, err } = await asAna('accept', 'A1');
    expect(code).toBe(1);
    expect(err).toContain('A parameter type is required when you create a parameter.');
    expect(play.history()).toEqual([]);
  });

  it.each([
    ['GetParametersByPath', 'ssm:GetParametersByPath'],
    ['GetParameterHistory', 'ssm:GetParameterHistory'],
    ['PutParameter', 'ssm:PutParameter'],
  ])('no permission for %s', async (operation, action) => {
    await asked({ id: 'A1' });
    world().aws.faults.add({ service: 'ssm', operation, kind: 'access-denied' });
    const { code, err } = await asAna('accept', 'A1');
    expect(code).toBe(1);
    expect(err).toMatch(/^approve: you may not do this; an approver needs ssm:GetParametersByPath, /);
    expect(err).toContain(`is not authorized to perform: ${action}`);
  });

  it('nothing at the endpoint', async () => {
    const { code, err } = await approve(['list', '--endpoint-url', 'http://127.0.0.1:1', '--as', 'ana']);
    expect(code).toBe(1);
    expect(err).toMatch(/^approve: nothing answers at http:\/\/127\.0\.0\.1:1; is the endpoint running\?/);
  });
});

describe('who votes at an endpoint on this machine', () => {
  it('is the credentials’ owner, where there are some', async () => {
    const play = await asked({ id: 'A1' });
    const env = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'test', AWS_ENDPOINT_URL: world().url };
    expect((await approve(['accept', 'A1'], env)).code).toBe(0);
    expect(writtenBy(play).at(-1)).toEqual([HOOK, 'accept']);
  });

  it('is the user of this machine, where there are none', async () => {
    const play = await asked({ id: 'A1' });
    expect((await approve(['accept', 'A1', '--endpoint-url', world().url])).code).toBe(0);
    expect(writtenBy(play).at(-1)?.[0]).toMatch(/^arn:aws:sts::123456789012:assumed-role\/Local\/[\w+=.@-]+$/);
  });
});

describe('wrong usage exits with 2 and says what is wrong', () => {
  it.each<[string[], string]>([
    [[], 'a command is missing: list, show, accept, decline'],
    [['approve', 'A1'], 'unknown command approve: list, show, accept, decline'],
    [['accept'], 'accept needs a deployment; list shows them'],
    [['accept', 'A1', 'because'], 'accept does not take "because"; put a reason into --reason'],
    [['list', 'A1'], 'list does not take "A1"'],
    [['list', '--reason', 'x'], '--reason is for accept and decline'],
    [['accept', 'A1', '--reason', ' '], '--reason is empty'],
    [['accept', 'A1', '--reason', 'x'.repeat(4001)], '--reason is longer than 4000 bytes'],
    [['accept', 'A1', '--yes'], "Unknown option '--yes'"],
    [['accept', 'A1', '--prefix', 'ecs-hooks'], '--prefix must be a path as /ecs-hooks, not "ecs-hooks"'],
    [['list', '--endpoint-url', 'localhost:4566'], 'the endpoint must be a URL'],
    [['list', '--as', 'ana'], '--as only works with an endpoint on this machine'],
    [['list', '--as', 'ana', '--endpoint-url', 'https://ssm.eu-west-1.amazonaws.com'], '--as only works with'],
    [['list', '--as', 'ana', '--endpoint-url', 'http://127.0.0.1.example.com'], '--as only works with'],
    [['list', '--as', 'a/b', '--endpoint-url', 'http://localhost:1'], '--as must be a name'],
  ])('%j', async (argv, told) => {
    const { code, out, err } = await approve(argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`approve: ${told}`);
    expect(err).toContain('npm run approve -- --help');
  });

  it('no Region', async () => {
    expect((await approve(['list'], {})).err).toContain('which Region? Give --region, or set AWS_REGION');
  });

  it('--help is no mistake', async () => {
    const { code, out } = await approve(['--help'], {});
    expect(code).toBe(0);
    expect(out).toMatch(/^Usage: npm run approve/);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });
});

/** `2026-03-02 10:00 UTC`, so many seconds from now. */
function at(seconds: number): string {
  return `${new Date(world().now + seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

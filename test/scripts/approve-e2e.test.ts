import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { ALICE, BOB, useWorld } from '../hooks/approval-world.ts';

/** The command line in processes of its own, against the same account as the hook. */
const world = useWorld('machine');
const SCRIPT = fileURLToPath(new URL('../../scripts/approve.ts', import.meta.url));
const POLICY = { quorum: 2, approvers: ['arn:aws:sts::123456789012:assumed-role/Approver/*'] };

beforeAll(() => {
  world().aws.addIdentity(ALICE, 'alice');
  world().aws.addIdentity(BOB, 'bob');
});

function approve(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { PATH: process.env.PATH, AWS_REGION: 'eu-west-1', AWS_CONFIG_FILE: '/dev/null' };
  const args = [SCRIPT, ...argv, '--endpoint-url', world().url];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env, timeout: 20_000 }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

it('two people accept, and the deployment goes on', async () => {
  const play = world().deploy({ id: 'accepted-by-two', config: { ...POLICY, notifyTopicArn: world().topicArn } });
  expect((await play.look()).hookStatus).toBe('IN_PROGRESS');
  expect(play.notices()).toHaveLength(1);

  const listed = await approve('list');
  expect(listed).toMatchObject({ code: 0, err: '' });
  expect(listed.out).toMatch(/^accepted-by-two .* 0 of 2 +\d+ h/m);

  const first = await approve('accept', 'accepted', '--as', 'alice', '--reason', 'tried the login');
  expect(first).toMatchObject({ code: 0, err: '' });
  expect(first.out).toContain(`Recorded as ${ALICE}`);
  expect(first.out).toContain('1 of 2 approvals: the hook waits for 1 more.');
  const waiting = await play.look();
  expect(waiting.hookStatus).toBe('IN_PROGRESS');
  expect(waiting.reason).toContain('1 of 2 approvals');

  expect((await approve('accept', 'accepted-by-two', '--as', 'bob')).code).toBe(0);
  const answer = await play.look();
  expect(answer.hookStatus).toBe('SUCCEEDED');
  expect(answer.reason).toContain(`accepted by ${ALICE} at `);
  expect(answer.reason).toContain(BOB);

  const late = await approve('accept', 'accepted-by-two', '--as', 'alice');
  expect(late.code).toBe(1);
  expect(late.err).toContain('already accepted, 2 of 2');
});

it('one declines, and the deployment fails although another accepts', async () => {
  const play = world().deploy({ id: 'declined', config: POLICY });
  await play.look();
  expect((await approve('decline', play.deploymentArn, '--as', 'alice', '--reason', 'login is broken')).code).toBe(0);
  expect((await approve('accept', 'declined', '--as', 'bob', '--force')).code).toBe(0);
  const answer = await play.look();
  expect(answer.hookStatus).toBe('FAILED');
  expect(answer.reason).toMatch(/^Deployment declined by \S+\/alice at .*: login is broken$/);
});

it('wrong usage and what is not there have exit codes of their own', async () => {
  const [usage, unknown] = await Promise.all([
    approve('acept', 'x'),
    approve('accept', 'no-such-deployment', '--as', 'bob'),
  ]);
  expect(usage).toMatchObject({ code: 2, out: '' });
  expect(unknown).toMatchObject({ code: 1, out: '' });
  expect(unknown.err).toContain('no approval is asked for deployment no-such-deployment');
});

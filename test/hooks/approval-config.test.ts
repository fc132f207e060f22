import { describe, expect, it } from 'vitest';
import { useWorld } from './approval-world.ts';

const world = useWorld();
const ROLE = 'arn:aws:iam::123456789012:role/Approver';

describe('a wrong value fails the deployment, and the reason says which and what is expected', () => {
  it.each<[string, unknown, string]>([
    ['parameterPrefix', 'ecs-hooks', 'hookDetails.parameterPrefix'],
    ['parameterPrefix', '/ecs-hooks/', 'hookDetails.parameterPrefix'],
    ['parameterPrefix', '/aws/hooks', 'hookDetails.parameterPrefix'],
    ['parameterPrefix', '/SSM/hooks', 'hookDetails.parameterPrefix'],
    ['parameterPrefix', '/a b', 'hookDetails.parameterPrefix'],
    ['parameterPrefix', '/a/b/c/d/e/f/g/h/i', 'hookDetails.parameterPrefix'],
    ['parameterPrefix', 5, 'hookDetails.parameterPrefix must be of type string, not 5'],
    ['approvers', 'alice', 'hookDetails.approvers must be of type array, not "alice"'],
    ['approvers', [ROLE], 'hookDetails.approvers[0]: must be an ARN as Parameter Store records it'],
    ['approvers', ['*'], 'hookDetails.approvers[0]: must be an ARN as Parameter Store records it'],
    ['deployers', [ROLE], 'hookDetails.deployers[0]: must be an ARN as Parameter Store records it'],
    ['deployers', [7], 'hookDetails.deployers[0] must be of type string, not 7'],
    ['quorum', 0, 'hookDetails.quorum must be at least 1, not 0'],
    ['quorum', 51, 'hookDetails.quorum must be at most 50, not 51'],
    ['quorum', 1.5, 'hookDetails.quorum must be of type int, not 1.5'],
    ['quorum', '2', 'hookDetails.quorum must be of type number, not "2"'],
    [
      'requireReason',
      'sometimes',
      'hookDetails.requireReason must be "never" or "decline" or "always", not "sometimes"',
    ],
    ['notifyTopicArn', 'approvals', 'hookDetails.notifyTopicArn'],
    ['notifyTopicArn', 'arn:aws:sqs:eu-west-1:123456789012:approvals', 'hookDetails.notifyTopicArn'],
    ['remindMinutes', 0, 'hookDetails.remindMinutes must be at least 1, not 0'],
    ['remindMinutes', 1441, 'hookDetails.remindMinutes must be at most 1440, not 1441'],
    ['testUrl', 'test.example.com', 'hookDetails.testUrl'],
    ['testUrl', 'javascript:alert(1)', 'hookDetails.testUrl'],
    ['retainDays', 0, 'hookDetails.retainDays must be at least 1, not 0'],
    ['retainDays', 3651, 'hookDetails.retainDays must be at most 3650, not 3651'],
    ['timeoutMinutes', 1441, 'hookDetails.timeoutMinutes must be at most 1440, not 1441'],
    ['onTimeout', 'accept', 'hookDetails.onTimeout must be "fail" or "succeed", not "accept"'],
    ['firstDeployment', true, 'hookDetails.firstDeployment must be "run" or "skip", not true'],
    ['aprovers', [], 'hookDetails.aprovers is not a known key (known: parameterPrefix, approvers'],
  ])('%s: %j', async (key, value, told) => {
    const play = world().deploy({ config: { [key]: value } });
    const answer = await play.look();
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toMatch(/^Bad configuration: /);
    expect(answer.reason).toContain(told);
    expect(play.history()).toEqual([]);
  });

  it('names every problem at once', async () => {
    const { reason } = await world()
      .deploy({ config: { quorum: 0, retainDays: 0, x: 1 } })
      .look();
    for (const key of ['quorum', 'retainDays', 'x']) expect(reason).toContain(`hookDetails.${key} `);
  });
});

describe('the platform team’s HOOK_POLICY', () => {
  const policy = JSON.stringify({ approvers: ['arn:aws:sts::123456789012:assumed-role/Approver/*'], quorum: 2 });

  it('cannot be loosened by a service', async () => {
    const play = world().deploy({ config: { approvers: [], quorum: 1 }, env: { HOOK_POLICY: policy } });
    await play.look();
    play.vote('arn:aws:sts::123456789012:assumed-role/Dev/mallory', 'accept');
    play.vote('arn:aws:sts::123456789012:assumed-role/Approver/alice', 'accept');
    const answer = await play.look(30);
    expect(answer.hookStatus).toBe('IN_PROGRESS');
    expect(answer.reason).toContain('1 of 2 approvals');
    expect(answer.reason).toContain('mallory (not an approver)');
  });
});

describe('defaults', () => {
  it.each([
    ['waits 23 hours', 1380 * 60 - 1, 'IN_PROGRESS'],
    ['and fails then', 1380 * 60, 'FAILED'],
  ])('%s', async (_what, seconds, status) => {
    const play = world().deploy();
    await play.look();
    expect((await play.look(seconds)).hookStatus).toBe(status);
  });

  it.each(['/a/b/c/d/e/f/g/h', '/with.dots/and-dashes_1'])('takes the prefix %s', async (parameterPrefix) => {
    const play = world().deploy({ config: { parameterPrefix } });
    expect((await play.look()).hookStatus).toBe('IN_PROGRESS');
    expect(world().aws.parameters.names(`${parameterPrefix}/approval/`)).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { parameterName } from '../../hooks/approval/request.ts';
import { parseEvent } from '../../shared/event.ts';
import { ALICE, BOB, HOOK, MALLORY, type Play, useWorld } from './approval-world.ts';

const world = useWorld();

describe('the parameter’s name', () => {
  it.each([
    ['POST_TEST_TRAFFIC_SHIFT', undefined, 'POST_TEST_TRAFFIC_SHIFT'],
    ['PRE_SCALE_UP', undefined, 'PRE_SCALE_UP'],
    ['PRE_PRODUCTION_TRAFFIC_SHIFT', 0, 'PRE_PRODUCTION_TRAFFIC_SHIFT-0'],
    ['PRE_PRODUCTION_TRAFFIC_SHIFT', 33.3, 'PRE_PRODUCTION_TRAFFIC_SHIFT-33.3'],
    ['PRE_PRODUCTION_TRAFFIC_SHIFT', 0.1, 'PRE_PRODUCTION_TRAFFIC_SHIFT-0.1'],
  ])('at %s, weight %j', (stage, weight, step) => {
    const play = world().deploy({ stage, ...(weight !== undefined && { weight }) });
    const name = parameterName('/x/y', parseEvent(play.event));
    expect(name).toBe(`/x/y/approval/prod/${play.service}/${play.id}/${step}`);
    // Parameter Store's own alphabet and depth, with the prefix at its longest.
    expect(name).toMatch(/^[\w./-]+$/);
    expect(`${'/p'.repeat(8)}${name.slice('/x/y'.length)}/notice-0-1`.split('/').length - 1).toBeLessThanOrEqual(15);
  });
});

describe('the history', () => {
  it('is read to its end, page by page', async () => {
    const play = await asked();
    for (let vote = 0; vote < 97; vote += 1) play.vote(MALLORY, 'hmm', 1);
    play.vote(ALICE, 'decline');
    play.vote(BOB, 'accept');
    const answer = await play.look(30);
    expect(play.history()).toHaveLength(100);
    expect(play.calls.slice(0, 2)).toEqual(['ssm:GetParameterHistory', 'ssm:GetParameterHistory']);
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toContain(`declined by ${ALICE}`);
  });

  it('fails the deployment once Parameter Store has dropped versions: a decline may be among them', async () => {
    const play = await asked();
    play.vote(ALICE, 'decline');
    for (let vote = 0; vote < 99; vote += 1) play.vote(MALLORY, 'hmm', 1);
    play.vote(BOB, 'accept');
    const answer = await play.look(30);
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toContain('was written so often that Parameter Store has dropped votes');
    expect(answer.reason).toContain(play.parameter);
  });
});

describe('a parameter that is deleted under way', () => {
  it('is told apart from one that cannot be read', async () => {
    const play = await asked({ maxErrors: 2 });
    world().aws.faults.add({ service: 'ssm', operation: 'GetParameterHistory', kind: 'access-denied' });
    const answer = await play.look(30);
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toContain('ssm:GetParameterHistory: AccessDeniedException');
  });

  it.each([
    ['fail', 'fail'],
    ['succeed', 'succeed'],
  ])('fails the deployment after maxErrors looks, with onTimeout %s and onError %s', async (onTimeout, onError) => {
    const play = await asked({ onTimeout, onError, maxErrors: 3 });
    play.vote(ALICE, 'decline');
    world().aws.parameters.delete(play.parameter);
    for (let look = 1; look < 3; look += 1) {
      const answer = await play.look(30);
      expect(answer.hookStatus).toBe('IN_PROGRESS');
      expect(answer.reason).toContain(`${play.parameter} does not exist (look ${look} of 3)`);
    }
    const answer = await play.look(30);
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toContain(`${play.parameter} does not exist`);
    expect(play.history()).toEqual([]);
  });

  it('fails the deployment at the deadline, where expiry would let it pass', async () => {
    const play = await asked({ onTimeout: 'succeed', timeoutMinutes: 10 });
    world().aws.parameters.delete(play.parameter);
    expect((await play.look(600)).hookStatus).toBe('FAILED');
  });

  it('is waited for when a read only came too early', async () => {
    const play = await asked({ maxErrors: 2 });
    world().aws.faults.add({ service: 'ssm', operation: 'GetParameterHistory', kind: 'not-found' });
    expect((await play.look(30)).hookStatus).toBe('IN_PROGRESS');
    expect((await play.look(30)).reason).toContain('Waiting for approval');
    // The count is of looks in a row.
    world().aws.faults.add({ service: 'ssm', operation: 'GetParameterHistory', kind: 'not-found' });
    expect((await play.look(30)).hookStatus).toBe('IN_PROGRESS');
    play.vote(ALICE, 'accept');
    expect((await play.look(30)).hookStatus).toBe('SUCCEEDED');
  });

  it('is waited for too when another invocation has only just made it', async () => {
    const play = world().deploy();
    await play.invoke();
    world().aws.faults.add({ service: 'ssm', operation: 'GetParameterHistory', kind: 'not-found' });
    expect(await play.look()).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: expect.stringContaining(`${play.parameter} does not exist (look 1 of `),
    });
    expect((await play.look(30)).reason).toContain('Waiting for approval');
  });

  it('and made anew as accepted before the second look fails the deployment', async () => {
    const play = await asked();
    world().aws.parameters.delete(play.parameter);
    play.vote(ALICE, 'accept');
    const answer = await play.look(30);
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toContain('was deleted and made anew');
  });

  it.each([MALLORY, HOOK])('and made anew by %s as a request before the second look, to hide a decline', async (by) => {
    const play = await asked();
    play.vote(BOB, 'decline');
    world().aws.parameters.delete(play.parameter);
    play.vote(by, 'pending', 1);
    play.vote(ALICE, 'accept', 1);
    expect(await play.look(30)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('was deleted and made anew'),
    });
  });

  it('is asked for all the same where it cannot be read just after', async () => {
    world().aws.faults.add({ service: 'ssm', operation: 'GetParameterHistory', kind: 'unavailable', times: 3 });
    const play = await asked();
    expect(play.calls).toContain('ssm:GetParameterHistory');
    expect((await play.look(30)).reason).toContain('Waiting for approval');
    play.vote(ALICE, 'accept');
    expect((await play.look(30)).hookStatus).toBe('SUCCEEDED');
  });

  it.each([
    [
      'as a request that was accepted',
      [
        [MALLORY, 'pending'],
        [ALICE, 'accept'],
      ],
    ],
    ['as accepted', [[ALICE, 'accept']]],
    [
      'by the hook’s own role',
      [
        [HOOK, 'pending'],
        [ALICE, 'accept'],
      ],
    ],
  ] as const)('and made anew %s fails the deployment', async (_what, written) => {
    const play = await asked();
    play.vote(BOB, 'pending');
    await play.look(30);
    play.vote(BOB, 'decline');
    world().aws.parameters.delete(play.parameter);
    for (const [by, value] of written) play.vote(by, value, 40);
    const answer = await play.look(30);
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toContain('was deleted and made anew');
  });
});

describe('what decided deployments leave behind', () => {
  const DAY = 86_400;

  it('is removed by a later deployment of the service, once it is retainDays old', async () => {
    const topic = { notifyTopicArn: world().topicArn };
    const first = await asked({ ...topic, retainDays: 7 });
    first.vote(ALICE, 'accept');
    await first.look(30);
    const other = await asked();
    world().advance(5 * DAY);
    const second = first.redeploy(`${first.id}-b`);
    await second.look();
    second.vote(ALICE, 'accept');
    await second.look(30);
    expect(first.history()).toHaveLength(2);

    world().advance(3 * DAY);
    const third = first.redeploy(`${first.id}-c`);
    await third.look();
    third.vote(ALICE, 'decline');
    expect((await third.look(30)).hookStatus).toBe('FAILED');
    expect(kept(first)).toEqual([]);
    expect(second.history()).toHaveLength(2);
    expect(third.history()).toHaveLength(2);
    expect(other.history()).toHaveLength(1);
    expect(third.calls).toEqual(['ssm:GetParameterHistory', 'ssm:GetParametersByPath', 'ssm:DeleteParameters']);
  });

  it('is kept while the deployment itself goes on, however long it takes', async () => {
    const early = world().deploy({ stage: 'PRE_SCALE_UP', config: { retainDays: 1 } });
    await early.look();
    early.vote(ALICE, 'accept');
    await early.look(30);
    world().advance(2 * DAY);
    const late = early.at({ stage: 'POST_TEST_TRAFFIC_SHIFT' });
    await late.look();
    late.vote(ALICE, 'accept');
    expect((await late.look(30)).hookStatus).toBe('SUCCEEDED');
    expect(early.history()).toHaveLength(2);
  });

  it('is looked through ten at a time, and 50 at most, so that a verdict is not kept waiting', async () => {
    const old = await asked();
    const folder = old.parameter.slice(0, old.parameter.lastIndexOf('/'));
    for (let n = 0; n < 64; n += 1)
      world().aws.parameters.put(
        { name: `${folder}/old-${String(n).padStart(2, '0')}`, value: 'x', type: 'String' },
        HOOK,
      );
    world().advance(31 * DAY);
    const next = old.redeploy(`${old.id}-b`);
    await next.look();
    next.vote(ALICE, 'accept');
    expect((await next.look(30)).hookStatus).toBe('SUCCEEDED');
    const count = (operation: string) => next.calls.filter((call) => call === operation).length;
    expect([count('ssm:GetParametersByPath'), count('ssm:DeleteParameters')]).toEqual([5, 5]);
    // One of the 50 was the deployment's own.
    expect(
      world()
        .aws.parameters.names(folder)
        .filter((name) => name.startsWith(`${folder}/`)),
    ).toHaveLength(65 - 49);
  });

  it.each(['access-denied', 'hang'] as const)(
    'does not change the verdict when it cannot be removed: %s',
    async (kind) => {
      const play = await asked();
      play.vote(ALICE, 'accept');
      const fault = world().aws.faults.add({ service: 'ssm', operation: 'GetParametersByPath', kind, always: true });
      const answer = await play.look(30);
      fault.remove();
      expect(answer.hookStatus).toBe('SUCCEEDED');
    },
  );
});

async function asked(config: Record<string, unknown> = {}): Promise<Play> {
  const play = world().deploy({ config });
  expect((await play.look()).hookStatus).toBe('IN_PROGRESS');
  return play;
}

function kept(of: Play): string[] {
  return world().aws.parameters.names(`/ecs-hooks/approval/prod/${of.service}/${of.id}/`);
}

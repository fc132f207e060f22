import { describe, expect, it } from 'vitest';
import { ALICE, HOOK, type Play, useWorld } from './approval-world.ts';

const world = useWorld();

function deploy(config: Record<string, unknown> = {}): Play {
  return world().deploy({ config: { notifyTopicArn: world().topicArn, ...config } });
}

/** A look that remembers nothing, as when its answer got lost. */
function forget(play: Play): void {
  const details = play.hookDetails;
  if (typeof details === 'object' && details !== null && '_state' in details) delete details._state;
}

function claims(play: Play): Record<string, string | undefined> {
  const { parameters } = world().aws;
  const names = parameters.names(`${play.parameter}/notice-`);
  return Object.fromEntries(names.map((name) => [name.slice(name.lastIndexOf('/') + 1), parameters.get(name)?.value]));
}

describe('the request is announced once', () => {
  it('by the first look', async () => {
    const play = deploy();
    await play.look();
    await play.look(30);
    await play.look(30);
    expect(play.notices()).toMatchObject([{ subject: `Approval needed: ${play.service} (prod)` }]);
    expect(claims(play)).toEqual({ 'notice-0-1': 'sent' });
  });

  it('by invocations in parallel', async () => {
    const play = deploy();
    const answers = await Promise.all(Array.from({ length: 6 }, () => play.invoke()));
    expect(answers.map(({ hookStatus }) => hookStatus)).toEqual(Array.from({ length: 6 }, () => 'IN_PROGRESS'));
    expect(play.notices()).toHaveLength(1);
    expect(play.history()).toHaveLength(1);
  });

  it('by looks whose answers got lost', async () => {
    const play = deploy();
    for (let look = 0; look < 5; look += 1) {
      expect((await play.look(90)).hookStatus).toBe('IN_PROGRESS');
      forget(play);
    }
    expect(play.notices()).toHaveLength(1);
  });

  it('with a message for every protocol', async () => {
    const play = deploy({ testUrl: 'https://test.example.com' });
    await play.look();
    const [notice] = play.notices();
    expect(JSON.parse(notice?.default ?? '')).toMatchObject({ version: '1.0', source: 'custom' });
    expect(notice?.email).toContain('Image:      web: repo/web:1 → repo/web:2');
    expect(notice?.email).toContain('Test:       https://test.example.com');
    expect(notice?.sms).toContain(`--name '${play.parameter}' --value 'accept' --overwrite`);
  });

  it('not at all without a topic', async () => {
    const play = world().deploy();
    await play.look();
    await play.look(30);
    expect(play.notices()).toEqual([]);
    expect(claims(play)).toEqual({});
  });
});

describe('a notice that may not have gone out', () => {
  it('is sent again when its claim was left behind, after the lease and not before', async () => {
    const play = deploy();
    play.vote(HOOK, 'pending', 0);
    world().aws.parameters.put({ name: `${play.parameter}/notice-0-1`, value: 'claimed', type: 'String' }, HOOK);
    await play.look(119);
    expect(play.notices()).toHaveLength(0);
    await play.look(1);
    expect(play.notices()).toHaveLength(1);
    await play.look(300);
    expect(play.notices()).toHaveLength(1);
    expect(claims(play)).toEqual({ 'notice-0-1': 'claimed', 'notice-0-2': 'sent' });
  });

  it('is sent again after the lease too when earlier tries have failed', async () => {
    const play = deploy();
    const put = (attempt: number, value: string) =>
      world().aws.parameters.put({ name: `${play.parameter}/notice-0-${attempt}`, value, type: 'String' }, HOOK);
    for (const attempt of [1, 2]) put(attempt, 'failed');
    world().advance(300);
    put(3, 'claimed');
    await play.look(119);
    expect(play.notices()).toHaveLength(0);
    await play.look(1);
    expect(play.notices()).toHaveLength(1);
    expect(claims(play)).toMatchObject({ 'notice-0-3': 'claimed', 'notice-0-4': 'sent' });
  });

  it('is left to the invocation that has claimed it so lately that the claim cannot be read yet', async () => {
    const play = deploy();
    world().aws.parameters.put({ name: `${play.parameter}/notice-0-1`, value: 'claimed', type: 'String' }, HOOK);
    world().aws.faults.add({ service: 'ssm', operation: 'GetParameterHistory', kind: 'not-found' });
    expect((await play.look()).reason).toMatch(/^Asked for 1 approval in /);
    expect(play.notices()).toHaveLength(0);
  });

  it('is sent again at the next look when SNS was in trouble', async () => {
    const play = deploy();
    world().aws.faults.add({ service: 'sns', kind: 'server-error', times: 3 });
    // The request itself has been made.
    expect((await play.look()).reason).toMatch(/^Asked for 1 approval in /);
    expect(play.notices()).toHaveLength(0);
    await play.look(30);
    await play.look(30);
    expect(play.notices()).toHaveLength(1);
    expect(claims(play)).toEqual({ 'notice-0-1': 'failed', 'notice-0-2': 'sent' });
  });

  it('is tried ever more seldom, given up after eight tries, and the deployment waits on', async () => {
    const play = deploy();
    const fault = world().aws.faults.add({ service: 'sns', kind: 'server-error', always: true });
    const triedAt: number[] = [];
    for (let minute = 0; minute <= 60; minute += 1) {
      expect((await play.look(60)).hookStatus).toBe('IN_PROGRESS');
      if (play.calls.includes('sns:Publish')) triedAt.push(minute);
    }
    expect(triedAt).toEqual([0, 1, 3, 7, 13, 21, 31, 43]);
    fault.remove();
    await play.look(30);
    expect(play.calls).toEqual(['ssm:GetParameterHistory']);
    expect(play.notices()).toHaveLength(0);
    expect(Object.values(claims(play))).toEqual(Array.from({ length: 8 }, () => 'failed'));
    play.vote(ALICE, 'accept');
    expect((await play.look(30)).hookStatus).toBe('SUCCEEDED');
  });

  it('is not sent again by the same deployment when only the confirmation got lost', async () => {
    const play = deploy();
    const isConfirmation = (input: object): boolean => 'Value' in input && input.Value === 'sent';
    world().aws.faults.add({ service: 'ssm', operation: 'PutParameter', kind: 'access-denied', match: isConfirmation });
    expect((await play.look()).hookStatus).toBe('IN_PROGRESS');
    await play.look(600);
    expect(play.notices()).toHaveLength(1);
    // Nobody can know any more once the memory is lost too: rather twice than never.
    forget(play);
    await play.look(30);
    expect(play.notices()).toHaveLength(2);
  });
});

describe('what no retry mends', () => {
  it.each([
    ['no permission to publish', 'access-denied', 'sns:Publish: AuthorizationError'],
    ['no such topic', 'not-found', 'sns:Publish: NotFound'],
  ] as const)('fails the deployment: %s', async (_what, kind, told) => {
    const play = deploy();
    world().aws.faults.add({ service: 'sns', kind });
    const answer = await play.look();
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toContain(told);
    expect(claims(play)).toEqual({ 'notice-0-1': 'failed' });
  });
});

describe('reminders', () => {
  it('go out each time that the time has gone by, and no more often', async () => {
    const play = deploy({ remindMinutes: 10 });
    await play.look();
    await play.look(599);
    expect(play.notices()).toHaveLength(1);
    await play.look(1);
    await play.look(30);
    expect(play.notices().map(({ subject }) => subject)).toEqual([
      `Approval needed: ${play.service} (prod)`,
      `Still waiting for approval: ${play.service} (prod)`,
    ]);
    await play.look(570);
    expect(play.notices()).toHaveLength(3);
  });

  it('are not made up for when several were missed', async () => {
    const play = deploy({ remindMinutes: 10 });
    await play.look();
    await play.look(3600);
    await play.look(30);
    expect(play.notices()).toHaveLength(2);
  });

  it('do not follow the decision', async () => {
    const play = deploy({ remindMinutes: 10 });
    await play.look();
    play.vote(ALICE, 'accept');
    expect((await play.look(600)).hookStatus).toBe('SUCCEEDED');
    expect(play.notices()).toHaveLength(1);
  });
});

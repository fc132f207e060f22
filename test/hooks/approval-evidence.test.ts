import './quiet.ts';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { decisionLog, log } from '../../shared/log.ts';
import type { JsonObject } from '../../shared/schema.ts';
import { ALICE, BOB, CI, HOOK, type Play, useWorld } from './approval-world.ts';

const world = useWorld();
const decisions: JsonObject[] = [];
const told: JsonObject[] = [];

beforeEach(() => {
  decisions.length = 0;
  told.length = 0;
  const spies = [
    vi.spyOn(decisionLog, 'write').mockImplementation((_level, _service, fields) => void decisions.push(fields)),
    ...(['warn', 'error'] as const).map((level) =>
      vi.spyOn(log, level).mockImplementation((message, fields) => void told.push({ level, message, ...fields })),
    ),
  ];
  return () => {
    for (const spy of spies) spy.mockRestore();
  };
});

async function asked(config: JsonObject = {}): Promise<Play> {
  const play = world().deploy({ config });
  await play.look();
  return play;
}

describe('the decision line’s evidence', () => {
  const evidence = () => decisions.at(-1)?.evidence;

  it('names the parameter from the first look on', async () => {
    const { parameter } = await asked();
    expect(evidence()).toEqual({ parameter });
  });

  it('holds who voted what and when, whose vote was ignored and why, and how many accepted', async () => {
    const play = await asked({ deployers: [CI], quorum: 2 });
    play.vote(ALICE, 'accept: tried it');
    const at = new Date(world().now);
    play.vote(CI, 'accept');
    const later = new Date(world().now);
    await play.look(30);
    const seen = {
      parameter: play.parameter,
      accepted: 1,
      votes: [{ decision: 'accept', reason: 'tried it', by: ALICE, at }],
      ignored: [{ by: CI, at: later, why: 'a deployer may not approve' }],
    };
    expect(evidence()).toEqual(seen);
    play.vote(BOB, 'decline');
    const votes = [...seen.votes, { decision: 'decline', by: BOB, at: new Date(world().now) }];
    await play.look(30);
    expect(evidence()).toEqual({ ...seen, votes });
  });

  it('holds the last 20 votes, and the last 20 that were ignored', async () => {
    const play = await asked({ deployers: [CI], quorum: 2 });
    for (let n = 0; n < 22; n += 1) {
      play.vote(ALICE, `accept: ${n}`, 1);
      play.vote(CI, 'accept', 1);
    }
    const start = world().now;
    await play.look(30);
    const last = Array.from({ length: 20 }, (_, n) => n + 2);
    expect(evidence()).toMatchObject({
      votes: last.map((n) => ({ reason: `${n}` })),
      ignored: last.map((n) => ({ at: new Date(start - (21 - n) * 2000) })),
    });
  });

  it.each(['is gone', 'was made anew'])('names the parameter when it %s', async (what) => {
    const play = await asked({ maxErrors: 2 });
    world().aws.parameters.delete(play.parameter);
    if (what === 'was made anew') play.vote(ALICE, 'accept');
    await play.look(30);
    expect(evidence()).toEqual({ parameter: play.parameter });
    await play.look(30);
    expect(evidence()).toEqual({ parameter: play.parameter });
  });
});

describe('the log says why', () => {
  const deploy = () => asked({ notifyTopicArn: world().topicArn });

  it('a notice did not go out', async () => {
    world().aws.faults.add({ service: 'sns', kind: 'throttle', times: 3 });
    await deploy();
    const trouble = expect.stringContaining('sns:Publish: Throttl');
    expect(told).toEqual([
      { level: 'warn', message: 'the approvers could not be notified', trouble, topicArn: world().topicArn },
    ]);
  });

  it('a notice is given up', async () => {
    const play = world().deploy({ config: { notifyTopicArn: world().topicArn } });
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      const name = `${play.parameter}/notice-0-${attempt}`;
      world().aws.parameters.put({ name, value: 'failed', type: 'String' }, HOOK);
    }
    await play.look(900);
    expect(told).toEqual([
      {
        level: 'error',
        message: 'the approvers were not notified: no try went through',
        topicArn: world().topicArn,
        tries: 8,
      },
    ]);
  });

  it('a notice could not be confirmed', async () => {
    const isConfirmation = (input: object): boolean => 'Value' in input && input.Value === 'sent';
    world().aws.faults.add({ service: 'ssm', operation: 'PutParameter', kind: 'access-denied', match: isConfirmation });
    const { parameter } = await deploy();
    expect(told).toEqual([
      {
        level: 'warn',
        message: 'the notice could not be confirmed',
        trouble: expect.stringContaining('ssm:PutParameter: AccessDeniedException'),
        name: `${parameter}/notice-0-1`,
      },
    ]);
  });

  it('the release could not be described', async () => {
    world().aws.faults.add({ service: 'ecs', operation: 'DescribeServiceRevisions', kind: 'access-denied' });
    await asked();
    expect(told).toEqual([
      {
        level: 'warn',
        message: 'the release could not be described for the approvers',
        trouble: expect.stringContaining('ecs:DescribeServiceRevisions: AccessDeniedException'),
      },
    ]);
  });
});

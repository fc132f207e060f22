import './quiet.ts';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it, vi } from 'vitest';
import { at } from '../../library/testing/events.ts';
import { ssmError } from '../fixtures/aws.ts';
import { BLUE, clients, GREEN, LEASE, QUEUE, useWorld } from './consumer-switch-world.ts';

const world = useWorld();
const FORWARD = at('PRODUCTION_TRAFFIC_SHIFT', 100);

describe('the drain', () => {
  it('is two readings with nothing in flight, after the lease', async () => {
    const answers = await world()
      .configure({ queueUrls: [QUEUE] })
      .rig.play(FORWARD);
    expect(answers.map((answer) => ('callBackDelay' in answer ? answer.callBackDelay : answer.reason))).toEqual([
      LEASE,
      5,
      `${GREEN} is named, and may take messages; nothing is in flight`,
    ]);
  });

  it('says what is in flight, and begins its readings again with each message', async () => {
    const { rig } = world().configure({ queueUrls: [QUEUE] });
    let event = FORWARD;
    const flights = [9, 0, 3, 0, 0];
    const reasons: string[] = [];
    for (const inFlight of flights) {
      world().inFlight = inFlight;
      const answer = await rig.look(event);
      reasons.push(answer.reason);
      if (answer.hookStatus === 'IN_PROGRESS') rig.advance(answer.callBackDelay);
      event = { ...event, hookDetails: answer.hookDetails };
    }
    expect(reasons.slice(1)).toEqual([
      'No revision is named, and no lease runs: nothing in flight in 1 of 2 readings',
      'No revision is named, and no lease runs: 3 messages in flight in orders',
      'No revision is named, and no lease runs: nothing in flight in 1 of 2 readings',
      `${GREEN} is named, and may take messages; nothing is in flight`,
    ]);
  });

  it('asks the queue alone as long as nobody can be named', async () => {
    const { rig } = world().configure({ queueUrls: [QUEUE], drain: { maxSeconds: 60 } });
    let event = FORWARD;
    const calls: string[][] = [];
    for (const inFlight of [9, 3, 0, 0]) {
      world().inFlight = inFlight;
      world().calls = [];
      const answer = await rig.look(event);
      calls.push(world().calls);
      if (answer.hookStatus === 'IN_PROGRESS') rig.advance(answer.callBackDelay);
      event = { ...event, hookDetails: answer.hookDetails };
    }
    expect(calls.slice(1)).toEqual([['queue'], ['queue'], ['queue', 'describe', 'read', `write ${GREEN}`]]);
  });

  it('asks the queue at the first look and after the lease, not in between', async () => {
    const { rig } = world().configure({ queueUrls: [QUEUE] });
    const calls: string[][] = [];
    let event = FORWARD;
    for (const seconds of [0, LEASE - 1, 1]) {
      rig.advance(seconds);
      world().calls = [];
      const { hookDetails } = await rig.look(event);
      event = { ...event, hookDetails };
      calls.push(world().calls);
    }
    expect(calls).toEqual([['queue', 'describe', 'read', 'write none'], ['describe', 'read'], ['queue']]);
  });

  it('has read nothing yet where the lease ends in the middle of a look', async () => {
    const { rig } = world().configure({ queueUrls: [QUEUE] });
    const first = await rig.look(FORWARD);
    rig.advance(LEASE - 0.3);
    world().onRead = () => vi.advanceTimersByTime(300);
    const second = await rig.look({ ...FORWARD, hookDetails: first.hookDetails });
    expect(second).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      callBackDelay: 5,
      reason: 'No revision is named, and no lease runs: what is in flight was not read yet',
    });
    rig.advance(5);
    const answers = await rig.play({ ...FORWARD, hookDetails: second.hookDetails });
    expect(answers.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'SUCCEEDED']);
  });

  it('waits for each of the queues', async () => {
    const other = QUEUE.replace('orders', 'returns');
    const { rig } = world().configure({ queueUrls: [QUEUE, other] });
    world().inFlightOf = { [other]: 1 };
    const answers = await rig.play(FORWARD, 5);
    expect(answers.at(-1)?.reason).toBe('No revision is named, and no lease runs: 1 message in flight in returns');
    expect(world().value).toBe('none');
  });

  it.each([undefined, '', '-1', '0.5', 'none'])('is not done where SQS counts %j in flight', async (count) => {
    const { rig } = world().configure({ queueUrls: [QUEUE] });
    const first = await rig.look(FORWARD);
    rig.advance(LEASE);
    const Attributes = count === undefined ? {} : { ApproximateNumberOfMessagesNotVisible: count };
    clients.sqs.on(GetQueueAttributesCommand).resolves({ Attributes });
    expect(await rig.look({ ...FORWARD, hookDetails: first.hookDetails })).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: expect.stringContaining(
        `sqs:GetQueueAttributes answered no ApproximateNumberOfMessagesNotVisible for ${QUEUE}`,
      ),
    });
    expect(world().value).toBe('none');
  });

  it('does not take two looks in one moment for two readings', async () => {
    const { rig } = world().configure({ queueUrls: [QUEUE] });
    const first = await rig.look(FORWARD);
    rig.advance(LEASE);
    const second = await rig.look({ ...FORWARD, hookDetails: first.hookDetails });
    rig.advance(4);
    const third = await rig.look({ ...FORWARD, hookDetails: second.hookDetails });
    expect(third.reason).toContain('1 of 2 readings');
    expect(world().value).toBe('none');
  });

  it('is not too late for want of looks: nothing in flight is read once more', async () => {
    const { rig } = world().configure({ queueUrls: [QUEUE], onDrainTimeout: 'fail', drain: { maxSeconds: 20 } });
    const first = await rig.look(FORWARD);
    // A throttled Lambda, or one that was killed and is tried again.
    rig.advance(LEASE + 60);
    const second = await rig.look({ ...FORWARD, hookDetails: first.hookDetails });
    expect(second).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: expect.stringContaining('nothing in flight in 1 of 2 readings'),
    });
    rig.advance(5);
    expect(await rig.look({ ...FORWARD, hookDetails: second.hookDetails })).toMatchObject({ hookStatus: 'SUCCEEDED' });
    expect(world().value).toBe(GREEN);
  });

  it('finds out that a queue may not be read before it takes anything away', async () => {
    clients.sqs.on(GetQueueAttributesCommand).rejects(ssmError('AccessDeniedException', 'no'));
    expect(
      await world()
        .configure({ queueUrls: [QUEUE] })
        .rig.look(FORWARD),
    ).toMatchObject({ hookStatus: 'FAILED' });
    expect(world().values).toEqual([BLUE]);
  });
});

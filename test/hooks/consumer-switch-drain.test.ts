import './quiet.ts';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
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

  it.each([
    ['proceed', 'enforce', 'SUCCEEDED', 'onDrainTimeout is proceed', GREEN],
    ['fail', 'audit', 'SUCCEEDED', 'audit mode, would have been FAILED', GREEN],
    ['fail', 'enforce', 'FAILED', `${BLUE} is named again`, BLUE],
  ])('that takes too long, with onDrainTimeout %s in mode %s', async (onDrainTimeout, mode, status, reason, named) => {
    world().inFlight = 7;
    const { rig } = world().configure({ queueUrls: [QUEUE], onDrainTimeout, mode, drain: { maxSeconds: 20 } });
    const answers = await rig.play(FORWARD);
    expect(answers.at(-1)).toMatchObject({ hookStatus: status, reason: expect.stringContaining(reason) });
    expect(answers.at(-1)?.reason).toContain('7 messages in flight in orders after 20 s (drain.maxSeconds 20)');
    expect(world().value).toBe(named);
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

  it('that took too long leaves the source named, though the same event comes again', async () => {
    world().inFlight = 7;
    const { rig } = world().configure({ queueUrls: [QUEUE], onDrainTimeout: 'fail', drain: { maxSeconds: 20 } });
    const answers = await rig.play(FORWARD);
    const event = { ...FORWARD, hookDetails: answers.at(-2)?.hookDetails };
    expect(await rig.look(event)).toMatchObject({
      hookStatus: 'FAILED',
      reason: `Not switched: ${BLUE} is named again, as another look at this event has left it`,
    });
    expect(world().values).toEqual([BLUE, 'none', BLUE]);
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

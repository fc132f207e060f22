import './quiet.ts';
import { describe, expect, it } from 'vitest';
import { at, TARGET } from '../../library/testing/events.ts';
import type { HookAnswer } from '../../shared/status.ts';
import { holdToReasons } from '../fixtures/reasons.ts';
import { BLUE, GREEN, LEASE, QUEUE, useWorld } from './consumer-switch-world.ts';

holdToReasons();

const world = useWorld();
const FORWARD = at('PRODUCTION_TRAFFIC_SHIFT', 100);
const MAX = 20;
const LATE = LEASE + MAX;

/** Looks first, and again so many seconds later, while the queue stays busy. `then` runs in between. */
async function lookAgain(seconds: number, config: object, then: () => void = () => {}): Promise<HookAnswer> {
  world().inFlight = 7;
  const { rig } = world().configure({
    queueUrls: [QUEUE],
    onDrainTimeout: 'fail',
    drain: { maxSeconds: MAX, readings: 1 },
    ...config,
  });
  const { hookDetails } = await rig.look(FORWARD);
  rig.advance(seconds);
  then();
  return rig.look({ ...FORWARD, hookDetails });
}

/** Runs at the second read of the parameter from now on. */
function atTheSecondRead(run: () => void): void {
  let reads = 0;
  world().onRead = () => {
    reads += 1;
    if (reads === 2) run();
  };
}

describe('a drain that takes too long', () => {
  it.each([
    ['proceed', 'enforce', 'SUCCEEDED', 'onDrainTimeout is proceed', GREEN],
    ['fail', 'audit', 'SUCCEEDED', 'audit mode, would have been FAILED', GREEN],
    ['fail', 'enforce', 'FAILED', `${BLUE} is named again`, BLUE],
  ])('with onDrainTimeout %s in mode %s', async (onDrainTimeout, mode, status, reason, named) => {
    world().inFlight = 7;
    const { rig } = world().configure({ queueUrls: [QUEUE], onDrainTimeout, mode, drain: { maxSeconds: MAX } });
    const answers = await rig.play(FORWARD);
    expect(answers.at(-1)).toMatchObject({ hookStatus: status, reason: expect.stringContaining(reason) });
    expect(answers.at(-1)?.reason).toContain('7 messages in flight in orders after 20 s (drain.maxSeconds 20)');
    expect(world().value).toBe(named);
  });

  it('names the target where there is no source to name again, and says so', async () => {
    world().inFlight = 7;
    world().deployment = { ...world().deployment, sourceServiceRevisions: [] };
    const { rig } = world().configure({ queueUrls: [QUEUE], onDrainTimeout: 'fail', drain: { maxSeconds: MAX } });
    const answers = await rig.play(at('PRODUCTION_TRAFFIC_SHIFT', { [TARGET]: 100 }));
    expect(answers.at(-1)).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason:
        `${GREEN} is named, and may take messages, though 7 messages in flight in orders ` +
        'after 20 s (drain.maxSeconds 20); there is no source to name again',
    });
    expect(world().values).toEqual([BLUE, 'none', GREEN]);
  });

  it('leaves the source named, though the same event comes again', async () => {
    world().inFlight = 7;
    const { rig } = world().configure({
      queueUrls: [QUEUE],
      onDrainTimeout: 'fail',
      drain: { maxSeconds: MAX, readings: 1 },
    });
    const answers = await rig.play(FORWARD);
    const event = { ...FORWARD, hookDetails: answers.at(-2)?.hookDetails };
    expect(await rig.look(event)).toMatchObject({
      hookStatus: 'FAILED',
      reason: `Not switched: ${BLUE} is named again, as another look at this event has left it`,
    });
    expect(world().values).toEqual([BLUE, 'none', BLUE]);
  });

  it.each([
    ['a moment before the time is up', LATE - 0.001, {}, 'IN_PROGRESS', 'none'],
    ['once the time is up', LATE, {}, 'FAILED', BLUE],
    ['where the target is named all the same', LATE, { onDrainTimeout: 'proceed' }, 'IN_PROGRESS', 'none'],
    ['in audit mode', LATE, { mode: 'audit' }, 'IN_PROGRESS', 'none'],
  ])('the source that somebody has named, %s', async (_, seconds, config, status, value) => {
    const answer = await lookAgain(seconds, config, () => {
      world().inFlight = 0;
      world().write(BLUE);
    });
    const late = { hookStatus: 'FAILED', reason: expect.stringContaining(`${BLUE} is named again`) };
    const anew = { hookStatus: 'IN_PROGRESS', callBackDelay: LEASE, reason: expect.stringContaining('took the name') };
    expect(answer).toMatchObject(status === 'FAILED' ? late : anew);
    expect(world().value).toBe(value);
  });

  it('does not take an old copy for the source named again', async () => {
    const answer = await lookAgain(LATE, {}, () => {
      world().behind = 1;
    });
    expect(answer).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: LEASE });
    expect(world().value).toBe('none');
  });

  it('names nobody where the deployment is stopped at that moment', async () => {
    const answer = await lookAgain(LATE, {}, () => {
      world().onRead = () => {
        world().deployment = { ...world().deployment, status: 'STOP_REQUESTED' };
      };
    });
    expect(answer).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: 'Nothing switched: the deployment is STOP_REQUESTED',
    });
    expect(world().values).toEqual([BLUE, 'none']);
  });

  it.each([
    ['somebody names another at that moment', () => world().write(GREEN), 'took the name away', ['none']],
    ['the parameter is deleted at that moment', () => (world().versions = []), 'No revision is named', []],
  ])('waits for a lease more where %s', async (_, happens, reason, left) => {
    const answer = await lookAgain(LATE, {}, () => atTheSecondRead(happens));
    expect(answer).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      callBackDelay: LEASE,
      reason: expect.stringContaining(reason),
    });
    expect(world().values.slice(-1)).toEqual(left);
    world().rig.advance(LEASE);
    const answers = await world().rig.play({ ...FORWARD, hookDetails: answer.hookDetails });
    expect(answers.at(-1)?.hookStatus).toBe('FAILED');
    expect(world().value).toBe(BLUE);
  });
});

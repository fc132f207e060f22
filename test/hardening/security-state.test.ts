import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { at, DEPLOYMENT_ID, TARGET, withDetails } from '../../library/testing/events.ts';
import type { JsonObject } from '../../shared/schema.ts';
import { succeed, wait } from '../../shared/verdict.ts';
import { captureOutput } from '../fixtures/output.ts';
import { probe, remembering, rig, START } from '../fixtures/probe.ts';
import { ALICE, MALLORY, useWorld } from '../hooks/approval-world.ts';

/*
 * hookDetails belong to whoever may call UpdateService, and the memory of a hook lies among them: what a memory may gain
 * that the hook has not written, even if its author knew the deployment's id, which ECS makes up after the call.
 */

captureOutput();
const STEP = 'POST_TEST_TRAFFIC_SHIFT';
const EVENT = at(STEP);
const HOUR = 3_600_000;

const looking = probe({ check: () => wait('looking') });
const failing = probe({ check: () => Promise.reject(new Error('boom')) });

describe('a memory that the hook has not written', () => {
  it.each<[string, JsonObject]>([
    ['claims a first deployment', { first: true }],
    ['began before time', { startedAt: -1 }],
    ['began at no time that a Date can hold', { startedAt: Number.MIN_SAFE_INTEGER }],
    ['began between two milliseconds', { startedAt: 0.5 }],
    ['has looked less than never', { looks: -1 }],
    ['has met less than no error', { errors: -1_000_000 }],
    ['has more to say than there is', { approved: true }],
    ['holds a state with more in it', { state: { seen: 1, verdict: 'succeed' } }],
  ])('is refused where it %s', async (_, more) => {
    const check = vi.fn(() => succeed('fine'));
    const details = remembering(more, { onTimeout: 'succeed', onError: 'succeed' });
    expect(await rig(probe({ check })).look(withDetails(EVENT, details))).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(/^Damaged state: hookDetails\._state/),
    });
    expect(check).not.toHaveBeenCalled();
  });

  it('does not prolong a deadline by a beginning that is yet to come', async () => {
    const played = rig(looking);
    const details = remembering({ startedAt: START.getTime() + 10 * 365 * 24 * HOUR });
    const answers = await played.play(withDetails(EVENT, details));
    expect(answers.at(-1)).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('Waited 1 h') });
    expect(played.now().getTime() - START.getTime()).toBeLessThanOrEqual(HOUR);
  });

  it('ends the waiting as FAILED by a beginning that is long past, and skips no check', async () => {
    const details = remembering({ startedAt: 0, looks: 1e9 });
    expect(await rig(looking).look(withDetails(EVENT, details))).toMatchObject({ hookStatus: 'FAILED' });
    expect(await rig(failing).look(withDetails(EVENT, details))).toMatchObject({ hookStatus: 'FAILED' });
    const check = vi.fn(() => succeed('seen'));
    await rig(probe({ check })).look(withDetails(EVENT, details));
    expect(check).toHaveBeenCalledOnce();
  });

  it('is worth nothing under the id of another deployment, or at another step', async () => {
    const past = { startedAt: 0, looks: 9, errors: 9, state: { seen: 9 } };
    for (const other of [{ deployment: 'another' }, { deployment: '' }, { step: 'PRE_SCALE_UP' }]) {
      const check = vi.fn(() => wait('looking'));
      const answer = await rig(probe({ check })).look(withDetails(EVENT, remembering({ ...past, ...other })));
      expect(answer.hookStatus).toBe('IN_PROGRESS');
      expect(check).toHaveBeenCalledWith(expect.objectContaining({ state: undefined }));
    }
  });

  it('never makes a SUCCEEDED of a check that waits or cannot tell, whatever is in it', async () => {
    const memory = fc.record(
      {
        v: fc.constantFrom(1, 1, 1, 2, '1'),
        deployment: fc.constantFrom(DEPLOYMENT_ID, DEPLOYMENT_ID, 'another', TARGET),
        step: fc.constantFrom(STEP, `${STEP}-rollback`, `${STEP}-0`, 'PRE_SCALE_UP'),
        startedAt: fc.oneof(fc.maxSafeNat(), fc.double(), fc.constant(0), fc.constant(START.getTime())),
        looks: fc.oneof(fc.nat(), fc.nat(), fc.integer()),
        errors: fc.oneof(fc.nat(20), fc.maxSafeNat(), fc.integer()),
        first: fc.constantFrom(false, false, true, 'true'),
        state: fc.oneof(
          fc.record({ seen: fc.integer() }),
          fc.record({ seen: fc.nat() }),
          fc.jsonValue({ maxDepth: 2 }),
        ),
      },
      { requiredKeys: ['v', 'deployment', 'step', 'startedAt', 'looks', 'errors'] },
    );
    let used = 0;
    await fc.assert(
      fc.asyncProperty(memory, fc.boolean(), fc.constantFrom(looking, failing), async (forged, asText, hook) => {
        const _state = asText ? JSON.stringify(forged) : forged;
        const answer = await rig(hook).look(withDetails(EVENT, { _state }));
        expect(['FAILED', 'IN_PROGRESS']).toContain(answer.hookStatus);
        if (!answer.reason.startsWith('Damaged')) used += 1;
      }),
      { numRuns: 500 },
    );
    expect(used).toBeGreaterThan(50);
  });
});

describe('an approval', () => {
  const world = useWorld();

  it('is no vote, and no look at the votes is left out', async () => {
    const own = fc.record(
      {
        notices: fc.nat(5),
        request: fc.nat(5),
        openedAt: fc.constantFrom(world().now, 0, 1e15),
        missing: fc.nat(20),
      },
      { requiredKeys: ['notices'] },
    );
    await fc.assert(
      fc.asyncProperty(own, fc.nat(2), async (state, votes) => {
        const play = world().deploy({ config: { firstDeployment: 'run', approvers: [ALICE] } });
        if (votes > 0) play.vote(MALLORY, 'accept');
        if (votes > 1) play.vote(MALLORY, 'pending');
        const startedAt = world().now;
        const memory = { v: 1, deployment: play.id, step: play.stage, startedAt, looks: 3, errors: 0, state };
        play.hookDetails = { ...Object(play.hookDetails), _state: JSON.stringify(memory) };
        for (let look = 0; look < 3; look += 1) expect((await play.look(30)).hookStatus).not.toBe('SUCCEEDED');
      }),
      { numRuns: 40 },
    );
  });
});

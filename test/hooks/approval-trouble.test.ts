import { describe, expect, it } from 'vitest';
import type { Fault } from '../../simulator/aws/faults.ts';
import { holdToReasons } from '../fixtures/reasons.ts';
import { ALICE, type Play, useWorld } from './approval-world.ts';

holdToReasons();

const world = useWorld();

interface Call {
  service: 'ssm' | 'sns';
  operation: string;
  /** Where there are several of them. */
  match?: NonNullable<Fault['match']>;
}

const written = (name: RegExp) => (input: object) => 'Name' in input && name.test(String(input.Name));
const create: Call = { service: 'ssm', operation: 'PutParameter', match: written(/_SHIFT$/) };
const claim: Call = { service: 'ssm', operation: 'PutParameter', match: written(/notice/) };
const publish: Call = { service: 'sns', operation: 'Publish' };
const history: Call = { service: 'ssm', operation: 'GetParameterHistory' };

/** The SDK tries three times; expired credentials once, since it has no others. */
const OUTAGE = { times: 3 };

function deploy(config: Record<string, unknown> = {}): Play {
  return world().deploy({ config: { notifyTopicArn: world().topicArn, ...config } });
}

describe('trouble that passes', () => {
  it.each([
    ['making the request, throttled', create, { kind: 'throttle' }],
    ['making the request, 5xx', create, { kind: 'server-error' }],
    ['making the request, cut', create, { kind: 'cut' }],
    ['making the request, cut after it took effect', create, { kind: 'cut', when: 'after' }],
    ['claiming the notice, 5xx', claim, { kind: 'server-error' }],
    ['publishing, throttled', publish, { kind: 'throttle' }],
    ['publishing, 5xx', publish, { kind: 'server-error' }],
  ] as const)('at the first look: %s', async (_what, call, effect) => {
    const play = deploy();
    world().aws.faults.add({ ...call, ...effect, ...OUTAGE });
    expect((await play.look()).hookStatus).toBe('IN_PROGRESS');
    for (let look = 0; look < 5; look += 1) expect((await play.look(60)).hookStatus).toBe('IN_PROGRESS');
    expect(play.history()).toHaveLength(1);
    expect(play.notices()).toHaveLength(1);
    play.vote(ALICE, 'accept');
    expect((await play.look(30)).hookStatus).toBe('SUCCEEDED');
  });

  it.each(['throttle', 'server-error', 'unavailable', 'cut', 'expired-credentials'] as const)(
    'at a poll, when the votes cannot be read: %s',
    async (kind) => {
      const play = deploy();
      await play.look();
      play.vote(ALICE, 'accept');
      world().aws.faults.add({ ...history, kind, times: kind === 'expired-credentials' ? 1 : OUTAGE.times });
      const answer = await play.look(30);
      expect(answer.hookStatus).toBe('IN_PROGRESS');
      expect(answer.reason).toContain('ssm:GetParameterHistory');
      expect((await play.look(30)).hookStatus).toBe('SUCCEEDED');
    },
  );

  it('is given up after maxErrors looks in a row', async () => {
    const play = deploy({ maxErrors: 2 });
    await play.look();
    const fault = world().aws.faults.add({ ...history, kind: 'server-error', always: true });
    expect((await play.look(30)).hookStatus).toBe('IN_PROGRESS');
    const answer = await play.look(60);
    fault.remove();
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toMatch(
      /gave up after 2 errors in a row, the last: ssm:GetParameterHistory: InternalServerError/,
    );
  });
});

describe('trouble that no retry mends', () => {
  it.each([
    ['making the request', create, 'ssm:PutParameter'],
    ['claiming the notice', claim, 'ssm:PutParameter'],
    ['publishing', publish, 'sns:Publish'],
  ] as const)('%s: no permission', async (_what, call, action) => {
    const play = deploy();
    world().aws.faults.add({ ...call, kind: 'access-denied' });
    const answer = await play.look();
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toMatch(new RegExp(`${action}.*not authorized to perform: ${action}`, 'i'));
  });

  it('reading the votes: no permission', async () => {
    const play = deploy();
    await play.look();
    world().aws.faults.add({ ...history, kind: 'access-denied' });
    const answer = await play.look(30);
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toContain('is not authorized to perform: ssm:GetParameterHistory');
  });

  it('asking whether it is the first deployment: no permission', async () => {
    const play = deploy();
    world().aws.faults.add({ service: 'ecs', operation: 'DescribeServiceDeployments', kind: 'access-denied' });
    const answer = await play.look();
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toContain('ecs:DescribeServiceDeployments');
  });
});

import './quiet.ts';
import { DescribeServiceDeploymentsCommand, type ServiceDeployment } from '@aws-sdk/client-ecs';
import { describe, expect, it, vi } from 'vitest';
import { hook } from '../../hooks/consumer-switch/hook.ts';
import { LATE_WRITE_MS } from '../../hooks/consumer-switch/protocol.ts';
import { at, SOURCE, TARGET } from '../../library/testing/events.ts';
import { ssmError } from '../fixtures/aws.ts';
import { memoryOf, rig } from '../fixtures/probe.ts';
import { BLUE, clients, GREEN, LEASE, QUEUE, useWorld } from './consumer-switch-world.ts';

const world = useWorld();
const FORWARD = at('PRODUCTION_TRAFFIC_SHIFT', 100);
const BACK = at('PRODUCTION_TRAFFIC_SHIFT', 0);
const NO_WEIGHTS = at('PRODUCTION_TRAFFIC_SHIFT', {});
const LATE = LATE_WRITE_MS / 1000;

describe('rollback', () => {
  it('takes the way back by the lease, and does not drain', async () => {
    world().write(GREEN);
    world().inFlight = 5;
    const answers = await world()
      .configure({ queueUrls: [QUEUE] })
      .rig.play(BACK);
    expect(answers).toMatchObject([
      { hookStatus: 'IN_PROGRESS', callBackDelay: LEASE },
      { hookStatus: 'SUCCEEDED', reason: `Rolling back: ${BLUE} is named, and may take messages` },
    ]);
    expect(world().values).toEqual([BLUE, GREEN, 'none', BLUE]);
  });

  it('looks once more where the source is named already, and mends what came late', async () => {
    const { rig } = world();
    const first = await rig.look(BACK);
    expect(first).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: LATE });
    rig.advance(LATE - 1);
    world().write('none');
    rig.advance(1);
    const answers = await rig.play({ ...BACK, hookDetails: first.hookDetails });
    expect(answers.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'SUCCEEDED']);
    expect(world().value).toBe(BLUE);
  });

  it('looks no more than that once where nothing comes late', async () => {
    const answers = await world().rig.play(BACK);
    expect(answers.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'SUCCEEDED']);
    expect(world().values).toEqual([BLUE]);
  });

  it('waits the lease where the parameter is gone: workers may have read a name before', async () => {
    world().versions = [];
    const answers = await world().rig.play(BACK);
    expect(answers).toMatchObject([{ hookStatus: 'IN_PROGRESS', callBackDelay: LEASE }, { hookStatus: 'SUCCEEDED' }]);
    expect(world().values).toEqual([BLUE]);
  });

  it('does not trust a read that began too soon, however late it ends', async () => {
    world().onRead = () => vi.advanceTimersByTime(LATE_WRITE_MS);
    expect(await world().rig.look(BACK)).toMatchObject({ hookStatus: 'IN_PROGRESS' });
  });

  it.each(['ROLLBACK_SUCCESSFUL', 'STOPPED', 'SUCCESSFUL'] as const)(
    'that comes late changes nothing: %s',
    async (status) => {
      world().write(GREEN);
      world().deployment = { ...world().deployment, status };
      expect(await world().rig.look(BACK)).toMatchObject({ hookStatus: 'SUCCEEDED' });
      expect(world().value).toBe(GREEN);
    },
  );

  it('goes where the description says where the event has no weights', async () => {
    world().write(GREEN);
    const other = SOURCE.replace(BLUE, '1');
    world().deployment = {
      ...world().deployment,
      status: 'ROLLBACK_IN_PROGRESS',
      rollback: { serviceRevisionArn: other },
    };
    await world().rig.play(NO_WEIGHTS);
    expect(world().value).toBe('1');
  });

  const OTHER = SOURCE.replace(BLUE, '1');
  it.each<[string, Record<string, number>, Partial<ServiceDeployment>]>([
    ['the one with most of the traffic', { [OTHER]: 10, [SOURCE]: 90, [TARGET]: 0 }, {}],
    ['not one without traffic', { [OTHER]: 0, [TARGET]: 0 }, { rollback: { serviceRevisionArn: SOURCE } }],
    ['not the target, whatever is described', {}, { rollback: { serviceRevisionArn: TARGET } }],
    ['the source where no other is described', {}, {}],
  ])('goes to %s', async (_, weights, described) => {
    world().write(GREEN);
    world().deployment = { ...world().deployment, status: 'ROLLBACK_IN_PROGRESS', ...described };
    await world().rig.play(at('PRODUCTION_TRAFFIC_SHIFT', weights));
    expect(world().values).toEqual([BLUE, GREEN, 'none', BLUE]);
  });

  it('asks again where neither the event nor ECS says where to', async () => {
    world().write(GREEN);
    let asked = 0;
    clients.ecs.on(DescribeServiceDeploymentsCommand).callsFake(() => {
      asked += 1;
      // The first question is the framework's: is it a rollback?
      if (asked > 1) throw ssmError('ThrottlingException', 'Rate exceeded');
      return { serviceDeployments: [{ ...world().deployment, status: 'ROLLBACK_IN_PROGRESS' }] };
    });
    expect(await world().rig.look(NO_WEIGHTS)).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: expect.stringMatching(/Rolling back, not done yet: .*Rate exceeded/),
    });
    expect(world().values).toEqual([BLUE, GREEN]);
  });

  it('does nothing more once the time of the function is up', async () => {
    clients.ecs.on(DescribeServiceDeploymentsCommand).callsFake(async () => {
      const [, options] = clients.ecs.send.lastCall.args as unknown as [unknown, { abortSignal: AbortSignal }];
      await new Promise((resolve) => options.abortSignal.addEventListener('abort', resolve));
      throw new Error('aborted');
    });
    const answer = await rig(hook, { remaining: 1010 }).look(BACK);
    await new Promise(setImmediate);
    expect(answer).toMatchObject({ reason: expect.stringContaining('ran out of time') });
    expect(world().calls).toEqual([]);
  });

  it('needs no description where the weights name the source', async () => {
    world().write(GREEN);
    clients.ecs.on(DescribeServiceDeploymentsCommand).rejects(ssmError('AccessDeniedException', 'no'));
    const answers = await world().rig.play(BACK);
    expect(answers.at(-1)?.hookStatus).toBe('SUCCEEDED');
    expect(world().value).toBe(BLUE);
  });

  it('without a source changes nothing', async () => {
    world().deployment = { ...world().deployment, status: 'ROLLBACK_IN_PROGRESS', sourceServiceRevisions: [] };
    expect(await world().rig.look(NO_WEIGHTS)).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: 'Rolling back: nothing switched, there is no revision to go back to',
    });
    expect(world().values).toEqual([BLUE]);
  });

  it('keeps within the bound of the framework with the longest lease', async () => {
    world().write(GREEN);
    const answers = await world().configure({ leaseSeconds: 240 }).rig.play(BACK);
    expect(answers.at(-1)?.hookStatus).toBe('SUCCEEDED');
    expect(world().value).toBe(BLUE);
  });
});

describe('what the way forward left', () => {
  const ROLLED_BACK = { status: 'ROLLBACK_IN_PROGRESS', rollback: { serviceRevisionArn: SOURCE } } as const;

  it.each([
    ['with weights', FORWARD, BACK],
    ['without weights', NO_WEIGHTS, NO_WEIGHTS],
    ['with weights on the way forward only', FORWARD, NO_WEIGHTS],
    ['with weights on the way back only', NO_WEIGHTS, BACK],
  ])('does not shorten the lease of the way back: events %s', async (_, forward, back) => {
    const { rig } = world();
    const ahead = await rig.look(forward);
    expect(memoryOf(ahead).state).toMatchObject({ cleared: { version: 2 } });
    rig.advance(LEASE);
    world().deployment = { ...world().deployment, ...ROLLED_BACK };
    const first = await rig.look({ ...back, hookDetails: ahead.hookDetails });
    expect(first).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: LEASE });
    expect(world().values).toEqual([BLUE, 'none']);
    // A forward look that had checked before the rollback began comes late, within the budget of its write.
    world().write(GREEN);
    rig.advance(LEASE);
    const answers = await rig.play({ ...back, hookDetails: first.hookDetails });
    expect(answers.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'SUCCEEDED']);
    expect(world().values).toEqual([BLUE, 'none', GREEN, 'none', BLUE]);
  });
});

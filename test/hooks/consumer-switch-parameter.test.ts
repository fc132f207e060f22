import './quiet.ts';
import { DescribeServiceDeploymentsCommand } from '@aws-sdk/client-ecs';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Holder, nextStep } from '../../hooks/consumer-switch/protocol.ts';
import { at, TARGET } from '../../library/testing/events.ts';
import { ssmError } from '../fixtures/aws.ts';
import { BLUE, clients, GREEN, LEASE, useWorld } from './consumer-switch-world.ts';

const world = useWorld();
const FORWARD = at('PRODUCTION_TRAFFIC_SHIFT', 100);
const BACK = at('PRODUCTION_TRAFFIC_SHIFT', 0);

/** Runs before the first write of GREEN. */
function beforeTheName(run: () => void): void {
  let isFirst = true;
  world().beforeWrite = (value) => {
    if (value !== GREEN || !isFirst) return;
    isFirst = false;
    run();
  };
}

describe('what it reads', () => {
  it('is a name, though a hand wrote it with the end of a line', async () => {
    world().write(`${GREEN}\n`);
    expect(await world().rig.look(FORWARD)).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: `${GREEN} is named, and may take messages`,
    });
  });

  it.each([
    ['nothing', {}],
    ['no value', { Parameter: { Version: 3 } }],
    ['no version', { Parameter: { Value: GREEN } }],
  ])('is trouble where Parameter Store answers %s', async (_, answer) => {
    clients.ssm.on(GetParameterCommand).resolves(answer);
    expect(await world().rig.look(FORWARD)).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: expect.stringMatching(/ssm:GetParameter answered \S+ without its value or version/),
    });
    expect(world().values).toEqual([BLUE]);
  });

  it('is not the right name where the copy is older than its own none', async () => {
    const { rig } = world();
    world().write(GREEN);
    const first = await rig.look(BACK);
    rig.advance(LEASE);
    world().behind = 2;
    const second = await rig.look({ ...BACK, hookDetails: first.hookDetails });
    expect(second).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: LEASE });
    world().behind = 0;
    await rig.play({ ...BACK, hookDetails: second.hookDetails });
    expect(world().values).toEqual([BLUE, GREEN, 'none', 'none', BLUE]);
  });

  it.each<[string, Holder, string]>([
    ['the right name, from before', { value: GREEN, version: 4 }, 'clear'],
    ['the right name, by a hand that made the parameter anew', { value: GREEN, version: 5 }, 'done'],
    ['the right name, since', { value: GREEN, version: 6 }, 'done'],
    ['another name, from before', { value: BLUE, version: 4 }, 'clear'],
    ['another name, by a hand that made the parameter anew', { value: BLUE, version: 5 }, 'clear'],
    ['another name, since', { value: BLUE, version: 6 }, 'contested'],
  ])('beside its own none of version 5: %s', (_, held, kind) => {
    const view = { held, to: GREEN, now: 0, leaseMs: 1, cleared: { version: 5, at: 0 }, alone: false };
    expect(nextStep(view).kind).toBe(kind);
  });
});

describe('what it writes', () => {
  it.each([
    ['stands beside 1 of a twin', 1, 'SUCCEEDED'],
    ['stands beside 3 of twins', 3, 'SUCCEEDED'],
    ['is taken back where it is one of more than anybody would have looked at', 4, 'IN_PROGRESS'],
  ])('%s', async (_, twins, status) => {
    const { rig } = world();
    const first = await rig.look(FORWARD);
    rig.advance(LEASE);
    beforeTheName(() => {
      for (let twin = 0; twin < twins; twin += 1) world().write(GREEN);
    });
    world().calls = [];
    expect(await rig.look({ ...FORWARD, hookDetails: first.hookDetails })).toMatchObject({ hookStatus: status });
    const after = status === 'SUCCEEDED' ? Array(twins).fill('read') : ['write none'];
    expect(world().calls).toEqual(['describe', 'read', `write ${GREEN}`, ...after]);
  });

  it('is taken back where the parameter was deleted, and this has made it anew', async () => {
    beforeTheName(() => {
      world().versions = [];
    });
    const answers = await world().rig.play(FORWARD);
    expect(answers[1]).toMatchObject({
      callBackDelay: LEASE,
      reason: expect.stringContaining('Somebody wrote /ecs-hooks/consumer/'),
    });
    expect(world().values).toEqual([GREEN, 'none', GREEN]);
  });

  it('is taken back where nobody can tell what came between', async () => {
    beforeTheName(() => {
      world().write(GREEN);
      world().onRead = () => {
        world().onRead = () => {};
        throw ssmError('ThrottlingException', 'Rate exceeded');
      };
    });
    const answers = await world().rig.play(FORWARD);
    expect(answers[1]).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: LEASE });
    expect(world().values).toEqual([BLUE, 'none', GREEN, GREEN, 'none', GREEN]);
  });

  it('is nothing where there was no parameter, and somebody has made it meanwhile', async () => {
    const { rig } = world();
    world().versions = [];
    world().deployment = { ...world().deployment, sourceServiceRevisions: [] };
    beforeTheName(() => world().write(BLUE));
    const event = at('PRODUCTION_TRAFFIC_SHIFT', { [TARGET]: 100 });
    const answers = await rig.play(event);
    expect(answers[0]).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      callBackDelay: 2,
      reason: `${world().name} was made meanwhile; looking again`,
    });
    expect(answers.at(-1)?.hookStatus).toBe('SUCCEEDED');
    expect(world().values).toEqual([BLUE, 'none', GREEN]);
  });

  it('is trouble where Parameter Store answers no version', async () => {
    clients.ssm.on(PutParameterCommand).resolves({});
    expect(await world().rig.look(FORWARD)).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: expect.stringMatching(/ssm:PutParameter answered no version for \S+$/),
    });
  });

  it('is given up three seconds after the beginning of the check that it rests on', async () => {
    const limits: number[] = [];
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      limits.push(ms);
      return AbortSignal.abort(new Error('given up'));
    });
    onTestFinished(() => timeout.mockRestore());
    const { deployment } = world();
    clients.ecs.on(DescribeServiceDeploymentsCommand).callsFake(() => {
      vi.advanceTimersByTime(1200);
      return { serviceDeployments: [deployment] };
    });
    clients.ssm.on(PutParameterCommand).callsFake(() => {
      const [, options] = clients.ssm.send.lastCall.args as unknown as [unknown, { abortSignal: AbortSignal }];
      options.abortSignal.throwIfAborted();
      return { Version: 2 };
    });
    expect(await world().rig.look(FORWARD)).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: expect.stringContaining('given up'),
    });
    expect(limits).toEqual([1800]);
  });
});

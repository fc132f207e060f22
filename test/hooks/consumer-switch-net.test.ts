import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it, vi } from 'vitest';
import { LATE_WRITE_MS } from '../../hooks/consumer-switch/protocol.ts';
import { SOURCE } from '../../library/testing/events.ts';
import { ssmError } from '../fixtures/aws.ts';
import { captureOutput } from '../fixtures/output.ts';
import { COMPLETED } from './consumer-switch-events.ts';
import { nap } from './consumer-switch-nap.ts';
import { DEPLOYMENT, ended, useNet } from './consumer-switch-net-kit.ts';
import { BLUE, clients, GREEN } from './consumer-switch-world.ts';

vi.mock('node:timers/promises', () => import('./consumer-switch-nap.ts'));
const output = captureOutput();
const [, , service] = COMPLETED.resources[0]?.split('/') ?? [];
const { world, given, held, invoke } = useNet();

describe('the lease', () => {
  it('is thrown for where the function has not the time; the retry goes on from what Parameter Store says', async () => {
    given([ended('SUCCESSFUL')], { leaseSeconds: 30 });
    await expect(invoke(COMPLETED, 15_000)).rejects.toThrow('a lease may run for 24 s more');
    expect(world().values).toEqual([BLUE, 'none']);
    expect(output.decisions()).toMatchObject([{ status: 'FAILED', event: 'ECS Deployment State Change', service }]);
    await expect(invoke(COMPLETED, 15_000)).rejects.toThrow('a lease may run for');
    world().rig.advance(60);
    expect((await invoke(COMPLETED, 15_000)).hookStatus).toBe('SUCCEEDED');
    expect(world().values).toEqual([BLUE, 'none', GREEN]);
  });

  it('is waited for in the invocation, and everything is asked again after it', async () => {
    given([ended('SUCCESSFUL')], { leaseSeconds: 30 });
    expect((await invoke()).reason).toContain(`names ${GREEN} now`);
    expect(nap.slept).toEqual([8000, 24_000]);
    expect(world().values).toEqual([BLUE, 'none', GREEN]);
    expect(world().calls.filter((call) => call === 'list')).toHaveLength(3);
  });

  it('is not waited for where none has stood for it, once nothing can come late', async () => {
    given([ended('SUCCESSFUL')], { leaseSeconds: 240 });
    held('none');
    expect((await invoke(COMPLETED, 15_000)).hookStatus).toBe('SUCCEEDED');
    expect(nap.slept).toEqual([8000]);
  });

  it('counts from when none was written, with room for the clocks', async () => {
    given([ended('SUCCESSFUL')], { leaseSeconds: 30 });
    world().versions = [{ value: 'none', at: new Date(world().rig.now().getTime() - 20_000) }];
    expect((await invoke()).hookStatus).toBe('SUCCEEDED');
    // 30 s of lease, 2 s of margin and 5 s for the clocks, 20 s of which have passed.
    expect(nap.slept).toEqual([8000, 9000]);
  });
});

describe('the time of the function', () => {
  it.each([
    [9000, 'the second that is kept back', 'looked at again in 8 s, and this invocation may not run so long'],
    [9001, 'a moment more', undefined],
  ])('of %i ms has to be what it waits and %s', async (remaining, _, trouble) => {
    given([ended('SUCCESSFUL')]);
    held(GREEN);
    if (trouble === undefined) expect((await invoke(COMPLETED, remaining)).hookStatus).toBe('SUCCEEDED');
    else await expect(invoke(COMPLETED, remaining)).rejects.toThrow(trouble);
  });
});

describe('a parameter that is not there', () => {
  it('is made once a lease is over: workers may have read a name before', async () => {
    given([ended('SUCCESSFUL')], { leaseSeconds: 30 }).versions = [];
    expect((await invoke()).reason).toContain(`names ${GREEN} now`);
    expect(nap.slept).toEqual([8000, 24_000]);
    expect(world().values).toEqual([GREEN]);
  });

  it('is not written over where somebody makes it in the same moment', async () => {
    given([ended('SUCCESSFUL')]).versions = [];
    world().beforeWrite = () => {
      if (world().versions.length === 0) world().write('17');
    };
    expect((await invoke()).reason).toContain(`names ${GREEN} now`);
    expect(nap.slept).toEqual([7000, 2000, 7000]);
    expect(world().values).toEqual(['17', 'none', GREEN]);
  });
});

it('does not count the lease from an old none that a read behind the others shows', async () => {
  given([ended('ROLLBACK_SUCCESSFUL', { rollback: { serviceRevisionArn: SOURCE } })], { leaseSeconds: 30 });
  world().versions = ['none', GREEN].map((value) => ({ value, at: new Date(0) }));
  const isBehind = [true, false];
  nap.during = [
    () => {
      world().onRead = () => {
        world().behind = isBehind.shift() ? 2 : 0;
      };
    },
  ];
  expect((await invoke()).reason).toContain(`names ${BLUE} now`);
  expect(nap.slept).toEqual([8000, 24_000]);
  expect(world().values).toEqual(['none', GREEN, 'none', BLUE]);
});

describe('what comes late, while it waits', () => {
  const ROLLED_BACK = ended('ROLLBACK_SUCCESSFUL', { rollback: { serviceRevisionArn: SOURCE } });

  it('is a name, over a none that has stood for long: no other is named in its lease', async () => {
    given([ROLLED_BACK], { leaseSeconds: 30 });
    held('none');
    nap.during = [() => world().write(GREEN)];
    expect((await invoke()).reason).toContain(`names ${BLUE} now`);
    expect(world().values).toEqual(['none', GREEN, 'none', BLUE]);
    expect(nap.slept).toEqual([8000, 32_000]);
  });

  it('is a name, though a timer fires too soon', async () => {
    given([ROLLED_BACK], { leaseSeconds: 30 });
    held('none');
    Object.assign(nap, { early: 1, during: [() => {}, () => world().write(GREEN)] });
    await invoke();
    expect(world().values).toEqual(['none', GREEN, 'none', BLUE]);
  });

  it('is a none, while a read is under way that began too soon', async () => {
    given([ROLLED_BACK]);
    held(BLUE);
    world().onRead = () => {
      if (nap.slept.length === 0) vi.advanceTimersByTime(LATE_WRITE_MS);
    };
    nap.during = [() => world().write('none')];
    expect((await invoke()).reason).toContain(`names ${BLUE} now`);
    expect(world().values).toEqual([BLUE, 'none', BLUE]);
  });

  it('is a none, over the right name', async () => {
    given([ROLLED_BACK]);
    held(BLUE);
    nap.during = [() => world().write('none')];
    expect((await invoke()).reason).toContain(`names ${BLUE} now`);
    expect(world().values).toEqual([BLUE, 'none', BLUE]);
  });

  it('is a none, over the name that it wrote itself', async () => {
    given([ROLLED_BACK]);
    held('none');
    nap.during = [() => {}, () => world().write('none')];
    world().versions = [{ value: 'none', at: world().rig.now() }];
    expect((await invoke()).reason).toContain(`names ${BLUE} now`);
    expect(world().values).toEqual(['none', BLUE, 'none', BLUE]);
    expect(nap.slept.slice(0, 2)).toEqual([7000, 1000]);
  });

  it('is a none, where it is unclear who serves', async () => {
    given([ended('STOPPED')]).service.currentServiceRevisions = [];
    held(BLUE);
    nap.during = [() => world().write('none')];
    expect(await invoke()).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('is none, and') });
  });

  it('is a new deployment: the rest is its own', async () => {
    given([ended('SUCCESSFUL')]);
    held('none');
    nap.during = [() => world().listed.push(ended('IN_PROGRESS', { createdAt: new Date(5000) }))];
    expect((await invoke()).reason).toBe('Nothing done: a deployment is IN_PROGRESS');
    expect(world().values).toEqual(['none']);
  });

  it('is a new deployment that has ended too: its own late writes are waited for', async () => {
    given([ended('SUCCESSFUL')], { leaseSeconds: 30 });
    held('none');
    const next = { serviceDeploymentArn: `${DEPLOYMENT}2`, createdAt: new Date(5000) };
    nap.during = [() => world().listed.push(ended('SUCCESSFUL', next)), () => world().write(BLUE)];
    expect((await invoke()).reason).toContain(`names ${GREEN} now`);
    expect(world().values).toEqual(['none', BLUE, 'none', GREEN]);
    expect(nap.slept).toEqual([8000, 8000, 32_000]);
  });
});

it.each([
  ['throttled', ssmError('ThrottlingException', 'Rate exceeded'), 'throws'],
  ['refused', ssmError('AccessDeniedException', 'no'), 'FAILED'],
])('when %s: %s', async (_, error, outcome) => {
  given([ended('SUCCESSFUL')]);
  clients.ssm.on(GetParameterCommand).rejects(error);
  if (outcome === 'throws') await expect(invoke()).rejects.toThrow('Rate exceeded');
  else expect(await invoke()).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('no') });
});

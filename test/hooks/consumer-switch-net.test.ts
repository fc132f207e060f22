import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { hook } from '../../hooks/consumer-switch/hook.ts';
import { LATE_WRITE_MS } from '../../hooks/consumer-switch/protocol.ts';
import { at, SOURCE, TARGET } from '../../library/testing/events.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { ssmError } from '../fixtures/aws.ts';
import { captureOutput } from '../fixtures/output.ts';
import { rig } from '../fixtures/probe.ts';
import { COMPLETED, HOOK_EVENT } from './consumer-switch-events.ts';
import { BLUE, clients, GREEN, useWorld, type World } from './consumer-switch-world.ts';

const nap = vi.hoisted(() => ({ slept: [] as number[], during: [] as (() => unknown)[], early: 0 }));
// The hook's waiting moves the clock that it waits by, and takes no time; `during` is what happens in each, `early` by how much
// the first ends too soon.
vi.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number) => {
    nap.slept.push(ms);
    nap.during.shift()?.();
    vi.advanceTimersByTime(ms - nap.early);
    nap.early = 0;
  },
}));
beforeEach(() => {
  Object.assign(nap, { slept: [], during: [], early: 0 });
});
const output = captureOutput();
const world = useWorld();
const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:consumer-switch';
const [, cluster, service] = COMPLETED.resources[0]?.split('/') ?? [];
const DEPLOYMENT = at('PRODUCTION_TRAFFIC_SHIFT').resourceArn;

function given(listed: ServiceDeployment[], details: object = { leaseSeconds: 5 }): World {
  world().listed = listed;
  world().service = {
    deploymentConfiguration: {
      lifecycleHooks: [
        {
          hookTargetArn: `${FUNCTION}:live`,
          lifecycleStages: ['PRODUCTION_TRAFFIC_SHIFT'],
          hookDetails: details as never,
        },
      ],
    },
    currentServiceRevisions: [
      { arn: SOURCE, requestedTaskCount: 2 },
      { arn: TARGET, requestedTaskCount: 0 },
    ],
  };
  return world();
}

const ENDED = (status: ServiceDeployment['status'], more: Partial<ServiceDeployment> = {}) =>
  ({
    serviceDeploymentArn: DEPLOYMENT,
    status,
    createdAt: new Date(1000),
    targetServiceRevisionArn: TARGET,
    ...more,
  }) as ServiceDeployment;

function invoke(event: unknown = COMPLETED, remaining = 60_000) {
  const handler = lambdaHandler(hook, { now: () => world().rig.now(), env: {} });
  const context = { invokedFunctionArn: `${FUNCTION}:live`, getRemainingTimeInMillis: () => remaining };
  return handler(JSON.parse(JSON.stringify(event)), context);
}

/** The parameter stands since long before any lease. */
function held(value: string): void {
  world().versions = [{ value, at: new Date(0) }];
}

describe('the revision that serves', () => {
  it.each<[string, ServiceDeployment[], string]>([
    ['SUCCESSFUL: its target', [ENDED('SUCCESSFUL')], GREEN],
    [
      'ROLLBACK_SUCCESSFUL: where it went',
      [ENDED('ROLLBACK_SUCCESSFUL', { rollback: { serviceRevisionArn: SOURCE } })],
      BLUE,
    ],
    ['STOPPED: the one with tasks', [ENDED('STOPPED')], BLUE],
    ['ROLLBACK_FAILED: the one with tasks', [ENDED('ROLLBACK_FAILED')], BLUE],
    ['no deployment that ECS remembers: the one with tasks', [], BLUE],
    [
      'the newest of several, in whatever order',
      [ENDED('STOPPED', { createdAt: new Date(5) }), ENDED('SUCCESSFUL')],
      GREEN,
    ],
  ])('%s', async (_, listed, named) => {
    given(listed);
    held('none');
    expect(await invoke()).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: expect.stringContaining(`names ${named} now`),
    });
    expect(world().values).toEqual(['none', named]);
  });

  it('is left alone where the parameter names it', async () => {
    given([ENDED('SUCCESSFUL')]);
    held(GREEN);
    expect(await invoke()).toMatchObject({ hookStatus: 'SUCCEEDED' });
    expect(world().values).toEqual([GREEN]);
  });

  it.each(['PENDING', 'IN_PROGRESS', 'STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'] as const)(
    'is not asked for while a deployment is %s, even an older one',
    async (status) => {
      given([ENDED('SUCCESSFUL'), ENDED(status, { createdAt: new Date(5) })]);
      held('none');
      expect((await invoke()).reason).toBe(`Nothing done: a deployment is ${status}`);
      expect(world().values).toEqual(['none']);
    },
  );

  it.each([
    [BLUE, 'SUCCEEDED', 'which is one of them'],
    ['none', 'FAILED', 'by hand: aws ssm put-parameter'],
    ['17', 'FAILED', 'by hand: aws ssm put-parameter'],
  ])('is unclear: the parameter at %s stays', async (value, hookStatus, reason) => {
    given([ENDED('STOPPED')]).service.currentServiceRevisions = [
      { arn: SOURCE, requestedTaskCount: 1 },
      { arn: TARGET, requestedTaskCount: 1 },
    ];
    held(value);
    expect(await invoke()).toMatchObject({ hookStatus, reason: expect.stringContaining(reason) });
    expect(world().values).toEqual([value]);
  });
});

describe('the lease', () => {
  it('is thrown for where the function has not the time; the retry goes on from what Parameter Store says', async () => {
    given([ENDED('SUCCESSFUL')], { leaseSeconds: 30 });
    await expect(invoke(COMPLETED, 15_000)).rejects.toThrow('a lease may run for 24 s more');
    expect(world().values).toEqual([BLUE, 'none']);
    expect(output.decisions()).toMatchObject([{ status: 'FAILED', event: 'ECS Deployment State Change', service }]);
    await expect(invoke(COMPLETED, 15_000)).rejects.toThrow('a lease may run for');
    world().rig.advance(60);
    expect((await invoke(COMPLETED, 15_000)).hookStatus).toBe('SUCCEEDED');
    expect(world().values).toEqual([BLUE, 'none', GREEN]);
  });

  it('is waited for in the invocation, and everything is asked again after it', async () => {
    given([ENDED('SUCCESSFUL')], { leaseSeconds: 30 });
    expect((await invoke()).reason).toContain(`names ${GREEN} now`);
    expect(nap.slept).toEqual([8000, 24_000]);
    expect(world().values).toEqual([BLUE, 'none', GREEN]);
    expect(world().calls.filter((call) => call === 'list')).toHaveLength(3);
  });

  it('is not waited for where none has stood for it, once nothing can come late', async () => {
    given([ENDED('SUCCESSFUL')], { leaseSeconds: 240 });
    held('none');
    expect((await invoke(COMPLETED, 15_000)).hookStatus).toBe('SUCCEEDED');
    expect(nap.slept).toEqual([8000]);
  });

  it('counts from when none was written, with room for the clocks', async () => {
    given([ENDED('SUCCESSFUL')], { leaseSeconds: 30 });
    world().versions = [{ value: 'none', at: new Date(world().rig.now().getTime() - 20_000) }];
    expect((await invoke()).hookStatus).toBe('SUCCEEDED');
    // 30 s of lease, 2 s of margin and 5 s for the clocks, 20 s of which have passed.
    expect(nap.slept).toEqual([8000, 9000]);
  });
});

describe('what comes late, while it waits', () => {
  const ROLLED_BACK = ENDED('ROLLBACK_SUCCESSFUL', { rollback: { serviceRevisionArn: SOURCE } });

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
    given([ENDED('STOPPED')]).service.currentServiceRevisions = [];
    held(BLUE);
    nap.during = [() => world().write('none')];
    expect(await invoke()).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('is none, and') });
  });

  it('is a new deployment: the rest is its own', async () => {
    given([ENDED('SUCCESSFUL')]);
    held('none');
    nap.during = [() => world().listed.push(ENDED('IN_PROGRESS', { createdAt: new Date(5000) }))];
    expect((await invoke()).reason).toBe('Nothing done: a deployment is IN_PROGRESS');
    expect(world().values).toEqual(['none']);
  });

  it('is a new deployment that has ended too: its own late writes are waited for', async () => {
    given([ENDED('SUCCESSFUL')], { leaseSeconds: 30 });
    held('none');
    const next = { serviceDeploymentArn: `${DEPLOYMENT}2`, createdAt: new Date(5000) };
    nap.during = [() => world().listed.push(ENDED('SUCCESSFUL', next)), () => world().write(BLUE)];
    expect((await invoke()).reason).toContain(`names ${GREEN} now`);
    expect(world().values).toEqual(['none', BLUE, 'none', GREEN]);
    expect(nap.slept).toEqual([8000, 8000, 32_000]);
  });
});

describe('what is not its own', () => {
  it('is a service without a hook of this function', async () => {
    given([ENDED('SUCCESSFUL')]).service = {};
    held('none');
    expect((await invoke()).reason).toContain('has no lifecycle hook with this function');
    expect(world().values).toEqual(['none']);
  });

  it.each([
    ['another source', { ...COMPLETED, source: 'aws.ec2' }, 'event.source is "aws.ec2"'],
    ['no service', { ...COMPLETED, resources: [] }, 'must be the ARN of a service'],
  ])('is an event of %s: told, not thrown', async (_, event, reason) => {
    expect(await invoke(event)).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining(reason) });
    expect(world().calls).toEqual([]);
  });

  it('is a bad configuration: told, not thrown', async () => {
    given([ENDED('SUCCESSFUL')], { leaseSeconds: 1 });
    expect(await invoke()).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('leaseSeconds') });
  });

  it('is an event for a hook that asks for none', async () => {
    const { onServiceEvent: _, ...deaf } = hook;
    expect(await rig(deaf).look(COMPLETED)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('Not an ECS lifecycle event'),
    });
  });
});

it('takes the events of hooks, whose resource is the deployment', async () => {
  given([ENDED('SUCCESSFUL')]);
  held('none');
  expect(await invoke(HOOK_EVENT)).toMatchObject({ hookStatus: 'SUCCEEDED' });
  expect(world().name).toBe(`/ecs-hooks/consumer/${cluster}/${service}`);
  expect(output.decisions()).toMatchObject([{ eventName: 'HOOK_FAILED', cluster, service }]);
});

it('reads hookDetails that are a string', async () => {
  given([ENDED('SUCCESSFUL')], '{"parameterPrefix":"/mine"}' as never);
  held('none');
  await invoke();
  expect(world().name).toBe(`/mine/consumer/${cluster}/${service}`);
});

it.each([
  ['throttled', ssmError('ThrottlingException', 'Rate exceeded'), 'throws'],
  ['refused', ssmError('AccessDeniedException', 'no'), 'FAILED'],
])('when %s: %s', async (_, error, outcome) => {
  given([ENDED('SUCCESSFUL')]);
  clients.ssm.on(GetParameterCommand).rejects(error);
  if (outcome === 'throws') await expect(invoke()).rejects.toThrow('Rate exceeded');
  else expect(await invoke()).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('no') });
});

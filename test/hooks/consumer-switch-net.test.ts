import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it, vi } from 'vitest';
import { hook } from '../../hooks/consumer-switch/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { ssmError } from '../fixtures/aws.ts';
import { at, SOURCE, TARGET } from '../fixtures/events.ts';
import { captureOutput } from '../fixtures/output.ts';
import { rig } from '../fixtures/probe.ts';
import { BLUE, clients, GREEN, useWorld, type World } from './consumer-switch-world.ts';

const slept = vi.hoisted((): number[] => []);
// The hook's waiting moves the clock that it waits by, and takes no time.
vi.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number) => {
    slept.push(ms);
    vi.advanceTimersByTime(ms);
  },
}));
const output = captureOutput();
const world = useWorld();
const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:consumer-switch';
const { serviceArn } = at('PRODUCTION_TRAFFIC_SHIFT').executionDetails;
const [, cluster, service] = serviceArn.split('/');
/** As in "Amazon ECS service deployment state change events". */
const COMPLETED = {
  version: '0',
  id: 'ddca6449-b258-46c0-8653-e0e3a6d0468b',
  'detail-type': 'ECS Deployment State Change',
  source: 'aws.ecs',
  account: '123456789012',
  time: '2026-03-05T12:31:14Z',
  region: 'eu-west-1',
  resources: [serviceArn],
  detail: {
    eventType: 'INFO',
    eventName: 'SERVICE_DEPLOYMENT_COMPLETED',
    deploymentId: 'ecs-svc/123',
    updatedAt: '2026-03-05T12:31:14Z',
    reason: 'ECS deployment ecs-svc/123 completed.',
  },
};
const HOOK_EVENT = {
  ...COMPLETED,
  'detail-type': 'ECS Hook State Change',
  resources: [serviceArn.replace(':service/', ':service-deployment/').concat('/0EYSiB0qap8xf0N76FsbE')],
  detail: { eventType: 'INFO', eventName: 'HOOK_FAILED', hookId: 'ecs-lambda-e7tK', serviceArn },
};
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
  it('is thrown for where the function has not the time, after the name is taken away', async () => {
    given([ENDED('SUCCESSFUL')]);
    await expect(invoke(COMPLETED, 5000)).rejects.toThrow('the lease runs for');
    expect(world().values).toEqual([BLUE, 'none']);
    expect(output.decisions()).toMatchObject([{ status: 'FAILED', event: 'ECS Deployment State Change', service }]);
    await expect(invoke(COMPLETED, 5000)).rejects.toThrow('the lease runs for');
    world().rig.advance(60);
    expect((await invoke(COMPLETED, 5000)).hookStatus).toBe('SUCCEEDED');
    expect(world().values).toEqual([BLUE, 'none', GREEN]);
  });

  it('is waited for in the invocation, and everything is asked again after it', async () => {
    given([ENDED('SUCCESSFUL')]);
    expect((await invoke()).hookStatus).toBe('SUCCEEDED');
    expect(slept).toEqual([7000]);
    expect(world().values).toEqual([BLUE, 'none', GREEN]);
    expect(world().calls.filter((call) => call === 'list')).toHaveLength(2);
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

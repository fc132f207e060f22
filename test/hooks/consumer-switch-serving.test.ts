import { DescribeServicesCommand, ListServiceDeploymentsCommand, type ServiceDeployment } from '@aws-sdk/client-ecs';
import { describe, expect, it, vi } from 'vitest';
import { hook } from '../../hooks/consumer-switch/hook.ts';
import { SOURCE, TARGET } from '../../library/testing/events.ts';
import { captureOutput } from '../fixtures/output.ts';
import { rig } from '../fixtures/probe.ts';
import { COMPLETED, HOOK_EVENT } from './consumer-switch-events.ts';
import { ended, FUNCTION, useNet } from './consumer-switch-net-kit.ts';
import { BLUE, clients, GREEN } from './consumer-switch-world.ts';

vi.mock('node:timers/promises', () => import('./consumer-switch-nap.ts'));
const output = captureOutput();
const { world, given, held, invoke } = useNet();
const [, cluster, service] = COMPLETED.resources[0]?.split('/') ?? [];
const NAME = `/ecs-hooks/consumer/${cluster}/${service}`;
const THIRD = SOURCE.replace(BLUE, '17');
const BOTH = [
  { arn: SOURCE, requestedTaskCount: 1 },
  { arn: TARGET, requestedTaskCount: 1 },
];

describe('the revision that serves', () => {
  const { createdAt: _, ...timeless } = ended('STOPPED');
  const { serviceDeploymentArn: __, ...nameless } = ended('ROLLBACK_SUCCESSFUL');
  it.each<[string, ServiceDeployment[], string, string]>([
    ['SUCCESSFUL: its target', [ended('SUCCESSFUL')], GREEN, 'SUCCESSFUL'],
    [
      'ROLLBACK_SUCCESSFUL: where it went',
      [ended('ROLLBACK_SUCCESSFUL', { rollback: { serviceRevisionArn: THIRD } })],
      '17',
      'ROLLBACK_SUCCESSFUL',
    ],
    [
      'ROLLBACK_SUCCESSFUL without where to: the one with tasks',
      [ended('ROLLBACK_SUCCESSFUL')],
      BLUE,
      'ROLLBACK_SUCCESSFUL, and no other revision is to have tasks',
    ],
    [
      'ROLLBACK_SUCCESSFUL of a deployment that ECS does not name: the one with tasks',
      [nameless],
      BLUE,
      'ROLLBACK_SUCCESSFUL, and no other revision is to have tasks',
    ],
    ['STOPPED: the one with tasks', [ended('STOPPED')], BLUE, 'STOPPED, and no other revision is to have tasks'],
    [
      'ROLLBACK_FAILED: the one with tasks',
      [ended('ROLLBACK_FAILED')],
      BLUE,
      'ROLLBACK_FAILED, and no other revision is to have tasks',
    ],
    [
      'no deployment that ECS remembers: the one with tasks',
      [],
      BLUE,
      'unknown, and no other revision is to have tasks',
    ],
    [
      'the newest of several, in whatever order',
      [ended('STOPPED', { createdAt: new Date(5) }), ended('SUCCESSFUL')],
      GREEN,
      'SUCCESSFUL',
    ],
    ['not one of which ECS tells no time', [timeless, ended('SUCCESSFUL')], GREEN, 'SUCCESSFUL'],
  ])('%s', async (_, listed, named, status) => {
    given(listed);
    held('none');
    expect(await invoke()).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: `${NAME} names ${named} now, since the latest deployment is ${status}`,
    });
    expect(world().values).toEqual(['none', named]);
    expect(output.decisions()).toMatchObject([{ evidence: { named } }]);
    expect(world().calls.includes('describe')).toBe(
      listed[0]?.status === 'ROLLBACK_SUCCESSFUL' && listed[0] !== nameless,
    );
  });

  it('is the one with tasks where ECS lists nothing, and one revision without an ARN', async () => {
    given([]).service.currentServiceRevisions = [{ requestedTaskCount: 1 }, { arn: SOURCE, requestedTaskCount: 1 }];
    clients.ecs.on(ListServiceDeploymentsCommand).resolves({});
    held('none');
    expect((await invoke()).reason).toContain(`${NAME} names ${BLUE} now`);
  });

  it('is left alone where the parameter names it', async () => {
    given([ended('SUCCESSFUL')]);
    held(GREEN);
    expect(await invoke()).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: `Nothing to do: ${NAME} names ${GREEN}, and the latest deployment is SUCCESSFUL`,
    });
    expect(world().values).toEqual([GREEN]);
  });

  it.each(['PENDING', 'IN_PROGRESS', 'STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'] as const)(
    'is not asked for while a deployment is %s, even an older one',
    async (status) => {
      given([ended('SUCCESSFUL'), ended(status, { createdAt: new Date(5) })]);
      held('none');
      expect((await invoke()).reason).toBe(`Nothing done: a deployment is ${status}`);
      expect(world().values).toEqual(['none']);
    },
  );

  it('is unclear, and the parameter names one that it may be', async () => {
    given([ended('STOPPED')]).service.currentServiceRevisions = BOTH;
    held(BLUE);
    expect(await invoke()).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason:
        'Nothing done: the latest deployment is STOPPED, and 2 revisions have tasks; ' +
        `${NAME} names ${BLUE}, which is one of them`,
    });
    expect(world().values).toEqual([BLUE]);
    expect(output.decisions()).toMatchObject([{ evidence: { candidates: [BLUE, GREEN] } }]);
  });

  it.each([
    ['none', BOTH, `${BLUE}, ${GREEN}`, '2'],
    ['17', BOTH, `${BLUE}, ${GREEN}`, '2'],
    ['missing', BOTH, `${BLUE}, ${GREEN}`, '2'],
    ['none', undefined, 'none known', '0'],
  ])('is unclear: the parameter at %s stays', async (value, revisions, candidates, count) => {
    const { service: found } = given([ended('STOPPED')]);
    delete found.currentServiceRevisions;
    if (revisions !== undefined) found.currentServiceRevisions = revisions;
    held(value);
    if (value === 'missing') world().versions = [];
    const { length } = world().versions;
    expect(await invoke()).toMatchObject({
      hookStatus: 'FAILED',
      reason:
        `${NAME} is ${value}, and it is not clear which revision serves (${candidates}): the latest deployment is ` +
        `STOPPED, and ${count} revisions have tasks; write the id of the right one by hand: ` +
        `aws ssm put-parameter --overwrite --name ${NAME} --value <id>`,
    });
    expect(world().versions).toHaveLength(length);
  });
});

describe('what is not its own', () => {
  const NOTHING = `Nothing done: ${service} has no lifecycle hook with this function`;
  const another = { hookTargetArn: `${FUNCTION}-2:live`, hookDetails: { parameterPrefix: '/another' } };

  it.each([
    ['it has none', {}],
    ['it has that of another', { deploymentConfiguration: { lifecycleHooks: [another] } }],
  ])('is a service without a hook of this function: %s', async (_, service) => {
    given([ended('SUCCESSFUL')]).service = service;
    held('none');
    expect((await invoke()).reason).toBe(NOTHING);
    expect(world().values).toEqual(['none']);
  });

  it('is a service that is gone', async () => {
    given([ended('SUCCESSFUL')]);
    clients.ecs.on(DescribeServicesCommand).resolves({});
    expect((await invoke()).reason).toBe(NOTHING);
  });

  it('is anything at all for a function that is not told which it is', async () => {
    given([]).service = {};
    held('none');
    expect((await rig(hook).look(COMPLETED)).reason).toBe(NOTHING);
  });

  it.each([
    ['another source', { ...COMPLETED, source: 'aws.ec2' }, 'event.source is "aws.ec2"'],
    ['no service', { ...COMPLETED, resources: [] }, 'must be the ARN of a service'],
  ])('is an event of %s: told, not thrown', async (_, event, reason) => {
    expect(await invoke(event)).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining(reason) });
    expect(world().calls).toEqual([]);
  });

  it('is a bad configuration: told, not thrown', async () => {
    given([ended('SUCCESSFUL')], { leaseSeconds: 1 });
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

describe('its own', () => {
  it.each([
    ['beside that of another function', [{ hookTargetArn: `${FUNCTION}-2` }, {}], '/second'],
    [
      'at the shift, before that of another stage',
      [{ lifecycleStages: ['POST_PRODUCTION_TRAFFIC_SHIFT'] }, {}],
      '/second',
    ],
    ['at another stage, where it is the only one', [{ lifecycleStages: ['POST_PRODUCTION_TRAFFIC_SHIFT'] }], '/first'],
    ['of which ECS tells no stages', [{ lifecycleStages: undefined }], '/first'],
  ])('is the hook %s', async (_, hooks, prefix) => {
    const ours = { hookTargetArn: `${FUNCTION}:live`, lifecycleStages: ['PRODUCTION_TRAFFIC_SHIFT'] };
    const lifecycleHooks = hooks.map((more, i) => ({
      ...ours,
      ...more,
      hookDetails: { parameterPrefix: i === 0 ? '/first' : '/second' },
    }));
    given([ended('SUCCESSFUL')]).service.deploymentConfiguration = { lifecycleHooks: lifecycleHooks as never };
    held('none');
    await invoke();
    expect(world().name).toBe(`${prefix}/consumer/${cluster}/${service}`);
  });

  it('are the events of hooks, whose resource is the deployment', async () => {
    given([ended('SUCCESSFUL')]);
    held('none');
    expect(await invoke(HOOK_EVENT)).toMatchObject({ hookStatus: 'SUCCEEDED' });
    expect(world().name).toBe(NAME);
    expect(output.decisions()).toMatchObject([{ eventName: 'HOOK_FAILED', cluster, service }]);
  });

  it('are hookDetails that are a string', async () => {
    given([ended('SUCCESSFUL')], '{"parameterPrefix":"/mine"}' as never);
    held('none');
    await invoke();
    expect(world().name).toBe(`/mine/consumer/${cluster}/${service}`);
  });
});

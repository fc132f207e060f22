import './quiet.ts';
import { DescribeServiceDeploymentsCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it, vi } from 'vitest';
import { at, TARGET } from '../../library/testing/events.ts';
import { ssmError } from '../fixtures/aws.ts';
import { holdToReasons } from '../fixtures/reasons.ts';
import { BLUE, clients, GREEN, LEASE, QUEUE, useWorld } from './consumer-switch-world.ts';

// A client that is mocked does not say which operation it refused.
holdToReasons({ but: ['AccessDeniedException: no'] });

const world = useWorld();
const FORWARD = at('PRODUCTION_TRAFFIC_SHIFT', 100);
const NO_WEIGHTS = at('PRODUCTION_TRAFFIC_SHIFT', {});

describe('forward', () => {
  it('is none, the lease, the name', async () => {
    const answers = await world().rig.play(FORWARD);
    expect(answers).toMatchObject([
      {
        hookStatus: 'IN_PROGRESS',
        callBackDelay: LEASE,
        reason: `Took the name away from ${BLUE}; the lease of 30 s and its margin run out in ${LEASE} s`,
      },
      {
        hookStatus: 'SUCCEEDED',
        reason: `${GREEN} is named, and may take messages; nothing was drained, since queueUrls is empty`,
      },
    ]);
    expect(world().values).toEqual([BLUE, 'none', GREEN]);
    expect(world().name).toBe(`/ecs-hooks/consumer/${placeOf()}`);
  });

  it('asks for the status of the deployment before each read, and each read before each write', async () => {
    await world().rig.play(FORWARD);
    expect(world().calls).toEqual(['describe', 'read', 'write none', 'describe', 'read', `write ${GREEN}`]);
  });

  it('waits for what is left of the lease, however often it is asked', async () => {
    const { rig } = world();
    const first = await rig.look(FORWARD);
    rig.advance(20);
    const second = await rig.look({ ...FORWARD, hookDetails: first.hookDetails });
    expect(second).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: LEASE - 20 });
    expect(world().values).toEqual([BLUE, 'none']);
  });

  it('counts the lease anew where the answer to the write of none was lost', async () => {
    const { rig } = world();
    await rig.look(FORWARD);
    rig.advance(20);
    expect(await rig.look(FORWARD)).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: LEASE });
    expect(world().values).toEqual([BLUE, 'none']);
  });

  it.each(['none', GREEN])('goes on where the answer of Parameter Store to %s never arrived', async (lost) => {
    let losses = 0;
    world().afterWrite = (value) => {
      if (value === lost && losses++ === 0) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    };
    const answers = await world().rig.play(FORWARD);
    expect(answers.at(-1)?.hookStatus).toBe('SUCCEEDED');
    expect(world().values).toEqual([BLUE, 'none', GREEN]);
    expect(losses).toBeGreaterThan(0);
  });

  it('does nothing twice once it is done', async () => {
    await world().rig.play(FORWARD);
    expect(await world().rig.look(FORWARD)).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: `${GREEN} is named, and may take messages`,
    });
    expect(world().values).toEqual([BLUE, 'none', GREEN]);
  });

  it('goes on where the deployment is PENDING still', async () => {
    world().deployment = { ...world().deployment, status: 'PENDING' };
    await world().rig.play(FORWARD);
    expect(world().value).toBe(GREEN);
  });

  it('cannot tell where ECS answers no status', async () => {
    const { status: _, ...unknown } = world().deployment;
    world().deployment = unknown;
    expect(await world().rig.look(FORWARD)).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: expect.stringContaining('ecs:DescribeServiceDeployments answered no status'),
    });
    expect(world().values).toEqual([BLUE]);
  });

  it.each(['STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_SUCCESSFUL', 'STOPPED'] as const)(
    'that comes late changes nothing: %s',
    async (status) => {
      world().deployment = { ...world().deployment, status };
      expect(await world().rig.look(FORWARD)).toMatchObject({
        hookStatus: 'SUCCEEDED',
        reason: `Nothing switched: the deployment is ${status}`,
      });
      expect(world().values).toEqual([BLUE]);
    },
  );

  it('begins anew where a stranger wrote between the read and the write', async () => {
    let once = true;
    world().beforeWrite = (value) => {
      if (value === GREEN && once) world().write(BLUE);
      if (value === GREEN) once = false;
    };
    const answers = await world().rig.play(FORWARD);
    expect(world().values).toEqual([BLUE, 'none', BLUE, GREEN, 'none', GREEN]);
    expect(answers[1]).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: LEASE });
    expect(answers[1]?.reason).toContain('Somebody wrote');
  });

  it('lets stand what a twin of the same invocation wrote', async () => {
    world().beforeWrite = (value) => {
      if (value === GREEN) world().write(GREEN);
    };
    const answers = await world().rig.play(FORWARD);
    expect(world().values).toEqual([BLUE, 'none', GREEN, GREEN]);
    expect(answers.at(-1)?.hookStatus).toBe('SUCCEEDED');
  });

  it('takes the name away again from who was named while it waited', async () => {
    const { rig } = world();
    const first = await rig.look(FORWARD);
    world().write(BLUE);
    rig.advance(LEASE);
    const second = await rig.look({ ...FORWARD, hookDetails: first.hookDetails });
    expect(second).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: LEASE });
    expect(second.reason).toContain(`${BLUE} was named meanwhile`);
  });

  it.each([
    [2999, [BLUE, 'none']],
    [3000, [BLUE]],
  ])('writes nothing on a check that began %i ms ago', async (ms, values) => {
    const { deployment } = world();
    clients.ecs.on(DescribeServiceDeploymentsCommand).callsFake(() => {
      vi.advanceTimersByTime(ms);
      return { serviceDeployments: [deployment] };
    });
    expect(await world().rig.look(FORWARD)).toMatchObject({ hookStatus: 'IN_PROGRESS' });
    expect(world().values).toEqual(values);
  });

  it('counts the lease from the answer to the write, not from the beginning of the look', async () => {
    world().afterWrite = () => vi.advanceTimersByTime(900);
    const answer = await world().rig.look(FORWARD);
    const { cleared } = JSON.parse(String(answer.hookDetails?._state)).state;
    expect(cleared.at).toBe(world().rig.now().getTime() + 900);
  });

  it('does not write when the permission is missing, and says which', async () => {
    world().beforeWrite = () => {
      throw ssmError('AccessDeniedException', 'no');
    };
    expect(await world().rig.look(FORWARD)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('no'),
    });
  });
});

describe('how much of the traffic', () => {
  it.each([0.1, 10, 99.9])('%s % in the event switches nothing', async (weight) => {
    const answer = await world().rig.look(at('PRODUCTION_TRAFFIC_SHIFT', weight));
    expect(answer).toMatchObject({ hookStatus: 'SUCCEEDED', reason: expect.stringContaining(`${weight} %`) });
    expect(world().calls).toEqual(['describe']);
  });

  it.each([
    ['BLUE_GREEN', undefined, 'IN_PROGRESS', 'Took the name away'],
    ['ROLLING', undefined, 'IN_PROGRESS', 'Took the name away'],
    [undefined, undefined, 'IN_PROGRESS', 'Took the name away'],
    ['CANARY', 100, 'IN_PROGRESS', 'Took the name away'],
    ['CANARY', 5, 'SUCCEEDED', '5 %'],
    ['LINEAR', 60, 'SUCCEEDED', '60 %'],
    ['LINEAR', undefined, 'IN_PROGRESS', 'Could not tell'],
    ['CANARY', 0, 'IN_PROGRESS', 'Could not tell'],
    ['CANARY', 'nothing of the target', 'IN_PROGRESS', 'Could not tell how far the CANARY deployment is'],
  ] as const)(
    '%s with a described weight of %s and none in the event: %s',
    async (strategy, weight, status, reason) => {
      world().deployment = {
        ...world().deployment,
        deploymentConfiguration: strategy === undefined ? {} : { strategy },
        targetServiceRevision: {
          arn: TARGET,
          ...(typeof weight === 'number' && { requestedProductionTrafficWeight: weight }),
        },
      };
      if (typeof weight === 'string') delete world().deployment.targetServiceRevision;
      const answer = await world().rig.look(NO_WEIGHTS);
      expect(answer).toMatchObject({ hookStatus: status, reason: expect.stringContaining(reason) });
    },
  );

  it.each([
    ['BLUE_GREEN', undefined],
    ['CANARY', {}],
    ['CANARY', 5],
  ] as const)(
    'is all of it at POST_PRODUCTION_TRAFFIC_SHIFT, where the switch is made up for: %s',
    async (...given) => {
      const [strategy, weights] = given;
      world().deployment = { ...world().deployment, deploymentConfiguration: { strategy } };
      const answers = await world().rig.play(at('POST_PRODUCTION_TRAFFIC_SHIFT', weights));
      expect(answers.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'SUCCEEDED']);
      expect(world().value).toBe(GREEN);
    },
  );

  it('is all of it where the event names the target alone', async () => {
    await world().rig.play(at('PRODUCTION_TRAFFIC_SHIFT', { [TARGET]: 100 }));
    expect(world().value).toBe(GREEN);
  });
});

describe('the first deployment', () => {
  it('creates the parameter at once', async () => {
    world().versions = [];
    world().deployment = { ...world().deployment, sourceServiceRevisions: [] };
    expect(await world().rig.look(at('PRODUCTION_TRAFFIC_SHIFT', { [TARGET]: 100 }))).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: `${GREEN} is named, and may take messages: the first revision of the service`,
    });
    expect(world().values).toEqual([GREEN]);
  });

  it('waits the lease where there was a parameter', async () => {
    world().deployment = { ...world().deployment, sourceServiceRevisions: [] };
    await world().rig.play(FORWARD);
    expect(world().values).toEqual([BLUE, 'none', GREEN]);
  });

  it('waits the lease where the parameter is gone and there is a source', async () => {
    world().versions = [];
    const answers = await world().rig.play(FORWARD);
    expect(answers.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'SUCCEEDED']);
    expect(world().values).toEqual([GREEN]);
  });
});

describe('configuration', () => {
  it.each(['onTimeout', 'onError'])('refuses %s: succeed', async (key) => {
    expect(
      await world()
        .configure({ [key]: 'succeed' })
        .rig.look(FORWARD),
    ).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining(`HOOK_DEFAULTS.${key} must not be succeed`),
    });
  });

  it.each([{ leaseSeconds: 4 }, { leaseSeconds: 241 }, { queueUrls: ['orders'] }, { queueUrls: [QUEUE, QUEUE] }])(
    'refuses %j',
    async (config) => {
      expect(await world().configure(config).rig.look(FORWARD)).toMatchObject({ hookStatus: 'FAILED' });
      expect(world().values).toEqual([BLUE]);
    },
  );
});

function placeOf(): string {
  return FORWARD.executionDetails.serviceArn.split('/').slice(1).join('/');
}

import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { TimelineEvent } from '../../simulator/report/timeline-event.ts';
import { inTurn } from '../../simulator/scenario/in-turn.ts';
import { play } from '../../simulator/scenario/play.ts';
import { deployment, MINUTE, notes, playOf, revision, START, scenarioOf, service, stageStart } from './scenario-kit.ts';

const AT = 'POST_TEST_TRAFFIC_SHIFT';
const JUDGED = service([{ function: 'judge', lifecycleStages: [AT] }]);

describe('when deployments begin', () => {
  it('of one service one after another, a minute apart', async () => {
    const { deployments } = await playOf({ deployments: [deployment(), deployment(), deployment()] });

    expect(deployments.map(({ status }) => status)).toEqual(['SUCCESSFUL', 'SUCCESSFUL', 'SUCCESSFUL']);
    const [first, second, third] = deployments;
    expect(first?.createdAt).toBe(START);
    expect(second?.createdAt).toBe((first?.finishedAt ?? 0) + MINUTE);
    expect(third?.createdAt).toBe((second?.finishedAt ?? 0) + MINUTE);
  });

  it('of different services side by side', async () => {
    const { deployments } = await playOf({
      services: { ui: service(), api: service() },
      deployments: [deployment(), deployment({ service: 'api' }), deployment({ service: 'api' })],
    });

    expect(deployments.map(({ service: name, createdAt }) => [name, createdAt])).toEqual([
      ['ui', START],
      ['api', START],
      ['api', (deployments[1]?.finishedAt ?? 0) + MINUTE],
    ]);
  });

  it('at a time of their own, while the one before is still running, which then stops', async () => {
    const { deployments } = await playOf({
      deployments: [deployment(), deployment({ at: '30s' }), deployment({ title: 'last' })],
    });

    expect(deployments.map(({ status, createdAt }) => [status, createdAt])).toEqual([
      ['STOPPED', START],
      ['SUCCESSFUL', START + 30_000],
      // After the one before it in the file, not after the one that was stopped.
      ['SUCCESSFUL', (deployments[1]?.finishedAt ?? 0) + MINUTE],
    ]);
    expect(deployments[1]?.stages[0]?.stage).toBe('RECONCILE_SERVICE');
  });

  it('at a time of their own, by the reading that the one before rolls back first', async () => {
    const { deployments, expectation } = await playOf({
      readings: { supersededDeployment: 'rolled-back' },
      services: { ui: JUDGED },
      functions: { judge: { answers: ['IN_PROGRESS'] } },
      deployments: [
        deployment({ title: 'first', expect: { status: 'ROLLBACK_SUCCESSFUL' } }),
        deployment({
          title: 'second',
          at: '2m',
          answers: { judge: ['SUCCEEDED'] },
          events: [{ stage: 'BAKE_TIME', after: 0, putParameter: { name: '/a', value: 'b', by: 'ana' } }],
          expect: { status: 'SUCCESSFUL', invocations: { judge: 1 } },
        }),
      ],
      identities: { ana: 'arn:aws:iam::123456789012:user/ana' },
    });

    expect(expectation).toEqual({ met: true, failures: [] });
    expect(deployments.map((record) => notes(record).length)).toEqual([0, 1]);
  });

  it('the first one creates a service that does not run yet', async () => {
    const { running: _running, ...created } = service();
    const { deployments } = await playOf({ services: { ui: created }, deployments: [deployment(), deployment()] });

    expect(deployments.map(({ source }) => source?.name)).toEqual([undefined, 'release-2']);
  });
});

describe('what the world is made of', () => {
  it('durations, in the place of ours', async () => {
    const { deployments } = await playOf({ durations: { scaleUp: '1h', stageChange: 0 } });

    const [record] = deployments;
    if (record === undefined) throw new Error('nothing was deployed');
    expect(stageStart(record, 'POST_SCALE_UP') - stageStart(record, 'SCALE_UP')).toBe(60 * MINUTE);
  });

  it('Region, account and start', async () => {
    const { startedAt, deployments } = await playOf({
      region: 'cn-north-1',
      accountId: '210987654321',
      start: '2027-01-01T00:00:00Z',
    });

    expect(startedAt).toBe(Date.UTC(2027, 0, 1));
    expect(deployments).toMatchObject([{ serviceArn: 'arn:aws-cn:ecs:cn-north-1:210987654321:service/unicorn/ui' }]);
  });

  it('parameters, identities and topics, at an endpoint that answers while it plays', async () => {
    const scenario = scenarioOf({
      identities: { ana: 'arn:aws:iam::123456789012:user/ana' },
      topics: ['news'],
      parameters: { '/flag': 'on' },
    });
    let endpoint = '';
    let answer: unknown;
    const ask = async (): Promise<void> => {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'x-amz-target': 'AmazonSSM.GetParameter',
          'content-type': 'application/x-amz-json-1.1',
          authorization:
            'AWS4-HMAC-SHA256 Credential=ana/20260302/eu-west-1/ssm/aws4_request, SignedHeaders=host, Signature=0',
        },
        body: JSON.stringify({ Name: '/flag' }),
      });
      answer = await response.json();
    };
    let asked: Promise<void> | undefined;
    await play(scenario, {
      pace: { kind: 'real', factor: 2000 },
      onReady: (url) => {
        endpoint = url;
        asked = ask();
      },
    });
    await asked;

    expect(answer).toMatchObject({ Parameter: { Name: '/flag', Value: 'on' } });
  });

  it('revisions whose tasks or load balancer have a fault', async () => {
    const faulty = { ...revision('release-2'), networkingFault: { kind: 'listener-change-denied' } };
    const { deployments } = await playOf({
      services: { ui: service([], {}, { deploymentCircuitBreaker: { enable: true, rollback: true } }) },
      deployments: [
        deployment({ revision: { ...revision('release-2'), tasks: 'crash' } }),
        deployment({ revision: faulty }),
      ],
    });

    expect(deployments.map(({ statusReason }) => statusReason)).toEqual([
      expect.stringContaining('circuit breaker'),
      expect.stringMatching(/PRODUCTION_TRAFFIC_SHIFT .*elasticloadbalancing:ModifyListener/),
    ]);
  });

  it('a port that is taken is refused, and nothing is left running', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;

    await expect(play(scenarioOf({}), { port: port ?? 0 })).rejects.toThrow(/EADDRINUSE/);
    await new Promise((resolve) => server.close(resolve));
  });

  it('a hook that is not built is refused', async () => {
    await expect(play(scenarioOf({ functions: { approval: {} } }), { dist: 'no/dist' })).rejects.toThrow(
      /approval has no code at no\/dist\/approval\/index.cjs: run "npm run build" first/,
    );
  });
});

describe('scripted answers', () => {
  it('come in turn, the last one again and again, anew for each deployment', async () => {
    const { deployments } = await playOf({
      functions: { judge: { answers: ['IN_PROGRESS', { hookStatus: 'IN_PROGRESS', callBackDelay: 5 }, 'SUCCEEDED'] } },
      services: { ui: JUDGED },
      deployments: [deployment(), deployment(), deployment({ answers: { judge: ['IN_PROGRESS', 'FAILED'] } })],
    });

    const answers = deployments.map(({ stages }) =>
      stages.flatMap(({ hooks }) => hooks.flatMap(({ invocations }) => invocations.map(({ outcome }) => outcome))),
    );
    expect(answers[0]).toMatchObject([
      { hookStatus: 'IN_PROGRESS', callBackDelay: 30 },
      { hookStatus: 'IN_PROGRESS', callBackDelay: 5 },
      { hookStatus: 'SUCCEEDED' },
    ]);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toMatchObject([{ hookStatus: 'IN_PROGRESS' }, { hookStatus: 'FAILED' }]);
  });

  it.each([
    [{ error: 'boom' }, { kind: 'function-error', errorType: 'Error', errorMessage: 'boom' }],
    [{ raw: 'yes' }, { kind: 'invalid-answer', payload: 'yes' }],
    [{ raw: { hookStatus: 'succeeded' } }, { kind: 'invalid-answer' }],
  ])('%j', async (answer, outcome) => {
    const { deployments } = await playOf({ functions: { judge: { answers: [answer] } }, services: { ui: JUDGED } });

    expect(deployments[0]?.stages.flatMap(({ hooks }) => hooks)[0]?.invocations).toMatchObject([{ outcome }]);
  });
});

describe('the expectation', () => {
  it('stands with each deployment and with the play', async () => {
    const { deployments, expectation } = await playOf({
      services: { ui: JUDGED },
      deployments: [
        deployment({ title: 'good', expect: { status: 'SUCCESSFUL' } }),
        deployment({
          title: 'bad',
          answers: { judge: ['FAILED'] },
          events: [{ stage: 'BAKE_TIME', after: 0, stop: 'ABORT' }],
          expect: { status: 'STOPPED' },
        }),
        deployment({ title: 'whatever' }),
      ],
    });

    const failures = [
      expect.stringMatching(/^bad: expected status "STOPPED", got "ROLLBACK_SUCCESSFUL: /),
      'bad: the event stop never came, since BAKE_TIME was not reached',
    ];
    expect(expectation).toEqual({ met: false, failures });
    expect(deployments.map((record) => record.expectation)).toEqual([
      { met: true, failures: [] },
      { met: false, failures },
      undefined,
    ]);
  });

  it('is absent when nothing is expected', async () => {
    expect(await playOf({})).not.toHaveProperty('expectation');
  });

  it('counts the messages of a deployment, not those of its neighbour', async () => {
    const topic = 'arn:aws:sns:eu-west-1:123456789012:news';
    const asking = (more: object) =>
      service([
        {
          function: 'approval',
          lifecycleStages: [AT],
          hookDetails: { notifyTopicArn: topic, timeoutMinutes: 10, ...more },
        },
      ]);
    const { expectation } = await playOf({
      topics: ['news'],
      functions: { approval: {} },
      services: { ui: asking({ remindMinutes: 4 }), api: asking({}) },
      deployments: [
        deployment({ expect: { status: 'ROLLBACK_SUCCESSFUL', messages: 3 } }),
        deployment({ title: 'api', service: 'api', expect: { status: 'ROLLBACK_SUCCESSFUL', messages: 1 } }),
      ],
    });

    expect(expectation).toEqual({ met: true, failures: [] });
  });
});

it('the same scenario gives the same record, with built hooks side by side', async () => {
  const hooks = [
    { function: 'approval', lifecycleStages: [AT], hookDetails: { timeoutMinutes: 5 } },
    { function: 'second', lifecycleStages: [AT], hookDetails: { timeoutMinutes: 5, parameterPrefix: '/second' } },
  ];
  const content = {
    functions: { approval: {}, second: { artifact: 'approval' } },
    services: { ui: service(hooks), api: service(hooks) },
    identities: { ana: 'arn:aws:iam::123456789012:user/ana' },
    deployments: [
      deployment({ events: [{ stage: AT, after: '1m', approve: { by: 'ana', decision: 'accept' } }] }),
      deployment({ service: 'api' }),
    ],
  };

  const records = [await playOf(content), await playOf(content)];

  expect(records[1]).toEqual(records[0]);
  expect(JSON.stringify(records[0])).toContain('"ssm:GetParameterHistory"');
  expect((await playOf({ ...content, seed: 2 })).deployments[0]?.deploymentId).not.toBe(
    records[0]?.deployments[0]?.deploymentId,
  );
});

describe('telling deployments in turn', () => {
  it('keeps what happens in the others until the one before has finished', async () => {
    const told: TimelineEvent[] = [];
    const heard: TimelineEvent[] = [];
    const tell = inTurn((event) => told.push(event));
    await play(
      scenarioOf({
        services: { ui: service(), api: service(), db: service() },
        deployments: [deployment(), deployment({ service: 'api' }), deployment({ service: 'db' }), deployment()],
      }),
      {
        onEvent: (event) => {
          heard.push(event);
          tell(event);
        },
      },
    );

    const runs = told
      .map(({ deployment: { deploymentArn } }) => deploymentArn)
      .filter((arn, index, all) => arn !== all[index - 1]);
    expect(runs).toHaveLength(4);
    expect(new Set(runs).size).toBe(4);
    for (const arn of runs) {
      const of = (events: TimelineEvent[]) => events.filter((event) => event.deployment.deploymentArn === arn);
      expect(of(told)).toEqual(of(heard));
    }
  });

  it('tells at once what comes to a deployment that is over', () => {
    const told: string[] = [];
    const tell = inTurn(({ deployment: { deploymentArn }, kind }) => told.push(`${deploymentArn} ${kind}`));
    // Only what the function looks at.
    const event = (deploymentArn: string, kind: 'started' | 'finished'): TimelineEvent =>
      ({ kind, at: 0, deployment: { deploymentArn } }) as unknown as TimelineEvent;

    for (const [arn, kind] of [
      ['a', 'started'],
      ['b', 'started'],
      ['a', 'finished'],
      ['a', 'started'],
      ['b', 'finished'],
    ] as const)
      tell(event(arn, kind));

    expect(told).toEqual(['a started', 'a finished', 'b started', 'a started', 'b finished']);
  });
});

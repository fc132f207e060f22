import { describe, expect, it } from 'vitest';
import type { DeploymentRecord } from '../../simulator/record.ts';
import { deployment, MINUTE, notes, playEvents, playOf, service, stageStart } from './scenario-kit.ts';

const AT = 'POST_TEST_TRAFFIC_SHIFT';
const ANA = 'arn:aws:sts::123456789012:assumed-role/Approver/ana';
const WAITING = { functions: { judge: { answers: ['IN_PROGRESS'] } } };
const APPROVAL = { functions: { approval: {} }, identities: { ana: ANA, ben: ANA.replace('ana', 'ben') } };

function outcomes(record: DeploymentRecord): string[] {
  return record.stages.flatMap(({ hooks }) =>
    hooks.flatMap(({ invocations }) =>
      invocations.map(({ outcome }) => (outcome.kind === 'answer' ? outcome.hookStatus : outcome.kind)),
    ),
  );
}

describe('when an event comes', () => {
  it('counts from the beginning of the deployment when it names no stage', async () => {
    const record = await playEvents([{ after: '30s', stop: 'ROLLBACK' }]);

    expect(notes(record)).toEqual([
      { at: record.createdAt + 30_000, kind: 'stop', text: 'StopServiceDeployment ROLLBACK' },
    ]);
  });

  it('counts from the beginning of the stage that it names', async () => {
    const record = await playEvents([{ stage: 'SCALE_UP', after: '10s', stop: 'ROLLBACK' }]);

    expect(notes(record).map(({ at }) => at)).toEqual([stageStart(record, 'SCALE_UP') + 10_000]);
  });

  it.each([
    ['PRODUCTION_TRAFFIC_SHIFT', 2, 2],
    ['BAKE_TIME', 2, 2],
    ['BAKE_TIME', 3, undefined],
  ])('%s, step %i', async (stage, step, recorded) => {
    const { deployments } = await playOf({
      services: {
        ui: service(
          [],
          {},
          {
            strategy: 'LINEAR',
            linearConfiguration: { stepPercent: 40, stepBakeTimeInMinutes: 5 },
            bakeTimeInMinutes: 5,
          },
        ),
      },
      deployments: [deployment({ events: [{ stage, step, after: '3s', stop: 'ABORT' }] })],
    });
    const record = deployments[0];
    if (record === undefined) throw new Error('nothing was deployed');

    expect(record.status).toBe('STOPPED');
    expect(notes(record).map(({ at }) => at)).toEqual([stageStart(record, stage, recorded) + 3000]);
  });

  it('comes once, also by a reading in which ECS enters the stage twice', async () => {
    const { deployments } = await playOf({
      readings: { stepBake: 'before-hooks' },
      topics: [],
      parameters: {},
      identities: { ana: ANA },
      services: {
        ui: service(
          [{ function: 'judge', lifecycleStages: ['PRODUCTION_TRAFFIC_SHIFT'] }],
          {},
          {
            strategy: 'CANARY',
            canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 1 },
          },
        ),
      },
      deployments: [
        deployment({
          events: [
            { stage: 'PRODUCTION_TRAFFIC_SHIFT', after: 0, putParameter: { name: '/a', value: 'b', by: 'ana' } },
          ],
        }),
      ],
    });

    const entered = deployments[0]?.stages.filter(
      ({ stage, step }) => stage === 'PRODUCTION_TRAFFIC_SHIFT' && step === 1,
    );
    expect(entered).toHaveLength(2);
    expect(deployments.flatMap(notes)).toHaveLength(1);
  });
});

describe('what an event does', () => {
  it('alarm: the state counts from that moment', async () => {
    const alarms = { alarms: { alarmNames: ['errors'], enable: true, rollback: true } };

    const record = await playEvents(
      [{ stage: AT, after: '1m', alarm: { name: 'errors', state: 'ALARM' } }],
      { function: 'judge' },
      WAITING,
      alarms,
    );

    expect(record).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      rollback: { startedAt: stageStart(record, AT) + MINUTE },
    });
    expect(notes(record)).toEqual([{ at: stageStart(record, AT) + MINUTE, kind: 'alarm', text: 'errors is in ALARM' }]);
  });

  it.each([
    ['ROLLBACK', 'ROLLBACK_SUCCESSFUL'],
    ['ABORT', 'STOPPED'],
  ])('stop: %s', async (stop, status) => {
    expect(await playEvents([{ stage: AT, after: '1m', stop }], { function: 'judge' }, WAITING)).toMatchObject({
      status,
    });
  });

  it('stop: what ECS refuses is a note, and the deployment goes on', async () => {
    const record = await playEvents(
      [{ stage: AT, after: '1m', stop: 'ABORT' }],
      { function: 'judge' },
      {
        functions: { judge: { answers: ['IN_PROGRESS', 'IN_PROGRESS', 'IN_PROGRESS', 'SUCCEEDED'] } },
        readings: { abortStop: 'rejected' },
      },
    );

    expect(record.status).toBe('SUCCESSFUL');
    expect(notes(record).map(({ text }) => text)).toEqual([
      'refused: InvalidParameterException: Invalid stopType. Valid values are: ROLLBACK',
    ]);
  });

  it.each([
    ['CONTINUE', 'SUCCESSFUL'],
    ['ROLLBACK', 'ROLLBACK_SUCCESSFUL'],
  ])('continue: %s', async (action, status) => {
    const record = await playEvents([{ stage: AT, after: '1m', continue: action }], {
      targetType: 'PAUSE',
      function: undefined,
    });

    expect(record.status).toBe(status);
    expect(record.stages.find(({ stage }) => stage === AT)?.endedAt).toBe(stageStart(record, AT) + MINUTE);
    expect(notes(record).map(({ kind }) => kind)).toEqual(['pause']);
  });

  it('continue: with no PAUSE hook waiting ECS refuses', async () => {
    const record = await playEvents([{ stage: AT, after: 0, continue: 'CONTINUE' }]);

    expect(record.status).toBe('SUCCESSFUL');
    expect(notes(record).map(({ text }) => text)).toEqual([
      'refused: InvalidParameterException: Provided hookId is either completed, unavailable, or not associated with the given Resource ARN',
    ]);
  });

  it('putParameter: writes as the identity, and what Parameter Store refuses is a note', async () => {
    const record = await playEvents(
      [
        { after: '1s', putParameter: { name: '/wanted', value: 'yes', by: 'ana' } },
        { after: '2s', putParameter: { name: '/aws/wanted', value: 'yes', by: 'ana' } },
      ],
      { function: 'judge' },
      { identities: { ana: ANA } },
    );

    expect(notes(record).map(({ text }) => text)).toEqual([
      'ana sets /wanted to yes',
      'ana sets /aws/wanted to yes',
      expect.stringMatching(/^refused: (ValidationException|AccessDeniedException): /),
    ]);
  });

  it('approve: the vote is of the identity, at that moment', async () => {
    const record = await playEvents(
      [{ stage: AT, after: '1m', approve: { by: 'ana', decision: 'accept', reason: 'fine' } }],
      { function: 'approval' },
      APPROVAL,
    );

    expect(record.status).toBe('SUCCESSFUL');
    expect(notes(record).map(({ text }) => text)).toEqual(['ana: accept: fine']);
    expect(
      record.stages
        .flatMap(({ hooks }) => hooks)
        .at(-1)
        ?.invocations.at(-1)?.outcome,
    ).toMatchObject({
      reason: `Deployment accepted by ${ANA} at 2026-03-02 09:02 UTC: fine (1 of 1 approval)`,
    });
  });

  it('approve: nobody has asked', async () => {
    const record = await playEvents(
      [{ after: '1s', approve: { by: 'ana', decision: 'accept' } }],
      { function: 'judge' },
      { identities: { ana: ANA } },
    );

    expect(notes(record).map(({ text }) => text)).toEqual(['ana: accept (but nobody has asked for an approval)']);
  });

  it('approve: of two requests of one deployment the newer one is meant', async () => {
    const step = (number: number) => ({
      stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT',
      step: number,
      after: '1m',
      approve: { by: 'ana', decision: 'accept' },
    });
    // By name 0, 100, 8 … would not be in the order of the steps.
    const services = {
      ui: service(
        [
          {
            function: 'approval',
            lifecycleStages: ['PRE_PRODUCTION_TRAFFIC_SHIFT'],
            hookDetails: { timeoutMinutes: 5 },
          },
        ],
        {},
        {
          strategy: 'LINEAR',
          linearConfiguration: { stepPercent: 8, stepBakeTimeInMinutes: 0 },
        },
      ),
    };
    const events = Array.from({ length: 13 }, (_, index) => step(index + 1));
    const { deployments } = await playOf({ ...APPROVAL, services, deployments: [deployment({ events })] });

    expect(deployments).toMatchObject([{ status: 'SUCCESSFUL' }]);
  });

  it('fault: strikes so many requests', async () => {
    const record = await playEvents(
      [{ stage: AT, after: '40s', fault: { service: 'ssm', operation: 'GetParameterHistory', kind: 'access-denied' } }],
      { function: 'approval' },
      APPROVAL,
    );

    expect(outcomes(record)).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'FAILED']);
    expect(notes(record)).toEqual([
      { at: stageStart(record, AT) + 40_000, kind: 'fault', text: 'ssm:GetParameterHistory access-denied, once' },
    ]);
  });

  it('fault: strikes for so long, and is over', async () => {
    const record = await playEvents(
      [
        { stage: AT, after: '20s', fault: { service: 'ssm', kind: 'malformed-body', for: '1m' } },
        { stage: AT, after: '30s', approve: { by: 'ana', decision: 'accept' } },
      ],
      { function: 'approval' },
      APPROVAL,
    );

    const answers = record.stages.flatMap(({ hooks }) => hooks).flatMap(({ invocations }) => invocations);
    const from = stageStart(record, AT) + 20_000;
    const troubled = answers.filter(
      ({ outcome }) => outcome.kind === 'answer' && outcome.reason?.startsWith('Could not tell yet'),
    );
    expect(troubled.length).toBeGreaterThan(0);
    for (const { startedAt } of troubled) expect(startedAt - from).toBeLessThan(MINUTE);
    expect(record.status).toBe('SUCCESSFUL');
    expect(notes(record)).toContainEqual({ at: from + MINUTE, kind: 'fault', text: 'ssm malformed-body is over' });
  });

  it('fault: strikes for ever when told so', async () => {
    const record = await playEvents(
      [{ stage: AT, after: '40s', fault: { service: 'ssm', kind: 'empty-body', always: true } }],
      { function: 'approval', hookDetails: { maxErrors: 2 } },
      APPROVAL,
    );

    expect(outcomes(record)).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'IN_PROGRESS', 'FAILED']);
    expect(notes(record).map(({ text }) => text)).toEqual(['ssm empty-body, from now on']);
  });

  it('fault: a slow answer is still an answer', async () => {
    const record = await playEvents(
      [
        { stage: AT, after: '40s', fault: { service: 'ssm', kind: 'slow', ms: 20, when: 'after', times: 2 } },
        { stage: AT, after: '50s', approve: { by: 'ana', decision: 'accept' } },
      ],
      { function: 'approval' },
      APPROVAL,
    );

    expect(outcomes(record)).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'SUCCEEDED']);
    expect(notes(record)[0]?.text).toBe('ssm slow, 2 times');
  });

  it.each([
    ['throttled', 2, ['throttled', 'throttled', 'SUCCEEDED'], 'SUCCESSFUL'],
    ['service-error', 1, ['service-error', 'SUCCEEDED'], 'SUCCESSFUL'],
    ['access-denied', 1, ['access-denied'], 'ROLLBACK_SUCCESSFUL'],
    ['role-error', 1, ['role-error'], 'ROLLBACK_SUCCESSFUL'],
  ])('lambdaFault: %s, %i times, of a scripted function', async (kind, times, expected, status) => {
    const record = await playEvents([{ after: '1s', lambdaFault: { function: 'judge', kind, times } }]);

    expect(outcomes(record)).toEqual(expected);
    expect(record.status).toBe(status);
    expect(notes(record)[0]?.text).toBe(`Lambda function judge: ${kind}, ${times === 1 ? 'once' : `${times} times`}`);
  });

  it('lambdaFault: of a built hook, naming the role of the hook', async () => {
    const record = await playEvents(
      [{ after: '1s', lambdaFault: { function: 'approval', kind: 'access-denied' } }],
      { function: 'approval' },
      APPROVAL,
    );

    expect(record.statusReason).toContain('assumed-role/ecs-hooks-invoke/ECS-Lambda-Execution is not authorized');
  });
});

it('a note goes to the deployment whose event it is', async () => {
  const pauses = [{ targetType: 'PAUSE', lifecycleStages: [AT] }];
  const { deployments } = await playOf({
    services: { ui: service(pauses), api: service(pauses) },
    deployments: [
      deployment({
        title: 'ui',
        events: [
          { stage: AT, after: '1m', continue: 'CONTINUE' },
          { stage: AT, after: '2m', putParameter: { name: '/a', value: 'b', by: 'ana' } },
        ],
      }),
      deployment({ title: 'api', service: 'api', events: [{ stage: AT, after: '3m', continue: 'CONTINUE' }] }),
    ],
    identities: { ana: ANA },
  });

  expect(deployments.map((record) => [record.title, notes(record).map(({ kind }) => kind)])).toEqual([
    ['ui', ['pause', 'action']],
    ['api', ['pause']],
  ]);
});

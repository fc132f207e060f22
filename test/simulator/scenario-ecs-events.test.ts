import { describe, expect, it } from 'vitest';
import type { EcsEvent } from '../../simulator/engine/events.ts';
import { parseChoices, Readings } from '../../simulator/engine/readings.ts';
import type { DeploymentRecord, PlayRecord } from '../../simulator/record.ts';
import type { TimelineEvent } from '../../simulator/report/timeline-event.ts';
import { deployment, MINUTE, one, playOf, scenarioOf, service } from './scenario-kit.ts';

type Json = Readonly<Record<string, unknown>>;

const SUBSCRIBED = { judge: { answers: ['SUCCEEDED'] }, watcher: { answers: ['SUCCEEDED'], events: ['deployment'] } };
const CIRCUIT_BREAKER = { deploymentCircuitBreaker: { enable: true, rollback: true } };
const FAILING = { POST_PRODUCTION_TRAFFIC_SHIFT: 'FAILED' };

interface Setting {
  functions?: Json;
  readings?: Record<string, string>;
  configuration?: Json;
  /** What the hook of a stage answers; SUCCEEDED where nothing is said. */
  hooks?: Json;
  events?: Json[];
}

async function playWith({ functions = SUBSCRIBED, readings = {}, configuration, hooks = {}, events = [] }: Setting) {
  const stages = Object.keys(hooks);
  const scripted = Object.fromEntries(stages.map((stage) => [`at-${stage}`, { answers: [hooks[stage]] }]));
  const lifecycleHooks = stages.map((stage) => ({ function: `at-${stage}`, lifecycleStages: [stage] }));
  const told: TimelineEvent[] = [];
  const record = await playOf(
    {
      functions: { ...functions, ...scripted },
      services: { ui: service(lifecycleHooks, {}, configuration) },
      deployments: [deployment({ events })],
    },
    { readings: new Readings(parseChoices(readings)), onEvent: (event) => told.push(event) },
  );
  return { record, told, played: one(record.deployments) };
}

/** The events as the function got them; the record keeps what was sent. */
const sentTo = ({ eventInvocations = [] }: DeploymentRecord) => eventInvocations.map(({ event }) => event as EcsEvent); // written by the simulator, as it was sent
const namesOf = (played: DeploymentRecord) => (played.eventInvocations ?? []).map(({ eventName }) => eventName);
const reasonsOf = (played: DeploymentRecord) =>
  sentTo(played).map(({ detail }) => ('reason' in detail ? detail.reason : ''));
const startsOf = (played: DeploymentRecord, from: number) =>
  (played.eventInvocations ?? []).map(({ startedAt }) => startedAt - from);

describe('ECS Deployment State Change', () => {
  it("has AWS's envelope and fields, and comes a second later", async () => {
    const { played } = await playWith({});
    const { target, startedAt = 0, finishedAt = 0, serviceArn } = played;
    const [first, last] = sentTo(played);

    expect(first).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      'detail-type': 'ECS Deployment State Change',
      source: 'aws.ecs',
      account: '123456789012',
      time: new Date(startedAt).toISOString().replace('.000Z', 'Z'),
      region: 'eu-west-1',
      resources: [serviceArn],
      detail: {
        eventType: 'INFO',
        eventName: 'SERVICE_DEPLOYMENT_IN_PROGRESS',
        deploymentId: `ecs-svc/${target.id}`,
        updatedAt: new Date(startedAt).toISOString().replace('.000Z', 'Z'),
        reason: `ECS deployment ecs-svc/${target.id} in progress.`,
      },
    });
    expect(last?.detail).toMatchObject({
      eventName: 'SERVICE_DEPLOYMENT_COMPLETED',
      reason: `ECS deployment ecs-svc/${target.id} completed.`,
    });
    expect(first?.id).not.toBe(last?.id);
    expect((played.eventInvocations ?? []).map((each) => each.startedAt)).toEqual([
      startedAt + 1000,
      finishedAt + 1000,
    ]);
  });

  it('of a rollback names the revision that it goes back to, and the end by the reading', async () => {
    const { played } = await playWith({ hooks: FAILING });
    const source = `ecs-svc/${played.source?.id}`;

    expect(played.status).toBe('ROLLBACK_SUCCESSFUL');
    expect(namesOf(played)).toEqual([
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_COMPLETED',
    ]);
    expect(reasonsOf(played).slice(1)).toEqual([
      `ECS deployment circuit breaker: rolling back to deploymentId ${source}.`,
      `ECS deployment ${source} completed.`,
    ]);
  });

  it.each<[Record<string, string>, Json, string[]]>([
    [{ rollbackEndEvent: 'FAILED' }, {}, ['IN_PROGRESS', 'IN_PROGRESS', 'FAILED']],
    [{ rollbackEndEvent: 'none' }, {}, ['IN_PROGRESS', 'IN_PROGRESS']],
    [{}, CIRCUIT_BREAKER, ['IN_PROGRESS', 'FAILED', 'IN_PROGRESS', 'COMPLETED']],
    [{ failedEventWithoutCircuitBreaker: 'sent' }, {}, ['IN_PROGRESS', 'FAILED', 'IN_PROGRESS', 'COMPLETED']],
  ])('of a failed deployment under %j with %j: %j', async (readings, configuration, names) => {
    const { played } = await playWith({ hooks: FAILING, readings, configuration });

    expect(namesOf(played)).toEqual(names.map((name) => `SERVICE_DEPLOYMENT_${name}`));
    const types = sentTo(played).map(({ detail }) => detail.eventType);
    expect(types).toEqual(names.map((name) => (name === 'FAILED' ? 'ERROR' : 'INFO')));
  });

  it.each<[string, string[]]>([
    ['sent', ['IN_PROGRESS', 'FAILED']],
    ['none', ['IN_PROGRESS']],
  ])('of a stopped deployment, failures without circuit breaker %s: %j', async (sent, names) => {
    const { played } = await playWith({
      readings: { failedEventWithoutCircuitBreaker: sent },
      events: [{ after: '1m', stop: 'ABORT' }],
    });

    expect(played.status).toBe('STOPPED');
    expect(namesOf(played)).toEqual(names.map((name) => `SERVICE_DEPLOYMENT_${name}`));
  });
});

describe('ECS Hook State Change', () => {
  const functions = { judge: { answers: ['SUCCEEDED'] }, watcher: { answers: ['SUCCEEDED'], events: ['hook'] } };

  it('has the hook, its stage and its deployment', async () => {
    const { played } = await playWith({ functions, hooks: FAILING });
    const [begun, ended] = sentTo(played);
    const hook = played.stages.flatMap(({ hooks }) => hooks)[0];

    expect(begun).toMatchObject({ 'detail-type': 'ECS Hook State Change', resources: [played.deploymentArn] });
    expect(begun?.detail).toEqual({
      eventType: 'INFO',
      eventName: 'HOOK_IN_PROGRESS',
      hookId: hook?.hookId,
      hookType: 'AWS_LAMBDA',
      expiresAt: new Date(hook?.expiresAt ?? 0).toISOString().replace('.000Z', 'Z'),
      lifecycleStage: 'POST_PRODUCTION_TRAFFIC_SHIFT',
      clusterArn: 'arn:aws:ecs:eu-west-1:123456789012:cluster/unicorn',
      serviceArn: played.serviceArn,
      serviceDeploymentArn: played.deploymentArn,
      updatedAt: new Date(hook?.startedAt ?? 0).toISOString(),
    });
    expect(ended?.detail).toMatchObject({ eventType: 'ERROR', eventName: 'HOOK_FAILED' });
  });

  const pause = (timeoutInMinutes: number) => ({
    targetType: 'PAUSE',
    lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'],
    timeoutConfiguration: { timeoutInMinutes, action: 'CONTINUE' },
  });
  const playPaused = async (events: Json[], readings: Record<string, string> = {}) => {
    const services = { ui: service([pause(10), { function: 'judge', lifecycleStages: ['PRE_SCALE_UP'] }]) };
    const { deployments } = await playOf(
      { functions, services, deployments: [deployment({ events })] },
      { readings: new Readings(parseChoices(readings)) },
    );
    return namesOf(one(deployments));
  };
  const proceed = { after: '5m', stage: 'POST_TEST_TRAFFIC_SHIFT', continue: 'CONTINUE' };

  it('of a PAUSE hook says that it waits, and how that ended', async () => {
    const lambda = ['HOOK_IN_PROGRESS', 'HOOK_SUCCEEDED'];
    expect(await playPaused([proceed])).toEqual([...lambda, 'HOOK_AWAITING_ACTION', 'HOOK_SUCCEEDED']);
    expect(await playPaused([])).toEqual([...lambda, 'HOOK_AWAITING_ACTION', 'HOOK_TIMED_OUT']);
  });

  it('is of PAUSE hooks alone by one reading', async () => {
    expect(await playPaused([proceed], { lambdaHookEvents: 'none' })).toEqual([
      'HOOK_AWAITING_ACTION',
      'HOOK_SUCCEEDED',
    ]);
  });

  it('is not sent for a hook that was abandoned: it keeps its state', async () => {
    const stop = { after: '1m', stage: 'POST_TEST_TRAFFIC_SHIFT', stop: 'ABORT' };
    expect((await playPaused([stop])).at(-1)).toBe('HOOK_AWAITING_ACTION');
  });
});

describe('the delivery', () => {
  const watching = (answers: unknown[]) => ({
    judge: { answers: ['SUCCEEDED'] },
    watcher: { answers, events: ['deployment'] },
  });

  it('is repeated by Lambda one and two minutes after function errors, and then given up', async () => {
    const { played } = await playWith({
      functions: watching([{ error: 'no' }]),
      readings: { rollbackEndEvent: 'none' },
    });
    const { startedAt = 0, eventInvocations = [] } = played;
    const first = eventInvocations.filter(({ eventName }) => eventName === 'SERVICE_DEPLOYMENT_IN_PROGRESS');
    const took = (first[0]?.endedAt ?? 0) - (first[0]?.startedAt ?? 0);

    expect(first.map(({ attempt, outcome }) => [attempt, outcome.kind])).toEqual([
      [1, 'function-error'],
      [2, 'function-error'],
      [3, 'function-error'],
    ]);
    expect(first.map((each) => each.startedAt - startedAt)).toEqual([
      1000,
      1000 + took + MINUTE,
      1000 + 2 * took + 3 * MINUTE,
    ]);
    expect(new Set(first.map(({ event }) => JSON.stringify(event))).size).toBe(1);
  });

  it('ends with the first success', async () => {
    const { played } = await playWith({ functions: watching([{ error: 'no' }, 'SUCCEEDED']) });
    const kinds = (played.eventInvocations ?? []).map(({ attempt, outcome }) => `${attempt} ${outcome.kind}`);

    expect(kinds).toEqual(['1 function-error', '2 returned', '1 returned']);
  });

  it('is repeated after growing delays while Lambda throttles', async () => {
    const { played } = await playWith({
      events: [{ after: '0s', lambdaFault: { function: 'watcher', kind: 'throttled', times: 3 } }],
    });
    const first = (played.eventInvocations ?? []).slice(0, 4);
    const gaps = first.slice(1).map((each, index) => each.startedAt - (first[index]?.endedAt ?? 0));

    expect(first.map(({ outcome }) => outcome.kind)).toEqual(['throttled', 'throttled', 'throttled', 'returned']);
    expect(gaps).toEqual([1000, 2000, 4000]);
  });

  it('is not repeated where the function may not be invoked', async () => {
    const { played } = await playWith({
      events: [{ after: '0s', lambdaFault: { function: 'watcher', kind: 'access-denied', times: 1 } }],
    });
    expect((played.eventInvocations ?? []).map(({ outcome }) => outcome.kind)).toEqual(['access-denied', 'returned']);
  });

  it.each<[string, (started: number, finished: number) => number[]]>([
    ['twice', (started, finished) => [started + 1000, started + 11_000, finished + 1000, finished + 11_000]],
    ['delayed', (started, finished) => [started + 5 * MINUTE, finished + 5 * MINUTE]],
  ])('may be %s, and the play waits for it', async (eventDelivery, expected) => {
    const { record, played } = await playWith({ readings: { eventDelivery } });
    const { startedAt = 0, finishedAt = 0 } = played;

    expect(startsOf(played, 0).sort()).toEqual(expected(startedAt, finishedAt).sort());
    expect(record.endedAt).toBe(played.eventInvocations?.at(-1)?.endedAt);
    expect(record.endedAt).toBeGreaterThan(finishedAt);
  });

  it('is told as it happens, and again from the record', async () => {
    const { played, told } = await playWith({});
    const invocations = told.flatMap((event) => (event.kind === 'event-invocation' ? [event.invocation] : []));

    expect(invocations).toEqual(played.eventInvocations);
    expect(invocations).toHaveLength(2);
  });
});

describe('a play without such functions', () => {
  const without = (record: PlayRecord) => {
    const { readings: _, endedAt: __, ...rest } = record;
    return { ...rest, deployments: rest.deployments.map(({ eventInvocations: ___, ...others }) => others) };
  };

  it('is what it is with them, but for their invocations', async () => {
    const functions = { judge: { answers: ['SUCCEEDED'] }, watcher: { answers: ['SUCCEEDED'] } };
    const plain = await playWith({ functions, hooks: FAILING });
    const events = ['deployment', 'hook'];
    const watched = await playWith({
      functions: { ...functions, watcher: { answers: ['SUCCEEDED'], events } },
      hooks: FAILING,
    });

    expect(without(watched.record)).toEqual(without(plain.record));
    expect(plain.played).not.toHaveProperty('eventInvocations');
    const asked = Object.keys(watched.record.readings).filter((id) => !(id in plain.record.readings));
    expect(asked.sort()).toEqual([
      'eventDelivery',
      'failedEventWithoutCircuitBreaker',
      'lambdaHookEvents',
      'rollbackEndEvent',
    ]);
  });
});

describe('rollbackHooksOnFailure', () => {
  const hooks = { PRODUCTION_TRAFFIC_SHIFT: 'SUCCEEDED', POST_PRODUCTION_TRAFFIC_SHIFT: 'FAILED' };
  const back = ({ stages }: DeploymentRecord) =>
    stages.filter(({ direction }) => direction === 'rollback').flatMap((stage) => stage.hooks);

  it('leaves the hooks out of the rollback after a failed POST_PRODUCTION hook, when it is chosen', async () => {
    const skipped = await playWith({ hooks, readings: { rollbackHooksOnFailure: 'skip' } });

    expect(skipped.played.status).toBe('ROLLBACK_SUCCESSFUL');
    expect(back(skipped.played)).toEqual([]);
    expect(skipped.played.weights.at(-1)?.weights).toBeDefined();
    expect(skipped.record.readings).toHaveProperty('rollbackHooksOnFailure', 'skip');
  });

  it('is not among the readings that a play varies by itself', async () => {
    const usual = await playWith({ hooks });

    expect(back(usual.played)).toHaveLength(1);
    expect(usual.record.readings).not.toHaveProperty('rollbackHooksOnFailure');
  });
});

it('refuses events that ECS does not have', () => {
  expect(() => scenarioOf({ functions: { judge: { answers: ['SUCCEEDED'], events: ['task'] } } })).toThrow(
    /functions\.judge\.events/,
  );
});

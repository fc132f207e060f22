import { describe, expect, it } from 'vitest';
import type { QueueEvent } from '../../simulator/aws/sqs/queue-store.ts';
import { ParameterStore } from '../../simulator/aws/ssm/parameter-store.ts';
import { ConsumerParameter } from '../../simulator/scenario/consumer-parameter.ts';
import { Consumption, taskRevisions } from '../../simulator/scenario/consumption.ts';
import { acceptedDeployment } from '../fixtures/records/blue-green.ts';
import { deployment, playOf, revision, service } from './scenario-kit.ts';

const played = acceptedDeployment();
const { createdAt, source, target } = played;
const KEYS: Record<string, string | undefined> = { blue: source?.id, green: target.id, third: '4402117759038261173' };
const SECOND = 1000;

function recordsOf(events: Partial<QueueEvent>[], until = createdAt + 10 * SECOND) {
  const consumption = new Consumption((callerArn) => KEYS[callerArn]);
  for (const event of events) {
    consumption.on({ type: 'deleted', queue: 'orders', callerArn: '', at: createdAt, ...event });
  }
  return consumption.recordsOf(played, until);
}

const moment = (seconds: number) => createdAt + seconds * SECOND;

describe('the consumption', () => {
  it('counts what each revision has processed, step by step', () => {
    const [record, ...more] = recordsOf([
      { callerArn: 'blue', at: moment(0) },
      { callerArn: 'blue', at: moment(0.999) },
      { callerArn: 'green', at: moment(1) },
      { callerArn: 'green', at: moment(9.5), type: 'received' },
      { at: moment(3), type: 'deadLettered' },
      { callerArn: 'blue', at: moment(5), type: 'sent' },
    ]);

    expect(more).toEqual([]);
    expect(record).toEqual({
      queue: 'orders',
      from: createdAt,
      stepMs: SECOND,
      byRevision: {
        [source?.id ?? '']: [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [target.id]: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      },
      deadLettered: [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
    });
  });

  it('shows a third revision that takes messages', () => {
    const [record] = recordsOf([{ callerArn: 'blue' }, { callerArn: 'third' }], moment(1));
    expect(record?.byRevision[KEYS.third ?? '']).toEqual([1, 0]);
  });

  it('has the queues of this deployment alone, also those where nothing but receiving happened', () => {
    const records = recordsOf([
      { callerArn: 'green', type: 'received', queue: 'poisoned' },
      { callerArn: 'nobody', queue: 'elsewhere' },
      { callerArn: 'third', queue: 'of-another-service' },
      { callerArn: 'green', queue: 'later', at: moment(11) },
      { callerArn: 'green', queue: 'before', at: createdAt - 1 },
    ]);
    expect(records.map(({ queue }) => queue)).toEqual(['poisoned']);
  });

  it.each([
    [180, SECOND],
    [181, 2 * SECOND],
    [3600, 30 * SECOND],
    [86_400, 600 * SECOND],
  ])('of %d s is told in steps of %d ms', (seconds, stepMs) => {
    const [record] = recordsOf([{ callerArn: 'green', at: moment(seconds) }], moment(seconds));
    expect(record?.stepMs).toBe(stepMs);
    expect(record?.byRevision[target.id]?.at(-1)).toBe(1);
    expect(record?.deadLettered.length).toBe(Math.floor((seconds * SECOND) / stepMs) + 1);
  });
});

describe('the revision of a caller', () => {
  const role = 'arn:aws:sts::123456789012:assumed-role/orders-task-role';
  const task = (id: string, startedBy?: string) => ({
    taskArn: `arn:aws:ecs:eu-west-1:123456789012:task/unicorn/${id}`,
    ...(startedBy !== undefined && { startedBy }),
  });

  it('is that of the task whose session it is, also when the task is forgotten', () => {
    let tasks = [task('a1', 'ecs-svc/42'), task('b2', 'load-test'), task('c3')];
    const revisionOf = taskRevisions(() => tasks);

    expect(['a1', 'b2', 'c3', '1', ''].map((session) => revisionOf(`${role}/${session}`))).toEqual([
      '42',
      ...[undefined, undefined, undefined, undefined],
    ]);
    tasks = [];
    expect(revisionOf(`${role}/a1`)).toBe('42');
  });
});

describe('the consumer parameter', () => {
  const NAME = `/ecs-hooks/consumer/${played.cluster}/${played.service}`;

  function storeAt() {
    let now = createdAt - 5000;
    const place = { partition: 'aws', region: 'eu-west-1', accountId: '123456789012' };
    const parameters = new ParameterStore({ now: () => now }, place);
    const put = (value: string, at: number) => {
      now = at;
      parameters.put({ name: NAME, value, type: 'String', overwrite: true }, 'arn:aws:iam::123456789012:role/hook');
    };
    return { parameters, put, consumer: new ConsumerParameter(parameters) };
  }

  it('is told as it stands at the start, and then each change once, at its own time', () => {
    const { put, consumer } = storeAt();
    put('1', createdAt - 4000);
    put('2', createdAt - 3000);

    expect(consumer.changes(played, createdAt)).toEqual([{ at: createdAt, value: '2' }]);
    expect(consumer.changes(played, moment(1))).toEqual([]);
    put('none', moment(2));
    put('3', moment(3));
    put('3', moment(4));
    expect(consumer.changes(played, moment(5))).toEqual([
      { at: moment(2), value: 'none' },
      { at: moment(3), value: '3' },
    ]);
    expect(consumer.of(played.deploymentArn)).toHaveLength(3);
  });

  it('is empty when somebody deletes it', () => {
    const { parameters, put, consumer } = storeAt();
    put('2', createdAt);
    consumer.changes(played, createdAt);
    parameters.delete(NAME);

    expect(consumer.changes(played, moment(9))).toEqual([{ at: moment(9), value: '' }]);
    expect(consumer.changes(played, moment(10))).toEqual([]);
  });

  it('is not told where there is none', () => {
    const { consumer } = storeAt();
    expect(consumer.changes(played, createdAt)).toEqual([]);
    expect(consumer.of(played.deploymentArn)).toEqual([]);
  });

  it('is in the record of a play, and told as it changes', async () => {
    const told: string[] = [];
    const put = (after: string, value: string) => ({
      after,
      putParameter: { name: '/ecs-hooks/consumer/unicorn/ui', value, by: 'ada' },
    });
    const { deployments } = await playOf(
      {
        identities: { ada: 'arn:aws:sts::123456789012:assumed-role/Approver/ada' },
        parameters: { '/ecs-hooks/consumer/unicorn/ui': 'none' },
        deployments: [deployment({ events: [put('10s', '9386398427419951854')] })],
      },
      { onEvent: (event) => event.kind === 'consumer' && told.push(event.point.value) },
    );
    const [one] = deployments;

    expect(one?.consumer?.map(({ at, value }) => [at - one.createdAt, value])).toEqual([
      [0, 'none'],
      [10 * SECOND, '9386398427419951854'],
    ]);
    expect(told).toEqual(['none', '9386398427419951854']);
  });
});

it('a play with workers says in its record which revision processed what', async () => {
  const taker = (name: string) => ({
    ...revision(name),
    program: {
      command: ['node', 'test/fixtures/programs/taker.ts'],
      environment: { QUEUE_NAME: 'orders' },
      ready: 'ready',
      stopTimeout: '5s',
    },
  });
  const services = { ui: service([], { loadBalancing: { kind: 'headless' }, running: taker('release-1') }) };
  const { deployments } = await playOf({
    // Between the start of green and the end of blue there is time for both.
    durations: { start: '100ms', stageChange: '20ms', firstTask: '1ms', scaleUp: '1ms', cleanUp: '1ms' },
    services,
    deployments: [deployment({ revision: taker('release-2') })],
  });
  const [one] = deployments;
  const [record, ...more] = one?.consumption ?? [];

  expect(one?.status).toBe('SUCCESSFUL');
  expect([record?.queue, more]).toEqual(['orders', []]);
  expect(Object.keys(record?.byRevision ?? {}).sort()).toEqual([one?.source?.id, one?.target.id].sort());
  for (const counts of Object.values(record?.byRevision ?? {})) expect(Math.max(...counts)).toBeGreaterThan(0);
}, 60_000);

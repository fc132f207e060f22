import './quiet.ts';
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { DeleteParametersCommand, GetParametersByPathCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { DEPLOYMENT_ID } from '../../library/testing/events.ts';
import type { HookAnswer } from '../../shared/status.ts';
import { holdToReasons } from '../fixtures/reasons.ts';
import { AFTER, MINUTE, SHIFT, useMonitor } from './consumer-switch-monitor-kit.ts';
import { BLUE, clients, GREEN, LEASE, QUEUE } from './consumer-switch-world.ts';

holdToReasons();

const { world, monitored, watch, age } = useMonitor();

/** The answer at the end of a watch of a minute in which one message waits and is so old, `pause` seconds after the note. */
async function endOfWatch(pause: number, seconds: number): Promise<HookAnswer | undefined> {
  monitored({ minutes: 1 });
  await world().rig.look(SHIFT);
  world().rig.advance(pause);
  world().write(GREEN);
  const answers = await watch((look) => {
    if (look === 0) age(seconds, 0);
    world().visible = 1;
  });
  return answers.at(-1);
}

describe('the oldest message, against what was before the switch', () => {
  const HOURS = 3 * 3600;
  it.each([
    ['nothing', 100, [], 160, 0],
    ['an hour', 100, [[-60, 100]], 360, 100],
    ['not more than an hour', 100, [[-60.001, 100]], 160, 0],
    [
      'the worst minute of it',
      100,
      [
        [-30, 100],
        [-20, 40],
      ],
      360,
      100,
    ],
    ['the last whole minute', 100, [[-1, 100]], 360, 100],
    ['not the minute of the switch', 100, [[-0.999, 100]], 160, 0],
    ['the lease and the drain at most, whatever a canary baked', HOURS, [[-1, 100]], 260 + 32 + 300 + 60, 100],
  ])('knows %s', async (_, pause, known, limit, before) => {
    for (const over of [0, 1]) {
      Object.assign(world(), { versions: [{ value: BLUE, at: new Date(0) }], notes: new Map(), ages: [], visible: 0 });
      world().configure({});
      for (const [minutes = 0, seconds = 0] of known) age(seconds, minutes);
      const reason = `the oldest message of orders is ${limit + 1} s old (limit ${limit} s, before ${before} s)`;
      expect(await endOfWatch(pause, limit + over)).toMatchObject(
        over === 0
          ? { hookStatus: 'SUCCEEDED' }
          : { hookStatus: 'FAILED', reason: `Worse after the switch: ${reason}` },
      );
    }
  });

  it.each([
    ['from the moment of the first look on', 0, 'SUCCEEDED'],
    ['not of the time before', -0.001, 'FAILED'],
  ])('is known %s', async (_, minutes, status) => {
    monitored({ minutes: 1 });
    world().write(GREEN);
    world().visible = 1;
    const answers = await watch((look) => {
      if (look === 0) age(7, minutes);
    });
    expect(answers.at(-1)?.hookStatus).toBe(status);
  });
});

describe('the backlog, against what was before the switch', () => {
  it.each([
    [80, 'SUCCEEDED'],
    [81, 'FAILED'],
  ])('may be what the pause heaped up, 80, and no more: %i', async (visible, status) => {
    monitored({ minutes: 1 });
    await world().rig.look(SHIFT);
    world().write(GREEN);
    const answers = await watch((look) => {
      world().visible = look === 0 ? 80 : visible;
      age(1);
    });
    expect(answers.at(-1)?.hookStatus).toBe(status);
  });
});

describe('what CloudWatch answers', () => {
  const now = () => world().rig.now();

  it('is read to its last page', async () => {
    monitored({ minutes: 1 });
    world().write(GREEN);
    world().visible = 1;
    const tokens: unknown[] = [];
    clients.cloudwatch.on(GetMetricDataCommand).callsFake(({ NextToken }) => {
      tokens.push(NextToken);
      const page = { MetricDataResults: [{ Id: 'q0', Timestamps: [now()], Values: [tokens.length] }] };
      return NextToken === undefined ? { ...page, NextToken: 'second' } : page;
    });
    expect((await watch()).at(-1)?.reason).toContain('orders: 1 waiting (before 1), oldest 4 s');
    expect(tokens).toEqual([undefined, 'second', undefined, 'second']);
  });

  it('is the latest age, though a minute after it has none', async () => {
    monitored({ minutes: 1 });
    world().write(GREEN);
    world().visible = 1;
    clients.cloudwatch.on(GetMetricDataCommand).callsFake(() => ({
      MetricDataResults: [{ Id: 'q0', Timestamps: [now(), now()], Values: [7] }],
    }));
    expect((await watch()).at(-1)?.reason).toContain('orders: 1 waiting (before 1), oldest 7 s');
  });

  it('is not read for ever', async () => {
    monitored();
    world().write(GREEN);
    clients.cloudwatch.on(GetMetricDataCommand).resolves({ NextToken: 'again' });
    expect(await world().rig.look(AFTER)).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: expect.stringContaining('cloudwatch:GetMetricData did not end its answer within 5 pages'),
    });
    expect(clients.cloudwatch.commandCalls(GetMetricDataCommand)).toHaveLength(5);
  });

  it.each([
    ['nothing', () => ({})],
    ['a queue without ages', () => ({ MetricDataResults: [{ Id: 'q0' }] })],
    ['an age without its minute', () => ({ MetricDataResults: [{ Id: 'q0', Values: [1] }] })],
    ['a minute without its age', () => ({ MetricDataResults: [{ Id: 'q0', Timestamps: [now()] }] })],
    ['an age of no queue', () => ({ MetricDataResults: [{ Timestamps: [now()], Values: [1] }] })],
    [
      'an age of a queue that was not asked for',
      () => ({ MetricDataResults: [{ Id: 'q7', Timestamps: [now()], Values: [1] }] }),
    ],
  ])('is no age of the queue where it is %s', async (_, answer) => {
    monitored({ minutes: 1 });
    world().write(GREEN);
    world().visible = 1;
    clients.cloudwatch.on(GetMetricDataCommand).callsFake(answer);
    expect((await watch()).at(-1)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('CloudWatch knows no age of the oldest message of orders (1 messages)'),
    });
  });
});

describe('the dead-letter queue', () => {
  it('is asked for once', async () => {
    Object.assign(world(), { deadLetters: 1, deadLetterQueue: 'asked-once' });
    monitored();
    world().write(GREEN);
    expect((await watch()).at(-1)?.reason).toContain('dead letters 1 (before 1)');
    expect(clients.sqs.commandCalls(GetQueueUrlCommand)).toHaveLength(1);
  });

  it('is trouble where SQS does not know it', async () => {
    Object.assign(world(), { deadLetters: 1, deadLetterQueue: 'unknown' });
    monitored();
    world().write(GREEN);
    clients.sqs.on(GetQueueUrlCommand).resolves({});
    expect(await world().rig.look(AFTER)).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: expect.stringMatching(/sqs:GetQueueUrl answered no URL for \S+:unknown$/),
    });
  });
});

describe('a watch', () => {
  it('goes on where it was, after a name that somebody wrote in the middle of it', async () => {
    monitored();
    world().write(GREEN);
    const { rig } = world();
    const end = rig.now().getTime() + 5 * MINUTE;
    const answers = await watch((look) => {
      if (look === 1) world().write(BLUE);
    });
    expect(answers[1]).toMatchObject({ callBackDelay: LEASE });
    expect(answers[2]?.reason).toContain('nothing in flight in 1 of 2 readings');
    expect(answers.at(-1)?.hookStatus).toBe('SUCCEEDED');
    expect(rig.now().getTime()).toBe(end);
  });

  it('is over where the operator takes the monitor away', async () => {
    world().write(GREEN);
    const queueUrls = [QUEUE];
    const first = await world().rig.look({ ...AFTER, hookDetails: { queueUrls, monitor: { minutes: 5 } } });
    expect(first.reason).toContain('Watching the queues');
    const hookDetails = { queueUrls, _state: first.hookDetails?._state };
    expect(await world().rig.look({ ...AFTER, hookDetails })).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: `${GREEN} is named, and may take messages`,
    });
  });

  it('ends with what is older than retainDays removed, but nothing of its own deployment', async () => {
    monitored({ minutes: 1 });
    world().write(GREEN);
    const folder = `/ecs-hooks/consumer/${AFTER.executionDetails.serviceArn.split('/').slice(1).join('/')}`;
    const end = world().rig.now().getTime() + MINUTE;
    const daysAgo = (days: number) => new Date(end - days * 86_400_000);
    clients.ssm.on(GetParametersByPathCommand, { Path: folder }).resolves({
      Parameters: [
        { Name: `${folder}/older`, LastModifiedDate: daysAgo(30.001) },
        { Name: `${folder}/younger`, LastModifiedDate: daysAgo(29.999) },
        { Name: `${folder}/${DEPLOYMENT_ID}`, LastModifiedDate: daysAgo(40) },
      ],
    });
    clients.ssm.on(DeleteParametersCommand).resolves({});
    expect((await watch()).at(-1)?.hookStatus).toBe('SUCCEEDED');
    const removed = clients.ssm.commandCalls(DeleteParametersCommand);
    expect(removed.map(({ args: [command] }) => command.input)).toEqual([{ Names: [`${folder}/older`] }]);
  });
});

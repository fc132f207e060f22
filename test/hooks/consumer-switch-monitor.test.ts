import './quiet.ts';
import { describe, expect, it } from 'vitest';
import { at, DEPLOYMENT_ID } from '../../library/testing/events.ts';
import { holdToReasons } from '../fixtures/reasons.ts';
import { AFTER, MINUTE, SHIFT, useMonitor } from './consumer-switch-monitor-kit.ts';
import { BLUE, GREEN, QUEUE } from './consumer-switch-world.ts';

holdToReasons();

const { world, monitored, watch, age } = useMonitor();

describe('the whole way', () => {
  it('notes what was before the switch, watches, and compares with that', async () => {
    monitored();
    Object.assign(world(), { visible: 4, deadLetters: 2 });
    const before = await world().rig.play(SHIFT);
    expect(before.at(-1)?.reason).toBe(`${GREEN} is named, and may take messages; nothing is in flight`);
    // The note, and what is in flight: at the first look, and twice after the lease.
    expect(world().calls.filter((call) => call === 'queue')).toHaveLength(4);
    const [[name, note] = ['', '']] = world().notes;
    expect(name).toMatch(new RegExp(`/${DEPLOYMENT_ID}$`));
    expect(JSON.parse(note)).toMatchObject({ queues: [{ visible: 4, notVisible: 0, deadLetters: 2 }] });
    world().visible = 0;
    const answers = await watch();
    expect(answers).toHaveLength(6);
    expect(answers[0]).toMatchObject({ reason: 'Watching the queues for 5 min more', callBackDelay: 60 });
    expect(answers.at(-1)).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: 'Watched for 5 min: orders: 0 waiting (before 4), age of the oldest unknown, dead letters 2 (before 2)',
    });
  });

  it('watches for a part of a minute, and tells the age that CloudWatch knows', async () => {
    monitored({ minutes: 0.5 });
    world().write(GREEN);
    const answers = await watch((look) => {
      const now = world().rig.now().getTime();
      if (look > 0) world().ages.push({ at: new Date(now - (now % MINUTE)), seconds: 7 });
    });
    expect(answers[0]).toMatchObject({ reason: expect.stringContaining('for 30 s more'), callBackDelay: 30 });
    expect(answers.at(-1)).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: expect.stringContaining(
        'Watched for 30 s: orders: 0 waiting (before 0), oldest 7 s, dead letters none kept',
      ),
    });
  });

  it('asks for the deployment at the first look only, and sees at each who is named', async () => {
    monitored();
    world().write(GREEN);
    const calls: string[][] = [];
    const answers = await watch((look) => {
      calls.push(world().calls);
      world().calls = [];
      if (look === 2) world().write(BLUE);
    });
    calls.push(world().calls);
    expect(calls[1]).toContain('describe');
    expect(calls.slice(2, 5)).toEqual([
      ['read', 'queue', 'ages'],
      ['read', 'describe', 'read', 'write none'],
      ['read', 'queue'],
    ]);
    expect(answers.at(-1)?.hookStatus).toBe('SUCCEEDED');
    expect(world().value).toBe(GREEN);
  });

  it.each([
    ['of an event without weights', at('PRODUCTION_TRAFFIC_SHIFT', {}), {}, 1],
    ['not at a step of a canary', at('PRODUCTION_TRAFFIC_SHIFT', 10), {}, 0],
    ['not where nothing is watched', SHIFT, { monitor: undefined }, 0],
    ['not where there is no queue', SHIFT, { queueUrls: [] }, 0],
  ])('notes what was before: %s', async (_, event, config, notes) => {
    await world()
      .configure({ queueUrls: [QUEUE], monitor: { minutes: 5 }, ...config })
      .rig.look(event);
    expect(world().notes.size).toBe(notes);
  });

  it('does not compare with a note of other queues', async () => {
    await world()
      .configure({ queueUrls: [QUEUE, `${QUEUE}-2`], monitor: { minutes: 5 } })
      .rig.play(SHIFT);
    monitored();
    expect((await watch()).at(-1)?.reason).toContain('compared with the first look after the switch');
  });

  it('does not note again what was before, however often it is asked', async () => {
    monitored();
    await world().rig.look(SHIFT);
    world().visible = 99;
    await world().rig.look(SHIFT);
    expect([...world().notes.values()].join()).toContain('"visible":0');
  });

  it('says that nothing was noted, where it was attached here alone', async () => {
    monitored();
    world().write(GREEN);
    expect((await watch()).at(-1)).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: expect.stringContaining('compared with the first look after the switch'),
    });
  });

  it('makes the switch first, where it was not made', async () => {
    monitored();
    await watch();
    expect(world().values.slice(1)).toEqual(['none', GREEN]);
  });

  it('is FAILED at the first dead letter', async () => {
    monitored();
    world().deadLetters = 3;
    world().write(GREEN);
    const answers = await watch((look) => {
      if (look === 2) world().deadLetters = 4;
    });
    expect(answers).toHaveLength(3);
    expect(answers.at(-1)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('the dead-letter queue of orders holds 4 (limit 3, before 3)'),
    });
  });

  it('is FAILED over an absolute limit in two looks in a row, not in one', async () => {
    monitored({ maxBacklog: 50 });
    world().write(GREEN);
    const answers = await watch((look) => {
      world().visible = look === 1 || look >= 3 ? 51 : 0;
    });
    expect(answers.map(({ hookStatus }) => hookStatus)).toEqual([
      'IN_PROGRESS',
      'IN_PROGRESS',
      'IN_PROGRESS',
      'IN_PROGRESS',
      'FAILED',
    ]);
    expect(answers.at(-1)?.reason).toContain('51 messages wait in orders (maxBacklog 50, before 0)');
  });

  it('looks once more where the last look is the first over a limit', async () => {
    monitored({ maxAgeSeconds: 100 });
    world().write(GREEN);
    const answers = await watch((look) => {
      if (look < 5) return;
      world().visible = 1;
      age(101);
    });
    expect(answers).toHaveLength(7);
    expect(answers[5]).toMatchObject({
      callBackDelay: 60,
      reason: expect.stringContaining(
        'more, over the limit once: the oldest message of orders is 101 s old (maxAgeSeconds 100)',
      ),
    });
    expect(answers.at(-1)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('the oldest message of orders is 101 s old (maxAgeSeconds 100)'),
    });
  });

  it.each([
    ['fail', 'FAILED'],
    ['succeed', 'SUCCEEDED'],
  ])('no age of a queue that is not empty: onNoData %s', async (onNoData, status) => {
    monitored({ onNoData });
    world().write(GREEN);
    world().visible = 3;
    expect((await watch()).at(-1)).toMatchObject({
      hookStatus: status,
      reason: expect.stringContaining(`no age of the oldest message of orders (3 messages); onNoData is ${onNoData}`),
    });
  });

  it('is FAILED where there is nothing to watch', async () => {
    world().write(GREEN);
    world().configure({ monitor: { minutes: 5 } });
    expect(await world().rig.look(AFTER)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('monitor needs queueUrls'),
    });
  });
});

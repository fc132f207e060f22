import './quiet.ts';
import { describe, expect, it } from 'vitest';
import { over, poisoned, type Watched, worse } from '../../hooks/consumer-switch/limits.ts';
import { at, DEPLOYMENT_ID } from '../../library/testing/events.ts';
import type { HookAnswer } from '../../shared/status.ts';
import { holdToReasons } from '../fixtures/reasons.ts';
import { GREEN, QUEUE, useWorld, type World } from './consumer-switch-world.ts';

holdToReasons();

const world = useWorld();
const SHIFT = at('PRODUCTION_TRAFFIC_SHIFT', 100);
const AFTER = at('POST_PRODUCTION_TRAFFIC_SHIFT');
const MINUTE = 60_000;

function monitored(monitor: object = {}): World {
  return world().configure({ queueUrls: [QUEUE], monitor: { minutes: 5, ...monitor }, pollSeconds: 60 });
}

/** Looks at POST_PRODUCTION_TRAFFIC_SHIFT to the end; `each` runs before each look. */
async function watch(each: (look: number) => void = () => {}): Promise<HookAnswer[]> {
  const answers: HookAnswer[] = [];
  let hookDetails: unknown;
  for (let look = 0; look < 30; look += 1) {
    each(look);
    const answer = await world().rig.look({ ...AFTER, hookDetails });
    answers.push(answer);
    if (answer.hookStatus !== 'IN_PROGRESS') break;
    world().rig.advance(answer.callBackDelay);
    hookDetails = answer.hookDetails;
  }
  return answers;
}

function age(seconds: number, minutesFromNow = -1): void {
  const now = world().rig.now().getTime();
  world().ages.push({ at: new Date(now + minutesFromNow * MINUTE), seconds });
}

describe('the whole way', () => {
  it('notes what was before the switch, watches, and compares with that', async () => {
    monitored();
    Object.assign(world(), { visible: 4, deadLetters: 2 });
    await world().rig.play(SHIFT);
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

const RULES = { minutes: 5, maxDeadLetters: 0, tolerance: 2, onNoData: 'fail' } as const;

function queue(more: Partial<Watched>, counts: Partial<Watched['now']> = {}): Watched {
  const none = { visible: 0, notVisible: 0 };
  const now = { ...none, ...counts };
  return { queue: 'q', now, before: none, heaped: none, ageNow: undefined, ageBefore: undefined, pause: 0, ...more };
}

describe('the limits', () => {
  it.each([
    ['as many as before', queue({ before: { visible: 0, notVisible: 0, deadLetters: 5 } }, { deadLetters: 5 }), 0],
    ['one more', queue({ before: { visible: 0, notVisible: 0, deadLetters: 5 } }, { deadLetters: 6 }), 1],
    ['no dead-letter queue', queue({}), 0],
  ])('of dead letters: %s', (_, watched, problems) => {
    expect(poisoned(watched, RULES)).toHaveLength(problems);
  });

  it.each([
    ['the backlog at the limit', queue({}, { visible: 7 }), { maxBacklog: 7 }, 0],
    ['the backlog over it', queue({}, { visible: 8 }), { maxBacklog: 7 }, 1],
    ['the age at the limit', queue({ ageNow: 9 }, { visible: 1 }), { maxAgeSeconds: 9 }, 0],
    ['the age over it', queue({ ageNow: 10 }, { visible: 1 }), { maxAgeSeconds: 9 }, 1],
    ['an age of a queue that is empty', queue({ ageNow: 10 }), { maxAgeSeconds: 9 }, 0],
  ])('absolute: %s', (_, watched, limits, problems) => {
    expect(over(watched, { ...RULES, ...limits })).toHaveLength(problems);
  });

  const before = { visible: 20, notVisible: 0 };
  it.each([
    ['twice the backlog and the floor', queue({ before }, { visible: 50 }), 0],
    ['more than that', queue({ before }, { visible: 51 }), 1],
    ['what the pause heaped up', queue({ before, heaped: { visible: 80, notVisible: 0 } }, { visible: 80 }), 0],
    ['more than the pause heaped up', queue({ before, heaped: { visible: 80, notVisible: 0 } }, { visible: 81 }), 1],
    ['twice the age, the floor and the pause', queue({ ageBefore: 10, pause: 40, ageNow: 120 }, { visible: 1 }), 0],
    ['an age beyond that', queue({ ageBefore: 10, pause: 40, ageNow: 121 }, { visible: 1 }), 1],
    ['an old age of an empty queue', queue({ ageNow: 999 }), 0],
  ])('against before: %s', (_, watched, problems) => {
    expect(worse(watched, RULES)).toHaveLength(problems);
  });
});

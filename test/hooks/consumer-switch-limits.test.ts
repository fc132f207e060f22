import { describe, expect, it } from 'vitest';
import { over, poisoned, type Watched, worse } from '../../hooks/consumer-switch/limits.ts';

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
    [7, 0],
    [8, 1],
  ])('of dead letters that are borne: %i where 5 were and 2 may come', (deadLetters, problems) => {
    const watched = queue({ before: { visible: 0, notVisible: 0, deadLetters: 5 } }, { deadLetters });
    expect(poisoned(watched, { ...RULES, maxDeadLetters: 2 })).toHaveLength(problems);
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

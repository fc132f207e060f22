import type { Monitor } from './config.ts';
import type { Counts } from './state.ts';

/** One queue, as it is and as it was. Ages in seconds, undefined where CloudWatch knows none. */
export interface Watched {
  queue: string;
  now: Counts;
  before: Counts;
  heaped: Counts;
  ageNow: number | undefined;
  ageBefore: number | undefined;
  /** For how long at most nobody took messages, seconds. */
  pause: number;
}

/** So that one message more than none is no doubling. */
const BACKLOG_FLOOR = 10;
const AGE_FLOOR_SECONDS = 60;

/** More dead letters than are borne: nothing mends those. */
export function poisoned({ queue, now, before }: Watched, { maxDeadLetters }: Monitor): string[] {
  if (now.deadLetters === undefined) return [];
  const limit = (before.deadLetters ?? 0) + maxDeadLetters;
  if (now.deadLetters <= limit) return [];
  return [
    `the dead-letter queue of ${queue} holds ${now.deadLetters} (limit ${limit}, before ${before.deadLetters ?? 0})`,
  ];
}

/** What is over the absolute limits. */
export function over({ queue, now, before, ageNow }: Watched, { maxAgeSeconds, maxBacklog }: Monitor): string[] {
  const found: string[] = [];
  if (maxBacklog !== undefined && now.visible > maxBacklog) {
    found.push(`${now.visible} messages wait in ${queue} (maxBacklog ${maxBacklog}, before ${before.visible})`);
  }
  // An empty queue has no oldest message, whatever the last minute of CloudWatch says.
  if (maxAgeSeconds !== undefined && now.visible > 0 && (ageNow ?? 0) > maxAgeSeconds) {
    found.push(`the oldest message of ${queue} is ${ageNow} s old (maxAgeSeconds ${maxAgeSeconds})`);
  }
  return found;
}

/**
 * What is worse at the end than before the switch. The pause of the switch is not held against the release: messages
 * may be as much older as nobody took any, and what the pause had heaped up need not be gone, but must not have grown.
 */
export function worse(watched: Watched, { tolerance }: Monitor): string[] {
  const { queue, now, before, heaped, ageNow, ageBefore = 0, pause } = watched;
  const found: string[] = [];
  const backlog = Math.max(before.visible * tolerance + BACKLOG_FLOOR, heaped.visible);
  if (now.visible > backlog) {
    found.push(`${now.visible} messages wait in ${queue} (limit ${Math.floor(backlog)}, before ${before.visible})`);
  }
  const age = ageBefore * tolerance + AGE_FLOOR_SECONDS + pause;
  if (now.visible > 0 && ageNow !== undefined && ageNow > age) {
    found.push(`the oldest message of ${queue} is ${ageNow} s old (limit ${Math.floor(age)} s, before ${ageBefore} s)`);
  }
  return found;
}

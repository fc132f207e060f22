import { count, duration } from '../../shared/text.ts';
import type { Config } from './config.ts';
import { queueName } from './queues.ts';
import type { State } from './state.ts';

/** Two readings nearer to each other than this may be the same lagging count of SQS. Milliseconds. */
export const APART_MS = 5000;

type Zeros = State['drain'];

export interface Drain {
  outcome: 'drained' | 'draining' | 'late';
  zeros: Zeros;
  /** `2 messages in flight in orders`. */
  told: string;
}

/**
 * Judges one reading of what is in flight. Only readings after the end of the lease count: until then a worker may
 * still receive, so that a 0 says nothing of what it has in hand a second later.
 */
export function drain(
  inFlight: readonly number[],
  before: Zeros,
  { now, leaseEnd }: { now: number; leaseEnd: number },
  { drain: rules, queueUrls }: Pick<Config, 'drain' | 'queueUrls'>,
): Drain {
  const zeros = inFlight.some((n) => n > 0) ? undefined : counted(before, now);
  if ((zeros?.zeros ?? 0) >= rules.readings) return { outcome: 'drained', zeros, told: 'nothing is in flight' };
  const busy = queueUrls.flatMap((url, i) => {
    const n = inFlight[i] ?? 0;
    return n > 0 ? `${count(n, 'message')} in flight in ${queueName(url)}` : [];
  });
  const told = busy.length > 0 ? busy.join(', ') : `nothing in flight in ${zeros?.zeros} of ${rules.readings} readings`;
  // Nothing is in flight, but that was not read often enough: a look that came late is no worker that hangs.
  const isLate = busy.length > 0 && now >= leaseEnd + rules.maxSeconds * 1000;
  const late = `after ${duration(now - leaseEnd)} (drain.maxSeconds ${rules.maxSeconds})`;
  return isLate ? { outcome: 'late', zeros, told: `${told} ${late}` } : { outcome: 'draining', zeros, told };
}

function counted(before: Zeros, now: number): Zeros {
  if (before === undefined) return { zeros: 1, at: now };
  return now - before.at < APART_MS ? before : { zeros: before.zeros + 1, at: now };
}

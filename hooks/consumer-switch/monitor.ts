import { removeLeftovers } from '../../shared/aws/parameters.ts';
import { ConfigError } from '../../shared/errors.ts';
import { duration } from '../../shared/text.ts';
import { fail, succeed, type Verdict, wait } from '../../shared/verdict.ts';
import { type Ages, readAges } from './ages.ts';
import { readBefore } from './before.ts';
import type { Monitor } from './config.ts';
import { over, poisoned, type Watched, worse } from './limits.ts';
import { parameterName } from './parameter.ts';
import { queueName, readCounts } from './queues.ts';
import type { Counts, Input, State } from './state.ts';
import { leaseMs } from './turn.ts';

const MINUTE = 60_000;
const HISTORY_MS = 60 * MINUTE;
/** A limit must be passed in so many looks in a row: the counts of SQS lag, and one burst is no trend. */
const IN_A_ROW = 2;

type Watch = NonNullable<State['watched']>;

/** Watches the queues for a while after the switch, against limits and against what was before it. */
export async function watch(input: Input, rules: Monitor): Promise<Verdict<State>> {
  const { config, clock, signal, state } = input;
  if (config.queueUrls.length === 0) throw new ConfigError('Bad configuration: monitor needs queueUrls to watch');
  const counts = await readCounts(config.queueUrls, signal);
  const now = clock();
  const watched = state?.watched ?? (await begin(input, counts, now));
  const range = { from: watched.before.at - HISTORY_MS, to: now };
  const ages = await readAges(config.queueUrls, range, signal);
  const queues = config.queueUrls.map((url, i) => pair(input, watched, url, counts[i], ages[i], i));
  const evidence = { queues, late: watched.late };
  const note = watched.late ? '; compared with the first look after the switch, since none was noted before it' : '';
  const bad = queues.flatMap((queue) => poisoned(queue, rules));
  if (bad.length > 0) return fail(`Worse after the switch: ${bad.join('; ')}${note}`, evidence);
  const high = queues.flatMap((queue) => over(queue, rules));
  const times = high.length > 0 ? watched.over + 1 : 0;
  if (times >= IN_A_ROW) return fail(`Over the limit ${times} times in a row: ${high.join('; ')}${note}`, evidence);
  const left = watched.since + rules.minutes * MINUTE - now;
  if (left <= 0 && times === 0) return conclude(input, rules, queues, note);
  const told = high.length > 0 ? `, over the limit once: ${high.join('; ')}` : '';
  return wait(`Watching the queues for ${duration(Math.max(0, left))} more${told}${note}`, {
    state: { ...(state ?? { firstLook: now }), watched: { ...watched, over: times } },
    // The look that confirms a limit, or clears it, comes after the end too.
    seconds: left > 0 ? Math.min(config.pollSeconds, left / 1000) : config.pollSeconds,
    evidence,
  });
}

async function begin(input: Input, heaped: Counts[], now: number): Promise<Watch> {
  const before = await readBefore(input);
  const late = before === undefined;
  return { since: now, before: before ?? { at: now, queues: heaped }, heaped, late, over: 0 };
}

const NOTHING: Counts = { visible: 0, notVisible: 0 };

function pair(
  { config }: Input,
  { since, before, heaped }: Watch,
  url: string,
  counts: Counts | undefined,
  ages: Ages = [],
  i = 0,
): Watched {
  // What a canary baked since the note is no pause: nobody took messages for the lease and the drain at the most.
  const longest = leaseMs(config) + config.drain.maxSeconds * 1000 + MINUTE;
  const past = ages.filter(({ at }) => at + MINUTE <= before.at).map(({ seconds }) => seconds);
  return {
    queue: queueName(url),
    now: counts ?? NOTHING,
    before: before.queues[i] ?? NOTHING,
    heaped: heaped[i] ?? NOTHING,
    ageNow: ages.findLast(({ at }) => at >= since)?.seconds,
    ageBefore: past.length > 0 ? Math.max(...past) : undefined,
    pause: Math.round(Math.min(since - before.at, longest) / 1000),
  };
}

async function conclude(
  { config, deployment, now, signal, log }: Input,
  rules: Monitor,
  queues: Watched[],
  note: string,
): Promise<Verdict<State>> {
  const evidence = { queues };
  const found = queues.flatMap((queue) => worse(queue, rules));
  if (found.length > 0) return fail(`Worse after the switch: ${found.join('; ')}${note}`, evidence);
  const dark = queues.filter(({ now, ageNow }) => now.visible > 0 && ageNow === undefined);
  const names = dark.map(({ queue, now }) => `${queue} (${now.visible} messages)`).join(', ');
  const unknown = `CloudWatch knows no age of the oldest message of ${names}; onNoData is ${rules.onNoData}`;
  if (dark.length > 0 && rules.onNoData === 'fail') return fail(`${unknown}${note}`, evidence);
  const before = new Date(now.getTime() - config.retainDays * 86_400_000);
  const folder = parameterName(config.parameterPrefix, deployment);
  await removeLeftovers({ folder, deploymentId: deployment.deploymentId, before }, signal, log);
  const told = queues.map(
    ({ queue, now, before, ageNow }) =>
      `${queue}: ${now.visible} waiting (before ${before.visible}), ${oldest(ageNow)}, ` +
      `dead letters ${now.deadLetters ?? 'none kept'} (before ${before.deadLetters ?? 'none kept'})`,
  );
  const shown = dark.length > 0 ? `; ${unknown}` : '';
  return succeed(`Watched for ${duration(rules.minutes * MINUTE)}: ${told.join('; ')}${shown}${note}`, evidence);
}

function oldest(seconds: number | undefined): string {
  return seconds === undefined ? 'age of the oldest unknown' : `oldest ${seconds} s`;
}

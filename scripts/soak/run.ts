import { setTimeout as wait } from 'node:timers/promises';
import { listenHttp } from '../../simulator/aws/http.ts';
import { ALL_GOOD, SoakAccount } from './account.ts';
import { chance, type Dealt, deal, FATES, type Fate, SERVICES } from './deal.ts';
import { enterEnvironment } from './environment.ts';
import { loadHooks } from './hooks.ts';
import { handles, heapInUse } from './memory.ts';

export interface Sample {
  deployments: number;
  /** Bytes in use after a full garbage collection. */
  heap: number;
}

export interface Soaked {
  deployments: number;
  accounts: number;
  /** Terminal status by what the deployment met, and how often. */
  ends: Record<Fate, Record<string, number>>;
  /** AWS calls that the hooks made. */
  calls: number;
  samples: Sample[];
  /** The most that the hooks kept in one account at a time. */
  mostParameters: number;
  /** What good deployments of each service, 40 days later, have left of the ones before them. */
  leftBehind: string[];
  /** Good releases that chance made look bad, and the canary hook turned back. */
  falseAlarms: number;
  /** How many could have. */
  judged: number;
  /** Handles by kind, before the first deployment and after the last. */
  handles: { before: Record<string, number>; after: Record<string, number> };
}

/** Deployments of one service are so far apart: parameters grow older than `retainDays`, which is 30. */
const APART_DAYS = 10;
const QUIET_DAYS = 40;
/** Of each service of an account, the first and the last among them. */
const ROUNDS = 10;
const SAMPLES = 8;

/**
 * Plays so many deployments, one after another in this process: the hooks stay loaded throughout, accounts with four
 * services each come and go.
 *
 * @param tell told after each account how many deployments have been played, and the heap in use where it was measured
 */
export async function soak(
  wanted: number,
  seed: number,
  tell: (played: number, heap: number | undefined) => void = () => {},
): Promise<Soaked> {
  const before = handles();
  let account: SoakAccount | undefined;
  const now = () => account?.now() ?? 0;
  const answer: Parameters<typeof listenHttp>[0] = (request, sleep) =>
    account?.aws.answer(request, sleep) ?? Promise.resolve('cut');
  const endpoint = await listenHttp(answer, { now }, {});
  enterEnvironment(endpoint.url, 'soak');
  const hooks = await loadHooks(now);
  const result: Soaked = {
    ...{
      deployments: 0,
      accounts: 0,
      calls: 0,
      mostParameters: 0,
      samples: [],
      leftBehind: [],
      falseAlarms: 0,
      judged: 0,
    },
    // Every fate has its counts.
    ends: Object.fromEntries(FATES.map((fate) => [fate, {}])) as Soaked['ends'],
    handles: { before, after: {} },
  };
  while (result.deployments < wanted) {
    account = new SoakAccount(seed + result.accounts, hooks);
    await live(account, chance(seed + result.accounts), result);
    account = undefined;
    const due = Math.floor((result.deployments / wanted) * SAMPLES) > result.samples.length;
    if (due) result.samples.push({ deployments: result.deployments, heap: await heapInUse() });
    tell(result.deployments, due ? result.samples.at(-1)?.heap : undefined);
  }
  await endpoint.close();
  result.handles.after = await settled(before);
  return result;
}

/** The life of one account. */
async function live(account: SoakAccount, random: () => number, result: Soaked): Promise<void> {
  const play = async (dealt: Dealt) => {
    const { status, alarm } = await account.deploy(dealt);
    const ends = result.ends[dealt.fate];
    const isJudged = dealt.service === 'catalog' && dealt.fate !== 'bad' && dealt.fate !== 'stopped';
    result.judged += Number(isJudged);
    result.falseAlarms += Number(isJudged && alarm);
    // How often statistics may be wrong is bounded apart from the rest.
    if (!isJudged || !alarm) ends[status] = (ends[status] ?? 0) + 1;
    result.deployments += 1;
    result.mostParameters = Math.max(result.mostParameters, account.parameters().length);
  };
  for (const dealt of ALL_GOOD) await play(dealt);
  for (let round = 2; round < ROUNDS; round += 1) {
    await account.rest(APART_DAYS);
    for (const service of SERVICES) await play(deal(service, random));
  }
  await account.rest(QUIET_DAYS);
  for (const dealt of ALL_GOOD) await play(dealt);
  // Housekeeping has two seconds, and what it does not come to, or a false alarm keeps from it, the next one does: after
  // a rest, since what the deployments just now noted is too young to be removed.
  if (account.leftBehind().length > 0) {
    await account.rest(QUIET_DAYS);
    for (const dealt of ALL_GOOD) await play(dealt);
  }
  result.leftBehind.push(...account.leftBehind());
  result.calls += account.aws.calls.length;
  result.accounts += 1;
}

/** Sockets take a moment to close. */
async function settled(before: Record<string, number>): Promise<Record<string, number>> {
  for (let tries = 0; tries < 50; tries += 1) {
    if (leaked(before, handles()).length === 0) break;
    await wait(100);
  }
  return handles();
}

/** `2 TCPSocketWrap more than before`, for each kind of handle that there is more of. */
export function leaked(before: Record<string, number>, after: Record<string, number>): string[] {
  return Object.entries(after).flatMap(([kind, count]) => {
    const more = count - (before[kind] ?? 0);
    return more > 0 ? [`${more} ${kind} more than before`] : [];
  });
}

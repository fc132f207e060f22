import { setTimeout as sleep } from 'node:timers/promises';
import { parseHookDetails } from '../../shared/event.ts';
import type { ServiceEventInput } from '../../shared/hook.ts';
import { duration } from '../../shared/text.ts';
import { fail, succeed, type Verdict } from '../../shared/verdict.ts';
import type { Config } from './config.ts';
import { parameterName, readHolder } from './parameter.ts';
import { type Cleared, LATE_WRITE_MS, NONE } from './protocol.ts';
import { describeService, entryFor, listDeployments, ongoing, servingRevision } from './service.ts';
import { type Turned, takeTurn } from './turn.ts';

type Input = ServiceEventInput<Config>;

/** By how much the clock of Parameter Store may be behind this one. Milliseconds. */
const SKEW_MS = 5000;
const ANEW_MS = 2000;

/** What this invocation has seen since the deployment of `newest` was found to have ended. */
interface Seen {
  newest: string | undefined;
  /** From then on no write lands that was decided before the end. Milliseconds since the epoch, as all times here. */
  settled: number;
  cleared: Cleared | undefined;
  written: boolean;
}

interface Waiting {
  seen: Seen;
  until: number;
  why: string;
}

/**
 * The safety net: whether ECS calls a hook on every kind of rollback is not documented, and a parameter at `none`, or
 * with a revision that is gone, is an outage. Once no deployment is in progress, the revision that really serves is
 * named, by the same protocol. Works in audit mode too: audit changes what ECS is answered, not what the hook does.
 *
 * @throws where the waiting outlasts the function: Lambda tries again a minute later, then after two
 */
export async function mend(input: Input): Promise<Verdict<never>> {
  let seen: Seen | undefined;
  for (;;) {
    const looked = await lookOnce(input, seen);
    if ('outcome' in looked) return looked;
    seen = looked.seen;
    const ms = Math.max(0, looked.until - input.clock());
    if (ms >= input.timeLeft()) {
      throw new Error(`${looked.why}; looked at again in ${duration(ms)}, and this invocation may not run so long`);
    }
    await sleep(ms, undefined, { signal: input.signal });
  }
}

/** A verdict, or what is to be waited for. Everything is asked anew each time: a deployment may have begun. */
async function lookOnce(input: Input, before: Seen | undefined): Promise<Verdict<never> | Waiting> {
  const { event, functionArn, configure, clock, signal } = input;
  const service = await describeService(event, signal);
  const entry = service && entryFor(service, functionArn);
  if (service === undefined || entry === undefined) {
    return succeed(`Nothing done: ${event.service} has no lifecycle hook with this function`);
  }
  const config = await configure(parseHookDetails(entry));
  const name = parameterName(config.parameterPrefix, event);
  const checkedAt = performance.now();
  const deployments = await listDeployments(event, signal);
  const running = ongoing(deployments);
  if (running !== undefined) return succeed(`Nothing done: a deployment is ${running.status}`);
  // Before the reads: what they say may be as old as this.
  const now = clock();
  const seen = seenSince(deployments[0]?.serviceDeploymentArn, before, now);
  const serving = await servingRevision(service, deployments[0], signal);
  const held = await readHolder(name, signal);
  if ('candidates' in serving) return settled(seen, now, unclear(serving, name, held?.value));
  const { id, why } = serving;
  const turn = { to: id, cleared: standing(held, seen, now), alone: false, checkedAt, holdBack: undefined };
  const turned = await takeTurn({ config, clock, signal, name }, turn);
  if (turned.kind !== 'done') return waiting(seen, turned, clock());
  const written = turned.written || seen.written;
  const told = written
    ? succeed(`${name} names ${id} now, since ${why}`, { named: id })
    : succeed(`Nothing to do: ${name} names ${id}, and ${why}`);
  return settled({ ...seen, cleared: turned.cleared, written }, now, told);
}

/** Another deployment, begun and ended meanwhile, may have writes of its own on their way. */
function seenSince(newest: string | undefined, before: Seen | undefined, now: number): Seen {
  if (before !== undefined && before.newest === newest) return before;
  return { newest, settled: now + LATE_WRITE_MS, cleared: undefined, written: false };
}

/** What is right now may be overwritten by what comes late, so it is looked at again before it is told. */
function settled(seen: Seen, now: number, verdict: Verdict<never>): Verdict<never> | Waiting {
  if (now >= seen.settled) return verdict;
  return { seen, until: seen.settled, why: 'A write of the deployment that has ended may come late' };
}

/**
 * A `none` counts from this invocation's first look at it. Once nothing can come late, and it is the same version
 * still, it counts from when Parameter Store says that it was written: so a retry need not wait for the lease anew.
 */
function standing(held: Awaited<ReturnType<typeof readHolder>>, { cleared, settled }: Seen, now: number) {
  const writtenAt = held?.value === NONE && held.version === cleared?.version ? held.writtenAt : undefined;
  if (cleared === undefined || writtenAt === undefined || now < settled) return cleared;
  return { version: cleared.version, at: Math.min(cleared.at, writtenAt.getTime() + SKEW_MS) };
}

function waiting(seen: Seen, turned: Exclude<Turned, { kind: 'done' }>, now: number): Waiting {
  if (turned.kind === 'anew') return { seen, until: now + ANEW_MS, why: turned.why };
  const { cleared, why } = turned;
  const end = turned.kind === 'lease' ? turned.until : now + ANEW_MS;
  const until = now < seen.settled ? Math.min(end, seen.settled) : end;
  return { seen: { ...seen, cleared }, until, why: `${why}; a lease may run for ${duration(end - now)} more` };
}

function unclear(
  { candidates, why }: { candidates: string[]; why: string },
  name: string,
  held: string | undefined,
): Verdict<never> {
  if (held !== undefined && candidates.includes(held)) {
    return succeed(`Nothing done: ${why}; ${name} names ${held}, which is one of them`, { candidates });
  }
  const advice = `write the id of the right one by hand: aws ssm put-parameter --overwrite --name ${name} --value <id>`;
  const shown = candidates.join(', ') || 'none known';
  return fail(
    `${name} is ${held ?? 'missing'}, and it is not clear which revision serves (${shown}): ${why}; ${advice}`,
  );
}

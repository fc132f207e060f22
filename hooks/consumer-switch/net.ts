import { setTimeout as sleep } from 'node:timers/promises';
import { parseHookDetails } from '../../shared/event.ts';
import type { ServiceEventInput } from '../../shared/hook.ts';
import { duration } from '../../shared/text.ts';
import { fail, succeed, type Verdict } from '../../shared/verdict.ts';
import type { Config } from './config.ts';
import { parameterName, readHolder } from './parameter.ts';
import { type Cleared, NONE } from './protocol.ts';
import { describeService, entryFor, listDeployments, ongoing, servingRevision } from './service.ts';
import { type Around, type Turned, takeTurn } from './turn.ts';

type Input = ServiceEventInput<Config>;

/** By how much the clock of Parameter Store may be behind this one. Milliseconds. */
const SKEW_MS = 5000;
const ANEW_MS = 2000;

/**
 * The safety net: whether ECS calls a hook on every kind of rollback is not documented, and a parameter at `none`, or
 * with a revision that is gone, is an outage. Once no deployment is in progress, the revision that really serves is
 * named, by the same protocol. Works in audit mode too: audit changes what ECS is answered, not what the hook does.
 *
 * @throws where the lease outlasts the function: Lambda tries again a minute later, then after two
 */
export async function mend(input: Input): Promise<Verdict<never>> {
  let cleared: Cleared | undefined;
  for (;;) {
    const looked = await lookOnce(input, cleared);
    if ('outcome' in looked) return looked;
    if (looked.kind !== 'anew') cleared = looked.cleared;
    const ms = looked.kind === 'lease' ? Math.max(0, looked.until - input.clock()) : ANEW_MS;
    if (ms >= input.timeLeft()) {
      throw new Error(`${looked.why}; the lease runs for ${duration(ms)} more, longer than this invocation may`);
    }
    await sleep(ms, undefined, { signal: input.signal });
  }
}

/** A verdict, or what is to be waited for. Everything is asked anew each time: a deployment may have begun. */
async function lookOnce(
  { event, functionArn, configure, clock, signal }: Input,
  known: Cleared | undefined,
): Promise<Verdict<never> | Exclude<Turned, { kind: 'done' }>> {
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
  const serving = await servingRevision(service, deployments[0], signal);
  const held = await readHolder(name, signal);
  if ('candidates' in serving) return unclear(serving, name, held?.value);
  const { id, why } = serving;
  if (held?.value === id) return succeed(`Nothing to do: ${name} names ${id}, and ${why}`);
  const around: Around = { config, clock, signal, name };
  const cleared = known ?? standing(held);
  const turned = await takeTurn(around, { to: id, cleared, alone: false, checkedAt, holdBack: undefined });
  if (turned.kind !== 'done') return turned;
  return succeed(`${name} names ${id} now, since ${why}`, { named: id });
}

/** Since when `none` stands, as Parameter Store says it. */
function standing(held: Awaited<ReturnType<typeof readHolder>>): Cleared | undefined {
  if (held?.value !== NONE || held.writtenAt === undefined) return undefined;
  return { version: held.version, at: held.writtenAt.getTime() + SKEW_MS };
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

import { describeError } from '../../../shared/errors.ts';
import type { Struck } from './invariants.ts';
import { leaseProblems, namedAt, namings, twoNames } from './names.ts';
import { LAMBDA_MS, type Look } from './play.ts';
import { isNotice, type World } from './world.ts';

/** What takes too long is given up, by its own bound or by the function's, and goes on at the next attempt. */
const TOO_LONG = /and this invocation may not run so long|^The check before writing \w+ to \S+ took longer than/;
/** Another event will come. */
const UNDER_WAY = /^Nothing done: a deployment is /;
/** What the function says of a thing that AWS says is not there. */
const NOT_THERE = /answered MISSING|was made meanwhile/;

/** A case of such a world. */
export type NetStruck = Struck & { net: NonNullable<World['net']> };

/**
 * What a case did that no function behind EventBridge may do. Nobody reads its answers: only what it throws comes
 * again, and at last to the queue for lost events.
 */
export function netViolations(struck: NetStruck): string[] {
  const { net, fault, strike, trace } = struck;
  const { looks, scene } = trace;
  const kind = (look: Look) => scene.visits[look.visit];
  const notices = looks.filter((look) => isNotice(kind(look)));
  const versions = namings(scene.aws);
  const found = [
    ...twoNames(versions),
    ...leaseProblems(versions, net.leaseMs),
    ...notices.flatMap((look) => attemptProblems(struck, look)),
    ...strangers(struck, notices),
  ];
  const [last, before] = [looks.at(-1), looks.findLast(({ visit }) => visit < (looks.at(-1)?.visit ?? 0))];
  const endOf = (look?: Look) => (look === undefined ? undefined : namedAt(scene.aws, look.at + look.tookMs));
  if (endOf(last) !== net.ends) found.push(`${endOf(last)} is named once AWS is well again, instead of ${net.ends}`);
  const passed = fault.passes && strike.extent !== 'always';
  if (passed && endOf(before) !== net.ends) {
    found.push(`a fault that passes left ${endOf(before)} to the schedule, instead of ${net.ends}`);
  }
  return found;
}

function attemptProblems(struck: NetStruck, { at, answer, thrown, tookMs }: Look): string[] {
  const { world, net, fault, strike, trace } = struck;
  const found = tookMs > LAMBDA_MS ? [`Lambda would have ended the function after ${LAMBDA_MS} ms`] : [];
  const reason = answer === undefined ? describeError(thrown) : answer.reason;
  const isNamed = reason.includes(strike.operation) || (fault.name === 'not found' && NOT_THERE.test(reason));
  if (answer === undefined) {
    if (!isNamed && !TOO_LONG.test(reason)) found.push(`threw without naming the cause: ${reason}`);
    if (!fault.passes && !NOT_THERE.test(reason) && !TOO_LONG.test(reason))
      found.push(`threw what no retry mends: ${reason}`);
    return found;
  }
  const held = namedAt(trace.scene.aws, at + tookMs);
  if (answer.hookStatus === 'SUCCEEDED' && held !== net.ends && !UNDER_WAY.test(reason)) {
    found.push(`SUCCEEDED, and ${held} is named: ${reason}`);
  }
  if (answer.hookStatus === world.expected) return found;
  if (fault.passes) found.push(`answered a fault that passes, so that Lambda will not try again: ${reason}`);
  if (!isNamed) found.push(`${answer.hookStatus} without naming the cause: ${reason}`);
  return found;
}

/** Whatever goes wrong, nobody is named who does not serve. */
function strangers({ net, trace: { scene } }: NetStruck, notices: readonly Look[]): string[] {
  const since = notices[0]?.at ?? 0;
  const written = namings(scene.aws).filter(({ lastModifiedAt, value }) => lastModifiedAt >= since && value !== 'none');
  return written.flatMap(({ value }) => (value === net.ends ? [] : [`${value} was named, and does not serve`]));
}

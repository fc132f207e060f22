import { answerProblems } from '../../../library/testing/answer.ts';
import { leaseProblems, namings } from '../matrix/names.ts';
import type { World } from '../matrix/world.ts';
import { type Ledger, ledgerOf } from './ledger.ts';
import type { Trace } from './trace.ts';

/** What a disturbed play did that the plain one did not, a sentence each. */
export function violations(world: World, plain: Trace, trace: Trace): string[] {
  const found = trace.answers.flatMap(({ answer }) => answerProblems(answer));
  const { final, scene } = trace;
  if (final === undefined) return [...found, `nothing was decided in ${trace.looks.length} looks`];
  const audit = final.hookStatus === 'IN_PROGRESS' ? [] : (scene.audit?.(final.hookStatus) ?? []);
  return [
    ...found,
    ...wrongAnswers(plain, trace),
    ...audit,
    ...differences(world, plain, trace),
    ...trace.lost.map((thrown) => `an event was lost: ${thrown}`),
    ...(world.hook === 'consumer-switch' ? leaseProblems(namings(scene.aws), leaseMsOf(trace)) : []),
  ];
}

/** ECS might have taken any answer that came in time: each is the right one, or to be asked again. */
function wrongAnswers(plain: Trace, { answers }: Trace): string[] {
  const right = new Map(plain.answers.map(({ visit, answer }) => [visit, answer.hookStatus]));
  return answers.flatMap(({ visit, isTimely, answer: { hookStatus, reason } }) => {
    const wanted = right.get(visit);
    // A visit that a rollback cuts short has not come to anything yet, in the plain play.
    if (!isTimely || hookStatus === 'IN_PROGRESS' || wanted === 'IN_PROGRESS' || hookStatus === wanted) return [];
    return [`${hookStatus} at visit ${visit + 1}, which comes to ${wanted}: ${reason}`];
  });
}

function differences({ expected, net }: World, plain: Trace, trace: Trace): string[] {
  const [wanted, got] = [ledgerOf(plain), ledgerOf(trace)];
  const found: string[] = [];
  if (got.notices < wanted.notices || got.notices > wanted.notices + noticesTwice(trace)) {
    found.push(`${got.notices} notices instead of ${wanted.notices}`);
  }
  const compare = (key: keyof Ledger, other: unknown = got[key]) => {
    const [one, two] = [JSON.stringify(wanted[key]), JSON.stringify(other)];
    if (one !== two) found.push(`${key}: ${two} instead of ${one}`);
  };
  for (const key of ['final', 'running', 'generators', 'holder'] as const) compare(key);
  // Whoever comes too late to name a revision has not named it.
  if (net === undefined || !isPart(got.named, wanted.named)) compare('named');
  if (expected === 'rollback') {
    // How far a load test comes until ECS turns back is a matter of time; it is one test.
    const more = got.shards.filter((name) => !wanted.shards.includes(name));
    if (more.length > 0) found.push(`more shards: ${more}`);
    if (got.tasks > wanted.tasks) found.push(`${got.tasks} tasks instead of ${wanted.tasks}`);
    return found;
  }
  compare('tasks');
  compare('shards');
  compare(
    'parameters',
    got.parameters.filter((name) => !isSecondClaim(name, trace)),
  );
  return found;
}

/** A claim of a notice that died with its function stays beside the one that took over, until a later deployment. */
function isSecondClaim(name: string, { killed }: Trace): boolean {
  return killed.length > 0 && /\/notice-\d+-[2-8]$/.test(name);
}

/**
 * SNS has nothing to tell a second message by. Whoever is killed after the message went out, and before that is noted,
 * leaves it open whether it did: it is sent anew then, since an approver who was told nothing is worse.
 */
function noticesTwice({ killed }: Trace): number {
  return killed.filter((effects) => effects.at(-1) === 'sns:Publish').length;
}

function leaseMsOf({ scene: { hookDetails } }: Trace): number {
  return Number(hookDetails.leaseSeconds) * 1000;
}

/** The same in the same order, perhaps with some left out. */
function isPart(part: readonly string[], whole: readonly string[]): boolean {
  const rest = [...whole];
  return part.every((one) => {
    const index = rest.indexOf(one);
    rest.splice(0, index + 1);
    return index >= 0;
  });
}

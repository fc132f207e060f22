import { answerProblems } from '../../../library/testing/answer.ts';
import type { MatrixFault } from './faults.ts';
import { netViolations } from './net.ts';
import { LAMBDA_MS, type Look, type Trace } from './play.ts';
import { toldProblems } from './told.ts';
import type { Strike } from './transport.ts';
import { MAX_ERRORS, MINUTE, type World } from './world.ts';

/** How long a rollback may be held up in all, as docs say, and the last look's own time. Milliseconds. */
const ROLLBACK_MS = 5 * MINUTE + LAMBDA_MS;

export interface Struck {
  world: World;
  fault: MatrixFault;
  strike: Strike;
  trace: Trace;
}

/** Cases in which a rollback cannot be told from a forward shift: docs/hardening.md argues what is answered then. */
export function isUnknowable({ world, fault, strike }: Omit<Struck, 'trace'>): boolean {
  const lasts = strike.extent === 'always' || !fault.passes;
  return world.expected === 'rollback' && lasts && strike.operation === world.direction?.operation;
}

/** What a case did that no hook may do, a sentence each. */
export function violations({ world, fault, strike, trace }: Struck): string[] {
  if (world.net !== undefined) return netViolations({ world, fault, strike, trace, net: world.net });
  const { looks, final, audit } = trace;
  const found = [...looks.flatMap(lookProblems), ...audit, ...budgetProblems(world, looks)];
  const reason = final?.reason ?? '';
  if (final === undefined)
    return [...found, `no decision after ${looks.length} looks: ${looks.at(-1)?.answer?.reason}`];
  if (world.told !== undefined) return [...found, ...toldProblems({ world, fault, strike, trace })];
  if (isUnknowable({ world, fault, strike }) && final.hookStatus === 'FAILED') {
    return namesCause(reason, fault, strike) ? found : [...found, `FAILED without naming the cause: ${reason}`];
  }
  if (world.expected === 'rollback') return [...found, ...rollbackProblems(looks)];
  if (world.expected === 'FAILED' && final.hookStatus === 'SUCCEEDED') {
    found.push(`SUCCEEDED, though it must fail: ${reason}`);
  }
  if (world.expected === 'SUCCEEDED' && final.hookStatus === 'FAILED') {
    if (fault.passes && strike.extent !== 'always') found.push(`a fault that passes changed the outcome: ${reason}`);
    else if (!namesCause(reason, fault, strike)) found.push(`FAILED without naming the cause: ${reason}`);
  }
  return found;
}

function lookProblems({ answer, thrown, tookMs }: Look): string[] {
  const found = answer === undefined ? [`threw ${String(thrown)}`] : answerProblems(answer);
  return tookMs > LAMBDA_MS ? [...found, `Lambda would have ended the look after ${LAMBDA_MS} ms`] : found;
}

/** At every visit the hook gives up in time: after `maxErrors` looks in a row, or at the end of `timeoutMinutes`. */
function budgetProblems(world: World, looks: readonly Look[]): string[] {
  const { timeoutMinutes, maxErrors = MAX_ERRORS } = world;
  const found: string[] = [];
  let inARow = 0;
  for (const { answer } of looks) {
    inARow = answer?.reason.startsWith('Could not tell yet') ? inARow + 1 : 0;
    if (inARow === maxErrors) found.push(`${inARow} looks in a row that could not tell: maxErrors is ${maxErrors}`);
  }
  const visits = [...new Set(looks.map(({ visit }) => visit))];
  // The way back has a bound of its own.
  for (const visit of world.expected === 'rollback' ? visits.slice(0, -1) : visits) {
    const took = duration(looks.filter((look) => look.visit === visit));
    if (took > timeoutMinutes * MINUTE + LAMBDA_MS) found.push(`took ${took} ms, more than timeoutMinutes`);
  }
  return found;
}

function rollbackProblems(looks: readonly Look[]): string[] {
  const last = looks.at(-1)?.visit;
  const back = looks.filter(({ visit }) => visit === last);
  const found = back.flatMap(({ answer }) => (answer?.hookStatus === 'FAILED' ? [`hindered: ${answer.reason}`] : []));
  const took = duration(back);
  return took > ROLLBACK_MS ? [...found, `the rollback was held up for ${took} ms`] : found;
}

function duration(looks: readonly Look[]): number {
  const [first, last] = [looks[0], looks.at(-1)];
  return first === undefined || last === undefined ? 0 : last.at + last.tookMs - first.at;
}

/** What hooks say of a thing that AWS says is not there, where that is an answer and no trouble. */
const NOT_THERE = /does not exist|never been scanned|MISSING|is not known|No revision is named|was made meanwhile/;

/** The operation, as IAM calls its action: whoever reads the log knows where to look. */
function namesCause(reason: string, { name }: MatrixFault, { operation }: Strike): boolean {
  return reason.includes(operation) || (name === 'not found' && NOT_THERE.test(reason));
}

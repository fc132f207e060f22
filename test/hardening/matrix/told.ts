import type { Struck } from './invariants.ts';
import type { Look, Trace } from './play.ts';
import { MAX_ERRORS, MINUTE, type World } from './world.ts';

/** What an operator says by name: let the deployment pass where the hook could not tell; or look on, and stop nothing. */
export type Told = 'onError' | 'onTimeout' | 'audit';

/**
 * The same deployment, of which the operator has said so.
 *
 * @param unanswered nobody and nothing ever decides: `timeoutMinutes` run out
 */
export function telling(told: Told, world: World, { unanswered = false } = {}): World {
  const said = told === 'audit' ? { mode: 'audit' } : { [told]: 'succeed' };
  const passes = told === 'audit' || (told === 'onTimeout' && unanswered);
  return {
    ...world,
    name: `${world.name}, ${told === 'audit' ? 'mode audit' : `${told} succeed`}`,
    expected: passes ? 'SUCCEEDED' : 'FAILED',
    told,
    begin: () => {
      const { audit: _, env = {}, ...scene } = world.begin();
      const policy = { ...(JSON.parse(env.HOOK_POLICY ?? '{}') as object), ...said };
      return { ...scene, env: { ...env, HOOK_POLICY: JSON.stringify(policy) } };
    },
  };
}

const GAVE_UP = /^Could not tell: gave up after (\d+) errors? in a row, the last: .*; onError is succeed$/;
const TIMED_OUT = /; onTimeout is succeed$/;
const LOOKED_ON = /audit mode, would have been FAILED/i;
/** Of consumer-switch, where the answer to the write was lost: the next look finds the target named, whatever came before. */
const FOUND_NAMED = /^\d+ is named, and may take messages$/;

/** What a case did that its operator has not asked for: he is to be believed, but not before the budget is used up. */
export function toldProblems({ world, fault, strike, trace }: Struck): string[] {
  const { final, looks } = trace;
  const { hookStatus, reason } = final ?? { hookStatus: undefined, reason: 'nothing' };
  const passed = fault.passes && strike.extent !== 'always';
  const isChanged = passed && hookStatus !== world.expected && !isLastWord(world, trace, strike.operation);
  const found = isChanged ? [`a fault that passes changed the outcome: ${reason}`] : [];
  switch (world.told) {
    case 'onError':
      if (hookStatus === 'FAILED') return /gave up/.test(reason) ? [...found, `FAILED all the same: ${reason}`] : found;
      return [...found, ...gaveUpTooSoon(world, looks, reason, strike.operation)];
    case 'onTimeout':
      if (hookStatus === 'FAILED') {
        return /onTimeout is/.test(reason) ? [...found, `FAILED all the same: ${reason}`] : found;
      }
      return [...found, ...timedOutTooSoon(world, looks, reason)];
    default:
      if (hookStatus === 'FAILED') return [...found, `FAILED in audit mode: ${reason}`];
      return LOOKED_ON.test(reason) || FOUND_NAMED.test(reason)
        ? found
        : [...found, `SUCCEEDED without a word of audit mode: ${reason}`];
  }
}

/** No look follows the one at which `timeoutMinutes` are over: trouble there is not about `onTimeout`, but `onError`. */
function isLastWord(world: World, { final, looks }: Trace, operation: string): boolean {
  const { reason = '' } = final ?? {};
  return reason.endsWith('onError is fail') && reason.includes(operation) && isOver(world, looks);
}

function gaveUpTooSoon(world: World, looks: readonly Look[], reason: string, operation: string): string[] {
  const errors = Number(GAVE_UP.exec(reason)?.[1] ?? 0);
  if (errors === 0) return [`SUCCEEDED, and not because it gave up: ${reason}`];
  const { maxErrors = MAX_ERRORS } = world;
  const before = looks.slice(-errors, -1).filter(({ answer }) => answer?.reason.startsWith('Could not tell yet'));
  const isUsedUp = (errors >= maxErrors && before.length === errors - 1) || isOver(world, looks);
  return [
    ...(isUsedUp ? [] : [`gave up after ${before.length + 1} of ${maxErrors} looks: ${reason}`]),
    ...(reason.includes(operation) ? [] : [`SUCCEEDED without naming the cause: ${reason}`]),
  ];
}

function timedOutTooSoon(world: World, looks: readonly Look[], reason: string): string[] {
  if (!TIMED_OUT.test(reason)) return [`SUCCEEDED, and not because the time was over: ${reason}`];
  return isOver(world, looks) ? [] : [`SUCCEEDED before timeoutMinutes were over: ${reason}`];
}

/** `timeoutMinutes` are over at the last look. */
function isOver({ timeoutMinutes }: World, looks: readonly Look[]): boolean {
  const last = looks.at(-1);
  const first = looks.find(({ visit }) => visit === last?.visit);
  return last !== undefined && first !== undefined && last.at - first.at >= timeoutMinutes * MINUTE;
}

import { COMMON_DEFAULTS } from '../../shared/config.ts';
import type { AnyHook } from '../../shared/hook.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../shared/schema.ts';
import { type DetailsProblem, judgeDetails } from '../lifecycle/details.ts';
import { type Finding, finding, shown, unseen } from '../lifecycle/finding.ts';
import { isIntrinsic, type Place } from '../lifecycle/place.ts';
import { MINUTES } from './minutes.ts';

export interface JudgedHookDetails {
  /** The hook's defaults, and what is written; undefined where that cannot be seen, or the hook is unknown. */
  config: JsonObject | undefined;
  findings: readonly Finding[];
}

/**
 * Judges the hookDetails of one lifecycle hook: an object, or a string that holds one.
 * @param env HOOK_DEFAULTS and HOOK_POLICY of the function, where they are known
 */
export async function judgeHookDetails(
  place: Place,
  hook: AnyHook | undefined,
  env: Readonly<Record<string, string>> | undefined,
): Promise<JudgedHookDetails> {
  const at = place.get('hookDetails');
  if (at.isUnseen) return { config: undefined, findings: [unseen(at)] };
  const details = detailsOf(at);
  if (details === undefined) return { config: undefined, findings: [notAnObject(at, hook)] };
  if (hook === undefined) return { config: undefined, findings: unrecognised(place, details) };
  if (holdsUnseen(details)) return { config: undefined, findings: [unseen(at)] };
  const { problems, config } = await judgeDetails(hook, details, env);
  const told = problems.map((problem) => problemFinding(at, problem, env));
  const known = config ?? { ...COMMON_DEFAULTS, ...hook.defaults, ...details };
  const open = config === undefined ? [] : openFailures(at, details);
  return { config: known, findings: [...told, ...patience(place, details, known), ...open] };
}

function problemFinding(at: Place, { text, elsewhere }: DetailsProblem, env: object | undefined): Finding {
  const otherwise = 'HOOK_DEFAULTS or HOOK_POLICY of the function has it';
  if (!elsewhere) return finding('error', at, text);
  if (env === undefined) return finding('warning', at, `${text}: write it, unless ${otherwise}`);
  const isEmpty = Object.keys(env).length === 0;
  return finding(
    'error',
    at,
    isEmpty ? `${text}: write it, or, where ${otherwise}, give --defaults or --policy` : text,
  );
}

function detailsOf(place: Place): JsonObject | undefined {
  if (place.isAbsent || place.value === '') return {};
  const value = typeof place.value === 'string' ? parseJson(place.value) : place.value;
  return isJsonObject(value) ? value : undefined;
}

function notAnObject(at: Place, hook: AnyHook | undefined): Finding {
  const isBroken = typeof at.value === 'string' && parseJson(at.value) === undefined;
  const what = isBroken ? 'is not JSON' : 'is no JSON object';
  const severity = hook === undefined && !isBroken ? 'warning' : 'error';
  return finding(severity, at, `${shown(at.value)} ${what}: write an object, such as {"timeoutMinutes": 60}`);
}

/** A function that the same deployment makes is often known by its reference alone. */
function unrecognised(place: Place, details: JsonObject): Finding[] {
  const target = place.get('hookTargetArn');
  if (!target.isUnseen || Object.keys(details).length === 0) return [];
  const message = `not checked, since its function cannot be seen: --map '${place.path}=<hook>' tells which hook it is`;
  return [finding('note', place.get('hookDetails'), message)];
}

/** ECS must not lose patience before the hook does: its own answer, and its own onTimeout, would never come. */
function patience(place: Place, details: JsonObject, { timeoutMinutes }: JsonObject): Finding[] {
  const timeout = place.get('timeoutConfiguration');
  const written = timeout.get('timeoutInMinutes');
  if (timeout.isUnseen || written.isUnseen || typeof timeoutMinutes !== 'number') return [];
  const minutes = written.number ?? MINUTES.standard;
  // A time-out of nothing is wrong by itself, and said to be.
  if (timeoutMinutes < minutes || minutes < 1) return [];
  const isOwn = Object.hasOwn(details, 'timeoutMinutes');
  const which = `timeoutMinutes ${timeoutMinutes}${isOwn ? '' : ' (its default)'}`;
  const longer = minutes < MINUTES.AWS_LAMBDA ? 'a longer time-out' : undefined;
  const shorter = minutes > 1 ? `a timeoutMinutes below ${minutes}` : undefined;
  const instead = [shorter, longer].filter((one) => one !== undefined).join(', or ');
  const message = `ECS gives up after ${minutes} minutes, the hook only after ${which}: write ${instead}`;
  return [finding(isOwn ? 'error' : 'warning', written.isAbsent ? place.get('hookDetails') : written, message)];
}

/** What is written on purpose, and yet worth a second look in a gate. */
function openFailures(at: Place, details: JsonObject): Finding[] {
  const open = ['onTimeout', 'onError', 'onCouldNotRun'].filter((key) => details[key] === 'succeed');
  const passing = ['onInconclusive', 'onNoData', 'onUnreadable'].filter((key) => details[key] === 'pass');
  const found = [...open, ...passing].map((key) => {
    const message = `fails open: ${key} ${shown(details[key])} lets pass what the hook could not check; write "fail"`;
    return finding('warning', at, message);
  });
  if (details.mode !== 'audit') return found;
  return [...found, finding('note', at, 'mode "audit" never stops a deployment: it only logs that it would')];
}

function holdsUnseen(value: unknown): boolean {
  if (typeof value === 'symbol' || isIntrinsic(value)) return true;
  return Object.values(Array.isArray(value) || isJsonObject(value) ? value : {}).some(holdsUnseen);
}

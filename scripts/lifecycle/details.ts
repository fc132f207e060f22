import { COMMON_DEFAULTS, readConfig } from '../../shared/config.ts';
import { ConfigError } from '../../shared/errors.ts';
import type { AnyHook } from '../../shared/hook.ts';
import { STATE_KEY } from '../../shared/memory.ts';
import type { JsonObject } from '../../shared/schema.ts';
import { problemsBetween } from './between.ts';

export interface DetailsProblem {
  /** `hookDetails.quorum must be at least 1, not 0`, in the hook's own words. */
  text: string;
  /** HOOK_DEFAULTS or HOOK_POLICY of the function may have what is missing. */
  elsewhere: boolean;
}

export interface JudgedDetails {
  problems: readonly DetailsProblem[];
  /** The configuration that the hook would work with, where there is no problem in a single key. */
  config: JsonObject | undefined;
}

/** Where one problem of a ConfigError ends and the next begins: each names its layer first. */
export const NEXT_PROBLEM = /; (?=(?:hookDetails|defaults|HOOK_DEFAULTS|HOOK_POLICY)\b)/;

/** Without a policy admission looks at no hookDetails; these only add to it, so that any policy will do. */
const STAND_INS: ReadonlyMap<string, string> = new Map([
  ['admission', '{"version":1,"rules":[{"name":"any","match":["123456789012.dkr.ecr.eu-west-1.amazonaws.com/**"]}]}'],
]);

/**
 * Puts hookDetails through the very checks that the hook makes at each invocation.
 * @param env HOOK_DEFAULTS and HOOK_POLICY of the function, where they are known
 */
export async function judgeDetails(
  hook: AnyHook,
  details: JsonObject,
  env: Readonly<Record<string, string>> = {},
): Promise<JudgedDetails> {
  if (Object.hasOwn(details, STATE_KEY)) {
    const text = `hookDetails.${STATE_KEY} is the memory of a running deployment: leave it out`;
    return { problems: [{ text, elsewhere: false }], config: undefined };
  }
  const standIn = STAND_INS.get(hook.name);
  const known = standIn === undefined || Object.keys(env).length > 0 ? env : { HOOK_POLICY: standIn };
  try {
    const config = await readConfig(hook, details, known, new AbortController().signal);
    const between = problemsBetween(hook.name, config);
    return { problems: between.map((text) => ({ text, elsewhere: !isOf(text, hook, details) })), config };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const texts = error.message.replace(/^Bad (?:configuration|policy): /, '').split(NEXT_PROBLEM);
    const problems = texts.map((text) => ({ text, elsewhere: /^hookDetails\.\w+ is missing\b/.test(text) }));
    return { problems, config: undefined };
  }
}

/** Whether all keys that a sentence names are written in hookDetails. */
function isOf(sentence: string, hook: AnyHook, details: JsonObject): boolean {
  const keys: object = { ...hook.config._zod.def.shape, ...COMMON_DEFAULTS };
  const words = sentence.match(/\w+/g) ?? [];
  return words.filter((word) => Object.hasOwn(keys, word)).every((word) => Object.hasOwn(details, word));
}

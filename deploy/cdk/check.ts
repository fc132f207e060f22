import { Token } from 'aws-cdk-lib';
import * as z from 'zod/mini';
import { detailsOf } from '../../scripts/deploy/schemas.ts';
import { NEXT_PROBLEM } from '../../scripts/lifecycle/details.ts';
import { didYouMean } from '../../scripts/lifecycle/nearest.ts';
import { CommonConfig, configOf } from '../../shared/config.ts';
import { ConfigError } from '../../shared/errors.ts';
import type { AnyHook } from '../../shared/hook.ts';
import { STATE_KEY } from '../../shared/memory.ts';
import { isJsonObject, type JsonObject, problems } from '../../shared/schema.ts';

/** HOOK_DEFAULTS and HOOK_POLICY of a function; a policy in a parameter (`ssm:<name>`) cannot be seen here. */
export interface Layers {
  hookDefaults: JsonObject;
  hookPolicy: JsonObject | 'unseen';
}

/**
 * What is wrong with hookDetails, in the words that the hook itself would answer FAILED with. What only the deployment
 * knows (a token of CDK) is not judged.
 */
export function problemsOfDetails(hook: AnyHook, details: JsonObject, layers: Layers): string[] {
  if (Object.hasOwn(details, STATE_KEY)) return [`hookDetails.${STATE_KEY} is the memory of a running deployment`];
  const own = problemsOfOwn(hook, details);
  if (own.length > 0 || layers.hookPolicy === 'unseen') return own;
  return problemsOfWhole(hook, details, layers);
}

/** What is wrong with HOOK_DEFAULTS and HOOK_POLICY whatever hookDetails there are. */
export function problemsOfLayers(hook: AnyHook, layers: Layers): string[] {
  const { hookDefaults, hookPolicy } = layers;
  if (hookPolicy === 'unseen') return [];
  return problemsOfWhole(hook, {}, { hookDefaults, hookPolicy }).filter((text) => !text.startsWith('hookDetails'));
}

/** Minutes after which the hook stops waiting, as far as they can be seen. */
export function timeoutOf(hook: AnyHook, details: JsonObject, { hookDefaults, hookPolicy }: Layers): number {
  const policy = hookPolicy === 'unseen' ? {} : hookPolicy;
  const { timeoutMinutes } = { ...CommonConfig.parse({}), ...hook.defaults, ...hookDefaults, ...details, ...policy };
  return timeoutMinutes;
}

function problemsOfOwn(hook: AnyHook, details: JsonObject): string[] {
  const schema = detailsOf(hook);
  const { error } = z.safeParse(schema, details, { reportInput: true });
  const issues = error?.issues.filter((issue) => !isMissingKey(issue, details) && !isUnseen(at(details, issue.path)));
  const known = Object.keys(schema._zod.def.shape);
  return (issues ?? []).map((issue) => {
    const text = problems(new z.core.$ZodError([issue]), 'hookDetails');
    const keys = issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [];
    const hints = keys.map((key) => didYouMean(key, known)).join('');
    return keys.length === 0 ? text : `${text}${hints} (known: ${known.join(', ')})`;
  });
}

function problemsOfWhole(hook: AnyHook, details: JsonObject, { hookDefaults, hookPolicy }: Layers): string[] {
  const all = { details, hookDefaults, hookPolicy: isJsonObject(hookPolicy) ? hookPolicy : {} };
  const unseen = Object.values(all).flatMap((layer) => Object.keys(layer).filter((key) => isUnseen(layer[key])));
  const seen = (layer: JsonObject) =>
    Object.fromEntries(Object.entries(layer).filter(([key]) => !unseen.includes(key)));
  try {
    configOf(hook, seen(details), { HOOK_DEFAULTS: seen(hookDefaults), HOOK_POLICY: seen(all.hookPolicy) });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const texts = error.message.replace(/^Bad (?:configuration|policy): /, '').split(NEXT_PROBLEM);
    return texts.filter((text) => !unseen.includes(/^hookDetails\.(\w+) is missing\b/.exec(text)?.[1] ?? ''));
  }
}

/** At the top, HOOK_DEFAULTS or HOOK_POLICY may have it. */
function isMissingKey({ path }: z.core.$ZodIssue, details: JsonObject): boolean {
  return path.length === 1 && !Object.hasOwn(details, String(path[0]));
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

/** Whether CDK knows only while it deploys what a value is, or what is within it. */
function isUnseen(value: unknown): boolean {
  if (Token.isUnresolved(value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(isUnseen);
}

import * as z from 'zod/mini';
import { readParameter } from './aws/ssm.ts';
import { ConfigError } from './errors.ts';
import type { AnyHook } from './hook.ts';
import { STATE_KEY } from './memory.ts';
import { described, isJsonObject, type JsonObject, kindOf, parseJson, problems } from './schema.ts';

/** Keys that every hook has. */
export const CommonConfig = z.object({
  mode: described(
    z._default(z.enum(['enforce', 'audit']), 'enforce'),
    'audit: the hook looks and waits as ever, but answers SUCCEEDED where it would have answered FAILED, and logs that it would',
  ),
  timeoutMinutes: described(
    z._default(z.number().check(z.positive(), z.maximum(1440)), 60),
    'after this long at one stage the hook stops waiting; keep it below the timeout of the lifecycle hook itself',
  ),
  onTimeout: described(z._default(z.enum(['fail', 'succeed']), 'fail'), 'the answer at the end of timeoutMinutes'),
  pollSeconds: described(
    z._default(z.int().check(z.minimum(1), z.maximum(900)), 30),
    'seconds between two looks (callBackDelay)',
  ),
  firstDeployment: described(
    z._default(z.enum(['run', 'skip']), 'run'),
    'skip: answer SUCCEEDED on the deployment that creates the service, which has nothing to be rolled back to',
  ),
  maxErrors: described(
    z._default(z.int().check(z.minimum(1), z.maximum(1000)), 10),
    'looks in a row that could not tell (throttling, 5xx, network) before the hook gives up',
  ),
  onError: described(z._default(z.enum(['fail', 'succeed']), 'fail'), 'the answer when the hook gives up'),
});
export type CommonConfig = z.infer<typeof CommonConfig>;

/** What the common keys are where nobody says otherwise. */
export const COMMON_DEFAULTS: CommonConfig = CommonConfig.parse({});

/** Unknown keys that are told of, each with the known ones: whoever writes hookDetails may write a lot of them. */
const MOST_TOLD = 10;

const COMMON_KEYS = new Set(Object.keys(CommonConfig.shape));

/** One source of configuration. */
export interface ConfigLayer {
  /** `defaults`, `HOOK_DEFAULTS`, `hookDetails` or `HOOK_POLICY`: what problems are told under. */
  name: string;
  values: JsonObject;
}

/**
 * The configuration of one invocation. Later layers win, key by key: the schema's defaults, the environment's
 * HOOK_DEFAULTS, the service's hookDetails, the environment's HOOK_POLICY, which a service cannot loosen.
 *
 * @throws ConfigError with every problem, its path and the layer that it came from
 */
export async function readConfig(
  hook: AnyHook,
  details: JsonObject,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<CommonConfig & JsonObject> {
  return configOf(hook, details, {
    HOOK_DEFAULTS: parseLayer('HOOK_DEFAULTS', env.HOOK_DEFAULTS),
    HOOK_POLICY: await readPolicy(env.HOOK_POLICY, signal),
  });
}

/**
 * The same of layers that are read already.
 *
 * @throws ConfigError
 */
export function configOf(
  hook: AnyHook,
  details: JsonObject,
  env: { readonly HOOK_DEFAULTS: JsonObject; readonly HOOK_POLICY: JsonObject },
): CommonConfig & JsonObject {
  const { [STATE_KEY]: _state, ...fromDetails } = details;
  const found: ConfigLayer[] = [
    { name: 'defaults', values: { ...hook.defaults } },
    { name: 'HOOK_DEFAULTS', values: env.HOOK_DEFAULTS },
    { name: 'hookDetails', values: fromDetails },
    { name: 'HOOK_POLICY', values: env.HOOK_POLICY },
  ];
  const layers = hook.layers?.(found) ?? found;
  // Not Object.assign: a key named __proto__ must be seen, and refused, like any other.
  const merged: JsonObject = Object.fromEntries(layers.flatMap((layer) => Object.entries(layer.values)));
  const layerOf = (key: PropertyKey = '') =>
    layers.findLast((layer) => Object.hasOwn(layer.values, key))?.name ?? 'hookDetails';
  return parseConfig(hook, merged, layerOf);
}

function parseConfig(hook: AnyHook, merged: JsonObject, layerOf: (key: PropertyKey | undefined) => string) {
  const ownKeys = new Set(Object.keys(hook.config._zod.def.shape));
  const keys = Object.keys(merged);
  const pick = (wanted: ReadonlySet<string>) =>
    Object.fromEntries(keys.filter((k) => wanted.has(k)).map((k) => [k, merged[k]]));
  const common = CommonConfig.safeParse(pick(COMMON_KEYS), { reportInput: true });
  const own = z.safeParse(hook.config, pick(ownKeys), { reportInput: true });
  const unknown = keys.filter((key) => !ownKeys.has(key) && !COMMON_KEYS.has(key));
  const found = unknown
    .slice(0, MOST_TOLD)
    .map((key) => `${layerOf(key)}.${key} is not a known key (known: ${[...ownKeys, ...COMMON_KEYS].join(', ')})`);
  if (unknown.length > MOST_TOLD) found.push(`${unknown.length - MOST_TOLD} more of the keys not known`);
  for (const result of [own, common]) if (!result.success) found.push(problems(result.error, layerOf));
  if (found.length > 0 || !common.success || !own.success)
    throw new ConfigError(`Bad configuration: ${found.join('; ')}`);
  return { ...common.data, ...(own.data as JsonObject) }; // an object schema's output is an object
}

function parseLayer(name: string, text: string | undefined): JsonObject {
  if (text === undefined || text.trim() === '') return {};
  const value = parseJson(text);
  if (isJsonObject(value)) return value;
  // Not its text, which may hold what is not for a log.
  const found = value === undefined ? 'text that is not JSON' : kindOf(value);
  throw new ConfigError(`Bad configuration: ${name} must be a JSON object, not ${found}`);
}

const POLICY_CACHE_MS = 60_000;
const policies = new Map<string, { text: string; readAt: number }>();

async function readPolicy(source: string | undefined, signal: AbortSignal): Promise<JsonObject> {
  if (!source?.startsWith('ssm:')) return parseLayer('HOOK_POLICY', source);
  const name = source.slice('ssm:'.length);
  const cached = policies.get(name);
  // performance.now(): the age of a cached value must not jump with the wall clock.
  if (cached !== undefined && performance.now() - cached.readAt < POLICY_CACHE_MS) {
    return parsePolicy(source, cached.text);
  }
  const text = await readParameter(name, signal);
  policies.set(name, { text, readAt: performance.now() });
  return parsePolicy(source, text);
}

/** Says nothing of what the parameter holds: a wrong name may have met a secret. */
function parsePolicy(source: string, text: string): JsonObject {
  const value = parseJson(text);
  if (isJsonObject(value)) return value;
  // An empty parameter is no policy; only an unset HOOK_POLICY means that there is none.
  const what = text.trim() === '' ? 'is empty' : 'must hold a JSON object';
  throw new ConfigError(`Bad configuration: HOOK_POLICY (${source}) ${what}`);
}

import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { AnyHook } from '../../shared/hook.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../shared/schema.ts';
import { spelled, UsageError, wholeNumber } from '../command.ts';
import { callersPath } from '../lifecycle/caller.ts';
import { FORMATS, type Format, type HookBlock, type Target } from './formats.ts';
import { usualStages } from './stages.ts';

export const USAGE = `${spelled('attach')} --hook <id> --function-arn <arn> --role-arn <arn> [options]

  --hook ID             the hook: a folder of hooks/
  --stage STAGE         where ECS calls it (repeatable; default: as the hook's page has it)
  --function-arn ARN    the hook's Lambda function
  --role-arn ARN        the role by which ECS invokes it
  --details JSON        its hookDetails
  --details-file FILE   the same from a file
  --set KEY=VALUE       one key of them (repeatable); VALUE is JSON, or else text; KEY may be a.b
  --timeout-minutes N   after which ECS gives up (1 to 1440; ECS's default is 1440)
  --timeout-action A    ROLLBACK or CONTINUE, then (default ROLLBACK)
  --defaults JSON       HOOK_DEFAULTS of the function, where it has keys that the hook needs
  --policy JSON         HOOK_POLICY of the function, likewise
  --format FORMAT       json (default), cloudformation, cdk, terraform or cli
  --strategy STRATEGY   json and cli: the deployment strategy to go with it: BLUE_GREEN, CANARY or LINEAR
  --bake-minutes N      with --strategy: how long both revisions are kept at the end (default 15)
  --cluster NAME, --service NAME   cli: of which service

Exit: 0 printed, 1 the hook would not accept it, 2 the call is wrong.`;

export interface AttachOptions extends Target {
  hook: AnyHook;
  block: HookBlock;
  format: Format;
  env: Readonly<Record<string, string>>;
}

const OPTIONS = {
  hook: { type: 'string' },
  stage: { type: 'string', multiple: true },
  'function-arn': { type: 'string' },
  'role-arn': { type: 'string' },
  details: { type: 'string' },
  'details-file': { type: 'string' },
  set: { type: 'string', multiple: true },
  'timeout-minutes': { type: 'string' },
  'timeout-action': { type: 'string' },
  defaults: { type: 'string' },
  policy: { type: 'string' },
  format: { type: 'string', default: 'json' },
  strategy: { type: 'string' },
  'bake-minutes': { type: 'string' },
  cluster: { type: 'string' },
  service: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/**
 * @returns 'help' where that is asked for
 * @throws UsageError
 */
export async function readOptions(args: readonly string[], hooks: readonly AnyHook[]): Promise<AttachOptions | 'help'> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) return 'help';
  const hook = hooks.find(({ name }) => name === values.hook);
  if (hook === undefined) {
    const ids = hooks.map(({ name }) => name).join(', ');
    throw new UsageError(values.hook === undefined ? USAGE : `--hook must be one of ${ids}, not ${values.hook}`);
  }
  const { defaults, policy, strategy, cluster, service, stage: stages = [] } = values;
  if (defaults !== undefined) objectOf('--defaults', defaults);
  if (policy !== undefined) objectOf('--policy', policy);
  if (strategy !== undefined && !/^(?:BLUE_GREEN|CANARY|LINEAR)$/.test(strategy)) {
    throw new UsageError(`--strategy must be BLUE_GREEN, CANARY or LINEAR, not ${strategy}`);
  }
  const format = FORMATS.find((one) => one === values.format);
  if (format === undefined) throw new UsageError(`--format must be one of ${FORMATS.join(', ')}, not ${values.format}`);
  const bake = values['bake-minutes'];
  if (bake !== undefined && strategy === undefined) throw new UsageError('--bake-minutes goes with --strategy');
  const bakeTimeInMinutes = wholeNumber('--bake-minutes', bake ?? '15', 0, 1440);
  const timeout = timeoutOf(values['timeout-minutes'], values['timeout-action']);
  const block = {
    hookTargetArn: needed('--function-arn', values['function-arn']),
    roleArn: needed('--role-arn', values['role-arn']),
    lifecycleStages: stages.length > 0 ? stages : usualStages(hook),
    hookDetails: await detailsOf(values),
    ...(timeout !== undefined && { timeoutConfiguration: timeout }),
  };
  return {
    hook,
    block,
    format,
    env: {
      ...(defaults !== undefined && { HOOK_DEFAULTS: defaults }),
      ...(policy !== undefined && { HOOK_POLICY: policy }),
    },
    ...(strategy !== undefined && { strategy: { strategy, bakeTimeInMinutes } }),
    ...(cluster !== undefined && { cluster }),
    ...(service !== undefined && { service }),
  };
}

function needed(option: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new UsageError(`${option} is missing; --help explains`);
  return value;
}

function timeoutOf(minutes: string | undefined, action: string | undefined): HookBlock['timeoutConfiguration'] {
  if (minutes === undefined && action === undefined) return undefined;
  if (action !== undefined && action !== 'ROLLBACK' && action !== 'CONTINUE') {
    throw new UsageError(`--timeout-action must be ROLLBACK or CONTINUE, not ${action}`);
  }
  const most = 1440;
  return {
    timeoutInMinutes: wholeNumber('--timeout-minutes', minutes ?? String(most), 1, most),
    action: action ?? 'ROLLBACK',
  };
}

interface DetailOptions {
  details?: string;
  'details-file'?: string;
  set?: string[];
}

async function detailsOf({ details, 'details-file': file, set = [] }: DetailOptions): Promise<JsonObject> {
  if (details !== undefined && file !== undefined) throw new UsageError('--details or --details-file, not both');
  const given = file === undefined ? objectOf('--details', details ?? '{}') : objectOf(file, await readText(file));
  return set.reduce(withKey, given);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(callersPath(file), 'utf8');
  } catch (cause) {
    throw new UsageError(`--details-file: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function objectOf(option: string, text: string): JsonObject {
  const value = parseJson(text);
  if (isJsonObject(value)) return value;
  throw new UsageError(`${option} must be a JSON object, not ${JSON.stringify(text.slice(0, 80))}`);
}

function withKey(details: JsonObject, assignment: string): JsonObject {
  const at = assignment.indexOf('=');
  const path = assignment.slice(0, at).split('.');
  if (at < 1 || path.includes('')) throw new UsageError(`--set takes KEY=VALUE, not ${JSON.stringify(assignment)}`);
  const text = assignment.slice(at + 1);
  return put(details, path, parseJson(text) ?? text);
}

function put(object: JsonObject, [key = '', ...rest]: readonly string[], value: unknown): JsonObject {
  const inner = Object.hasOwn(object, key) ? object[key] : undefined;
  const next = rest.length === 0 ? value : put(isJsonObject(inner) ? inner : {}, rest, value);
  // Not a spread with a computed key: __proto__ must be seen, and refused, like any other.
  return Object.fromEntries([...Object.entries(object).filter(([name]) => name !== key), [key, next]]);
}

import type { DeploymentLifecycleHook } from '@aws-sdk/client-ecs';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { parseHookDetails } from '../../shared/event.ts';
import type { AnyHook } from '../../shared/hook.ts';
import type { JsonObject } from '../../shared/schema.ts';
import { judgeDetails } from '../lifecycle/details.ts';
import type { Finding } from '../lifecycle/finding.ts';
import { FUNCTION_ARN } from '../lifecycle/recognise.ts';
import type { Around, ServiceAround } from './around.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { eventRuleLine } from './event-rule.ts';
import { concurrencyLine, findFunction, foreignRuntimeLine, leaseLine, settingLines } from './function.ts';
import { identify } from './identify.ts';
import { type Line, warning } from './line.ts';
import { errorLine } from './metrics.ts';
import { logWishes, wishesOf } from './needs.ts';
import { look } from './reads.ts';
import { functionRoleLines, invokeRoleLines } from './roles.ts';
import { findingLines } from './service.ts';
/** A lifecycle hook with its function, before its entry in the service is judged. */
export interface FoundHook {
  entry: DeploymentLifecycleHook;
  /** About the function itself. */
  lines: readonly Line[];
  /** Absent where there is none that could be looked at. */
  fn?: FunctionConfiguration;
  /** Absent of a function of unknown make. */
  hook?: AnyHook;
  environment?: Environment;
}

/** Looks at the function behind a hook: whether it can be invoked, which hook it is, and its environment. */
export async function findHook(around: Around, entry: DeploymentLifecycleHook): Promise<FoundHook> {
  const { hookTargetArn: arn = '', targetType } = entry;
  if (targetType === 'PAUSE' || !FUNCTION_ARN.test(arn)) return { entry, lines: [] };
  const { fn, lines } = await findFunction(around, arn);
  if (fn === undefined) return { entry, lines };
  const { hook, line } = identify(around, arn, fn);
  const about = [...lines, await concurrencyLine(around, fn), line];
  if (hook === undefined) return { entry, lines: [...about, foreignRuntimeLine(fn)], fn };
  const environment = await readEnvironment(around.clients, fn);
  return { entry, lines: [...about, ...settingLines(fn, hook), environment.line], fn, hook, environment };
}

/** All that is to be said of one lifecycle hook. `findings` are those of `npm run validate` about its entry. */
export async function hookLines(
  around: ServiceAround,
  found: FoundHook,
  findings: readonly Finding[],
): Promise<Line[]> {
  const { entry, fn, lines } = found;
  const { hookTargetArn: functionArn = '', roleArn = '' } = entry;
  const ofDetails = findings.filter(({ path }) => path.endsWith('.hookDetails'));
  const ofEntry = findings.filter((one) => !ofDetails.includes(one));
  return [
    ...findingLines('attachment', attachmentText(entry), ofEntry),
    // What is no ARN is among the findings.
    ...(FUNCTION_ARN.test(functionArn) && roleArn.startsWith('arn:')
      ? await invokeRoleLines(around, roleArn, functionArn)
      : []),
    ...lines,
    ...(await ownLines(around, found, ofDetails)),
    ...(fn === undefined ? [] : [await errorLine(around, fn)]),
  ];
}

/** What depends on the hook's configuration. */
async function ownLines(
  around: ServiceAround,
  { entry, fn, hook, environment }: FoundHook,
  findings: readonly Finding[],
): Promise<Line[]> {
  // Without the environment nobody knows what the hook makes of hookDetails: its own line says why.
  if (fn === undefined || hook === undefined || environment?.env === undefined) return [];
  const details = detailsOf(entry);
  const { config } = await judgeDetails(hook, details, environment.env);
  const lines = findingLines('configuration', configurationText(details), findings, `see docs/${hook.name}.md`);
  if (config === undefined) return lines;
  const { policyParameter } = environment;
  const whole = { ...around, hook, fn, functionArn: entry.hookTargetArn ?? '', config, policyParameter };
  const { lines: things, facts } = await look(whole);
  return [
    ...lines,
    ...openLines(config, details),
    ...(await functionRoleLines(whole, { own: wishesOf(whole, facts), logs: logWishes(whole), unseen: facts.unseen })),
    ...things,
    ...(hook.onServiceEvent === undefined ? [] : [leaseLine(whole), await eventRuleLine(whole)]),
  ];
}

/** What makes a gate pass that should not, and is not written in hookDetails, where it is among the findings. */
function openLines(config: JsonObject, details: JsonObject): Line[] {
  const open = Object.entries({ mode: 'audit', onTimeout: 'succeed', onError: 'succeed' })
    .filter(([key, value]) => config[key] === value && details[key] !== value)
    .map(([key, value]) => `${key} ${value}`);
  if (open.length === 0) return [];
  return [warning('gate', `the function's environment lets it fail open: ${open.join(', ')}`, 'see that it is meant')];
}

/** What cannot be read is among the findings. */
function detailsOf(entry: DeploymentLifecycleHook): JsonObject {
  try {
    return parseHookDetails(entry);
  } catch {
    return {};
  }
}

function configurationText(details: JsonObject): string {
  const keys = Object.keys(details);
  return keys.length === 0 ? 'no hookDetails: as the function has it' : `hookDetails with ${keys.join(', ')}`;
}

function attachmentText({
  targetType = 'AWS_LAMBDA',
  lifecycleStages = [],
  timeoutConfiguration,
}: DeploymentLifecycleHook) {
  const { timeoutInMinutes = 1440, action = 'ROLLBACK' } = timeoutConfiguration ?? {};
  return `${targetType} at ${lifecycleStages.join(', ')}; after ${timeoutInMinutes} min ${action}`;
}

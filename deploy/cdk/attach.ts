import { Annotations, type aws_ecs as ecs, Lazy, Stack } from 'aws-cdk-lib';
import { usualStages } from '../../scripts/attach/stages.ts';
import type { AnyHook } from '../../shared/hook.ts';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import { type Layers, problemsOfDetails, timeoutOf } from './check.ts';
import type { HookId, LifecycleHookOptions } from './types.ts';

/** "Lambda functions for lifecycle hooks": after so many minutes ECS gives up, where the hook says nothing else. */
const STANDARD_MINUTES = 1440;
/** "Pause lifecycle hooks": hooks of a service at the most, those that are Lambda functions. */
const MOST_HOOKS = 10;

export interface Target {
  hook: AnyHook;
  layers: Layers;
  functionArn: string;
  roleArn: string;
}

/**
 * One entry of a service's lifecycle hooks.
 *
 * @throws Error when a stage, the time-out or the hookDetails are such that the hook would answer FAILED
 */
export function hookProperty<Id extends HookId>(
  service: Stack | ecs.BaseService | ecs.CfnService,
  { hook, layers, functionArn, roleArn }: Target,
  options: LifecycleHookOptions<Id>,
): ecs.CfnService.DeploymentLifecycleHookProperty {
  const stages = options.stages ?? usualStages(hook);
  const details = plain(options.hookDetails);
  const timeout = options.timeoutConfiguration;
  const wrong = [
    ...stages
      .filter((stage) => !hook.stages.includes(stage))
      .map((stage) => `stages: the hook answers FAILED at ${stage}: write ${hook.stages.join(' or ')}`),
    ...problemsOfTimeout(timeout),
    ...problemsOfDetails(hook, details, layers),
  ];
  if (wrong.length > 0) throw new Error(`${service.node.path}: lifecycle hook ${hook.name}: ${wrong.join('; ')}`);
  warn(service, hook, timeoutOf(hook, details, layers), timeout);
  return {
    hookTargetArn: functionArn,
    roleArn,
    lifecycleStages: [...stages],
    ...(Object.keys(details).length > 0 && { hookDetails: Stack.of(service).toJsonString(details) }),
    ...(timeout && { timeoutConfiguration: timeout }),
  };
}

/** Without keys that are undefined. */
function plain(details: object = {}): JsonObject {
  const value: unknown = JSON.parse(JSON.stringify(details));
  return isJsonObject(value) ? value : {};
}

function problemsOfTimeout(timeout: LifecycleHookOptions<HookId>['timeoutConfiguration']): string[] {
  const { timeoutInMinutes: minutes = STANDARD_MINUTES } = timeout ?? {};
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= STANDARD_MINUTES) return [];
  return [`timeoutConfiguration.timeoutInMinutes ${minutes}: write a whole number from 1 to ${STANDARD_MINUTES}`];
}

function warn(
  service: Stack | ecs.BaseService | ecs.CfnService,
  { name }: AnyHook,
  own: number,
  { timeoutInMinutes = STANDARD_MINUTES, action }: LifecycleHookOptions<HookId>['timeoutConfiguration'] = {},
): void {
  const annotations = Annotations.of(service);
  if (action === 'CONTINUE') {
    const message = `${name} fails open: where it does not answer in time, the deployment passes; write ROLLBACK`;
    annotations.addWarningV2(`ecs-lifecycle-hooks:${name}:continue`, message);
  }
  if (own >= timeoutInMinutes) {
    const message = `ECS gives up after ${timeoutInMinutes} minutes, ${name} only after timeoutMinutes ${own}: write a timeoutMinutes below ${timeoutInMinutes}, or a longer timeoutConfiguration`;
    annotations.addWarningV2(`ecs-lifecycle-hooks:${name}:patience`, message);
  }
}

/**
 * Adds an entry to those that a service has, whoever made them: the L2's target, DeploymentLifecycleLambdaTarget, knows
 * neither hookDetails nor a time-out, and overriding the property would replace the whole list.
 *
 * @throws Error, while the app is synthesised, when there are more hooks than ECS takes
 */
export function addHook(service: ecs.CfnService, property: ecs.CfnService.DeploymentLifecycleHookProperty): void {
  const before = service.deploymentConfiguration;
  service.deploymentConfiguration = Lazy.uncachedAny({
    produce: (context) => {
      const configuration: unknown = context.resolve(before);
      const known = isJsonObject(configuration) ? configuration : {};
      const hooks: unknown[] = [...(Array.isArray(known.lifecycleHooks) ? known.lifecycleHooks : []), property];
      if (hooks.length <= MOST_HOOKS) return { ...known, lifecycleHooks: hooks };
      throw new Error(`${service.node.path}: ${hooks.length} lifecycle hooks, and ECS takes ${MOST_HOOKS}`);
    },
  });
}

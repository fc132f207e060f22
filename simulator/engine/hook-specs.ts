import type { DeploymentConfiguration, DeploymentLifecycleHook } from '@aws-sdk/client-ecs';
import type { Stage } from '../record.ts';
import { DEFAULTS } from './definition.ts';
import type { HookSpec } from './hook-run.ts';

/** The hooks of a configuration with ECS's defaults filled in. */
export function hookSpecs(configuration: DeploymentConfiguration): HookSpec[] {
  return (configuration.lifecycleHooks ?? []).map(hookSpec);
}

export function hooksAt(hooks: readonly HookSpec[], stage: Stage): HookSpec[] {
  return hooks.filter((hook) => hook.stages.includes(stage));
}

function hookSpec(hook: DeploymentLifecycleHook, index: number): HookSpec {
  const targetType = hook.targetType ?? 'AWS_LAMBDA';
  return {
    index,
    name: targetType === 'PAUSE' ? 'pause' : functionName(hook.hookTargetArn ?? ''),
    targetType,
    targetArn: hook.hookTargetArn ?? '',
    roleArn: hook.roleArn ?? '',
    hookDetails: hook.hookDetails,
    timeoutInMinutes: hook.timeoutConfiguration?.timeoutInMinutes ?? DEFAULTS.hookTimeoutInMinutes,
    timeoutAction: hook.timeoutConfiguration?.action ?? 'ROLLBACK',
    stages: hook.lifecycleStages ?? [],
  };
}

/** `approval` of `arn:aws:lambda:eu-west-1:123456789012:function:approval:live`. */
export function functionName(functionArn: string): string {
  return functionArn.split(':')[6] ?? functionArn;
}

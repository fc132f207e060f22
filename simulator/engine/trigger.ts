import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import type { Readings } from './readings.ts';

/** What ends a forward deployment. Readings and the configured `rollback` flags depend on it. */
export type Trigger = 'hook' | 'alarm' | 'circuit-breaker' | 'stop' | 'limit' | 'networking';

/** Alarms and the circuit breaker roll back only where that option is in use; otherwise the deployment just stops. */
export function rollsBack(trigger: Trigger, { alarms, deploymentCircuitBreaker }: DeploymentConfiguration): boolean {
  if (trigger === 'alarm') return alarms?.rollback === true;
  return trigger !== 'circuit-breaker' || deploymentCircuitBreaker?.rollback === true;
}

export function rollbackInvokesHooks(trigger: Trigger, readings: Readings): boolean {
  if (trigger === 'stop') return readings.reading('rollbackHooksOnStop') === 'run';
  if (trigger !== 'alarm' && trigger !== 'circuit-breaker') return readings.reading('rollbackHooksOnFailure') === 'run';
  return readings.reading('rollbackHooksOnAlarm') === 'run';
}

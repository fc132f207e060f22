import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { partitionOf } from '../aws/service.ts';
import type { NetworkingFault, RevisionDefinition, ServiceDefinition } from '../engine/definition.ts';
import type { Scenario } from './schema.ts';
import type { HookSpec, RevisionSpec } from './schema-service.ts';

type Place = Pick<Scenario, 'region' | 'accountId'>;

export function functionArn({ region, accountId }: Place, name: string): string {
  return `arn:${partitionOf(region)}:lambda:${region}:${accountId}:function:${name}`;
}

/** The role that ECS invokes hooks with. */
export function hookRoleArn({ region, accountId }: Place): string {
  return `arn:${partitionOf(region)}:iam::${accountId}:role/ecs-hooks-invoke`;
}

/** A service of the scenario as CreateService takes it, deploying this revision. */
export function serviceDefinition(scenario: Scenario, name: string, revision: RevisionSpec): ServiceDefinition {
  const service = scenario.services[name];
  if (service === undefined) throw new Error(`The scenario has no service ${name}`);
  const { lifecycleHooks = [], ...configuration } = service.deploymentConfiguration;
  return {
    cluster: service.cluster,
    name,
    revision: revisionDefinition(revision),
    loadBalancing: { kind: service.loadBalancing.kind, testListener: service.loadBalancing.testListener ?? false },
    ...(service.desiredCount !== undefined && { desiredCount: service.desiredCount }),
    // The API's own shape, which the engine checks in ECS's words.
    deploymentConfiguration: {
      ...configuration,
      lifecycleHooks: lifecycleHooks.map((hook) => hookDefinition(scenario, hook)),
    } as DeploymentConfiguration,
  };
}

export function revisionDefinition({ name, images, tasks, networkingFault }: RevisionSpec): RevisionDefinition {
  const containers = Object.entries(images).map(([container, image]) => ({ name: container, image }));
  return {
    name,
    containers,
    ...(tasks !== undefined && { tasks }),
    ...(networkingFault !== undefined && { networkingFault: networkingFaultOf(networkingFault) }),
  };
}

function networkingFaultOf({ kind, stage }: NonNullable<RevisionSpec['networkingFault']>): NetworkingFault {
  return kind === 'listener-change-denied' ? { kind, stage: stage ?? 'PRODUCTION_TRAFFIC_SHIFT' } : { kind };
}

function hookDefinition(scenario: Scenario, hook: HookSpec) {
  const { function: name, targetType, lifecycleStages, hookDetails, timeoutConfiguration } = hook;
  return {
    targetType,
    lifecycleStages,
    ...(timeoutConfiguration && { timeoutConfiguration }),
    ...(name !== undefined && { hookTargetArn: functionArn(scenario, name), roleArn: hookRoleArn(scenario) }),
    ...(hookDetails !== undefined && { hookDetails }),
  };
}

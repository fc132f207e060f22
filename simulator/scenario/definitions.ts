import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { partitionOf } from '../aws/service.ts';
import type {
  NetworkingFault,
  RevisionDefinition,
  ServiceDefinition,
  TaskDefinitionInput,
  TaskProgram,
} from '../engine/definition.ts';
import { type Fill, filled } from './placeholders.ts';
import type { Scenario } from './schema.ts';
import type { HookSpec, RevisionSpec } from './schema-service.ts';
import type { ProgramSpec } from './schema-tasks.ts';

type Place = Pick<Scenario, 'region' | 'accountId'>;

export function functionArn({ region, accountId }: Place, name: string): string {
  return `arn:${partitionOf(region)}:lambda:${region}:${accountId}:function:${name}`;
}

/** The role that ECS invokes hooks with. */
export function hookRoleArn({ region, accountId }: Place): string {
  return `arn:${partitionOf(region)}:iam::${accountId}:role/ecs-hooks-invoke`;
}

/** A service of the scenario as CreateService takes it, deploying this revision. */
export function serviceDefinition(
  scenario: Scenario,
  name: string,
  revision: RevisionSpec,
  fill: Fill = (text) => text,
): ServiceDefinition {
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
      lifecycleHooks: lifecycleHooks.map((hook) => hookDefinition(scenario, hook, fill)),
    } as DeploymentConfiguration,
  };
}

export function revisionDefinition({
  name,
  images,
  tasks,
  program,
  networkingFault,
}: RevisionSpec): RevisionDefinition {
  const containers = Object.entries(images).map(([container, image]) => ({ name: container, image }));
  return {
    name,
    containers,
    ...(tasks !== undefined && { tasks }),
    ...(program !== undefined && { program: taskProgram(program) }),
    ...(networkingFault !== undefined && { networkingFault: networkingFaultOf(networkingFault) }),
  };
}

/** The scenario's task definitions, as RegisterTaskDefinition takes them. */
export function taskDefinitions({ taskDefinitions: specs }: Scenario): TaskDefinitionInput[] {
  return Object.entries(specs).map(([family, { container = family, image, program, pull }]) => ({
    family,
    containers: [{ name: container, image }],
    ...(program !== undefined && { program: taskProgram(program) }),
    pull,
  }));
}

/** The `stopTimeout` of a container that has none (page "Task definition parameters for Fargate"). */
const STOP_TIMEOUT_MS = 30_000;

function taskProgram({ entryPoint = [], command, environment, stopTimeout, port, ready }: ProgramSpec): TaskProgram {
  const timeout = stopTimeout ?? STOP_TIMEOUT_MS;
  return { entryPoint, command, environment, stopTimeout: timeout, port, ...(ready !== undefined && { ready }) };
}

function networkingFaultOf({ kind, stage }: NonNullable<RevisionSpec['networkingFault']>): NetworkingFault {
  return kind === 'listener-change-denied' ? { kind, stage: stage ?? 'PRODUCTION_TRAFFIC_SHIFT' } : { kind };
}

function hookDefinition(scenario: Scenario, hook: HookSpec, fill: Fill) {
  const { function: name, targetType, lifecycleStages, hookDetails, timeoutConfiguration } = hook;
  return {
    targetType,
    lifecycleStages,
    ...(timeoutConfiguration && { timeoutConfiguration }),
    ...(name !== undefined && { hookTargetArn: functionArn(scenario, name), roleArn: hookRoleArn(scenario) }),
    ...(hookDetails !== undefined && { hookDetails: filled(hookDetails, fill) }),
  };
}

import type { DeploymentConfiguration, DeploymentLifecycleHook } from '@aws-sdk/client-ecs';
import type { ServiceDefinition } from '../../simulator/engine/definition.ts';
import { EcsEngine, type EcsEngineOptions } from '../../simulator/engine/engine.ts';
import type { LifecycleEvent } from '../../simulator/engine/lifecycle-event.ts';
import { type Choices, Readings } from '../../simulator/engine/readings.ts';
import { VirtualClock } from '../../simulator/engine/virtual-clock.ts';
import type { HookInvoker, RawOutcome } from '../../simulator/lambda/invoker.ts';
import type { DeploymentRecord } from '../../simulator/record.ts';

export const START = Date.UTC(2026, 8, 1, 9, 0, 0);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** What a scripted hook gives for an event: an answer object, or how the Lambda service ended the invocation. */
export type Script = (event: LifecycleEvent, call: number) => object | RawOutcome;

export interface Call {
  functionName: string;
  event: LifecycleEvent;
  at: number;
}

export class ScriptedInvoker implements HookInvoker {
  readonly calls: Call[] = [];
  private readonly scripts: Readonly<Record<string, Script>>;
  private readonly durationMs: number;

  constructor(scripts: Readonly<Record<string, Script>>, durationMs = 200) {
    this.scripts = scripts;
    this.durationMs = durationMs;
  }

  async invoke(functionArn: string, event: unknown, now: number) {
    const functionName = functionArn.split(':')[6] ?? '';
    const script = this.scripts[functionName] ?? (() => ({ hookStatus: 'SUCCEEDED' }));
    // The engine sends nothing else; what it sends is asserted by the tests.
    const lifecycleEvent = event as LifecycleEvent;
    this.calls.push({ functionName, event: lifecycleEvent, at: now });
    const call = this.calls.filter((other) => other.functionName === functionName).length;
    const given = script(lifecycleEvent, call);
    const outcome: RawOutcome = isOutcome(given) ? given : { kind: 'returned', payload: JSON.stringify(given) };
    return { outcome, durationMs: this.durationMs, logs: [] };
  }
}

function isOutcome(given: object | RawOutcome): given is RawOutcome {
  return 'kind' in given;
}

export const succeed: Script = () => ({ hookStatus: 'SUCCEEDED' });
export const fail: Script = () => ({ hookStatus: 'FAILED', reason: 'no' });
export const wait: Script = () => ({ hookStatus: 'IN_PROGRESS', callBackDelay: 600 });

export const arnOf = (name: string): string => `arn:aws:lambda:eu-west-1:123456789012:function:${name}`;
export const ROLE = 'arn:aws:iam::123456789012:role/hooks';

type HookStages = NonNullable<DeploymentLifecycleHook['lifecycleStages']>;

export function lambdaHook(
  name: string,
  stages: HookStages,
  more: DeploymentLifecycleHook = {},
): DeploymentLifecycleHook {
  return { targetType: 'AWS_LAMBDA', hookTargetArn: arnOf(name), roleArn: ROLE, lifecycleStages: stages, ...more };
}

export function pauseHook(stages: HookStages, more: DeploymentLifecycleHook = {}): DeploymentLifecycleHook {
  return { targetType: 'PAUSE', lifecycleStages: stages, ...more };
}

export function serviceOf(
  configuration: DeploymentConfiguration,
  more: Partial<Omit<ServiceDefinition, 'deploymentConfiguration'>> = {},
): ServiceDefinition {
  return {
    cluster: 'unicorn',
    name: 'ui',
    deploymentConfiguration: configuration,
    loadBalancing: { kind: 'alb', testListener: true },
    revision: { name: 'release-1', containers: [{ name: 'app', image: 'registry.example/ui:1' }] },
    ...more,
  };
}

export interface Kit {
  clock: VirtualClock;
  readings: Readings;
  engine: EcsEngine;
  invoker: ScriptedInvoker;
}

export function makeKit(
  scripts: Readonly<Record<string, Script>> = {},
  choices: Choices | Readings = {},
  options: Partial<EcsEngineOptions> = {},
): Kit {
  const clock = new VirtualClock({ start: START });
  const readings = choices instanceof Readings ? choices : new Readings(choices);
  const invoker = new ScriptedInvoker(scripts);
  return { clock, readings, invoker, engine: new EcsEngine({ clock, readings, invoker, ...options }) };
}

export interface PlayOptions {
  scripts?: Readonly<Record<string, Script>>;
  choices?: Choices | Readings;
  service?: Partial<Omit<ServiceDefinition, 'deploymentConfiguration'>>;
  target?: Partial<ServiceDefinition['revision']>;
  first?: boolean;
  /** Called once the deployment was started. */
  arrange?: (kit: Kit, deploymentArn: string) => void;
  engine?: Partial<EcsEngineOptions>;
}

export interface Played extends Kit {
  deployment: DeploymentRecord;
}

/** Plays an update of a running service, or with `first` its creation, to the end. */
export async function playUpdate(configuration: DeploymentConfiguration, options: PlayOptions = {}): Promise<Played> {
  const kit = makeKit(options.scripts, options.choices, options.engine);
  const definition = serviceOf(configuration, options.service);
  const revision = {
    name: 'release-2',
    containers: [{ name: 'app', image: 'registry.example/ui:2' }],
    ...options.target,
  };
  const started =
    options.first === true ? kit.engine.createService({ ...definition, revision }) : update(kit, definition, revision);
  options.arrange?.(kit, started.deploymentArn);
  await kit.engine.run();
  const deployment = kit.engine.record().find((record) => record.deploymentArn === started.deploymentArn);
  if (deployment === undefined) throw new Error('the deployment has no record');
  return { ...kit, deployment };
}

function update({ engine }: Kit, definition: ServiceDefinition, revision: ServiceDefinition['revision']) {
  engine.addRunningService(definition);
  const started = engine.updateService({ cluster: definition.cluster, service: definition.name, revision });
  if (started === undefined) throw new Error('the update started no deployment');
  return started;
}

/** `PRODUCTION_TRAFFIC_SHIFT 1/2`, with `<` before the stages of a rollback. */
export function stageNames(deployment: DeploymentRecord): string[] {
  return deployment.stages.map(
    ({ stage, direction, step, steps }) =>
      `${direction === 'rollback' ? '< ' : ''}${stage}${step === undefined ? '' : ` ${step}/${steps}`}`,
  );
}

/** The target's share of each production weight point, in percent; undefined where it has none. */
export function targetShares(deployment: DeploymentRecord): (number | undefined)[] {
  return deployment.weights
    .filter((point) => point.traffic === 'production')
    .map((point) => point.weights[deployment.target.id]);
}

/** How long each bake lasted, in minutes. */
export function bakes(deployment: DeploymentRecord): number[] {
  return deployment.stages
    .filter((stage) => stage.stage === 'BAKE_TIME' && stage.outcome === 'completed')
    .map((stage) => ((stage.endedAt ?? 0) - stage.startedAt) / MINUTE);
}

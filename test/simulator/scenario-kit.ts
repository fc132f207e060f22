import type { DeploymentRecord, PlayRecord } from '../../simulator/record.ts';
import { parseScenario } from '../../simulator/scenario/load.ts';
import { type PlayOptions, play } from '../../simulator/scenario/play.ts';
import type { Scenario } from '../../simulator/scenario/schema.ts';

type Json = Readonly<Record<string, unknown>>;

export const START = Date.parse('2026-03-02T09:00:00Z');
export const MINUTE = 60_000;

/** A running service `ui`, blue/green without bake, whose one function `judge` answers SUCCEEDED. */
export function service(hooks: readonly Json[] = [], more: Json = {}, configuration: Json = {}): Json {
  return {
    cluster: 'unicorn',
    loadBalancing: { kind: 'alb', testListener: true },
    running: revision('release-1'),
    deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0, lifecycleHooks: hooks, ...configuration },
    ...more,
  };
}

export function revision(name: string): Json {
  return { name, images: { app: `unicorn/app:${name}` } };
}

export function deployment(more: Json = {}): Json {
  return { title: 'the deployment', service: 'ui', revision: revision('release-2'), ...more };
}

/** A whole scenario, through the loader, as a file with this content would be. */
export function scenarioOf(more: Json): Scenario {
  const content = {
    name: 'test',
    functions: { judge: { answers: ['SUCCEEDED'] } },
    services: { ui: service() },
    deployments: [deployment()],
    ...more,
  };
  return parseScenario(JSON.stringify(content), 'test.yaml');
}

export async function playOf(more: Json, options?: PlayOptions): Promise<PlayRecord> {
  return play(scenarioOf(more), options);
}

/** Plays one deployment of `ui`, with these events and this hook at POST_TEST_TRAFFIC_SHIFT. */
export async function playEvents(
  events: readonly Json[],
  hook: Json = { function: 'judge' },
  more: Json = {},
  configuration: Json = {},
): Promise<DeploymentRecord> {
  const hooks = [{ lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'], ...hook }];
  const services = { ui: service(hooks, {}, configuration) };
  const { deployments } = await playOf({ services, deployments: [deployment({ events })], ...more });
  return one(deployments);
}

export function one(deployments: readonly DeploymentRecord[]): DeploymentRecord {
  const [only] = deployments;
  if (only === undefined || deployments.length > 1) throw new Error(`there are ${deployments.length} deployments`);
  return only;
}

/** When a stage was entered on the way forward, in milliseconds since the epoch. */
export function stageStart(record: DeploymentRecord, stage: string, step?: number): number {
  const found = record.stages.find(
    (each) => each.stage === stage && each.step === step && each.direction === 'forward',
  );
  if (found === undefined) throw new Error(`${stage} was never entered`);
  return found.startedAt;
}

/** The notes without what ECS itself says of the service. */
export function notes(record: DeploymentRecord): { at: number; kind: string; text: string }[] {
  return record.notes.filter(({ kind }) => kind !== 'service-event' && kind !== 'rollback');
}

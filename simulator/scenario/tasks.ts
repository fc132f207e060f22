import type { LocalAws } from '../aws/local-aws.ts';
import type { EcsEngine } from '../engine/engine.ts';
import { Ids } from '../engine/ids.ts';
import type { VirtualClock } from '../engine/virtual-clock.ts';
import { TaskFleet } from '../tasks/fleet.ts';
import type { TaskEvent } from '../tasks/task-event.ts';
import { taskDefinitions } from './definitions.ts';
import type { Fill } from './placeholders.ts';
import type { Scenario } from './schema.ts';

/** Makes another seed: tasks are replaced when it happens, which must not change the ids of what is deployed. */
const TASK_IDS = 0x5bd1e995;

export function taskFleet(
  { region, accountId, seed }: Scenario,
  clock: VirtualClock,
  onEvent: (event: TaskEvent) => void,
): TaskFleet {
  const ids = new Ids(seed ^ TASK_IDS);
  return new TaskFleet({ clock, region, accountId, onEvent, newId: () => ids.uuid().replaceAll('-', '') });
}

/** Registers the scenario's task definitions, and gives its programs the endpoint to call. */
export async function connectTasks(
  scenario: Scenario,
  fleet: TaskFleet,
  engine: EcsEngine,
  { aws, endpointUrl, fill }: { aws: LocalAws; endpointUrl: string; fill: Fill },
): Promise<void> {
  for (const definition of taskDefinitions(scenario)) engine.registerTaskDefinition(definition);
  // A task whose image cannot be pulled has no program, and is started all the same.
  if (!hasPrograms(scenario) && Object.keys(scenario.taskDefinitions).length === 0) return;
  await fleet.connect({ endpointUrl, addIdentity: aws.addIdentity, fill });
}

/** Is anything of it a real process, so that it takes real time? */
export function hasPrograms({ services, deployments, taskDefinitions: definitions }: Scenario): boolean {
  return [
    ...Object.values(services).map(({ running }) => running?.program),
    ...deployments.map(({ revision }) => revision.program),
    ...Object.values(definitions).map(({ program }) => program),
  ].some((program) => program !== undefined);
}

/** A task that ends by itself is worth a line in the deployments that run meanwhile. */
export function noteEnd(engine: EcsEngine, event: TaskEvent): void {
  if (event.kind !== 'status' || event.end === undefined) return;
  const { stopCode, stoppedReason, exitCode, lastLines } = event.end;
  if (stopCode === 'ServiceSchedulerInitiated' || stopCode === 'UserInitiated') return;
  const { service, revision, taskId, group } = event.task;
  const whose = service === undefined ? group : `${service}, ${revision}`;
  const code = exitCode === undefined ? '' : `, exit code ${exitCode}`;
  const said = lastLines.length === 0 ? '' : `: ${lastLines.at(-1)}`;
  engine.addNote(`task ${taskId} (${whose}) stopped: ${stoppedReason}${code}${said}`);
}

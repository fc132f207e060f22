import type { Task } from '@aws-sdk/client-ecs';
import type { EcsTasks, RunTaskRequest } from '../aws/ecs-backend.ts';
import { AwsError } from '../aws/errors.ts';
import { countedTasks } from './counted-tasks.ts';
import type { Registry } from './registry.ts';
import type { RevisionState, ServiceState, Surroundings } from './state.ts';
import { setRunning } from './traffic.ts';

const SHOWN_MS = 60 * 60_000;

/** What ECS's task operations do to the engine: over tasks that are processes and tasks that are only counted. */
export class TaskDesk implements EcsTasks {
  private readonly around: Surroundings;
  private readonly registry: Registry;
  private readonly generations = new Map<string, number>();
  /** Counted tasks that StopTask has stopped. */
  private readonly stopped: Task[] = [];

  constructor(around: Surroundings, registry: Registry) {
    this.around = around;
    this.registry = registry;
  }

  list(): readonly Task[] {
    const since = this.around.clock.now() - SHOWN_MS;
    const stopped = this.stopped.filter(({ stoppedAt }) => (stoppedAt?.getTime() ?? 0) > since);
    return [...(this.around.tasks?.list() ?? []), ...this.counted().map(({ task }) => task), ...stopped];
  }

  run({ clusterArn, taskDefinitionArn, group, startedBy, overrides }: RunTaskRequest): Task {
    const input = this.registry.taskDefinitionInput(taskDefinitionArn);
    const runs = input?.program !== undefined || input?.pull === 'fails';
    if (this.around.tasks === undefined || input === undefined || !runs) {
      throw new AwsError(
        'InvalidParameterException',
        'RunTask: a task definition without a program is not implemented by the local endpoint.',
      );
    }
    const { containers, program, pull = 'works' } = input;
    return this.around.tasks.run({
      ...{ clusterArn, taskDefinitionArn, group, startedBy, overrides, containers, pull },
      program: program && { ...program, ...commandOf(overrides, containers[0]?.name) },
    });
  }

  stop(taskArn: string, reason: string): Task | undefined {
    const process = this.around.tasks?.stop(taskArn, reason);
    if (process !== undefined) return process;
    const found = this.counted().find(({ task }) => task.taskArn === taskArn);
    if (found === undefined) return this.stopped.find((task) => task.taskArn === taskArn);
    const now = new Date(this.around.clock.now());
    const end = { stopCode: 'UserInitiated', stoppedReason: reason, stoppingAt: now, stoppedAt: now } as const;
    const task: Task = {
      ...found.task,
      ...end,
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      containers: (found.task.containers ?? []).map((one) => ({ ...one, lastStatus: 'STOPPED', exitCode: 143 })),
    };
    this.stopped.push(task);
    // Another one takes its place.
    this.generations.set(found.key, (this.generations.get(found.key) ?? 0) + 1);
    return task;
  }

  /** Scales what is there; a revision that is being scaled up or down by its deployment is left to that. */
  scale(serviceArn: string, desiredCount: number): void {
    const service = this.registry.services.find(({ arn }) => arn === serviceArn);
    if (service === undefined) throw new AwsError('ServiceNotFoundException', 'Service not found.');
    const before = service.desiredCount;
    service.desiredCount = desiredCount;
    for (const revision of service.active) {
      const isUp = revision === service.stable || (revision.running > 0 && revision.running >= before);
      if (isUp) setRunning(revision, desiredCount);
    }
  }

  private counted(): { task: Task; key: string }[] {
    const ofRevision = ({ service, revision }: { service: ServiceState; revision: RevisionState }) =>
      countedTasks(service, revision, this.around, this.generations);
    return this.registry.revisions.flatMap((one) =>
      ofRevision(one).map((task, index) => ({ task, key: `${one.revision.id}/${index}` })),
    );
  }
}

/** The command that overrides that of the container; its entry point stays (RunTask, ContainerOverride). */
function commandOf({ containerOverrides = [] }: RunTaskRequest['overrides'], container: string | undefined) {
  const command = containerOverrides.find(({ name }) => name === container)?.command;
  return command !== undefined && command.length > 0 ? { command } : {};
}

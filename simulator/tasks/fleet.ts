import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Task } from '@aws-sdk/client-ecs';
import type { Credentials } from '../aws/identities.ts';
import { partitionOf } from '../aws/service.ts';
import type { TaskProgram } from '../engine/definition.ts';
import { ecsSvc } from '../engine/deployment-log.ts';
import type { RevisionState, RevisionTasks, ServiceState, StandaloneTask, TaskHost } from '../engine/state.ts';
import type { VirtualClock } from '../engine/virtual-clock.ts';
import { ClockFile } from '../lambda/process-files.ts';
import type { Routes } from '../network/entrance.ts';
import { describeTask } from './describe-task.ts';
import { taskEnvironment } from './environment.ts';
import { MetadataEndpoint } from './metadata.ts';
import { ServiceTasks } from './service-tasks.ts';
import type { TaskEvent } from './task-event.ts';
import { TaskRun, type TaskSpec } from './task-run.ts';

export interface TaskFleetOptions {
  clock: VirtualClock;
  /** Makes the ids of tasks: 32 hexadecimal digits. */
  newId: () => string;
  region: string;
  accountId: string;
  /** Told everything that the tasks do. */
  onEvent: (event: TaskEvent) => void;
}

/** What the tasks call: known only once the endpoint listens. */
export interface FleetConnection {
  endpointUrl: string;
  addIdentity: (arn: string) => Credentials;
  /** Puts what only the play knows into the values of environment variables. */
  fill: (text: string) => string;
}

/** DescribeTasks shows a stopped task for about an hour. */
const SHOWN_MS = 60 * 60_000;

interface ServiceEntry {
  service: ServiceState;
  revision: RevisionState;
  tasks: ServiceTasks;
}

/**
 * All tasks of a play that are processes. While one lives the clock runs at real speed; one that is being stopped holds
 * the play until it has ended.
 */
export class TaskFleet implements TaskHost {
  readonly #options: TaskFleetOptions;
  readonly #metadata: MetadataEndpoint;
  readonly #runs = new Map<string, TaskRun>();
  readonly #endRealWork = new Map<TaskRun, () => void>();
  readonly #services: ServiceEntry[] = [];
  #connection: FleetConnection | undefined;
  #clockFile: ClockFile | undefined;
  #closed = false;
  readonly #killAll = (): void => {
    for (const run of this.#runs.values()) run.signal('SIGKILL');
  };

  constructor(options: TaskFleetOptions) {
    this.#options = options;
    this.#metadata = new MetadataEndpoint(options.region, (id) => this.#runs.get(id));
  }

  /** Before the first task starts. */
  async connect(connection: FleetConnection): Promise<void> {
    this.#connection = connection;
    const folder = await mkdtemp(join(tmpdir(), 'ecs-tasks-'));
    this.#clockFile = new ClockFile(folder);
    await rmdir(folder);
    await this.#metadata.listen();
    // Of a simulator that ends without having closed its world nothing should be left.
    process.once('exit', this.#killAll);
  }

  tasksOf(service: ServiceState, revision: RevisionState, program: TaskProgram): RevisionTasks {
    const { clock } = this.#options;
    const tasks = new ServiceTasks(revision, {
      start: (changed) => this.#start(this.#serviceSpec(service, revision, program), changed),
      after: (delayMs, action) => clock.schedule(clock.now() + delayMs, action),
      deployment: ecsSvc(revision),
    });
    this.#services.push({ service, revision, tasks });
    return tasks;
  }

  run(task: StandaloneTask): Task {
    const { taskDefinitionArn, group, ...rest } = task;
    const id = this.#options.newId();
    const cluster = nameIn(task.clusterArn);
    const label = { taskId: id, taskArn: this.#arnOf(cluster, id), group };
    const family = nameIn(taskDefinitionArn).split(':')[0] ?? '';
    const run = this.#start({ ...rest, taskDefinitionArn, label, roleName: `${family}-task-role` }, () => undefined);
    return this.#describe(run);
  }

  list(): readonly Task[] {
    const since = this.#options.clock.now() - SHOWN_MS;
    return [...this.#runs.values()]
      .filter(({ times: { stoppedAt } }) => stoppedAt === undefined || stoppedAt > since)
      .map((run) => this.#describe(run));
  }

  stop(taskArn: string, reason: string): Task | undefined {
    const run = [...this.#runs.values()].find(({ spec }) => spec.label.taskArn === taskArn);
    if (run?.isAlive) run.stop('UserInitiated', reason);
    return run && this.#describe(run);
  }

  /** Sends a signal to the oldest running tasks of a revision. @returns their ids */
  kill(serviceName: string, revisionName: string, count: number, signal: NodeJS.Signals): string[] {
    const running = this.#services
      .filter(({ service, revision }) => service.name === serviceName && revision.name === revisionName)
      .flatMap(({ tasks }) => tasks.running);
    const hit = running.slice(0, count);
    for (const run of hit) run.signal(signal);
    return hit.map(({ spec }) => spec.label.taskId);
  }

  /** Where the traffic of a service goes now; undefined when no revision of it has processes. */
  routesOf(serviceName: string): Routes | undefined {
    const entries = this.#services.filter(({ service }) => service.name === serviceName);
    const service = entries.at(-1)?.service;
    if (service === undefined) return undefined;
    const revisions = new Map(
      entries.map(({ revision: { id, name }, tasks }) => [
        id,
        { name, ports: tasks.running.flatMap(({ port }) => port ?? []) },
      ]),
    );
    return { production: service.production, test: service.test, revisions };
  }

  /** Of the processes that live. */
  get pids(): number[] {
    return [...this.#runs.values()].flatMap(({ pid }) => pid ?? []);
  }

  /**
   * Waits until every revision has the tasks that it wants.
   * @throws Error when one ends before it was RUNNING, with the last lines that it wrote
   */
  async whenComplete(): Promise<void> {
    const complete = this.#services.map(async ({ service, revision, tasks }) => {
      if (tasks.isComplete) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      tasks.watch({
        changed: () => {
          if (tasks.isComplete) resolve();
        },
        failed: () => reject(new Error(`a task of ${service.name}, ${revision.name}, ${this.#lastWords(revision)}`)),
      });
      await promise;
      tasks.watch(undefined);
    });
    await Promise.all(complete);
  }

  /** Ends what is left: SIGTERM, and SIGKILL after each program's stop timeout. Frees the port. */
  async close(): Promise<void> {
    this.#closed = true;
    const alive = [...this.#runs.values()].filter((run) => run.isAlive);
    for (const { tasks } of this.#services) tasks.scaleTo(0);
    for (const run of alive) run.stop('ServiceSchedulerInitiated', 'The play is over');
    // A process that is stopped would never take its SIGTERM.
    for (const run of alive) run.signal('SIGCONT');
    await Promise.all(alive.map(({ gone }) => gone));
    process.off('exit', this.#killAll);
    if (this.#connection !== undefined) await this.#metadata.close();
    this.#clockFile?.close();
    this.#clockFile = undefined;
  }

  #start(spec: TaskSpec, changed: (run: TaskRun) => void): TaskRun {
    const { clock, onEvent } = this.#options;
    if (this.#closed) throw new Error('the play is over');
    if (this.#clockFile === undefined) throw new Error('the tasks are not connected to an endpoint yet');
    const endRealWork = clock.beginRealWork();
    // From here on it runs at real speed, until no task is left.
    this.#clockFile.runFrom(clock.now(), 1);
    const run = new TaskRun(spec, {
      now: () => clock.now(),
      clockFd: this.#clockFile.fd,
      environmentOf: (one) => this.#environmentOf(one),
      changed: (one) => {
        if (one.lastStatus === 'STOPPING') clock.hold(one.gone);
        // First what follows from it on the clock: without a process to wait for, it jumps to the next event.
        changed(one);
        if (!one.isAlive) this.#endRealWork.get(one)?.();
      },
      tell: onEvent,
    });
    this.#runs.set(spec.label.taskId, run);
    this.#endRealWork.set(run, endRealWork);
    run.start();
    return run;
  }

  #serviceSpec(service: ServiceState, revision: RevisionState, program: TaskProgram): TaskSpec {
    const taskId = this.#options.newId();
    return {
      label: {
        taskId,
        taskArn: this.#arnOf(service.cluster, taskId),
        group: `service:${service.name}`,
        service: service.name,
        revision: revision.name,
        revisionId: revision.id,
      },
      clusterArn: service.clusterArn,
      startedBy: ecsSvc(revision),
      taskDefinitionArn: revision.taskDefinition,
      containers: revision.containers,
      program,
      pull: 'works',
      overrides: {},
      roleName: `${service.name}-task-role`,
    };
  }

  #environmentOf(run: TaskRun): Record<string, string> {
    const { region, accountId } = this.#options;
    if (this.#connection === undefined) throw new Error('the tasks are not connected to an endpoint yet');
    const { roleName, label } = run.spec;
    const role = `arn:${partitionOf(region)}:sts::${accountId}:assumed-role/${roleName}/${label.taskId}`;
    return taskEnvironment(run, role, { ...this.#connection, region, metadataUrl: this.#metadata.url });
  }

  #lastWords(revision: RevisionState): string {
    const ended = [...this.#runs.values()].findLast(
      ({ spec, end }) => spec.label.revisionId === revision.id && end !== undefined,
    );
    const { stoppedReason = '', exitCode, lastLines = [] } = ended?.end ?? {};
    return [`stopped: ${stoppedReason}${exitCode === undefined ? '' : `, exit code ${exitCode}`}`, ...lastLines].join(
      '\n',
    );
  }

  #describe(run: TaskRun): Task {
    return describeTask(run, this.#options.region);
  }

  #arnOf(cluster: string, taskId: string): string {
    const { region, accountId } = this.#options;
    return `arn:${partitionOf(region)}:ecs:${region}:${accountId}:task/${cluster}/${taskId}`;
  }
}

function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

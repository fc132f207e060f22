import type { StandaloneTask } from '../engine/state.ts';
import type { TaskEnd, TaskEvent, TaskLabel, TaskStatus } from './task-event.ts';
import { TaskProcess } from './task-process.ts';

/** What a task is of. In its containers the first one is what its program runs in. */
export interface TaskSpec extends Omit<StandaloneTask, 'group'> {
  label: TaskLabel;
  /** Name of the role that it calls AWS with. */
  roleName: string;
}

/** What a task needs of those that run it. */
export interface TaskSite {
  now: () => number;
  /** The file that a program of Node.js reads that from. */
  clockFd: number;
  /** The whole environment of its program. */
  environmentOf: (run: TaskRun) => Record<string, string>;
  /** Told of every status, before anything else happens. */
  changed: (run: TaskRun) => void;
  tell: (event: TaskEvent) => void;
}

const KEPT_LINES = 20;

/** One task from PROVISIONING to STOPPED (page "Amazon ECS task lifecycle"). */
export class TaskRun {
  readonly spec: TaskSpec;
  readonly createdAt: number;
  /** Resolves when it is STOPPED. */
  readonly gone: Promise<void>;
  lastStatus: TaskStatus = 'PROVISIONING';
  desiredStatus: 'RUNNING' | 'STOPPED' = 'RUNNING';
  /** How it ends, as far as that is known. */
  end: TaskEnd | undefined;
  readonly times: { startedAt?: number; stoppingAt?: number; stoppedAt?: number; spawnedAt?: number } = {};
  readonly #site: TaskSite;
  readonly #process: TaskProcess | undefined;
  readonly #lines: string[] = [];
  readonly #resolveGone: () => void;

  constructor(spec: TaskSpec, site: TaskSite) {
    this.spec = spec;
    this.#site = site;
    this.createdAt = site.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gone = promise;
    this.#resolveGone = resolve;
    if (spec.program === undefined || spec.pull === 'fails') return;
    this.#process = new TaskProcess(spec.program, site.clockFd, {
      started: () => this.#started(),
      ready: () => this.#ready(),
      line: (stream, line) => this.#line(stream, line),
      ended: (end) => this.#ended(end),
    });
  }

  /** Whether a process of it lives or is about to. */
  get isAlive(): boolean {
    return this.lastStatus !== 'STOPPED';
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Where its program listens, if it does. */
  get port(): number | undefined {
    return this.#process?.port;
  }

  start(): void {
    this.#tell();
    if (this.#process !== undefined) {
      this.#process.start(this.#site.environmentOf(this));
      return;
    }
    const { containers, pull } = this.spec;
    const image = containers[0]?.image ?? '';
    // Page "CannotPullContainer task errors in Amazon ECS".
    const reason =
      pull === 'fails'
        ? `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${image}: ${image}: not found`
        : 'CannotStartContainerError: the local endpoint has no program for this task definition';
    this.#stopped({ stopCode: 'TaskFailedToStart', stoppedReason: reason, exitCode: undefined });
  }

  /** SIGTERM, then SIGKILL. Asking again changes nothing. */
  stop(stopCode: TaskEnd['stopCode'], stoppedReason: string): void {
    if (this.desiredStatus === 'STOPPED') return;
    this.desiredStatus = 'STOPPED';
    this.end = { stopCode, stoppedReason, exitCode: undefined, lastLines: this.#lines };
    this.times.stoppingAt = this.#site.now();
    this.#to('STOPPING');
    this.#process?.stop();
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.signal(signal);
  }

  #started(): void {
    this.times.spawnedAt = this.#site.now();
    if (this.desiredStatus === 'RUNNING') this.#to('PENDING');
  }

  #ready(): void {
    if (this.desiredStatus === 'STOPPED') return;
    this.times.startedAt = this.#site.now();
    this.#to('RUNNING');
  }

  #line(stream: 'stdout' | 'stderr', line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
    this.#site.tell({ kind: 'line', at: this.#site.now(), task: this.spec.label, stream, line });
  }

  #ended(end: { exitCode: number } | { notStarted: string }): void {
    if (this.end !== undefined) {
      const exitCode = 'exitCode' in end ? end.exitCode : undefined;
      this.#stopped({ ...this.end, exitCode });
    } else if ('exitCode' in end) {
      const stoppedReason = 'Essential container in task exited';
      this.#stopped({ stopCode: 'EssentialContainerExited', stoppedReason, exitCode: end.exitCode });
    } else {
      const stoppedReason = `CannotStartContainerError: ${end.notStarted}`;
      this.#stopped({ stopCode: 'TaskFailedToStart', stoppedReason, exitCode: undefined });
    }
  }

  #stopped(end: Omit<TaskEnd, 'lastLines'>): void {
    const now = this.#site.now();
    this.end = { ...end, lastLines: [...this.#lines] };
    this.desiredStatus = 'STOPPED';
    this.times.stoppingAt ??= now;
    this.#to('DEPROVISIONING');
    this.times.stoppedAt = now;
    this.#to('STOPPED');
    this.#resolveGone();
  }

  #to(status: TaskStatus): void {
    this.lastStatus = status;
    this.#tell();
    this.#site.changed(this);
  }

  #tell(): void {
    const { lastStatus, desiredStatus, end } = this;
    const over = lastStatus === 'STOPPED' && end !== undefined;
    const { label: task } = this.spec;
    this.#site.tell({
      kind: 'status',
      at: this.#site.now(),
      task,
      lastStatus,
      desiredStatus,
      ...(over && { end }),
    });
  }
}

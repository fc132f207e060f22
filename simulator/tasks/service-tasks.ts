import type { ScheduledEvent } from '../engine/event-queue.ts';
import type { RevisionState, RevisionTasks, TaskWatcher } from '../engine/state.ts';
import type { TaskRun } from './task-run.ts';

export interface ServiceTasksSite {
  start: (changed: (run: TaskRun) => void) => TaskRun;
  /** Does something after so many milliseconds on the simulator's clock. */
  after: (delayMs: number, action: () => void) => ScheduledEvent;
  /** `ecs-svc/<id>`, which the reason of a stop names. */
  deployment: string;
}

/** Pages "Amazon ECS service throttle logic": the wait between two starts grows to at most 27 minutes. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 27 * 60_000;

/** ECS's service scheduler for the tasks of one revision. */
export class ServiceTasks implements RevisionTasks {
  readonly #revision: RevisionState;
  readonly #site: ServiceTasksSite;
  /** Those that are wanted, the oldest first. */
  #runs: TaskRun[] = [];
  readonly #leaving = new Set<TaskRun>();
  #watcher: TaskWatcher | undefined;
  #whenGone: (() => void)[] = [];
  #wanted = 0;
  /** Tasks in a row that ended before they were RUNNING. */
  #failures = 0;
  #waiting: ScheduledEvent[] = [];

  constructor(revision: RevisionState, site: ServiceTasksSite) {
    this.#revision = revision;
    this.#site = site;
  }

  get running(): readonly TaskRun[] {
    return this.#runs.filter(({ lastStatus }) => lastStatus === 'RUNNING');
  }

  get isComplete(): boolean {
    return this.running.length >= this.#wanted;
  }

  watch(watcher: TaskWatcher | undefined): void {
    this.#watcher = watcher;
  }

  whenGone(done: () => void): void {
    if (this.#runs.length === 0 && this.#leaving.size === 0) done();
    else this.#whenGone.push(done);
  }

  scaleTo(count: number): void {
    this.#wanted = count;
    this.#revision.requested = count;
    for (const event of this.#waiting.splice(0)) event.cancel();
    for (const run of this.#runs.slice(count)) {
      run.stop('ServiceSchedulerInitiated', `Scaling activity initiated by (deployment ${this.#site.deployment})`);
    }
    this.#startMissing();
    this.#recount();
  }

  #startMissing(): void {
    while (this.#runs.length + this.#waiting.length < this.#wanted) {
      this.#runs.push(this.#site.start((run) => this.#changed(run)));
    }
  }

  #changed(run: TaskRun): void {
    if (run.lastStatus === 'RUNNING') this.#failures = 0;
    const isOurs = this.#runs.includes(run);
    const asked =
      run.end !== undefined &&
      run.end.stopCode !== 'EssentialContainerExited' &&
      run.end.stopCode !== 'TaskFailedToStart';
    if (isOurs && run.desiredStatus === 'STOPPED') this.#leave(run, asked);
    if (run.lastStatus === 'STOPPED') this.#leaving.delete(run);
    this.#recount();
    if (this.#runs.length > 0 || this.#leaving.size > 0) return;
    for (const done of this.#whenGone.splice(0)) done();
  }

  /** A task goes; another takes its place, at once if it had worked or was stopped on purpose. */
  #leave(run: TaskRun, asked: boolean): void {
    this.#runs = this.#runs.filter((one) => one !== run);
    this.#leaving.add(run);
    const worked = run.times.startedAt !== undefined;
    if (asked || worked) {
      this.#startMissing();
    } else if (this.#runs.length + this.#waiting.length < this.#wanted) {
      const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#failures, LONGEST_WAIT_MS);
      this.#failures += 1;
      const event = this.#site.after(wait, () => {
        this.#waiting = this.#waiting.filter((one) => one !== event);
        this.#startMissing();
        this.#recount();
      });
      this.#waiting.push(event);
    }
    if (!asked) this.#watcher?.failed();
  }

  #recount(): void {
    this.#revision.running = this.running.length;
    this.#revision.pending = this.#runs.length - this.running.length;
    this.#watcher?.changed();
  }
}

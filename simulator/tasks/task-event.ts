/** Which task: `service` and `revision` (its name) of one that a service's scheduler started. */
export interface TaskLabel {
  taskId: string;
  taskArn: string;
  /** `service:<name>`, or what RunTask was given; without that `family:<family>`. */
  group: string;
  service?: string;
  revision?: string;
  revisionId?: string;
}

/** What tasks that are processes do, as they do it. `at` is the simulator's time, milliseconds since the epoch. */
export type TaskEvent =
  | { kind: 'line'; at: number; task: TaskLabel; stream: 'stdout' | 'stderr'; line: string }
  | {
      kind: 'status';
      at: number;
      task: TaskLabel;
      lastStatus: TaskStatus;
      desiredStatus: 'RUNNING' | 'STOPPED';
      /** Of a task that is STOPPED. */
      end?: TaskEnd;
    };

/** The statuses of the page "Task lifecycle" that such a task goes through. */
export type TaskStatus = 'PROVISIONING' | 'PENDING' | 'RUNNING' | 'STOPPING' | 'DEPROVISIONING' | 'STOPPED';

export interface TaskEnd {
  stopCode: 'EssentialContainerExited' | 'UserInitiated' | 'ServiceSchedulerInitiated' | 'TaskFailedToStart';
  stoppedReason: string;
  /** Of the container; 128 and the signal's number when one ended it. Undefined when it never started. */
  exitCode: number | undefined;
  /** The last lines that the program wrote, at most 20. */
  lastLines: readonly string[];
}

import { createHash } from 'node:crypto';
import type { Container, Task } from '@aws-sdk/client-ecs';
import { fargateTask } from '../engine/fargate.ts';
import type { TaskRun } from './task-run.ts';

/** What DescribeTasks shows of a task at this moment (API reference, Task). */
export function describeTask(run: TaskRun, region: string): Task {
  const { spec, lastStatus, desiredStatus, end, times, createdAt } = run;
  const { label, startedBy } = spec;
  return {
    taskArn: label.taskArn,
    clusterArn: spec.clusterArn,
    taskDefinitionArn: spec.taskDefinitionArn,
    group: label.group,
    ...(startedBy === undefined ? {} : { startedBy }),
    lastStatus,
    desiredStatus,
    ...fargateTask(region),
    enableExecuteCommand: false,
    overrides: { containerOverrides: [], inferenceAcceleratorOverrides: [], ...spec.overrides },
    containers: spec.containers.map((_, index) => describeContainer(run, index)),
    createdAt: new Date(createdAt),
    ...dated({ pullStartedAt: createdAt, pullStoppedAt: times.spawnedAt, startedAt: times.startedAt }),
    ...dated({ stoppingAt: times.stoppingAt, stoppedAt: times.stoppedAt }),
    ...dated({ executionStoppedAt: end?.exitCode === undefined ? undefined : times.stoppedAt }),
    ...(end === undefined ? {} : { stopCode: end.stopCode, stoppedReason: end.stoppedReason }),
  };
}

function describeContainer(run: TaskRun, index: number): Container {
  const { spec, lastStatus, end } = run;
  const { name = '', image = '', imageDigest } = spec.containers[index] ?? {};
  const over = lastStatus === 'STOPPED';
  const isProgram = index === 0;
  return {
    containerArn: containerArn(run, index),
    taskArn: spec.label.taskArn,
    name,
    image,
    ...(imageDigest === undefined ? {} : { imageDigest }),
    runtimeId: dockerId(run, index),
    lastStatus: over ? 'STOPPED' : lastStatus === 'RUNNING' || lastStatus === 'STOPPING' ? 'RUNNING' : 'PENDING',
    healthStatus: 'UNKNOWN',
    networkInterfaces: [],
    ...(over && isProgram && end?.exitCode !== undefined ? { exitCode: end.exitCode } : {}),
    ...(over && isProgram && end?.stopCode === 'TaskFailedToStart' ? { reason: end.stoppedReason } : {}),
  };
}

export function containerArn({ spec }: TaskRun, index: number): string {
  const { taskArn, taskId } = spec.label;
  const hex = hashOf(`${taskId}/${index}`);
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return `${taskArn.replace(':task/', ':container/')}/${uuid}`;
}

/** `<task id>-<number>`, as on Fargate. */
export function dockerId({ spec }: TaskRun, index: number): string {
  return `${spec.label.taskId}-${parseInt(hashOf(`${spec.label.taskId}#${index}`).slice(0, 8), 16)}`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function dated<Key extends string>(times: Record<Key, number | undefined>): Partial<Record<Key, Date>> {
  const known = Object.entries<number | undefined>(times).filter(([, time]) => time !== undefined);
  return Object.fromEntries(known.map(([key, time]) => [key, new Date(time ?? 0)])) as Partial<Record<Key, Date>>; // Object.fromEntries forgets the keys
}

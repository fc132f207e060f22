import { DescribeTasksCommand, RunTaskCommand, StopTaskCommand, type Task } from '@aws-sdk/client-ecs';
import { ecs } from '../../shared/aws/ecs.ts';
import { describeError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Task as TaskConfig } from './task-config.ts';

export interface Run {
  cluster: string;
  config: TaskConfig;
  /** At most 64 characters: ECS starts one task for it, however often it is asked within a day. */
  clientToken: string;
  startedBy: string;
}

/** What ECS made of RunTask; `why` is its own word for why there is no task. */
export type Started = { taskArn: string } | { why: string };

/**
 * Starts the task once. ECS answers with the same task when it is asked again with the same token, and with
 * ConflictException, which names that task, when the configuration has changed meanwhile.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
 */
export async function startTask(run: Run, signal: AbortSignal): Promise<Started> {
  try {
    const { tasks, failures } = await ecs.send(new RunTaskCommand(request(run)), { abortSignal: signal });
    const taskArn = tasks?.[0]?.taskArn;
    if (taskArn !== undefined) return { taskArn };
    const [failure] = failures ?? [];
    return { why: `ecs:RunTask: ${failure?.reason ?? 'no task'}${failure?.detail ? ` (${failure.detail})` : ''}` };
  } catch (error) {
    const taskArn = conflicting(error);
    if (taskArn !== undefined) return { taskArn };
    throw error;
  }
}

/** What ECS has started with this token already. By name: the bundle holds no class for each error of the service. */
function conflicting(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ConflictException' || !('resourceIds' in error)) return undefined;
  const [known]: unknown[] = Array.isArray(error.resourceIds) ? error.resourceIds : [];
  return typeof known === 'string' ? known : undefined;
}

function request({ cluster, config, clientToken, startedBy }: Run) {
  const { subnets, securityGroups, assignPublicIp, capacityProviders, launchType, command, environment } = config;
  return {
    cluster,
    taskDefinition: config.taskDefinition,
    clientToken,
    startedBy,
    count: 1,
    ...(launchType && { launchType }),
    ...(capacityProviders && {
      capacityProviderStrategy: capacityProviders.map((capacityProvider, index) => ({
        capacityProvider,
        weight: index === 0 ? 1 : 0,
      })),
    }),
    ...(subnets && {
      networkConfiguration: {
        awsvpcConfiguration: { subnets, assignPublicIp, ...(securityGroups && { securityGroups }) },
      },
    }),
    overrides: {
      containerOverrides: [
        {
          name: config.container,
          ...(command && { command }),
          ...(environment && { environment: Object.entries(environment).map(([name, value]) => ({ name, value })) }),
        },
      ],
    },
  };
}

/** The task, or undefined when ECS does not know it: it forgets one an hour after its end, and may not know it yet. */
export async function describeTask(cluster: string, taskArn: string, signal: AbortSignal): Promise<Task | undefined> {
  const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }), { abortSignal: signal });
  return tasks?.[0];
}

/** Never throws: what was decided does not hang on it. */
export async function stopTask(
  { cluster, taskArn, reason }: { cluster: string; taskArn: string; reason: string },
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  try {
    await ecs.send(new StopTaskCommand({ cluster, task: taskArn, reason }), { abortSignal: signal });
  } catch (error) {
    log.warn('the load test task could not be stopped', { taskArn, trouble: describeError(error) });
  }
}

/** What a stopped task's end says. */
export type Ending = { outcome: 'pass' | 'fail' | 'could-not-run'; reason: string };

/**
 * Only the exit code of a container that ended by itself says something about green: one that somebody stopped, that
 * ran out of memory or whose image was not there has judged nothing.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
 */
export function readEnding(task: Task, { container: name, passExitCodes, failExitCodes }: TaskConfig): Ending {
  const container = task.containers?.find((one) => one.name === name);
  const why = container?.reason ?? task.stoppedReason ?? 'ECS gives no reason';
  if (container === undefined) {
    return { outcome: 'could-not-run', reason: `the task stopped without a container ${name}: ${why}` };
  }
  const { exitCode } = container;
  if (exitCode === undefined || task.stopCode !== 'EssentialContainerExited') {
    return { outcome: 'could-not-run', reason: `${name} stopped with ${task.stopCode ?? 'no stop code'}: ${why}` };
  }
  if (passExitCodes.includes(exitCode)) return { outcome: 'pass', reason: `${name} ended with exit code ${exitCode}` };
  if (failExitCodes.includes(exitCode)) {
    return { outcome: 'fail', reason: `${name} ended with exit code ${exitCode}: a threshold was not kept` };
  }
  const more = container.reason === undefined ? '' : ` (${container.reason})`;
  return { outcome: 'could-not-run', reason: `${name} ended with exit code ${exitCode}${more}` };
}

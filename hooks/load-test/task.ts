import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { describeServiceDeployment } from '../../shared/aws/ecs.ts';
import { putParameter, removeLeftovers } from '../../shared/aws/parameters.ts';
import { ConfigError } from '../../shared/errors.ts';
import { parseJson } from '../../shared/schema.ts';
import { duration } from '../../shared/text.ts';
import { expire, fail, succeed, type Verdict, wait } from '../../shared/verdict.ts';
import { describeTask, type Ending, readEnding, startTask, stopTask } from './container-task.ts';
import { readFolder } from './folder.ts';
import type { Input, State } from './input.ts';
import { deploymentPath, runName, servicePath } from './names.ts';
import { couldNotRun, whyOver } from './outcome.ts';
import type { Task } from './task-config.ts';

const TaskRecord = z.object({ cluster: z.string(), taskArn: z.string() });
export type TaskRecord = z.infer<typeof TaskRecord>;

/** ECS may not know a task for some moments after it has started it. */
const MOST_MISSING = 4;

/** One look at the test that a container makes and judges. */
export async function checkTask(input: Input): Promise<Verdict<State>> {
  const { deployment, config, state, signal } = input;
  const run = state?.run ?? 1;
  const path = `${deploymentPath(config.parameterPrefix, deployment)}/${runName(deployment.stage, run)}`;
  const known = state?.taskArn ?? readTaskRecord((await readFolder(path, signal)).get('task'))?.taskArn;
  const task = checkedTask(input);
  const cluster = task.cluster ?? deployment.cluster;
  if (known === undefined) return start(input, task, run, `${path}/task`);
  return follow(input, task, { run, taskArn: known, cluster });
}

/** @throws ConfigError about what no single key can say */
export function checkedTask({ config, deadline, now }: Pick<Input, 'config' | 'deadline' | 'now'>): Task {
  const { task } = config;
  if (task === undefined) throw new ConfigError('Bad configuration: runner is task, and task is missing');
  if (task.launchType !== undefined && task.capacityProviders !== undefined) {
    throw new ConfigError('Bad configuration: task.launchType and task.capacityProviders exclude each other');
  }
  if (now < deadline && config.maxSeconds > config.timeoutMinutes * 60) {
    const timeout = duration(config.timeoutMinutes * 60_000);
    throw new ConfigError(
      `Bad configuration: maxSeconds ${config.maxSeconds} is more than timeoutMinutes (${timeout})`,
    );
  }
  return task;
}

async function start(input: Input, config: Task, run: number, name: string): Promise<Verdict<State>> {
  const { deployment, now, deadline, signal } = input;
  // A task that begins now would be judged by nobody.
  if (now >= deadline) return expire(input.config.onTimeout, 'The load test is not done: it has not begun', { run });
  const over = whyOver(await describeServiceDeployment(deployment.deploymentArn, signal));
  if (over !== undefined) return succeed(over);
  const cluster = config.cluster ?? deployment.cluster;
  const key = `${deployment.deploymentArn} ${runName(deployment.stage, run)}`;
  const clientToken = createHash('sha256').update(key).digest('hex').slice(0, 48);
  const startedBy = `load-test/${deployment.deploymentId}`.slice(0, 36);
  const started = await startTask({ cluster, config, clientToken, startedBy }, signal);
  if ('why' in started) return couldNotRun(input, run, input.config.maxSeconds * 1000, started.why);
  const { taskArn } = started;
  const value = JSON.stringify({ cluster, taskArn });
  const description = 'Written by the load-test hook: the ECS task that makes the load, so that a rollback can stop it';
  await putParameter({ name, value, description, overwrite: true }, signal);
  return wait(`Started ${config.taskDefinition} as ${taskArn}`, { state: { run, taskArn }, evidence: { taskArn } });
}

interface Followed {
  run: number;
  taskArn: string;
  cluster: string;
}

async function follow(input: Input, config: Task, { run, taskArn, cluster }: Followed): Promise<Verdict<State>> {
  const { now, deadline, signal, log } = input;
  const { maxSeconds, onTimeout } = input.config;
  const stop = (reason: string) => stopTask({ cluster, taskArn, reason }, signal, log);
  const task = await describeTask(cluster, taskArn, signal);
  if (task === undefined) {
    const missing = (input.state?.missing ?? 0) + 1;
    if (missing <= MOST_MISSING && now < deadline) {
      return wait(`ECS does not know ${taskArn} (look ${missing})`, { state: { run, taskArn, missing } });
    }
    return ended(input, run, { outcome: 'could-not-run', reason: `ECS does not know ${taskArn}: MISSING` }, taskArn);
  }
  if (task.lastStatus === 'STOPPED') return ended(input, run, readEnding(task, config), taskArn);
  const since = now.getTime() - (task.createdAt ?? now).getTime();
  const reason = `${taskArn} is ${task.lastStatus ?? 'UNKNOWN'} for ${duration(since)}`;
  if (now >= deadline) {
    await stop('The load-test hook has reached its timeoutMinutes');
    return expire(onTimeout, `The load test is not done: ${reason}`, { taskArn });
  }
  if (since >= maxSeconds * 1000) {
    await stop('The load test has reached its maxSeconds');
    const why = `${reason}, more than maxSeconds ${maxSeconds}; stopped`;
    return ended(input, run, { outcome: 'could-not-run', reason: why }, taskArn);
  }
  // No look later than the one that must stop it.
  const seconds = Math.min(input.config.pollSeconds, Math.max(1, maxSeconds - since / 1000));
  return wait(reason, { state: { run, taskArn }, seconds, evidence: { taskArn } });
}

async function ended(input: Input, run: number, { outcome, reason }: Ending, taskArn: string): Promise<Verdict<State>> {
  const evidence = { taskArn, run };
  if (outcome === 'could-not-run') return couldNotRun(input, run, input.config.maxSeconds * 1000, reason, evidence);
  if (outcome === 'fail') return fail(`Load test: ${reason}`, evidence);
  const { config, deployment, now, signal, log } = input;
  const before = new Date(now.getTime() - config.retainDays * 86_400_000);
  const folder = servicePath(config.parameterPrefix, deployment);
  await removeLeftovers({ folder, deploymentId: deployment.deploymentId, before }, signal, log);
  return succeed(`Load test: ${reason}`, evidence);
}

/** What a run's parameter says of its task; undefined when it says nothing. */
export function readTaskRecord(text: string | undefined): TaskRecord | undefined {
  const record = TaskRecord.safeParse(text === undefined ? undefined : parseJson(text));
  return record.success ? record.data : undefined;
}

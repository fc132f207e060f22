import { defineHook } from '../../shared/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { count } from '../../shared/text.ts';
import { succeed, type Verdict } from '../../shared/verdict.ts';
import { Config } from './config.ts';
import { stopTask } from './container-task.ts';
import { readFolder } from './folder.ts';
import { checkGenerator, stopRun } from './generator.ts';
import { type Input, State } from './input.ts';
import { deploymentPath } from './names.ts';
import { releaseTasks } from './scale.ts';
import { checkTask, readTaskRecord } from './task.ts';

/**
 * Proves that green keeps to its latency and error thresholds under a load that does not wait for it, before a
 * customer sees it. Use it at POST_TEST_TRAFFIC_SHIFT, where the test header leads to green, or at POST_SCALE_UP where
 * green has an address of its own; at TEST_TRAFFIC_SHIFT as well, it stops the load when ECS rolls back. It cannot see
 * what the load does not ask for.
 */
export const hook = defineHook({
  name: 'load-test',
  summary: 'Green keeps to its latency and error thresholds under load, before production traffic reaches it.',
  stages: ['POST_TEST_TRAFFIC_SHIFT', 'POST_SCALE_UP', 'TEST_TRAFFIC_SHIFT'],
  config: Config,
  state: State,
  permissions: [
    'ecs:DescribeServiceDeployments',
    'ecs:DescribeServices',
    'ecs:DescribeTasks',
    'ecs:RunTask',
    'ecs:StopTask',
    'ecs:UpdateService',
    'sqs:SendMessage',
    'ssm:DeleteParameters',
    'ssm:GetParameter',
    'ssm:GetParametersByPath',
    'ssm:PutParameter',
  ],
  check,
  onRollback,
});

export const handler = lambdaHandler(hook);

async function check(input: Input): Promise<Verdict<State>> {
  const { config, deployment, signal } = input;
  if (deployment.stage === 'TEST_TRAFFIC_SHIFT') {
    // Read all the same: that the permission is missing should not come out only in a rollback.
    await readFolder(deploymentPath(config.parameterPrefix, deployment), signal);
    return succeed('No load yet: at TEST_TRAFFIC_SHIFT this hook only stops it when ECS rolls back');
  }
  return config.runner === 'task' ? checkTask(input) : checkGenerator(input);
}

/** Stops every run of the deployment, at whatever stage it was begun. */
async function onRollback(input: Input): Promise<Verdict<State>> {
  const { config, deployment, signal, log } = input;
  const path = deploymentPath(config.parameterPrefix, deployment);
  const folder = await readFolder(path, signal);
  const runs = [...folder.keys()].flatMap((name) => (name.endsWith('/plan') ? [name.slice(0, -'/plan'.length)] : []));
  const tasks = [...folder].flatMap(([name, text]) => (name.endsWith('/task') ? (readTaskRecord(text) ?? []) : []));
  for (const run of runs) await stopRun(input, `${path}/${run}`);
  for (const { cluster, taskArn } of tasks) {
    await stopTask({ cluster, taskArn, reason: 'The deployment is rolled back' }, signal, log);
  }
  await releaseTasks(input);
  return succeed(`Rolling back: ${count(runs.length + tasks.length, 'load test run')} stopped`);
}

import { defineHook } from '../../shared/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { succeed, type Verdict } from '../../shared/verdict.ts';
import { Config, refuseFailOpen } from './config.ts';
import { watch } from './monitor.ts';
import { mend } from './net.ts';
import { type Input, State } from './state.ts';
import { switchBack, switchForward } from './switch.ts';

/**
 * Proves that exactly one revision of a service may take messages off its queues, and that the old one has let go
 * before the new one was named. Use it for headless services, at PRODUCTION_TRAFFIC_SHIFT and
 * POST_PRODUCTION_TRAFFIC_SHIFT. It cannot see workers that do not ask the parameter before they receive.
 */
export const hook = defineHook({
  name: 'consumer-switch',
  summary: 'One revision alone may take messages off the queues: the new one, once the old one has let go.',
  stages: ['PRODUCTION_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT'],
  config: Config,
  layers: refuseFailOpen,
  state: State,
  permissions: [
    'cloudwatch:GetMetricData',
    'ecs:DescribeServiceDeployments',
    'ecs:DescribeServices',
    'ecs:ListServiceDeployments',
    'sqs:GetQueueAttributes',
    'sqs:GetQueueUrl',
    'ssm:DeleteParameters',
    'ssm:GetParameter',
    'ssm:GetParametersByPath',
    'ssm:PutParameter',
  ],
  check,
  onRollback: switchBack,
  onServiceEvent: mend,
});

export const handler = lambdaHandler(hook);

async function check(input: Input): Promise<Verdict<State>> {
  const switched = await switchForward(input);
  if ('verdict' in switched) return switched.verdict;
  const { config, deployment } = input;
  const named = succeed(switched.named, { named: deployment.targetRevisionId });
  if (deployment.stage !== 'POST_PRODUCTION_TRAFFIC_SHIFT' || config.monitor === undefined) return named;
  return watch(input, config.monitor);
}

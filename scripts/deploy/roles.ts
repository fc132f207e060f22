/** What those may do that are no hook: tasks, and ECS itself. Names in `${}` are parameters of the template. */
import type { AnyHook } from '../../shared/hook.ts';
import { placeholders } from './names.ts';
import { arn } from './permissions.ts';
import type { Policy, Statement } from './policies.ts';

/** The namespace of the figures that the generators publish while they run. */
const FIGURES = 'EcsLifecycleHooks/LoadTest';

/** The task role of the traffic generators. */
export const TRAFFIC_GENERATOR: Policy = policyOf([
  allow(
    'Shards',
    ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:ReceiveMessage'],
    arn('sqs', '<LoadQueueName>'),
  ),
  allow(
    'Results',
    ['ssm:DeleteParameters', 'ssm:GetParameter', 'ssm:PutParameter'],
    arn('ssm', 'parameter<ParameterPrefix>/load-test/<Cluster>/<Service>/*'),
  ),
  {
    ...allow('Figures', ['cloudwatch:PutMetricData'], '*'),
    Condition: { StringEquals: { 'cloudwatch:namespace': FIGURES } },
  },
]);

/** What the consumer gate asks for, beside what its worker may do already: the queue is the worker's own affair. */
export const CONSUMER_GATE: Policy = policyOf([
  allow('ActiveRevision', ['ssm:GetParameter'], arn('ssm', 'parameter<ParameterPrefix>/consumer/<Cluster>/<Service>')),
  allow('OwnTask', ['ecs:DescribeTasks'], arn('ecs', 'task/<Cluster>/*')),
]);

/** The role by which ECS invokes the hooks; `:*` is for a hook that names a version or an alias. */
export function invokePolicy(hooks: readonly AnyHook[]): Policy {
  const functions = hooks.flatMap(({ name }) => {
    const own = arn('lambda', `function:<NamePrefix>-${name}`);
    return [own, `${own}:*`];
  });
  return policyOf([{ ...allow('Hooks', ['lambda:InvokeFunction'], ''), Resource: functions }]);
}

/** The keys are compared where ECS sends them: its page on the role shows no condition, so it may send none. */
export const INVOKE_CONDITION = {
  StringEqualsIfExists: { 'aws:SourceAccount': '<AWS::AccountId>' },
  ArnLikeIfExists: { 'aws:SourceArn': 'arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:*' },
};

/**
 * Who may assume the role of the hooks.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-permissions.html
 */
export function invokeTrust(): object {
  const condition = JSON.parse(placeholders(JSON.stringify(INVOKE_CONDITION)));
  const statement = { Effect: 'Allow', Principal: { Service: 'ecs.amazonaws.com' }, Action: 'sts:AssumeRole' };
  return { Version: '2012-10-17', Statement: [{ ...statement, Condition: condition }] };
}

function policyOf(statements: Statement[]): Policy {
  return { Version: '2012-10-17', Statement: statements };
}

function allow(sid: string, actions: string[], resource: string): Statement {
  return { Sid: sid, Effect: 'Allow', Action: actions, Resource: [resource] };
}

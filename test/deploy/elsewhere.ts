/** Questions beside one that a role may ask: the same action somewhere else. None of them must be allowed. */
import type { Question } from './requests.ts';

/** Parts of the path, from 0, that a policy fixes; what comes behind them is the role's own. */
const FIXED: Readonly<Record<string, number>> = {
  'ecr:repository': 1,
  'ecs:service': 2,
  'ecs:service-deployment': 2,
  'ecs:service-revision': 2,
  'ecs:task': 1,
  'ecs:task-definition': 1,
  'iam:role': 1,
  // Prefix, hook, cluster, service.
  'ssm:parameter': 4,
  'sns:': 0,
  'sqs:': 0,
};

/** Context keys by which a policy tells one request from another. */
const OTHERWISE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'ecs:RunTask': { 'ecs:cluster': 'arn:aws:ecs:eu-west-1:123456789012:cluster/another' },
  'iam:PassRole': { 'iam:PassedToService': 'ec2.amazonaws.com' },
  'cloudwatch:PutMetricData': { 'cloudwatch:namespace': 'AWS/ECS' },
};

/** @throws Error when it is not known what fixes such a resource */
export function elsewhere(question: Question): Question[] {
  const { action, resource, context } = question;
  const other = OTHERWISE[action];
  const otherwise = other === undefined ? [] : [{ ...question, context: { ...context, ...other } }];
  if (resource === '*') return otherwise;
  const [head = '', partition = '', service = '', region = '', account = '', ...rest] = resource.split(':');
  const path = rest.join(':');
  const arn = (at: string, of: string, name: string) => [head, partition, service, at, of, name].join(':');
  const moved = [
    arn(region, '210987654321', path),
    ...(region === '' ? [] : [arn('ap-south-1', account, path)]),
    ...otherNames(service, path).map((name) => arn(region, account, name)),
  ];
  return [...otherwise, ...moved.map((one) => ({ ...question, resource: one }))];
}

function otherNames(service: string, path: string): string[] {
  const parts = path.split('/');
  const type = parts.length > 1 ? (parts[0] ?? '') : '';
  // Below the folder of the policies every parameter may be read.
  const fixed = parts[1] === 'ecs-hooks-policy' ? 1 : FIXED[`${service}:${type}`];
  if (fixed === undefined) throw new Error(`which names fix ${service}:${path}?`);
  const from = type === '' ? 0 : 1;
  return parts.flatMap((_, index) => {
    if (index < from || index > fixed) return [];
    // Before and behind, so that no pattern that is too wide gets away with it.
    return [`x${parts[index]}`, behind(parts[index] ?? '')].map((name) => parts.with(index, name).join('/'));
  });
}

/** Another name that begins with the same; a task definition's revision stays behind it. */
function behind(name: string): string {
  const [before = '', ...after] = name.split(':');
  return [`${before}x`, ...after].join(':');
}

/** What no hook and no task may do to what it may look at. */
export const NEVER: Readonly<Record<string, readonly string[]>> = {
  'ecr:repository': ['ecr:BatchDeleteImage', 'ecr:DeleteRepository', 'ecr:PutImage', 'ecr:SetRepositoryPolicy'],
  'ecs:service': ['ecs:DeleteService', 'ecs:CreateService', 'ecs:TagResource'],
  'ecs:service-deployment': ['ecs:ContinueServiceDeployment', 'ecs:StopServiceDeployment'],
  'ecs:task': ['ecs:ExecuteCommand'],
  'sns:': ['sns:DeleteTopic', 'sns:SetTopicAttributes', 'sns:Subscribe'],
  'sqs:': ['sqs:DeleteQueue', 'sqs:PurgeQueue', 'sqs:SetQueueAttributes'],
  'ssm:parameter': ['ssm:DeleteParameter', 'ssm:LabelParameterVersion', 'ssm:AddTagsToResource'],
};

/** The resource's key in NEVER, such as `ecs:service`. */
export function kindOf(resource: string): string {
  const [, , service = '', , , ...rest] = resource.split(':');
  const path = rest.join(':');
  return `${service}:${path.includes('/') ? path.slice(0, path.indexOf('/')) : ''}`;
}

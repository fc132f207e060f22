/** What IAM is asked when an AWS call is made: its action, each resource that the action needs, and what is in the context. */
import type { AwsCall } from '../../simulator/aws/dispatch.ts';

export interface Place {
  partition: string;
  region: string;
  accountId: string;
}

/** One question to IAM; a call with several resources is several of them, and all must be allowed. */
export interface Question {
  action: string;
  resource: string;
  context: Readonly<Record<string, string>>;
}

type Input = Readonly<Record<string, unknown>>;
type Mapping = (input: Input, at: Names) => Omit<Question, 'action'>[] | Question[];

/**
 * Role of the task definitions that the plays run. RunTask asks for iam:PassRole on each role of the task definition
 * ("Amazon ECS task execution IAM role" and "Amazon ECS task IAM role").
 */
const TASK_ROLE = 'k6-task';

/** Names of AWS things as ARNs of one account and Region. */
class Names {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  arn(service: string, resource: string, account = this.#place.accountId): string {
    const region = service === 'iam' ? '' : this.#place.region;
    return `arn:${this.#place.partition}:${service}:${region}:${account}:${resource}`;
  }

  /** `cluster` is a name or an ARN, as ECS takes both. */
  cluster(cluster: unknown): string {
    return this.arn('ecs', `cluster/${lastOf(text(cluster))}`);
  }

  service(cluster: unknown, service: unknown): string {
    const name = text(service);
    return name.startsWith('arn:') ? name : this.arn('ecs', `service/${lastOf(text(cluster))}/${name}`);
  }

  task(cluster: unknown, task: unknown): string {
    const name = text(task);
    return name.startsWith('arn:') ? name : this.arn('ecs', `task/${lastOf(text(cluster))}/${name}`);
  }

  /** With `:version` or `:label` behind the name, IAM looks at the parameter alone. */
  parameter(name: unknown): string {
    const [plain = ''] = text(name).split(':');
    return this.arn('ssm', `parameter${plain.startsWith('/') ? '' : '/'}${plain}`);
  }

  queue(url: unknown): string {
    const [account = '', name = ''] = new URL(text(url)).pathname.split('/').filter(Boolean);
    return this.arn('sqs', name, account);
  }
}

/** `service-deployment/C/S/<id>` and `service-revision/C/S/<id>`: IAM lists the service as required beside it. */
const withService =
  (key: string): Mapping =>
  (input, at) =>
    list(input[key]).flatMap((arn) => {
      const [, cluster = '', service = ''] = arn.slice(arn.lastIndexOf(':') + 1).split('/');
      const context = { 'ecs:cluster': at.cluster(cluster) };
      const whole = at.service(cluster, service);
      return [
        { resource: arn, context: { ...context, 'ecs:service': whole } },
        { resource: whole, context },
      ];
    });

const service: Mapping = ({ cluster, service: name }, at) => {
  const resource = at.service(cluster, name);
  return [{ resource, context: { 'ecs:cluster': at.cluster(resource.split('/')[1]) } }];
};
const repository: Mapping = ({ repositoryName, registryId }, at) => [
  { resource: at.arn('ecr', `repository/${text(repositoryName)}`, optional(registryId)), context: {} },
];
const parameter: Mapping = ({ Name }, at) => [{ resource: at.parameter(Name), context: {} }];
const queue: Mapping = ({ QueueUrl }, at) => [{ resource: at.queue(QueueUrl), context: {} }];
const nothing: Mapping = () => [{ resource: '*', context: {} }];

/**
 * By service and operation as a client calls them: resources and context keys of the Service Authorization Reference
 * ("Actions, resources, and condition keys for …"). Operations whose name is not their action's have `ACTIONS`.
 */
const TABLE: Readonly<Record<string, Mapping>> = {
  'ecr:BatchGetImage': repository,
  'ecr:DescribeImageScanFindings': repository,
  'ecr:DescribeImages': repository,
  'ecr:DescribeRepositories': ({ repositoryNames, registryId }, at) =>
    list(repositoryNames).map((name) => ({
      resource: at.arn('ecr', `repository/${name}`, optional(registryId)),
      context: {},
    })),
  'ecs:DescribeServiceDeployments': withService('serviceDeploymentArns'),
  'ecs:DescribeServiceRevisions': withService('serviceRevisionArns'),
  'ecs:DescribeServices': ({ cluster, services }, at) =>
    list(services).flatMap((name) => service({ cluster, service: name }, at)),
  'ecs:DescribeTaskDefinition': nothing,
  'ecs:DescribeTasks': ({ cluster, tasks }, at) =>
    list(tasks).map((task) => ({ resource: at.task(cluster, task), context: { 'ecs:cluster': at.cluster(cluster) } })),
  'ecs:ListServiceDeployments': service,
  'ecs:RunTask': ({ cluster, taskDefinition }, at) => [
    {
      action: 'ecs:RunTask',
      resource: at.arn('ecs', `task-definition/${revisionOf(text(taskDefinition))}`),
      context: { 'ecs:cluster': at.cluster(cluster) },
    },
    {
      action: 'iam:PassRole',
      resource: at.arn('iam', `role/${TASK_ROLE}`),
      context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    },
  ],
  'ecs:StopTask': ({ cluster, task }, at) => [
    { resource: at.task(cluster, task), context: { 'ecs:cluster': at.cluster(cluster) } },
  ],
  'ecs:UpdateService': service,
  'monitoring:GetMetricData': nothing,
  'monitoring:PutMetricData': ({ Namespace }) => [
    { resource: '*', context: { 'cloudwatch:namespace': text(Namespace) } },
  ],
  'sns:Publish': ({ TopicArn }) => [{ resource: text(TopicArn), context: {} }],
  'sqs:ChangeMessageVisibility': queue,
  'sqs:ChangeMessageVisibilityBatch': queue,
  'sqs:DeleteMessage': queue,
  'sqs:DeleteMessageBatch': queue,
  'sqs:GetQueueAttributes': queue,
  'sqs:GetQueueUrl': ({ QueueName, QueueOwnerAWSAccountId }, at) => [
    { resource: at.arn('sqs', text(QueueName), optional(QueueOwnerAWSAccountId)), context: {} },
  ],
  'sqs:ReceiveMessage': queue,
  'sqs:SendMessage': queue,
  'sqs:SendMessageBatch': queue,
  'ssm:DeleteParameters': ({ Names: names }, at) =>
    list(names).map((name) => ({ resource: at.parameter(name), context: {} })),
  'ssm:GetParameter': parameter,
  'ssm:GetParameterHistory': parameter,
  'ssm:GetParametersByPath': ({ Path, Recursive }, at) => [
    { resource: at.parameter(Path), context: { 'ssm:Recursive': String(Recursive ?? false) } },
  ],
  'ssm:PutParameter': ({ Name, Overwrite }, at) => [
    { resource: at.parameter(Name), context: { 'ssm:Overwrite': String(Overwrite ?? false) } },
  ],
};

/** Operations without an action of their own, and a service whose credential scope is not its prefix in IAM. */
const ACTIONS: Readonly<Record<string, string>> = {
  'monitoring:GetMetricData': 'cloudwatch:GetMetricData',
  'monitoring:PutMetricData': 'cloudwatch:PutMetricData',
  'sqs:ChangeMessageVisibilityBatch': 'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessageBatch': 'sqs:DeleteMessage',
  'sqs:SendMessageBatch': 'sqs:SendMessage',
};

/** The action that a call needs, of IAM. */
export function actionOf({ service: id, operation }: Pick<AwsCall, 'service' | 'operation'>): string {
  const name = `${id}:${operation}`;
  return ACTIONS[name] ?? name;
}

/** @throws Error when no row of the table is about the call, or it names no resource */
export function questionsOf(call: Pick<AwsCall, 'service' | 'operation' | 'input'>, place: Place): Question[] {
  const name = `${call.service}:${call.operation}`;
  const mapping = TABLE[name];
  if (mapping === undefined) throw new Error(`${name} was called: give it a row in test/deploy/requests.ts`);
  const questions = mapping(call.input, new Names(place));
  if (questions.length === 0) throw new Error(`${name} names no resource: ${JSON.stringify(call.input)}`);
  return questions.map((question) => ({ action: actionOf(call), ...question }));
}

/** RunTask takes the newest revision where none is named, and IAM looks at that. */
function revisionOf(taskDefinition: string): string {
  const name = lastOf(taskDefinition);
  return name.includes(':') ? name : `${name}:7`;
}

function lastOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

function text(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new Error(`a name is missing: ${JSON.stringify(value)}`);
  return value;
}

function optional(value: unknown): string | undefined {
  return value === undefined ? undefined : text(value);
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(text) : [];
}

/** What the Terraform module plans, in the words of CloudFormation, so that it can be held against the SAM template. */
import { logicalId } from '../../scripts/deploy/names.ts';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import { inOneForm } from './one-form.ts';
import { decoded, type Planned } from './terraform-plan.ts';

interface Kind {
  type: string;
  /** The logical id in the template, of a resource's key. */
  id: (key: string) => string;
  /** CloudFormation's properties by Terraform's arguments; `''` for those that only Terraform has. */
  as: Readonly<Record<string, string>>;
}

const ofHook = (kind: string) => (key: string) => `${logicalId(key)}${kind}`;
const fixed = (id: string) => () => id;

const LOGS = { name: 'LogGroupName', retention_in_days: 'RetentionInDays' };
const ROLE = { name: '', description: 'Description', assume_role_policy: 'AssumeRolePolicyDocument' };
const QUEUE = {
  name: 'QueueName',
  message_retention_seconds: 'MessageRetentionPeriod',
  sqs_managed_sse_enabled: 'SqsManagedSseEnabled',
  visibility_timeout_seconds: 'VisibilityTimeout',
  redrive_policy: 'RedrivePolicy',
};
const ALARM = {
  alarm_name: 'AlarmName',
  alarm_description: 'AlarmDescription',
  namespace: 'Namespace',
  metric_name: 'MetricName',
  dimensions: 'Dimensions',
  statistic: 'Statistic',
  period: 'Period',
  evaluation_periods: 'EvaluationPeriods',
  threshold: 'Threshold',
  comparison_operator: 'ComparisonOperator',
  treat_missing_data: 'TreatMissingData',
  alarm_actions: 'AlarmActions',
};
const RULE = {
  name: '',
  description: 'Description',
  event_pattern: 'EventPattern',
  schedule_expression: 'ScheduleExpression',
};
const PERMISSION = {
  action: 'Action',
  function_name: 'FunctionName',
  principal: 'Principal',
  source_arn: 'SourceArn',
};

/** By type and name of the module's resources. Those that are part of another are in `PARTS`. */
const KINDS: Readonly<Record<string, Kind>> = {
  'aws_cloudwatch_log_group.hook': { type: 'AWS::Logs::LogGroup', id: ofHook('Logs'), as: LOGS },
  'aws_cloudwatch_log_group.generator': { type: 'AWS::Logs::LogGroup', id: fixed('GeneratorLogs'), as: LOGS },
  'aws_iam_role.invoke': { type: 'AWS::IAM::Role', id: fixed('InvokeRole'), as: ROLE },
  'aws_iam_role.hook': { type: 'AWS::IAM::Role', id: ofHook('Role'), as: ROLE },
  'aws_iam_role.generator_task': { type: 'AWS::IAM::Role', id: fixed('GeneratorTaskRole'), as: ROLE },
  'aws_iam_role.generator_execution': { type: 'AWS::IAM::Role', id: fixed('GeneratorExecutionRole'), as: ROLE },
  'aws_iam_policy.consumer_gate': {
    type: 'AWS::IAM::ManagedPolicy',
    id: fixed('ConsumerGatePolicy'),
    as: { name: '', description: 'Description', policy: 'PolicyDocument' },
  },
  'aws_lambda_function.hook': {
    type: 'AWS::Serverless::Function',
    id: ofHook('Function'),
    as: {
      function_name: 'FunctionName',
      description: 'Description',
      filename: 'CodeUri',
      source_code_hash: '',
      handler: 'Handler',
      runtime: 'Runtime',
      architectures: 'Architectures',
      memory_size: 'MemorySize',
      timeout: 'Timeout',
      role: 'Role',
      environment: 'Environment',
    },
  },
  'aws_cloudwatch_metric_alarm.hook': {
    type: 'AWS::CloudWatch::Alarm',
    id: (key) => logicalId(key),
    as: ALARM,
  },
  'aws_cloudwatch_metric_alarm.lost_events': {
    type: 'AWS::CloudWatch::Alarm',
    id: ofHook('LostEventsAlarm'),
    as: ALARM,
  },
  'aws_cloudwatch_event_rule.events': { type: 'AWS::Events::Rule', id: ofHook('Events'), as: RULE },
  'aws_cloudwatch_event_rule.schedule': { type: 'AWS::Events::Rule', id: fixed('ConsumerSwitchSchedule'), as: RULE },
  'aws_lambda_permission.events': { type: 'AWS::Lambda::Permission', id: ofHook('EventsPermission'), as: PERMISSION },
  'aws_lambda_permission.schedule': {
    type: 'AWS::Lambda::Permission',
    id: fixed('ConsumerSwitchSchedulePermission'),
    as: PERMISSION,
  },
  'aws_lambda_function_event_invoke_config.events': {
    type: 'AWS::Lambda::EventInvokeConfig',
    id: ofHook('EventInvokeConfig'),
    as: {
      function_name: 'FunctionName',
      qualifier: 'Qualifier',
      maximum_retry_attempts: 'MaximumRetryAttempts',
      destination_config: 'DestinationConfig',
    },
  },
  'aws_sqs_queue.lost_events': { type: 'AWS::SQS::Queue', id: ofHook('LostEvents'), as: QUEUE },
  'aws_sqs_queue.load': { type: 'AWS::SQS::Queue', id: fixed('LoadQueue'), as: QUEUE },
  'aws_sqs_queue.load_dead_letters': { type: 'AWS::SQS::Queue', id: fixed('LoadDeadLetters'), as: QUEUE },
  'aws_sqs_queue_policy.lost_events': {
    type: 'AWS::SQS::QueuePolicy',
    id: ofHook('LostEventsPolicy'),
    as: { queue_url: 'Queues', policy: 'PolicyDocument' },
  },
  'aws_sns_topic.approval': { type: 'AWS::SNS::Topic', id: fixed('ApprovalTopic'), as: { name: 'TopicName' } },
  'aws_ecs_task_definition.generator': {
    type: 'AWS::ECS::TaskDefinition',
    id: fixed('GeneratorTask'),
    as: {
      family: 'Family',
      requires_compatibilities: 'RequiresCompatibilities',
      network_mode: 'NetworkMode',
      cpu: 'Cpu',
      memory: 'Memory',
      task_role_arn: 'TaskRoleArn',
      execution_role_arn: 'ExecutionRoleArn',
      runtime_platform: 'RuntimePlatform',
      container_definitions: 'ContainerDefinitions',
    },
  },
  'aws_ecs_service.generator': {
    type: 'AWS::ECS::Service',
    id: fixed('GeneratorTasks'),
    as: {
      name: 'ServiceName',
      cluster: 'Cluster',
      task_definition: 'TaskDefinition',
      launch_type: 'LaunchType',
      desired_count: 'DesiredCount',
      network_configuration: 'NetworkConfiguration',
      service_connect_configuration: 'ServiceConnectConfiguration',
    },
  },
};

/** Resources that are a part of another: which one, and what they add to it. */
const PARTS: Readonly<Record<string, (values: JsonObject) => JsonObject>> = {
  'aws_iam_role_policy.invoke': policies,
  'aws_iam_role_policy.hook': policies,
  'aws_iam_role_policy.generator_task': policies,
  'aws_iam_role_policy_attachment.generator_execution': ({ policy_arn }) => ({ ManagedPolicyArns: [policy_arn] }),
  'aws_cloudwatch_event_target.events': target,
  'aws_cloudwatch_event_target.schedule': target,
};
const OWNERS: Readonly<Record<string, string>> = {
  aws_iam_role_policy: 'aws_iam_role',
  aws_iam_role_policy_attachment: 'aws_iam_role',
  aws_cloudwatch_event_target: 'aws_cloudwatch_event_rule',
};

/** Where the two spell a value otherwise, and mean the same. */
const VALUES: Readonly<Record<string, (value: unknown) => unknown>> = {
  Dimensions: (value) => Object.entries(Object(value)).map(([Name, Value]) => ({ Name, Value })),
  CodeUri: (value) => String(value).replace(/^.*\/dist\//, '../dist/'),
  Queues: (value) => [value],
  Environment: (value) => ({ Variables: only(value).variables }),
  DestinationConfig: (value) => ({ OnFailure: { Destination: only(only(value).on_failure).destination } }),
  RuntimePlatform: (value) => pascal(only(value)),
  // The provider takes ARNs of clusters.
  Cluster: (value) => String(value).replace(/^arn:aws:ecs:eu-west-1:123456789012:cluster\//, ''),
  ContainerDefinitions: (value) => pascal(value),
  NetworkConfiguration: (value) => {
    const { assign_public_ip: isPublic, ...rest } = only(value);
    return {
      AwsvpcConfiguration: { AssignPublicIp: isPublic === true ? 'ENABLED' : 'DISABLED', ...Object(pascal(rest)) },
    };
  },
  ServiceConnectConfiguration: (value) => pascal(only(value)),
};

/** @throws Error when the module has a resource or an argument that this does not know */
export function asTemplate(planned: readonly Planned[]): Record<string, { type: string; properties: unknown }> {
  const found: Record<string, { type: string; properties: JsonObject }> = {};
  for (const { type, name, key, values } of planned) {
    const kind = KINDS[`${type}.${name}`];
    if (kind === undefined) continue;
    found[kind.id(String(key))] = { type: kind.type, properties: propertiesOf(kind, values) };
  }
  for (const { type, name, key, values } of planned) {
    if (KINDS[`${type}.${name}`] !== undefined) continue;
    const part = PARTS[`${type}.${name}`]?.(values);
    const owner = found[KINDS[`${OWNERS[type]}.${name}`]?.id(String(key)) ?? ''];
    if (part === undefined || owner === undefined) throw new Error(`this test does not know ${type}.${name}`);
    owner.properties = { ...owner.properties, ...part };
  }
  const named = JSON.parse(inTheirNames(JSON.stringify(found)));
  return Object.fromEntries(
    Object.entries(found).map(([id, { type }]) => [id, { type, properties: comparable(named[id].properties) }]),
  );
}

/** Texts that hold JSON are compared as what they say. */
export function comparable(properties: unknown): unknown {
  return inOneForm(decoded(properties));
}

function propertiesOf({ as, type }: Kind, values: JsonObject): JsonObject {
  const entries = Object.entries(values).flatMap(([argument, value]): [string, unknown][] => {
    const property = as[argument];
    if (property === undefined && !['arn', 'id', 'url'].includes(argument))
      throw new Error(`${type}: ${argument} is not known`);
    if (property === undefined || property === '') return [];
    return [[property, VALUES[property]?.(decoded(value)) ?? decoded(value)]];
  });
  return Object.fromEntries(entries);
}

function policies({ name, policy }: JsonObject): JsonObject {
  return { Policies: [{ PolicyName: name, PolicyDocument: decoded(policy) }] };
}

function target({ target_id, arn, input, dead_letter_config }: JsonObject): JsonObject {
  const DeadLetterConfig = { Arn: only(dead_letter_config).arn };
  return { Targets: [{ Id: target_id, Arn: arn, DeadLetterConfig, ...(input !== undefined && { Input: input }) }] };
}

/** `aws_sqs_queue.load.arn` is `LoadQueue.Arn`; its id and its URL are what Ref gives. */
function inTheirNames(text: string): string {
  return text.replace(
    /(aws_\w+\.[a-z_]+)(?:-([a-z0-9-]+))?\.(arn|id|url)\b/g,
    (whole, address: string, key = '', attribute) => {
      const id = KINDS[address]?.id(key);
      if (id === undefined) return whole;
      // CloudFormation's Ref of a task definition is its ARN.
      return attribute === 'arn' && id !== 'GeneratorTask' ? `${id}.Arn` : id;
    },
  );
}

/** The one block of its kind. */
function only(value: unknown): JsonObject {
  const [one] = Array.isArray(value) ? value : [value];
  return isJsonObject(one) ? one : {};
}

function pascal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pascal);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const own = key.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
      // Names of the log driver's own.
      return [key.startsWith('awslogs') ? key : own, pascal(item)];
    }),
  );
}

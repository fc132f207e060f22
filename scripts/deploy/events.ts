import type { AnyHook } from '../../shared/hook.ts';
import { alarmAtOnce, attribute, either, logicalId, NOTHING, ref, sub, type Value } from './names.ts';

type Properties = { [key: string]: Value };
type Resource = (type: string, properties: Properties) => Properties;

const IN_ACCOUNT = 'arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>';

/**
 * How ECS's events come to a hook that takes them, and where those stay that it could not be given.
 * By cluster and service, never by the ARN of a service in the same stack, which would wait for the rule.
 */
export function eventResources(hook: AnyHook, resource: Resource): Record<string, Value> {
  const id = logicalId(hook.name);
  const target = {
    Id: hook.name,
    Arn: attribute(`${id}Function`, 'Arn'),
    DeadLetterConfig: { Arn: attribute(`${id}LostEvents`, 'Arn') },
  };
  return {
    [`${id}Events`]: resource('AWS::Events::Rule', {
      Description: `What ECS tells of deployments, to the hook ${hook.name}`,
      EventPattern: {
        source: ['aws.ecs'],
        'detail-type': ['ECS Deployment State Change', 'ECS Hook State Change'],
        resources: [
          { wildcard: sub(`${IN_ACCOUNT}:service/<Cluster>/<Service>`) },
          { wildcard: sub(`${IN_ACCOUNT}:service-deployment/<Cluster>/<Service>/*`) },
        ],
      },
      Targets: [target],
    }),
    [`${id}EventsPermission`]: permission(id, 'Events', resource),
    ...schedule(id, target, resource),
    ...lostEvents(hook, resource),
  };
}

/** For an end of which ECS sends no event. */
function schedule(id: string, target: Properties, resource: Resource): Record<string, Value> {
  const event = {
    source: 'aws.ecs',
    'detail-type': 'ECS Deployment State Change',
    resources: [`${IN_ACCOUNT}:service/<Cluster>/<Service>`],
  };
  const timed: Resource = (type, properties) => ({
    ...resource(type, properties),
    Condition: `Schedules${id}`,
  });
  return {
    [`${id}Schedule`]: timed('AWS::Events::Rule', {
      Description: 'Looks whether the service is served, event or not',
      ScheduleExpression: ref(`${id}ScheduleExpression`),
      Targets: [{ ...target, Input: sub(JSON.stringify(event)) }],
    }),
    [`${id}SchedulePermission`]: permission(id, 'Schedule', timed),
  };
}

function permission(id: string, rule: string, resource: Resource): Value {
  return resource('AWS::Lambda::Permission', {
    Action: 'lambda:InvokeFunction',
    FunctionName: ref(`${id}Function`),
    Principal: 'events.amazonaws.com',
    SourceArn: attribute(`${id}${rule}`, 'Arn'),
  });
}

/**
 * Lambda invokes twice more, after one minute and after two, and EventBridge tries to hand over for a day; what is left
 * goes to a queue, and an alarm tells of it.
 */
function lostEvents({ name }: AnyHook, resource: Resource): Record<string, Value> {
  const id = logicalId(name);
  const queue = attribute(`${id}LostEvents`, 'Arn');
  const rules = [attribute(`${id}Events`, 'Arn'), either(`Schedules${id}`, attribute(`${id}Schedule`, 'Arn'), NOTHING)];
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queue,
    Condition: { ArnEquals: { 'aws:SourceArn': rules } },
  };
  return {
    [`${id}LostEvents`]: resource('AWS::SQS::Queue', {
      QueueName: sub(`<NamePrefix>-${name}-lost-events`),
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
    }),
    [`${id}LostEventsPolicy`]: resource('AWS::SQS::QueuePolicy', {
      Queues: [ref(`${id}LostEvents`)],
      PolicyDocument: { Version: '2012-10-17', Statement: [statement] },
    }),
    [`${id}EventInvokeConfig`]: resource('AWS::Lambda::EventInvokeConfig', {
      FunctionName: ref(`${id}Function`),
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: queue } },
    }),
    [`${id}LostEventsAlarm`]: resource(
      'AWS::CloudWatch::Alarm',
      alarmAtOnce({
        AlarmName: sub(`<NamePrefix>-${name}-lost-events`),
        AlarmDescription: `The lifecycle hook ${name} could not deal with an event of ECS: see its log`,
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: attribute(`${id}LostEvents`, 'QueueName') }],
        Statistic: 'Maximum',
      }),
    ),
  };
}

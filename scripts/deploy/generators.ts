import { statementValue, trust } from './functions.ts';
import { attribute, either, NOTHING, ref, sub, VARIABLES, type Value } from './names.ts';
import { TRAFFIC_GENERATOR } from './roles.ts';

const IN_ACCOUNT = '<AWS::Region>:<AWS::AccountId>';

/** The traffic generators: an ECS service that is a client of Service Connect, its queue, its roles. */
export function generatorResources(): Record<string, Value> {
  return {
    LoadDeadLetters: made('AWS::SQS::Queue', {
      QueueName: sub('<NamePrefix>-load-dead-letters'),
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
    }),
    LoadQueue: made('AWS::SQS::Queue', {
      QueueName: sub('<NamePrefix>-load'),
      SqsManagedSseEnabled: true,
      // The generators hide each message themselves; one that is busy elsewhere comes back every minute or so.
      VisibilityTimeout: 60,
      MessageRetentionPeriod: 86_400,
      RedrivePolicy: { deadLetterTargetArn: attribute('LoadDeadLetters', 'Arn'), maxReceiveCount: 100 },
    }),
    GeneratorLogs: made('AWS::Logs::LogGroup', {
      LogGroupName: sub('/ecs/<NamePrefix>-traffic-generator'),
      RetentionInDays: ref('LogRetentionDays'),
    }),
    GeneratorTaskRole: made('AWS::IAM::Role', {
      Description: 'What a traffic generator may do',
      AssumeRolePolicyDocument: trust('ecs-tasks.amazonaws.com', ofAccount()),
      Policies: [{ PolicyName: 'traffic-generator', PolicyDocument: taskPolicy() }],
    }),
    GeneratorExecutionRole: made('AWS::IAM::Role', {
      Description: 'What ECS may do to start a traffic generator',
      AssumeRolePolicyDocument: trust('ecs-tasks.amazonaws.com', ofAccount()),
      ManagedPolicyArns: [sub('arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy')],
    }),
    GeneratorTask: made('AWS::ECS::TaskDefinition', taskDefinition()),
    GeneratorTasks: made('AWS::ECS::Service', service()),
  };
}

/** "Confused deputy prevention" of the ECS page on task roles. */
function ofAccount(): Value {
  return {
    StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') },
    ArnLike: { 'aws:SourceArn': sub(`arn:<AWS::Partition>:ecs:${IN_ACCOUNT}:*`) },
  };
}

function made(type: string, properties: { [key: string]: Value }): Value {
  return { Type: type, Condition: 'WithTrafficGenerator', Properties: properties };
}

function taskPolicy(): Value {
  const statements = TRAFFIC_GENERATOR.Statement.map((statement) =>
    statementValue({ statement, when: undefined }, VARIABLES),
  );
  return { Version: '2012-10-17', Statement: statements };
}

function taskDefinition(): { [key: string]: Value } {
  const environment = {
    QUEUE_URL: ref('LoadQueue'),
    ALLOWED_TARGETS: ref('AllowedTargets'),
    PARAMETER_PREFIX: ref('ParameterPrefix'),
  };
  const awslogs = {
    'awslogs-group': ref('GeneratorLogs'),
    'awslogs-region': ref('AWS::Region'),
    'awslogs-stream-prefix': 'shard',
  };
  return {
    Family: sub('<NamePrefix>-traffic-generator'),
    RequiresCompatibilities: ['FARGATE'],
    NetworkMode: 'awsvpc',
    // 1,000 to 2,000 requests a second; Fargate gives one vCPU no less than 2 GB.
    Cpu: '1024',
    Memory: '2048',
    RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
    TaskRoleArn: attribute('GeneratorTaskRole', 'Arn'),
    ExecutionRoleArn: attribute('GeneratorExecutionRole', 'Arn'),
    ContainerDefinitions: [
      {
        Name: 'traffic-generator',
        Image: ref('GeneratorImage'),
        Essential: true,
        StopTimeout: 30,
        Environment: Object.entries(environment).map(([Name, value]) => ({ Name, Value: value })),
        LogConfiguration: { LogDriver: 'awslogs', Options: awslogs },
      },
    ],
  };
}

/** No task runs until a test asks for it: load-test owns the desired count. */
function service(): { [key: string]: Value } {
  return {
    ServiceName: sub('<NamePrefix>-traffic-generator'),
    Cluster: VARIABLES.LoadTestCluster ?? ref('Cluster'),
    TaskDefinition: ref('GeneratorTask'),
    LaunchType: 'FARGATE',
    DesiredCount: 0,
    NetworkConfiguration: {
      AwsvpcConfiguration: {
        AssignPublicIp: 'DISABLED',
        Subnets: ref('GeneratorSubnets'),
        SecurityGroups: either('HasGeneratorSecurityGroups', ref('GeneratorSecurityGroups'), NOTHING),
      },
    },
    ServiceConnectConfiguration: { Enabled: true, Namespace: ref('GeneratorNamespace') },
  };
}

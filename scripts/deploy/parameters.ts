import type { AnyHook } from '../../shared/hook.ts';
import { logicalId, ref, type Value } from './names.ts';

/** A parameter of the template. */
export type Parameter = {
  Type?: 'String' | 'Number' | 'CommaDelimitedList';
  Description: string;
  Default?: string | number;
  AllowedValues?: (string | number)[];
  AllowedPattern?: string;
  MinLength?: number;
};

const SWITCH = ['true', 'false'];
/** Names of clusters and services go into ARNs and into EventBridge's wildcards, which take no two stars in a row. */
const PATTERN = { AllowedPattern: '\\*?([A-Za-z0-9_-]+\\*)*[A-Za-z0-9_-]*', MinLength: 1 };
const OPTIONAL_NAME = '[A-Za-z0-9_-]*';

/** Those that do not hang on which hooks there are. */
const COMMON: Readonly<Record<string, Parameter>> = {
  NamePrefix: {
    Description: 'What the names of functions, queues and alarms begin with; one stack each in a Region',
    Default: 'ecs-hooks',
    AllowedPattern: '[a-z][a-z0-9-]{0,30}',
  },
  Cluster: {
    Description: 'Name of the ECS cluster whose services use the hooks; * stands for any characters',
    ...PATTERN,
  },
  Service: {
    Description: 'Name of the service, or a pattern such as shop-*: the roles may look at no other',
    Default: '*',
    ...PATTERN,
  },
  ParameterPrefix: {
    Description: 'Where the hooks keep their parameters in Parameter Store',
    Default: '/ecs-hooks',
    AllowedPattern: '(/[A-Za-z0-9_.-]+){1,8}',
  },
  PolicyParameters: {
    Description:
      'The parameters that a HOOK_POLICY of the form ssm:NAME may name, with * as a pattern; keep them outside ParameterPrefix',
    Default: '/ecs-hooks-policy/*',
    AllowedPattern: '(/[A-Za-z0-9_.*-]+)+',
  },
  LogRetentionDays: {
    Type: 'Number',
    Description: 'How long the logs are kept',
    Default: 30,
    AllowedValues: [
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
    ],
  },
  AlarmTopicArn: { Description: 'SNS topic of the alarms; empty: the alarms tell nobody', Default: '' },
  RestrictInvokeRole: {
    Description:
      "Whether ECS may assume the role for this account's ECS resources only, where it says for which; if ECS is unable to assume it, set false",
    Default: 'true',
    AllowedValues: SWITCH,
  },
  Repositories: {
    Description: 'admission: the ECR repositories of this account and Region that it may read, * as a pattern',
    Default: '*',
  },
  EnhancedScanning: {
    Description: 'admission: the registry uses enhanced scanning (Amazon Inspector)',
    Default: 'false',
    AllowedValues: SWITCH,
  },
  ApprovalTopicName: {
    Description: 'approval: an SNS topic of this account and Region; empty: the stack makes one',
    Default: '',
  },
  WorkQueues: {
    Description:
      'consumer-switch: the queues that it may look at and their dead-letter queues, * as a pattern, such as sightings*; empty: none',
    Default: '',
  },
  ConsumerSwitchScheduleExpression: {
    Description:
      'consumer-switch: looks after the service on this schedule too, such as rate(15 minutes); Cluster and Service are then no patterns; empty: on events alone',
    Default: '',
  },
  LoadTestCluster: {
    Description:
      'load-test: the cluster of the traffic generators, or of the task; empty: Cluster, which is then no pattern',
    Default: '',
    AllowedPattern: OPTIONAL_NAME,
  },
  LoadQueueName: { Description: "load-test: the generators' queue, if the stack makes none", Default: '' },
  GeneratorService: {
    Description: "load-test: the generators' service, if the stack makes none; empty: no service is scaled",
    Default: '',
    AllowedPattern: OPTIONAL_NAME,
  },
  LoadTestTaskFamily: {
    Description: 'load-test with runner task: the family of the task definition; empty: no task may be run',
    Default: '',
  },
  LoadTestTaskRoles: {
    Description: 'load-test with runner task: the names of the roles in the task definition, * as a pattern',
    Default: '',
  },
  TrafficGenerator: {
    Description: 'Whether the stack makes the traffic generators, with their queue',
    Default: 'false',
    AllowedValues: SWITCH,
  },
  GeneratorImage: { Description: 'traffic generator: its image', Default: '' },
  GeneratorNamespace: { Description: 'traffic generator: the Service Connect namespace, name or ARN', Default: '' },
  GeneratorSubnets: { Type: 'CommaDelimitedList', Description: 'traffic generator: subnets', Default: '' },
  GeneratorSecurityGroups: {
    Type: 'CommaDelimitedList',
    Description: 'traffic generator: security groups',
    Default: '',
  },
  AllowedTargets: {
    Description: 'traffic generator: origins and host patterns that it may send load to, such as http://catalog:8080',
    Default: '',
  },
};

/** The parameters of the template: those of every hook first. */
export function parametersOf(hooks: readonly AnyHook[]): Record<string, Parameter> {
  const own = hooks.flatMap((hook) => Object.entries(ofHook(hook)));
  const all = [...own, ...Object.entries(COMMON)];
  return Object.fromEntries(all.map(([name, parameter]) => [name, { Type: 'String', ...parameter }]));
}

function ofHook({ name }: AnyHook): Record<string, Parameter> {
  const id = logicalId(name);
  return {
    [id]: { Description: `Whether the stack has the hook ${name}`, Default: 'false', AllowedValues: SWITCH },
    [`${id}Defaults`]: {
      Description: `${name}: HOOK_DEFAULTS as JSON; empty: what the stack knows itself, such as ParameterPrefix`,
      Default: '',
    },
    [`${id}Policy`]: { Description: `${name}: HOOK_POLICY, as JSON or as ssm:NAME`, Default: '' },
  };
}

const isTrue = (name: string): Value => ({ 'Fn::Equals': [ref(name), 'true'] });
const isGiven = (name: string): Value => ({ 'Fn::Not': [{ 'Fn::Equals': [ref(name), ''] }] });
/** Rules cannot look into a text: `shop-*` passes. */
const isNoStar = (name: string): Value => ({ 'Fn::Not': [{ 'Fn::Equals': [ref(name), '*'] }] });
const condition = (name: string): Value => ({ Condition: name });

export function conditionsOf(hooks: readonly AnyHook[]): Record<string, Value> {
  const own = hooks.flatMap(({ name }): [string, Value][] => {
    const id = logicalId(name);
    return [
      [`Deploys${id}`, isTrue(id)],
      [`Has${id}Defaults`, isGiven(`${id}Defaults`)],
      [`Has${id}Policy`, isGiven(`${id}Policy`)],
    ];
  });
  const approves = [condition('DeploysApproval'), { 'Fn::Equals': [ref('ApprovalTopicName'), ''] }];
  return {
    ...Object.fromEntries(own),
    CreatesApprovalTopic: { 'Fn::And': approves },
    HasAlarmTopic: isGiven('AlarmTopicArn'),
    HasGeneratorService: { 'Fn::Or': [condition('WithTrafficGenerator'), isGiven('GeneratorService')] },
    HasGeneratorSecurityGroups: {
      'Fn::Not': [{ 'Fn::Equals': [{ 'Fn::Join': ['', ref('GeneratorSecurityGroups')] }, ''] }],
    },
    HasLoadQueue: { 'Fn::Or': [condition('WithTrafficGenerator'), isGiven('LoadQueueName')] },
    HasLoadTestCluster: isGiven('LoadTestCluster'),
    HasLoadTestTask: isGiven('LoadTestTaskFamily'),
    HasWorkQueues: isGiven('WorkQueues'),
    RestrictsInvokeRole: isTrue('RestrictInvokeRole'),
    SchedulesConsumerSwitch: {
      'Fn::And': [condition('DeploysConsumerSwitch'), isGiven('ConsumerSwitchScheduleExpression')],
    },
    ScansEnhanced: isTrue('EnhancedScanning'),
    WithTrafficGenerator: isTrue('TrafficGenerator'),
  };
}

/** What CloudFormation refuses before it makes anything. */
export function rulesOf(hooks: readonly AnyHook[]): Record<string, Value> {
  const needed = ['GeneratorImage', 'GeneratorNamespace', 'AllowedTargets'];
  return {
    AtLeastOneHook: {
      Assertions: [
        {
          Assert: { 'Fn::Or': hooks.map(({ name }) => isTrue(logicalId(name))) },
          AssertDescription: `Choose a hook: ${hooks.map(({ name }) => logicalId(name)).join(', ')}`,
        },
      ],
    },
    TrafficGeneratorIsWhole: {
      RuleCondition: isTrue('TrafficGenerator'),
      Assertions: [
        ...needed.map((name) => ({ Assert: isGiven(name), AssertDescription: `TrafficGenerator needs ${name}` })),
        {
          Assert: { 'Fn::Or': [isGiven('LoadTestCluster'), isNoStar('Cluster')] },
          AssertDescription: 'TrafficGenerator needs LoadTestCluster, since Cluster is a pattern',
        },
      ],
    },
    ScheduleIsForOneService: {
      RuleCondition: isGiven('ConsumerSwitchScheduleExpression'),
      Assertions: ['Cluster', 'Service'].map((name) => ({
        Assert: isNoStar(name),
        AssertDescription: `ConsumerSwitchScheduleExpression needs ${name} to be one name`,
      })),
    },
    RunTaskPassesItsRoles: {
      RuleCondition: isGiven('LoadTestTaskFamily'),
      Assertions: [
        { Assert: isGiven('LoadTestTaskRoles'), AssertDescription: 'LoadTestTaskFamily needs LoadTestTaskRoles' },
      ],
    },
  };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { logicalId } from '../../scripts/deploy/names.ts';
import { policyOf } from '../../scripts/deploy/policies.ts';
import { CONSUMER_GATE, TRAFFIC_GENERATOR } from '../../scripts/deploy/roles.ts';
import { templateText } from '../../scripts/deploy/template.ts';
import { readConfig } from '../../shared/config.ts';
import { parseServiceEvent } from '../../shared/service-event.ts';
import { ROOT } from '../fixtures/sources.ts';
import { Stack } from './cloudformation.ts';
import { HOOKS, neededBy, POLICIES } from './hooks.ts';
import { filled } from './policy.ts';

const TEXT = readFileSync(join(ROOT, 'deploy/template.yaml'), 'utf8');
const TEMPLATE = parse(TEXT);
const ALL = Object.fromEntries(HOOKS.map(({ name }) => [logicalId(name), 'true']));
const GENERATOR = {
  TrafficGenerator: 'true',
  GeneratorImage: 'generator:1',
  GeneratorNamespace: 'unicorn-watch',
  GeneratorSubnets: ['subnet-1'],
  AllowedTargets: 'http://catalog:8080',
};
const EVERYTHING = {
  ...ALL,
  ...GENERATOR,
  Cluster: 'unicorn-watch',
  AlarmTopicArn: 'arn:aws:sns:eu-west-1:123456789012:alarms',
  EnhancedScanning: 'true',
  WorkQueues: 'sightings*',
  ConsumerSwitchScheduleExpression: 'rate(15 minutes)',
  LoadTestTaskFamily: 'k6',
  LoadTestTaskRoles: 'k6-*',
};
const whole = new Stack(TEMPLATE, EVERYTHING);

it('the file is what the declarations give, the same every time', () => {
  expect(TEXT).toBe(templateText(HOOKS));
  expect(templateText(HOOKS)).toBe(templateText(HOOKS));
});

describe.each(HOOKS)('$name in the template', (hook) => {
  const id = logicalId(hook.name);

  it('is a function of the built artifact, on the runtime that it was built for', () => {
    expect(whole.properties(`${id}Function`)).toMatchObject({
      FunctionName: `ecs-hooks-${hook.name}`,
      CodeUri: `../dist/${hook.name}.zip`,
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Role: `${id}Role.Arn`,
    });
  });

  it('may do what its policy says, no more and no less', () => {
    const { Policies } = whole.properties(`${id}Role`);
    expect(Policies).toEqual([
      {
        PolicyName: hook.name,
        PolicyDocument: filled(policyOf(hook), {
          Cluster: 'unicorn-watch',
          Service: '*',
          ParameterPrefix: '/ecs-hooks',
          PolicyParameters: '/ecs-hooks-policy/*',
          Repositories: '*',
          WorkQueues: 'sightings*',
          ApprovalTopicName: 'ecs-hooks-approvals',
          LoadQueueName: 'ecs-hooks-load',
          GeneratorService: 'ecs-hooks-traffic-generator',
          LoadTestCluster: 'unicorn-watch',
          LoadTestTaskFamily: 'k6',
          LoadTestTaskRoles: 'k6-*',
          FunctionName: `ecs-hooks-${hook.name}`,
        }),
      },
    ]);
  });

  it('has logs that end, and alarms that tell somebody', () => {
    expect(whole.properties(`${id}Logs`)).toEqual({
      LogGroupName: `/aws/lambda/ecs-hooks-${hook.name}`,
      RetentionInDays: 30,
    });
    for (const metric of ['Errors', 'Throttles']) {
      expect(whole.properties(`${id}${metric}`)).toMatchObject({
        Namespace: 'AWS/Lambda',
        MetricName: metric,
        Dimensions: [{ Name: 'FunctionName', Value: `ecs-hooks-${hook.name}` }],
        AlarmActions: [EVERYTHING.AlarmTopicArn],
      });
    }
  });

  it('alone, is all that there is but the role of ECS', () => {
    const alone = new Stack(TEMPLATE, { [id]: 'true', Cluster: 'prod', LoadTestCluster: 'load' });
    const others = alone.resources().filter((one) => !one.startsWith(id));
    expect(others).toEqual(['InvokeRole', ...(hook.onServiceEvent ? ['ConsumerGatePolicy'] : [])]);
    for (const one of alone.resources()) expect(JSON.stringify(alone.properties(one))).not.toContain('undefined');
    expect(alone.properties('InvokeRole').Policies).toMatchObject([
      { PolicyDocument: { Statement: [{ Resource: [`${id}Function.Arn`, `${id}Function.Arn:*`] }] } },
    ]);
  });

  it('is given defaults that it takes', async () => {
    const { Environment } = whole.properties(`${id}Function`);
    const { Variables } = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.string()) }) }).parse({
      Environment,
    }).Environment;
    const policy = POLICIES[hook.name];
    const env = { ...Variables, ...(policy && { HOOK_POLICY: JSON.stringify(policy) }) };
    const config = await readConfig(hook, neededBy(hook), env, AbortSignal.timeout(5000));
    const keepsParameters = 'parameterPrefix' in hook.config._zod.def.shape;
    expect(config.parameterPrefix).toBe(keepsParameters ? '/ecs-hooks' : undefined);
  });
});

it('approval and load-test know of the topic and the queue that the stack makes', () => {
  expect(defaultsOf(whole, 'Approval')).toMatchObject({
    notifyTopicArn: 'arn:aws:sns:eu-west-1:123456789012:ecs-hooks-approvals',
  });
  expect(defaultsOf(whole, 'LoadTest')).toMatchObject({
    queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/ecs-hooks-load',
  });
  const bare = new Stack(TEMPLATE, { ...ALL, Cluster: 'prod', ApprovalTopicName: 'mine' });
  expect(defaultsOf(bare, 'LoadTest')).toEqual({ parameterPrefix: '/ecs-hooks' });
  expect(defaultsOf(bare, 'Approval')).toMatchObject({
    notifyTopicArn: 'arn:aws:sns:eu-west-1:123456789012:mine',
  });
  expect(bare.resources()).not.toContain('ApprovalTopic');
});

it('what a parameter gives goes to the function as it stands', () => {
  const stack = new Stack(TEMPLATE, {
    Approval: 'true',
    Cluster: 'prod',
    ApprovalDefaults: '{"quorum":2}',
    ApprovalPolicy: 'ssm:/ecs-hooks-policy/approval',
  });
  expect(stack.properties('ApprovalFunction').Environment).toEqual({
    Variables: { HOOK_DEFAULTS: '{"quorum":2}', HOOK_POLICY: 'ssm:/ecs-hooks-policy/approval' },
  });
});

it('consumer-switch has time for the longest lease, and EventBridge may invoke it', () => {
  const hook = HOOKS.find(({ name }) => name === 'consumer-switch');
  const schema = z.toJSONSchema(z.object({ lease: hook?.config.shape.leaseSeconds }));
  const { maximum } = z.object({ properties: z.object({ lease: z.object({ maximum: z.number() }) }) }).parse(schema)
    .properties.lease;
  // The lease, two seconds beside it, five for the clock of Parameter Store, and the calls around.
  expect(whole.properties('ConsumerSwitchFunction').Timeout).toBeGreaterThanOrEqual(maximum + 2 + 5 + 30);
  expect(whole.properties('ConsumerSwitchEvents')).toMatchObject({
    EventPattern: {
      source: ['aws.ecs'],
      resources: [
        { wildcard: 'arn:aws:ecs:eu-west-1:123456789012:service/unicorn-watch/*' },
        { wildcard: 'arn:aws:ecs:eu-west-1:123456789012:service-deployment/unicorn-watch/*/*' },
      ],
    },
    Targets: [{ Arn: 'ConsumerSwitchFunction.Arn', DeadLetterConfig: { Arn: 'ConsumerSwitchLostEvents.Arn' } }],
  });
  expect(whole.properties('ConsumerSwitchEventsPermission')).toMatchObject({
    Principal: 'events.amazonaws.com',
    SourceArn: 'ConsumerSwitchEvents.Arn',
  });
});

it('an event that consumer-switch could not deal with is kept, and an alarm tells of it', () => {
  expect(whole.properties('ConsumerSwitchEventInvokeConfig')).toEqual({
    FunctionName: 'ConsumerSwitchFunction',
    Qualifier: '$LATEST',
    MaximumRetryAttempts: 2,
    DestinationConfig: { OnFailure: { Destination: 'ConsumerSwitchLostEvents.Arn' } },
  });
  const sourceArn = (stack: Stack) => stack.properties('ConsumerSwitchLostEventsPolicy').PolicyDocument;
  expect(sourceArn(whole)).toMatchObject({
    Statement: [
      {
        Principal: { Service: 'events.amazonaws.com' },
        Condition: { ArnEquals: { 'aws:SourceArn': ['ConsumerSwitchEvents.Arn', 'ConsumerSwitchSchedule.Arn'] } },
      },
    ],
  });
  const unscheduled = new Stack(TEMPLATE, { ...EVERYTHING, ConsumerSwitchScheduleExpression: '' });
  expect(sourceArn(unscheduled)).toMatchObject({
    Statement: [{ Condition: { ArnEquals: { 'aws:SourceArn': ['ConsumerSwitchEvents.Arn'] } } }],
  });
  expect(whole.properties('ConsumerSwitchLostEventsAlarm')).toMatchObject({
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: 'ecs-hooks-consumer-switch-lost-events' }],
    AlarmActions: [EVERYTHING.AlarmTopicArn],
  });
});

it('what the schedule says is an event that the hook reads', () => {
  const { ScheduleExpression, Targets } = new Stack(TEMPLATE, { ...EVERYTHING, Service: 'mail' }).properties(
    'ConsumerSwitchSchedule',
  );
  expect(ScheduleExpression).toBe('rate(15 minutes)');
  const [{ Input }] = z.tuple([z.object({ Input: z.string() })]).parse(Targets);
  expect(parseServiceEvent(JSON.parse(Input))).toMatchObject({ cluster: 'unicorn-watch', service: 'mail' });
  expect(whole.properties('ConsumerSwitchSchedulePermission')).toMatchObject({
    SourceArn: 'ConsumerSwitchSchedule.Arn',
  });
});

it.each([
  [
    'true',
    {
      StringEqualsIfExists: { 'aws:SourceAccount': '123456789012' },
      ArnLikeIfExists: { 'aws:SourceArn': 'arn:aws:ecs:eu-west-1:123456789012:*' },
    },
  ],
  ['false', undefined],
])('ECS assumes the role of the hooks; RestrictInvokeRole %s', (RestrictInvokeRole, condition) => {
  const { AssumeRolePolicyDocument } = new Stack(TEMPLATE, { ...EVERYTHING, RestrictInvokeRole }).properties(
    'InvokeRole',
  );
  expect(AssumeRolePolicyDocument).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'ecs.amazonaws.com' },
        Action: 'sts:AssumeRole',
        ...(condition && { Condition: condition }),
      },
    ],
  });
});

it('the traffic generators are clients of Service Connect, and their queue gives up what nobody can take', () => {
  expect(whole.properties('GeneratorTasks')).toMatchObject({
    ServiceName: 'ecs-hooks-traffic-generator',
    Cluster: 'unicorn-watch',
    DesiredCount: 0,
    ServiceConnectConfiguration: { Enabled: true, Namespace: 'unicorn-watch' },
  });
  expect(whole.properties('GeneratorTasks').ServiceConnectConfiguration).not.toHaveProperty('Services');
  expect(whole.properties('LoadQueue').RedrivePolicy).toMatchObject({ deadLetterTargetArn: 'LoadDeadLetters.Arn' });
  expect(JSON.stringify(whole.properties('GeneratorTask'))).toContain('"Name":"ALLOWED_TARGETS"');
  const names = {
    Cluster: 'unicorn-watch',
    Service: '*',
    ParameterPrefix: '/ecs-hooks',
    LoadQueueName: 'ecs-hooks-load',
  };
  expect(whole.properties('GeneratorTaskRole').Policies).toEqual([
    { PolicyName: 'traffic-generator', PolicyDocument: filled(TRAFFIC_GENERATOR, names) },
  ]);
  expect(whole.properties('ConsumerGatePolicy').PolicyDocument).toEqual(filled(CONSUMER_GATE, names));
});

it('every output is of something that there is', () => {
  const outputs: Record<string, { Condition?: string; Value: unknown }> = TEMPLATE.Outputs;
  for (const { Value } of Object.values(outputs)) expect(whole.value(Value)).toMatch(/\S/);
  const small = new Stack(TEMPLATE, { Canary: 'true', Cluster: 'prod' });
  const there = Object.entries(outputs).filter(([, { Condition }]) => !Condition || small.holds(Condition));
  expect(there.map(([name]) => name).sort()).toEqual(['CanaryFunctionArn', 'InvokeRoleArn']);
});

function defaultsOf(stack: Stack, id: string): unknown {
  const { Environment } = stack.properties(`${id}Function`);
  const Shape = z.object({ Variables: z.object({ HOOK_DEFAULTS: z.string() }) });
  return JSON.parse(Shape.parse(Environment).Variables.HOOK_DEFAULTS);
}

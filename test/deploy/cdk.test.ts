import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aws_ecs as ecs, Stack, aws_sns as sns, aws_sqs as sqs, Tags } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { HOOKS as DECLARED } from '../../deploy/cdk/hooks.ts';
import { EcsLifecycleHooks, type HookDetails } from '../../deploy/cdk/index.ts';
import { logicalId } from '../../scripts/deploy/names.ts';
import { hookIds, ROOT } from '../fixtures/sources.ts';
import {
  ALARMS,
  app,
  everything,
  hooksIn,
  nameOf,
  POLICY,
  removeOutputs,
  resourcesOf,
  SECURITY_GROUP,
  SUBNET,
  serviceIn,
  stack,
  synthesise,
  vpcOf,
} from './cdk-stack.ts';
import { Stack as Evaluated } from './cloudformation.ts';
import { POLICIES } from './hooks.ts';
import { inOneForm } from './one-form.ts';

const IDS = hookIds();
const TEMPLATE = parse(readFileSync(join(ROOT, 'deploy/template.yaml'), 'utf8'));
const GIVEN = {
  AdmissionPolicy: POLICY,
  Cluster: 'unicorn-watch',
  AlarmTopicArn: ALARMS,
  EnhancedScanning: 'true',
  WorkQueues: 'sightings*',
  LoadTestTaskFamily: 'k6',
  LoadTestTaskRoles: 'k6-*',
  TrafficGenerator: 'true',
  GeneratorImage: 'generator:1',
  GeneratorNamespace: 'unicorn-watch',
  GeneratorSubnets: [SUBNET],
  GeneratorSecurityGroups: [SECURITY_GROUP],
  AllowedTargets: 'http://catalog:8080',
};

const big = stack();
hooksIn(big, everything(big));
const made = resourcesOf(synthesise(big));
const sam = new Evaluated(TEMPLATE, { ...GIVEN, ...Object.fromEntries(IDS.map((id) => [logicalId(id), 'true'])) });

/** What only one of the two writes: how the code is found, and what CDK says although it is the default. */
const ONLY_SAM = new Set(['CodeUri']);
const ONLY_CDK = new Set(['Code', 'LoggingConfig', 'Tags']);

// The first synthesis loads what CDK validates with.
vi.setConfig({ testTimeout: 180_000 });
afterAll(removeOutputs);

describe('all hooks', () => {
  it('are those of hooks/', () => {
    expect(Object.keys(DECLARED).sort()).toEqual(IDS);
    for (const [id, hook] of Object.entries(DECLARED)) expect(hook.name).toBe(id);
  });

  it('are the resources of the SAM template, no more and no fewer', () => {
    expect(Object.keys(made).sort()).toEqual(sam.resources().sort());
  });

  it.each(sam.resources())('%s has the properties that it has in the SAM template', (id) => {
    const type = String(TEMPLATE.Resources[id].Type).replace('AWS::Serverless::', 'AWS::Lambda::');
    expect(made[id]?.type).toBe(type);
    expect(comparable(made[id]?.properties, ONLY_CDK)).toEqual(comparable(sam.properties(id), ONLY_SAM));
  });

  it('take their code from the built artifacts, and log where their roles may write', () => {
    for (const id of IDS) {
      expect(made[`${logicalId(id)}Function`]?.properties, id).toMatchObject({
        Code: { S3Key: expect.stringMatching(/^[0-9a-f]{64}\.zip$/) },
        LoggingConfig: { LogGroup: `${logicalId(id)}Logs` },
      });
    }
  });

  it('are the same in an app that has no feature flag', () => {
    const plain = stack({});
    hooksIn(plain, everything(plain));
    expect(withoutCode(resourcesOf(synthesise(plain)))).toEqual(withoutCode(made));
  });
});

describe('one hook', () => {
  it.each(IDS)('%s alone is what the SAM template has of it', (id) => {
    const small = stack();
    hooksIn(small, { hooks: { [id]: { hookPolicy: POLICY } }, cluster: 'prod' });
    const given = { [logicalId(id)]: 'true', [`${logicalId(id)}Policy`]: POLICY, Cluster: 'prod' };
    const alone = new Evaluated(TEMPLATE, given);
    const found = resourcesOf(synthesise(small));

    expect(Object.keys(found).sort()).toEqual(alone.resources().sort());
    for (const one of alone.resources()) {
      expect(comparable(found[one]?.properties, ONLY_CDK), one).toEqual(comparable(alone.properties(one), ONLY_SAM));
    }
  });

  it('without the conditions on the role of ECS, where these are not wanted', () => {
    const small = stack();
    hooksIn(small, { restrictInvokeRole: false });
    expect(resourcesOf(synthesise(small)).InvokeRole?.properties).toMatchObject({
      AssumeRolePolicyDocument: {
        Statement: [{ Action: ['sts:AssumeRole'], Effect: 'Allow', Principal: { Service: 'ecs.amazonaws.com' } }],
      },
    });
    expect(JSON.stringify(resourcesOf(synthesise(small)).InvokeRole)).not.toContain('Condition');
  });
});

describe('the construct', () => {
  it('waits for what the SAM template waits for', () => {
    const wanted = Object.entries<{ DependsOn?: string[] }>(TEMPLATE.Resources).filter(
      ([, { DependsOn }]) => DependsOn,
    );
    const { Resources: resources } = synthesise(big);
    expect(wanted.length).toBeGreaterThanOrEqual(IDS.length);
    for (const [id, { DependsOn }] of wanted) {
      const [, found] = Object.entries(resources).find(([one]) => nameOf(one) === id) ?? [];
      expect([found?.DependsOn ?? []].flat().map(nameOf), id).toEqual(expect.arrayContaining([DependsOn].flat()));
    }
  });

  it('takes names that only the deployment knows, and topics and queues that are there already', () => {
    const scope = stack();
    const { clusterName } = new ecs.Cluster(scope, 'Prod', { vpc: vpcOf(scope) });
    const loadQueue = sqs.Queue.fromQueueArn(scope, 'Q', 'arn:aws:sqs:eu-west-1:123456789012:mine');
    const approvalTopic = sns.Topic.fromTopicArn(scope, 'T', 'arn:aws:sns:eu-west-1:123456789012:asked');
    const hooks = hooksIn(scope, {
      hooks: { approval: {}, 'load-test': {} },
      cluster: clusterName,
      loadQueue,
      approvalTopic,
    });
    const { ApprovalFunction, LoadTestFunction, LoadTestRole, ApprovalTopic } = resourcesOf(synthesise(scope));
    const defaults = (one: typeof ApprovalFunction) =>
      JSON.parse(Object(one?.properties).Environment.Variables.HOOK_DEFAULTS);

    expect(ApprovalTopic).toBeUndefined();
    expect(hooks.approvalTopic).toBe(approvalTopic);
    expect(defaults(ApprovalFunction).notifyTopicArn).toBe(approvalTopic.topicArn);
    expect(defaults(LoadTestFunction).queueUrl).toBe('https://sqs.eu-west-1.amazonaws.com/123456789012/mine');
    expect(JSON.stringify(LoadTestRole)).toContain(':service/Prod/*');
  });

  it('gives its tags to all that can have tags', () => {
    const scope = stack();
    Tags.of(hooksIn(scope, everything(scope))).add('team', 'unicorns');
    const untagged = Object.values(resourcesOf(synthesise(scope)))
      .filter(({ properties }) => !JSON.stringify(Object(properties).Tags ?? '').includes('unicorns'))
      .map(({ type }) => type);
    expect([...new Set(untagged)].sort()).toEqual([
      'AWS::IAM::ManagedPolicy',
      'AWS::Lambda::EventInvokeConfig',
      'AWS::Lambda::Permission',
      'AWS::SQS::QueuePolicy',
    ]);
  });

  it('tells what services and workers need of it', () => {
    const scope = stack();
    const hooks = hooksIn(scope, everything(scope));
    expect(Object.keys(hooks.functions).sort()).toEqual(IDS);
    expect(scope.resolve(hooks.generator)).toEqual({
      cluster: 'unicorn-watch',
      service: getAtt('GeneratorTasks', 'Name'),
    });
    expect(scope.resolve(hooks.loadQueueUrl)).toEqual({ Ref: expect.stringMatching(/^HooksLoadQueue/) });
    expect(scope.resolve(hooks.consumerGatePolicyArn)).toEqual({
      Ref: expect.stringMatching(/^HooksConsumerGatePolicy/),
    });
    const small = hooksIn(stack(), { hooks: { canary: {} } });
    expect([small.approvalTopic, small.generator, small.loadQueueUrl, small.consumerGatePolicyArn]).toEqual(
      Array(4).fill(undefined),
    );
  });

  it('can be made twice in a stack, under another prefix', () => {
    const scope = stack();
    hooksIn(scope, {});
    new EcsLifecycleHooks(scope, 'Other', { hooks: { approval: {} }, cluster: 'other', namePrefix: 'other-hooks' });
    const names = Object.values(synthesise(scope).Resources).flatMap(({ Properties }) => Properties.FunctionName ?? []);
    expect(names).toEqual(['ecs-hooks-approval', 'other-hooks-approval']);
  });
});

describe('HOOK_DEFAULTS and HOOK_POLICY', () => {
  it('go into the environment, beside what the construct knows', () => {
    const scope = stack();
    hooksIn(scope, {
      hooks: {
        approval: { hookDefaults: { quorum: 2, timeoutMinutes: 90 }, hookPolicy: 'ssm:/ecs-hooks-policy/approval' },
        canary: { hookPolicy: { mode: 'enforce' } },
      },
    });
    const { ApprovalFunction, CanaryFunction } = resourcesOf(synthesise(scope));
    const variables = (one: typeof ApprovalFunction) => Object(one?.properties).Environment.Variables;

    expect(JSON.parse(variables(ApprovalFunction).HOOK_DEFAULTS)).toEqual({
      parameterPrefix: '/ecs-hooks',
      notifyTopicArn: 'arn:aws:sns:eu-west-1:123456789012:ecs-hooks-approvals',
      quorum: 2,
      timeoutMinutes: 90,
    });
    expect(variables(ApprovalFunction).HOOK_POLICY).toBe('ssm:/ecs-hooks-policy/approval');
    expect(variables(CanaryFunction).HOOK_POLICY).toBe('{"mode":"enforce"}');
  });

  it.each<[string, Parameters<typeof hooksIn>[1], string]>([
    [
      'a key that is not known',
      { hooks: { canary: { hookDefaults: { nonsense: 1 } as object } } },
      'Hooks: HOOK_DEFAULTS.nonsense is not a known key',
    ],
    [
      'a value that is wrong',
      { hooks: { approval: { hookPolicy: { quorum: 0 } } } },
      'Hooks: HOOK_POLICY.quorum must be at least 1, not 0',
    ],
    ['admission without a policy', { hooks: { admission: {} } }, 'Hooks: there is no policy; give one in HOOK_POLICY'],
    ['no hook', { hooks: {} }, 'Choose a hook: '],
    ['a hook that there is not', { hooks: { 'no-such-hook': {} } as object }, 'there is no hook no-such-hook'],
    ['a cluster that is no name', { cluster: 'a/b' }, 'cluster "a/b" must match '],
    ['a prefix without a slash', { parameterPrefix: 'ecs-hooks' }, 'parameterPrefix "ecs-hooks" must match'],
    ['a task without its roles', { loadTestTaskFamily: 'k6' }, 'LoadTestTaskFamily needs LoadTestTaskRoles'],
    ['artifacts that are not there', { artifacts: '/nowhere' }, '/nowhere/approval.zip'],
  ])('are refused with %s', (_, props, message) => {
    expect(() => hooksIn(stack(), props)).toThrow(message);
  });

  it('generators cannot be in a cluster that is a pattern', () => {
    const scope = stack();
    const props = { ...everything(scope), cluster: 'prod-*' };
    expect(() => hooksIn(scope, props)).toThrow(
      'trafficGenerator needs loadTestCluster, since cluster "prod-*" is a pattern',
    );
  });
});

describe('attach', () => {
  it('adds hooks to those of the service, with hookDetails as JSON text', () => {
    const scope = stack();
    const hooks = hooksIn(scope, { hooks: { approval: {}, canary: {} } });
    const service = serviceIn(scope);
    service.addLifecycleHook(
      new ecs.DeploymentLifecycleLambdaTarget(Object(hooks.functions.canary), 'Other', {
        lifecycleStages: [ecs.DeploymentLifecycleStage.POST_SCALE_UP],
      }),
    );
    hooks.attach(service, {
      hook: 'approval',
      stages: ['POST_TEST_TRAFFIC_SHIFT', 'PRE_PRODUCTION_TRAFFIC_SHIFT'],
      hookDetails: { quorum: 2, timeoutMinutes: 50 },
      timeoutConfiguration: { timeoutInMinutes: 60, action: 'ROLLBACK' },
    });
    hooks.attach(service, { hook: 'canary', hookDetails: { metrics: [{ preset: 'alb' }] } });

    const { Strategy, MaximumPercent, LifecycleHooks } = configurationOf(scope);
    expect({ Strategy, MaximumPercent }).toEqual({ Strategy: 'BLUE_GREEN', MaximumPercent: 200 });
    expect(LifecycleHooks).toEqual([
      { HookTargetArn: getAtt('CanaryFunction'), LifecycleStages: ['POST_SCALE_UP'], RoleArn: expect.anything() },
      {
        HookTargetArn: getAtt('ApprovalFunction'),
        RoleArn: getAtt('InvokeRole'),
        LifecycleStages: ['POST_TEST_TRAFFIC_SHIFT', 'PRE_PRODUCTION_TRAFFIC_SHIFT'],
        HookDetails: '{"quorum":2,"timeoutMinutes":50}',
        TimeoutConfiguration: { TimeoutInMinutes: 60, Action: 'ROLLBACK' },
      },
      {
        HookTargetArn: getAtt('CanaryFunction'),
        RoleArn: getAtt('InvokeRole'),
        LifecycleStages: ['PRODUCTION_TRAFFIC_SHIFT'],
        HookDetails: '{"metrics":[{"preset":"alb"}]}',
      },
    ]);
    Annotations.fromStack(scope).hasNoWarning('*', Match.stringLikeRegexp('ecs-lifecycle-hooks'));
  });

  it('lets a service wait for the rule of consumer-switch, which knows of its deployments from the first on', () => {
    const scope = stack();
    const service = serviceIn(scope);
    hooksIn(scope, { hooks: { 'consumer-switch': {} } }).attach(service, { hook: 'consumer-switch' });
    const { DependsOn } = serviceOf(scope);
    expect(DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^HooksConsumerSwitchEvents/)]));
    expect(configurationOf(scope).LifecycleHooks).toEqual([
      expect.not.objectContaining({ HookDetails: expect.anything() }),
    ]);
    const stages = ['PRODUCTION_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT'];
    expect(configurationOf(scope).LifecycleHooks).toMatchObject([{ LifecycleStages: stages }]);
  });

  it('takes an L1 service, and what only the deployment knows', () => {
    const scope = stack();
    const hooks = hooksIn(scope, { hooks: { 'load-test': {} } });
    const { queueUrl } = new sqs.Queue(scope, 'Mine');
    const service = new ecs.CfnService(scope, 'Raw', { deploymentConfiguration: { strategy: 'CANARY' } });
    hooks.attach(service, {
      hook: 'load-test',
      hookDetails: { queueUrl, targets: [{ url: 'http://catalog:8080/items' }], rate: 300 },
    });

    const { Strategy, LifecycleHooks } = configurationOf(scope);
    expect(Strategy).toBe('CANARY');
    expect(LifecycleHooks).toMatchObject([
      {
        HookDetails: {
          'Fn::Join': [
            '',
            [
              '{"queueUrl":"',
              { Ref: expect.stringMatching(/^Mine/) },
              '","targets":[{"url":"http://catalog:8080/items"}],"rate":300}',
            ],
          ],
        },
      },
    ]);
  });

  it('works across stacks', () => {
    const whole = app();
    const platform = new Stack(whole, 'Platform');
    const team = new Stack(whole, 'Team');
    const service = serviceIn(team);
    hooksIn(platform, { hooks: { 'consumer-switch': {} } }).attach(service, { hook: 'consumer-switch' });
    expect(configurationOf(team).LifecycleHooks).toMatchObject([
      { HookTargetArn: { 'Fn::GetStackOutput': { StackName: 'Platform' } } },
    ]);
    expect(team.dependencies).toContain(platform);
  });

  it('gives the entry alone, too', () => {
    const scope = stack();
    const entry = hooksIn(scope, {}).lifecycleHook({ hook: 'approval', hookDetails: { quorum: 3 } });
    expect(scope.resolve(entry)).toEqual({
      hookTargetArn: getAtt('ApprovalFunction'),
      roleArn: getAtt('InvokeRole'),
      lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'],
      hookDetails: '{"quorum":3}',
    });
  });
});

describe('attach refuses what the hook would answer FAILED to', () => {
  it.each<[string, Attached, string]>([
    [
      'a key that is not known',
      { hook: 'approval', hookDetails: { qorum: 2 } as object },
      'Unicorns/Ui: lifecycle hook approval: hookDetails.qorum is not a known key (do you mean quorum?) (known: ',
    ],
    [
      'a key within',
      { hook: 'canary', hookDetails: { metrics: [{ preset: 'alb', foo: 1 }] } as object },
      'hookDetails.metrics[0].foo is not a known key',
    ],
    [
      'a value out of range',
      { hook: 'approval', hookDetails: { quorum: 0 } },
      'hookDetails.quorum must be at least 1, not 0',
    ],
    ['a key that is missing', { hook: 'canary' }, 'hookDetails.metrics is missing'],
    [
      'the memory of a deployment',
      { hook: 'approval', hookDetails: { _state: '{}' } as object },
      'hookDetails._state is the memory',
    ],
    [
      'an answer that fails open',
      { hook: 'consumer-switch', hookDetails: { onTimeout: 'succeed' } as object },
      'hookDetails.onTimeout must be "fail", not "succeed"',
    ],
    [
      'a policy in hookDetails',
      { hook: 'admission', hookDetails: { version: 1 } as object },
      'hookDetails.version is not a known key',
    ],
    [
      'a stage that the hook does not know',
      { hook: 'approval', stages: ['PRODUCTION_TRAFFIC_SHIFT'] },
      'stages: the hook answers FAILED at PRODUCTION_TRAFFIC_SHIFT: write POST_TEST_TRAFFIC_SHIFT or ',
    ],
    [
      'a time-out that ECS does not take',
      { hook: 'approval', timeoutConfiguration: { timeoutInMinutes: 1441 } },
      'timeoutConfiguration.timeoutInMinutes 1441: write a whole number from 1 to 1440',
    ],
    [
      'a hook that is not deployed',
      { hook: 'load-test' },
      'Unicorns/Hooks deploys no load-test: write hooks: { "load-test": {} }',
    ],
  ])('%s', (_, options, message) => {
    const scope = stack();
    const service = serviceIn(scope);
    const hooks = hooksIn(scope, {
      hooks: { admission: { hookPolicy: policy() }, approval: {}, canary: {}, 'consumer-switch': {} },
    });
    expect(() => hooks.attach(service, options)).toThrow(message);
  });

  it('a needed key is not missed where the policy is in a parameter, or is known', () => {
    const scope = stack();
    const hooks = hooksIn(scope, {
      hooks: { canary: { hookPolicy: 'ssm:/ecs-hooks-policy/canary' }, admission: { hookPolicy: policy() } },
    });
    const service = serviceIn(scope);
    hooks.attach(service, { hook: 'canary' });
    hooks.attach(service, { hook: 'admission', hookDetails: { mode: 'enforce' } });
    expect(configurationOf(scope).LifecycleHooks).toHaveLength(2);
  });

  it('more hooks than ECS takes', () => {
    const scope = stack();
    const service = serviceIn(scope);
    const hooks = hooksIn(scope, {});
    for (let count = 0; count < 11; count += 1) hooks.attach(service, { hook: 'approval' });
    expect(() => synthesise(scope)).toThrow('11 lifecycle hooks, and ECS takes 10');
  });

  it.each<[string, Attached, string]>([
    ['CONTINUE', { hook: 'approval', timeoutConfiguration: { action: 'CONTINUE' } }, '*fails open*write ROLLBACK*'],
    [
      'too little patience',
      { hook: 'approval', timeoutConfiguration: { timeoutInMinutes: 60 } },
      '*ECS gives up after 60 minutes, approval only after timeoutMinutes 1380*',
    ],
  ])('but only warns of %s', (_, options, message) => {
    const scope = stack();
    const service = serviceIn(scope);
    hooksIn(scope, {}).attach(service, options);
    Annotations.fromStack(scope).hasWarning('/Unicorns/Ui', Match.stringLikeRegexp(message.replaceAll('*', '.*')));
  });
});

it('the types know the keys of each hook', () => {
  const good = { metrics: [{ preset: 'alb' }], onTimeout: 'succeed' } satisfies HookDetails<'canary'>;
  // @ts-expect-error: the key has a typing error
  const wrongKey = { qorum: 2 } satisfies HookDetails<'approval'>;
  // @ts-expect-error: consumer-switch has no such answer
  const failsOpen = { onTimeout: 'succeed' } satisfies HookDetails<'consumer-switch'>;
  // @ts-expect-error: the policy is the platform team's
  const policyHere = { version: 1 } satisfies HookDetails<'admission'>;
  expect([good, wrongKey, failsOpen, policyHere]).toHaveLength(4);
});

type Attached = Parameters<ReturnType<typeof hooksIn>['attach']>[1];

function policy(): object {
  return { ...POLICIES.admission };
}

function serviceOf(scope: Stack) {
  const found = Object.values(synthesise(scope).Resources).find(({ Type }) => Type === 'AWS::ECS::Service');
  if (found === undefined) throw new Error('there is no service');
  return found;
}

function configurationOf(scope: Stack): Record<string, unknown> {
  return Object(serviceOf(scope).Properties.DeploymentConfiguration);
}

function getAtt(id: string, attribute = 'Arn'): unknown {
  return { 'Fn::GetAtt': [expect.stringMatching(new RegExp(`^Hooks${id}(?:[0-9A-F]{8})?$`)), attribute] };
}

function comparable(properties: unknown, without: ReadonlySet<string>): unknown {
  const entries = Object.entries(Object(inOneForm(properties)));
  return Object.fromEntries(entries.filter(([key]) => !without.has(key)));
}

function withoutCode(resources: typeof made): unknown {
  return Object.fromEntries(
    Object.entries(resources).map(([id, { type, properties }]) => [
      id,
      { type, ...Object(comparable(properties, new Set(['Code']))) },
    ]),
  );
}

import { stringify } from 'yaml';
import type { AnyHook } from '../../shared/hook.ts';
import { functionResources, statementValue, trust } from './functions.ts';
import { generatorResources } from './generators.ts';
import { attribute, either, logicalId, NOTHING, ref, sub, VARIABLES, type Value } from './names.ts';
import { conditionsOf, parametersOf, rulesOf } from './parameters.ts';
import { CONSUMER_GATE, INVOKE_CONDITION } from './roles.ts';

const HEAD = '# Written by `npm run docs` from the declarations of the hooks. Deploy it as docs/deploy.md says.\n';

/** The SAM template of all hooks; the same hooks give the same text. */
export function templateText(hooks: readonly AnyHook[]): string {
  return `${HEAD}${stringify(template(hooks), { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

export function template(hooks: readonly AnyHook[]): { [section: string]: Value } {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Transform: 'AWS::Serverless-2016-10-31',
    Description:
      'Lifecycle hooks for Amazon ECS deployments: functions, roles, logs, alarms, and the traffic generators',
    Parameters: parametersOf(hooks),
    Rules: rulesOf(hooks),
    Conditions: conditionsOf(hooks),
    Resources: {
      InvokeRole: invokeRole(hooks),
      ...Object.assign({}, ...hooks.map(functionResources)),
      ApprovalTopic: {
        Type: 'AWS::SNS::Topic',
        Condition: 'CreatesApprovalTopic',
        Properties: { TopicName: sub('<NamePrefix>-approvals') },
      },
      ConsumerGatePolicy: consumerGate(),
      ...generatorResources(),
    },
    Outputs: outputsOf(hooks),
  };
}

/** The role that a service's lifecycle hooks name as roleArn. */
function invokeRole(hooks: readonly AnyHook[]): Value {
  const functions = hooks.flatMap(({ name }) => {
    const id = logicalId(name);
    const chosen = (value: Value) => either(`Deploys${id}`, value, NOTHING);
    // The second is for a hook that names a version or an alias.
    return [chosen(attribute(`${id}Function`, 'Arn')), chosen(sub(`<${id}Function.Arn>:*`))];
  });
  const statement = { Sid: 'Hooks', Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: functions };
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      Description: 'By which ECS invokes the lifecycle hooks',
      AssumeRolePolicyDocument: trust('ecs.amazonaws.com', either('RestrictsInvokeRole', invokeCondition(), NOTHING)),
      Policies: [{ PolicyName: 'invoke-hooks', PolicyDocument: { Version: '2012-10-17', Statement: [statement] } }],
    },
  };
}

function invokeCondition(): Value {
  const entries = Object.entries(INVOKE_CONDITION).map(([operator, keys]) => {
    const values = Object.entries(keys).map(([key, text]) => [key, sub(text)] as const);
    return [operator, Object.fromEntries(values)] as const;
  });
  return Object.fromEntries(entries);
}

/** For the task roles of the workers, which the stack does not make. */
function consumerGate(): Value {
  const statements = CONSUMER_GATE.Statement.map((statement) =>
    statementValue({ statement, when: undefined }, VARIABLES),
  );
  return {
    Type: 'AWS::IAM::ManagedPolicy',
    Condition: 'DeploysConsumerSwitch',
    Properties: {
      Description: 'What the consumer gate of a worker asks for',
      PolicyDocument: { Version: '2012-10-17', Statement: statements },
    },
  };
}

/** An output of the template. */
export type Output = { Description: string; Value: Value; Condition?: string };

/** What the services that use the hooks need to know of the stack. */
export function outputsOf(hooks: readonly AnyHook[]): Record<string, Output> {
  const functions = hooks.map(({ name }) => {
    const id = logicalId(name);
    const output = {
      Description: `hookTargetArn of ${name}`,
      Condition: `Deploys${id}`,
      Value: attribute(`${id}Function`, 'Arn'),
    };
    return [`${id}FunctionArn`, output] as const;
  });
  const generators = (Description: string, value: Value) => ({
    Description,
    Condition: 'WithTrafficGenerator',
    Value: value,
  });
  return {
    InvokeRoleArn: { Description: 'roleArn of every hook', Value: attribute('InvokeRole', 'Arn') },
    ...Object.fromEntries(functions),
    ApprovalTopicArn: {
      Description: 'Where approval publishes: subscribe the approvers',
      Condition: 'CreatesApprovalTopic',
      Value: ref('ApprovalTopic'),
    },
    ConsumerGatePolicyArn: {
      Description: 'Attach it to the task role of the workers',
      Condition: 'DeploysConsumerSwitch',
      Value: ref('ConsumerGatePolicy'),
    },
    LoadQueueUrl: generators('queueUrl of load-test', ref('LoadQueue')),
    GeneratorService: generators('generator.service of load-test', attribute('GeneratorTasks', 'Name')),
    GeneratorCluster: generators('generator.cluster of load-test', VARIABLES.LoadTestCluster ?? NOTHING),
  };
}

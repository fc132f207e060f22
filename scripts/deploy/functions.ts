import type { AnyHook } from '../../shared/hook.ts';
import { eventResources } from './events.ts';
import { alarmAtOnce, attribute, either, logicalId, NOTHING, ref, sub, VARIABLES, type Value } from './names.ts';
import type { When } from './permissions.ts';
import { type ConditionalStatement, statementsOf } from './policies.ts';

interface Size {
  /** MB; CPU comes with it. */
  memory: number;
  /** Seconds. The framework answers before they are over. */
  timeout: number;
}

const SIZE: Size = { memory: 512, timeout: 60 };
/** consumer-switch waits for the lease within an invocation by EventBridge: 240 s at the most, and its margins. */
const SIZES: ReadonlyMap<string, Size> = new Map([['consumer-switch', { memory: 512, timeout: 300 }]]);

/** The size of a hook's function. */
export function sizeOf(hook: string): Size {
  return SIZES.get(hook) ?? SIZE;
}

/** What a deployment knows itself and puts into HOOK_DEFAULTS beside parameterPrefix; `when`: only then. */
interface Known {
  defaults: Readonly<Record<string, string>>;
  when?: When;
}

/** By hook; names in `<>` are parameters of the template. */
export const KNOWN_DEFAULTS: ReadonlyMap<string, Known> = new Map<string, Known>([
  [
    'approval',
    { defaults: { notifyTopicArn: 'arn:<AWS::Partition>:sns:<AWS::Region>:<AWS::AccountId>:<ApprovalTopicName>' } },
  ],
  [
    'load-test',
    {
      defaults: { queueUrl: 'https://sqs.<AWS::Region>.<AWS::URLSuffix>/<AWS::AccountId>/<LoadQueueName>' },
      when: 'HasLoadQueue',
    },
  ],
]);

/** A hook's function with its role, log group and alarms, and what EventBridge needs if it takes ECS's events. */
export function functionResources(hook: AnyHook): Record<string, Value> {
  const id = logicalId(hook.name);
  return {
    [`${id}Logs`]: resource(hook, 'AWS::Logs::LogGroup', {
      LogGroupName: sub(`/aws/lambda/<NamePrefix>-${hook.name}`),
      RetentionInDays: ref('LogRetentionDays'),
    }),
    [`${id}Role`]: resource(hook, 'AWS::IAM::Role', {
      Description: `What the hook ${hook.name} may do`,
      AssumeRolePolicyDocument: trust('lambda.amazonaws.com'),
      Policies: [{ PolicyName: hook.name, PolicyDocument: policy(hook) }],
    }),
    [`${id}Function`]: { ...resource(hook, 'AWS::Serverless::Function', lambda(hook)), DependsOn: [`${id}Logs`] },
    [`${id}Errors`]: alarm(hook, 'Errors', 'answered with an exception or not in time: ECS rolls back'),
    [`${id}Throttles`]: alarm(hook, 'Throttles', 'could not be started: ECS may roll back'),
    ...(hook.onServiceEvent && eventResources(hook, (type, properties) => resource(hook, type, properties))),
  };
}

function resource({ name }: AnyHook, type: string, properties: { [key: string]: Value }): { [key: string]: Value } {
  return { Type: type, Condition: `Deploys${logicalId(name)}`, Properties: properties };
}

function lambda(hook: AnyHook): { [key: string]: Value } {
  const { name, summary } = hook;
  const id = logicalId(name);
  const { memory, timeout } = sizeOf(name);
  return {
    FunctionName: sub(`<NamePrefix>-${name}`),
    Description: summary,
    CodeUri: `../dist/${name}.zip`,
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    MemorySize: memory,
    Timeout: timeout,
    Role: attribute(`${id}Role`, 'Arn'),
    Environment: {
      Variables: {
        HOOK_DEFAULTS: either(`Has${id}Defaults`, ref(`${id}Defaults`), defaultsOf(hook)),
        HOOK_POLICY: either(`Has${id}Policy`, ref(`${id}Policy`), NOTHING),
      },
    },
  };
}

/** For the hooks that keep parameters: the others would refuse a key that they do not know. */
export function prefixOf({ config }: AnyHook): Readonly<Record<string, string>> {
  return 'parameterPrefix' in config._zod.def.shape ? { parameterPrefix: '<ParameterPrefix>' } : {};
}

/** JSON with placeholders, and a condition for more. */
function defaultsOf(hook: AnyHook): Value {
  const { defaults = {}, when } = KNOWN_DEFAULTS.get(hook.name) ?? {};
  const text = (known: object) => sub(JSON.stringify({ ...prefixOf(hook), ...known }), VARIABLES);
  return when === undefined ? text(defaults) : either(when, text(defaults), text({}));
}

export function trust(service: string, condition?: Value): Value {
  const statement = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
  return {
    Version: '2012-10-17',
    Statement: [condition === undefined ? statement : { ...statement, Condition: condition }],
  };
}

function policy(hook: AnyHook): Value {
  const variables = { ...VARIABLES, FunctionName: sub(`<NamePrefix>-${hook.name}`) };
  return { Version: '2012-10-17', Statement: statementsOf(hook).map((one) => statementValue(one, variables)) };
}

/** A statement as the template has it. */
export function statementValue(
  { statement, when }: ConditionalStatement,
  variables: { readonly [name: string]: Value },
): Value {
  const { Condition, Resource, ...rest } = statement;
  const value = {
    ...rest,
    Resource: Resource.map((text) => (text === '*' ? text : sub(text, variables))),
    ...(Condition && {
      Condition: Object.fromEntries(
        Object.entries(Condition).map(([operator, keys]) => [operator, conditionValue(keys, variables)]),
      ),
    }),
  };
  return when === undefined ? value : either(when, value, NOTHING);
}

function conditionValue(keys: Readonly<Record<string, string>>, variables: { readonly [name: string]: Value }): Value {
  const entries = Object.entries(keys);
  return Object.fromEntries(entries.map(([key, text]) => [key, text.includes('$') ? sub(text, variables) : text]));
}

function alarm(hook: AnyHook, metric: string, what: string): Value {
  return resource(
    hook,
    'AWS::CloudWatch::Alarm',
    alarmAtOnce({
      AlarmName: sub(`<NamePrefix>-${hook.name}-${metric.toLowerCase()}`),
      AlarmDescription: `The lifecycle hook ${hook.name} ${what}`,
      Namespace: 'AWS/Lambda',
      MetricName: metric,
      Dimensions: [{ Name: 'FunctionName', Value: sub(`<NamePrefix>-${hook.name}`) }],
      Statistic: 'Sum',
    }),
  );
}

import { aws_ec2 as ec2, type Stack, Token } from 'aws-cdk-lib';
import { logicalId } from '../../scripts/deploy/names.ts';
import type { JsonObject } from '../../shared/schema.ts';
import { objectOf } from './evaluate.ts';
import type { EcsLifecycleHooksProps, TrafficGeneratorOptions } from './types.ts';

/** The template's parameters for some props, with the template's defaults. @param hooks all that there are */
export function parametersFor(
  props: EcsLifecycleHooksProps,
  parameters: JsonObject,
  hooks: readonly string[],
): Record<string, unknown> {
  const { alarmTopic, approvalTopic, loadQueue, trafficGenerator } = props;
  const given: Readonly<Record<string, unknown>> = {
    NamePrefix: props.namePrefix,
    Cluster: props.cluster,
    Service: props.service,
    ParameterPrefix: props.parameterPrefix,
    PolicyParameters: props.policyParameters,
    LogRetentionDays: props.logRetention,
    AlarmTopicArn: alarmTopic?.topicArn,
    RestrictInvokeRole: text(props.restrictInvokeRole),
    Repositories: props.repositories,
    EnhancedScanning: text(props.enhancedScanning),
    ApprovalTopicName: approvalTopic?.topicName,
    WorkQueues: props.workQueues,
    ConsumerSwitchScheduleExpression: props.consumerSwitchScheduleExpression,
    LoadTestCluster: props.loadTestCluster,
    LoadQueueName: loadQueue?.queueName,
    GeneratorService: props.generatorService,
    LoadTestTaskFamily: props.loadTestTaskFamily,
    LoadTestTaskRoles: props.loadTestTaskRoles,
    ...generatorParameters(trafficGenerator),
  };
  const own = new Set(hooks.flatMap((id) => ['', 'Defaults', 'Policy'].map((kind) => `${logicalId(id)}${kind}`)));
  const entries = Object.entries(parameters).map(([name, parameter]) => {
    const { Type: type, Default: standard } = objectOf(parameter);
    if (!Object.hasOwn(given, name) && !own.has(name))
      throw new Error(`no prop is for the template's parameter ${name}`);
    return [name, given[name] ?? (type === 'CommaDelimitedList' ? [] : standard)] as const;
  });
  return Object.fromEntries(entries);
}

/** HOOK_DEFAULTS and HOOK_POLICY of a hook, where they are given. */
export function hookParameters(
  id: string,
  stack: Stack,
  layers: { defaults: JsonObject | undefined; policy: JsonObject | string | undefined },
): Record<string, string> {
  const json = (value: JsonObject | string) => (typeof value === 'string' ? value : stack.toJsonString(value));
  return {
    ...(layers.defaults && { [`${logicalId(id)}Defaults`]: json(layers.defaults) }),
    ...(layers.policy && { [`${logicalId(id)}Policy`]: json(layers.policy) }),
  };
}

/** What the template refuses of its parameters, and what only a construct can be told. */
export function problemsOf(props: EcsLifecycleHooksProps, parameters: JsonObject, values: JsonObject): string[] {
  const { trafficGenerator, cluster, loadTestCluster = cluster } = props;
  const unknown = Object.keys(values).filter((name) => parameters[name] === undefined);
  if (unknown.length > 0) throw new Error(`the template has no parameter ${unknown.join(', ')}`);
  return [
    ...Object.entries(parameters).flatMap(([name, parameter]) => problemOf(name, objectOf(parameter), values[name])),
    ...(trafficGenerator && loadTestCluster.includes('*') && !Token.isUnresolved(loadTestCluster)
      ? [`trafficGenerator needs loadTestCluster, since cluster ${JSON.stringify(cluster)} is a pattern`]
      : []),
    ...(trafficGenerator && (props.generatorService !== undefined || props.loadQueue !== undefined)
      ? ['trafficGenerator makes its own service and queue: leave generatorService and loadQueue out']
      : []),
  ];
}

function problemOf(
  name: string,
  { AllowedPattern: pattern, AllowedValues: allowed, MinLength: least }: JsonObject,
  value: unknown,
): string[] {
  if (Token.isUnresolved(value)) return [];
  const prop = `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`;
  if (Array.isArray(allowed) && !allowed.includes(value)) {
    return [`${prop} ${JSON.stringify(value)} must be one of ${allowed.join(', ')}`];
  }
  if (typeof value !== 'string') return [];
  const isLong = typeof least !== 'number' || value.length >= least;
  if (isLong && (typeof pattern !== 'string' || new RegExp(`^(?:${pattern})$`).test(value))) return [];
  return [`${prop} ${JSON.stringify(value)} must match ${String(pattern)}`];
}

function generatorParameters(options: TrafficGeneratorOptions | undefined): JsonObject {
  const { vpc, vpcSubnets = { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } } = options ?? {};
  return {
    TrafficGenerator: options && 'true',
    GeneratorImage: options?.image,
    GeneratorNamespace: options?.namespace,
    GeneratorSubnets: vpc?.selectSubnets(vpcSubnets).subnetIds,
    GeneratorSecurityGroups: options?.securityGroups?.map(({ securityGroupId }) => securityGroupId),
    AllowedTargets: options?.allowedTargets.join(','),
  };
}

function text(flag: boolean | undefined): string | undefined {
  return flag?.toString();
}

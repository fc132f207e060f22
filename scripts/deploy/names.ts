/** `ConsumerSwitch` of `consumer-switch`: what logical ids of the template begin with. */
export function logicalId(hook: string): string {
  return hook.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** A value of a CloudFormation template. */
export type Value = string | number | boolean | Value[] | { [key: string]: Value };

export const ref = (name: string): Value => ({ Ref: name });
export const attribute = (id: string, name: string): Value => ({ 'Fn::GetAtt': [id, name] });
export const either = (condition: string, yes: Value, no: Value): Value => ({ 'Fn::If': [condition, yes, no] });
export const NOTHING: Value = { Ref: 'AWS::NoValue' };

/** Fn::Sub; `<Name>` becomes `${Name}`. Roles and policies are written with either. */
export function sub(text: string, variables: { readonly [name: string]: Value } = {}): Value {
  const template = placeholders(text);
  const used = Object.entries(variables).filter(([name]) => template.includes(`\${${name}}`));
  return { 'Fn::Sub': used.length === 0 ? template : [template, Object.fromEntries(used)] };
}

export function placeholders(text: string): string {
  return text.replace(/<([\w:.]+)>/g, (_, name: string) => `\${${name}}`);
}

/**
 * What stands for a placeholder of the policies where that is no parameter as it was given: the template may have made
 * the topic, the queue and the generators itself.
 */
export const VARIABLES: { readonly [name: string]: Value } = {
  LoadTestCluster: either('HasLoadTestCluster', ref('LoadTestCluster'), ref('Cluster')),
  LoadQueueName: either('WithTrafficGenerator', attribute('LoadQueue', 'QueueName'), ref('LoadQueueName')),
  GeneratorService: either('WithTrafficGenerator', sub('<NamePrefix>-traffic-generator'), ref('GeneratorService')),
  ApprovalTopicName: either('CreatesApprovalTopic', attribute('ApprovalTopic', 'TopicName'), ref('ApprovalTopicName')),
};

/** Alarms at the first of something in a minute; `metric` says of what. */
export function alarmAtOnce(metric: Readonly<Record<string, Value>>): Record<string, Value> {
  return {
    ...metric,
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: either('HasAlarmTopic', [ref('AlarmTopicArn')], NOTHING),
  };
}

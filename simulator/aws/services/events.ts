import { AwsError } from '../errors.ts';
import type { RuleStore } from '../events/rule-store.ts';
import { optionalInteger, optionalString } from '../input.ts';
import { page } from '../paging.ts';
import type { JsonObject, ServiceDefinition } from '../service.ts';
import { jsonServiceErrors } from './common-errors.ts';

/** What EventBridge tells of rules on the default event bus (EventBridge API reference). */
export function eventsService(rules: RuleStore): ServiceDefinition {
  return {
    id: 'events',
    protocol: { kind: 'json', targetPrefix: 'AWSEvents' },
    operations: {
      DescribeRule: (input) => describeRule(rules, input),
      ListRuleNamesByTarget: (input) => listRuleNamesByTarget(rules, input),
      ListTargetsByRule: (input) => ({
        Targets: rules.get(optionalString(input, 'Rule') ?? '').targets.map(({ id, arn }) => ({ Id: id, Arn: arn })),
      }),
    },
    resource: (_operation, { Name, Rule }, { partition, region, accountId }) =>
      `arn:${partition}:events:${region}:${accountId}:rule/${Name ?? Rule ?? '*'}`,
    errors: jsonServiceErrors('events', {
      serverError: new AwsError('InternalException', 'This exception occurs due to unexpected causes.', 500),
      notFound: (_operation, { Name, Rule }) =>
        new AwsError('ResourceNotFoundException', `Rule ${Name ?? Rule} does not exist on EventBus default.`),
    }),
  };
}

function describeRule(rules: RuleStore, input: JsonObject): object {
  const { name, arn, state, eventPattern } = rules.get(optionalString(input, 'Name') ?? '');
  return { Name: name, Arn: arn, State: state, EventPattern: JSON.stringify(eventPattern), EventBusName: 'default' };
}

function listRuleNamesByTarget(rules: RuleStore, input: JsonObject): object {
  const arn = optionalString(input, 'TargetArn') ?? '';
  const size = optionalInteger(input, 'Limit') ?? 100;
  const invalid = new AwsError('ValidationException', 'The token is not valid.');
  const token = optionalString(input, 'NextToken');
  const { items, nextToken } = page(rules.namesByTarget(arn), (name) => name, size, token, arn, invalid);
  return { RuleNames: items, NextToken: nextToken };
}

/** What CloudWatch, Lambda, IAM and EventBridge tell of a scenario, so that it can be looked at as in an account. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalAws } from '../aws/local-aws.ts';
import { partitionOf } from '../aws/service.ts';
import { functionArn, hookRoleArn } from './definitions.ts';
import { environmentOf } from './functions.ts';
import type { Fill } from './placeholders.ts';
import type { Scenario } from './schema.ts';
import type { FunctionSpec } from './schema-service.ts';

const DETAIL_TYPES = { deployment: 'ECS Deployment State Change', hook: 'ECS Hook State Change' } as const;

/** Describes alarms, functions, their roles, the role by which ECS invokes them, and the rules for those that take events. */
export function describeAccount(scenario: Scenario, aws: LocalAws, dist: string, fill: Fill): void {
  const names = Object.keys(scenario.functions);
  const hookRole = hookRoleArn(scenario);
  aws.roles.put(hookRole.slice(hookRole.lastIndexOf('/') + 1), {
    trust: trust('ecs.amazonaws.com', { StringEquals: { 'aws:SourceAccount': scenario.accountId } }),
    inline: {
      'invoke-hooks': allow(
        'lambda:InvokeFunction',
        names.map((name) => functionArn(scenario, name)),
      ),
    },
  });
  for (const { deploymentConfiguration } of Object.values(scenario.services)) {
    for (const name of deploymentConfiguration.alarms?.alarmNames ?? []) aws.alarms.put(name, 'OK');
  }
  for (const [name, spec] of Object.entries(scenario.functions)) {
    // Roles are not enforced here: nothing that a function does is refused.
    const role = aws.roles.put(`${name}-role`, {
      trust: trust('lambda.amazonaws.com'),
      inline: { all: allow('*', ['*']) },
    });
    const rule = spec.events === undefined ? undefined : describeRule(scenario, aws, name, spec.events);
    aws.functions.put(name, {
      configuration: {
        Role: role,
        ...described(spec, join(dist, `${spec.artifact ?? name}.zip`)),
        Environment: { Variables: environmentOf(spec, fill) },
      },
      ...(rule !== undefined && { policy: letIn(functionArn(scenario, name), rule) }),
    });
  }
}

function described({ timeoutSeconds = 30, memoryMb = 256, answers }: FunctionSpec, zip: string) {
  const isBuilt = answers === undefined && existsSync(zip);
  return {
    Timeout: timeoutSeconds,
    MemorySize: memoryMb,
    ...(isBuilt && { CodeSha256: createHash('sha256').update(readFileSync(zip)).digest('base64') }),
  };
}

/** @returns the rule's ARN */
function describeRule(
  scenario: Scenario,
  aws: LocalAws,
  name: string,
  events: NonNullable<FunctionSpec['events']>,
): string {
  const { region, accountId } = scenario;
  return aws.rules.put(`${name}-events`, {
    state: 'ENABLED',
    eventPattern: {
      source: ['aws.ecs'],
      'detail-type': events.map((kind) => DETAIL_TYPES[kind]),
      resources: [{ prefix: `arn:${partitionOf(region)}:ecs:${region}:${accountId}:` }],
    },
    targets: [{ id: name, arn: functionArn(scenario, name) }],
  });
}

function trust(service: string, condition?: object): object {
  const statement = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
  return { Version: '2012-10-17', Statement: [{ ...statement, ...(condition && { Condition: condition }) }] };
}

function allow(action: string, resources: readonly string[]): object {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: resources }] };
}

function letIn(functionOf: string, rule: string): object {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: functionOf,
    Condition: { ArnLike: { 'AWS:SourceArn': rule } },
  };
  return { Version: '2012-10-17', Statement: [statement] };
}

import { stringify } from 'yaml';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';

/** One entry of a service's lifecycleHooks, as ECS's API has it. */
export interface HookBlock {
  hookTargetArn: string;
  roleArn: string;
  lifecycleStages: readonly string[];
  hookDetails: JsonObject;
  timeoutConfiguration?: { timeoutInMinutes: number; action: string } | undefined;
}

/** The service that it is for, as far as a format names it. */
export interface Target {
  strategy?: { strategy: string; bakeTimeInMinutes: number };
  cluster?: string;
  service?: string;
}

export const FORMATS = ['json', 'cloudformation', 'cdk', 'terraform', 'cli'] as const;
export type Format = (typeof FORMATS)[number];

/** The hook as the tool wants it. Every tool replaces the whole list: the hooks that are there go into it too. */
export function print(format: Format, block: HookBlock, target: Target): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(configurationOf(block, target), null, 2)}\n`;
    case 'cloudformation':
      return stringify({ DeploymentConfiguration: { LifecycleHooks: [cloudFormation(block)] } }, { lineWidth: 0 });
    case 'cdk':
      return cdk(block);
    case 'terraform':
      return terraform(block);
    case 'cli':
      return cli(block, target);
  }
}

function configurationOf(block: HookBlock, { strategy }: Target): JsonObject {
  return { ...strategy, lifecycleHooks: [block] };
}

/** HookDetails is a JSON object as a string (template reference, DeploymentLifecycleHook). */
function cloudFormation({ hookDetails, timeoutConfiguration: timeout, ...block }: HookBlock): JsonObject {
  return {
    HookTargetArn: block.hookTargetArn,
    RoleArn: block.roleArn,
    LifecycleStages: block.lifecycleStages,
    HookDetails: JSON.stringify(hookDetails),
    ...(timeout && { TimeoutConfiguration: { TimeoutInMinutes: timeout.timeoutInMinutes, Action: timeout.action } }),
  };
}

/** The L2 target, DeploymentLifecycleLambdaTarget, has neither hookDetails nor a time-out: the L1 service is overridden. */
function cdk(block: HookBlock): string {
  const hooks = JSON.stringify([cloudFormation(block)], null, 2);
  return [
    '// service: an ecs.FargateService or ecs.Ec2Service. The override is the whole list of its lifecycle hooks.',
    'const cfnService = service.node.defaultChild as ecs.CfnService;',
    `cfnService.addPropertyOverride('DeploymentConfiguration.LifecycleHooks', ${hooks});`,
    '',
  ].join('\n');
}

/** Blocks of aws_ecs_service; hook_details is JSON text, which jsonencode makes. */
function terraform({ hookDetails, timeoutConfiguration: timeout, ...block }: HookBlock): string {
  const lines = [
    'deployment_configuration {',
    '  lifecycle_hook {',
    `    hook_target_arn  = ${hcl(block.hookTargetArn)}`,
    `    role_arn         = ${hcl(block.roleArn)}`,
    `    lifecycle_stages = ${hcl(block.lifecycleStages)}`,
    `    hook_details     = jsonencode(${hcl(hookDetails, '    ')})`,
    ...(timeout === undefined
      ? []
      : [
          '',
          '    timeout_configuration {',
          `      timeout_in_minutes = ${timeout.timeoutInMinutes}`,
          `      action             = ${hcl(timeout.action)}`,
          '    }',
        ]),
    '  }',
    '}',
    '',
  ];
  return lines.join('\n');
}

/** A value as an expression of HCL. */
function hcl(value: unknown, indent = ''): string {
  if (typeof value === 'string') return hclString(value);
  if (Array.isArray(value)) return `[${value.map((one) => hcl(one, indent)).join(', ')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const lines = Object.entries(value).map(
    ([key, one]) => `${indent}  ${hclString(key)} = ${hcl(one, `${indent}  `)}\n`,
  );
  return lines.length === 0 ? '{}' : `{\n${lines.join('')}${indent}}`;
}

/** HCL knows JSON's escapes but \b and \f, and takes ${ and %{ for templates. */
function hclString(text: string): string {
  return JSON.stringify(text)
    .replaceAll(/\\\\|\\b|\\f/g, (found) => (found === '\\b' ? '\\u0008' : found === '\\f' ? '\\u000c' : found))
    .replaceAll(/([$%])\{/g, '$1$1{');
}

function cli(block: HookBlock, target: Target): string {
  const { cluster, service } = target;
  return [
    'aws ecs update-service \\',
    `  --cluster ${cluster === undefined ? '"$CLUSTER"' : quoted(cluster)} \\`,
    `  --service ${service === undefined ? '"$SERVICE"' : quoted(service)} \\`,
    `  --deployment-configuration ${quoted(JSON.stringify(configurationOf(block, target)))}`,
    '',
  ].join('\n');
}

/** A word for the shell, in quotes where it needs them. */
function quoted(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** What the hooks are, for the Terraform module. */
import type { AnyHook } from '../../shared/hook.ts';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import { functionResources, KNOWN_DEFAULTS, prefixOf } from './functions.ts';
import { json } from './json.ts';
import { logicalId, placeholders, VARIABLES } from './names.ts';
import { statementsOf } from './policies.ts';
import { CONSUMER_GATE, INVOKE_CONDITION, TRAFFIC_GENERATOR } from './roles.ts';
import { snake } from './terraform-variables.ts';

/** hooks.tf.json: one local value for each hook, and the policies of the other roles. */
export function terraformData(hooks: readonly AnyHook[]): string {
  const of = (policy: { Statement: readonly object[] }) => policy.Statement.map((one) => expressions(one));
  return json({
    '//': 'Written by `npm run docs` from the declarations of the hooks.',
    locals: {
      all_hooks: Object.fromEntries(hooks.map((hook) => [hook.name, dataOf(hook)])),
      consumer_gate: of(CONSUMER_GATE),
      traffic_generator: of(TRAFFIC_GENERATOR),
      invoke_condition: expressions(INVOKE_CONDITION),
    },
  });
}

function dataOf(hook: AnyHook): JsonObject {
  const { name } = hook;
  const resources = objectOf(functionResources(hook));
  const of = (kind: string) => objectOf(objectOf(resources[`${logicalId(name)}${kind}`]).Properties);
  const { Description, Handler, Runtime, Architectures, MemorySize, Timeout } = of('Function');
  const { defaults = {}, when } = KNOWN_DEFAULTS.get(name) ?? {};
  return {
    description: Description,
    handler: Handler,
    runtime: Runtime,
    architectures: Architectures,
    memory_size: MemorySize,
    timeout: Timeout,
    takes_events: hook.onServiceEvent !== undefined,
    defaults: expressions(prefixOf(hook)),
    // Those that there are only under a condition are null without it.
    known: Object.fromEntries(Object.entries(defaults).map(([key, value]) => [key, conditional(value, when)])),
    alarms: Object.fromEntries(['Errors', 'Throttles'].map((metric) => [metric, of(metric).AlarmDescription])),
    statements: statementsOf(hook).map(({ statement, when: needed }) => ({
      when: needed === undefined ? true : `\${local.${snake(needed)}}`,
      ...objectOf(expressions(statement, name)),
    })),
  };
}

function conditional(value: string, when: string | undefined): string {
  const whole = expression(placeholders(value));
  return when === undefined ? whole : `\${local.${snake(when)} ? "${whole}" : null}`;
}

/** With expressions of Terraform in the place of the template's parameters. */
function expressions(value: unknown, hook = ''): unknown {
  if (typeof value === 'string') return expression(placeholders(value), hook);
  if (Array.isArray(value)) return value.map((item) => expressions(item, hook));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expressions(item, hook)]));
}

function expression(template: string, hook = ''): string {
  return template.replace(/\$\{([\w:]+)\}/g, (_, name: string) => {
    if (name === 'FunctionName') return `\${var.name_prefix}-${hook}`;
    if (name.startsWith('AWS::')) return `\${local.${snake(name.slice('AWS::'.length).replace('URL', 'Url'))}}`;
    return name in VARIABLES ? `\${local.${snake(name)}}` : `\${var.${snake(name)}}`;
  });
}

function objectOf(value: unknown): JsonObject {
  if (isJsonObject(value)) return value;
  throw new Error(`not an object: ${JSON.stringify(value)}`);
}

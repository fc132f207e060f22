/** variables.tf of the Terraform module: the parameters of the template. */
import type { AnyHook } from '../../shared/hook.ts';
import { type Parameter, parametersOf } from './parameters.ts';

interface Variable {
  name: string;
  description: string;
  type: string;
  /** As HCL writes it; undefined: the variable must be given. */
  default: string | undefined;
  /** What must hold, and what is said where it does not. */
  checks: readonly { condition: string; message: string }[];
}

/** `log_retention_days` of `LogRetentionDays`. */
export function snake(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
}

/** The variables: those of the template's parameters that each hook has of its own are one map here. */
export function variablesOf(hooks: readonly AnyHook[]): Variable[] {
  const parameters = Object.entries(parametersOf([])).map(([name, parameter]) => variableOf(snake(name), parameter));
  return [hooksVariable(hooks.map(({ name }) => name)), ARTIFACTS, ...parameters];
}

export function terraformVariables(hooks: readonly AnyHook[]): string {
  const head = '# Written by `npm run docs` from the parameters of deploy/template.yaml.';
  return `${[head, ...variablesOf(hooks).map(print)].join('\n\n')}\n`;
}

const ARTIFACTS: Variable = {
  name: 'artifacts',
  description: 'The folder with the built <hook>.zip; empty: dist/ of this project',
  type: 'string',
  default: '""',
  checks: [],
};

function hooksVariable(ids: readonly string[]): Variable {
  const known = ids.map((id) => JSON.stringify(id)).join(', ');
  const ofAll = (condition: string) => `alltrue([for hook in values(var.hooks) : ${condition}])`;
  return {
    name: 'hooks',
    description:
      'The hooks to deploy, each with its HOOK_DEFAULTS as JSON, beside what the module knows itself, and its HOOK_POLICY, as JSON or as ssm:NAME',
    type: 'map(object({ defaults = optional(string, "{}"), policy = optional(string, "") }))',
    default: undefined,
    checks: [
      {
        condition: `length(var.hooks) > 0 && length(setsubtract(keys(var.hooks), [${known}])) == 0`,
        message: `Choose at least one of: ${ids.join(', ')}.`,
      },
      {
        condition: ofAll('can(keys(jsondecode(hook.defaults)))'),
        message: 'The defaults of a hook must be a JSON object: write jsonencode({ ... }).',
      },
      {
        condition: ofAll('contains(["", "ssm:"], substr(hook.policy, 0, 4)) || can(keys(jsondecode(hook.policy)))'),
        message: 'The policy of a hook must be a JSON object, or ssm:NAME.',
      },
    ],
  };
}

function variableOf(name: string, parameter: Parameter): Variable {
  const { Default: standard, Description: description } = parameter;
  const type = typeOf(parameter);
  const given = standard === undefined ? undefined : text(standard);
  return {
    name,
    description: named(description),
    type,
    default: type === 'bool' ? String(standard) : type === 'list(string)' ? '[]' : given,
    checks: type === 'bool' ? [] : checksOf(name, parameter),
  };
}

function typeOf({ Type: type, AllowedValues: allowed }: Parameter): string {
  if (allowed?.includes('true')) return 'bool';
  if (type === 'Number') return 'number';
  return type === 'CommaDelimitedList' ? 'list(string)' : 'string';
}

function checksOf(name: string, { AllowedPattern: pattern, AllowedValues: allowed, MinLength: least }: Parameter) {
  const checks: Variable['checks'][number][] = [];
  if (pattern !== undefined) {
    const condition = `can(regex(${text(`^(?:${pattern})$`)}, var.${name}))`;
    checks.push({ condition, message: `${name} must match ${pattern}` });
  }
  if (least !== undefined) {
    checks.push({ condition: `length(var.${name}) >= ${least}`, message: `${name} must not be empty` });
  }
  if (allowed !== undefined) {
    const list = allowed.join(', ');
    checks.push({ condition: `contains([${list}], var.${name})`, message: `${name} must be one of ${list}` });
  }
  return checks;
}

/** The parameters that a description names, as the module calls them. */
function named(description: string): string {
  return Object.keys(parametersOf([])).reduce(
    (result, name) => result.replace(new RegExp(`\\b${name}\\b(?! Connect)`, 'g'), snake(name)),
    description.replaceAll(/\bstack\b/g, 'module'),
  );
}

function print({ name, description, type, default: standard, checks }: Variable): string {
  return block(`variable "${name}"`, [
    `description = ${text(description)}`,
    `type        = ${type}`,
    ...(standard === undefined ? [] : [`default     = ${standard}`]),
    ...checks.flatMap(({ condition, message }) => [
      '',
      ...block('validation', [`condition     = ${condition}`, `error_message = ${text(message)}`]).split('\n'),
    ]),
  ]);
}

function block(head: string, lines: readonly string[]): string {
  return `${head} {\n${lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}\n}`;
}

/** A string of HCL, or a number. */
function text(value: string | number): string {
  return JSON.stringify(value).replaceAll(/([$%])\{/g, '$1$1{');
}

import type { AnyHook } from '../../shared/hook.ts';
import { parametersOf } from '../deploy/parameters.ts';
import { type Policy, policyOf } from '../deploy/policies.ts';
import { CONSUMER_GATE, invokePolicy, TRAFFIC_GENERATOR } from '../deploy/roles.ts';
import { outputsOf } from '../deploy/template.ts';
import { cell, code } from './tables.ts';

/** Hooks as they are deployed: the template for new ones is not. */
function deployed(hooks: readonly AnyHook[]): readonly AnyHook[] {
  return hooks.filter(({ name }) => !name.startsWith('_'));
}

export function parametersTable(hooks: readonly AnyHook[]): string {
  const rows = Object.entries(parametersOf(deployed(hooks))).map(([name, { Default, Description }]) => {
    const standard = Default === undefined ? '**needed**' : Default === '' ? '' : code(String(Default));
    return `| ${code(name)} | ${standard} | ${cell(Description)} |`;
  });
  return ['| parameter | default | |', '|---|---|---|', ...rows].join('\n');
}

export function outputsTable(hooks: readonly AnyHook[]): string {
  const rows = Object.entries(outputsOf(deployed(hooks))).map(
    ([name, { Description }]) => `| ${code(name)} | ${cell(Description)} |`,
  );
  return ['| output | is |', '|---|---|', ...rows].join('\n');
}

/** Names of the statements that every hook's policy has. */
const COMMON = ['Logs', 'PolicyParameter'];

/** Each role with what it may do on what; names in `${}` are parameters, and those of the stack's own things. */
export function rolesTable(hooks: readonly AnyHook[]): string {
  const policies = deployed(hooks).map((hook): [string, Policy] => [hook.name, policyOf(hook)]);
  const [[, { Statement = [] }] = ['', { Statement: [] }]] = policies;
  const common: Policy = { Version: '2012-10-17', Statement: Statement.filter(({ Sid }) => COMMON.includes(Sid)) };
  const roles: [string, Policy][] = [
    ...policies.map(([name, policy]): [string, Policy] => [
      name,
      { ...policy, Statement: policy.Statement.filter(({ Sid }) => !COMMON.includes(Sid)) },
    ]),
    ['every hook', common],
    ['traffic generator', TRAFFIC_GENERATOR],
    ['consumer gate', CONSUMER_GATE],
    ['ECS, to invoke', invokePolicy(deployed(hooks))],
  ];
  const rows = roles.flatMap(([role, { Statement }]) =>
    Statement.map(({ Action, Resource, Condition }) => {
      const when = Condition === undefined ? '' : `, where ${code(short(JSON.stringify(Condition)))}`;
      return `| ${role} | ${list(Action)} | ${list(Resource.map(short))}${when} |`;
    }),
  );
  return ['| role | may | on |', '|---|---|---|', ...rows].join('\n');
}

function list(items: readonly string[]): string {
  return items.map(code).join(', ');
}

/** Account and Region are the stack's own in all of them. */
function short(arn: string): string {
  return arn.replaceAll(/\barn:\$\{AWS::Partition\}:\w+:(?:\$\{AWS::Region\})?:\$\{AWS::AccountId\}:/g, '');
}

import type { AnyHook } from '../../shared/hook.ts';
import { variablesOf } from '../deploy/terraform-variables.ts';
import { cell, code } from './tables.ts';

/** The variables of the Terraform module. */
export function variablesTable(hooks: readonly AnyHook[]): string {
  const rows = variablesOf(hooks.filter(({ name }) => !name.startsWith('_'))).map((variable) => {
    const { default: standard = '**needed**', description, name, type } = variable;
    const shown = standard.startsWith('*') ? standard : code(standard);
    // The objects of `hooks` are in the example.
    return `| ${code(name)} | ${type.replace(/\(object.*/, ' of objects')} | ${shown} | ${cell(description)} |`;
  });
  return ['| variable | type | default | |', '|---|---|---|---|', ...rows].join('\n');
}

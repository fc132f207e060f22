import { Overlay, Policy } from '../../hooks/admission/policy.ts';
import { code, configTable, nestedTables } from './tables.ts';

/** Keys of the hook's configuration that its page explains in the policy's tables, or that nobody can give. */
export const ADMISSION_ELSEWHERE = [...Object.keys(Policy.shape), 'addedRules'];

/** The policy reference: a table for the policy and one for each object within it. */
export function policyTables(): string {
  return nestedTables('policy', Policy)
    .map(({ name, path, text }) => `### ${name}${path === '' ? '' : `: ${code(path)}`}\n\n${text}`)
    .join('\n\n');
}

/** What hookDetails may hold. */
export function overlayTable(): string {
  return configTable(Overlay);
}

import * as z from 'zod/mini';
import type { ConfigLayer } from '../../shared/config.ts';
import { ConfigError } from '../../shared/errors.ts';
import { PARAMETER_PREFIX, RETAIN_DAYS } from '../../shared/parameter-config.ts';
import { described } from '../../shared/schema.ts';
import { Policy, parseOverlay, Rule } from './policy.ts';

const { mode: _mode, onError: _onError, ...document } = Policy.shape;

/** The policy document, and what the hook itself needs. `mode` and `onError` are among the keys of every hook. */
export const Config = z.strictObject({
  ...document,
  addedRules: described(
    z._default(z.array(Rule), []),
    'the rules of hookDetails, put here by the hook itself: no layer may name this key',
  ),
  parameterPrefix: PARAMETER_PREFIX,
  retainDays: RETAIN_DAYS,
});
export type Config = z.infer<typeof Config>;

/**
 * The policy is the platform team's: HOOK_POLICY over HOOK_DEFAULTS. A service's hookDetails may add rules, which only
 * make it stricter, and may enforce where the policy audits; nothing else.
 *
 * @throws ConfigError
 */
export function admissionLayers(layers: readonly ConfigLayer[]): ConfigLayer[] {
  const own = layers.filter(({ name }) => name !== 'hookDetails');
  const policy = own.findLast(({ values }) => values.rules !== undefined);
  if (policy === undefined) {
    throw new ConfigError('Bad configuration: there is no policy; give one in HOOK_POLICY (or HOOK_DEFAULTS)');
  }
  if (!own.some(({ values }) => 'version' in values)) {
    throw new ConfigError(`Bad configuration: ${policy.name}.version is missing (1 expected)`);
  }
  const reserved = own.find(({ values }) => 'addedRules' in values);
  if (reserved !== undefined) {
    throw new ConfigError(`Bad configuration: ${reserved.name}.addedRules is not a known key`);
  }
  const added = layers.find(({ name }) => name === 'hookDetails');
  const overlay = parseOverlay(added?.values ?? {}, 'hookDetails');
  const service = { addedRules: overlay.rules, ...(overlay.mode !== undefined && { mode: overlay.mode }) };
  return [...own.map(translated), { name: 'hookDetails', values: service }];
}

/** The document's words in the framework's: `deny` and `allow`, and its deadline in seconds. */
function translated({ name, values }: ConfigLayer): ConfigLayer {
  const { onError, deadlineSeconds } = values;
  const answer = onError === 'deny' ? 'fail' : onError === 'allow' ? 'succeed' : onError;
  return {
    name,
    values: {
      ...values,
      ...(onError !== undefined && { onError: answer }),
      ...(typeof deadlineSeconds === 'number' && deadlineSeconds > 0 && { timeoutMinutes: deadlineSeconds / 60 }),
    },
  };
}

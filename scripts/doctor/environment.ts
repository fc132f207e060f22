import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { isJsonObject, parseJson } from '../../shared/schema.ts';
import { ask } from './ask.ts';
import type { Clients } from './clients.ts';
import { type Line, right, unknown, wrong } from './line.ts';

export interface Environment {
  line: Line;
  /** HOOK_DEFAULTS and HOOK_POLICY as the hook will have them, a policy in a parameter read; undefined if not known. */
  env: Readonly<Record<string, string>> | undefined;
  policyParameter: string | undefined;
}

/** HOOK_DEFAULTS and HOOK_POLICY, each by itself; the values are judged together with hookDetails. */
export async function readEnvironment(clients: Clients, { Environment }: FunctionConfiguration): Promise<Environment> {
  const { HOOK_DEFAULTS: defaults = '', HOOK_POLICY: policy = '' } = Environment?.Variables ?? {};
  const policyParameter = policy.startsWith('ssm:') ? policy.slice('ssm:'.length) : undefined;
  const without = (line: Line): Environment => ({ line, env: undefined, policyParameter });
  if (Environment?.Error !== undefined) {
    const why = Environment.Error.Message ?? Environment.Error.ErrorCode ?? 'Lambda does not show the environment';
    return without(unknown('environment', { why, permission: 'kms:Decrypt' }));
  }
  const bad = jsonProblem('HOOK_DEFAULTS', defaults);
  if (bad !== undefined) return without(bad);
  const text = policyParameter === undefined ? policy : await readPolicy(clients, policyParameter);
  if (typeof text !== 'string') return without(text);
  const badPolicy =
    text.trim() === '' && policyParameter === undefined ? undefined : jsonProblem('HOOK_POLICY', text, policy);
  if (badPolicy !== undefined) return without(badPolicy);
  const told = [
    defaults === '' ? 'no HOOK_DEFAULTS' : 'HOOK_DEFAULTS',
    policy === ''
      ? 'no HOOK_POLICY'
      : policyParameter === undefined
        ? 'HOOK_POLICY'
        : `HOOK_POLICY in ${policyParameter}`,
  ];
  return {
    line: right('environment', told.join(', ')),
    env: { HOOK_DEFAULTS: defaults, HOOK_POLICY: text },
    policyParameter,
  };
}

async function readPolicy({ ssm }: Clients, name: string): Promise<string | Line> {
  const asked = await ask(ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true })));
  if (asked.kind === 'told') return asked.value.Parameter?.Value ?? '';
  if (asked.kind === 'unseen') return unknown('environment', asked);
  return wrong(
    'environment',
    `HOOK_POLICY names ${name}, and there is no such parameter`,
    'write it, or mend HOOK_POLICY',
  );
}

/** Says nothing of what a parameter holds: a wrong name may have met a secret. */
function jsonProblem(name: string, text: string, source = ''): Line | undefined {
  const isParameter = source.startsWith('ssm:');
  if ((text.trim() === '' && !isParameter) || isJsonObject(parseJson(text))) return undefined;
  const shown = isParameter ? ` (${source})` : `: ${text.slice(0, 80)}`;
  return wrong('environment', `${name} is no JSON object${shown}`, 'write one, or leave it out');
}

import { parseArgs } from 'node:util';
import type { AnyHook } from '../../shared/hook.ts';
import { isJsonObject, parseJson } from '../../shared/schema.ts';
import { spelled, UsageError } from '../command.ts';
import type { HookSurroundings } from './hook.ts';

export const USAGE = `${spelled('validate')} <file, cdk.out or ->… [options]

Takes services as the AWS CLI has them (describe-services, create-service, update-service), CloudFormation templates
(YAML, JSON), a cdk.out folder, and what terraform show -json prints of a plan. - reads standard input.

  --map NAME=HOOK  this function is this hook (repeatable). NAME: its ARN, name or logical id, or the path that a
                   finding has. Without it, that is told from the end of the function's name
  --defaults JSON, --defaults HOOK=JSON   HOOK_DEFAULTS of all functions, or of one (repeatable)
  --policy JSON, --policy HOOK=JSON       HOOK_POLICY likewise
  --strict         warnings count as errors
  --skip-unknown   pass over files that are something else, as a pre-commit check must
  --json           print JSON

Exit: 0 no errors, 1 errors, 2 the call is wrong or a file cannot be read.`;

export interface ValidateOptions {
  paths: readonly string[];
  around: HookSurroundings;
  strict: boolean;
  skipUnknown: boolean;
  json: boolean;
}

const OPTIONS = {
  map: { type: 'string', multiple: true },
  defaults: { type: 'string', multiple: true },
  policy: { type: 'string', multiple: true },
  strict: { type: 'boolean', default: false },
  'skip-unknown': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/**
 * @returns 'help' where that is asked for
 * @throws UsageError
 */
export function readOptions(args: readonly string[], hooks: readonly AnyHook[]): ValidateOptions | 'help' {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  if (values.help) return 'help';
  if (positionals.length === 0) throw new UsageError(USAGE);
  const ids = hooks.map(({ name }) => name);
  const [defaults, policies] = [
    readLayers('--defaults', values.defaults ?? [], ids),
    readLayers('--policy', values.policy ?? [], ids),
  ];
  const envOf = (hook: string) => {
    const [own, policy] = [defaults.get(hook), policies.get(hook)];
    if (own === undefined && policy === undefined) return undefined;
    return { ...(own !== undefined && { HOOK_DEFAULTS: own }), ...(policy !== undefined && { HOOK_POLICY: policy }) };
  };
  return {
    paths: positionals,
    around: { hooks, map: readMap(values.map ?? [], ids), envOf },
    strict: values.strict,
    skipUnknown: values['skip-unknown'],
    json: values.json,
  };
}

function readMap(texts: readonly string[], ids: readonly string[]): Map<string, string> {
  return new Map(
    texts.map((text): [string, string] => {
      const at = text.lastIndexOf('=');
      const [name, hook] = [text.slice(0, at), text.slice(at + 1)];
      if (at < 1 || !ids.includes(hook)) {
        throw new UsageError(`--map takes NAME=HOOK with one of ${ids.join(', ')}, not ${JSON.stringify(text)}`);
      }
      return [name, hook];
    }),
  );
}

/** JSON text by hook; what names no hook is of all of them. */
function readLayers(option: string, texts: readonly string[], ids: readonly string[]): Map<string, string> {
  return new Map(
    texts.flatMap((text): [string, string][] => {
      const [, named, json = text] = /^([a-z][a-z0-9-]*)=(.*)$/s.exec(text) ?? [];
      if (named !== undefined && !ids.includes(named)) {
        throw new UsageError(`${option}: ${named} is none of the hooks ${ids.join(', ')}`);
      }
      if (!isJsonObject(parseJson(json))) {
        throw new UsageError(`${option} must be a JSON object, not ${JSON.stringify(json.slice(0, 80))}`);
      }
      return (named === undefined ? ids : [named]).map((id) => [id, json]);
    }),
  );
}

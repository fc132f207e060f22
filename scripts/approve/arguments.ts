import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { spelled } from '../command.ts';

export const USAGE = `Usage: ${spelled('approve')} <command> [options]

  list                    the deployments that wait for approval
  show <deployment>       one request: what is released, until when, who has voted
  accept <deployment>     let it go on
  decline <deployment>    have it rolled back; a decline is final

<deployment> is a deployment id, the beginning of one, or the ARN of the service deployment.

  --reason <text>       why; some hooks require it
  --service <name>      only requests of this service
  --cluster <name>      only requests of this cluster
  --stage <stage>       only requests at this lifecycle stage; of one traffic step: <stage>-<weight>
  --all                 list: those that are decided or expired, too
  --force               vote although the request looks decided
  --prefix <path>       the hook's parameterPrefix (/ecs-hooks)
  --region <region>     (AWS_REGION)
  --endpoint-url <url>  an AWS endpoint other than AWS's own (AWS_ENDPOINT_URL)
  --as <name>           who votes; only with an endpoint on this machine
  --json                print JSON
  --help                this text

Exit code: 0 done; 1 not found, ambiguous, already decided, or refused by AWS; 2 wrong usage.`;

/** The caller could not have meant this: told with a hint at the usage, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const COMMANDS = ['list', 'show', 'accept', 'decline'] as const;
export type Command = (typeof COMMANDS)[number];

export interface Where {
  region: string;
  endpointUrl?: string;
  /** The access key id to sign with; the SDK's own credentials without it. */
  accessKeyId?: string;
}

export interface Arguments {
  command: Command;
  /** An id, the beginning of one, or an ARN; empty for `list`. */
  deployment: string;
  reason?: string;
  service?: string;
  cluster?: string;
  stage?: string;
  all: boolean;
  force: boolean;
  prefix: string;
  json: boolean;
  where: Where;
}

const OPTIONS = {
  reason: { type: 'string' },
  service: { type: 'string' },
  cluster: { type: 'string' },
  stage: { type: 'string' },
  all: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  prefix: { type: 'string', default: '/ecs-hooks' },
  region: { type: 'string' },
  'endpoint-url': { type: 'string' },
  as: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/**
 * @returns 'help' where that is asked for
 * @throws UsageError
 */
export function readArguments(argv: readonly string[], env: NodeJS.ProcessEnv): Arguments | 'help' {
  const { values, positionals } = parse(argv);
  if (values.help) return 'help';
  const [word = '', deployment = '', ...rest] = positionals;
  const command = COMMANDS.find((one) => one === word);
  if (command === undefined) {
    throw new UsageError(`${word === '' ? 'a command is missing' : `unknown command ${word}`}: ${COMMANDS.join(', ')}`);
  }
  const extra = command === 'list' ? deployment : rest[0];
  if (extra) throw new UsageError(`${command} does not take ${JSON.stringify(extra)}; put a reason into --reason`);
  if (command !== 'list' && deployment === '') throw new UsageError(`${command} needs a deployment; list shows them`);
  const { reason, service, cluster, stage, all, force, json } = values;
  if (reason !== undefined) checkReason(command, reason);
  return {
    command,
    deployment,
    all,
    force,
    json,
    prefix: prefixOf(values.prefix),
    where: whereOf(values, deployment, env),
    ...(reason !== undefined && { reason }),
    ...(service !== undefined && { service }),
    ...(cluster !== undefined && { cluster }),
    ...(stage !== undefined && { stage }),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** A standard parameter holds 4 KB, and the decision's word is in it too. */
const REASON_BYTES = 4000;

function checkReason(command: Command, reason: string): void {
  if (command !== 'accept' && command !== 'decline') throw new UsageError(`--reason is for accept and decline`);
  if (reason.trim() === '') throw new UsageError('--reason is empty');
  if (Buffer.byteLength(reason) > REASON_BYTES) throw new UsageError(`--reason is longer than ${REASON_BYTES} bytes`);
}

function prefixOf(prefix: string): string {
  if (!/^(\/[\w.-]+)+\/?$/.test(prefix)) {
    throw new UsageError(`--prefix must be a path as /ecs-hooks, not ${JSON.stringify(prefix)}`);
  }
  return prefix.replace(/\/$/, '');
}

/** Where the simulator's endpoint is, unless it is told otherwise. */
const LOCAL_REGION = 'eu-west-1';

function whereOf(
  values: { region?: string; 'endpoint-url'?: string; as?: string },
  deployment: string,
  env: NodeJS.ProcessEnv,
): Where {
  const endpointUrl = values['endpoint-url'] ?? env.AWS_ENDPOINT_URL;
  const isLocal = endpointUrl !== undefined && isLoopback(endpointUrl);
  const named = values.region ?? /^arn:[^:]+:ecs:([a-z0-9-]+):/.exec(deployment)?.[1] ?? env.AWS_REGION;
  const region = named ?? (isLocal ? LOCAL_REGION : undefined);
  if (!region) throw new UsageError('which Region? Give --region, or set AWS_REGION');
  if (values.as !== undefined && !isLocal) {
    throw new UsageError(
      '--as only works with an endpoint on this machine: AWS takes who you are from your credentials',
    );
  }
  if (values.as !== undefined && !/^[\w+=.@-]{2,64}$/.test(values.as)) {
    throw new UsageError(`--as must be a name of 2 to 64 letters, digits and _+=.@-, not ${JSON.stringify(values.as)}`);
  }
  const hasCredentials = Boolean(env.AWS_ACCESS_KEY_ID ?? env.AWS_PROFILE);
  const accessKeyId = values.as ?? (isLocal && !hasCredentials ? userName() : undefined);
  return { region, ...(endpointUrl && { endpointUrl }), ...(accessKeyId !== undefined && { accessKeyId }) };
}

/** @throws UsageError when it is no URL */
function isLoopback(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new UsageError(`the endpoint must be a URL as http://127.0.0.1:4566, not ${JSON.stringify(url)}`);
  }
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(parsed.hostname);
}

function userName(): string {
  try {
    const { username } = userInfo();
    return /^[\w+=.@-]{2,64}$/.test(username) ? username : 'local';
  } catch {
    // A container's user may have no entry in the password file.
    return 'local';
  }
}

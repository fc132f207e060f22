import { existsSync } from 'node:fs';
import { parseFunctionArn } from './arn.ts';

/** What a function's execution role gives it. */
export interface RoleCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** A function to run in the sandbox. Either `arn` or `name` is needed. */
export interface SandboxFunction {
  /** A qualifier is ignored: one entry serves all versions and aliases. */
  arn?: string;
  /** The ARN is then built from the sandbox's region and account. */
  name?: string;
  /** The module, such as `dist/approval/index.cjs`, deployed alone as its zip would; or a folder, deployed whole. */
  codePath: string;
  /** Default `index.handler`. */
  handler?: string;
  /** Real seconds until the process is killed, 1 to 900; default 30. */
  timeoutSeconds?: number;
  /** 128 to 10,240; default 256. The JavaScript heap gets 90 % of it, as on Lambda. */
  memoryMb?: number;
  environment?: Record<string, string>;
  credentials?: RoleCredentials;
  /** The most invocations at one time; further ones are throttled. No limit by default. */
  reservedConcurrency?: number;
}

/** The same, checked and with the defaults filled in. */
export interface FunctionConfig {
  arn: string;
  name: string;
  region: string;
  codePath: string;
  handler: string;
  timeoutSeconds: number;
  memoryMb: number;
  environment: Record<string, string>;
  credentials: RoleCredentials;
  reservedConcurrency: number;
}

// "Working with Lambda environment variables": the keys that a function's configuration may not set.
const RESERVED_KEYS = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);
const MAX_ENVIRONMENT_BYTES = 4096;
const ENVIRONMENT_REFUSED =
  'Lambda was unable to configure your environment variables because the environment variables you have provided';

/**
 * Checks a function as CreateFunction would.
 *
 * @throws Error in Lambda's words for what Lambda refuses; one that names `npm run build` when there is no code
 */
export function functionConfig(
  input: SandboxFunction,
  defaults: { region: string; accountId: string; credentials: RoleCredentials },
): FunctionConfig {
  const arn = input.arn ?? `arn:aws:lambda:${defaults.region}:${defaults.accountId}:function:${input.name ?? ''}`;
  const parts = parseFunctionArn(arn);
  if (!parts) throw new Error(`${arn} is not the ARN of a Lambda function`);
  if (!existsSync(input.codePath)) {
    throw new Error(
      `Lambda function ${parts.functionName} has no code at ${input.codePath}: run "npm run build" first`,
    );
  }
  const environment = input.environment ?? {};
  checkEnvironment(environment);
  return {
    arn,
    name: parts.functionName,
    region: parts.region,
    codePath: input.codePath,
    handler: input.handler ?? 'index.handler',
    timeoutSeconds: inRange('timeoutSeconds', input.timeoutSeconds ?? 30, 1, 900),
    memoryMb: inRange('memoryMb', input.memoryMb ?? 256, 128, 10_240),
    environment,
    credentials: input.credentials ?? defaults.credentials,
    reservedConcurrency: input.reservedConcurrency ?? Infinity,
  };
}

function inRange(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${value}`);
}

function checkEnvironment(environment: Record<string, string>): void {
  const reserved = Object.keys(environment).filter((key) => RESERVED_KEYS.has(key));
  if (reserved.length > 0) {
    throw new Error(
      `${ENVIRONMENT_REFUSED} contains reserved keys that are currently not supported for modification. ` +
        `Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
  const measured = JSON.stringify(environment);
  if (Buffer.byteLength(measured) > MAX_ENVIRONMENT_BYTES) {
    throw new Error(`${ENVIRONMENT_REFUSED} exceeded the 4KB limit. String measured: ${measured}`);
  }
}

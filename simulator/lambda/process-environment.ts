import type { FunctionConfig } from './function-config.ts';

/** What differs from one process of a function to the next. */
export interface ProcessPlace {
  /** Host and port of the Runtime API. */
  runtimeApi: string;
  taskRoot: string;
  runtimeDir: string;
  version: string;
  logStreamName: string;
  endpointUrl?: string | undefined;
  /** A PEM file with the authority of an https endpoint. */
  ca?: string | undefined;
}

/**
 * The whole environment of a function's process: what Lambda sets, and nothing of the developer's own. Source:
 * "Working with Lambda environment variables", defined runtime environment variables.
 */
export function processEnvironment(config: FunctionConfig, place: ProcessPlace): Record<string, string> {
  return {
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    // Without it the SDK asks the user database, and would read the profiles in the developer's home.
    HOME: '/home/sbx_user1051',
    ...(place.endpointUrl === undefined ? {} : { AWS_ENDPOINT_URL: place.endpointUrl }),
    ...(place.ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: place.ca }),
    ...config.environment,
    _HANDLER: config.handler,
    AWS_REGION: config.region,
    AWS_DEFAULT_REGION: config.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_VERSION: place.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName(config.name),
    AWS_LAMBDA_LOG_STREAM_NAME: place.logStreamName,
    AWS_LAMBDA_RUNTIME_API: place.runtimeApi,
    AWS_ACCESS_KEY_ID: config.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: config.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: config.credentials.sessionToken,
    LAMBDA_TASK_ROOT: place.taskRoot,
    LAMBDA_RUNTIME_DIR: place.runtimeDir,
  };
}

export function logGroupName(functionName: string): string {
  return `/aws/lambda/${functionName}`;
}

/** `2026/10/06/[$LATEST]…`, as Lambda names a log stream; `id` is hexadecimal. */
export function logStreamName(at: number, version: string, id: string): string {
  return `${new Date(at).toISOString().slice(0, 10).replaceAll('-', '/')}/[${version}]${id}`;
}

/** An X-Ray trace header made of a request id, so that it needs no randomness of its own. */
export function traceHeader(requestId: string, at: number): string {
  const hex = requestId.replaceAll('-', '').padEnd(32, '0');
  const seconds = Math.floor(at / 1000)
    .toString(16)
    .padStart(8, '0');
  return `Root=1-${seconds}-${hex.slice(0, 24)};Parent=${hex.slice(-16)};Sampled=0`;
}

/** V8's heap limits of the nodejs24.x runtime: 90 % of the memory for old objects, 5 % for each half of the young. */
export function heapFlags(memoryMb: number): string[] {
  return [
    `--max-semi-space-size=${Math.floor(memoryMb / 20)}`,
    `--max-old-space-size=${Math.floor((memoryMb * 9) / 10)}`,
  ];
}

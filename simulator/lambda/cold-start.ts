import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { functionConfig } from './function-config.ts';
import { heapFlags, processEnvironment } from './process-environment.ts';

export interface ColdStartInput {
  /** The artifact, such as `dist/approval/index.cjs`. */
  codePath: string;
  /** Default `handler`. */
  exportName?: string;
  /** The function's own variables, and NODE_EXTRA_CA_CERTS for an https endpoint. */
  env?: Record<string, string>;
  event: unknown;
  /** AWS_ENDPOINT_URL. */
  endpoint?: string;
  /** Default 1769, at which Lambda gives a function one whole vCPU. */
  memoryMb?: number;
  /** Real milliseconds until it is given up; default 60,000. */
  limitMs?: number;
}

export interface ColdStart {
  /** Milliseconds, taken inside the process with performance.now. */
  importMs: number;
  firstCallMs: number;
  /** CPU time of the two, of all the process's threads: what a busy machine cannot stretch. */
  cpuMs: number;
  /** What the handler returned, so that the caller sees that the work was done. */
  answer: unknown;
}

const PROBE = fileURLToPath(new URL('./runtime/cold-start-probe.cjs', import.meta.url));
const HERE = { region: 'eu-west-1', accountId: '123456789012' };
const CREDENTIALS = { accessKeyId: 'ASIACOLDSTARTPROBE00', secretAccessKey: 'local', sessionToken: 'local' };

/**
 * Starts a fresh process with Lambda's environment, imports an artifact, calls its handler once, and returns the
 * timings. The clock is the real one and there is no Runtime API: nothing but the artifact is measured.
 *
 * @throws Error with the process's stderr when it fails or takes longer than `limitMs`
 */
export async function measureColdStart(input: ColdStartInput): Promise<ColdStart> {
  const codePath = resolve(input.codePath);
  const { env = {}, memoryMb = 1769, exportName = 'handler' } = input;
  const config = functionConfig(
    { name: 'cold-start', codePath, memoryMb, environment: env },
    { ...HERE, credentials: CREDENTIALS },
  );
  const environment = processEnvironment(config, {
    runtimeApi: '127.0.0.1:9001',
    taskRoot: dirname(codePath),
    runtimeDir: '/var/runtime',
    version: '$LATEST',
    logStreamName: '2026/01/01/[$LATEST]00000000000000000000000000000000',
    endpointUrl: input.endpoint,
  });
  const args = [...heapFlags(memoryMb), PROBE, codePath, exportName, JSON.stringify(input.event ?? null)];
  const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const timer = setTimeout(() => child.kill('SIGKILL'), input.limitMs ?? 60_000);
  try {
    const result = child.stdio[3] as NodeJS.ReadableStream; // a pipe to read from, as asked for above
    const [timings, stderr] = await Promise.all([text(result), child.stderr ? text(child.stderr) : '', ended]);
    if (timings === '')
      throw new Error(`${input.codePath} did not answer its first call: ${stderr.trim() || 'killed'}`);
    return JSON.parse(timings);
  } finally {
    clearTimeout(timer);
  }
}

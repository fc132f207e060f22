import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isJsonObject, type JsonObject, parseJson } from '../../shared/schema.ts';
import { ExecutionEnvironment, type PhaseEnd } from '../../simulator/lambda/execution-environment.ts';
import { functionConfig } from '../../simulator/lambda/function-config.ts';
import { logStreamName, traceHeader } from '../../simulator/lambda/process-environment.ts';
import { listening } from '../fixtures/listening.ts';
import { ROOT } from '../fixtures/sources.ts';
import { unzip } from '../fixtures/unzip.ts';

export const NOW = Date.parse('2026-03-05T15:54:41.618Z');
const RUNTIME_CLIENT = {
  name: 'aws-lambda-ric@4.0.2',
  integrity: 'sha512-FE5Vskx7mYNnqAnWWJXUOsLp2VGgdsJsCoRLFTa8L4Yk0QVtArqR8q58yPA++QC1a73ZWJXBQ2AH31nIAv7NOQ==',
};
export const REQUEST_ID = '8476a536-e9f4-11e8-9739-2dfe598c3fcd';

/** Arguments of node that start AWS's own runtime client in the place of ours. */
export const AWS_RUNTIME: readonly string[] = [
  '--require',
  fileURLToPath(new URL('./runtime-client/rapid-client.cjs', import.meta.url)),
  awsRuntimeClient(),
];

const CREDENTIALS = {
  accessKeyId: 'ASIARUNTIMECLIENT000',
  secretAccessKey: 'a-secret-that-no-line-may-hold',
  sessionToken: 'a-token-that-no-line-may-hold',
};

export interface FunctionOptions {
  /** Ours without it. */
  runtime?: readonly string[];
  endpointUrl: string;
  environment?: Record<string, string>;
  /** Until the deadline that the function is told, milliseconds; default 30,000. */
  timeLeft?: number;
  /** In which steps its clock runs on, milliseconds; by default it stands, so that two runs say the same. */
  clockStepMs?: number;
}

export interface Answered {
  end: PhaseEnd;
  /** What the function wrote meanwhile, line by line. */
  logs: string[];
}

/** One process of an artifact, unzipped into a folder that cannot be written to, for one invocation after another. */
export class DeployedArtifact {
  readonly #folder: string;
  readonly #options: FunctionOptions;
  readonly #environment: ExecutionEnvironment;
  readonly #functionArn: string;

  private constructor(folder: string, options: FunctionOptions, environment: ExecutionEnvironment, arn: string) {
    this.#folder = folder;
    this.#options = options;
    this.#environment = environment;
    this.#functionArn = arn;
  }

  /** @throws Error when the runtime client does not get as far as to ask for an event */
  static async start(id: string, options: FunctionOptions): Promise<DeployedArtifact> {
    const folder = mkdtempSync(join(tmpdir(), 'runtime-client-'));
    const taskRoot = join(folder, 'task');
    mkdirSync(taskRoot);
    for (const { name, data, mode } of unzip(readFileSync(join(ROOT, 'dist', `${id}.zip`)))) {
      writeFileSync(join(taskRoot, name), data, { mode: mode & 0o444 });
    }
    chmodSync(taskRoot, 0o555);
    const environment = { ...options.environment };
    const config = functionConfig(
      { name: id, codePath: taskRoot, environment },
      { region: 'eu-west-1', accountId: '123456789012', credentials: CREDENTIALS },
    );
    const stream = logStreamName(NOW, '$LATEST', REQUEST_ID.replaceAll('-', ''));
    const { endpointUrl, runtime, clockStepMs = 1e9 } = options;
    const started = await ExecutionEnvironment.start(
      { config, version: '$LATEST', logStreamName: stream, taskRoot, folder, endpointUrl, runtime, clockStepMs },
      NOW,
    );
    const ready = await started.initialise(60_000);
    const artifact = new DeployedArtifact(folder, options, started, config.arn);
    if (ready.kind !== 'ready') throw new Error(`${id}: ${JSON.stringify(ready)} ${(await artifact.end()).join('\n')}`);
    return artifact;
  }

  get pid(): number | undefined {
    return this.#environment.pid;
  }

  /** Invokes the handler; a minute of real time is the most that it may take, whatever deadline it was told. */
  async invoke(event: unknown, requestId = REQUEST_ID): Promise<Answered> {
    const deadlineMs = NOW + (this.#options.timeLeft ?? 30_000);
    const traceId = traceHeader(requestId, NOW);
    const invocation = { requestId, functionArn: this.#functionArn, event: JSON.stringify(event) ?? 'null' };
    const end = await this.#environment.run({ ...invocation, traceId, deadlineMs }, NOW, 60_000);
    return { end, logs: this.#environment.takeLogs() };
  }

  /** What is in the task root: names and contents. */
  files(): { name: string; data: Buffer }[] {
    const taskRoot = join(this.#folder, 'task');
    return readdirSync(taskRoot).map((name) => ({ name, data: readFileSync(join(taskRoot, name)) }));
  }

  /** Ends the process, removes its files, and resolves to the rest of its output. */
  async end(): Promise<string[]> {
    const logs = await this.#environment.end();
    chmodSync(join(this.#folder, 'task'), 0o755);
    rmSync(this.#folder, { recursive: true, force: true });
    return logs;
  }
}

/** The answer of the hook, or what came instead of it. */
export function answerOf({ end }: Answered): unknown {
  return end.kind === 'response' ? JSON.parse(end.payload) : end;
}

/** The lines that are JSON objects. */
export function recordsIn(lines: readonly string[]): JsonObject[] {
  return lines.map(parseJson).filter(isJsonObject);
}

/** The decision lines, without what differs from one run to the next. */
export function decisionsIn(lines: readonly string[]): JsonObject[] {
  const decisions = recordsIn(lines).filter(({ message }) => message === 'decision');
  return decisions.map(({ durationMs: _duration, timestamp: _timestamp, ...rest }) => rest);
}

export interface Silence {
  url(): string;
  /** Resolves when the next request has come. */
  next(): Promise<void>;
}

/** An endpoint that takes every request and never answers one. */
export function startSilence(): Silence {
  let heard = Promise.withResolvers<void>();
  const server = createServer(() => {
    heard.resolve();
  });
  const url = listening(server);
  return {
    url,
    next: () => {
      heard = Promise.withResolvers();
      return heard.promise;
    },
  };
}

/**
 * Where AWS's runtime client is installed; else the package itself, fetched once and held against its integrity. Its
 * installation builds native code, which needs cmake and a C++ compiler, and fails without; what is used here does not.
 */
function awsRuntimeClient(): string {
  try {
    return createRequire(import.meta.url).resolve('aws-lambda-ric');
  } catch {
    const folder = join(ROOT, 'node_modules/.cache', RUNTIME_CLIENT.name);
    const entry = join(folder, 'package/index.mjs');
    if (!existsSync(entry)) fetchRuntimeClient(folder);
    return entry;
  }
}

/** @throws Error where the registry cannot be reached, or serves something else */
function fetchRuntimeClient(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const { name, integrity } = RUNTIME_CLIENT;
  const run = (command: string, args: string[]) =>
    execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const file = run('npm', ['pack', '--ignore-scripts', '--silent', name]).trim();
  const found = `sha512-${createHash('sha512')
    .update(readFileSync(join(folder, file)))
    .digest('base64')}`;
  if (found !== integrity) throw new Error(`The registry serves another ${name}: ${found}`);
  run('tar', ['-xzf', file]);
}

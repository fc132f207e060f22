import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FunctionConfig } from './function-config.ts';
import type { ProcessExit } from './outcomes.ts';
import { heapFlags, processEnvironment } from './process-environment.ts';
import { ClockFile, LogFile } from './process-files.ts';
import { RuntimeApi, type RuntimeInvocation, type RuntimeListener, type RuntimeReport } from './runtime-api.ts';

export interface EnvironmentOptions {
  config: FunctionConfig;
  version: string;
  logStreamName: string;
  /** The folder with the function's code. */
  taskRoot: string;
  /** An existing folder in which no other process of the simulator makes files. */
  folder: string;
  endpointUrl?: string | undefined;
  ca?: string | undefined;
  /** Milliseconds in which the clock runs on; default 1. */
  clockStepMs?: number | undefined;
  /** Arguments of node that start the runtime client; default ours. */
  runtime?: readonly string[] | undefined;
}

/** How init or an invocation ended; `ready` when init succeeded. */
export type PhaseEnd =
  | RuntimeReport
  | { kind: 'ready' }
  | { kind: 'exited'; exit: ProcessExit }
  | { kind: 'timed-out' };

const RUNTIME_DIR = fileURLToPath(new URL('./runtime/', import.meta.url));
const CLOCK_SHIM = fileURLToPath(new URL('./runtime/clock-shim.cjs', import.meta.url));
const BOOTSTRAP = fileURLToPath(new URL('./runtime/bootstrap.cjs', import.meta.url));

/**
 * One process of a function with its own Runtime API, used for one invocation at a time. Source: "Understanding the
 * Lambda execution environment lifecycle".
 */
export class ExecutionEnvironment {
  readonly #api: RuntimeApi;
  readonly #phase: Phase;
  readonly #child: ChildProcess;
  readonly #clock: ClockFile;
  readonly #log: LogFile;
  readonly #clockStepMs: number;
  readonly #exited: Promise<void>;
  #ended: Promise<string[]> | undefined;

  private constructor(api: RuntimeApi, phase: Phase, options: EnvironmentOptions, at: number) {
    this.#api = api;
    this.#phase = phase;
    this.#clock = new ClockFile(options.folder);
    this.#log = new LogFile(options.folder);
    this.#clock.standAt(at);
    const { config, taskRoot, runtime = [BOOTSTRAP], clockStepMs = 1 } = options;
    this.#clockStepMs = clockStepMs;
    this.#child = spawn(process.execPath, [...heapFlags(config.memoryMb), '--require', CLOCK_SHIM, ...runtime], {
      cwd: taskRoot,
      env: processEnvironment(config, { ...options, runtimeApi: api.address, runtimeDir: RUNTIME_DIR }),
      stdio: ['ignore', this.#log.fd, this.#log.fd, this.#clock.fd],
    });
    this.#exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', (code, signal) => {
        phase.exited({ code, signal });
        resolve();
      });
    });
  }

  /** Starts the process; its clock stands at `at` until the first invocation. */
  static async start(options: EnvironmentOptions, at: number): Promise<ExecutionEnvironment> {
    const phase = new Phase();
    const api = await RuntimeApi.start(phase);
    return new ExecutionEnvironment(api, phase, options, at);
  }

  /** Whether it waits for an invocation. */
  get idle(): boolean {
    return this.#phase.ready && !this.#phase.exit;
  }

  /** Absent once the process has ended. */
  get pid(): number | undefined {
    return this.#phase.exit ? undefined : this.#child.pid;
  }

  /** Waits until the runtime asks for its first invocation. */
  async initialise(limitMs: number): Promise<PhaseEnd> {
    return await this.#phase.end(limitMs);
  }

  /** Runs one invocation, until the runtime asks for another: the process is then idle. Its clock runs from `now`. */
  async run(invocation: RuntimeInvocation, now: number, limitMs: number): Promise<PhaseEnd> {
    this.#phase.begin();
    this.#clock.runFrom(now, this.#clockStepMs);
    this.#api.deliver(invocation);
    return await this.#phase.end(limitMs);
  }

  /** What the process wrote since the last call. */
  takeLogs(): string[] {
    return this.#log.take();
  }

  /** Kills the process without notice, as Lambda does, frees what it held, and resolves to the rest of its output. */
  end(): Promise<string[]> {
    this.#ended ??= this.#release();
    return this.#ended;
  }

  /** For the end of the simulator's own process, when nothing can be waited for. */
  killNow(): void {
    this.#child.kill('SIGKILL');
  }

  async #release(): Promise<string[]> {
    this.#child.kill('SIGKILL');
    await this.#exited;
    await this.#api.close();
    const logs = this.#log.take();
    this.#log.close();
    this.#clock.close();
    return logs;
  }
}

/** Gathers what the runtime and its process do into the end of the phase, init or invocation, that is under way. */
class Phase implements RuntimeListener {
  ready = false;
  exit: ProcessExit | undefined;
  #report: RuntimeReport | undefined;
  #over = Promise.withResolvers<PhaseEnd>();

  begin(): void {
    this.ready = false;
    this.#report = undefined;
    this.#over = Promise.withResolvers();
    if (this.exit) this.exited(this.exit);
  }

  async end(limitMs: number): Promise<PhaseEnd> {
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<PhaseEnd>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'timed-out' }), limitMs);
    });
    try {
      const end = await Promise.race([this.#over.promise, expired]);
      // What was answered stands, even when the process then died or hung before it asked for more.
      return this.#report ?? end;
    } finally {
      clearTimeout(timer);
    }
  }

  next(): void {
    this.ready = true;
    this.#over.resolve({ kind: 'ready' });
  }

  reported(report: RuntimeReport): void {
    this.#report ??= report;
  }

  initFailed(report: RuntimeReport): void {
    this.#over.resolve(report);
  }

  exited(exit: ProcessExit): void {
    this.exit = exit;
    this.#over.resolve({ kind: 'exited', exit });
  }
}

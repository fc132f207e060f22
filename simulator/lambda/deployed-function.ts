import { cpSync, mkdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Clock } from '../clock.ts';
import { parseFunctionArn } from './arn.ts';
import { ExecutionEnvironment, type PhaseEnd } from './execution-environment.ts';
import type { FunctionConfig } from './function-config.ts';
import type { RawOutcome } from './invoker.ts';
import { exitOutcome, responseTooLarge } from './outcomes.ts';
import { logStreamName, traceHeader } from './process-environment.ts';

/** What all functions of a sandbox share. */
export interface SandboxHost {
  clock: Clock;
  newId: () => string;
  endpointUrl: string | undefined;
  ca: string | undefined;
  runtime: readonly string[] | undefined;
  clockStepMs: number | undefined;
  initLimitMs: number;
}

export interface FunctionStats {
  invocations: number;
  coldStarts: number;
  errors: number;
  timeouts: number;
  throttles: number;
}

export interface Ended {
  outcome: RawOutcome;
  logs: string[];
}

interface Warm {
  environment: ExecutionEnvironment;
  version: string;
}

interface Initialised extends Warm {
  initEnd: PhaseEnd;
  /** Real milliseconds left for the invocation. */
  limitMs: number;
  logs: string[];
}

/** A function's code, unpacked alone, and its processes. */
export class DeployedFunction {
  readonly config: FunctionConfig;
  readonly stats: FunctionStats = { invocations: 0, coldStarts: 0, errors: 0, timeouts: 0, throttles: 0 };
  readonly #host: SandboxHost;
  readonly #folder: string;
  readonly #taskRoot: string;
  readonly #environments = new Set<ExecutionEnvironment>();
  readonly #idle: Warm[] = [];
  readonly #runs = new Set<Promise<Ended>>();
  #closed = false;

  /** @param folder an empty folder outside of the project, so that the artifact finds no modules but its own */
  constructor(config: FunctionConfig, host: SandboxHost, folder: string) {
    this.config = config;
    this.#host = host;
    this.#folder = folder;
    this.#taskRoot = join(folder, 'task');
    mkdirSync(this.#taskRoot);
    const whole = statSync(config.codePath).isDirectory();
    cpSync(config.codePath, whole ? this.#taskRoot : join(this.#taskRoot, basename(config.codePath)), {
      recursive: true,
    });
  }

  /** How many invocations are under way. */
  get running(): number {
    return this.#runs.size;
  }

  /** Ids of the processes that are alive. */
  get pids(): number[] {
    return [...this.#environments].flatMap(({ pid }) => pid ?? []);
  }

  /**
   * Runs one invocation in an idle process, or in a new one.
   *
   * @throws Error when it is closed before the process has started
   */
  async run(functionArn: string, event: string, now: number): Promise<Ended> {
    const run = this.#run(functionArn, event, now);
    this.#runs.add(run);
    try {
      return await run;
    } finally {
      this.#runs.delete(run);
    }
  }

  async #run(functionArn: string, event: string, now: number): Promise<Ended> {
    const requestId = this.#host.newId();
    const version = versionOf(functionArn);
    const { environment, initEnd, limitMs, logs } = this.#warm(version) ?? (await this.#coldStart(version, now));
    let end = initEnd;
    if (initEnd.kind === 'ready') {
      const deadlineMs = Math.round(now + limitMs);
      const invocation = { requestId, functionArn, event, traceId: traceHeader(requestId, now), deadlineMs };
      end = await environment.run(invocation, now, limitMs);
    }
    logs.push(...(await this.#retire(environment, version)));
    return { outcome: this.#outcome(end, requestId), logs };
  }

  /** Ends all processes; invocations under way end as killed. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#environments].map((environment) => this.#discard(environment)));
    // One that was only just starting ends itself.
    await Promise.allSettled(this.#runs);
  }

  /** For the end of the simulator's own process, when nothing can be waited for. */
  killNow(): void {
    for (const environment of this.#environments) environment.killNow();
  }

  #warm(version: string): Initialised | undefined {
    const at = this.#idle.findIndex((each) => each.version === version && each.environment.idle);
    const [warm] = at < 0 ? [] : this.#idle.splice(at, 1);
    if (!warm) return undefined;
    return { ...warm, initEnd: { kind: 'ready' }, limitMs: this.#timeoutMs, logs: [] };
  }

  /** Init has a time of its own; when it fails, it is done anew within the invocation's time. */
  async #coldStart(version: string, now: number): Promise<Initialised> {
    this.stats.coldStarts += 1;
    const first = await this.#start(version, now);
    const firstEnd = await first.initialise(this.#host.initLimitMs);
    if (firstEnd.kind === 'ready') {
      return { environment: first, version, initEnd: firstEnd, limitMs: this.#timeoutMs, logs: [] };
    }
    const logs = await this.#discard(first);
    // It was close() that ended it. Its output comes with its retirement.
    if (this.#closed) return { environment: first, version, initEnd: firstEnd, limitMs: 0, logs: [] };
    const began = performance.now();
    const environment = await this.#start(version, now);
    const initEnd = await environment.initialise(this.#timeoutMs);
    return { environment, version, initEnd, limitMs: this.#timeoutMs - (performance.now() - began), logs };
  }

  async #start(version: string, now: number): Promise<ExecutionEnvironment> {
    const { clock, newId, endpointUrl, ca, runtime, clockStepMs } = this.#host;
    const stream = logStreamName(clock.now(), version, newId().replaceAll('-', ''));
    const environment = await ExecutionEnvironment.start(
      {
        config: this.config,
        version,
        logStreamName: stream,
        taskRoot: this.#taskRoot,
        folder: this.#folder,
        endpointUrl,
        ca,
        runtime,
        clockStepMs,
      },
      now,
    );
    this.#environments.add(environment);
    if (this.#closed) {
      await this.#discard(environment);
      throw new Error(`The Lambda sandbox was closed before ${this.config.name} could run`);
    }
    return environment;
  }

  /** Keeps an idle process for the next invocation, ends any other; returns what it wrote. */
  async #retire(environment: ExecutionEnvironment, version: string): Promise<string[]> {
    if (!environment.idle || this.#closed) return await this.#discard(environment);
    this.#idle.push({ environment, version });
    return environment.takeLogs();
  }

  async #discard(environment: ExecutionEnvironment): Promise<string[]> {
    const logs = await environment.end();
    this.#environments.delete(environment);
    return logs;
  }

  get #timeoutMs(): number {
    return this.config.timeoutSeconds * 1000;
  }

  #outcome(end: PhaseEnd, requestId: string): RawOutcome {
    switch (end.kind) {
      case 'response':
        return { kind: 'returned', payload: end.payload };
      case 'response-too-large':
        return responseTooLarge();
      case 'error':
        return { kind: 'function-error', errorType: end.errorType, errorMessage: end.errorMessage };
      case 'timed-out':
        return { kind: 'timed-out', seconds: this.config.timeoutSeconds };
      case 'exited':
        return exitOutcome(requestId, end.exit);
      case 'ready':
        throw new Error(`The runtime of ${this.config.name} asked for another invocation without having answered`);
    }
  }
}

// Which version an alias points to is not modelled: it runs the one artifact as $LATEST.
function versionOf(functionArn: string): string {
  const { qualifier = '$LATEST' } = parseFunctionArn(functionArn) ?? {};
  return /^\d+$/.test(qualifier) ? qualifier : '$LATEST';
}

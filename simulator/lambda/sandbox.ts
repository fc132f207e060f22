import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { unqualifiedArn } from './arn.ts';
import { DeployedFunction, type Ended, type FunctionStats, type SandboxHost } from './deployed-function.ts';
import { type LambdaFault, LambdaFaults } from './faults.ts';
import { functionConfig, type RoleCredentials, type SandboxFunction } from './function-config.ts';
import type { HookInvoker, Invocation, RawOutcome } from './invoker.ts';
import { functionNotFound, INIT_LIMIT_MS, MAX_REQUEST_BYTES, requestTooLarge, throttled } from './outcomes.ts';

export interface LambdaSandboxOptions {
  /** Dates the log streams. An invocation's own time comes with the invocation. */
  clock: Clock;
  /** AWS_ENDPOINT_URL of the functions. Without it they would call AWS itself. */
  endpointUrl?: string;
  /** Path of a PEM file with the authority of an https endpoint: NODE_EXTRA_CA_CERTS of the functions. */
  ca?: string;
  /** Of functions added by name; default `eu-west-1`. */
  region?: string;
  /** Of functions added by name; default `123456789012`. */
  accountId?: string;
  /** Milliseconds on the simulator's clock that an invocation takes which did not time out; default 250. */
  nominalMs?: number;
  /** Take the real time instead, init included. Runs are then no longer reproducible. */
  realDurations?: boolean;
  /**
   * In which steps a function's own clock runs on during an invocation, in milliseconds; default 1. A coarse step keeps
   * the machine's load out of what the function reads, so that runs are reproducible.
   */
  clockStepMs?: number;
  /** Is given each line that a function wrote, when its invocation has ended. */
  onLog?: (line: string, functionName: string) => void;
  /** Makes request ids; default random UUIDs. */
  newId?: () => string;
  /** Real milliseconds for init before Lambda starts it anew within the invocation; default Lambda's 10,000. */
  initLimitMs?: number;
  /** Arguments of node that start another runtime client than ours, such as AWS's own. */
  runtime?: readonly string[];
}

const DEFAULT_CREDENTIALS: RoleCredentials = {
  accessKeyId: 'ASIALOCALSANDBOXROLE',
  secretAccessKey: 'local-sandbox-secret',
  sessionToken: 'local-sandbox-session',
};

/**
 * Runs built functions as Lambda does: each in a Node process of its own over the Lambda Runtime API, kept warm between
 * invocations, one process for each concurrent invocation.
 *
 * Not modelled: freezing between invocations, memory outside of the JavaScript heap, response streaming.
 */
export class LambdaSandbox implements HookInvoker {
  readonly #options: LambdaSandboxOptions;
  readonly #host: SandboxHost;
  readonly #functions = new Map<string, DeployedFunction>();
  readonly #faults = new LambdaFaults();
  readonly #folder = mkdtempSync(join(tmpdir(), 'lambda-sandbox-'));
  #closed = false;

  constructor(options: LambdaSandboxOptions) {
    const { clock, endpointUrl, ca, runtime, newId = randomUUID, initLimitMs = INIT_LIMIT_MS, clockStepMs } = options;
    this.#options = options;
    this.#host = { clock, newId, endpointUrl, ca, runtime, initLimitMs, clockStepMs };
    process.once('exit', this.#abandon);
  }

  /**
   * Deploys a function.
   *
   * @returns its unqualified ARN
   * @throws Error when there is no code at `codePath`, when Lambda would refuse the configuration, or when the function
   *   exists already
   */
  addFunction(input: SandboxFunction): string {
    const { region = 'eu-west-1', accountId = '123456789012' } = this.#options;
    const config = functionConfig(input, { region, accountId, credentials: DEFAULT_CREDENTIALS });
    const arn = unqualifiedArn(config.arn);
    if (this.#functions.has(arn)) throw new Error(`Function already exist: ${config.name}`);
    const folder = join(this.#folder, String(this.#functions.size + 1));
    mkdirSync(folder);
    this.#functions.set(arn, new DeployedFunction(config, this.#host, folder));
    return arn;
  }

  /** Lets the next invocations of a function meet trouble of the Lambda service or of the hook's role. */
  injectFault(functionArn: string, fault: LambdaFault): void {
    this.#faults.inject(functionArn, fault);
  }

  /** What happened so far, by unqualified ARN, and how many processes each function has now. */
  stats(): Record<string, FunctionStats & { processes: number }> {
    const result: Record<string, FunctionStats & { processes: number }> = {};
    for (const [arn, { stats, pids }] of this.#functions) result[arn] = { ...stats, processes: pids.length };
    return result;
  }

  /** Ids of all processes that are alive. */
  get pids(): number[] {
    return [...this.#functions.values()].flatMap(({ pids }) => pids);
  }

  /** @throws Error after `close()` */
  async invoke(functionArn: string, event: unknown, now: number): Promise<Invocation> {
    if (this.#closed) throw new Error('The Lambda sandbox is closed');
    const deployed = this.#functions.get(unqualifiedArn(functionArn));
    const body = JSON.stringify(event) ?? 'null';
    const refusal = this.#refusal(functionArn, deployed, Buffer.byteLength(body));
    if (refusal || !deployed) {
      const outcome = refusal ?? functionNotFound(functionArn);
      if (outcome.kind === 'throttled' && deployed) deployed.stats.throttles += 1;
      return { outcome, durationMs: 0, logs: [] };
    }
    const began = performance.now();
    deployed.stats.invocations += 1;
    const ended = await deployed.run(functionArn, body, now);
    return this.#invocation(deployed, ended, Math.round(performance.now() - began));
  }

  /** Ends all processes and removes all files. Invocations under way end as killed. */
  async close(): Promise<void> {
    this.#closed = true;
    process.removeListener('exit', this.#abandon);
    await Promise.all([...this.#functions.values()].map((deployed) => deployed.close()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Why the service does not run the function at all. */
  #refusal(functionArn: string, deployed: DeployedFunction | undefined, bytes: number): RawOutcome | undefined {
    const fault = this.#faults.take(functionArn);
    if (fault) return fault;
    if (!deployed) return functionNotFound(functionArn);
    if (bytes > MAX_REQUEST_BYTES) return requestTooLarge(bytes);
    return deployed.running >= deployed.config.reservedConcurrency ? throttled() : undefined;
  }

  #invocation({ stats, config }: DeployedFunction, { outcome, logs }: Ended, tookMs: number): Invocation {
    if (outcome.kind === 'function-error') stats.errors += 1;
    if (outcome.kind === 'timed-out') stats.timeouts += 1;
    for (const line of logs) this.#options.onLog?.(line, config.name);
    const nominalMs = outcome.kind === 'timed-out' ? outcome.seconds * 1000 : (this.#options.nominalMs ?? 250);
    return { outcome, logs, durationMs: this.#options.realDurations ? tookMs : nominalMs };
  }

  // When the simulator ends without close(): only synchronous work is possible then.
  readonly #abandon = (): void => {
    for (const deployed of this.#functions.values()) deployed.killNow();
    rmSync(this.#folder, { recursive: true, force: true });
  };
}

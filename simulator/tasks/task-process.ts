import { type ChildProcess, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TaskProgram } from '../engine/definition.ts';

export interface ProcessListener {
  /** The process exists. */
  started(): void;
  /** The program is ready for what its task is there for. */
  ready(): void;
  line(stream: 'stdout' | 'stderr', line: string): void;
  /** It is over: with an exit code, or with why it could not be started. Told once, after all lines. */
  ended(end: { exitCode: number } | { notStarted: string }): void;
}

/** How long a program without port and without a line of its own has to live to count as ready. Milliseconds. */
const SETTLED_MS = 1000;
const CONNECT_EVERY_MS = 25;
const CLOCK_SHIM = fileURLToPath(new URL('../lambda/runtime/clock-shim.cjs', import.meta.url));
/** What a program's own children may keep open after its end is waited for so long. Milliseconds. */
const OUTPUT_GRACE_MS = 500;

/** The process of a task's container. */
export class TaskProcess {
  readonly #listener: ProcessListener;
  readonly #program: TaskProgram;
  readonly #clockFd: number;
  #child: ChildProcess | undefined;
  #timers = new Set<NodeJS.Timeout>();
  #port: number | undefined;
  #isReady = false;
  #isOver = false;
  /** What it got before it existed. */
  #signalled: NodeJS.Signals | undefined;

  /** @param clockFd the file that a program of Node.js reads the simulator's clock from */
  constructor(program: TaskProgram, clockFd: number, listener: ProcessListener) {
    this.#program = program;
    this.#clockFd = clockFd;
    this.#listener = listener;
  }

  /** @param environment the whole of it; PORT comes on top for a program with a port */
  start(environment: Readonly<Record<string, string>>): void {
    if (!this.#program.port) {
      this.#spawn(environment, undefined);
      return;
    }
    freePort().then(
      (port) => this.#spawn({ ...environment, PORT: String(port) }, port),
      (error: Error) => this.#end({ notStarted: error.message }),
    );
  }

  /** SIGTERM, and SIGKILL after the program's stop timeout. */
  stop(): void {
    this.signal('SIGTERM');
    this.#after(this.#program.stopTimeout, () => this.signal('SIGKILL'));
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#child === undefined && signal !== 'SIGCONT') this.#signalled = signal;
    this.#child?.kill(signal);
  }

  get pid(): number | undefined {
    return this.#isOver ? undefined : this.#child?.pid;
  }

  /** Where it was told to listen. */
  get port(): number | undefined {
    return this.#port;
  }

  #spawn(env: Readonly<Record<string, string>>, port: number | undefined): void {
    // It was stopped while its port was being looked for.
    if (this.#signalled !== undefined) {
      this.#end({ exitCode: exitCodeOf(null, this.#signalled) });
      return;
    }
    this.#port = port;
    const [program = '', ...args] = [...this.#program.entryPoint, ...this.#program.command];
    const isNode = program === 'node';
    const child = spawn(isNode ? process.execPath : program, isNode ? ['--require', CLOCK_SHIM, ...args] : args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe', ...(isNode ? [this.#clockFd] : [])],
    });
    this.#child = child;
    for (const stream of ['stdout', 'stderr'] as const) {
      const input = child[stream];
      if (input === null) continue;
      createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => this.#line(stream, line));
    }
    child.once('spawn', () => {
      this.#listener.started();
      this.#awaitReady(port);
    });
    child.once('error', (error) => {
      if (child.pid === undefined) this.#end({ notStarted: error.message });
    });
    child.once('exit', (code, signal) => {
      const end = { exitCode: exitCodeOf(code, signal) };
      child.once('close', () => this.#end(end));
      this.#after(OUTPUT_GRACE_MS, () => this.#end(end));
    });
  }

  #line(stream: 'stdout' | 'stderr', line: string): void {
    if (this.#isOver) return;
    this.#listener.line(stream, line);
    if (!this.#program.port && stream === 'stdout' && line === (this.#program.ready ?? 'ready')) this.#ready();
  }

  #awaitReady(port: number | undefined): void {
    if (port !== undefined) this.#tryPort(port);
    else if (this.#program.ready === undefined) this.#after(SETTLED_MS, () => this.#ready());
  }

  #tryPort(port: number): void {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      this.#ready();
    });
    socket.once('error', () => this.#after(CONNECT_EVERY_MS, () => this.#tryPort(port)));
  }

  #ready(): void {
    const { exitCode, signalCode } = this.#child ?? { exitCode: null, signalCode: null };
    if (this.#isReady || this.#isOver || exitCode !== null || signalCode !== null) return;
    this.#isReady = true;
    this.#listener.ready();
  }

  #end(end: { exitCode: number } | { notStarted: string }): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#child?.stdout?.destroy();
    this.#child?.stderr?.destroy();
    this.#listener.ended(end);
  }

  #after(ms: number, action: () => void): void {
    if (this.#isOver) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }
}

/** As a container's exit code tells it: 137 after SIGKILL, 143 after SIGTERM. */
function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** The consumer gate as a command, for workers in any language. See `--help`. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { numberFrom, optionsFrom } from './environment.ts';
import { createGate, type Gate } from './gate.ts';
import { serveGate } from './serve.ts';

const USAGE = `Usage: consumer-gate check | serve [--port <n>]

May this task take messages off its queue?

  check            reads once; exit code 0: it may, 1: it may not, 2: cannot tell
  serve            keeps a lease and answers on 127.0.0.1: GET / is 200 or 503, GET /health is 200
    --port <n>     port, 0 for any free one (PORT, or 8199)

Environment:
  CONSUMER_PARAMETER         name of the parameter (<prefix>/consumer/<cluster>/<service>)
  CONSUMER_PARAMETER_PREFIX  prefix (/ecs-hooks)
  CONSUMER_LEASE_SECONDS     at most the hook's leaseSeconds (30)
  CONSUMER_POLL_SECONDS      seconds between two reads (a sixth of the lease)
  CONSUMER_REVISION_ID       id of the task's service revision (asked of ECS)
  CONSUMER_LINGER_SECONDS    how long serve goes on answering 503 after SIGTERM (25)`;

const CANNOT_TELL = 2;
const CHECK_MS = 20_000;

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (positionals.length === 1 && positionals[0] === 'check') return check();
  if (positionals.length === 1 && positionals[0] === 'serve') {
    return serve(Number(values.port ?? numberFrom(process.env, 'PORT') ?? 8199));
  }
  throw new Error(`check or serve?\n\n${USAGE}`);
}

async function check(): Promise<number> {
  const ending = new AbortController();
  const gate = createGate({ ...optionsFrom(process.env), signal: ending.signal });
  const state = await firstLook(gate);
  ending.abort();
  console.log(JSON.stringify(state));
  if (state.consume) return 0;
  return state.named === undefined ? CANNOT_TELL : 1;
}

/** The state after a good read; what is known by then where there is none in time. */
async function firstLook(gate: Gate) {
  const deadline = AbortSignal.timeout(CHECK_MS);
  while (gate.state().named === undefined && !deadline.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return gate.state();
}

async function serve(port: number): Promise<number> {
  const stopping = new AbortController();
  const lingerMs = 1000 * (numberFrom(process.env, 'CONSUMER_LINGER_SECONDS') ?? 25);
  const gate = createGate({ ...optionsFrom(process.env), signal: stopping.signal });
  gate.onChange((state) => console.log(JSON.stringify({ message: 'gate', ...state })));
  const server = serveGate(gate);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an address of this kind; a pipe's is a string.
  const { port: bound } = server.address() as AddressInfo;
  console.log(JSON.stringify({ message: 'listening', port: bound }));
  const stop = () => stopping.abort();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await once(stopping.signal, 'abort');
  // The worker beside it finishes what it has in hand, and must find somebody who says no.
  await new Promise((resolve) => setTimeout(resolve, lingerMs));
  server.close();
  server.closeAllConnections();
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = CANNOT_TELL;
  },
);

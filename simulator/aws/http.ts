import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import type { Clock } from '../clock.ts';
import type { Outcome, Sleep } from './dispatch.ts';
import type { WireRequest } from './routing.ts';

/** Where an endpoint listens. */
export interface ListenOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  /** The loopback address, 127.0.0.1, by default: the endpoint verifies no signature, so it should stay there. */
  host?: string;
  /** PEM texts; the endpoint speaks https with them. */
  tls?: { key: string; cert: string };
}

/** An endpoint that listens. */
export interface Listening {
  url: string;
  /** Ends open connections, hanging requests among them. */
  close(): Promise<void>;
}

/** The largest request of the services here is a 1 MiB message. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** @throws Error when the port is taken or the address is not this machine's */
export async function listenHttp(
  answer: (request: WireRequest, sleep: Sleep) => Promise<Outcome>,
  clock: Clock,
  { port = 0, host = '127.0.0.1', tls }: ListenOptions,
): Promise<Listening> {
  const closing = new AbortController();
  const sleep: Sleep = async (ms) => {
    await wait(ms, undefined, { signal: closing.signal });
  };
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    serve(incoming, outgoing, clock, (request) => answer(request, sleep)).catch(() => outgoing.destroy());
  };
  const server = tls === undefined ? createServer(onRequest) : createTlsServer(tls, onRequest);
  const bound = await bind(server, port, host);
  const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${name}:${bound.port}`,
    close: () => {
      closing.abort();
      return shut(server);
    },
  };
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  clock: Clock,
  answer: (request: WireRequest) => Promise<Outcome>,
): Promise<void> {
  const body = await readBody(incoming);
  // As AWS's clock: SDKs correct their own by this header.
  outgoing.setHeader('date', new Date(clock.now()).toUTCString());
  if (body === undefined) {
    outgoing.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  const outcome = await answer({
    method: incoming.method ?? '',
    url: incoming.url ?? '/',
    origin: originOf(incoming),
    headers: incoming.headers,
    body,
    signal: gone.signal,
  });
  if (outcome === 'hang') return;
  if (outcome === 'cut') {
    reset(outgoing);
    return;
  }
  const bytes = Buffer.from(outcome.body);
  outgoing.writeHead(outcome.status, { ...outcome.headers, 'content-length': bytes.length }).end(bytes);
}

/** As the client names this endpoint, which need not be the address that it listens on. */
function originOf({ headers, socket }: IncomingMessage): string {
  const scheme = socket instanceof TLSSocket ? 'https' : 'http';
  return `${scheme}://${headers.host ?? `127.0.0.1:${socket.localPort}`}`;
}

/** @returns the body as text, unzipped, or undefined when it is too large or cannot be unzipped */
async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(bytes);
  }
  const body = Buffer.concat(chunks);
  if (incoming.headers['content-encoding'] !== 'gzip') return body.toString();
  try {
    return gunzipSync(body, { maxOutputLength: MAX_BODY_BYTES }).toString();
  } catch {
    return undefined;
  }
}

/** A reset where there is a plain TCP connection under it, so that the client sees ECONNRESET and no tidy end. */
function reset(outgoing: ServerResponse): void {
  const { socket } = outgoing;
  if (socket instanceof TLSSocket || socket === null) outgoing.destroy();
  else socket.resetAndDestroy();
}

function bind(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string')
        reject(new Error(`not listening on an IP address: ${address}`));
      else resolve(address);
    });
  });
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}

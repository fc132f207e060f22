import {
  Agent,
  type ClientRequest,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as openRequest,
  type ServerResponse,
} from 'node:http';
import type { Weights } from '../engine/state.ts';
import { PROXIES, type ProxyKind, type Trouble } from './proxies.ts';
import { WeightedTurns } from './turns.ts';

/** Where a service's traffic goes at this moment. */
export interface Routes {
  production: Weights;
  /** Empty when nothing carries test traffic: it then goes where production traffic does. */
  test: Weights;
  /** By revision id: its name, and the ports of its running tasks. */
  revisions: ReadonlyMap<string, { name: string; ports: readonly number[] }>;
}

/** One request that is over. */
export interface RequestEvent {
  service: string;
  /** The name of the revision that it was sent to; undefined when it was sent to none. */
  revision: string | undefined;
  /** What the client got; undefined when it did not wait for that. */
  status: number | undefined;
}

export interface EntranceOptions {
  service: string;
  kind: ProxyKind;
  /** In lower case; undefined when no header tells test traffic. */
  testHeader: string | undefined;
  /** Asked at each request. */
  routes: () => Routes | undefined;
  onRequest?: (event: RequestEvent) => void;
}

/** Of one hop only (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** The way in to a service's tasks, on a port of this machine: what a load balancer or Service Connect is in AWS. */
export class Entrance {
  readonly #options: EntranceOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  readonly #server = createServer((request, response) => this.#forward(request, response));
  readonly #turns = { production: new WeightedTurns(), test: new WeightedTurns() };
  readonly #rounds = new Map<string, number>();

  constructor(options: EntranceOptions) {
    this.#options = options;
    // A client may keep its connection for a minute, as with either of the two.
    this.#server.keepAliveTimeout = 60_000;
    this.#server.requestTimeout = 0;
  }

  /** @returns its URL, without a slash at the end */
  listen(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`);
      });
    });
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await closed;
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    const { service, onRequest } = this.#options;
    const target = this.#target(request.headers);
    response.once('close', () => {
      const status = response.writableFinished ? response.statusCode : undefined;
      onRequest?.({ service, revision: target?.name, status });
    });
    if (target?.port === undefined) {
      this.#answer(request, response, 'nobody');
      return;
    }
    this.#send(request, response, target.port);
  }

  #send(request: IncomingMessage, response: ServerResponse, port: number): void {
    const { method, url: path, headers } = request;
    const sent = openRequest({
      host: '127.0.0.1',
      ...{ port, method, path },
      headers: withoutHop(headers),
      agent: this.#agent,
    });
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      sent.destroy();
    }, PROXIES[this.#options.kind].timeoutMs);
    const clientLeft = () => sent.destroy();
    response.once('close', clientLeft);
    sent.once('close', () => clearTimeout(timer));
    sent.once('response', (answer) => {
      clearTimeout(timer);
      pass(answer, response);
    });
    sent.once('error', (error: NodeJS.ErrnoException) => {
      response.off('close', clientLeft);
      if (response.destroyed || response.headersSent) response.destroy();
      // A connection that the task had given up while it was idle says nothing about this request.
      else if (isStale(sent, error) && !hasBody && !isLate) this.#send(request, response, port);
      else this.#answer(request, response, troubleOf(error, isLate));
    });
    if (hasBody) request.pipe(sent);
    else sent.end();
  }

  #answer(request: IncomingMessage, response: ServerResponse, trouble: Trouble): void {
    const { status, headers, body } = PROXIES[this.#options.kind].answers[trouble];
    request.resume();
    response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) }).end(body);
  }

  #target(headers: IncomingHttpHeaders): { name: string; port: number | undefined } | undefined {
    const routes = this.#options.routes();
    if (routes === undefined) return undefined;
    const { testHeader } = this.#options;
    const isTest = testHeader !== undefined && headers[testHeader] !== undefined && Object.keys(routes.test).length > 0;
    const id = isTest ? this.#turns.test.next(routes.test) : this.#turns.production.next(routes.production);
    const revision = id === undefined ? undefined : routes.revisions.get(id);
    if (id === undefined || revision === undefined) return undefined;
    const round = this.#rounds.get(id) ?? 0;
    this.#rounds.set(id, round + 1);
    const { name, ports } = revision;
    return { name, port: ports[round % ports.length] };
  }
}

/** The answer as the task gave it. One that breaks off breaks off for the client too. */
function pass(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, withoutHop(answer.headers));
  answer.once('error', () => response.destroy());
  answer.pipe(response);
}

function withoutHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const passed = { ...headers };
  for (const name of HOP_BY_HOP) delete passed[name];
  return passed;
}

function isStale(sent: ClientRequest, { code }: NodeJS.ErrnoException): boolean {
  return sent.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
}

function troubleOf({ code }: NodeJS.ErrnoException, isLate: boolean): Trouble {
  if (isLate) return 'timeout';
  return code === 'ECONNREFUSED' ? 'refused' : 'reset';
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MAX_RESPONSE_BYTES } from './outcomes.ts';

/** One invocation as the Runtime API hands it out. */
export interface RuntimeInvocation {
  requestId: string;
  functionArn: string;
  traceId: string;
  /** When the function runs out of time, in milliseconds since the epoch on the simulator's clock. */
  deadlineMs: number;
  /** JSON. */
  event: string;
}

/** What the runtime client reported. */
export type RuntimeReport =
  | { kind: 'response'; payload: string }
  | { kind: 'response-too-large' }
  | { kind: 'error'; errorType: string; errorMessage: string };

export interface RuntimeListener {
  /** The runtime asks for an invocation. */
  next(): void;
  reported(report: RuntimeReport): void;
  initFailed(report: RuntimeReport): void;
}

const PREFIX = '/2018-06-01/runtime';

/**
 * The Lambda Runtime API for one process of one function. Source: "Using the Lambda runtime API for custom runtimes".
 * Every answer has a Content-Type: AWS's own runtime client for Node.js crashes without.
 */
export class RuntimeApi {
  readonly #server: Server;
  readonly #listener: RuntimeListener;
  #waiting: ServerResponse | undefined;
  #requestId: string | undefined;

  private constructor(listener: RuntimeListener) {
    this.#listener = listener;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    // A function may think for 15 minutes between two calls on one connection.
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
  }

  /** Listens on a free port of the loopback interface. */
  static async start(listener: RuntimeListener): Promise<RuntimeApi> {
    const api = new RuntimeApi(listener);
    await new Promise<void>((resolve, reject) => {
      api.#server.once('error', reject);
      api.#server.listen(0, '127.0.0.1', resolve);
    });
    return api;
  }

  /** For AWS_LAMBDA_RUNTIME_API. */
  get address(): string {
    const { port } = this.#server.address() as AddressInfo; // listening on TCP, so neither null nor a pipe's path
    return `127.0.0.1:${port}`;
  }

  /** Answers the runtime's open call to /next. @throws Error when there is none */
  deliver(invocation: RuntimeInvocation): void {
    if (!this.#waiting) throw new Error('The runtime has not asked for an invocation');
    const response = this.#waiting;
    this.#waiting = undefined;
    this.#requestId = invocation.requestId;
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': invocation.requestId,
      'Lambda-Runtime-Deadline-Ms': String(invocation.deadlineMs),
      'Lambda-Runtime-Invoked-Function-Arn': invocation.functionArn,
      'Lambda-Runtime-Trace-Id': invocation.traceId,
    });
    response.end(invocation.event);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${request.url}`;
    if (route === `GET ${PREFIX}/invocation/next`) {
      this.#requestId = undefined;
      this.#waiting = response;
      this.#listener.next();
      return;
    }
    const body = await readBody(request, MAX_RESPONSE_BYTES);
    if (route === `POST ${PREFIX}/init/error`) {
      reply(response, 202, { status: 'OK' });
      this.#listener.initFailed(errorReport(request, body));
      return;
    }
    const [, id, what] = /^POST .*\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(route) ?? [];
    if (id === undefined)
      return reply(response, 404, { errorMessage: `No such path: ${route}`, errorType: 'NotFound' });
    if (decodeURIComponent(id) !== this.#requestId) {
      return reply(response, 400, { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' });
    }
    if (what === 'error') {
      reply(response, 202, { status: 'OK' });
      this.#listener.reported(errorReport(request, body));
    } else this.#accept(body, response);
  }

  #accept(body: string | undefined, response: ServerResponse): void {
    if (body === undefined) {
      const errorMessage = `Exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
      reply(response, 413, { errorMessage, errorType: 'RequestEntityTooLarge' });
      this.#listener.reported({ kind: 'response-too-large' });
      return;
    }
    reply(response, 202, { status: 'OK' });
    this.#listener.reported({ kind: 'response', payload: body });
  }
}

function reply(response: ServerResponse, status: number, document: Record<string, string>): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(document));
}

/** The body as text; undefined when it is over the limit (it is read to its end all the same, as HTTP wants). */
async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= limit) chunks.push(chunk);
  }
  return bytes > limit ? undefined : Buffer.concat(chunks).toString('utf8');
}

function errorReport(request: IncomingMessage, body: string | undefined): RuntimeReport {
  const header = request.headers['lambda-runtime-function-error-type'];
  const fallback = typeof header === 'string' ? header : 'Runtime.Unknown';
  let document: unknown;
  try {
    document = JSON.parse(body ?? '');
  } catch {
    return { kind: 'error', errorType: fallback, errorMessage: body ?? '' };
  }
  const field = (name: string): string | undefined => {
    const value =
      typeof document === 'object' && document !== null && name in document ? Reflect.get(document, name) : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  return { kind: 'error', errorType: field('errorType') ?? fallback, errorMessage: field('errorMessage') ?? '' };
}

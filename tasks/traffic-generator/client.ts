import { buildConnector, Client, type Dispatcher, Pool } from 'undici';
import type { LoadPlan, ShardTarget } from '../../shared/load/shard.ts';

/** What becomes of requests. Of each that is not given up, exactly one is called, once. */
export interface Listener {
  ended(due: number, status: number, bytes: number): void;
  failed(due: number, error: Error): void;
}

/**
 * The connections of a load. It is left to the caller to keep to `connections` requests in flight: an HTTP/1.1 request
 * always finds a free connection or makes one, so nothing waits unseen.
 */
export interface LoadClient {
  /**
   * @param target its index in the plan
   * @param due when it should have been sent: tells this request from others to the listener
   */
  send(target: number, due: number): void;
  /**
   * Gives up the open requests that were due at this time or before; the listener does not hear of them.
   *
   * @returns when they were due
   */
  giveUp(dueUntil: number): number[];
  /** Cuts all connections. */
  destroy(): Promise<void>;
}

/** Streams that a connection carries in HTTP/2; a server may allow fewer. */
const STREAMS = 100;

/** Redirects are answers like any other: undici's dispatchers do not follow them. */
export function createClient(plan: LoadPlan, listener: Listener): LoadClient {
  const lanes = new Map<string, Lane>();
  const requests = plan.targets.map((target) => {
    const { origin, options } = requestOf(target, plan.testHeader);
    const lane = lanes.get(origin) ?? new Lane(origin, plan, listener);
    lanes.set(origin, lane);
    return { lane, options };
  });
  return {
    send(target, due) {
      const request = requests[target];
      if (request === undefined) throw new Error(`there is no target ${target}`);
      request.lane.take().send(request.options, due);
    },
    giveUp: (dueUntil) => [...lanes.values()].flatMap((lane) => lane.giveUp(dueUntil)),
    async destroy() {
      await Promise.all([...lanes.values()].map((lane) => lane.destroy()));
    },
  };
}

function requestOf({ url: text, method, headers, body }: ShardTarget, testHeader: LoadPlan['testHeader']) {
  const url = new URL(text);
  const all = { ...headers, ...(testHeader && { [testHeader.name]: testHeader.value }) };
  const options: Dispatcher.DispatchOptions = {
    path: `${url.pathname}${url.search}`,
    method,
    // The form that undici reads fastest.
    headers: Object.entries(all).flat(),
    ...(body !== undefined && { body: Buffer.from(body) }),
  };
  return { origin: url.origin, options };
}

/** The exchanges with one origin: in HTTP/1.1, each is a connection of its own; in HTTP/2, a stream of a shared pool. */
class Lane {
  readonly #connect: () => Dispatcher;
  readonly #pool: Pool | undefined;
  readonly #listener: Listener;
  readonly #free: Exchange[] = [];
  readonly #all = new Set<Exchange>();

  constructor(origin: string, { connections, http, timeoutMs }: LoadPlan, listener: Listener) {
    this.#listener = listener;
    const common = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 60_000 };
    if (http === '1.1') {
      // One connector for all, so that they resume TLS sessions.
      const connect = buildConnector({ timeout: timeoutMs, allowH2: false });
      this.#connect = () => new Client(origin, { ...common, connect, pipelining: 1, allowH2: false });
      return;
    }
    // Over TLS, HTTP/2 is agreed by ALPN; in the clear, as Service Connect's proxy speaks it, by prior knowledge (h2c).
    // useH2c is not among h2Options here: the pool's own connector reads it from its options.
    const h2 = { pipelining: STREAMS, allowH2: true, useH2c: origin.startsWith('http:') };
    const most = { connections: Math.ceil(connections / STREAMS), h2Options: { maxConcurrentStreams: STREAMS } };
    const pool = new Pool(origin, { ...common, ...h2, ...most, connect: { timeout: timeoutMs } });
    this.#pool = pool;
    this.#connect = () => pool;
  }

  /** The one that was used last, so that no more connections are kept than the load needs. */
  take(): Exchange {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const exchange = new Exchange(this, this.#connect(), this.#listener);
    this.#all.add(exchange);
    return exchange;
  }

  free(exchange: Exchange): void {
    this.#free.push(exchange);
  }

  /** It may hear of its old request again, and undici forbids a new one from within a failure: use another. */
  drop(exchange: Exchange): void {
    this.#all.delete(exchange);
    if (this.#pool === undefined) void exchange.destroy();
  }

  giveUp(dueUntil: number): number[] {
    const late = [...this.#all].filter((exchange) => exchange.isOpen && exchange.due <= dueUntil);
    for (const exchange of late) exchange.giveUp();
    return late.map(({ due }) => due);
  }

  async destroy(): Promise<void> {
    await Promise.all([this.#pool?.destroy(), ...[...this.#all].map((exchange) => exchange.destroy())]);
  }
}

/**
 * A request and its answer, then the next ones: so a request costs no object and no closure of ours. Drains the body
 * without keeping it.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #lane: Lane;
  readonly #dispatcher: Dispatcher;
  readonly #listener: Listener;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #bytes = 0;
  isOpen = false;
  due = 0;

  constructor(lane: Lane, dispatcher: Dispatcher, listener: Listener) {
    this.#lane = lane;
    this.#dispatcher = dispatcher;
    this.#listener = listener;
  }

  send(options: Dispatcher.DispatchOptions, due: number): void {
    this.due = due;
    this.isOpen = true;
    this.#status = 0;
    this.#bytes = 0;
    this.#controller = undefined;
    this.#dispatcher.dispatch(options, this);
  }

  giveUp(): void {
    this.isOpen = false;
    this.#controller?.abort(new Error('given up'));
    this.#lane.drop(this);
  }

  async destroy(): Promise<void> {
    await this.#dispatcher.destroy(new Error('given up'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Given up while it waited for a connection: it must not be sent any more.
    if (!this.isOpen) controller.abort(new Error('given up'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    // A 103 comes before the answer.
    this.#status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
  }

  onResponseEnd(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#lane.free(this);
    this.#listener.ended(this.due, this.#status, this.#bytes);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#lane.drop(this);
    this.#listener.failed(this.due, error);
  }
}

import { SSMClient } from '@aws-sdk/client-ssm';
import { CLIENT_OPTIONS } from '../../../shared/aws/client.ts';
import type { FaultEffect } from '../../../simulator/aws/faults.ts';
import { signedBy } from '../../../simulator/aws/identities.ts';
import type { LocalAws } from '../../../simulator/aws/local-aws.ts';
import type { WireReply, WireRequest } from '../../../simulator/aws/routing.ts';

/** One call of the code under test, all attempts of the SDK taken together. */
export interface SdkCall {
  /** As in a credential scope: `ssm`, `monitoring`. */
  service: string;
  operation: string;
  /** The how manieth call of this operation it is, from 1. */
  ordinal: number;
}

/**
 * Which requests a fault strikes: the `first` attempt of the call, `once` all attempts of it, or `always` this call and
 * all later ones of its operation.
 */
export type Extent = 'first' | 'once' | 'always';

export interface Strike extends SdkCall {
  effect: FaultEffect;
  extent: Extent;
}

/** What the SDK's own request handler is given, as far as it is used here. */
interface SdkRequest {
  method: string;
  protocol: string;
  hostname: string;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
}

interface HandlerOptions {
  abortSignal?: AbortSignal;
}

interface SdkClient {
  config: {
    requestHandler: unknown;
    systemClockOffset: number;
    retryStrategy: () => Promise<{ capacity: number }>;
  };
}

type Send = (this: SdkClient, ...args: unknown[]) => Promise<unknown>;

/** How far the clock of AWS is ahead of a client whose requests it takes for expired, milliseconds. */
const SKEW_MS = 15 * 60_000;

/**
 * Between the SDK's real clients and a local endpoint, without sockets: what the SDK signed and wrote goes to the
 * endpoint as it is, and the endpoint's bytes come back. Time-outs and broken connections reach the client as the
 * errors that the SDK's own handler makes of them; test/hardening/transport.test.ts holds them against it.
 */
export class MemoryTransport {
  /** In the order in which they began. */
  calls: SdkCall[] = [];
  /** How many requests the fault has struck. */
  struck = 0;
  /** Who signs from now on, where it is not whom the environment says: an access key id of the endpoint's. */
  accessKeyId: string | undefined;
  readonly #prototype: { send: Send };
  readonly #real: Send;
  readonly #handler = {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: (request: SdkRequest, options?: HandlerOptions) => this.#handle(request, options),
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => undefined,
  };
  #aws: LocalAws | undefined;
  #strike: Strike | undefined;
  #known = new Map<string, SdkCall>();
  /** Clients outlive a case; what they have learnt in one must not change the next. */
  #reset = new WeakSet<object>();

  constructor() {
    // The base of every client of the SDK, which is not exported by name.
    this.#prototype = Object.getPrototypeOf(SSMClient.prototype) as { send: Send };
    this.#real = this.#prototype.send;
  }

  install(): void {
    const { send } = { send: this.#real };
    const prepare = (client: SdkClient) => this.#prepare(client);
    this.#prototype.send = async function (...args) {
      await prepare(this);
      return send.apply(this, args);
    };
  }

  uninstall(): void {
    this.#prototype.send = this.#real;
  }

  /** From now on every client speaks to this endpoint, as if it had never spoken to another. */
  connect(aws: LocalAws, strike?: Strike): void {
    this.#aws = aws;
    this.#strike = strike;
    this.calls = [];
    this.struck = 0;
    this.#known = new Map();
    this.#reset = new WeakSet();
  }

  /** The fault strikes nothing more. */
  heal(): void {
    this.#strike = undefined;
  }

  async #prepare({ config }: SdkClient): Promise<void> {
    if (this.#reset.has(config)) return;
    this.#reset.add(config);
    config.requestHandler = this.#handler;
    config.systemClockOffset = 0;
    const strategy = await config.retryStrategy();
    strategy.capacity = 500;
  }

  async #handle(request: SdkRequest, { abortSignal }: HandlerOptions = {}): Promise<{ response: object }> {
    const aws = this.#aws;
    if (aws === undefined) throw new Error('no endpoint is connected');
    const wire = signedAnew(wireOf(request), this.accessKeyId);
    const effect = this.#effectOn(wire);
    let timer: NodeJS.Timeout | undefined;
    const given = new Promise<never>((_, reject) => {
      if (abortSignal?.aborted) reject(abortError(abortSignal));
      abortSignal?.addEventListener('abort', () => reject(abortError(abortSignal)), { once: true });
      timer = setTimeout(() => reject(timeoutError()), CLIENT_OPTIONS.requestHandler.requestTimeout);
    });
    try {
      return await Promise.race([given, this.#answer(aws, wire, effect)]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #answer(aws: LocalAws, wire: WireRequest, effect: FaultEffect | undefined): Promise<{ response: object }> {
    const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    const fault = effect && aws.faults.add({ ...effect, ...this.#nameOf(wire) });
    const answered = aws.answer(wire, sleep);
    // The endpoint has chosen the fault by now, before anything else could ask it.
    fault?.remove();
    const outcome = await answered;
    if (outcome === 'hang') return new Promise(() => undefined);
    if (outcome === 'cut') throw connectionReset();
    return { response: responseOf(outcome, Date.now() + (effect?.kind === 'clock-skew' ? SKEW_MS : 0)) };
  }

  #nameOf({ headers, body }: WireRequest): { service: string; operation: string } {
    const service = signedBy(headers.authorization)?.service ?? 'unknown';
    const target = headers['x-amz-target'];
    const operation =
      typeof target === 'string' ? target.split('.')[1] : new URLSearchParams(body).get('Action')?.toString();
    return { service, operation: operation ?? 'unknown' };
  }

  /** Counts the calls; every attempt of one has the same id, by which the SDK lets AWS tell a retry. */
  #effectOn(wire: WireRequest): FaultEffect | undefined {
    const id = String(wire.headers['amz-sdk-invocation-id']);
    const isFirst = !this.#known.has(id);
    const call = this.#known.get(id) ?? this.#begin(id, this.#nameOf(wire));
    const strike = this.#strike;
    if (strike === undefined || strike.service !== call.service || strike.operation !== call.operation)
      return undefined;
    const isMeant = strike.extent === 'always' ? call.ordinal >= strike.ordinal : call.ordinal === strike.ordinal;
    if (!isMeant || (strike.extent === 'first' && !isFirst)) return undefined;
    this.struck += 1;
    return strike.effect;
  }

  #begin(id: string, { service, operation }: { service: string; operation: string }): SdkCall {
    const before = this.calls.filter((one) => one.service === service && one.operation === operation).length;
    const call = { service, operation, ordinal: before + 1 };
    this.calls.push(call);
    this.#known.set(id, call);
    return call;
  }
}

/** The endpoint knows a caller by the access key id alone. */
function signedAnew(wire: WireRequest, accessKeyId: string | undefined): WireRequest {
  const { authorization } = wire.headers;
  if (accessKeyId === undefined || authorization === undefined) return wire;
  return {
    ...wire,
    headers: { ...wire.headers, authorization: authorization.replace(/(?<=Credential=)[^/]+/, accessKeyId) },
  };
}

function wireOf({ method, protocol, hostname, path, query, headers, body }: SdkRequest): WireRequest {
  const pairs = Object.entries(query ?? {}).map(([name, value]): [string, string] => [name, String(value ?? '')]);
  const search = new URLSearchParams(pairs).toString();
  return {
    method,
    url: search === '' ? path : `${path}?${search}`,
    origin: `${protocol}//${hostname}`,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body ?? ''),
  };
}

function responseOf({ status, headers, body }: WireReply, now: number): object {
  const bytes = Buffer.from(body);
  const more = { date: new Date(now).toUTCString(), 'content-length': String(bytes.length) };
  return { statusCode: status, headers: { ...headers, ...more }, body: bytes };
}

/** What the SDK's handler makes of a connection that is reset before the answer. */
export function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), {
    name: 'TimeoutError',
    code: 'ECONNRESET',
    errno: -104,
    syscall: 'read',
  });
}

/** What it makes of an answer that does not come in time, with `throwOnRequestTimeout`. */
export function timeoutError(ms = CLIENT_OPTIONS.requestHandler.requestTimeout): Error {
  const message = `@smithy/node-http-handler - [ERROR] a request has exceeded the configured ${ms} ms requestTimeout.`;
  return Object.assign(new Error(message), { name: 'TimeoutError', code: 'ETIMEDOUT' });
}

function abortError({ reason }: AbortSignal): Error {
  const error = new Error(reason instanceof Error || !reason ? 'Request aborted' : String(reason));
  return Object.assign(error, { name: 'AbortError', ...(reason instanceof Error && { cause: reason }) });
}

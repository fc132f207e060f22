import type { Clock } from '../clock.ts';
import { AwsError } from './errors.ts';
import { type Fault, type FaultInjector, type FaultKind, faultError } from './faults.ts';
import type { Identities } from './identities.ts';
import { type Route, routeRequest, unroutedError, type WireReply, type WireRequest } from './routing.ts';
import type { JsonObject, OperationContext, ServiceDefinition } from './service.ts';

/** One request as the endpoint saw it, in order of arrival. */
export interface AwsCall {
  /** Milliseconds since the epoch. */
  at: number;
  /** As in a credential scope, such as `ssm`. */
  service: string;
  operation: string;
  /** `anonymous` when the request was not signed. */
  callerArn: string;
  /** Empty when the request was not signed. */
  accessKeyId: string;
  requestId: string;
  /** Without the values of SecureString parameters. */
  input: JsonObject;
  /** The name of the error that was answered; undefined while the request is under way, and when it went well. */
  error: string | undefined;
  /** The kind of fault that was injected. */
  fault: FaultKind | undefined;
}

export interface DispatchOptions {
  clock: Clock;
  accountId: string;
  region: string;
  partition: string;
  services: readonly ServiceDefinition[];
  identities: Identities;
  faults: FaultInjector;
  calls: AwsCall[];
  newId(): string;
  onCall(call: AwsCall): void;
}

/** With the scheme and host that this request came by. */
type Answering = DispatchOptions & { origin: string; signal: AbortSignal | undefined };

/** What becomes of the connection: an answer, a reset, or nothing for ever. */
export type Outcome = WireReply | 'cut' | 'hang';

/** Waits in real time; a slow answer is slow to the client's own timeouts, which do not know the simulator's clock. */
export type Sleep = (ms: number) => Promise<void>;

/** Answers one request. Never rejects: what fails is told to the client. */
export async function dispatch(request: WireRequest, options: DispatchOptions, sleep: Sleep): Promise<Outcome> {
  const requestId = options.newId();
  let route: Route;
  try {
    route = routeRequest(request, options.services);
  } catch (error) {
    return unroutedError(request, asAwsError(error), requestId);
  }
  const call = startCall(route, requestId, options);
  try {
    return await answer(route, call, { ...options, origin: request.origin, signal: request.signal }, sleep);
  } catch (error) {
    const told = asAwsError(error);
    call.error = told.name;
    return route.codec.encodeError(told, requestId);
  } finally {
    options.onCall(call);
  }
}

function startCall({ serviceId, operation, signer }: Route, requestId: string, options: DispatchOptions): AwsCall {
  const call: AwsCall = {
    at: options.clock.now(),
    service: serviceId,
    operation,
    callerArn: signer === undefined ? 'anonymous' : options.identities.arnOf(signer.accessKeyId),
    accessKeyId: signer?.accessKeyId ?? '',
    requestId,
    input: {},
    error: undefined,
    fault: undefined,
  };
  options.calls.push(call);
  return call;
}

async function answer(route: Route, call: AwsCall, options: Answering, sleep: Sleep): Promise<Outcome> {
  const { service, operation, codec } = route;
  if (route.signer === undefined) throw codec.unsigned;
  if (service === undefined) throw notImplemented(route, options.services);
  const input = codec.decode();
  call.input = service.redact?.(operation, input) ?? input;
  const fault = options.faults.strike(service.id, operation, call.callerArn, input);
  call.fault = fault?.kind;
  const execute = async (): Promise<WireReply> => {
    const context = contextOf(route, call, options);
    const run = Object.hasOwn(service.operations, operation) ? service.operations[operation] : undefined;
    if (run === undefined) throw notImplemented(route, options.services);
    return codec.encode(await run(input, context), call.requestId);
  };
  if (fault === undefined) return execute();
  const own = faultError(fault.kind, service, operation, input, contextOf(route, call, options));
  return strike(fault, own, execute, sleep);
}

/** @param own the error in the service's words, for the faults that are one */
async function strike(
  fault: Fault,
  own: AwsError | undefined,
  execute: () => Promise<WireReply>,
  sleep: Sleep,
): Promise<Outcome> {
  switch (fault.kind) {
    case 'slow':
      return slowly(fault.ms, fault.when === 'after', execute, sleep);
    case 'hang':
    case 'cut':
      if (fault.when === 'after') await execute();
      return fault.kind;
    case 'malformed-body': {
      const reply = await execute();
      return { ...reply, body: reply.body.slice(0, Math.ceil(reply.body.length / 2)) };
    }
    case 'empty-body':
      return { ...(await execute()), body: '' };
    default:
      if ('when' in fault && fault.when === 'after') await execute();
      throw own ?? new Error(`no error for the fault ${fault.kind}`);
  }
}

async function slowly(ms: number, after: boolean, execute: () => Promise<WireReply>, sleep: Sleep): Promise<Outcome> {
  if (!after) {
    await sleep(ms);
    return execute();
  }
  const reply = await execute();
  await sleep(ms);
  return reply;
}

function contextOf(
  { signer }: Route,
  call: AwsCall,
  { clock, accountId, region, partition, origin, signal, newId }: Answering,
): OperationContext {
  return {
    now: clock.now(),
    accountId,
    region,
    signedRegion: signer?.region ?? region,
    origin,
    partition,
    callerArn: call.callerArn,
    accessKeyId: call.accessKeyId,
    newId,
    ...(signal !== undefined && { signal }),
  };
}

/** SDKs retry a 501 as any server error, which costs a default client three quick attempts and no more. */
function notImplemented({ serviceId, operation }: Route, services: readonly ServiceDefinition[]): AwsError {
  const known = services.map(({ id, operations }) => `${id}: ${Object.keys(operations).join(', ')}`).join('; ');
  return new AwsError(
    'NotImplementedException',
    `${serviceId}:${operation} is not implemented by the local AWS endpoint. Implemented: ${known}.`,
    501,
  );
}

/** Anything but an AwsError is a fault of this endpoint's own, and says so rather than play a failure of AWS. */
function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  return new AwsError(
    'InternalFailure',
    `The local AWS endpoint failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    500,
  );
}

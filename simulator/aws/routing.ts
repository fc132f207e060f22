import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from './errors.ts';
import { type SignedBy, signedBy } from './identities.ts';
import { decodeJson, encodeJson, encodeJsonError } from './protocol/json.ts';
import { decodeQuery, encodeQuery, encodeQueryError } from './protocol/query.ts';
import type { JsonObject, ServiceDefinition } from './service.ts';

export interface WireRequest {
  method: string;
  /** Path and query string. */
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface WireReply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Which operation of which service a request is for, and how its protocol is read and written. */
export interface Route {
  serviceId: string;
  operation: string;
  /** Undefined when the endpoint has no such service. */
  service: ServiceDefinition | undefined;
  signer: SignedBy | undefined;
  codec: Codec;
}

interface Codec {
  /** @throws AwsError SerializationException */
  decode(): JsonObject;
  encode(output: object, requestId: string): WireReply;
  encodeError(error: AwsError, requestId: string): WireReply;
  /** What the service calls a request that nobody signed. */
  unsigned: AwsError;
}

/** @throws AwsError IncompleteSignature; everything else that is wrong comes with the route, to be told in its protocol */
export function routeRequest(request: WireRequest, services: readonly ServiceDefinition[]): Route {
  const signer = signedBy(request.headers.authorization);
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return jsonRoute(request, target, signer, services);
  const form = formOf(request);
  if (form?.has('Action')) return queryRoute(form, signer, services);
  const operation = `${request.method} ${request.url.split('?')[0]}`;
  return { serviceId: signer?.service ?? 'unknown', operation, service: undefined, signer, codec: jsonCodec(request) };
}

function jsonRoute(
  request: WireRequest,
  target: string,
  signer: SignedBy | undefined,
  services: readonly ServiceDefinition[],
): Route {
  const [prefix = '', operation = ''] = target.split('.');
  const service = services.find(({ protocol }) => protocol.kind === 'json' && protocol.targetPrefix === prefix);
  return { serviceId: service?.id ?? signer?.service ?? prefix, operation, service, signer, codec: jsonCodec(request) };
}

function queryRoute(
  form: URLSearchParams,
  signer: SignedBy | undefined,
  services: readonly ServiceDefinition[],
): Route {
  const service = services.find(({ id, protocol }) => protocol.kind === 'query' && id === signer?.service);
  const namespace = service?.protocol.kind === 'query' ? service.protocol.xmlNamespace : '';
  const operation = form.get('Action') ?? '';
  return {
    serviceId: signer?.service ?? 'unknown',
    operation,
    service,
    signer,
    codec: queryCodec(form, operation, namespace),
  };
}

function formOf({ method, url, headers, body }: WireRequest): URLSearchParams | undefined {
  if (method === 'GET') return new URLSearchParams(url.split('?')[1] ?? '');
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  return isForm ? new URLSearchParams(body) : undefined;
}

function jsonCodec({ headers, body }: WireRequest): Codec {
  // 1.0 and 1.1 differ here only in the content type that comes back.
  const type = headers['content-type']?.startsWith('application/x-amz-json-1.0') ? '1.0' : '1.1';
  const typed = { 'content-type': `application/x-amz-json-${type}` };
  return {
    decode: () => decodeJson(body),
    encode: (output, requestId) => ({
      status: 200,
      headers: { ...typed, 'x-amzn-requestid': requestId },
      body: encodeJson(output),
    }),
    encodeError: (error, requestId) => ({
      status: error.statusCode,
      headers: { ...typed, 'x-amzn-requestid': requestId, 'x-amzn-errortype': error.name },
      body: encodeJsonError(error),
    }),
    unsigned: new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token'),
  };
}

function queryCodec(form: URLSearchParams, operation: string, namespace: string): Codec {
  const typed = { 'content-type': 'text/xml' };
  return {
    decode: () => decodeQuery(form),
    encode: (output, requestId) => ({
      status: 200,
      headers: { ...typed, 'x-amzn-requestid': requestId },
      body: encodeQuery(operation, output, namespace, requestId),
    }),
    encodeError: (error, requestId) => ({
      status: error.statusCode,
      headers: { ...typed, 'x-amzn-requestid': requestId, 'x-amzn-errortype': error.name },
      body: encodeQueryError(error, namespace, requestId),
    }),
    unsigned: new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403),
  };
}

/** For what fails before there is a route. */
export function unroutedError(request: WireRequest, error: AwsError, requestId: string): WireReply {
  return jsonCodec(request).encodeError(error, requestId);
}

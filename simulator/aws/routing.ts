import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from './errors.ts';
import { type SignedBy, signedBy, signerOf } from './identities.ts';
import { decodeJson, encodeJson, encodeJsonError } from './protocol/json.ts';
import { decodePresigned, encodeBytes, encodeS3Error } from './protocol/presigned.ts';
import { decodeQuery, encodeQuery, encodeQueryError } from './protocol/query.ts';
import { decodeRest, encodeRestError, matchRest, type RestRequest } from './protocol/rest.ts';
import type { JsonObject, ServiceDefinition } from './service.ts';

export interface WireRequest {
  method: string;
  /** Path and query string. */
  url: string;
  /** Scheme and host by which the client reached the endpoint. */
  origin: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Aborted when the client closes the connection before it is answered. */
  signal?: AbortSignal;
}

export interface WireReply {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
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
  const presigned = presignedRoute(request, services);
  if (presigned !== undefined) return presigned;
  const rest = restRoute(request, signer, services);
  if (rest !== undefined) return rest;
  const form = formOf(request);
  if (form?.has('Action')) return queryRoute(form, signer, services);
  const operation = `${request.method} ${request.url.split('?')[0]}`;
  return {
    serviceId: signer?.service ?? 'unknown',
    operation,
    service: undefined,
    signer,
    codec: jsonCodec(request, undefined),
  };
}

function jsonRoute(
  request: WireRequest,
  target: string,
  signer: SignedBy | undefined,
  services: readonly ServiceDefinition[],
): Route {
  const [prefix = '', operation = ''] = target.split('.');
  const service = services.find(({ protocol }) => protocol.kind === 'json' && protocol.targetPrefix === prefix);
  const codec = jsonCodec(request, service);
  return { serviceId: service?.id ?? signer?.service ?? prefix, operation, service, signer, codec };
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

/** @returns undefined unless the URL carries a signature for a service of pre-signed URLs */
function presignedRoute(request: WireRequest, services: readonly ServiceDefinition[]): Route | undefined {
  if (request.method !== 'GET') return undefined;
  const credential = new URLSearchParams(request.url.split('?')[1] ?? '').get('X-Amz-Credential');
  const signer = credential === null ? undefined : signerOf(credential);
  const service = services.find(({ id, protocol }) => protocol.kind === 'presigned' && id === signer?.service);
  if (signer === undefined || service === undefined) return undefined;
  return { serviceId: service.id, operation: 'GetObject', service, signer, codec: presignedCodec(request) };
}

/** @returns undefined unless it is signed for a service of this protocol that has an operation of this path */
function restRoute(
  request: WireRequest,
  signer: SignedBy | undefined,
  services: readonly ServiceDefinition[],
): Route | undefined {
  const service = services.find(({ id }) => id === signer?.service);
  if (service?.protocol.kind !== 'rest-json') return undefined;
  const matched = matchRest(request.method, request.url, service.protocol);
  if (matched === undefined) return undefined;
  return { serviceId: service.id, operation: matched.operation, service, signer, codec: restCodec(request, matched) };
}

function formOf({ method, url, headers, body }: WireRequest): URLSearchParams | undefined {
  if (method === 'GET') return new URLSearchParams(url.split('?')[1] ?? '');
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  return isForm ? new URLSearchParams(body) : undefined;
}

function jsonCodec({ headers, body }: WireRequest, service: ServiceDefinition | undefined): Codec {
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
      headers: {
        ...typed,
        'x-amzn-requestid': requestId,
        'x-amzn-errortype': error.name,
        ...(headers['x-amzn-query-mode'] === 'true' && queryError(error, service)),
      },
      body: encodeJsonError(error),
    }),
    unsigned: new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token'),
  };
}

/** Smithy documentation, page "AWS query compatible trait": what the error was called on the query protocol. */
function queryError(error: AwsError, service: ServiceDefinition | undefined): Record<string, string> {
  const codes = service?.protocol.kind === 'json' ? service.protocol.queryErrorCodes : undefined;
  if (codes === undefined) return {};
  const code = Object.hasOwn(codes, error.name) ? codes[error.name] : error.name;
  return { 'x-amzn-query-error': `${code};${error.statusCode >= 500 ? 'Receiver' : 'Sender'}` };
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

function restCodec({ url, body }: WireRequest, matched: RestRequest): Codec {
  const typed = { 'content-type': 'application/json' };
  return {
    decode: () => decodeRest(matched, url, body),
    encode: (output, requestId) => ({
      status: 200,
      headers: { ...typed, 'x-amzn-requestid': requestId },
      body: encodeJson(output),
    }),
    encodeError: (error, requestId) => ({
      status: error.statusCode,
      headers: { ...typed, 'x-amzn-requestid': requestId, 'x-amzn-errortype': error.name },
      body: encodeRestError(error),
    }),
    unsigned: new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403),
  };
}

function presignedCodec(request: WireRequest): Codec {
  return {
    decode: () => decodePresigned(request.url),
    encode: (output, requestId) => ({
      status: 200,
      headers: { 'content-type': 'application/octet-stream', 'x-amz-request-id': requestId },
      body: encodeBytes(output),
    }),
    encodeError: (error, requestId) => ({
      status: error.statusCode,
      headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
      body: encodeS3Error(error, requestId),
    }),
    unsigned: new AwsError('AccessDenied', 'Access Denied', 403),
  };
}

/** For what fails before there is a route. */
export function unroutedError(request: WireRequest, error: AwsError, requestId: string): WireReply {
  return jsonCodec(request, undefined).encodeError(error, requestId);
}

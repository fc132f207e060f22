import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../errors.ts';

/**
 * Pre-signed S3 URLs with Signature Version 4 in the query string (S3 API reference, page "Authenticating Requests:
 * Using Query Parameters"). The key is the endpoint's own: only URLs that it handed out, unchanged and in time, open.
 */
const ACCESS_KEY_ID = 'ASIALOCALECRLAYERS01';
const SECRET_ACCESS_KEY = 'local-secret-of-the-registry-layer-store';
/** Real ones carry a session token of several hundred characters, so logs and size limits should meet one here. */
const SESSION_TOKEN = Buffer.from('local session token of the layer store '.repeat(12)).toString('base64');
const ALGORITHM = 'AWS4-HMAC-SHA256';
/** The validity that ECR gives its download URLs. */
const EXPIRES_SECONDS = 3600;

export interface PresignTarget {
  /** Scheme and host by which the client will reach the store. */
  origin: string;
  /** Path that begins with the bucket. */
  path: string;
  region: string;
}

/** @param now milliseconds since the epoch, the start of the URL's validity */
export function presignGet({ origin, path, region }: PresignTarget, now: number): string {
  const at = basicTime(now);
  const query = new URLSearchParams({
    'X-Amz-Security-Token': SESSION_TOKEN,
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Date': at,
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Expires': String(EXPIRES_SECONDS),
    'X-Amz-Credential': `${ACCESS_KEY_ID}/${at.slice(0, 8)}/${region}/s3/aws4_request`,
  });
  return `${origin}${path}?${encodeQuery(query)}&X-Amz-Signature=${sign(origin, path, query)}`;
}

/**
 * @param query as the request has it
 * @throws AwsError 403 SignatureDoesNotMatch, or AccessDenied when the URL's time is up
 */
export function verifyPresigned(origin: string, path: string, query: string, now: number): void {
  const given = new URLSearchParams(query);
  const signature = given.get('X-Amz-Signature') ?? '';
  given.delete('X-Amz-Signature');
  const own = Buffer.from(sign(origin, path, given));
  const theirs = Buffer.from(signature);
  if (own.length !== theirs.length || !timingSafeEqual(own, theirs)) {
    throw new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      403,
    );
  }
  const expires = parseBasicTime(given.get('X-Amz-Date') ?? '') + Number(given.get('X-Amz-Expires')) * 1000;
  if (!(now < expires)) throw new AwsError('AccessDenied', 'Request has expired', 403);
}

function sign(origin: string, path: string, query: URLSearchParams): string {
  const at = query.get('X-Amz-Date') ?? '';
  const scope = (query.get('X-Amz-Credential') ?? '').split('/').slice(1);
  const host = origin.slice(origin.indexOf('//') + 2);
  const canonical = ['GET', path, encodeQuery(query), `host:${host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  const text = [ALGORITHM, at, scope.join('/'), hash].join('\n');
  const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${SECRET_ACCESS_KEY}`);
  return hmac(key, text).toString('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Sorted by name and escaped as signatures want it, which also is a valid query string. */
function encodeQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => `${escapeUri(name)}=${escapeUri(value)}`)
    .sort()
    .join('&');
}

function escapeUri(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

function basicTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}|[-:]/g, '');
}

function parseBasicTime(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

import type { AwsError } from '../errors.ts';
import type { JsonObject } from '../service.ts';
import { escapeXml } from './query.ts';

/** S3's REST protocol as far as the GET of a pre-signed URL goes (S3 API reference, page "GetObject"). */

/** @param url path and query string; the path begins with the bucket, as path-style requests do */
export function decodePresigned(url: string): JsonObject {
  const [path = '', query = ''] = url.split('?');
  const [, bucket = '', ...key] = path.split('/');
  return { Bucket: bucket, Key: key.join('/'), Path: path, Query: query };
}

export function encodeBytes(output: object): Uint8Array {
  if ('Body' in output && output.Body instanceof Uint8Array) return output.Body;
  throw new Error('a pre-signed GET answers with a Body of bytes');
}

/** S3 API reference, page "Error responses". */
export function encodeS3Error(error: AwsError, requestId: string): string {
  const detail = `<Code>${escapeXml(error.name)}</Code><Message>${escapeXml(error.message)}</Message>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${detail}<RequestId>${escapeXml(requestId)}</RequestId></Error>`;
}

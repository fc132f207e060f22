import type { AwsError } from '../errors.ts';
import type { JsonObject, RestJsonProtocol } from '../service.ts';
import { decodeJson } from './json.ts';

/**
 * The REST-JSON protocol: the operation is told by method and path, its members are in the path, the query string and
 * a JSON body (Smithy documentation, page "AWS restJson1 protocol").
 */

export interface RestRequest {
  operation: string;
  /** The members in the path, decoded. */
  labels: Readonly<Record<string, string>>;
}

/** @returns undefined when no operation of the service has this method and path */
export function matchRest(method: string, url: string, { paths }: RestJsonProtocol): RestRequest | undefined {
  const parts = (url.split('?')[0] ?? '').split('/');
  for (const [operation, path] of Object.entries(paths)) {
    const labels = path.method === method ? labelsOf(path.template.split('/'), parts) : undefined;
    if (labels !== undefined) return { operation, labels };
  }
  return undefined;
}

function labelsOf(template: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (template.length !== parts.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [index, wanted] of template.entries()) {
    const given = parts[index] ?? '';
    const label = /^\{(\w+)\}$/.exec(wanted)?.[1];
    if (label !== undefined && given !== '') labels[label] = decodeURIComponent(given);
    else if (wanted !== given) return undefined;
  }
  return labels;
}

/** @throws AwsError SerializationException */
export function decodeRest({ labels }: RestRequest, url: string, body: string): JsonObject {
  return { ...decodeJson(body), ...Object.fromEntries(new URLSearchParams(url.split('?')[1] ?? '')), ...labels };
}

/** As Lambda has it: `Type` says whose fault it was, and the name is in a header. */
export function encodeRestError(error: AwsError): string {
  return JSON.stringify({ Type: error.statusCode >= 500 ? 'Service' : 'User', Message: error.message });
}

import { AwsError } from '../errors.ts';
import { isObject } from '../input.ts';
import type { JsonObject } from '../service.ts';

/**
 * The AWS JSON protocols 1.0 and 1.1: a JSON object each way, the operation in `x-amz-target`, timestamps as epoch
 * seconds (Smithy documentation, pages "AWS JSON 1.0 protocol" and "AWS JSON 1.1 protocol").
 */

/** @throws AwsError SerializationException when the body is not one JSON object; an empty body is an empty object */
export function decodeJson(body: string): JsonObject {
  if (body.trim() === '') return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new AwsError('SerializationException', 'Unexpected end of input or malformed JSON in the request body.');
  }
  if (!isObject(parsed))
    throw new AwsError('SerializationException', 'Start of structure or map found where not expected.');
  return parsed;
}

export function encodeJson(output: object): string {
  return JSON.stringify(toWire(output));
}

/** AWS leaves the message out where it has none: ParameterNotFound comes with its type alone. */
export function encodeJsonError(error: AwsError): string {
  return JSON.stringify({ __type: error.name, ...(error.message === '' ? {} : { message: error.message }) });
}

function toWire(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toWire);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toWire(member)]));
}

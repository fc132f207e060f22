import { AwsError } from './errors.ts';
import type { JsonObject } from './service.ts';

/** Typed readers of a request's members. A member of the wrong JSON type fails as it does at AWS: SerializationException. */

/** @returns the member, or undefined when it is absent or null */
export function optionalString(input: JsonObject, member: string): string | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrongType(value, 'a String');
  return value;
}

/** @returns the member without its fraction, or undefined when it is absent or null */
export function optionalInteger(input: JsonObject, member: string): number | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw wrongType(value, 'an Integer');
  return Math.trunc(value);
}

export function optionalBoolean(input: JsonObject, member: string): boolean | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw wrongType(value, 'a Boolean');
  return value;
}

export function optionalStrings(input: JsonObject, member: string): string[] | undefined {
  const list = optionalList(input, member);
  return list?.map((item) => {
    if (typeof item !== 'string') throw wrongType(item, 'a String');
    return item;
  });
}

export function optionalObjects(input: JsonObject, member: string): JsonObject[] | undefined {
  return optionalList(input, member)?.map(asObject);
}

export function optionalObject(input: JsonObject, member: string): JsonObject | undefined {
  const value = input[member];
  return value === undefined || value === null ? undefined : asObject(value);
}

function optionalList(input: JsonObject, member: string): unknown[] | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw new AwsError('SerializationException', `Expected list or null`);
  return value;
}

function asObject(value: unknown): JsonObject {
  if (!isObject(value))
    throw new AwsError('SerializationException', 'Start of structure or map found where not expected.');
  return value;
}

/** @returns whether a parsed JSON value is an object, neither null nor an array */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrongType(value: unknown, wanted: string): AwsError {
  return new AwsError('SerializationException', `${jsonToken(value)} can not be converted to ${wanted}`);
}

function jsonToken(value: unknown): string {
  if (typeof value === 'string') return 'STRING_VALUE';
  if (typeof value === 'number') return 'NUMBER_VALUE';
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return Array.isArray(value) ? 'START_ARRAY' : 'START_OBJECT';
}

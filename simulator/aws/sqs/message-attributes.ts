import { createHash } from 'node:crypto';
import { AwsError } from '../errors.ts';
import { isObject, optionalObject, optionalString } from '../input.ts';
import type { JsonObject } from '../service.ts';
import { invalidValue } from './errors.ts';

export interface MessageAttribute {
  dataType: string;
  /** Text of a String or Number, base64 of a Binary. */
  value: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

const MAX_ATTRIBUTES = 10;

/**
 * Reads MessageAttributes (developer guide, page "Amazon SQS message metadata").
 * @throws AwsError InvalidParameterValue
 */
export function readAttributes(input: JsonObject, member = 'MessageAttributes'): MessageAttributes {
  const entries = Object.entries(optionalObject(input, member) ?? {});
  if (entries.length > MAX_ATTRIBUTES)
    throw new AwsError(
      'InvalidParameterValue',
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`,
    );
  return Object.fromEntries(entries.map(([name, raw]) => [name, attribute(name, isObject(raw) ? raw : {})]));
}

function attribute(name: string, raw: JsonObject): MessageAttribute {
  checkName(name);
  const dataType = optionalString(raw, 'DataType') ?? '';
  if (dataType === '') throw bad(`The message attribute '${name}' must contain non-empty message attribute type.`);
  if (!/^(String|Number|Binary)(\..+)?$/.test(dataType) || dataType.length > 256)
    throw bad(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const value = optionalString(raw, dataType.startsWith('Binary') ? 'BinaryValue' : 'StringValue') ?? '';
  if (value === '')
    throw bad(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${dataType.split('.')[0]}'.`,
    );
  if (dataType.startsWith('Number') && !Number.isFinite(Number(value)))
    throw bad(`Can't cast the value of message attribute '${name}' to a number.`);
  return { dataType, value };
}

function checkName(name: string): void {
  const valid = /^[\w.-]{1,256}$/.test(name) && !/^(aws|amazon)\./i.test(name) && !/^\.|\.\.|\.$/.test(name);
  if (!valid) throw invalidValue(name, 'MessageAttributeName', 'Invalid message attribute name.');
}

function bad(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}

export function wireAttributes(attributes: MessageAttributes): object | undefined {
  const entries = Object.entries(attributes).map(([name, { dataType, value }]) => [
    name,
    { DataType: dataType, [isBinary(dataType) ? 'BinaryValue' : 'StringValue']: value },
  ]);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** @param wanted names as in MessageAttributeNames: `All`, `.*`, `prefix.*` or whole ones */
export function selectAttributes(attributes: MessageAttributes, wanted: readonly string[]): MessageAttributes {
  const all = wanted.includes('All') || wanted.includes('.*');
  const prefixes = wanted.filter((name) => name.endsWith('.*')).map((name) => name.slice(0, -1));
  const fits = (name: string) => all || wanted.includes(name) || prefixes.some((prefix) => name.startsWith(prefix));
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => fits(name)));
}

export function sizeOf(body: string, attributes: MessageAttributes): number {
  const sizes = Object.entries(attributes).map(
    ([name, { dataType, value }]) =>
      Buffer.byteLength(name) + Buffer.byteLength(dataType) + bytesOf(dataType, value).length,
  );
  return sizes.reduce((total, size) => total + size, Buffer.byteLength(body));
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/**
 * Developer guide, page "Calculating the MD5 message digest for message attributes".
 * @returns undefined where there are none
 */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const { dataType = '', value = '' } = attributes[name] ?? {};
    add(Buffer.from(name));
    add(Buffer.from(dataType));
    hash.update(Buffer.from([isBinary(dataType) ? 2 : 1]));
    add(bytesOf(dataType, value));
  }
  return hash.digest('hex');
}

function bytesOf(dataType: string, value: string): Buffer {
  return isBinary(dataType) ? Buffer.from(value, 'base64') : Buffer.from(value);
}

function isBinary(dataType: string): boolean {
  return dataType.startsWith('Binary');
}

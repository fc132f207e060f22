import { AwsError } from '../errors.ts';
import type { JsonObject } from '../service.ts';

/** What a JSON number cannot say, JSON protocols send as strings (Smithy documentation, page "AWS JSON 1.0 protocol"). */
const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** @returns the member, NaN and the infinities included, or undefined when it is absent or null */
export function optionalNumber(input: JsonObject, member: string): number | undefined {
  const value = input[member];
  return value === undefined || value === null ? undefined : asNumber(value);
}

export function optionalNumbers(input: JsonObject, member: string): number[] | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw new AwsError('SerializationException', 'Expected list or null');
  return value.map(asNumber);
}

/** @returns a timestamp member, sent as epoch seconds with a fraction, in milliseconds since the epoch */
export function optionalTime(input: JsonObject, member: string): number | undefined {
  const seconds = optionalNumber(input, member);
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

function asNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  const special = typeof value === 'string' && Object.hasOwn(SPECIAL, value) ? SPECIAL[value] : undefined;
  if (special === undefined) {
    throw new AwsError('SerializationException', `${JSON.stringify(value)} can not be converted to a Double`);
  }
  return special;
}

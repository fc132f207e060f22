import { optionalObjects, optionalString } from '../input.ts';
import type { JsonObject } from '../service.ts';
import { invalidValue, missing } from './errors.ts';

const MAX_DIMENSIONS = 30;
const MAX_NAME_LENGTH = 255;
const MAX_VALUE_LENGTH = 1024;

/**
 * CloudWatch API reference, page "Dimension".
 * @param where what the request's own member is called in errors; empty for a member of the request itself
 * @throws AwsError InvalidParameterValueException or MissingRequiredParameterException
 */
export function parseDimensions(input: JsonObject, where: string): Record<string, string> {
  const list = optionalObjects(input, 'Dimensions') ?? [];
  const prefix = where === '' ? 'Dimensions' : `${where}.Dimensions`;
  if (list.length > MAX_DIMENSIONS)
    throw invalidValue(`The collection ${prefix} must not have a size greater than ${MAX_DIMENSIONS}.`);
  const dimensions = new Map<string, string>();
  for (const [index, raw] of list.entries()) {
    const place = `${prefix}.member.${index + 1}`;
    const name = text(raw, 'Name', place, MAX_NAME_LENGTH);
    if (name.startsWith(':') || dimensions.has(name))
      throw invalidValue(`The value ${name} for parameter ${place}.Name is invalid.`);
    dimensions.set(name, text(raw, 'Value', place, MAX_VALUE_LENGTH));
  }
  return Object.fromEntries(dimensions);
}

/** @returns the dimensions in the API's form, in alphabetical order */
export function dimensionList(dimensions: Readonly<Record<string, string>>): { Name: string; Value: string }[] {
  return Object.entries(dimensions)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([Name, Value]) => ({ Name, Value }));
}

function text(raw: JsonObject, member: string, place: string, longest: number): string {
  const value = optionalString(raw, member);
  if (value === undefined || value === '') throw missing(`${place}.${member}`);
  if (value.length > longest)
    throw invalidValue(`The parameter ${place}.${member} must be shorter than ${longest + 1} characters.`);
  if (!/^[ -~]*[!-~][ -~]*$/.test(value))
    throw invalidValue(`The value ${value} for parameter ${place}.${member} is invalid.`);
  return value;
}

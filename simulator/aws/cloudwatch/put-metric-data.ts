import { optionalInteger, optionalObject, optionalObjects, optionalString } from '../input.ts';
import type { JsonObject } from '../service.ts';
import { parseDimensions } from './dimensions.ts';
import { bothGiven, invalidCombination, invalidValue, missing } from './errors.ts';
import type { Measurement, MetricDatum, MetricStore } from './metric-store.ts';
import { optionalNumber, optionalNumbers, optionalTime } from './numbers.ts';
import type { Summary } from './series.ts';
import { UNITS } from './units.ts';

const MAX_DATA = 1000;
const MAX_VALUES = 150;
const MAX_NAME_LENGTH = 255;
const MAX_MAGNITUDE = 2 ** 360;
const HOUR = 3_600_000;
const TWO_WEEKS = 14 * 24 * HOUR;

/**
 * CloudWatch API reference, pages "PutMetricData" and "MetricDatum". Nothing is stored when anything is wrong. Entities
 * are taken and not kept.
 * @throws AwsError InvalidParameterValueException, InvalidParameterCombinationException, MissingRequiredParameterException
 */
export function putMetricData(store: MetricStore, input: JsonObject, now: number): object {
  const namespace = namespaceOf(input);
  const data = [...(optionalObjects(input, 'MetricData') ?? []).entries()].map(
    ([index, raw]): Placed => ({
      raw,
      where: `MetricData.member.${index + 1}`,
    }),
  );
  for (const [index, entity] of (optionalObjects(input, 'EntityMetricData') ?? []).entries()) {
    const members = (optionalObjects(entity, 'MetricData') ?? []).entries();
    for (const [place, raw] of members)
      data.push({ raw, where: `EntityMetricData.member.${index + 1}.MetricData.member.${place + 1}` });
  }
  if (data.length === 0) throw missing('MetricData');
  if (data.length > MAX_DATA) throw tooMany('MetricData', MAX_DATA);
  const checked = data.map(({ raw, where }) => parseDatum(namespace, raw, where, now));
  for (const datum of checked) store.accept(datum);
  return {};
}

interface Placed {
  raw: JsonObject;
  /** As errors name it, such as `MetricData.member.1`. */
  where: string;
}

function namespaceOf(input: JsonObject): string {
  const namespace = requiredName(input, '', 'Namespace');
  if (namespace.startsWith('AWS/')) throw invalidValue('The value AWS/ for parameter Namespace is invalid.');
  if (!/^[^:][ -~]*$/.test(namespace)) throw invalidValue(`The value ${namespace} for parameter Namespace is invalid.`);
  return namespace;
}

function parseDatum(namespace: string, raw: JsonObject, where: string, now: number): MetricDatum {
  const metricName = requiredName(raw, `${where}.`, 'MetricName');
  const unit = optionalString(raw, 'Unit') ?? 'None';
  if (!UNITS.includes(unit))
    throw invalidValue(`The parameter ${where}.Unit must be a value in the set [ ${UNITS.join(', ')} ].`);
  const dimensions = parseDimensions(raw, where);
  const timestamp = parseTimestamp(raw, where, now);
  const storageResolution = parseResolution(raw, where);
  return { namespace, metricName, dimensions, timestamp, unit, storageResolution, ...parseMeasurement(raw, where) };
}

function requiredName(raw: JsonObject, prefix: string, member: string): string {
  const name = optionalString(raw, member);
  if (name === undefined || name === '') throw missing(`${prefix}${member}`);
  if (name.length > MAX_NAME_LENGTH)
    throw invalidValue(`The parameter ${prefix}${member} must be shorter than ${MAX_NAME_LENGTH + 1} characters.`);
  return name;
}

/** Data may be two weeks old and two hours early. */
function parseTimestamp(raw: JsonObject, where: string, now: number): number {
  const timestamp = optionalTime(raw, 'Timestamp') ?? now;
  if (!(timestamp >= now - TWO_WEEKS))
    throw invalidValue(`The parameter ${where}.Timestamp must specify a time within the past two weeks.`);
  if (timestamp > now + 2 * HOUR)
    throw invalidValue(`The parameter ${where}.Timestamp must specify a time no more than two hours in the future.`);
  return timestamp;
}

function parseResolution(raw: JsonObject, where: string): 1 | 60 {
  const resolution = optionalInteger(raw, 'StorageResolution') ?? 60;
  if (resolution === 1 || resolution === 60) return resolution;
  throw invalidValue(`The parameter ${where}.StorageResolution must be a value in the set [ 1, 60 ].`);
}

function parseMeasurement(raw: JsonObject, where: string): Measurement {
  const value = optionalNumber(raw, 'Value');
  const values = optionalNumbers(raw, 'Values');
  const set = optionalObject(raw, 'StatisticValues');
  if (value !== undefined && set !== undefined) throw bothGiven(`${where}.Value`, `${where}.StatisticValues`);
  if (value !== undefined && values !== undefined) throw bothGiven(`${where}.Value`, `${where}.Values`);
  if (values !== undefined && set !== undefined) throw bothGiven(`${where}.Values`, `${where}.StatisticValues`);
  if (value !== undefined) return { value: checkValue(value, `${where}.Value`) };
  if (set !== undefined) return { statisticValues: parseStatisticSet(set, `${where}.StatisticValues`) };
  if (values === undefined) throw invalidCombination('At least one of the parameters must be specified.');
  return parseValues(raw, values, where);
}

function parseValues(raw: JsonObject, values: number[], where: string): Measurement {
  if (values.length === 0) throw missing(`${where}.Values`);
  if (values.length > MAX_VALUES) throw tooMany(`${where}.Values`, MAX_VALUES);
  for (const [index, value] of values.entries()) checkValue(value, `${where}.Values.member.${index + 1}`);
  const counts = optionalNumbers(raw, 'Counts');
  if (counts === undefined) return { values };
  if (counts.length !== values.length)
    throw invalidCombination(`The parameters ${where}.Values and ${where}.Counts must be of the same size.`);
  for (const [index, count] of counts.entries()) {
    const name = `${where}.Counts.member.${index + 1}`;
    if (!(checkValue(count, name) > 0)) throw invalidValue(`The value ${count} for parameter ${name} is invalid.`);
  }
  return { values, counts };
}

function parseStatisticSet(raw: JsonObject, where: string): Summary {
  const number = (member: string): number => {
    const value = optionalNumber(raw, member);
    if (value === undefined) throw missing(`${where}.${member}`);
    return checkValue(value, `${where}.${member}`);
  };
  const [sampleCount, sum] = [number('SampleCount'), number('Sum')];
  const [minimum, maximum] = [number('Minimum'), number('Maximum')];
  if (!(sampleCount > 0)) throw invalidValue(`The value ${sampleCount} for parameter ${where}.SampleCount is invalid.`);
  if (maximum < minimum)
    throw invalidCombination(`The parameter ${where}.Maximum must be greater than ${where}.Minimum.`);
  return { sampleCount, sum, minimum, maximum };
}

/** From -2^360 to 2^360, and neither NaN nor infinite. */
function checkValue(value: number, where: string): number {
  if (Math.abs(value) <= MAX_MAGNITUDE) return value;
  throw invalidValue(`The value ${value} for parameter ${where} is invalid.`);
}

function tooMany(parameter: string, most: number): Error {
  return invalidValue(`The collection ${parameter} must not have a size greater than ${most}.`);
}

import { AwsError } from '../errors.ts';
import { isObject, optionalObject } from '../input.ts';
import type { JsonObject } from '../service.ts';
import { fifoNotImplemented, invalidValue } from './errors.ts';

/** The attributes with a number, with their limits (Amazon SQS API reference, SetQueueAttributes). */
const NUMBERS = {
  DelaySeconds: [0, 900],
  KmsDataKeyReusePeriodSeconds: [60, 86_400],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  VisibilityTimeout: [0, 43_200],
} as const;

/** Kept and given back, without a meaning here. */
const OPAQUE = ['KmsMasterKeyId', 'Policy', 'RedriveAllowPolicy', 'SqsManagedSseEnabled'];
const FIFO_ONLY = ['ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit'];
const READ_ONLY = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'QueueArn',
];
export const KNOWN_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...Object.keys(NUMBERS),
  ...OPAQUE,
  ...FIFO_ONLY,
  ...READ_ONLY,
  'FifoQueue',
  'RedrivePolicy',
]);

export type QueueAttributes = Record<string, string>;

export const DEFAULT_ATTRIBUTES: Readonly<QueueAttributes> = {
  DelaySeconds: '0',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
  VisibilityTimeout: '30',
};

export interface RedrivePolicy {
  deadLetterTargetArn: string;
  maxReceiveCount: number;
}

/** @throws AwsError InvalidAttributeName, InvalidAttributeValue or NotImplementedException */
export function readQueueAttributes(input: JsonObject, operation: string): QueueAttributes {
  const given: QueueAttributes = {};
  for (const [name, value] of Object.entries(optionalObject(input, 'Attributes') ?? {})) {
    given[name] = checkedAttribute(name, String(value), operation);
  }
  return given;
}

function checkedAttribute(name: string, value: string, operation: string): string {
  if (name === 'FifoQueue' && value === 'true') throw fifoNotImplemented(operation);
  if (!KNOWN_ATTRIBUTES.has(name) || READ_ONLY.includes(name) || name === 'FifoQueue' || FIFO_ONLY.includes(name))
    throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  if (name === 'RedrivePolicy') {
    parseRedrivePolicy(value);
    return value;
  }
  if (!isNumeric(name)) return value;
  const [min, max] = NUMBERS[name];
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max)
    throw new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
  return String(number);
}

function isNumeric(name: string): name is keyof typeof NUMBERS {
  return Object.hasOwn(NUMBERS, name);
}

/**
 * @returns undefined for the empty text, which takes a policy away
 * @throws AwsError InvalidParameterValue
 */
export function parseRedrivePolicy(text: string | undefined): RedrivePolicy | undefined {
  if (text === undefined || text === '') return undefined;
  const bad = (reason: string) => invalidValue(text, 'RedrivePolicy', reason);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw bad('Redrive policy is not a valid JSON map.');
  }
  if (!isObject(parsed)) throw bad('Redrive policy is not a valid JSON map.');
  const { deadLetterTargetArn, maxReceiveCount } = parsed;
  if (typeof deadLetterTargetArn !== 'string')
    throw bad('Redrive policy does not contain mandatory attribute: deadLetterTargetArn.');
  if (maxReceiveCount === undefined) throw bad('Redrive policy does not contain mandatory attribute: maxReceiveCount.');
  const count = Number(maxReceiveCount);
  if (!Number.isInteger(count) || count < 1 || count > 1000)
    throw bad('Invalid value for maxReceiveCount. Must be between 1 and 1000.');
  return { deadLetterTargetArn, maxReceiveCount: count };
}

import { AwsError } from '../errors.ts';
import { isObject, optionalObject, optionalString } from '../input.ts';
import { page } from '../paging.ts';
import type { JsonObject, OperationContext, ServiceDefinition } from '../service.ts';
import type { MessageAttribute, TopicStore } from '../topics.ts';
import { queryServiceErrors } from './common-errors.ts';

/** A topic's MaximumMessageSize unless it is raised: the message with its attributes, in bytes. */
const MAX_MESSAGE_BYTES = 262_144;
const MAX_SUBJECT_LENGTH = 100;

/** SNS as far as publishing goes (SNS API reference). Subscriptions, SMS, mobile push and FIFO topics are not there. */
export function snsService(topics: TopicStore): ServiceDefinition {
  return {
    id: 'sns',
    protocol: { kind: 'query', xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/' },
    operations: {
      CreateTopic: (input) => createTopic(topics, input),
      GetTopicAttributes: (input) => getTopicAttributes(topics, input),
      ListTopics: (input) => listTopics(topics, input),
      Publish: (input, context) => publish(topics, input, context),
    },
    resource: (_operation, input, { partition, region, accountId }) =>
      String(input.TopicArn ?? input.TargetArn ?? `arn:${partition}:sns:${region}:${accountId}:${input.Name ?? '*'}`),
    errors: queryServiceErrors({
      serverError: new AwsError('InternalError', 'Indicates an internal service error.', 500),
      notFound: () => new AwsError('NotFound', 'Topic does not exist', 404),
      accessDenied: (message) => new AwsError('AuthorizationError', message, 403),
      action: (operation) => `SNS:${operation}`,
    }),
  };
}

function createTopic(topics: TopicStore, input: JsonObject): object {
  const name = optionalString(input, 'Name') ?? '';
  if (name.endsWith('.fifo'))
    throw new AwsError(
      'NotImplementedException',
      'CreateTopic: FIFO topics are not implemented by the local endpoint.',
      501,
    );
  return { TopicArn: topics.create(name) };
}

/** Subscriptions are not there; their count is told where the topic was given one. */
function getTopicAttributes(topics: TopicStore, input: JsonObject): object {
  const arn = optionalString(input, 'TopicArn') ?? '';
  if (!topics.arns().includes(arn)) throw new AwsError('NotFound', 'Topic does not exist', 404);
  const confirmed = topics.confirmedSubscriptions.get(arn);
  const counted = confirmed === undefined ? [] : [['SubscriptionsConfirmed', String(confirmed)] as const];
  return { Attributes: new Map([['TopicArn', arn], ['Owner', arn.split(':')[4] ?? ''], ...counted]) };
}

function listTopics(topics: TopicStore, input: JsonObject): object {
  const token = optionalString(input, 'NextToken');
  const { items, nextToken } = page(topics.arns(), (arn) => arn, 100, token, 'ListTopics', invalid('NextToken'));
  return { Topics: items.map((arn) => ({ TopicArn: arn })), NextToken: nextToken };
}

function publish(topics: TopicStore, input: JsonObject, { callerArn, newId }: OperationContext): object {
  const topicArn = topicOf(input);
  const message = optionalString(input, 'Message') ?? '';
  const subject = optionalString(input, 'Subject');
  const messageStructure = optionalString(input, 'MessageStructure');
  const attributes = attributesOf(input);
  if (message === '') throw invalid('Empty message');
  checkSubject(subject);
  if (messageStructure !== undefined) checkStructure(messageStructure, message);
  if (sizeOf(message, attributes) > MAX_MESSAGE_BYTES) throw invalid('Message too long');
  const { messageId } = topics.publish({
    messageId: newId(),
    topicArn,
    callerArn,
    subject,
    message,
    messageStructure,
    attributes,
  });
  return { MessageId: messageId };
}

function topicOf(input: JsonObject): string {
  const arn = optionalString(input, 'TopicArn') ?? optionalString(input, 'TargetArn');
  if (arn === undefined) {
    if (input.PhoneNumber === undefined) throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
    throw new AwsError(
      'NotImplementedException',
      'Publish: PhoneNumber is not implemented by the local endpoint.',
      501,
    );
  }
  const elements = arn.split(':');
  if (elements.length < 6)
    throw invalid(`TopicArn Reason: An ARN must have at least 6 elements, not ${elements.length}`);
  if (elements[2] !== 'sns' || elements.length > 6) throw invalid('TopicArn');
  return arn;
}

/** Up to 100 characters, none of them a line break or another control character. */
function checkSubject(subject: string | undefined): void {
  if (subject === undefined) return;
  if (subject === '' || subject.length > MAX_SUBJECT_LENGTH || /\p{Cc}/u.test(subject)) throw invalid('Subject');
}

function checkStructure(structure: string, message: string): void {
  if (structure !== 'json') throw invalid('MessageStructure');
  let parsed: unknown;
  try {
    parsed = JSON.parse(message);
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  if (!isObject(parsed) || typeof parsed.default !== 'string') {
    throw invalid('Message Structure - No default entry in JSON message body');
  }
}

function attributesOf(input: JsonObject): Record<string, MessageAttribute> {
  const entries = Object.entries(optionalObject(input, 'MessageAttributes') ?? {});
  return Object.fromEntries(entries.map(([name, raw]) => [name, attribute(name, isObject(raw) ? raw : {})]));
}

function attribute(name: string, raw: JsonObject): MessageAttribute {
  const dataType = optionalString(raw, 'DataType') ?? '';
  const value = optionalString(raw, 'StringValue') ?? optionalString(raw, 'BinaryValue') ?? '';
  if (!/^(String|Number|Binary)(\..+)?$/.test(dataType)) {
    throw badAttribute(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  if (value === '') {
    throw badAttribute(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${dataType}'.`,
    );
  }
  if (dataType.startsWith('Number') && !Number.isFinite(Number(value))) {
    throw badAttribute(`Could not cast message attribute '${name}' value to number.`);
  }
  return { dataType, value };
}

function sizeOf(message: string, attributes: Readonly<Record<string, MessageAttribute>>): number {
  const sizes = Object.entries(attributes).map(([name, { dataType, value }]) => {
    const content = dataType.startsWith('Binary') ? Buffer.from(value, 'base64').length : Buffer.byteLength(value);
    return Buffer.byteLength(name) + Buffer.byteLength(dataType) + content;
  });
  return sizes.reduce((total, size) => total + size, Buffer.byteLength(message));
}

function invalid(what: string): AwsError {
  return new AwsError('InvalidParameter', `Invalid parameter: ${what}`);
}

function badAttribute(message: string): AwsError {
  return new AwsError('ParameterValueInvalid', message);
}

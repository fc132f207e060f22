import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  ListTopicsCommand,
  PublishCommand,
  type PublishCommandInput,
  paginateListTopics,
  SNSClient,
} from '@aws-sdk/client-sns';
import { expect, it } from 'vitest';
import { START, startAws } from './aws-fixture.ts';

const HOOK = 'arn:aws:sts::123456789012:assumed-role/ApprovalHook/approval';
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:approvals';

it('keeps what was published, by whom and when, text untouched', async () => {
  const { aws, configAs } = await startAws();
  const sns = new SNSClient(configAs(HOOK));
  expect((await sns.send(new CreateTopicCommand({ Name: 'approvals' }))).TopicArn).toBe(TOPIC);
  const message = 'release 2: a+b & <ok> "é"\nhttps://unicorn.example/?a=1&b=2';
  const { MessageId } = await sns.send(
    new PublishCommand({
      TopicArn: TOPIC,
      Subject: 'Approve release 2?',
      Message: message,
      MessageAttributes: {
        stage: { DataType: 'String', StringValue: 'POST_TEST_TRAFFIC_SHIFT' },
        raw: { DataType: 'Binary', BinaryValue: Buffer.from('hi') },
      },
    }),
  );
  expect(aws.topics.messages).toEqual([
    {
      at: START,
      messageId: MessageId,
      topicArn: TOPIC,
      callerArn: HOOK,
      subject: 'Approve release 2?',
      message,
      messageStructure: undefined,
      attributes: {
        stage: { dataType: 'String', value: 'POST_TEST_TRAFFIC_SHIFT' },
        raw: { dataType: 'Binary', value: 'aGk=' },
      },
    },
  ]);
});

it.each<[string, Partial<PublishCommandInput>, string, string]>([
  ['a topic that is not there', { TopicArn: `${TOPIC}2` }, 'NotFoundException', 'Topic does not exist'],
  [
    'what is no ARN',
    { TopicArn: 'approvals' },
    'InvalidParameterException',
    'Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1',
  ],
  [
    'the ARN of something else',
    { TopicArn: 'arn:aws:sqs:eu-west-1:123456789012:q' },
    'InvalidParameterException',
    'Invalid parameter: TopicArn',
  ],
  [
    'no topic',
    { TopicArn: undefined },
    'InvalidParameterException',
    'Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter',
  ],
  ['a telephone', { TopicArn: undefined, PhoneNumber: '+4400' }, 'NotImplementedException', 'PhoneNumber'],
  ['an empty message', { Message: '' }, 'InvalidParameterException', 'Invalid parameter: Empty message'],
  [
    '256 KiB and a byte',
    { Message: 'x'.repeat(262_145) },
    'InvalidParameterException',
    'Invalid parameter: Message too long',
  ],
  [
    'attributes that make it too long',
    { Message: 'x'.repeat(262_130), MessageAttributes: { long: { DataType: 'String', StringValue: 'y'.repeat(10) } } },
    'InvalidParameterException',
    'Invalid parameter: Message too long',
  ],
  [
    'a subject of 101 characters',
    { Subject: 'x'.repeat(101) },
    'InvalidParameterException',
    'Invalid parameter: Subject',
  ],
  ['a subject of two lines', { Subject: 'a\nb' }, 'InvalidParameterException', 'Invalid parameter: Subject'],
  [
    'a structure that is not JSON',
    { MessageStructure: 'json', Message: 'text' },
    'InvalidParameterException',
    'Message Structure - JSON message body failed to parse',
  ],
  [
    'a structure without default',
    { MessageStructure: 'json', Message: '{"email":"x"}' },
    'InvalidParameterException',
    'Message Structure - No default entry in JSON message body',
  ],
  [
    'an attribute of no type',
    { MessageAttributes: { a: { DataType: 'Text', StringValue: 'x' } } },
    'InvalidParameterValueException',
    "The message attribute 'a' has an invalid message attribute type",
  ],
  [
    'an attribute whose name is markup',
    { MessageAttributes: { '<a href="x">&\'b\'': { DataType: 'Number', StringValue: 'x' } } },
    'InvalidParameterValueException',
    `Could not cast message attribute '<a href="x">&'b'' value to number.`,
  ],
  [
    'a number that is none',
    { MessageAttributes: { a: { DataType: 'Number', StringValue: 'x' } } },
    'InvalidParameterValueException',
    "Could not cast message attribute 'a' value to number.",
  ],
])('refuses to publish %s', async (_what, input, name, message) => {
  const { aws, config } = await startAws();
  aws.topics.create('approvals');
  const command = new PublishCommand({ TopicArn: TOPIC, Message: 'x', ...input });
  await expect(new SNSClient(config).send(command)).rejects.toMatchObject({
    name,
    message: expect.stringContaining(message),
  });
  expect(aws.topics.messages).toEqual([]);
});

it.each([
  ['a subject of 100 characters', { Subject: 'x'.repeat(100) }],
  ['256 KiB exactly', { Message: 'x'.repeat(262_144) }],
  ['a message per protocol', { MessageStructure: 'json', Message: '{"default":"x","email":"y"}' }],
  ['by TargetArn', { TopicArn: undefined, TargetArn: TOPIC }],
])('publishes %s', async (_what, input) => {
  const { aws, config } = await startAws();
  aws.topics.create('approvals');
  await new SNSClient(config).send(new PublishCommand({ TopicArn: TOPIC, Message: 'x', ...input }));
  expect(aws.topics.messages).toMatchObject([{ topicArn: TOPIC }]);
});

it('creates topics on publishing only where asked to, and only its own', async () => {
  const { aws, config } = await startAws({ sns: { autoCreateTopics: true } });
  const sns = new SNSClient(config);
  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: 'x' }));
  expect(aws.topics.arns()).toEqual([TOPIC]);
  const elsewhere = new PublishCommand({ TopicArn: 'arn:aws:sns:us-east-1:123456789012:approvals', Message: 'x' });
  await expect(sns.send(elsewhere)).rejects.toMatchObject({ name: 'NotFoundException' });
});

it('lists topics by the hundred, and creates the same one twice as one', async () => {
  const { aws, config } = await startAws();
  const sns = new SNSClient(config);
  expect((await sns.send(new ListTopicsCommand({}))).Topics).toEqual([]);
  for (let index = 0; index < 150; index += 1) aws.topics.create(`t${index}`);
  await sns.send(new CreateTopicCommand({ Name: 't0' }));
  const pages: number[] = [];
  for await (const { Topics = [] } of paginateListTopics({ client: sns }, {})) pages.push(Topics.length);
  expect(pages).toEqual([100, 50]);
});

it.each(['', 'a b', 'x'.repeat(257)])('refuses to create the topic "%s"', async (Name) => {
  const { config } = await startAws();
  await expect(new SNSClient(config).send(new CreateTopicCommand({ Name }))).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: 'Invalid parameter: Topic Name',
  });
});

it('tells the attributes of a topic, the number of subscriptions where it was given one', async () => {
  const { aws, config } = await startAws();
  const sns = new SNSClient(config);
  const ask = (TopicArn: string) => sns.send(new GetTopicAttributesCommand({ TopicArn }));
  await expect(ask(TOPIC)).rejects.toMatchObject({ name: 'NotFoundException', message: 'Topic does not exist' });
  aws.topics.create('approvals');
  expect((await ask(TOPIC)).Attributes).toEqual({ TopicArn: TOPIC, Owner: '123456789012' });
  aws.topics.confirmedSubscriptions.set(TOPIC, 2);
  expect((await ask(TOPIC)).Attributes).toMatchObject({ SubscriptionsConfirmed: '2' });
});

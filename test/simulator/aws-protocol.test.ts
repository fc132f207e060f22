import { gzipSync } from 'node:zlib';
import { ECSClient, ListClustersCommand } from '@aws-sdk/client-ecs';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { GetParameterCommand, PutParameterCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { selfSignedCertificate } from '../../simulator/aws/self-signed.ts';
import { START, startAws } from './aws-fixture.ts';

const APPROVER = 'arn:aws:sts::123456789012:assumed-role/Approver/ana';

/** The header of a SigV4 request, as far as the endpoint reads it. */
function signed(service: string, accessKeyId = 'test'): Record<string, string> {
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260305/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
  };
}

const json = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.GetParameter' };
const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

describe('answers', () => {
  it('bear a request id and the time of the simulator', async () => {
    const { aws, clock, url, config } = await startAws();
    clock.advance(3600);
    const { $metadata } = await new SSMClient(config).send(
      new PutParameterCommand({ Name: '/a', Value: 'x', Type: 'String' }),
    );
    const answer = await fetch(url, { method: 'POST', headers: { ...json, ...signed('ssm') }, body: '{"Name":"/a"}' });
    expect(answer.headers.get('date')).toBe('Thu, 05 Mar 2026 16:54:41 GMT');
    expect(await answer.json()).toMatchObject({ Parameter: { LastModifiedDate: (START + 3_600_000) / 1000 } });
    expect(aws.calls.map((call) => call.requestId)).toEqual([
      $metadata.requestId,
      answer.headers.get('x-amzn-requestid'),
    ]);
  });

  it('tell an error in header and body, and ParameterNotFound without a message', async () => {
    const { url } = await startAws();
    const answer = await fetch(url, { method: 'POST', headers: { ...json, ...signed('ssm') }, body: '{"Name":"/a"}' });
    expect([answer.status, answer.headers.get('x-amzn-errortype'), await answer.json()]).toEqual([
      400,
      'ParameterNotFound',
      { __type: 'ParameterNotFound' },
    ]);
  });

  it('come in the version of the JSON protocol that was asked in', async () => {
    const { url } = await startAws();
    const headers = { ...json, ...signed('ssm'), 'content-type': 'application/x-amz-json-1.0' };
    const answer = await fetch(url, { method: 'POST', headers, body: '{"Name":"/a"}' });
    expect(answer.headers.get('content-type')).toBe('application/x-amz-json-1.0');
  });

  it('understand a gzipped request', async () => {
    const { aws, url } = await startAws();
    aws.parameters.put({ name: '/a', value: 'x', type: 'String' }, APPROVER);
    const headers = { ...json, ...signed('ssm'), 'content-encoding': 'gzip' };
    const answer = await fetch(url, { method: 'POST', headers, body: gzipSync('{"Name":"/a"}') });
    expect(await answer.json()).toMatchObject({ Parameter: { Value: 'x' } });
  });

  it('are XML to the query protocol, its special characters escaped', async () => {
    const { url } = await startAws();
    const body = new URLSearchParams({ Action: 'CreateTopic', Version: '2010-03-31', Name: '<&>' });
    const answer = await fetch(url, { method: 'POST', headers: { ...form, ...signed('sns') }, body });
    expect(answer.headers.get('content-type')).toBe('text/xml');
    expect(await answer.text()).toMatch(
      /^<ErrorResponse xmlns="http:\/\/sns\.amazonaws\.com\/doc\/2010-03-31\/"><Error><Type>Sender<\/Type><Code>InvalidParameter<\/Code><Message>Invalid parameter: Topic Name<\/Message><\/Error><RequestId>[0-9a-f-]{36}<\/RequestId><\/ErrorResponse>$/,
    );
  });
});

describe('what cannot be read', () => {
  it.each([
    ['malformed JSON', '{"Name":', 'SerializationException', ''],
    ['JSON that is no object', '["/a"]', 'SerializationException', ''],
    ['a number for a string', '{"Name":7}', 'SerializationException', 'NUMBER_VALUE can not be converted to a String'],
    [
      'a missing member',
      '{}',
      'ValidationException',
      "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
    ],
    ['no body at all', '', 'ValidationException', 'Member must not be null'],
  ])('%s', async (_what, body, name, message) => {
    const { url } = await startAws();
    const answer = await fetch(url, { method: 'POST', headers: { ...json, ...signed('ssm') }, body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ __type: name, message: expect.stringContaining(message) });
  });

  it('a body over 4 MiB', async () => {
    const { aws, url } = await startAws();
    const bomb = gzipSync(Buffer.alloc(5 * 1024 * 1024));
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...json, ...signed('ssm'), 'content-encoding': 'gzip' },
      body: bomb,
    });
    expect([answer.status, aws.calls]).toEqual([413, []]);
  });

  it('a member named __proto__ is only a member', async () => {
    const { url } = await startAws();
    const body = 'Action=CreateTopic&Version=2010-03-31&Name=a&__proto__.polluted=yes';
    const answer = await fetch(url, { method: 'POST', headers: { ...form, ...signed('sns') }, body });
    expect(answer.status).toBe(200);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('who calls', () => {
  it('is known by the access key; an unknown key is a session of the role Local', async () => {
    const { aws, config, configAs } = await startAws();
    const get = new GetParameterCommand({ Name: '/a' });
    for (const client of [new SSMClient(configAs(APPROVER)), new SSMClient(config)]) {
      await expect(client.send(get)).rejects.toMatchObject({ name: 'ParameterNotFound' });
    }
    expect(aws.calls).toMatchObject([
      {
        service: 'ssm',
        operation: 'GetParameter',
        callerArn: APPROVER,
        error: 'ParameterNotFound',
        at: START,
        input: { Name: '/a' },
      },
      { callerArn: 'arn:aws:sts::123456789012:assumed-role/Local/test', accessKeyId: 'test' },
    ]);
  });

  it('has one key, or the one that was chosen', async () => {
    const { aws } = await startAws();
    const { accessKeyId } = aws.addIdentity(APPROVER);
    expect(accessKeyId).toMatch(/^ASIA[A-Z0-9]{16}$/);
    expect(aws.addIdentity(APPROVER).accessKeyId).toBe(accessKeyId);
    expect(aws.addIdentity('arn:aws:iam::123456789012:user/ana', 'AKIAMINE').accessKeyId).toBe('AKIAMINE');
    expect(() => aws.addIdentity(APPROVER, 'AKIAMINE')).toThrow(
      'already belongs to arn:aws:iam::123456789012:user/ana',
    );
    expect(() => aws.addIdentity('ana')).toThrow('not the ARN of an IAM or STS principal: ana');
  });

  it('is refused when nobody signed', async () => {
    const { aws, url } = await startAws();
    const unsigned = await fetch(url, { method: 'POST', headers: json, body: '{"Name":"/a"}' });
    expect([unsigned.status, await unsigned.json()]).toEqual([
      400,
      { __type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' },
    ]);
    const query = await fetch(url, { method: 'POST', headers: form, body: 'Action=ListTopics&Version=2010-03-31' });
    expect([query.status, await query.text()]).toEqual([
      403,
      expect.stringContaining('<Code>MissingAuthenticationToken</Code>'),
    ]);
    const broken = await fetch(url, {
      method: 'POST',
      headers: { ...json, authorization: 'AWS4-HMAC-SHA256 nothing' },
      body: '{}',
    });
    expect(await broken.json()).toMatchObject({ __type: 'IncompleteSignature' });
    expect(aws.calls).toMatchObject([
      { callerArn: 'anonymous', error: 'MissingAuthenticationTokenException' },
      { callerArn: 'anonymous' },
    ]);
  });

  it('is told by GetCallerIdentity', async () => {
    const { aws, url } = await startAws();
    const { accessKeyId } = aws.addIdentity(APPROVER);
    const headers = { ...form, ...signed('sts', accessKeyId) };
    const answer = await fetch(url, { method: 'POST', headers, body: 'Action=GetCallerIdentity&Version=2011-06-15' });
    const text = await answer.text();
    expect(text).toContain(`<GetCallerIdentityResult><Arn>${APPROVER}</Arn>`);
    expect(text).toMatch(/<UserId>AROA[0-9A-F]{17}:ana<\/UserId><Account>123456789012<\/Account>/);
  });
});

describe('what is not implemented', () => {
  it('is named, with what is, also to a client that retries server errors', async () => {
    const { aws, config } = await startAws();
    const retrying = { ...config, maxAttempts: 3 };
    const expected = (operation: string) => ({
      name: 'NotImplementedException',
      message: expect.stringMatching(
        new RegExp(
          `^${operation} is not implemented by the local AWS endpoint\\. Implemented: ssm: PutParameter, .*; sns: .*Publish`,
        ),
      ),
      $metadata: expect.objectContaining({ httpStatusCode: 501 }),
    });
    await expect(new SSMClient(retrying).send(new SendCommandCommand({ DocumentName: 'x' }))).rejects.toMatchObject(
      expected('ssm:SendCommand'),
    );
    await expect(new ECSClient(retrying).send(new ListClustersCommand({}))).rejects.toMatchObject(
      expected('ecs:ListClusters'),
    );
    await expect(
      new SNSClient(retrying).send(new SubscribeCommand({ TopicArn: 'a', Protocol: 'sqs' })),
    ).rejects.toMatchObject(expected('sns:Subscribe'));
    expect(aws.calls.map((call) => call.error)).toEqual(Array(9).fill('NotImplementedException'));
  });

  it.each([
    [
      'another JSON service',
      'POST',
      '/',
      { ...signed('kinesis'), 'x-amz-target': 'Kinesis_20131202.PutRecord' },
      'kinesis:PutRecord',
    ],
    ['another query service', 'GET', '/?Action=ListUsers&Version=2010-05-08', signed('iam'), 'iam:ListUsers'],
    [
      'a REST service',
      'GET',
      '/2015-03-31/functions/?MaxItems=1',
      signed('lambda'),
      'lambda:GET /2015-03-31/functions/',
    ],
    [
      'a member of Object',
      'POST',
      '/',
      { ...signed('ssm'), 'x-amz-target': 'AmazonSSM.constructor' },
      'ssm:constructor',
    ],
  ])('may be %s', async (_what, method, path, headers, operation) => {
    const { url } = await startAws();
    const answer = await fetch(`${url}${path}`, { method, headers });
    expect([answer.status, await answer.text()]).toEqual([
      501,
      expect.stringContaining(`${operation} is not implemented`),
    ]);
  });
});

describe('listening', () => {
  it('speaks https with a certificate of its own, and resets there too', async () => {
    const tls = selfSignedCertificate(Date.now());
    const { aws, config } = await startAws({}, { tls });
    expect(config.endpoint).toMatch(/^https:\/\/127\.0\.0\.1:/);
    const ssm = new SSMClient({ ...config, requestHandler: { httpsAgent: { ca: tls.cert } } });
    const get = new GetParameterCommand({ Name: '/a' });
    await expect(ssm.send(get)).rejects.toMatchObject({ name: 'ParameterNotFound' });
    aws.faults.add({ service: 'ssm', kind: 'cut' });
    await expect(ssm.send(get)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(new SSMClient(config).send(get)).rejects.toMatchObject({
      code: expect.stringContaining('SELF_SIGNED'),
    });
  });

  it('fails when the port is taken', async () => {
    const { aws, url } = await startAws();
    await expect(aws.listen({ port: Number(new URL(url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

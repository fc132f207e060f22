import { DescribeServiceDeploymentsCommand, ECSClient, StopServiceDeploymentCommand } from '@aws-sdk/client-ecs';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import type { Fault, FaultKind } from '../../simulator/aws/faults.ts';
import { startAws } from './aws-fixture.ts';

const CALLER = 'arn:aws:sts::123456789012:assumed-role/Local/test';
const DEPLOYMENT = 'arn:aws:ecs:eu-west-1:123456789012:service-deployment/unicorns/ui/x';
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:approvals';

const describeDeployment = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [DEPLOYMENT] });
const publish = new PublishCommand({ TopicArn: TOPIC, Message: 'x' });
const put = new PutParameterCommand({ Name: '/a', Value: 'x', Type: 'String' });

const denied = (action: string, resource: string) =>
  `User: ${CALLER} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
const skew = 'Signature expired: 20260305T153941Z is now earlier than 20260305T154941Z (20260305T155441Z - 5 min.)';

describe('errors in the words of each service', () => {
  it.each<
    [
      FaultKind &
        (
          | 'throttle'
          | 'server-error'
          | 'unavailable'
          | 'access-denied'
          | 'not-found'
          | 'expired-credentials'
          | 'clock-skew'
        ),
      string,
      number,
      string,
    ]
  >([
    ['throttle', 'ThrottlingException', 400, 'Rate exceeded'],
    ['server-error', 'InternalServerError', 500, 'An error occurred on the server side.'],
    ['unavailable', 'ServiceUnavailable', 503, 'temporary failure'],
    [
      'access-denied',
      'AccessDeniedException',
      400,
      denied('ssm:PutParameter', 'arn:aws:ssm:eu-west-1:123456789012:parameter/a'),
    ],
    // AWS sends no message with this one, for which the SDK puts a word of its own.
    ['not-found', 'ParameterNotFound', 400, 'UnknownError'],
    ['expired-credentials', 'ExpiredTokenException', 400, 'The security token included in the request is expired'],
    ['clock-skew', 'InvalidSignatureException', 400, skew],
  ])('SSM: %s', async (kind, name, httpStatusCode, message) => {
    const { aws, config } = await startAws();
    aws.faults.add({ service: 'ssm', kind });
    await expect(new SSMClient(config).send(put)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
      $metadata: { httpStatusCode },
    });
    expect(aws.parameters.names()).toEqual([]);
    expect(aws.calls).toMatchObject([{ operation: 'PutParameter', error: name, fault: kind, input: { Name: '/a' } }]);
  });

  it.each<[FaultKind & ('throttle' | 'server-error' | 'access-denied' | 'not-found'), string, number, string]>([
    ['throttle', 'ThrottlingException', 400, 'Rate exceeded'],
    ['server-error', 'ServerException', 500, 'Service Unavailable. Please try again later.'],
    ['access-denied', 'AccessDeniedException', 400, denied('ecs:DescribeServiceDeployments', DEPLOYMENT)],
    ['not-found', 'ServiceNotFoundException', 400, 'Service not found.'],
  ])('ECS: %s', async (kind, name, httpStatusCode, message) => {
    const { aws, config } = await startAws();
    aws.faults.add({ service: 'ecs', kind });
    await expect(new ECSClient(config).send(describeDeployment)).rejects.toMatchObject({
      name,
      message,
      $metadata: { httpStatusCode },
    });
  });

  it('ECS: not-found of a deployment that is to be stopped', async () => {
    const { aws, config } = await startAws();
    aws.faults.add({ service: 'ecs', kind: 'not-found' });
    await expect(
      new ECSClient(config).send(new StopServiceDeploymentCommand({ serviceDeploymentArn: DEPLOYMENT })),
    ).rejects.toMatchObject({
      name: 'ServiceDeploymentNotFoundException',
    });
  });

  it.each<
    [
      FaultKind &
        (
          | 'throttle'
          | 'server-error'
          | 'unavailable'
          | 'access-denied'
          | 'not-found'
          | 'expired-credentials'
          | 'clock-skew'
        ),
      string,
      number,
      string,
    ]
  >([
    ['throttle', 'Throttling', 400, 'Rate exceeded'],
    ['server-error', 'InternalErrorException', 500, 'internal service error'],
    ['unavailable', 'ServiceUnavailable', 503, 'temporary failure'],
    ['access-denied', 'AuthorizationErrorException', 403, denied('SNS:Publish', TOPIC)],
    ['not-found', 'NotFoundException', 404, 'Topic does not exist'],
    ['expired-credentials', 'ExpiredToken', 403, 'is expired'],
    ['clock-skew', 'SignatureDoesNotMatch', 403, skew],
  ])('SNS: %s', async (kind, name, httpStatusCode, message) => {
    const { aws, config } = await startAws();
    aws.topics.create('approvals');
    aws.faults.add({ service: 'sns', kind });
    await expect(new SNSClient(config).send(publish)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
      $metadata: { httpStatusCode },
    });
    expect(aws.topics.messages).toEqual([]);
  });
});

describe('trouble on the way', () => {
  const ssmWith = (config: object, requestTimeout: number) =>
    new SSMClient({ ...config, requestHandler: { requestTimeout, throwOnRequestTimeout: true } });

  it.each([
    ['cut', 'before', { code: 'ECONNRESET' }, []],
    ['cut', 'after', { code: 'ECONNRESET' }, ['/a']],
    ['hang', 'before', { name: 'TimeoutError' }, []],
    ['hang', 'after', { name: 'TimeoutError' }, ['/a']],
    ['server-error', 'after', { name: 'InternalServerError' }, ['/a']],
    ['unavailable', 'after', { name: 'ServiceUnavailable' }, ['/a']],
  ] as const)('%s %s the operation took effect', async (kind, when, error, names) => {
    const { aws, config } = await startAws();
    aws.faults.add({ service: 'ssm', kind, when });
    await expect(ssmWith(config, kind === 'hang' ? 500 : 20_000).send(put)).rejects.toMatchObject(error);
    expect(aws.parameters.names()).toEqual(names);
    expect(aws.calls).toMatchObject([{ fault: kind }]);
  });

  it('slow beyond the patience of the client, who cannot know that it took effect', async () => {
    const { aws, config } = await startAws();
    aws.faults.add({ service: 'ssm', kind: 'slow', ms: 60_000, when: 'after' });
    await expect(ssmWith(config, 500).send(put)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(aws.parameters.names()).toEqual(['/a']);
  });

  it.each(['before', 'after'] as const)('slow (%s), yet answered', async (when) => {
    const { aws, config } = await startAws();
    aws.faults.add({ service: 'ssm', kind: 'slow', ms: 20, when });
    expect(await ssmWith(config, 10_000).send(put)).toMatchObject({ Version: 1 });
    expect(aws.calls).toMatchObject([{ fault: 'slow', error: undefined }]);
  });

  it('a damaged answer', async () => {
    const { aws, config } = await startAws();
    aws.topics.create('approvals');
    aws.faults.add({ service: 'ssm', kind: 'malformed-body' });
    aws.faults.add({ service: 'sns', kind: 'malformed-body' });
    await expect(new SSMClient(config).send(put)).rejects.toThrow(SyntaxError);
    await expect(new SNSClient(config).send(publish)).rejects.toThrow();
    expect([aws.parameters.names(), aws.topics.messages.length]).toEqual([['/a'], 1]);
  });

  it('an empty answer, which the SDK takes for success without content', async () => {
    const { aws, config } = await startAws();
    aws.parameters.put({ name: '/a', value: 'x', type: 'String' }, CALLER);
    aws.faults.add({ service: 'ssm', kind: 'empty-body' });
    const answer = await new SSMClient(config).send(new GetParameterCommand({ Name: '/a' }));
    expect([answer.$metadata.httpStatusCode, answer.Parameter]).toEqual([200, undefined]);
  });
});

describe('which requests a fault strikes', () => {
  const fate = (ssm: SSMClient, name: string) =>
    ssm.send(new GetParameterCommand({ Name: name })).then(
      () => 'ok',
      (error: Error) => error.name,
    );

  it('so many times, then none', async () => {
    const { aws, config } = await startAws();
    const handle = aws.faults.add({ service: 'ssm', kind: 'throttle', times: 2 });
    const ssm = new SSMClient(config);
    const fates = [await fate(ssm, '/a'), await fate(ssm, '/a'), await fate(ssm, '/a')];
    expect(fates).toEqual(['ThrottlingException', 'ThrottlingException', 'ParameterNotFound']);
    expect(handle.struck).toBe(2);
  });

  it('always, until it is removed', async () => {
    const { aws, config } = await startAws();
    const handle = aws.faults.add({ service: 'ssm', kind: 'throttle', always: true });
    const ssm = new SSMClient(config);
    expect([await fate(ssm, '/a'), await fate(ssm, '/a')]).toEqual(['ThrottlingException', 'ThrottlingException']);
    handle.remove();
    expect(await fate(ssm, '/a')).toBe('ParameterNotFound');
  });

  it('of one operation, one caller, one input', async () => {
    const { aws, config, configAs } = await startAws();
    const approver = 'arn:aws:sts::123456789012:assumed-role/Approver/ana';
    aws.faults.add({ service: 'ssm', operation: 'PutParameter', kind: 'throttle', always: true });
    aws.faults.add({
      service: 'ssm',
      operation: 'GetParameter',
      kind: 'unavailable',
      callerArn: approver,
      always: true,
    });
    aws.faults.add({ service: 'ssm', kind: 'not-found', match: (input) => input.Name === '/seen', always: true });
    const ssm = new SSMClient(config);
    aws.parameters.put({ name: '/seen', value: 'x', type: 'String' }, approver);
    aws.parameters.put({ name: '/b', value: 'x', type: 'String' }, approver);
    await expect(ssm.send(put)).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect([
      await fate(ssm, '/b'),
      await fate(ssm, '/seen'),
      await fate(new SSMClient(configAs(approver)), '/b'),
    ]).toEqual(['ok', 'ParameterNotFound', 'ServiceUnavailable']);
  });

  it('and the retries of the SDK outlast it', async () => {
    const { aws, config } = await startAws();
    aws.faults.add({ service: 'ssm', kind: 'cut', times: 1 });
    aws.faults.add({ service: 'ssm', kind: 'server-error', times: 1 });
    expect(await new SSMClient({ ...config, maxAttempts: 3 }).send(put)).toMatchObject({ Version: 1 });
    expect(aws.calls.map((call) => call.fault)).toEqual(['cut', 'server-error', undefined]);
  });

  it.each([
    [{ service: 'ssm', kind: 'flood' }, 'unknown kind of fault: flood'],
    [{ service: 'ssm', kind: 'slow' }, 'a slow fault needs ms'],
    [{ service: 'ssm', kind: 'throttle', times: 0 }, 'times must be 1 or more: 0'],
  ])('is refused when it makes no sense: %j', async (fault, message) => {
    const { aws } = await startAws();
    expect(() => aws.faults.add(fault as Fault)).toThrow(message); // as a scenario file could have it
  });
});

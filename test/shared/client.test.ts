import { beforeAll, describe, expect, it } from 'vitest';
import { at } from '../../library/testing/events.ts';
import { CLIENT_OPTIONS, naming } from '../../shared/aws/client.ts';
import { describeServiceDeployment, ecs } from '../../shared/aws/ecs.ts';
import { readParameter, ssm } from '../../shared/aws/ssm.ts';
import { describeError, isRetryable, operationOf } from '../../shared/errors.ts';
import { startEndpoint, TROUBLE } from '../fixtures/endpoint.ts';

const endpoint = startEndpoint();
beforeAll(() => {
  process.env.AWS_ENDPOINT_URL = endpoint.url();
});

const { signal } = new AbortController();
const OPERATIONS = [
  ['ssm:GetParameter', () => readParameter('/platform/policy', signal)],
  ['ecs:DescribeServiceDeployments', () => describeServiceDeployment(at('PRE_SCALE_UP').resourceArn, signal)],
] as const;

describe.each(OPERATIONS)('the client of %s', (operation, call) => {
  it.each([
    [
      'access denied',
      1,
      false,
      'AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/Hook/hook is not authorized',
    ],
    ['throttling', 3, true, 'ThrottlingException: Rate exceeded (after 3 attempts)'],
    ['unavailable', 3, true, 'ServiceUnavailable: The service is unavailable (after 3 attempts)'],
    ['connection cut', 3, true, 'TimeoutError: socket hang up (after 3 attempts)'],
  ] as const)('on %s tries %d times and says what failed', async (trouble, tries, mayPass, words) => {
    endpoint.answer(TROUBLE[trouble]);
    const thrown = await call().catch((error) => error);
    expect(operationOf(thrown)).toBe(operation);
    expect(describeError(thrown)).toBe(`${operation}: ${words}`);
    expect(isRetryable(thrown)).toBe(mayPass);
    expect(endpoint.asked).toEqual(Array(tries).fill(operation.split(':')[1]));
  });

  it('stops when the signal says so', async () => {
    endpoint.answer(TROUBLE.throttling);
    const aborted = AbortSignal.abort();
    const thrown = await (operation === 'ssm:GetParameter'
      ? readParameter('/platform/policy', aborted)
      : describeServiceDeployment(at('PRE_SCALE_UP').resourceArn, aborted)
    ).catch((error) => error);
    expect(thrown).toMatchObject({ name: 'AbortError' });
    expect(endpoint.asked).toEqual([]);
  });
});

// Three tries of at most a second to connect and three to answer leave time for an answer to ECS.
it.each([
  ['ssm', ssm],
  ['ecs', ecs],
] as const)('the client of %s gives up on a dead endpoint within seconds', async (_, client) => {
  expect(await client.config.maxAttempts()).toBe(3);
  const { requestHandler } = client.config;
  // The handler settles its options before its first request.
  await readParameter('p', signal).catch(() => {});
  // The client's type is that of any handler; this one is of Node's http.
  const { httpHandlerConfigs } = requestHandler as unknown as { httpHandlerConfigs(): object };
  expect(httpHandlerConfigs.call(requestHandler)).toMatchObject(CLIENT_OPTIONS.requestHandler);
  expect(CLIENT_OPTIONS.requestHandler).toEqual({
    connectionTimeout: 1000,
    requestTimeout: 3000,
    throwOnRequestTimeout: true,
  });
});

describe('an empty answer', () => {
  it.each(OPERATIONS)(
    'of %s is trouble that may pass, and no answer in which nothing is set',
    async (operation, call) => {
      endpoint.answer({ status: 200, body: '' });
      const thrown = await call().catch((error) => error);
      expect(describeError(thrown)).toBe(`${operation}: the answer is empty`);
      expect(isRetryable(thrown)).toBe(true);
    },
  );

  it('that says by its status that it holds nothing is taken for what it is', async () => {
    endpoint.answer({ status: 204, body: '' });
    await expect(readParameter('p', signal)).rejects.toThrow('ssm:GetParameter answered no value for p');
  });

  it('is all that an operation without an output answers', async () => {
    const { CloudWatchClient, PutMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
    endpoint.answer({ status: 200, body: '' });
    const cloudwatch = naming(new CloudWatchClient({ ...CLIENT_OPTIONS, endpoint: endpoint.url() }));
    const MetricData = [{ MetricName: 'm', Value: 1 }];
    await expect(cloudwatch.send(new PutMetricDataCommand({ Namespace: 'n', MetricData }))).resolves.toBeDefined();
  });
});

describe('a good answer', () => {
  it('is a value', async () => {
    endpoint.answer({ status: 200, body: { Parameter: { Name: 'p', Value: '{}' } } });
    expect(await readParameter('p', signal)).toBe('{}');
  });
});

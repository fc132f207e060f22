import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { startAws } from './aws-fixture.ts';

const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:approval';

async function started() {
  const fixture = await startAws();
  const { aws, config } = fixture;
  const configuration = {
    Role: 'arn:aws:iam::123456789012:role/r',
    Timeout: 60,
    Environment: { Variables: { A: 'b' } },
  };
  aws.functions.put('approval', { configuration, qualifiers: ['live', '7'], reservedConcurrency: 0 });
  return { ...fixture, lambda: new LambdaClient(config) };
}

describe('GetFunctionConfiguration', () => {
  it.each(['approval', ARN, 'approval:live', `${ARN}:7`, `${ARN}:$LATEST`])('finds %s', async (FunctionName) => {
    const { lambda } = await started();
    const found = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    expect(found).toMatchObject({
      FunctionName: 'approval',
      FunctionArn: FunctionName.startsWith('arn:') ? FunctionName : `${ARN}${FunctionName.slice('approval'.length)}`,
      Timeout: 60,
      MemorySize: 128,
      State: 'Active',
      Environment: { Variables: { A: 'b' } },
    });
  });

  it('takes the version or alias by itself', async () => {
    const { lambda } = await started();
    const found = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: ARN, Qualifier: 'live' }));
    expect(found.FunctionArn).toBe(`${ARN}:live`);
  });

  it.each([
    ['lost', ARN.replace('approval', 'lost')],
    ['approval:old', `${ARN}:old`],
    [ARN.replace('eu-west-1', 'us-east-1'), ARN.replace('eu-west-1', 'us-east-1')],
    [ARN.replace('123456789012', '999999999999'), ARN.replace('123456789012', '999999999999')],
  ])('does not find %s', async (FunctionName, named) => {
    const { lambda, aws } = await started();
    await expect(lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Function not found: ${named}`,
      Type: 'User',
      $metadata: { httpStatusCode: 404 },
    });
    expect(aws.calls).toMatchObject([
      {
        service: 'lambda',
        operation: 'GetFunctionConfiguration',
        input: { FunctionName },
        error: 'ResourceNotFoundException',
      },
    ]);
  });
});

it('tells the reserved concurrency where there is one', async () => {
  const { lambda, aws } = await started();
  const ask = () => lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: 'approval' }));
  expect((await ask()).ReservedConcurrentExecutions).toBe(0);
  aws.functions.change('approval', ({ reservedConcurrency: _, ...record }) => record);
  expect((await ask()).ReservedConcurrentExecutions).toBeUndefined();
});

it('gives the resource-based policy as text, and has none to begin with', async () => {
  const { lambda, aws } = await started();
  const ask = () => lambda.send(new GetPolicyCommand({ FunctionName: 'approval' }));
  await expect(ask()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  aws.functions.change('approval', (record) => ({ ...record, policy: { Version: '2012-10-17', Statement: [] } }));
  expect((await ask()).Policy).toBe('{"Version":"2012-10-17","Statement":[]}');
});

it('plays faults in its own words', async () => {
  const { lambda, aws } = await started();
  const ask = () => lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'approval' }));
  aws.faults.add({ service: 'lambda', kind: 'access-denied' });
  await expect(ask()).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining(`not authorized to perform: lambda:GetFunctionConfiguration on resource: ${ARN}`),
  });
  aws.faults.add({ service: 'lambda', kind: 'throttle' });
  await expect(ask()).rejects.toMatchObject({ name: 'TooManyRequestsException', $metadata: { httpStatusCode: 429 } });
});

it('says of other operations that they are not there', async () => {
  const { lambda } = await started();
  await expect(lambda.send(new InvokeCommand({ FunctionName: 'approval' }))).rejects.toMatchObject({
    name: 'NotImplementedException',
  });
});

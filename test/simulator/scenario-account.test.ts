import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, it } from 'vitest';
import { play } from '../../simulator/scenario/play.ts';
import { scenarioOf } from './scenario-kit.ts';

/** What Lambda tells of a function while a scenario is played. */
async function described(functions: object, name: string) {
  const found: unknown[] = [];
  const scenario = scenarioOf({ functions: { judge: { answers: ['SUCCEEDED'] }, ...functions } });
  await play(scenario, {
    meanwhile: async ({ endpointUrl, aws }) => {
      const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
      const lambda = new LambdaClient({ endpoint: endpointUrl, region: aws.region, credentials });
      found.push(await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name })));
      found.push(aws.roles.get(`${name}-role`), aws.roles.get('ecs-hooks-invoke'));
    },
  });
  return found;
}

it("a scenario's functions are there as Lambda describes them, with their roles", async () => {
  const environment = { HOOK_DEFAULTS: { quorum: 2 } };
  const [fn, role, invoke] = await described(
    { scripted: { answers: ['SUCCEEDED'], timeoutSeconds: 20, memoryMb: 512, environment } },
    'scripted',
  );
  expect(fn).toMatchObject({
    FunctionName: 'scripted',
    Role: 'arn:aws:iam::123456789012:role/scripted-role',
    Timeout: 20,
    MemorySize: 512,
    Runtime: 'nodejs24.x',
    Environment: { Variables: { HOOK_DEFAULTS: '{"quorum":2}' } },
  });
  expect(fn).not.toHaveProperty('CodeSha256');
  expect(JSON.stringify(role)).toContain('lambda.amazonaws.com');
  const functions = ['judge', 'scripted'].map((name) => `arn:aws:lambda:eu-west-1:123456789012:function:${name}`);
  expect(invoke).toMatchObject({ inline: { 'invoke-hooks': { Statement: [{ Resource: functions }] } } });
});

it('one that takes events has a rule, which may invoke it', async () => {
  const found: unknown[] = [];
  const scenario = scenarioOf({ functions: { judge: { answers: ['SUCCEEDED'], events: ['deployment'] } } });
  await play(scenario, {
    meanwhile: async ({ aws }) => {
      found.push(aws.rules.get('judge-events'), aws.functions.find('judge').record.policy);
    },
  });
  expect(found).toMatchObject([
    {
      state: 'ENABLED',
      eventPattern: { 'detail-type': ['ECS Deployment State Change'] },
      targets: [{ arn: 'arn:aws:lambda:eu-west-1:123456789012:function:judge' }],
    },
    {
      Statement: [
        { Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:events:eu-west-1:123456789012:rule/judge-events' } } },
      ],
    },
  ]);
});

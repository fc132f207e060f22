import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListRuleNamesByTargetCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
} from '@aws-sdk/client-eventbridge';
import { expect, it } from 'vitest';
import { startAws } from './aws-fixture.ts';

const TARGET = 'arn:aws:lambda:eu-west-1:123456789012:function:consumer-switch';

async function started() {
  const fixture = await startAws();
  const rule = {
    state: 'ENABLED',
    eventPattern: { source: ['aws.ecs'] },
    targets: [{ id: '1', arn: TARGET }],
  } as const;
  for (const name of ['b', 'a', 'c']) fixture.aws.rules.put(name, rule);
  fixture.aws.rules.change('c', (one) => ({ ...one, targets: [] }));
  return { ...fixture, events: new EventBridgeClient(fixture.config) };
}

it('finds rules by their target, in pages', async () => {
  const { events } = await started();
  const first = await events.send(new ListRuleNamesByTargetCommand({ TargetArn: TARGET, Limit: 1 }));
  expect(first.RuleNames).toEqual(['a']);
  const NextToken = first.NextToken ?? '';
  const second = await events.send(new ListRuleNamesByTargetCommand({ TargetArn: TARGET, Limit: 1, NextToken }));
  expect([second.RuleNames, second.NextToken]).toEqual([['b'], undefined]);
  const other = await events.send(new ListRuleNamesByTargetCommand({ TargetArn: `${TARGET}:live` }));
  expect(other.RuleNames).toEqual([]);
});

it('describes a rule and its targets', async () => {
  const { events } = await started();
  expect(await events.send(new DescribeRuleCommand({ Name: 'a' }))).toMatchObject({
    Name: 'a',
    Arn: 'arn:aws:events:eu-west-1:123456789012:rule/a',
    State: 'ENABLED',
    EventPattern: '{"source":["aws.ecs"]}',
    EventBusName: 'default',
  });
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: 'a' }));
  expect(Targets).toEqual([{ Id: '1', Arn: TARGET }]);
});

it("says that a rule is not there, and what is not implemented, in EventBridge's words", async () => {
  const { events } = await started();
  await expect(events.send(new DescribeRuleCommand({ Name: 'lost' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Rule lost does not exist on EventBus default.',
  });
  await expect(events.send(new PutRuleCommand({ Name: 'x' }))).rejects.toMatchObject({
    name: 'NotImplementedException',
  });
});

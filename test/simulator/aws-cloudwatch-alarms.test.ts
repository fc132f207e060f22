import { CloudWatchClient, DescribeAlarmsCommand, type DescribeAlarmsCommandInput } from '@aws-sdk/client-cloudwatch';
import { expect, it } from 'vitest';
import { startAws } from './aws-fixture.ts';

async function started() {
  const { aws, config } = await startAws();
  aws.alarms.put('errors', 'OK');
  aws.alarms.put('age', 'ALARM');
  const cloudWatch = new CloudWatchClient(config);
  const ask = async (input: DescribeAlarmsCommandInput) => {
    const { MetricAlarms = [], CompositeAlarms } = await cloudWatch.send(new DescribeAlarmsCommand(input));
    return { alarms: MetricAlarms.map(({ AlarmName, StateValue }) => `${AlarmName} ${StateValue}`), CompositeAlarms };
  };
  return { aws, ask };
}

it('tells the alarms that are there among those that are named, and all without names', async () => {
  const { ask, aws } = await started();
  expect(await ask({})).toEqual({ alarms: ['age ALARM', 'errors OK'], CompositeAlarms: [] });
  expect((await ask({ AlarmNames: ['errors', 'lost'] })).alarms).toEqual(['errors OK']);
  expect((await ask({ AlarmTypes: ['CompositeAlarm'] })).alarms).toEqual([]);
  aws.alarms.delete('errors');
  expect((await ask({ AlarmNames: ['errors'] })).alarms).toEqual([]);
});

it('takes a hundred names at the most', async () => {
  const { ask } = await started();
  const names = Array.from({ length: 101 }, (_, index) => `a${index}`);
  await expect(ask({ AlarmNames: names })).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('Member must have length less than or equal to 100'),
  });
});

import { expect, it, vi } from 'vitest';
import { ended, generatorWorld, NAME, soon } from '../tasks/traffic-generator-world.ts';

// A bound for what hangs, not a measure: beside these processes the machine builds, tests and more.
vi.setConfig({ testTimeout: 120_000 });

const ELSEWHERE = [
  '/ecs-hooks/consumer/unicorn-watch/notifications',
  '/ecs-hooks/approval/unicorn-watch/ui/bY2WiEKBzXmKoYBYwqmfo/POST_TEST_TRAFFIC_SHIFT',
  '/ecs-hooks/load-testing/x',
  '/prod/db-password',
];

it('a message in the queue of the generators cannot make them write outside of the results', async () => {
  const { aws, start, send, put, value, inQueue, requests } = await generatorWorld({ sqs: 'ours' });
  for (const name of ELSEWHERE) put(name);
  for (const resultParameter of ELSEWHERE) await send(1, { resultParameter });
  await send(1);
  start();
  await vi.waitFor(() => expect(ended(value())).toMatchObject({ endedBy: 'plan', sent: 50 }), soon);
  // They are left to the queue's dead-letter queue; no load was made for them.
  await vi.waitFor(() => expect(inQueue()).toBe(ELSEWHERE.length), soon);
  expect(requests()).toBe(50);
  for (const name of ELSEWHERE) expect(aws.parameters.history(name)).toMatchObject([{ value: 'x', version: 1 }]);
  expect(aws.parameters.names('/ecs-hooks/load-test/')).toEqual([NAME]);
});

import { describe, expect, it, vi } from 'vitest';
import type { Fault } from '../../simulator/aws/faults.ts';
import { ended, generatorWorld, NAME, soon } from './traffic-generator-world.ts';

// A bound for what hangs, not a measure: beside these processes the machine builds, tests and more.
vi.setConfig({ testTimeout: 120_000 });

/** A shard of 3 seconds at 50 requests a second, two generators that could both run it, and trouble meanwhile. */
async function played(seconds: number, during: (world: Awaited<ReturnType<typeof generatorWorld>>) => Promise<void>) {
  const world = await generatorWorld({ sqs: 'ours' });
  for (const _ of [1, 2]) world.start({ HEARTBEAT_SECONDS: '2' });
  await world.send(seconds);
  await vi.waitFor(() => expect(world.requests()).toBeGreaterThan(10), soon);
  await during(world);
  await vi.waitFor(() => {
    expect(ended(world.value())).toMatchObject({ endedBy: 'plan', sent: 50 * seconds, completed: 50 * seconds });
    expect(world.inQueue()).toBe(0);
  }, soon);
  return world;
}

/** Until it has struck so often. */
async function strikes(world: Awaited<ReturnType<typeof generatorWorld>>, fault: Fault, times: number): Promise<void> {
  const handle = world.aws.faults.add({ ...fault, always: true });
  await vi.waitFor(() => expect(handle.struck).toBeGreaterThanOrEqual(times), soon);
  handle.remove();
}

const ofResult = (input: object) => 'Name' in input && input.Name === NAME;

describe('no request is sent twice', () => {
  it.each<[string, Fault, number]>([
    ['when SQS fails', { service: 'sqs', kind: 'server-error' }, 6],
    ['when SQS does it, and its answers are lost', { service: 'sqs', kind: 'cut', when: 'after' }, 6],
    ['when Parameter Store throttles', { service: 'ssm', kind: 'throttle' }, 2],
    ['when Parameter Store fails', { service: 'ssm', kind: 'server-error' }, 2],
    [
      'when the answer to a sign of life is lost, and the SDK repeats it',
      { service: 'ssm', operation: 'PutParameter', kind: 'cut', when: 'after' },
      1,
    ],
    ['when CloudWatch fails', { service: 'monitoring', kind: 'server-error' }, 2],
  ])('%s during the load', async (_, fault, times) => {
    const { requests } = await played(3, (world) => strikes(world, fault, times));

    expect(requests()).toBe(150);
  });

  it('when the result cannot be written at first', async () => {
    const { requests } = await played(1, (world) =>
      strikes(world, { service: 'ssm', operation: 'PutParameter', kind: 'server-error', match: ofResult }, 3),
    );

    expect(requests()).toBe(50);
  });

  it('when the message cannot be deleted: it comes again, and finds the result', async () => {
    const { requests } = await played(1, (world) =>
      strikes(world, { service: 'sqs', operation: 'DeleteMessage', kind: 'server-error' }, 3),
    );

    expect(requests()).toBe(50);
  });
});

it('a generator that is cut off from Parameter Store ends its load, since another may be about to begin it', async () => {
  const world = await generatorWorld({ sqs: 'ours' });
  const alone = world.start();
  await world.send(30);
  await vi.waitFor(() => expect(world.requests()).toBeGreaterThan(10), soon);
  const fault = world.aws.faults.add({ service: 'ssm', kind: 'unavailable', always: true });
  // Nothing is sent in all the time between two signs of life any more, though 30 seconds of load were wanted.
  let before = -1;
  await vi.waitFor(
    () => {
      const seen = world.requests();
      const isStill = seen === before;
      before = seen;
      expect(isStill).toBe(true);
    },
    { ...soon, interval: 1000 },
  );
  expect(world.requests()).toBeLessThan(30 * 50);
  expect(alone.exitCode).toBe(null);
  fault.remove();
  // Its claim is dead by then: whoever comes begins anew.
  await vi.waitFor(() => expect(world.requests()).toBeGreaterThan(before), soon);
});

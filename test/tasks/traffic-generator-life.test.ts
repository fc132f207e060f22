import { expect, it, vi } from 'vitest';
import { ShardClaim } from '../../shared/load/result.ts';
import { ended, generatorWorld, STOP, soon } from './traffic-generator-world.ts';

// A bound for what hangs, not a measure: beside these processes the machine builds, tests and more.
vi.setConfig({ testTimeout: 120_000 });

it('a shard that is delivered twice is run once; its result is written and the message gone', async () => {
  const { start, send, value, inQueue, requests } = await generatorWorld();
  await Promise.all([send(2), send(2)]);
  start();
  start();
  await vi.waitFor(() => {
    expect(ended(value())).toMatchObject({
      endedBy: 'plan',
      sent: 100,
      completed: 100,
      wanted: { rate: 50, requests: 100 },
    });
    expect(inQueue()).toBe(0);
  }, soon);
  expect(requests()).toBe(100);
});

it('a generator that is killed is followed by another, which runs the shard anew', async () => {
  const { start, send, value, inQueue, requests } = await generatorWorld();
  const first = start();
  await send(3);
  await vi.waitFor(() => expect(requests()).toBeGreaterThan(10), soon);
  const dead = ShardClaim.parse(value()).running;
  first.kill('SIGKILL');
  start();
  await vi.waitFor(() => {
    expect(ended(value())).toMatchObject({ endedBy: 'plan', sent: 150, completed: 150 });
    expect(inQueue()).toBe(0);
  }, soon);
  expect(ended(value()).generator.taskId).not.toBe(dead);
});

it('SIGTERM gives the shard back, and the process ends with 0', async () => {
  const { start, send, value, inQueue, requests } = await generatorWorld();
  const child = start({ HEARTBEAT_SECONDS: '60' });
  await send(120);
  await vi.waitFor(() => expect(requests()).toBeGreaterThan(10), soon);
  child.kill('SIGTERM');
  await vi.waitFor(() => expect(child.exitCode).toBe(0), soon);
  expect(value()).toBeUndefined();
  expect(inQueue()).toBe(1);
  const before = requests();
  start({ HEARTBEAT_SECONDS: '60' });
  await vi.waitFor(() => expect(requests()).toBeGreaterThan(before), soon);
});

it('a stop parameter ends the load, and what was measured is written', async () => {
  const { start, send, put, value, inQueue, requests } = await generatorWorld();
  start();
  await send(120);
  await vi.waitFor(() => expect(requests()).toBeGreaterThan(10), soon);
  put(STOP);
  await vi.waitFor(() => {
    expect(ended(value()).endedBy).toBe('stopped');
    expect(inQueue()).toBe(0);
  }, soon);
});

it('what is not allowed is refused with the reason, and nothing is sent', async () => {
  const { start, send, value, inQueue, requests } = await generatorWorld();
  start();
  await send(1, {
    plan: { stages: [{ rate: 1, seconds: 1 }], targets: [{ name: 'it', weight: 1, url: 'http://127.0.0.1:9/' }] },
  });
  await vi.waitFor(() => {
    expect(ended(value())).toMatchObject({ endedBy: 'error', problem: 'http://127.0.0.1:9 is not in ALLOWED_TARGETS' });
    expect(inQueue()).toBe(0);
  }, soon);
  expect(requests()).toBe(0);
});

it('a malformed shard that names its result is answered there', async () => {
  const { start, send, value, requests } = await generatorWorld();
  start();
  await send(1, { shard: -1 });
  await vi.waitFor(
    () => expect(ended(value())).toMatchObject({ endedBy: 'error', problem: expect.stringContaining('shard') }),
    soon,
  );
  expect(requests()).toBe(0);
});

it('after its deadline a shard is ended without a request', async () => {
  const { start, send, value, requests } = await generatorWorld();
  start();
  await send(1, { deadline: new Date(Date.now() - 1000).toISOString() });
  await vi.waitFor(() => expect(ended(value())).toMatchObject({ endedBy: 'deadline', sent: 0, achievedRate: 0 }), soon);
  expect(requests()).toBe(0);
});

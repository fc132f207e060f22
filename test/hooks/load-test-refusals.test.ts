import { describe, expect, it } from 'vitest';
import { shardResult } from '../fixtures/shard-result.ts';
import { type Play, useWorld } from './load-test-world.ts';

const world = useWorld();
const URL = 'http://catalog:8080/items';

async function tested(play: Play, more?: Parameters<Play['generate']>[0]) {
  await play.look();
  play.generate(more);
  return play.look(70);
}

describe('a configuration is refused before any load', () => {
  const blue = { baseline: 'blue', tolerance: { p95Ms: { ratio: 2 } } };
  const generator = { cluster: 'tools', service: 'generators' };

  it.each<[string, object, string]>([
    ['a user name in a URL', { targets: [{ url: 'http://me:secret@catalog/' }] }, 'targets[0].url holds a user name'],
    [
      'the test header among the headers of a target, however it is written',
      { targets: [{ url: URL }, { url: URL, headers: { 'X-Amzn-ECS-Blue-Green-Test': '1' } }], ...blue },
      'targets[1].headers.x-amzn-ecs-blue-green-test is the test header',
    ],
    [
      'a header that the client must write',
      { targets: [{ url: URL, headers: { 'Content-Length': '3' } }] },
      'targets[0].headers.content-length is not for a target to set',
    ],
    ['a header that HTTP has no room for', { targets: [{ url: URL, headers: { 'a b': '1' } }] }, 'targets[0].headers'],
    [
      'a header that would be two',
      { targets: [{ url: URL, headers: { a: '1\r\nx-admin: 1' } }] },
      'targets[0].headers.a',
    ],
    ['another protocol', { targets: [{ url: 'file:///etc/passwd' }] }, 'targets[0].url'],
    [
      'more than a message holds',
      { targets: Array.from({ length: 3 }, () => ({ url: URL, method: 'POST', body: 'x'.repeat(90_000) })) },
      'a message to SQS has room for 200000',
    ],
    [
      'fewer tasks than shards',
      { shards: 4, generator: { ...generator, tasks: 3 } },
      'generator.tasks is 3, and 4 shards at the same time need 4',
    ],
    [
      'tasks for green, and none for blue',
      { ...blue, shards: 2, generator: { ...generator, tasks: 2 } },
      '2 shards each of green and blue at the same time need 4',
    ],
    ['no load at all', { rate: 0 }, 'rate'],
    ['a rate that is no number', { rate: '100/s' }, 'rate'],
    ['half a shard', { shards: 1.5 }, 'shards'],
    ['a share that is a percentage', { thresholds: { errorRate: 5 } }, 'thresholds.errorRate'],
    ['a threshold that does not exist', { thresholds: { p97Ms: 5 } }, 'p97Ms'],
    ['a tolerance below the baseline', { ...blue, tolerance: { p95Ms: { ratio: 0.5 } } }, 'tolerance.p95Ms.ratio'],
  ])('with %s', async (_, config, problem) => {
    const answer = await world()
      .deploy({ ...config })
      .look();

    expect(answer).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining(problem) });
    expect(answer.reason).not.toContain('secret');
    expect(world().queue).toEqual([]);
    expect(world().calls).not.toContain('PutParameter');
  });

  it('but not with tasks that idle anyway', async () => {
    const answer = await world()
      .deploy({ shards: 4, generator: { ...generator, tasks: 1, idleTasks: 4 } })
      .look();

    expect(answer.hookStatus).toBe('IN_PROGRESS');
  });
});

describe('when timeoutMinutes are over before the load could begin', () => {
  it.each([
    ['generators', {}],
    ['a task', { runner: 'task', task: { taskDefinition: 'k6', container: 'k6' }, maxSeconds: 300 }],
  ])('nothing is begun that nobody would judge: %s', async (_, config) => {
    const play = world().deploy({ timeoutMinutes: 10, ...config });
    world().before = () => {
      throw new Error('connection refused');
    };
    await play.look();
    world().before = () => {};

    expect(await play.look(601)).toMatchObject({
      hookStatus: 'FAILED',
      reason: 'The load test is not done: it has not begun; onTimeout is fail',
    });
    expect(world().queue).toEqual([]);
    expect(world().tasks.size).toBe(0);
  });
});

describe('a generator that was late itself', () => {
  const late = { lateness: { p99: 60_000, max: 90_000 } };
  const tolerance = { p95Ms: { ratio: 1.2, floor: 5 } };

  it('does not fail green by its baseline', async () => {
    const first = world().deploy({ baseline: 'previous', tolerance, thresholds: {} });
    await tested(first, () => shardResult(100));
    world().statuses.set(first.arn, 'SUCCESSFUL');
    const second = world().deploy({ baseline: 'previous', tolerance, thresholds: {} }, first.service);

    expect(await tested(second, () => ({ ...shardResult(160), ...late }))).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: expect.stringContaining('the generators themselves were 60 ms late (p99), and green fails only by that'),
    });
  });

  it.each([
    ['p95Ms', 300, 'by more than that'],
    ['maxMs', 300, 'by more than the most late of all'],
  ])('does not save a green that fails %s with %d ms, %s', async (key, latency) => {
    const play = world().deploy({ thresholds: { [key]: 200 } });

    expect(await tested(play, () => ({ ...shardResult(latency), ...late }))).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('300 ms > 200 ms'),
    });
  });

  it('may be all that the slowest request is', async () => {
    const play = world().deploy({ thresholds: { maxMs: 200 } });

    expect(await tested(play, () => ({ ...shardResult(280), ...late }))).toMatchObject({ hookStatus: 'IN_PROGRESS' });
  });

  it('does not pass green by a blue that only looks slow', async () => {
    const play = world().deploy({ baseline: 'blue', tolerance, thresholds: {} });
    const slow = ({ resultParameter }: { resultParameter: string }) =>
      resultParameter.includes('/blue-') ? { ...shardResult(160), ...late } : shardResult(150);

    expect(await tested(play, slow)).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: expect.stringContaining(
        'the generators of blue were 60 ms late themselves (p99), and green passes only by that',
      ),
    });
  });

  it('does not matter where green passes beside a blue without it, too', async () => {
    const play = world().deploy({ baseline: 'blue', tolerance, thresholds: {} });
    const late60 = ({ resultParameter }: { resultParameter: string }) =>
      resultParameter.includes('/blue-') ? { ...shardResult(160), ...late } : shardResult(120);

    expect(await tested(play, late60)).toMatchObject({ hookStatus: 'SUCCEEDED' });
  });
});

it('the calls of a test with a generator service are as many as the page says', async () => {
  const generator = { cluster: 'tools', service: 'generators', tasks: 2 };
  const play = world().deploy({ generator });
  await play.look();
  const scaling = ['GetParametersByPath', 'DescribeServices', 'UpdateService'];
  expect(world().calls).toEqual([
    ...['GetParametersByPath', 'DescribeServiceDeployments', 'PutParameter', 'PutParameter', ...scaling],
    'SendMessageBatch',
  ]);
  play.generate();
  const before = world().calls.length;
  await play.look(130);
  expect(world().calls.slice(before)).toEqual([
    ...['GetParametersByPath', 'DeleteParameters', ...scaling],
    ...['GetParameter', 'PutParameter', 'GetParametersByPath'],
  ]);
});

it('a value that is more than its limit never reads as equal to it', async () => {
  const play = world().deploy({ thresholds: { p95Ms: 150 } });

  expect((await tested(play, () => shardResult(150))).reason).toMatch(/^Load test failed: p95 150\.\d+ ms > 150 ms/);
});

it('a deployment that ECS does not remember any more leaves the release before as the baseline', async () => {
  const config = { baseline: 'previous', tolerance: { p95Ms: { ratio: 1.2, floor: 5 } }, thresholds: {} };
  const [first, second] = [world().deploy(config), world().deploy(config)];
  await tested(first, () => shardResult(100));
  world().statuses.set(first.arn, 'SUCCESSFUL');
  const later = world().deploy(config, first.service);
  await tested(later, () => shardResult(110));
  world().missing.add(later.arn);
  const third = world().deploy(config, first.service);

  expect((await tested(third, () => shardResult(140))).reason).toContain('1.2 × 100 ms of revision');
  // Another service has its own.
  expect((await tested(second, () => shardResult(140))).reason).toContain('no accepted release');
});

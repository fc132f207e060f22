import { ConflictException, type Task } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { holdToReasons } from '../fixtures/reasons.ts';
import { type Play, useWorld } from './load-test-world.ts';

holdToReasons();

const world = useWorld();
const K6 = {
  runner: 'task',
  task: {
    taskDefinition: 'k6',
    container: 'k6',
    command: ['run', '/scripts/catalog.js'],
    subnets: ['subnet-1'],
    launchType: 'FARGATE',
  },
};

const EXITED = { lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited' } as const;
const k6 = (exitCode: number, reason?: string) => [{ name: 'k6', exitCode, ...(reason !== undefined && { reason }) }];

/** What ECS says of the task at the next look. */
function becomes(more: Partial<Task>): void {
  for (const [token, task] of world().tasks) world().tasks.set(token, { ...task, ...more });
}

async function ended(play: Play, more: Partial<Task>) {
  await play.look();
  becomes(more);
  return play.look(60);
}

describe('the start of a task', () => {
  it('is one, and can be told in a rollback', async () => {
    const play = world().deploy(K6);
    expect(await play.look()).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: expect.stringMatching(/^Started k6/),
    });
    expect(world().calls).toEqual(['GetParametersByPath', 'DescribeServiceDeployments', 'RunTask', 'PutParameter']);
    const [taskArn] = [...world().tasks.values()].map((task) => task.taskArn);
    expect(JSON.parse(play.value(`${play.path()}/task`) ?? '')).toEqual({ cluster: 'prod', taskArn });
    expect([...world().tasks.keys()][0]).toMatch(/^[0-9a-f]{48}$/);
  });

  it('is one, whatever call is the last before a crash', async () => {
    for (let crash = 1; crash <= 5; crash += 1) {
      world().reset();
      const play = world().deploy(K6);
      world().after = (_, nth) => {
        if (nth === crash) throw new Error('the function was ended');
      };
      await play.look();
      await play.look(30);
      await Promise.all([play.invoke(), play.invoke()]);
      becomes({ ...EXITED, containers: k6(0) });
      expect((await play.look(30)).hookStatus, `after call ${crash}`).toBe('SUCCEEDED');
      expect(world().tasks.size).toBe(1);
    }
  });

  it('goes on with the task of the same token when the configuration has changed meanwhile', async () => {
    const play = world().deploy(K6);
    await play.look();
    const [taskArn = ''] = [...world().tasks.values()].flatMap((task) => task.taskArn ?? []);
    const other = world().deploy(K6, play.service);
    world().runTask = () => {
      throw new ConflictException({ message: 'Request parameters differ', $metadata: {}, resourceIds: [taskArn] });
    };
    expect((await other.look()).reason).toContain(taskArn);
  });

  it('is refused without a task, or with one that excludes itself', async () => {
    const none = await world().deploy({ runner: 'task' }).look();
    expect(none).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('task is missing') });
    const both = { ...K6, task: { ...K6.task, capacityProviders: ['FARGATE_SPOT'] } };
    expect((await world().deploy(both).look()).reason).toContain('exclude each other');
  });
});

describe('the end of a task', () => {
  it.each<[string, Partial<Task>, string, string]>([
    ['exit code 0', { ...EXITED, containers: k6(0) }, 'SUCCEEDED', 'k6 ended with exit code 0'],
    ['exit code 99', { ...EXITED, containers: k6(99) }, 'FAILED', 'exit code 99: a threshold was not kept'],
    ['exit code 107', { ...EXITED, containers: k6(107) }, 'FAILED', 'could not run: k6 ended with exit code 107'],
    [
      'memory',
      { ...EXITED, containers: k6(137, 'OutOfMemoryError: Container killed due to memory usage') },
      'FAILED',
      'could not run: k6 ended with exit code 137 (OutOfMemoryError',
    ],
    [
      'an image that is not there',
      { lastStatus: 'STOPPED', stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError: not found' },
      'FAILED',
      'could not run: the task stopped without a container k6: CannotPullContainerError: not found',
    ],
    [
      'an image that is not there, of a container that is',
      {
        lastStatus: 'STOPPED',
        stopCode: 'TaskFailedToStart',
        stoppedReason: 'CannotPullContainerError: not found',
        containers: [{ name: 'k6' }],
      },
      'FAILED',
      'could not run: k6 stopped with TaskFailedToStart: CannotPullContainerError: not found',
    ],
    [
      'somebody who stopped it, with exit code 0',
      { lastStatus: 'STOPPED', stopCode: 'UserInitiated', stoppedReason: 'by hand', containers: k6(0) },
      'FAILED',
      'could not run: k6 stopped with UserInitiated: by hand',
    ],
  ])('%s', async (_, task, status, reason) => {
    const answer = await ended(world().deploy({ ...K6, onCouldNotRun: 'fail' }), task);
    expect(answer).toMatchObject({ hookStatus: status, reason: expect.stringContaining(reason) });
  });

  it('that could not run is tried again, as another task', async () => {
    const play = world().deploy(K6);
    expect(await ended(play, { ...EXITED, containers: k6(107) })).toMatchObject({ hookStatus: 'IN_PROGRESS' });
    await play.look(30);
    expect(world().tasks.size).toBe(2);
  });

  it('without capacity is tried again', async () => {
    world().runTask = () => ({ tasks: [], failures: [{ reason: 'RESOURCE:MEMORY' }] });
    expect(await world().deploy(K6).look()).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: 'The load test could not run: ecs:RunTask: RESOURCE:MEMORY; run 2 of 3 follows',
    });
  });

  it('that does not come is brought about', async () => {
    const play = world().deploy({ ...K6, maxSeconds: 120, onCouldNotRun: 'fail' });
    await play.look();
    expect(await play.look(119)).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: 1 });
    expect(await play.look(1)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('maxSeconds 120'),
    });
    expect(world().stopped).toHaveLength(1);
  });

  it('that nobody can tell is not a pass', async () => {
    const play = world().deploy({ ...K6, onCouldNotRun: 'fail' });
    await play.look();
    world().tasks.clear();
    for (let look = 1; look <= 4; look += 1) expect((await play.look(30)).hookStatus).toBe('IN_PROGRESS');
    expect(await play.look(30)).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('MISSING') });
  });

  it('in a rollback is brought about', async () => {
    const play = world().deploy(K6);
    await play.look();
    play.stage = 'TEST_TRAFFIC_SHIFT';
    play.direction = 'rollback';
    expect(await play.look(5)).toMatchObject({ hookStatus: 'SUCCEEDED' });
    expect(world().stopped).toHaveLength(1);
  });
});

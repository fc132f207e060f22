import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  type RunTaskCommandInput,
  StopTaskCommand,
  type Task,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Readings } from '../../simulator/engine/readings.ts';
import { serviceDefinition } from '../../simulator/scenario/definitions.ts';
import { createWorld } from '../../simulator/scenario/world.ts';
import { revision, scenarioOf, service } from './scenario-kit.ts';

const worker = { command: ['node', 'test/fixtures/programs/worker.ts'], ready: 'ready', stopTimeout: '5s' };
const exit = {
  entryPoint: ['node', 'test/fixtures/programs/exit.ts'],
  command: ['run'],
  environment: { GREETING: 'hello' },
};

const SCENARIO = {
  services: {
    ui: service([], { running: { ...revision('release-1'), program: worker } }),
    counted: service([], { running: revision('release-1'), desiredCount: 3 }),
  },
  taskDefinitions: {
    k6: { container: 'load', image: 'grafana/k6:1.0', program: exit },
    worker: { image: 'unicorn/worker:1', program: worker },
    missing: { image: 'unicorn/missing:1', pull: 'fails' },
  },
};

async function start() {
  const scenario = scenarioOf(SCENARIO);
  const lines: string[] = [];
  const world = await createWorld(scenario, {
    readings: new Readings({}),
    dist: 'dist',
    onEvent: () => undefined,
    answersFor: () => undefined,
    onTask: (event) => {
      if (event.kind === 'line') lines.push(event.line);
    },
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= world.close();
    return closed;
  };
  onTestFinished(close);
  for (const [name, { running }] of Object.entries(scenario.services)) {
    if (running) world.engine.addRunningService(serviceDefinition(scenario, name, running));
  }
  await world.fleet.whenComplete();
  const ecs = new ECSClient({ endpoint: world.endpointUrl, maxAttempts: 1 });
  const describeOne = async (task: string): Promise<Task> => {
    const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: 'unicorn', tasks: [task] }));
    const [found] = tasks ?? [];
    if (found === undefined) throw new Error(`there is no task ${task}`);
    return found;
  };
  const until = (task: string, lastStatus: string): Promise<Task> =>
    vi.waitFor(
      async () => {
        const found = await describeOne(task);
        expect(found.lastStatus).toBe(lastStatus);
        return found;
      },
      { timeout: 20_000 },
    );
  const run = async (more: Partial<RunTaskCommandInput> = {}): Promise<string> => {
    const { tasks } = await ecs.send(new RunTaskCommand({ ...REQUEST, ...more }));
    return tasks?.[0]?.taskArn ?? '';
  };
  const list = async (more: object = {}) =>
    (await ecs.send(new ListTasksCommand({ cluster: 'unicorn', ...more }))).taskArns ?? [];
  return { world, close, ecs, lines, describeOne, until, run, list };
}

const REQUEST: RunTaskCommandInput = {
  cluster: 'unicorn',
  taskDefinition: 'k6',
  launchType: 'FARGATE',
  networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
};

describe('RunTask', () => {
  it('runs the program of a task definition, and its exit code is to be seen for an hour', async () => {
    const { lines, until, run, list, world } = await start();

    const arn = await run({ startedBy: 'test-1' });
    const task = await until(arn, 'STOPPED');

    expect(arn).toMatch(/^arn:aws:ecs:eu-west-1:123456789012:task\/unicorn\/[0-9a-f]{32}$/);
    expect(task).toMatchObject({
      startedBy: 'test-1',
      group: 'family:k6',
      launchType: 'FARGATE',
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ name: 'load', image: 'grafana/k6:1.0', lastStatus: 'STOPPED', exitCode: 1 }],
    });
    expect(lines).toContain('hello run');
    expect(await list({ startedBy: 'test-1' })).toEqual([]);
    expect(await list({ startedBy: 'test-1', desiredStatus: 'STOPPED' })).toEqual([arn]);
    world.clock.schedule(world.clock.now() + 3_600_001, () => undefined);
    await world.fleet.close();
    await world.clock.run();
    expect(await list({ startedBy: 'test-1', desiredStatus: 'STOPPED' })).toEqual([]);
  });

  it('overrides command and environment of a container', async () => {
    const { lines, until, run } = await start();
    const environment = [
      { name: 'GREETING', value: 'good day' },
      { name: 'EXIT_CODE', value: '0' },
    ];

    const arn = await run({ overrides: { containerOverrides: [{ name: 'load', command: ['a', 'b'], environment }] } });
    const task = await until(arn, 'STOPPED');

    expect(task.containers?.[0]?.exitCode).toBe(0);
    expect(task.overrides?.containerOverrides).toMatchObject([{ name: 'load', command: ['a', 'b'] }]);
    expect(lines).toContain('good day a b');
  });

  it('is idempotent by its client token', async () => {
    const { run } = await start();
    const clientToken = 'deployment-1';

    const first = await run({ clientToken });

    expect(await run({ clientToken })).toBe(first);
    expect(await run({ clientToken: 'deployment-2' })).not.toBe(first);
    await expect(run({ clientToken, count: 2 })).rejects.toMatchObject({ name: 'ConflictException' });
  });

  it('tells of an image that cannot be pulled', async () => {
    const { until, run } = await start();

    const task = await until(await run({ taskDefinition: 'missing:1' }), 'STOPPED');

    expect(task.stopCode).toBe('TaskFailedToStart');
    expect(task.stoppedReason).toMatch(/^CannotPullContainerError: .*unicorn\/missing:1: not found$/);
    expect(task.containers?.[0]?.exitCode).toBeUndefined();
  });

  it.each<[string, Partial<RunTaskCommandInput>, string, RegExp]>([
    ['no network', { networkConfiguration: {} }, 'InvalidParameterException', /^Network Configuration must be/],
    ['an unknown family', { taskDefinition: 'k7' }, 'ClientException', /^TaskDefinition not found\.$/],
    ['an unknown cluster', { cluster: 'other' }, 'ClusterNotFoundException', /^Cluster not found\.$/],
    ['eleven tasks', { count: 11 }, 'InvalidParameterException', /between 1 and 10/],
    [
      'EC2',
      { launchType: 'EC2' },
      'InvalidParameterException',
      /^No Container Instances were found in your cluster\.$/,
    ],
    [
      'a container that is not there',
      { overrides: { containerOverrides: [{ name: 'app' }] } },
      'InvalidParameterException',
      /^Override for container named app is not a container in the TaskDefinition\.$/,
    ],
    ['a counted task definition', { taskDefinition: 'counted' }, 'InvalidParameterException', /not implemented/],
  ])('refuses %s', async (_, more, name, message) => {
    const { run } = await start();

    await expect(run(more)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });
});

describe('StopTask', () => {
  it('ends a task by SIGTERM, with the reason given', async () => {
    const { ecs, until, run, lines } = await start();
    const arn = await run({ taskDefinition: 'worker' });
    await until(arn, 'RUNNING');

    const { task } = await ecs.send(new StopTaskCommand({ cluster: 'unicorn', task: arn, reason: 'enough' }));

    expect(task).toMatchObject({ lastStatus: 'STOPPING', desiredStatus: 'STOPPED', stopCode: 'UserInitiated' });
    const stopped = await until(arn, 'STOPPED');
    expect(stopped).toMatchObject({ stoppedReason: 'enough', containers: [{ exitCode: 0 }] });
    expect(lines).toContain('SIGTERM');
  });

  it.each([['ui'], ['counted']])('has a task of the service %s replaced', async (serviceName) => {
    const { ecs, list } = await start();
    const before = await list({ serviceName });
    const [task = ''] = before;

    const { task: stopped } = await ecs.send(new StopTaskCommand({ cluster: 'unicorn', task }));

    expect(stopped).toMatchObject({ taskArn: task, stoppedReason: 'Task stopped by user' });
    const after = await list({ serviceName });
    expect(after).not.toContain(task);
    expect(after).toHaveLength(before.length);
    expect(await list({ serviceName, desiredStatus: 'STOPPED' })).toEqual([task]);
  });

  it('does not know a task that never was', async () => {
    const { ecs } = await start();

    await expect(ecs.send(new StopTaskCommand({ cluster: 'unicorn', task: '0'.repeat(32) }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'The referenced task was not found.',
    });
  });
});

describe('the end of the world', () => {
  it('leaves no process, whether its service or RunTask started it, and no port', async () => {
    const { world, close, until, run } = await start();
    await until(await run({ taskDefinition: 'worker' }), 'RUNNING');
    const { pids } = world.fleet;

    await close();

    expect(pids).toHaveLength(3);
    expect(world.fleet.pids).toEqual([]);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await expect(fetch(world.endpointUrl)).rejects.toThrow('fetch failed');
  });
});

describe('ListTasks and DescribeTasks', () => {
  it('find the tasks of services, real and counted, by service, family and startedBy, page by page', async () => {
    const { ecs, list, describeOne } = await start();

    expect(await list({ serviceName: 'ui' })).toHaveLength(2);
    const counted = await list({ family: 'counted' });
    expect(counted).toHaveLength(3);
    const { startedBy } = await describeOne(counted[0] ?? '');
    expect(startedBy).toMatch(/^ecs-svc\/\d{19}$/);
    expect(await list({ startedBy })).toEqual(counted);
    const first = await ecs.send(new ListTasksCommand({ cluster: 'unicorn', maxResults: 4 }));
    const { nextToken } = first;
    const rest = await ecs.send(new ListTasksCommand({ cluster: 'unicorn', maxResults: 4, nextToken }));
    expect([...(first.taskArns ?? []), ...(rest.taskArns ?? [])].toSorted()).toEqual((await list()).toSorted());
    const id = '0'.repeat(32);
    const { failures } = await ecs.send(new DescribeTasksCommand({ cluster: 'unicorn', tasks: [id] }));
    expect(failures).toEqual([{ arn: `arn:aws:ecs:eu-west-1:123456789012:task/unicorn/${id}`, reason: 'MISSING' }]);
  });
});

describe('UpdateService', () => {
  it.each([['ui'], ['counted']])('scales the tasks of %s', async (name) => {
    const { ecs, list } = await start();
    const describeService = async () =>
      (await ecs.send(new DescribeServicesCommand({ cluster: 'unicorn', services: [name] }))).services?.[0];
    const scaleTo = (desiredCount: number) =>
      ecs.send(new UpdateServiceCommand({ cluster: 'unicorn', service: name, desiredCount }));
    const settled = async (count: number) =>
      vi.waitFor(async () => expect(await describeService()).toMatchObject({ runningCount: count, pendingCount: 0 }), {
        timeout: 20_000,
      });

    await scaleTo(4);
    await settled(4);
    expect(await list({ serviceName: name })).toHaveLength(4);
    const { service: answer } = await scaleTo(1);

    expect(answer).toMatchObject({ serviceName: name, desiredCount: 1 });
    await settled(1);
    expect(await list({ serviceName: name })).toHaveLength(1);
  });

  it('deploys nothing', async () => {
    const { ecs } = await start();
    const update = (more: object) => ecs.send(new UpdateServiceCommand({ cluster: 'unicorn', service: 'ui', ...more }));

    await expect(update({ forceNewDeployment: true })).rejects.toThrow(
      'UpdateService: forceNewDeployment is not implemented by the local endpoint.',
    );
    await expect(update({ taskDefinition: 'ui:1' })).rejects.toThrow('taskDefinition is not implemented');
  });
});

import { describe, expect, it } from 'vitest';
import { play } from '../../simulator/scenario/play.ts';
import type { TaskEvent } from '../../simulator/tasks/task-event.ts';
import { deployment, playOf, revision, scenarioOf, service, stageStart } from './scenario-kit.ts';

type Json = Readonly<Record<string, unknown>>;

/** ECS's own work takes next to nothing: real time is for the processes. */
const QUICK = {
  ...{ start: '1ms', stageChange: '1ms', reconcile: '1ms', firstTask: '1ms', scaleUp: '1ms', testShift: '1ms' },
  ...{ productionShift: '1ms', cleanUp: '1ms', stop: '1ms' },
};

const program = (file: string, more: Json = {}): Json => ({
  command: ['node', `test/fixtures/programs/${file}.ts`],
  stopTimeout: '5s',
  ...more,
});
const worker = (environment: Json = {}, more: Json = {}): Json =>
  program('worker', { ready: 'ready', environment, ...more });

const headless = (running: Json, configuration: Json = {}): Json =>
  service([], { loadBalancing: { kind: 'headless' }, running }, configuration);

async function watched(more: Json) {
  const events: TaskEvent[] = [];
  const { deployments } = await play(scenarioOf({ durations: QUICK, ...more }), {
    onTask: (event) => events.push(event),
  });
  const [record] = deployments;
  if (record === undefined) throw new Error('nothing was deployed');
  const ends = events.flatMap((event) => (event.kind === 'status' && event.end ? [{ ...event, end: event.end }] : []));
  const of = (name: string) => events.filter(({ task }) => task.revision === name);
  return { record, events, ends, of };
}

const lines = (events: readonly TaskEvent[]) => events.flatMap((event) => (event.kind === 'line' ? [event.line] : []));
const statuses = (events: readonly TaskEvent[]) =>
  events.flatMap((event) => (event.kind === 'status' ? [event.lastStatus] : []));

describe('a deployment with programs', () => {
  it('starts the tasks of both revisions, and stops the old ones while it cleans up', async () => {
    const running = { ...revision('release-1'), program: worker({ SAY: 'blue' }) };
    const green = { ...revision('release-2'), program: worker({ SAY: 'green' }) };

    const { record, ends, of } = await watched({
      services: { ui: headless(running) },
      deployments: [deployment({ revision: green })],
    });

    expect(record.status).toBe('SUCCESSFUL');
    expect(lines(of('release-1')).filter((line) => line === 'blue')).toHaveLength(2);
    expect(lines(of('release-2')).filter((line) => line === 'green')).toHaveLength(2);
    expect(statuses(of('release-1').filter(({ task }) => task.taskId === ends[0]?.task.taskId))).toEqual([
      ...['PROVISIONING', 'PENDING', 'RUNNING', 'STOPPING', 'DEPROVISIONING', 'STOPPED'],
    ]);
    const blue = ends.filter(({ task }) => task.revision === 'release-1');
    expect(blue.map(({ end }) => [end.stopCode, end.exitCode])).toEqual(
      Array(2).fill(['ServiceSchedulerInitiated', 0]),
    );
    for (const { at, end, task } of blue) {
      expect(at).toBeGreaterThanOrEqual(stageStart(record, 'CLEAN_UP'));
      expect(at).toBeLessThanOrEqual(record.finishedAt ?? 0);
      expect(end.stoppedReason).toBe(`Scaling activity initiated by (deployment ecs-svc/${task.revisionId})`);
    }
    const green1 = of('release-2').filter((event) => event.kind === 'status' && event.lastStatus === 'RUNNING');
    expect(green1).toHaveLength(2);
    for (const { at } of green1) expect(at).toBeLessThanOrEqual(stageStart(record, 'POST_SCALE_UP'));
  });

  it('rolls back by stopping those of the target', async () => {
    const hook = { function: 'judge', lifecycleStages: ['POST_SCALE_UP'] };
    const { record, ends } = await watched({
      functions: { judge: { answers: ['FAILED'] } },
      services: { ui: service([hook], { running: { ...revision('release-1'), program: worker() } }) },
      deployments: [deployment({ revision: { ...revision('release-2'), program: worker() } })],
    });

    expect(record.status).toBe('ROLLBACK_SUCCESSFUL');
    const until = record.finishedAt ?? 0;
    expect(ends.filter(({ at }) => at <= until).map(({ task }) => task.revision)).toEqual(['release-2', 'release-2']);
  });

  it('counts tasks that end for the circuit breaker, and tells the last line that they wrote', async () => {
    const breaker = { deploymentCircuitBreaker: { enable: true, rollback: true } };
    const broken = { ...revision('release-2'), program: program('exit', { ready: 'never' }) };

    const { record, ends } = await watched({
      services: { ui: headless({ ...revision('release-1'), program: worker() }, breaker) },
      deployments: [deployment({ revision: broken })],
    });

    expect([record.status, record.statusReason]).toEqual([
      'ROLLBACK_SUCCESSFUL',
      'Service deployment rolled back because the circuit breaker threshold was exceeded.',
    ]);
    const failed = ends.filter(({ end }) => end.stopCode === 'EssentialContainerExited');
    expect(failed.length).toBeGreaterThanOrEqual(3);
    expect(failed[0]?.end).toMatchObject({ stoppedReason: 'Essential container in task exited', exitCode: 1 });
    expect(failed[0]?.end.lastLines).toContain('cannot go on');
    expect(record.notes.some(({ text }) => /release-2\) stopped: Essential .* exit code 1: /.test(text))).toBe(true);
  });

  it('kills a program that takes no notice of SIGTERM when its stopTimeout is over', async () => {
    const { record, ends, of } = await watched({
      services: {
        ui: headless({ ...revision('release-1'), program: worker({ IGNORE_SIGTERM: '1' }, { stopTimeout: '300ms' }) }),
      },
    });

    expect(record.status).toBe('SUCCESSFUL');
    expect(ends.map(({ end }) => end.exitCode)).toEqual([137, 137]);
    expect(lines(of('release-1'))).toContain('SIGTERM');
  });

  it('replaces a task that is killed', async () => {
    const running = { ...revision('release-1'), program: worker() };
    const events = [{ after: 0, stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT', kill: { revision: 'release-1' } }];
    const hook = {
      function: 'judge',
      lifecycleStages: ['PRE_PRODUCTION_TRAFFIC_SHIFT'],
    };
    const waits = [{ hookStatus: 'IN_PROGRESS', callBackDelay: 2 }, 'SUCCEEDED'];

    const { record, ends, of } = await watched({
      functions: { judge: { answers: waits } },
      services: { ui: { ...headless(running), ...service([hook], { running, loadBalancing: { kind: 'headless' } }) } },
      deployments: [deployment({ events })],
    });

    expect(record.status).toBe('SUCCESSFUL');
    const killed = ends.filter(({ end }) => end.exitCode === 137);
    expect(killed).toHaveLength(1);
    expect(new Set(of('release-1').map(({ task }) => task.taskId)).size).toBe(3);
    expect(record.notes.some(({ kind, text }) => kind === 'fault' && text.startsWith('SIGKILL to task'))).toBe(true);
  });

  it('fails to play when a running service cannot start, with what its task said', async () => {
    const running = { ...revision('release-1'), program: program('exit', { ready: 'never' }) };

    await expect(playOf({ durations: QUICK, services: { ui: headless(running) } })).rejects.toThrow(
      /a task of ui, release-1, stopped: Essential container in task exited, exit code 1\n(.*\n)*cannot go on/,
    );
  });

  it('runs the clock at real speed only while tasks live', async () => {
    const running = { ...revision('release-1'), program: worker() };
    // Once no process is left, a day is nothing.
    const last = deployment({ title: 'a day later', revision: revision('release-3'), at: '1d' });

    const { deployments, startedAt } = await playOf({
      durations: QUICK,
      services: { ui: headless(running) },
      deployments: [deployment(), last],
    });

    expect(deployments.map(({ status }) => status)).toEqual(['SUCCESSFUL', 'SUCCESSFUL']);
    expect(deployments[1]?.createdAt).toBeGreaterThanOrEqual(startedAt + 86_400_000);
  });
});

describe('what a task finds', () => {
  it('is the metadata endpoint, its role, and itself at ECS', async () => {
    const green = { ...revision('release-2'), program: program('server', { port: true }) };

    const { record, of } = await watched({
      services: { ui: service([], { desiredCount: 1 }) },
      deployments: [deployment({ revision: green })],
    });

    expect(record.status).toBe('SUCCESSFUL');
    const [text = '{}'] = lines(of('release-2'));
    const { taskId, taskArn, revisionId } = of('release-2')[0]?.task ?? {};
    expect(taskId).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.parse(text)).toMatchObject({
      metadata: {
        Cluster: 'arn:aws:ecs:eu-west-1:123456789012:cluster/unicorn',
        TaskARN: taskArn,
        Family: 'ui',
        Revision: '2',
        DesiredStatus: 'RUNNING',
        LaunchType: 'FARGATE',
        AvailabilityZone: 'eu-west-1a',
        Containers: [{ Name: 'app', Image: 'unicorn/app:release-2', KnownStatus: 'RUNNING' }],
      },
      container: { Name: 'app', DockerId: expect.stringMatching(`^${taskId}-\\d+$`), Type: 'NORMAL' },
      stats: [expect.stringMatching(`^${taskId}-\\d+$`)],
      startedBy: `ecs-svc/${revisionId}`,
      identity: `arn:aws:sts::123456789012:assumed-role/ui-task-role/${taskId}`,
      execution: 'AWS_ECS_FARGATE',
    });
    expect(revisionId).toBe(record.target.id);
  });
});

import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../simulator/scenario/load.ts';
import { play } from '../../simulator/scenario/play.ts';

type Json = Readonly<Record<string, unknown>>;

const PATIENCE = 240_000;
const DURATIONS = {
  ...{ start: '10ms', stageChange: '10ms', reconcile: '10ms', firstTask: '10ms', scaleUp: '10ms', testShift: '10ms' },
  ...{ productionShift: '10ms', cleanUp: '10ms', stop: '10ms' },
};

/** A deployment behind an ALB whose load comes from a container that RunTask starts, with the built hook. */
async function played(container: Json, details: Json = {}, events: readonly Json[] = []) {
  const revision = (name: string) => ({ name, images: { catalog: `unicorn/catalog:${name}` } });
  const hook = {
    function: 'load-test',
    lifecycleStages: ['TEST_TRAFFIC_SHIFT', 'POST_TEST_TRAFFIC_SHIFT'],
    hookDetails: {
      runner: 'task',
      task: { taskDefinition: 'k6', container: 'k6', launchType: 'FARGATE', subnets: ['subnet-0a1b2c3d'] },
      ...{ maxSeconds: 600, pollSeconds: 1, onCouldNotRun: 'fail' },
      ...details,
    },
  };
  const scenario = {
    name: 'k6 behind an ALB',
    durations: DURATIONS,
    taskDefinitions: { k6: { container: 'k6', image: 'grafana/k6:1.0.0', ...container } },
    functions: { 'load-test': { timeoutSeconds: 60 } },
    services: {
      catalog: {
        cluster: 'unicorn',
        loadBalancing: { kind: 'alb', testListener: true },
        running: revision('blue'),
        deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0, lifecycleHooks: [hook] },
      },
    },
    deployments: [{ title: 'green', service: 'catalog', revision: revision('green'), events }],
  };
  const { deployments } = await play(parseScenario(JSON.stringify(scenario), 'task.yaml'));
  const [record] = deployments;
  const runs = record?.stages.filter(({ direction }) => direction === 'forward').flatMap(({ hooks }) => hooks);
  const invocations = runs?.at(-1)?.invocations ?? [];
  const outcome = invocations.at(-1)?.outcome;
  return {
    status: record?.status,
    reason: outcome?.kind === 'answer' ? outcome.reason : outcome?.kind,
    calls: (direction: string) =>
      record?.stages
        .filter((stage) => stage.direction === direction)
        .flatMap(({ hooks }) => hooks.flatMap((one) => one.invocations.flatMap(({ awsCalls }) => awsCalls ?? [])))
        .map((call) => JSON.stringify(call)) ?? [],
  };
}

const exits = (code: number) => ({
  program: { command: ['node', '-e', `setTimeout(() => process.exit(${code}), 1500)`] },
});

describe('a load test by RunTask, with real processes and the built hook', () => {
  it.each<[string, Json, string, RegExp]>([
    ['exit code 0', exits(0), 'SUCCESSFUL', /^Load test: k6 ended with exit code 0$/],
    ['k6 and its 99', exits(99), 'ROLLBACK_SUCCESSFUL', /^Load test: k6 ended with exit code 99: a threshold was not/],
    [
      'a broken script',
      exits(107),
      'ROLLBACK_SUCCESSFUL',
      /^The load test could not run: k6 ended with exit code 107; onCouldNotRun is fail$/,
    ],
    [
      'an image that is not there',
      { pull: 'fails' },
      'ROLLBACK_SUCCESSFUL',
      /^The load test could not run: k6 stopped with TaskFailedToStart: .*CannotPullContainerError/,
    ],
  ])('%s', { timeout: PATIENCE }, async (_, container, status, why) => {
    const { status: is, reason, calls } = await played(container);

    expect(reason).toMatch(why);
    expect(is).toBe(status);
    expect(calls('forward').filter((call) => call.includes('RunTask'))).toHaveLength(1);
  });

  it('stops what runs longer than maxSeconds', { timeout: PATIENCE }, async () => {
    const { status, reason, calls } = await played(
      { program: { command: ['node', '-e', 'setInterval(() => {}, 1000)'], stopTimeout: '2s' } },
      { maxSeconds: 3 },
    );

    expect(reason).toMatch(/^The load test could not run: .* more than maxSeconds 3; stopped/);
    expect(status).toBe('ROLLBACK_SUCCESSFUL');
    expect(calls('forward').filter((call) => call.includes('StopTask'))).toHaveLength(1);
  });

  it('stops the task when ECS rolls back for another reason', { timeout: PATIENCE }, async () => {
    const { status, calls } = await played(
      { program: { command: ['node', '-e', 'setInterval(() => {}, 1000)'], stopTimeout: '2s' } },
      {},
      [{ stage: 'POST_TEST_TRAFFIC_SHIFT', after: '5s', stop: 'ROLLBACK' }],
    );

    expect(status).toBe('ROLLBACK_SUCCESSFUL');
    expect(calls('rollback').filter((call) => call.includes('StopTask'))).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { type Fields, findingsOf, H, hook, LAMBDA, service, timeout } from './validate-kit.ts';

const ALB = { metrics: [{ preset: 'alb' }] };
const LOAD = {
  queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/load',
  targets: [{ url: 'http://catalog:8080/items' }],
};
const BOTH_TESTS = ['POST_TEST_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT'];
const SWITCHES = ['PRODUCTION_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT'];

const QUEUES = { queueUrls: ['https://sqs.eu-west-1.amazonaws.com/123456789012/sightings'] };
const UNDECIDED = {
  id: 'cpu',
  kind: 'gauge',
  compare: 'none',
  values: { namespace: 'AWS/ECS', metricName: 'CPUUtilization', statistic: 'Average' },
};

function own(id: string, lifecycleStages: string[], hookDetails: Fields = {}, more: Fields = {}): Fields {
  return hook({ hookTargetArn: LAMBDA(`prod-${id}`), lifecycleStages, hookDetails, ...more });
}

describe('a hook of this project', () => {
  it.each<[string, Fields[], Fields]>([
    ['load-test with the stop in a rollback', [own('load-test', BOTH_TESTS, LOAD)], {}],
    [
      'the same in two entries',
      [own('load-test', BOTH_TESTS.slice(0, 1), LOAD), own('load-test', BOTH_TESTS.slice(1), LOAD)],
      {},
    ],
    ['admission, whose policy is the function’s', [own('admission', ['PRE_SCALE_UP', 'POST_SCALE_UP'])], {}],
    ['consumer-switch at both stages', [own('consumer-switch', SWITCHES, { monitor: { minutes: 5 }, ...QUEUES })], {}],
    ['consumer-switch at the shift alone', [own('consumer-switch', SWITCHES.slice(0, 1))], {}],
    ['canary at the shifts of LINEAR', [own('canary', SWITCHES.slice(0, 1), ALB)], { strategy: 'LINEAR' }],
    ['canary that holds', [own('canary', SWITCHES.slice(1), { ...ALB, holdMinutes: 30 })], {}],
  ])('%s has no finding', async (_, hooks, more) => {
    expect(await findingsOf(service(hooks, more))).toEqual([]);
  });

  it.each<[string, Fields, Fields, string, RegExp]>([
    [
      'load-test that a rollback does not stop',
      own('load-test', BOTH_TESTS.slice(0, 1), LOAD),
      {},
      'lifecycleStages: note',
      /nothing stops the load.*write TEST_TRAFFIC_SHIFT too/,
    ],
    [
      'load-test that never tests',
      own('load-test', BOTH_TESTS.slice(1), LOAD),
      {},
      'lifecycleStages: error',
      /tests nothing at TEST_TRAFFIC_SHIFT: write POST_TEST_TRAFFIC_SHIFT too/,
    ],
    [
      'load-test with a tail of too few requests',
      own('load-test', BOTH_TESTS, { ...LOAD, rate: 1, durationSeconds: 100, thresholds: { p99Ms: 300 } }),
      {},
      'hookDetails: error',
      /p99Ms needs 1000 requests/,
    ],
    [
      'the same, where the function may know a longer duration',
      own('load-test', BOTH_TESTS, { ...LOAD, rate: 1, thresholds: { p99Ms: 300 } }),
      {},
      'hookDetails: warning',
      /p99Ms needs 1000 requests.*unless HOOK_DEFAULTS/,
    ],
    [
      'load-test without a queue',
      own('load-test', BOTH_TESTS, { ...LOAD, queueUrl: undefined, runner: 'generator' }),
      {},
      'hookDetails: warning',
      /queueUrl is missing.*unless HOOK_DEFAULTS/,
    ],
    [
      'load-test by a task that is not there',
      own('load-test', BOTH_TESTS, { runner: 'task' }),
      {},
      'hookDetails: warning',
      /task is missing/,
    ],
    [
      'admission at the start alone',
      own('admission', ['PRE_SCALE_UP']),
      {},
      'lifecycleStages: note',
      /write POST_SCALE_UP too/,
    ],
    ['admission too late', own('admission', ['POST_SCALE_UP']), {}, 'lifecycleStages: note', /write PRE_SCALE_UP too/],
    [
      'admission that a service would loosen',
      own('admission', ['PRE_SCALE_UP', 'POST_SCALE_UP'], { mode: 'audit' }),
      {},
      'hookDetails: error',
      /hookDetails.mode must be "enforce"/,
    ],
    [
      'consumer-switch without the way back',
      own('consumer-switch', SWITCHES.slice(1)),
      {},
      'lifecycleStages: error',
      /keep the queue: write PRODUCTION_TRAFFIC_SHIFT too/,
    ],
    [
      'consumer-switch that never monitors',
      own('consumer-switch', SWITCHES.slice(0, 1), { monitor: { minutes: 5 }, ...QUEUES }),
      {},
      'lifecycleStages: warning',
      /monitor watches at POST_PRODUCTION_TRAFFIC_SHIFT only/,
    ],
    [
      'consumer-switch that monitors nothing',
      own('consumer-switch', SWITCHES, { monitor: { minutes: 5 } }),
      {},
      'hookDetails: warning',
      /monitor needs queueUrls/,
    ],
    [
      'consumer-switch that would leave none',
      own('consumer-switch', SWITCHES, { onError: 'succeed' }),
      {},
      'hookDetails: error',
      /onError must not be succeed/,
    ],
    [
      'canary before any traffic',
      own('canary', ['PRE_PRODUCTION_TRAFFIC_SHIFT'], { ...ALB, holdMinutes: 10 }),
      {},
      'lifecycleStages: error',
      /green has no traffic: write POST_PRODUCTION_TRAFFIC_SHIFT/,
    ],
    [
      'canary at the end without a hold',
      own('canary', SWITCHES, ALB),
      { strategy: 'CANARY' },
      'hookDetails: warning',
      /FAILED without holdMinutes.*nothing has baked yet.*unless HOOK_DEFAULTS/,
    ],
    [
      'canary with a metric that cannot decide',
      own('canary', SWITCHES.slice(0, 1), { metrics: [UNDECIDED] }),
      { strategy: 'CANARY' },
      'hookDetails: error',
      /metric cpu is compared with nothing and has no wall, so it cannot decide/,
    ],
    [
      'canary that passes what it cannot see',
      own('canary', SWITCHES.slice(0, 1), { ...ALB, onNoData: 'pass' }),
      { strategy: 'CANARY' },
      'hookDetails: warning',
      /fails open: onNoData "pass".*write "fail"/,
    ],
    [
      'approval that passes without one',
      own('approval', BOTH_TESTS.slice(0, 1), { onTimeout: 'succeed' }),
      {},
      'hookDetails: warning',
      /fails open: onTimeout "succeed"/,
    ],
    [
      'approval in audit',
      own('approval', BOTH_TESTS.slice(0, 1), { mode: 'audit' }),
      {},
      'hookDetails: note',
      /never stops a deployment/,
    ],
    [
      'a time-out of one minute',
      own('approval', BOTH_TESTS.slice(0, 1), { timeoutMinutes: 1 }, timeout(1)),
      {},
      'timeoutConfiguration.timeoutInMinutes: error',
      /only after timeoutMinutes 1: write a longer time-out$/,
    ],
    [
      'a time-out of a day in both',
      own('approval', BOTH_TESTS.slice(0, 1), { timeoutMinutes: 1440 }, timeout(1440)),
      {},
      'timeoutConfiguration.timeoutInMinutes: error',
      /write a timeoutMinutes below 1440$/,
    ],
  ])('%s', async (_, block, more, where, what) => {
    const [found, ...others] = await findingsOf(service([block], more));

    expect(found).toMatch(what);
    expect(found?.startsWith(`${H}[0].${where}: `), found).toBe(true);
    expect(others).toEqual([]);
  });
});

describe('an entry that is none', () => {
  it.each<[unknown]>([[5], ['approval'], [null], [[]]])('%j', async (entry) => {
    expect(await findingsOf(service([entry]))).toEqual([
      expect.stringMatching(/lifecycleHooks\[0\]: error: .* is no lifecycle hook: write an object$/),
    ]);
  });

  it('nor is a configuration', async () => {
    expect(await findingsOf({ serviceName: 'ui', deploymentConfiguration: 5 })).toEqual([
      'deploymentConfiguration: error: 5 is no object',
    ]);
  });
});

it('an update without a strategy leaves that which the service has', async () => {
  const { serviceName: _, ...update } = service([hook()], { strategy: undefined });

  expect(await findingsOf({ cluster: 'c', service: 'ui', ...update })).toEqual([]);
});

import { describe, expect, it } from 'vitest';
import type { MetricIdentity } from '../../simulator/aws/cloudwatch/metric-store.ts';
import { parseStatistic } from '../../simulator/aws/cloudwatch/statistics.ts';
import { Readings } from '../../simulator/engine/readings.ts';
import type { DeploymentRecord } from '../../simulator/record.ts';
import { serviceDefinition } from '../../simulator/scenario/definitions.ts';
import { parseScenario } from '../../simulator/scenario/load.ts';
import { ScenarioError } from '../../simulator/scenario/problem.ts';
import { createWorld, type World } from '../../simulator/scenario/world.ts';
import { deployment, MINUTE, playOf, revision, START, scenarioOf, service } from './scenario-kit.ts';

type Json = Readonly<Record<string, unknown>>;

const CANARY = {
  strategy: 'CANARY',
  canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 60 },
  bakeTimeInMinutes: 5,
};
const TRAFFIC = {
  ui: {
    requestsPerMinute: 600,
    revisions: { 'release-1': { errorRate: 0.01, latencyMs: 50 }, 'release-2': { errorRate: 0.04, latencyMs: 200 } },
  },
};

/** A canary of an hour of the service `ui`, with these metrics, deployment and service. */
function canary(metrics: Json = { traffic: TRAFFIC }, more: Json = {}, ofService: Json = {}) {
  return { metrics, services: { ui: service([], ofService, CANARY) }, deployments: [deployment({ ...more })] };
}

const mean = (values: readonly (number | null)[] = []) => {
  const known = values.filter((value) => value !== null);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
};

/** The values of a metric, of one revision, in the minutes from and to which the deployment's clock says. */
function measured(
  record: DeploymentRecord | undefined,
  title: string,
  side: 'source' | 'target',
  [from, to]: [number, number],
) {
  const found = record?.metrics?.find((metric) => metric.title === title);
  return found?.values[record?.[side]?.id ?? '']?.slice(from, to) ?? [];
}

describe('what a deployment is like', () => {
  it('follows the weights, and the name of the revision', async () => {
    const { deployments } = await playOf(canary());
    const [record] = deployments;
    const whole: [number, number] = [3, 60];

    expect(Math.abs(mean(measured(record, 'requests', 'source', whole)) - 540)).toBeLessThan(15);
    expect(Math.abs(mean(measured(record, 'requests', 'target', whole)) - 60)).toBeLessThan(4);
    expect(Math.abs(mean(measured(record, '5xx', 'source', whole)) - 1)).toBeLessThan(0.2);
    expect(Math.abs(mean(measured(record, '5xx', 'target', whole)) - 4)).toBeLessThan(1.2);
    // The mean of a lognormal of spread 0.5 is 13 % above its median.
    expect(Math.abs(mean(measured(record, 'latency', 'target', whole)) / 226 - 1)).toBeLessThan(0.05);
  });

  it('has green before the shift, and blue after it, without requests: nothing to measure', async () => {
    const { deployments } = await playOf(canary());
    const [record] = deployments;

    expect(measured(record, 'requests', 'target', [0, 1])).toEqual([0]);
    expect(measured(record, '5xx', 'target', [0, 1])).toEqual([null]);
    expect(measured(record, 'latency', 'source', [62, 64])).toEqual([null, null]);
    expect(mean(measured(record, 'requests', 'target', [62, 64]))).toBeGreaterThan(500);
  });

  it('is the same again, and otherwise with another seed', async () => {
    const play = async (more: Json) => (await playOf({ ...canary(), ...more })).deployments[0]?.metrics;
    const once = await play({});

    expect(await play({})).toEqual(once);
    expect(Object.values((await play({ seed: 2 }))?.[0]?.values ?? {})).not.toEqual(
      Object.values(once?.[0]?.values ?? {}),
    );
  });

  it('changes when an event says so, and the noise of the rest stays', async () => {
    const stage = { stage: 'BAKE_TIME', after: '10m' };
    const bad = { ...stage, metrics: { revisions: { 'release-2': { errorRate: 0.5 } } } };
    const [before, after] = await Promise.all(
      [[], [bad]].map(async (events) => (await playOf(canary(undefined, { events }))).deployments[0]),
    );

    expect(measured(after, '5xx', 'target', [2, 11])).toEqual(measured(before, '5xx', 'target', [2, 11]));
    expect(Math.abs(mean(measured(after, '5xx', 'target', [12, 60])) - 50)).toBeLessThan(5);
    expect(measured(after, '5xx', 'source', [0, 60])).toEqual(measured(before, '5xx', 'source', [0, 60]));
    expect(measured(after, 'latency', 'target', [0, 60])).toEqual(measured(before, 'latency', 'target', [0, 60]));
    expect(after?.notes).toContainEqual(expect.objectContaining({ kind: 'action', text: 'release-2: errorRate 0.5' }));
  });

  it('swings with the day: at six in the evening most, at six in the morning least', async () => {
    // Of which blue has nine tenths after the first minute.
    const traffic = { ui: { requestsPerMinute: 1000, dailySwing: 0.5 } };
    const at = async (start: string) => {
      const { deployments } = await playOf({ ...canary({ traffic }), start });
      return mean(measured(deployments[0], 'requests', 'source', [0, 30]));
    };

    expect(Math.abs((await at('2026-03-02T17:45:00Z')) - 1350)).toBeLessThan(40);
    expect(Math.abs((await at('2026-03-02T05:45:00Z')) - 450)).toBeLessThan(30);
  });

  it('is told in at most 240 steps, however long it takes', async () => {
    const long = { ...CANARY, canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 1440 } };
    const { deployments } = await playOf({ ...canary(), services: { ui: service([], {}, long) } });
    const [requests] = deployments[0]?.metrics ?? [];

    expect(requests?.stepMs).toBe(7 * MINUTE);
    expect(Object.values(requests?.values ?? {}).map((values) => values.length)).toEqual([207, 207]);
  });

  it('is not there without the section', async () => {
    const { deployments } = await playOf({});

    expect(deployments[0]).not.toHaveProperty('metrics');
  });
});

/** A world in which `ui` has been running, and nothing is deployed. */
async function worldOf(more: Json): Promise<World> {
  const scenario = scenarioOf(more);
  const world = await createWorld(scenario, {
    readings: new Readings(),
    dist: 'dist',
    onEvent: () => undefined,
    answersFor: () => undefined,
  });
  const { ui } = scenario.services;
  if (ui?.running === undefined) throw new Error('ui does not run');
  const { revisionId } = world.engine.addRunningService(
    serviceDefinition(scenario, 'ui', ui.running),
    world.metrics?.since,
  );
  world.metrics?.addRunning('ui', revisionId, world.engine.serviceRevisions());
  return world;
}

function read({ aws }: World, identity: MetricIdentity, stat: string, [start, end]: [number, number]) {
  const buckets = aws.metrics.buckets(identity, { start, end, periodMs: end - start });
  return buckets[0] && parseStatistic(stat)?.(buckets[0]);
}

describe('CloudWatch', () => {
  const HOUR = 60 * MINUTE;
  const before: [number, number] = [START - HOUR, START];

  it('has the target group of the running revision, for the time before the scenario', async () => {
    const world = await worldOf(canary());
    try {
      const groups = world.aws.metrics.list().filter(({ metricName }) => metricName === 'RequestCount');
      expect(groups.map(({ namespace, dimensions }) => [namespace, dimensions])).toEqual([
        [
          'AWS/ApplicationELB',
          {
            LoadBalancer: expect.stringMatching(/^app\/ui\/[0-9a-f]{16}$/),
            TargetGroup: expect.stringMatching(/^targetgroup\/ui-green\/[0-9a-f]{16}$/),
          },
        ],
      ]);
      const of = (metricName: string, stat: string, span = before) =>
        read(
          world,
          { namespace: 'AWS/ApplicationELB', metricName, dimensions: groups[0]?.dimensions ?? {} },
          stat,
          span,
        );
      expect(Math.abs((of('RequestCount', 'Sum') ?? 0) / 36_000 - 1)).toBeLessThan(0.05);
      expect(of('HealthyHostCount', 'Minimum')).toBe(2);
      expect(of('UnHealthyHostCount', 'Maximum')).toBe(0);
      expect(of('RequestCount', 'Sum', [START - 3 * HOUR, START - 2 * HOUR])).toBeUndefined();
      expect(world.engine.serviceRevisions()[0]?.createdAt).toEqual(new Date(START - 2 * HOUR));
    } finally {
      await world.close();
    }
  });

  it.each<[string | undefined, number]>([
    [undefined, 3],
    ['0', 1],
    ['4m', 5],
  ])('publishes with a delay of %s: the minute that began %i minutes ago is the newest', async (delay, minutes) => {
    const publicationDelay = delay === '0' ? 0 : delay;
    const world = await worldOf(
      canary({ traffic: TRAFFIC, ...(publicationDelay !== undefined && { publicationDelay }) }),
    );
    try {
      const [identity] = world.aws.metrics.list();
      if (identity === undefined) throw new Error('nothing is published');
      const newest = [1, 2, 3, 4, 5, 6].find(
        (ago) => read(world, identity, 'SampleCount', [START - ago * MINUTE, START - (ago - 1) * MINUTE]) !== undefined,
      );
      expect(newest).toBe(minutes);
    } finally {
      await world.close();
    }
  });

  it.each<[string, Json, Json, string]>([
    ['of a service behind Service Connect', {}, { loadBalancing: { kind: 'service-connect' } }, 'ui'],
    ['of a discovery name', { discoveryName: 'front' }, {}, 'front'],
  ])('has the metrics %s, in its own units', async (_what, traffic, ofService, name) => {
    const world = await worldOf(canary({ traffic: { ui: { ...TRAFFIC.ui, ...traffic } } }, {}, ofService));
    try {
      const of = (metricName: string, stat: string, dimension = 'TargetDiscoveryName') =>
        read(world, { namespace: 'AWS/ECS', metricName, dimensions: { [dimension]: name } }, stat, before) ?? 0;
      expect(of('RequestCount', 'Sum', 'DiscoveryName')).toBe(of('RequestCountPerTarget', 'Sum'));
      expect(of('HTTPCode_Target_2XX_Count', 'Sum') + of('HTTPCode_Target_5XX_Count', 'Sum')).toBe(
        of('RequestCountPerTarget', 'Sum'),
      );
      expect(Math.abs(of('TargetResponseTime', 'Average') - 56.6)).toBeLessThan(1.5);
    } finally {
      await world.close();
    }
  });

  it('has queues, which change', async () => {
    const jobs = { sentPerMinute: 100, visible: 20, oldestSeconds: 30 };
    const world = await worldOf(canary({ queues: { jobs } }));
    try {
      const of = (metricName: string, span = before) =>
        read(world, { namespace: 'AWS/SQS', metricName, dimensions: { QueueName: 'jobs' } }, 'Average', span) ?? 0;
      world.metrics?.change('ui', { queues: { jobs: { oldestSeconds: 600 } } }, START - 30 * MINUTE);
      expect(Math.abs(of('NumberOfMessagesSent') - 100)).toBeLessThan(6);
      expect(Math.abs(of('ApproximateNumberOfMessagesVisible') - 20)).toBeLessThan(3);
      expect(Math.abs(of('ApproximateAgeOfOldestMessage', [START - HOUR, START - HOUR / 2]) - 30)).toBeLessThan(5);
      expect(of('ApproximateAgeOfOldestMessage', [START - 20 * MINUTE, START])).toBeGreaterThan(400);
    } finally {
      await world.close();
    }
  });

  it('is fed only when it is asked', async () => {
    const world = await worldOf(canary({ traffic: TRAFFIC, history: '30d' }));
    try {
      let minutes = 0;
      const { put } = world.aws.metrics;
      world.aws.metrics.put = (data) => {
        minutes += 1;
        put.call(world.aws.metrics, data);
      };
      expect(minutes).toBe(0);
      world.metrics?.feed(world.aws.metrics, START - 30 * 24 * HOUR + 10 * MINUTE);
      expect(minutes).toBe(10);
    } finally {
      await world.close();
    }
  });
});

describe('a mistake in the section', () => {
  it.each<[string, object, string]>([
    [
      'a service that is none',
      { metrics: { traffic: { shop: { requestsPerMinute: 1 } } } },
      'metrics.traffic.shop: shop is not one of services (ui)',
    ],
    [
      'a revision that is none',
      { metrics: { traffic: { ui: { requestsPerMinute: 1, revisions: { 'release-9': {} } } } } },
      'metrics.traffic.ui.revisions.release-9: release-9 is not one of the revisions of ui (release-1, release-2)',
    ],
    [
      'requests that nothing counts',
      {
        metrics: { traffic: { ui: { requestsPerMinute: 1 } } },
        services: { ui: service([], { loadBalancing: { kind: 'headless' } }) },
      },
      'metrics.traffic.ui: services.ui is headless, whose requests nothing counts: give it a discoveryName',
    ],
    [
      'a change of traffic that is not there',
      { metrics: {}, deployments: [deployment({ events: [{ after: 0, metrics: { requestsPerMinute: 5 } }] })] },
      'deployments[0].events[0].metrics: metrics.traffic has no ui',
    ],
    [
      'a change of a queue that is not there',
      {
        metrics: { queues: { jobs: {} } },
        deployments: [deployment({ events: [{ after: 0, metrics: { queues: { mail: {} } } }] })],
      },
      'deployments[0].events[0].metrics.queues.mail: mail is not one of metrics.queues (jobs)',
    ],
    [
      'a change of nothing',
      { metrics: {}, deployments: [deployment({ events: [{ after: 0, metrics: {} }] })] },
      'deployments[0].events[0].metrics: changes nothing',
    ],
    [
      'a rate above 1',
      { metrics: { traffic: { ui: { requestsPerMinute: 1, revisions: { 'release-1': { errorRate: 2 } } } } } },
      'metrics.traffic.ui.revisions.release-1.errorRate must be at most 1, not 2',
    ],
    ['a key that is none', { metrics: { trafic: {} } }, 'metrics.trafic is not a known key'],
  ])('%s is told with its path', (_what, more, message) => {
    const content = {
      name: 'test',
      functions: { judge: { answers: ['SUCCEEDED'] } },
      services: { ui: service([], { running: revision('release-1') }) },
      deployments: [deployment()],
      ...more,
    };
    const load = () => parseScenario(JSON.stringify(content), 'test.yaml');

    expect(load).toThrow(ScenarioError);
    expect(load).toThrow(message);
  });
});

import type { DeploymentConfiguration, ServiceRevision } from '@aws-sdk/client-ecs';
import { targetGroupMetrics } from '../../../../simulator/aws/cloudwatch/load-balancer-metrics.ts';
import type { MetricDatum } from '../../../../simulator/aws/cloudwatch/metric-store.ts';
import { minutesOfTraffic } from '../../../../simulator/aws/cloudwatch/traffic.ts';
import { telling } from '../told.ts';
import {
  ACCOUNT,
  account,
  BLUE_ARN,
  GREEN_ARN,
  MAX_ERRORS,
  MINUTE,
  REGION,
  type Scene,
  START,
  StaticEcs,
  type Visit,
  type World,
} from '../world.ts';

const TIMEOUT = 60;
const CANARY: DeploymentConfiguration = {
  strategy: 'CANARY',
  canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 15 },
};
const BLUE_GREEN: DeploymentConfiguration = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 };

type Side = 'green' | 'blue';

function dimensions(side: Side) {
  return { LoadBalancer: 'app/web/lb1', TargetGroup: `targetgroup/web-${side}/${side}1` };
}

function revision(side: Side, arn: string, createdAt: number): ServiceRevision {
  const elb = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}`;
  const { LoadBalancer, TargetGroup } = dimensions(side);
  const loadBalancers = [
    { targetGroupArn: `${elb}:${TargetGroup}`, productionListenerRule: `${elb}:listener-rule/${LoadBalancer}/l1/r1` },
  ];
  return { serviceRevisionArn: arn, createdAt: new Date(createdAt), resolvedConfiguration: { loadBalancers } };
}

interface Traffic {
  /** Green's share of the traffic, percent. */
  weight: number;
  /** The probability that a request to green fails; 0.005 on blue. */
  errors: number;
  /** When green gets its share, minutes from the beginning. */
  from: number;
}

const data = new Map<string, readonly MetricDatum[]>();

/** What both target groups publish, from an hour before the beginning to an hour after. */
function published({ weight, errors, from }: Traffic): readonly MetricDatum[] {
  const key = JSON.stringify({ weight, errors, from });
  const known = data.get(key);
  if (known !== undefined) return known;
  const at = START + from * MINUTE;
  const share = (time: number) => (time < at ? 0 : weight);
  const plan = {
    seed: 7,
    requestsPerMinute: 600,
    sides: {
      green: { weight: share, errorRate: errors, latency: { medianSeconds: 0.1 } },
      blue: { weight: (time: number) => 100 - share(time), errorRate: 0.005, latency: { medianSeconds: 0.1 } },
    },
  };
  const all: MetricDatum[] = [];
  for (const minute of minutesOfTraffic(plan, START - 60 * MINUTE, START + 60 * MINUTE)) {
    for (const side of ['green', 'blue'] as const) {
      all.push(...targetGroupMetrics(dimensions(side), minute[side]));
      const hosts = { namespace: 'AWS/ApplicationELB', metricName: 'UnHealthyHostCount', unit: 'Count', value: 0 };
      all.push({ ...hosts, dimensions: dimensions(side), timestamp: minute[side].at });
    }
  }
  data.set(key, all);
  return all;
}

function scene(
  visits: Scene['visits'],
  deploymentConfiguration: DeploymentConfiguration,
  traffic: Traffic,
  more: object = {},
): Scene {
  const ecs = new StaticEcs();
  ecs.deployment = { ...ecs.deployment, deploymentConfiguration };
  ecs.revisions = [revision('green', GREEN_ARN, START - 5 * MINUTE), revision('blue', BLUE_ARN, START - 2880 * MINUTE)];
  const aws = account(ecs);
  aws.metrics.put(published(traffic));
  const hookDetails = {
    metrics: [{ preset: 'alb' }],
    timeoutMinutes: TIMEOUT,
    maxErrors: MAX_ERRORS,
    pollSeconds: 30,
    ...more,
  };
  return { aws, ecs, hookDetails, visits };
}

function world(name: string, expected: World['expected'], begin: () => Scene): World {
  return { hook: 'canary', name, expected, timeoutMinutes: TIMEOUT, begin };
}

const GOOD = 0.005;
const BAD = 0.05;
const SHIFTS: [Visit, Visit] = [
  { stage: 'PRODUCTION_TRAFFIC_SHIFT', weight: 10 },
  { stage: 'PRODUCTION_TRAFFIC_SHIFT', weight: 100, after: 15 },
];
const PRE: Visit = { stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT', weight: 10, after: 15 };
const POST: Visit = { stage: 'POST_PRODUCTION_TRAFFIC_SHIFT' };
const BACK: Visit = { stage: 'PRODUCTION_TRAFFIC_SHIFT', weight: 0, rollback: true };
const HOLD = { holdMinutes: 8, everyMinutes: 4 };

const both = (name: string, begin: (errors: number) => Scene) => [
  world(`${name}, green as good as blue`, 'SUCCEEDED', () => begin(GOOD)),
  world(`${name}, green fails ten times as often`, 'FAILED', () => begin(BAD)),
];

export const CANARY_WORLDS: readonly World[] = [
  ...both('PRODUCTION_TRAFFIC_SHIFT, two steps', (errors) => scene(SHIFTS, CANARY, { weight: 10, errors, from: 0 })),
  ...both('PRE_PRODUCTION_TRAFFIC_SHIFT of the second step', (errors) =>
    scene([SHIFTS[0], PRE], CANARY, { weight: 10, errors, from: 0 }),
  ),
  ...both('POST_PRODUCTION_TRAFFIC_SHIFT, held open', (errors) =>
    scene([POST], BLUE_GREEN, { weight: 100, errors, from: 0 }, HOLD),
  ),
  world('rollback after the first step', 'rollback', () =>
    scene([SHIFTS[0], { ...BACK, after: 5 }], CANARY, { weight: 10, errors: GOOD, from: 0 }),
  ),
];

const HELD_OPEN = world('POST_PRODUCTION_TRAFFIC_SHIFT, held open, green fails ten times as often', 'FAILED', () =>
  scene([POST], BLUE_GREEN, { weight: 100, errors: BAD, from: 0 }, HOLD),
);

/** Whoever lets pass what could not be measured has said so. */
export const CANARY_TOLD_WORLDS: readonly World[] = (['onError', 'onTimeout', 'audit'] as const).map((told) =>
  telling(told, HELD_OPEN),
);

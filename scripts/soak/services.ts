import type { ServiceDefinition } from '../../simulator/engine/definition.ts';
import type { ServiceName } from './deal.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
export const CLUSTER = 'unicorn-watch';
export const ECR = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
export const GENERATOR = 'traffic-generator';

export const functionArn = (name: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
export const queueUrl = (name: string): string => `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`;

/** Of the admission hook: the platform team's. */
export const POLICY = {
  version: 1,
  rules: [{ name: 'own', match: [`${ECR}/unicorn-watch/**`], vulnerabilities: { max: { CRITICAL: 0 } } }],
};

type Hooks = NonNullable<NonNullable<ServiceDefinition['deploymentConfiguration']>['lifecycleHooks']>;
type Stages = NonNullable<Hooks[number]['lifecycleStages']>;

function hook(name: string, lifecycleStages: Stages, hookDetails?: Record<string, unknown>): Hooks[number] {
  return {
    targetType: 'AWS_LAMBDA',
    hookTargetArn: functionArn(name),
    roleArn: `arn:aws:iam::${ACCOUNT}:role/ecs-hooks-invoke`,
    lifecycleStages,
    // A JSON document, which the SDK types more narrowly than JSON is.
    ...(hookDetails !== undefined && { hookDetails: hookDetails as never }),
  };
}

const QUICK = { pollSeconds: 30, maxErrors: 10 };
const LOAD = {
  ...QUICK,
  timeoutMinutes: 15,
  queueUrl: queueUrl('load'),
  targets: [{ url: 'http://checkout:8080/' }],
  rate: 100,
  durationSeconds: 60,
  startWithinSeconds: 60,
  thresholds: { p95Ms: 150 },
  generator: { cluster: CLUSTER, service: GENERATOR, tasks: 2 },
};
const SWITCH = {
  ...QUICK,
  timeoutMinutes: 15,
  queueUrls: [queueUrl('orders')],
  leaseSeconds: 5,
  drain: { maxSeconds: 20, readings: 2 },
  monitor: { minutes: 1 },
};

/** What CreateService is given of each service, but for the revision; between them they have all five hooks. */
export function definitions(topicArn: string): Record<ServiceName, Omit<ServiceDefinition, 'revision'>> {
  const approval = { ...QUICK, timeoutMinutes: 60, notifyTopicArn: topicArn };
  const of = (name: ServiceName, kind: ServiceDefinition['loadBalancing']['kind']) => ({
    cluster: CLUSTER,
    name,
    loadBalancing: { kind, testListener: kind === 'alb' },
  });
  const blueGreen = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1 } as const;
  return {
    ui: {
      ...of('ui', 'alb'),
      deploymentConfiguration: {
        ...blueGreen,
        lifecycleHooks: [
          hook('admission', ['PRE_SCALE_UP', 'POST_SCALE_UP']),
          hook('approval', ['POST_TEST_TRAFFIC_SHIFT'], approval),
        ],
      },
    },
    catalog: {
      ...of('catalog', 'alb'),
      deploymentConfiguration: {
        strategy: 'CANARY',
        canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 15 },
        bakeTimeInMinutes: 1,
        lifecycleHooks: [hook('canary', ['PRODUCTION_TRAFFIC_SHIFT'], { ...QUICK, metrics: [{ preset: 'alb' }] })],
      },
    },
    notifications: {
      ...of('notifications', 'headless'),
      deploymentConfiguration: {
        ...blueGreen,
        lifecycleHooks: [
          hook('consumer-switch', ['PRODUCTION_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT'], SWITCH),
        ],
      },
    },
    checkout: {
      ...of('checkout', 'service-connect'),
      deploymentConfiguration: {
        ...blueGreen,
        lifecycleHooks: [hook('load-test', ['POST_TEST_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT'], LOAD)],
      },
    },
  };
}

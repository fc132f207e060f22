import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import { CONSUMER, leaseProblems, namings, twoNames } from '../names.ts';
import {
  account,
  BLUE,
  BLUE_ARN,
  FUNCTION,
  GREEN,
  GREEN_ARN,
  LATER_ARN,
  MAX_ERRORS,
  type Notice,
  RED_ARN,
  type Scene,
  START,
  StaticEcs,
  type Visit,
  type World,
} from '../world.ts';

const TIMEOUT = 4;
const LEASE_SECONDS = 10;
const CONFIG = { timeoutMinutes: TIMEOUT, maxErrors: MAX_ERRORS, pollSeconds: 30 };
const POLICY = '/platform/consumer-policy';

interface Options {
  /** What the parameter holds when it begins; undefined: there is none. */
  named?: string | undefined;
  leaseSeconds?: number;
  /** The function is no lifecycle hook of the service. */
  foreign?: boolean;
  /** The platform team keeps the policy in Parameter Store, and not in the function's environment. */
  stored?: boolean;
}

function scene(
  visits: Scene['visits'],
  { named, leaseSeconds = LEASE_SECONDS, foreign = false, stored = false }: Options,
): Scene {
  const hookDetails = { ...CONFIG, leaseSeconds };
  const ecs = new StaticEcs();
  const aws = account(ecs);
  const lifecycleStages: Visit['stage'][] = ['PRODUCTION_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT'];
  ecs.service.deploymentConfiguration = {
    strategy: 'BLUE_GREEN',
    // What ECS answers, of which the SDK's type is a JSON document.
    lifecycleHooks: foreign ? [] : [{ hookTargetArn: FUNCTION, lifecycleStages, hookDetails }],
  };
  if (named !== undefined) {
    aws.parameters.put({ name: CONSUMER, value: named, type: 'String', overwrite: true }, 'platform');
  }
  aws.parameters.put(
    { name: POLICY, value: '{"onDrainTimeout":"proceed"}', type: 'String', overwrite: true },
    'platform',
  );
  return { aws, ecs, hookDetails, visits, ...(stored && { env: { HOOK_POLICY: `ssm:${POLICY}` } }) };
}

/** Changes what ECS tells of the deployment, and of how many tasks each revision is to have. */
const ecsSays =
  (deployment: Partial<ServiceDeployment>, tasks: { blue: number; green: number }): NonNullable<Notice['happened']> =>
  (ecs) => {
    ecs.deployment = { ...ecs.deployment, ...deployment };
    ecs.service.currentServiceRevisions = [
      { arn: BLUE_ARN, requestedTaskCount: tasks.blue },
      { arn: GREEN_ARN, requestedTaskCount: tasks.green },
    ];
  };

export const rollingBack = ecsSays({ status: 'ROLLBACK_IN_PROGRESS' }, { blue: 2, green: 2 });
export const rolledBack = ecsSays(
  { status: 'ROLLBACK_SUCCESSFUL', rollback: { serviceRevisionArn: BLUE_ARN } },
  { blue: 2, green: 0 },
);
const completed = ecsSays({ status: 'SUCCESSFUL' }, { blue: 0, green: 2 });
const stopped = (green: number) => ecsSays({ status: 'STOPPED' }, { blue: 2, green });

/** The next deployment begins. */
export function nextBegins(ecs: StaticEcs): void {
  ecs.earlier = [ecs.deployment];
  const createdAt = new Date(START + 60_000);
  ecs.deployment = {
    ...ecs.deployment,
    serviceDeploymentArn: LATER_ARN,
    status: 'IN_PROGRESS',
    createdAt,
    startedAt: createdAt,
    sourceServiceRevisions: [{ arn: BLUE_ARN }],
    targetServiceRevision: { arn: RED_ARN },
  };
  delete ecs.deployment.rollback;
}

/** The way forward takes the name from blue, and is stopped there. */
export const BEGUN: Visit = { stage: 'PRODUCTION_TRAFFIC_SHIFT', weight: 100, looks: 1 };
/** An event comes a minute after what went before. */
export const comes = (notice: Notice['notice'], happened: NonNullable<Notice['happened']>): Notice => ({
  notice,
  happened,
  after: 1,
});
export const FAILED = comes('SERVICE_DEPLOYMENT_FAILED', rolledBack);
const SCHEDULE: Notice = { notice: 'schedule', after: 15, healed: true };

/** @param ends who is named in the end, or `none` */
export function netWorld(name: string, ends: string, visits: Scene['visits'], options: Options = {}): World {
  const { leaseSeconds = LEASE_SECONDS } = options;
  return {
    hook: 'consumer-switch',
    name: `EventBridge, ${name}`,
    expected: 'SUCCEEDED',
    timeoutMinutes: TIMEOUT,
    net: { ends, leaseMs: leaseSeconds * 1000 },
    begin: () => {
      const made = scene(visits, options);
      const versions = () => namings(made.aws);
      const audit = () => {
        const held = versions().at(-1)?.value;
        const isWrong = held !== ends ? [`${held} is named instead of ${ends}`] : [];
        return [...twoNames(versions()), ...leaseProblems(versions(), leaseSeconds * 1000), ...isWrong];
      };
      return { ...made, audit };
    },
  };
}

/** In the end the schedule comes too, when AWS is well again. */
function world(name: string, ends: string, visits: Scene['visits'], options?: Options): World {
  return netWorld(name, ends, [...visits, SCHEDULE], options);
}

export const CONSUMER_SWITCH_NET_WORLDS: readonly World[] = [
  world(
    'rolled back without the hook, while nobody is named',
    BLUE,
    [BEGUN, comes('HOOK_FAILED', rollingBack), FAILED],
    { named: BLUE },
  ),
  world('rolled back without the hook, after the switch', BLUE, [FAILED], { named: GREEN }),
  world('the lease outlasts the function', BLUE, [FAILED], { named: GREEN, leaseSeconds: 40 }),
  world('stopped while nobody is named', BLUE, [BEGUN, comes('HOOK_TIMED_OUT', stopped(0))], {
    named: BLUE,
    stored: true,
  }),
  world('stopped before the shift', BLUE, [comes('SERVICE_DEPLOYMENT_FAILED', stopped(0))], {
    named: BLUE,
  }),
  world('completed, and nobody is named', GREEN, [comes('SERVICE_DEPLOYMENT_COMPLETED', completed)], { named: 'none' }),
  world('completed, and there is no parameter', GREEN, [comes('SERVICE_DEPLOYMENT_COMPLETED', completed)]),
  {
    ...world('stopped, and two revisions have tasks', 'none', [comes('HOOK_FAILED', stopped(2))], {
      named: 'none',
    }),
    expected: 'FAILED',
  },
  world(
    'the next deployment is under way',
    'none',
    [
      comes('SERVICE_DEPLOYMENT_FAILED', (ecs) => {
        rolledBack(ecs);
        nextBegins(ecs);
      }),
    ],
    { named: 'none' },
  ),
  world('of a service without the hook', 'none', [FAILED], { named: 'none', foreign: true }),
];

/** A headless service whose real workers take orders off a real queue, and the built hook that switches them. */
import { parseScenario } from '../../simulator/scenario/load.ts';
import type { Scenario } from '../../simulator/scenario/schema.ts';

type Json = Readonly<Record<string, unknown>>;

export const QUEUE = 'orders';
export const DEAD_LETTERS = 'orders-dead';
export const PARAMETER = '/ecs-hooks/consumer/unicorn/shop';
export const BLUE = 'release-1';
export const GREEN = 'release-2';
/** The shortest that the hook takes. */
export const LEASE_SECONDS = 5;

/** ECS's own work takes little: blue has a few seconds in which it consumes, and the rest is for the switch. */
const QUICK = {
  ...{ start: '1ms', stageChange: '600ms', reconcile: '1ms', firstTask: '1ms', scaleUp: '1ms', testShift: '1ms' },
  ...{ productionShift: '1ms', cleanUp: '1ms', stop: '1ms' },
};

/** No kind of rollback calls a hook. */
export const NEVER_CALLED_BACK = {
  rollbackHooksOnFailure: 'skip',
  rollbackHooksOnStop: 'skip',
  rollbackHooksOnAlarm: 'skip',
};

export interface Case {
  title: string;
  events?: readonly Json[];
  readings?: Readonly<Record<string, string>>;
  /** Green throws at every message. */
  poisoned?: boolean;
  workMs?: number;
  /** Of blue's workers; longer than the hook's is what nobody must do. */
  blueLeaseSeconds?: number;
  /** How long the hook waits for what is in flight. */
  drainSeconds?: number;
}

function revision(name: string, environment: Json, ready: Json = {}): Json {
  return {
    name,
    images: { worker: `unicorn/shop:${name}` },
    program: {
      command: ['node', 'simulator/programs/notifications.ts'],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is the scenario's
      environment: { QUEUE_URL: '${queue:orders}', ...environment },
      stopTimeout: '10s',
      ...ready,
    },
  };
}

export function scenarioOf({ title, events = [], readings = {}, poisoned = false, ...more }: Case): Scenario {
  const { workMs = 20, blueLeaseSeconds = LEASE_SECONDS, drainSeconds = 60 } = more;
  // What a worker that was killed had in hand comes back while the switch still drains.
  const environment = { VISIBILITY_SECONDS: '12', WORK_MS: `${workMs}` };
  const blue = { ...environment, LEASE_SECONDS: `${blueLeaseSeconds}` };
  const green = { ...environment, LEASE_SECONDS: `${LEASE_SECONDS}`, POISONED: `${poisoned}` };
  const hook = {
    function: 'consumer-switch',
    lifecycleStages: ['PRODUCTION_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT'],
    timeoutConfiguration: { timeoutInMinutes: 60, action: 'ROLLBACK' },
    hookDetails: {
      queueUrls: [`https://sqs.eu-west-1.amazonaws.com/123456789012/${QUEUE}`],
      leaseSeconds: LEASE_SECONDS,
      drain: { maxSeconds: drainSeconds },
      pollSeconds: 1,
      monitor: { minutes: 0.1, onNoData: 'succeed' },
    },
  };
  const content = {
    name: title,
    readings,
    durations: QUICK,
    queues: {
      [DEAD_LETTERS]: {},
      [QUEUE]: { deadLetterQueue: { name: DEAD_LETTERS, maxReceiveCount: poisoned ? 2 : 5 } },
    },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is the scenario's
    parameters: { [PARAMETER]: '${revision:shop}' },
    functions: { 'consumer-switch': { timeoutSeconds: 60, events: ['deployment', 'hook'] } },
    services: {
      shop: {
        cluster: 'unicorn',
        desiredCount: 2,
        loadBalancing: { kind: 'headless' },
        // The deployment begins when both workers of blue consume, however slow the machine is.
        running: revision(BLUE, blue, { ready: 'consuming' }),
        deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0, lifecycleHooks: [hook] },
      },
    },
    deployments: [{ title, service: 'shop', revision: revision(GREEN, green), events }],
  };
  return parseScenario(JSON.stringify(content), 'consumer-switch.yaml');
}

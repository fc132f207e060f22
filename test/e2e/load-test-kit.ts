import type { RequestEvent } from '../../simulator/network/entrance.ts';
import type { DeploymentRecord } from '../../simulator/record.ts';
import { parseScenario } from '../../simulator/scenario/load.ts';
import { play } from '../../simulator/scenario/play.ts';
import type { World } from '../../simulator/scenario/world.ts';

type Json = Readonly<Record<string, unknown>>;

const DURATIONS = {
  ...{ start: '10ms', stageChange: '10ms', reconcile: '10ms', firstTask: '10ms', scaleUp: '10ms', testShift: '10ms' },
  ...{ productionShift: '10ms', cleanUp: '10ms', stop: '10ms' },
};

/** Requests a second, and for how many seconds they are judged after one that is not. */
export const LOAD = { rate: 80, durationSeconds: 3, warmUpSeconds: 1 };
/** All requests of one run, the warm-up included. */
export const WANTED = LOAD.rate * (LOAD.durationSeconds + LOAD.warmUpSeconds);

export interface Play {
  /** Of the catalog's green revision, beside its medium latency of 5 ms. */
  green?: Json;
  /** Of the hook. */
  details?: Json;
  events?: readonly Json[];
  /** How many tasks the generators have. */
  generators?: number;
}

export interface Played {
  record: DeploymentRecord;
  /** Of the last answer on the way forward. */
  reason: string;
  requestsTo: (revision: string) => number;
  /** What the generators left in Parameter Store, by the name below the deployment. */
  parameters: ReadonlyMap<string, string>;
}

/** Plays a deployment of the catalog with real servers, real generators and the built hook, at real speed. */
export async function playLoad({ green = {}, details = {}, events = [], generators = 2 }: Play): Promise<Played> {
  const requests: RequestEvent[] = [];
  const worlds: World[] = [];
  const scenario = parseScenario(scenarioText({ green, details, events, generators }), 'load-test.yaml');
  const { deployments } = await play(scenario, {
    onRequest: (event) => requests.push(event),
    meanwhile: async (world) => {
      worlds.push(world);
    },
  });
  const [record] = deployments;
  const parameters = worlds[0]?.aws.parameters;
  if (record === undefined || parameters === undefined) throw new Error('nothing was played');
  const folder = `/ecs-hooks/load-test/unicorn/catalog/${record.deploymentId}/`;
  return {
    record,
    reason: reasonOf(record),
    requestsTo: (revision) => requests.filter((event) => event.revision === revision).length,
    parameters: new Map(
      parameters.names(folder).map((name) => [name.slice(folder.length), parameters.get(name)?.value ?? '']),
    ),
  };
}

function scenarioText({ green, details, events, generators }: Required<Play>): string {
  const catalog = (name: string, environment: Json) => ({
    name,
    images: { catalog: `unicorn/catalog:${name}` },
    program: {
      command: ['node', 'simulator/programs/catalog.ts'],
      environment: { LATENCY_MS: '5', ...environment },
      ...{ port: true, stopTimeout: '5s' },
    },
  });
  const generator = {
    command: ['node', 'dist/tasks/traffic-generator/index.cjs'],
    environment: {
      ...{ QUEUE_URL: `\${queue:shards}`, ALLOWED_TARGETS: `\${url:catalog}` },
      ...{ HEARTBEAT_SECONDS: '2', STOP_SECONDS: '0.2', METRICS_SECONDS: '1' },
    },
    stopTimeout: '10s',
  };
  const hook = {
    function: 'load-test',
    lifecycleStages: ['TEST_TRAFFIC_SHIFT', 'POST_TEST_TRAFFIC_SHIFT'],
    hookDetails: {
      queueUrl: `\${queue:shards}`,
      targets: [{ url: `\${url:catalog}/items` }],
      ...LOAD,
      // One shard needs one generator, and no other to begin with it.
      ...{ shards: 1, timeoutMs: 8000, startWithinSeconds: 3, pollSeconds: 1, maxRuns: 6 },
      thresholds: { p95Ms: 800, errorRate: 0.02 },
      ...details,
    },
  };
  const services = {
    generators: {
      cluster: 'unicorn',
      desiredCount: generators,
      loadBalancing: { kind: 'headless' },
      running: { name: 'generators-1', images: { generator: 'unicorn/generator:1' }, program: generator },
      deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 },
    },
    catalog: {
      cluster: 'unicorn',
      desiredCount: 1,
      loadBalancing: { kind: 'service-connect' },
      running: catalog('blue', {}),
      deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0, lifecycleHooks: [hook] },
    },
  };
  return JSON.stringify({
    name: 'load test',
    durations: DURATIONS,
    queues: { shards: { attributes: { VisibilityTimeout: '5' } } },
    functions: { 'load-test': { timeoutSeconds: 60 } },
    services,
    deployments: [{ title: 'green', service: 'catalog', revision: catalog('green', green), events }],
  });
}

function reasonOf({ stages }: DeploymentRecord): string {
  const runs = stages.filter(({ direction }) => direction === 'forward').flatMap(({ hooks }) => hooks);
  const outcome = runs.at(-1)?.invocations.at(-1)?.outcome;
  return outcome?.kind === 'answer' ? (outcome.reason ?? '') : `no answer: ${outcome?.kind}`;
}

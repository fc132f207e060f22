/** Deployments whose AWS calls are held against the policies: the scenarios of this project, and a few for what they leave out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import type { AwsCall } from '../../simulator/aws/dispatch.ts';
import type { LocalAws } from '../../simulator/aws/local-aws.ts';
import { parseScenario } from '../../simulator/scenario/load.ts';
import { play } from '../../simulator/scenario/play.ts';
import type { Scenario } from '../../simulator/scenario/schema.ts';
import { ROOT } from '../fixtures/sources.ts';

type Json = Readonly<Record<string, unknown>>;

const Env = z.object({ environment: z.record(z.string(), z.unknown()) });

/** A call, and whose role made it: a hook's id, `traffic-generator` or `consumer-gate`. */
export interface RoleCall extends Pick<AwsCall, 'service' | 'operation' | 'input'> {
  role: string;
}

export interface Played {
  title: string;
  /** Whether every deployment ended as it was to end. */
  met: boolean | undefined;
  statuses: readonly string[];
  calls: readonly RoleCall[];
}

/** Roles of the tasks, by the service whose tasks have them. */
const TASK_ROLES: ReadonlyMap<string, string> = new Map([
  ['load-generators', 'traffic-generator'],
  ['notifications', 'consumer-gate'],
]);

/** Plays it with the built hooks, and keeps the calls of those and of the tasks, not those of scripted people. */
export async function callsOf(scenario: Scenario): Promise<Played> {
  const seen: LocalAws[] = [];
  const { expectation, deployments } = await play(scenario, {
    meanwhile: async ({ aws }) => {
      seen.push(aws);
    },
  });
  const calls = seen.flatMap((aws) =>
    aws.calls.flatMap(({ service, operation, input, callerArn }) => {
      const role = roleOf(scenario, callerArn);
      return role === undefined ? [] : [{ service, operation, input, role }];
    }),
  );
  return { title: scenario.name, met: expectation?.met, statuses: deployments.map(({ status }) => status), calls };
}

function roleOf({ functions }: Scenario, callerArn: string): string | undefined {
  const [, role = ''] = callerArn.split('/');
  const task = /^(.+)-task-role$/.exec(role)?.[1];
  if (task !== undefined) return TASK_ROLES.get(task);
  const name = role.replace(/-role$/, '');
  const found = functions[name];
  return found === undefined || found.answers !== undefined ? undefined : (found.artifact ?? name);
}

/** A file of simulator/scenarios, with what `change` makes of it. */
export function scenarioFile(name: string, change: (content: Json) => Json = (content) => content): Scenario {
  const path = `simulator/scenarios/${name}.yaml`;
  const content: Json = parse(readFileSync(join(ROOT, path), 'utf8'), { merge: true });
  return parseScenario(JSON.stringify(change(content)), path);
}

/**
 * The first two deployments, and the second once more when what it left behind is old. approval's policy is a parameter,
 * and admission asks whether the service is new.
 */
export function again(content: Json): Json {
  const { functions = {}, deployments } = z
    .object({ functions: z.record(z.string(), Env), deployments: z.array(z.record(z.string(), z.unknown())) })
    .parse(content);
  const [first, second] = deployments;
  const policy = '/ecs-hooks-policy/approval';
  return {
    ...content,
    parameters: { [policy]: JSON.stringify(functions.approval?.environment.HOOK_POLICY) },
    functions: {
      admission: { environment: { ...functions.admission?.environment, HOOK_DEFAULTS: { firstDeployment: 'skip' } } },
      approval: { environment: { HOOK_POLICY: `ssm:${policy}` } },
    },
    deployments: [first, second, { ...second, title: `${second?.title}, again`, after: '40d' }],
  };
}

/** The first deployment alone: what follows makes no other calls. */
export function firstOnly(content: Json): Json {
  return { ...content, deployments: Array.isArray(content.deployments) ? content.deployments.slice(0, 1) : [] };
}

/** The workers of the first deployment until the switch, without the watch that follows. */
export function untilSwitched(content: Json): Json {
  return JSON.parse(JSON.stringify(firstOnly(content)), (key, value: unknown) => {
    if (key === 'lifecycleStages') return ['PRODUCTION_TRAFFIC_SHIFT'];
    return key === 'until' ? '15s' : value;
  });
}

const PLACE = { cluster: 'unicorn-watch', desiredCount: 1 };
const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/123456789012';
const revision = (name: string, service: string): Json => ({
  name,
  images: { app: `unicorn-watch/${service}:${name}` },
});

/** `service` runs release 1, and gets release 2 with this hook, as often as there are `deployments`. */
function withHook(
  service: string,
  loadBalancing: string,
  hook: Json,
  deployments: readonly Json[],
  more: Json,
): Scenario {
  const configuration = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0, lifecycleHooks: [hook] };
  const { services = {}, ...rest } = more;
  const content = {
    name: `${hook.function} of ${service}`,
    functions: {
      [String(hook.function)]: { timeoutSeconds: 60, ...(more.events !== undefined && { events: more.events }) },
    },
    ...rest,
    services: {
      [service]: {
        ...PLACE,
        loadBalancing: { kind: loadBalancing },
        running: revision('release-1', service),
        deploymentConfiguration: configuration,
      },
      ...(services as Json), // a mapping in all calls below
    },
    deployments: deployments.map((one, index) => ({
      title: `${service} ${index + 2}`,
      service,
      revision: revision(`release-${index + 2}`, service),
      ...one,
    })),
  };
  const { events: _, ...scenario } = { events: undefined, ...content };
  return parseScenario(JSON.stringify(scenario), `${content.name}.yaml`);
}

/** Generators that are scaled up, never come, and are scaled down again: the test could not run. */
export const scaled = (): Scenario =>
  withHook(
    'catalog',
    'service-connect',
    {
      function: 'load-test',
      lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'],
      hookDetails: {
        queueUrl: `${QUEUE}/load-shards`,
        targets: [{ url: 'http://catalog:8080/items' }],
        generator: { cluster: 'unicorn-watch', service: 'load-generators', tasks: 2 },
        ...{ startWithinSeconds: 60, maxRuns: 1 },
      },
    },
    [{}],
    {
      queues: { 'load-shards': {} },
      services: {
        'load-generators': {
          ...PLACE,
          desiredCount: 0,
          loadBalancing: { kind: 'headless' },
          running: revision('1.0.0', 'traffic-generator'),
          deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 },
        },
      },
    },
  );

/** A container that judges, once to its end and once until somebody stops the deployment. */
export const byTask = (): Scenario =>
  withHook(
    'search',
    'alb',
    {
      function: 'load-test',
      lifecycleStages: ['TEST_TRAFFIC_SHIFT', 'POST_TEST_TRAFFIC_SHIFT'],
      hookDetails: {
        runner: 'task',
        task: { taskDefinition: 'k6', container: 'k6', launchType: 'FARGATE', subnets: ['subnet-0a1b2c3d'] },
        pollSeconds: 1,
      },
    },
    [{}, { after: '1s', events: [{ stage: 'POST_TEST_TRAFFIC_SHIFT', after: '1s', stop: 'ROLLBACK' }] }],
    {
      taskDefinitions: {
        k6: {
          container: 'k6',
          image: 'grafana/k6:1',
          program: { command: ['node', '-e', 'console.log("ready"); setTimeout(() => {}, 3000)'], stopTimeout: '2s' },
        },
      },
    },
  );

/** Two switches forty days apart, with the events of both, and nobody that really works. */
export const switched = (): Scenario =>
  withHook(
    'mail',
    'headless',
    {
      function: 'consumer-switch',
      lifecycleStages: ['PRODUCTION_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT'],
      hookDetails: {
        queueUrls: [`${QUEUE}/mail`],
        leaseSeconds: 5,
        monitor: { minutes: 3, maxAgeSeconds: 600, onNoData: 'succeed' },
      },
    },
    [{}, { after: '40d' }],
    {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is the scenario's
      parameters: { '/ecs-hooks/consumer/unicorn-watch/mail': '${revision:mail}' },
      queues: { 'mail-dead': {}, mail: { deadLetterQueue: { name: 'mail-dead', maxReceiveCount: 3 } } },
      events: ['deployment'],
    },
  );

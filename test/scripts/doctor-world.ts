import type { DeploymentLifecycleHook } from '@aws-sdk/client-ecs';
import { onTestFinished } from 'vitest';
import { sidesOf } from '../../hooks/canary/sides.ts';
import { policyOf } from '../../scripts/deploy/policies.ts';
import type { Around } from '../../scripts/doctor/around.ts';
import { type Clients, connect } from '../../scripts/doctor/clients.ts';
import { examine } from '../../scripts/doctor/examine.ts';
import type { Section } from '../../scripts/doctor/line.ts';
import { loadHooks } from '../../scripts/hooks.ts';
import type { AnyHook } from '../../shared/hook.ts';
import { createLocalAws, type LocalAws } from '../../simulator/aws/local-aws.ts';
import { readQueueAttributes } from '../../simulator/aws/sqs/queue-attributes.ts';
import type { EcsEngine } from '../../simulator/engine/engine.ts';
import { filled } from '../deploy/policy.ts';
import { MINUTE, makeKit, START } from '../simulator/engine-kit.ts';

export const hooks = await loadHooks();

export const ACCOUNT = '123456789012';
const REGION = 'eu-west-1';
export const INVOKE_ROLE = `arn:aws:iam::${ACCOUNT}:role/ecs-hooks-invoke`;
export const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:approvals`;
export const ECR = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
export const CLUSTER = 'unicorn-watch';

/** What a test may change before doctor looks. */
export interface DoctorWorld {
  aws: LocalAws;
  engine: EcsEngine;
  url: string;
  clients: Clients;
  /** The revision that serves, by service. */
  revisions: ReadonlyMap<string, string>;
  around: Around;
  look(): Promise<Section[]>;
}

export const functionArn = (hook: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:ecs-hooks-${hook}`;
export const queueUrl = (name: string): string => `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`;

type Fields = Record<string, unknown>;

export interface WorldOptions {
  /** In place of a hook's hookDetails. */
  details?: Readonly<Record<string, Fields | string>>;
  /** More of the entry in lifecycleHooks. */
  entries?: Readonly<Record<string, Fields>>;
  /** More of the deployment configuration. */
  configuration?: Fields;
  loadBalancing?: 'nlb';
}

const DETAILS: Readonly<Record<string, Fields>> = {
  admission: {},
  approval: { quorum: 1 },
  canary: { metrics: [{ preset: 'alb' }] },
  'consumer-switch': { queueUrls: [queueUrl('sightings')], monitor: { minutes: 10 } },
  'load-test': {
    queueUrl: queueUrl('load'),
    targets: [{ url: 'http://catalog:8080/' }],
    generator: { cluster: CLUSTER, service: 'generators', tasks: 2 },
  },
};

const STAGES: Readonly<Record<string, readonly string[]>> = {
  admission: ['PRE_SCALE_UP', 'POST_SCALE_UP'],
  approval: ['POST_TEST_TRAFFIC_SHIFT'],
  canary: ['PRODUCTION_TRAFFIC_SHIFT'],
  'consumer-switch': ['PRODUCTION_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT'],
  'load-test': ['POST_TEST_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT'],
};

/** Services by name: what carries their traffic, and their hooks. */
const SERVICES = {
  ui: { kind: 'alb', strategy: 'BLUE_GREEN', hooks: ['admission', 'approval'] },
  catalog: { kind: 'alb', strategy: 'CANARY', hooks: ['load-test', 'canary'] },
  notifications: { kind: 'headless', strategy: 'BLUE_GREEN', hooks: ['consumer-switch'] },
  generators: { kind: 'headless', strategy: 'BLUE_GREEN', hooks: [] },
} as const;

export type ServiceName = keyof typeof SERVICES;

/** An account in which a service is wired as it should be, just after a deployment. */
export async function startWorld(service: ServiceName, options: WorldOptions = {}): Promise<DoctorWorld> {
  const { clock, engine } = makeKit();
  const aws = createLocalAws({ clock, ecs: engine, region: REGION, accountId: ACCOUNT });
  const { url, close } = await aws.listen();
  onTestFinished(close);
  for (const name of Object.keys(SERVICES))
    aws.registry.push({ repository: `${CLUSTER}/${name}`, tag: '1.0.0', createdFrom: name });
  const revisions = new Map<string, string>();
  for (const name of service === 'catalog' ? (['generators', service] as const) : [service])
    revisions.set(name, await deployed(engine, name, options));
  for (const hook of hooks) deploy(aws, hook);
  aws.roles.put('ecs-hooks-invoke', {
    trust: trust('ecs.amazonaws.com', {
      StringEquals: { 'aws:SourceAccount': ACCOUNT },
      ArnLike: { 'aws:SourceArn': `arn:aws:ecs:${REGION}:${ACCOUNT}:*` },
    }),
    inline: {
      'invoke-hooks': allow(
        ['lambda:InvokeFunction'],
        hooks.map(({ name }) => functionArn(name)),
      ),
    },
  });
  furnish(aws, revisions);
  if (service === 'catalog') feed(aws, engine, clock.now());
  const clients = connect({
    endpoint: url,
    region: REGION,
    credentials: { accessKeyId: 'doctor', secretAccessKey: 'x' },
    maxAttempts: 1,
  });
  const around: Around = { clients, hooks, map: new Map(), builds: builds(), now: () => new Date(clock.now()) };
  return { aws, engine, url, clients, revisions, around, look: () => examine(around, CLUSTER, service) };
}

/** Each hook's build has a digest of its own. */
export function builds(): Map<string, string> {
  return new Map(hooks.map(({ name }) => [digest(name), name]));
}

export function digest(hook: string): string {
  return Buffer.from(hook.padEnd(32, '.')).toString('base64');
}

/** A service with a deployment that went well. @returns the id of the revision that serves */
async function deployed(engine: EcsEngine, name: ServiceName, options: WorldOptions): Promise<string> {
  const { kind, strategy, hooks: attached } = SERVICES[name];
  const revision = (release: string) => ({
    name: release,
    containers: [{ name, image: `${ECR}/${CLUSTER}/${name}:1.0.0` }],
  });
  engine.addRunningService(
    {
      cluster: CLUSTER,
      name,
      loadBalancing: { kind: kind === 'alb' ? (options.loadBalancing ?? kind) : kind, testListener: true },
      deploymentConfiguration: {
        strategy,
        bakeTimeInMinutes: 5,
        deploymentCircuitBreaker: { enable: true, rollback: true },
        alarms: { alarmNames: ['errors'], enable: true, rollback: true },
        ...(strategy === 'CANARY' && { canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 10 } }),
        ...options.configuration,
        lifecycleHooks: attached.map((hook) => entry(hook, options)),
      },
      revision: revision('release-1'),
    },
    START,
  );
  const started = engine.updateService({ cluster: CLUSTER, service: name, revision: revision('release-2') });
  await engine.run();
  return started?.targetRevisionId ?? '';
}

function entry(hook: string, { details = {}, entries = {} }: WorldOptions): DeploymentLifecycleHook {
  const hookDetails = details[hook] ?? DETAILS[hook] ?? {};
  return {
    targetType: 'AWS_LAMBDA' as const,
    hookTargetArn: functionArn(hook),
    roleArn: INVOKE_ROLE,
    // The SDK's type has the stages one by one.
    lifecycleStages: [...(STAGES[hook] ?? [])] as 'PRE_SCALE_UP'[],
    // A document: any JSON.
    hookDetails: hookDetails as NonNullable<DeploymentLifecycleHook['hookDetails']>,
    ...entries[hook],
  };
}

/** The function of a hook, and its role with the policy that `npm run docs` writes. */
function deploy(aws: LocalAws, hook: AnyHook): void {
  const name = `ecs-hooks-${hook.name}`;
  const policies: Readonly<Record<string, object>> = {
    admission: { version: 1, rules: [{ name: 'own', match: [`${ECR}/**`] }] },
  };
  const policy = policies[hook.name];
  aws.roles.put(`${name}-role`, {
    trust: trust('lambda.amazonaws.com'),
    inline: {
      [hook.name]: filled(policyOf(hook), {
        Cluster: CLUSTER,
        Service: '*',
        ParameterPrefix: '/ecs-hooks',
        PolicyParameters: '/ecs-hooks-policy/*',
        FunctionName: name,
        Repositories: `${CLUSTER}/*`,
        ApprovalTopicName: 'approvals',
        WorkQueues: 'sightings*',
        LoadQueueName: 'load',
        LoadTestCluster: CLUSTER,
        GeneratorService: 'generators',
        LoadTestTaskFamily: 'k6',
        LoadTestTaskRoles: 'k6-*',
      }),
    },
  });
  aws.functions.put(name, {
    configuration: {
      Role: `arn:aws:iam::${ACCOUNT}:role/${name}-role`,
      Runtime: 'nodejs24.x',
      MemorySize: 512,
      Timeout: 300,
      CodeSha256: digest(hook.name),
      Architectures: ['arm64'],
      Environment: {
        Variables: {
          HOOK_DEFAULTS: JSON.stringify(hook.name === 'approval' ? { notifyTopicArn: TOPIC } : {}),
          ...(policy && { HOOK_POLICY: JSON.stringify(policy) }),
        },
      },
    },
  });
}

function furnish(aws: LocalAws, revisions: ReadonlyMap<string, string>): void {
  aws.alarms.put('errors', 'OK');
  const dead = aws.queues.create('sightings-dead').arn;
  const redrive = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead, maxReceiveCount: 3 }) };
  for (const name of ['sightings', 'load'])
    aws.queues.create(name, readQueueAttributes({ Attributes: redrive }, 'CreateQueue'));
  aws.topics.confirmedSubscriptions.set(aws.topics.create('approvals'), 2);
  const parameter = { type: 'String', overwrite: true } as const;
  const value = revisions.get('notifications') ?? '';
  aws.parameters.put({ name: `/ecs-hooks/consumer/${CLUSTER}/notifications`, value, ...parameter }, INVOKE_ROLE);
  const rule = aws.rules.put('consumer-switch-events', {
    state: 'ENABLED',
    eventPattern: {
      source: ['aws.ecs'],
      'detail-type': ['ECS Deployment State Change', 'ECS Hook State Change'],
      resources: [
        { wildcard: `arn:aws:ecs:${REGION}:${ACCOUNT}:service/${CLUSTER}/*` },
        { wildcard: `arn:aws:ecs:${REGION}:${ACCOUNT}:service-deployment/${CLUSTER}/*` },
      ],
    },
    targets: [{ id: 'consumer-switch', arn: functionArn('consumer-switch') }],
  });
  aws.functions.change('ecs-hooks-consumer-switch', (record) => ({
    ...record,
    policy: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'lambda:InvokeFunction',
          Resource: functionArn('consumer-switch'),
          Condition: { ArnLike: { 'AWS:SourceArn': rule } },
        },
      ],
    },
  }));
}

/** Traffic of the revision of catalog that serves, in the last half hour. */
function feed(aws: LocalAws, engine: EcsEngine, now: number): void {
  for (let minutes = 30; minutes > 2; minutes -= 1) {
    for (const metricName of ['RequestCount', 'TargetResponseTime', 'UnHealthyHostCount']) {
      const dimensions = albDimensions(engine);
      aws.metrics.put({
        namespace: 'AWS/ApplicationELB',
        metricName,
        dimensions,
        timestamp: now - minutes * MINUTE,
        value: 1,
      });
    }
  }
}

export function albDimensions(engine: EcsEngine): Record<string, string> {
  const serving = engine.serviceRevisions().findLast(({ serviceArn = '' }) => serviceArn.endsWith('/catalog'));
  // sidesOf needs no more of a deployment than these.
  const deployment = {
    cluster: CLUSTER,
    service: 'catalog',
    targetRevisionArn: serving?.serviceRevisionArn ?? '',
  } as Parameters<typeof sidesOf>[0];
  const { loadBalancer = '', targetGroup = '' } = sidesOf(deployment, serving, undefined).green;
  return { LoadBalancer: loadBalancer, TargetGroup: targetGroup };
}

export function trust(service: string, condition?: object): object {
  const statement = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
  return { Version: '2012-10-17', Statement: [{ ...statement, ...(condition && { Condition: condition }) }] };
}

export function allow(actions: readonly string[], resources: readonly string[], condition?: object): object {
  const statement = { Effect: 'Allow', Action: actions, Resource: resources };
  return { Version: '2012-10-17', Statement: [{ ...statement, ...(condition && { Condition: condition }) }] };
}

/** `mark check: text` of all lines that are not right. */
export function notRight(sections: readonly Section[]): string[] {
  return sections
    .flatMap(({ lines }) => lines)
    .filter(({ mark }) => mark !== 'right')
    .map(({ check, mark, text }) => `${mark} ${check}: ${text}`);
}

import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import type { ShardResult } from '../../../../shared/load/result.ts';
import { ShardMessage } from '../../../../shared/load/shard.ts';
import type { HookStage } from '../../../../shared/stages.ts';
import type { LocalAws } from '../../../../simulator/aws/local-aws.ts';
import { shardResult } from '../../../fixtures/shard-result.ts';
import { telling } from '../told.ts';
import {
  ACCOUNT,
  account,
  BY_DESCRIPTION,
  CLUSTER_ARN,
  MAX_ERRORS,
  REGION,
  ROLLING_BACK,
  type Scene,
  StaticEcs,
  taskDefinitionArn,
  type Visit,
  type World,
} from '../world.ts';

const TIMEOUT = 8;
const GOOD_MS = 100;
const BAD_MS = 500;
const QUEUE = 'load';
const GENERATOR = `arn:aws:ecs:${REGION}:${ACCOUNT}:service/prod/traffic-generator`;

const COMMON = { timeoutMinutes: TIMEOUT, pollSeconds: 30, maxErrors: MAX_ERRORS, maxRuns: 2 };
const LOAD = {
  ...COMMON,
  queueUrl: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${QUEUE}`,
  targets: [{ url: 'http://catalog:8080/items' }],
  rate: 100,
  durationSeconds: 60,
  warmUpSeconds: 10,
  shards: 2,
  startWithinSeconds: 60,
  thresholds: { p95Ms: 150 },
  generator: { cluster: 'prod', service: 'traffic-generator', tasks: 2 },
};
const TASK = {
  ...COMMON,
  runner: 'task',
  maxSeconds: 180,
  task: { taskDefinition: 'k6', container: 'k6', subnets: ['subnet-1'], launchType: 'FARGATE' },
};

/** Generators take every shard from the queue and write what they measured. */
function generatorScene(visits: Scene['visits'], latencyMs: number, status: Partial<ServiceDeployment> = {}): Scene {
  const ecs = new StaticEcs();
  ecs.deployment = { ...ecs.deployment, ...status };
  ecs.others = [
    {
      serviceArn: GENERATOR,
      serviceName: 'traffic-generator',
      clusterArn: CLUSTER_ARN,
      status: 'ACTIVE',
      desiredCount: 0,
    },
  ];
  const aws = account(ecs);
  const queue = aws.queues.create(QUEUE);
  const done = new Set<string>();
  return {
    aws,
    ecs,
    hookDetails: LOAD,
    visits,
    meanwhile: () => {
      const caller = { callerArn: 'generator', accessKeyId: 'generator' };
      for (const { body } of aws.queues.take(queue, 10, 3600, caller)) {
        const message = ShardMessage.parse(JSON.parse(body));
        // A generator runs a shard once, whoever sends it how often.
        if (done.has(message.resultParameter)) continue;
        done.add(message.resultParameter);
        put(aws, message.resultParameter, resultOf(message, latencyMs));
      }
    },
    audit: () => {
      const desired = ecs.others[0]?.desiredCount ?? 0;
      return desired > LOAD.generator.tasks ? [`${desired} generator tasks are held for one deployment`] : [];
    },
  };
}

function put(aws: LocalAws, name: string, value: object): void {
  aws.parameters.put({ name, value: JSON.stringify(value), type: 'String', overwrite: true }, 'generator');
}

function resultOf({ test, shard }: ShardMessage, latencyMs: number): ShardResult {
  return { ...shardResult(latencyMs), test, shard };
}

/** A container that ends after a minute with this exit code; undefined: it never ends. */
function taskScene(visits: Scene['visits'], exitCode: number | undefined, more: object = {}): Scene {
  const ecs = new StaticEcs();
  ecs.definitions = [
    {
      taskDefinitionArn: taskDefinitionArn('k6'),
      family: 'k6',
      revision: 7,
      status: 'ACTIVE',
      containerDefinitions: [{ name: 'k6', image: 'grafana/k6' }],
    },
  ];
  const aws = account(ecs);
  return {
    aws,
    ecs,
    hookDetails: { ...TASK, ...more },
    visits,
    meanwhile: () => {
      for (const task of ecs.started) {
        const isOver = Date.now() - (task.createdAt?.getTime() ?? 0) >= 45_000;
        if (exitCode === undefined || task.lastStatus === 'STOPPED' || !isOver) continue;
        task.lastStatus = 'STOPPED';
        task.stopCode = 'EssentialContainerExited';
        task.containers = [{ name: 'k6', lastStatus: 'STOPPED', exitCode }];
      }
    },
    audit: () => {
      const { length } = ecs.started;
      return length > COMMON.maxRuns ? [`${length} tasks were started for ${COMMON.maxRuns} runs`] : [];
    },
  };
}

function world(name: string, expected: World['expected'], begin: () => Scene): World {
  return { hook: 'load-test', name, expected, timeoutMinutes: TIMEOUT, begin };
}

const STAGES: readonly HookStage[] = ['POST_TEST_TRAFFIC_SHIFT', 'POST_SCALE_UP'];
const SHIFT: Visit = { stage: 'TEST_TRAFFIC_SHIFT', weight: 100 };
const BACK: Visit = { stage: 'TEST_TRAFFIC_SHIFT', weight: 0, rollback: true };
/** Two looks, so that the test is under way when ECS turns back. */
const BEGUN: Visit = { stage: 'POST_TEST_TRAFFIC_SHIFT', looks: 1 };

export const LOAD_TEST_WORLDS: readonly World[] = [
  ...STAGES.flatMap((stage) => [
    world(`${stage}, generators, fast enough`, 'SUCCEEDED', () => generatorScene([{ stage }], GOOD_MS)),
    world(`${stage}, generators, too slow`, 'FAILED', () => generatorScene([{ stage }], BAD_MS)),
    world(`${stage}, container, exit code 0`, 'SUCCEEDED', () => taskScene([{ stage }], 0)),
    world(`${stage}, container, exit code 99`, 'FAILED', () => taskScene([{ stage }], 99)),
  ]),
  world('TEST_TRAFFIC_SHIFT, nothing to do yet', 'SUCCEEDED', () => generatorScene([SHIFT], GOOD_MS)),
  world('rollback while generators send', 'rollback', () => generatorScene([BEGUN, BACK], GOOD_MS)),
  {
    ...world('rollback without weights in the event', 'rollback', () =>
      generatorScene([{ stage: 'TEST_TRAFFIC_SHIFT', rollback: true }], GOOD_MS, ROLLING_BACK),
    ),
    ...BY_DESCRIPTION,
  },
  world('rollback while a container sends', 'rollback', () => taskScene([BEGUN, BACK], 0)),
];

const TOO_SLOW = world('POST_SCALE_UP, generators, too slow', 'FAILED', () =>
  generatorScene([{ stage: 'POST_SCALE_UP' }], BAD_MS),
);
const EXIT_99 = world('POST_SCALE_UP, container, exit code 99', 'FAILED', () =>
  taskScene([{ stage: 'POST_SCALE_UP' }], 99),
);
const ENDLESS: World = {
  ...world('POST_SCALE_UP, container, does not end', 'FAILED', () =>
    taskScene([{ stage: 'POST_SCALE_UP' }], undefined, { maxSeconds: 120, timeoutMinutes: 2 }),
  ),
  timeoutMinutes: 2,
};

/** Whoever lets pass what could not be loaded has said so. */
export const LOAD_TEST_TOLD_WORLDS: readonly World[] = [
  telling('onError', TOO_SLOW),
  telling('onError', EXIT_99),
  telling('onTimeout', TOO_SLOW),
  telling('onTimeout', ENDLESS, { unanswered: true }),
  telling('audit', EXIT_99),
];

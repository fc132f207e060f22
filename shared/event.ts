import * as z from 'zod/mini';
import { EventError } from './errors.ts';
import { isJsonObject, type JsonObject, kindOf, parseJson, problems } from './schema.ts';
import { ROLLBACK_STAGES } from './stages.ts';

const Weight = z.number().check(z.minimum(0), z.maximum(100));
/** Percent by service revision ARN; a share may be 0.1 %, so never an integer type. */
const Weights = z.prefault(z.nullish(z.record(z.string(), Weight)), {});

const Execution = z.object({
  serviceArn: z.string(),
  targetServiceRevisionArn: z.string(),
  testTrafficWeights: Weights,
  productionTrafficWeights: Weights,
});

const Envelope = z.object({
  // It becomes a dimension of the metrics.
  lifecycleStage: z.string().check(z.minLength(1), z.maxLength(100)),
  resourceArn: z.string(),
  executionDetails: Execution,
});

/** Percent of the traffic by service revision ARN. */
export type TrafficWeights = Readonly<Record<string, number>>;

/** `rollback`: ECS is taking the traffic back to the source revision, and must not be hindered. */
export type Direction = 'forward' | 'rollback';

/** One deployment of one service, at the stage at which ECS called. */
export interface Deployment {
  /** One of `HOOK_STAGES`; a string, because ECS may add to them. */
  readonly stage: string;
  readonly direction: Direction;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly cluster: string;
  readonly service: string;
  readonly serviceArn: string;
  readonly deploymentArn: string;
  readonly deploymentId: string;
  readonly targetRevisionArn: string;
  /** 19 digits: more than a JavaScript number holds, so a string. */
  readonly targetRevisionId: string;
  /** The revision that is being replaced, where the event's weights name it. */
  readonly sourceRevisionArn?: string;
  readonly testTrafficWeights: TrafficWeights;
  readonly productionTrafficWeights: TrafficWeights;
  /** The target's share of this stage's traffic in percent, where the event says it. */
  readonly targetWeight?: number;
}

/**
 * Reads the event that ECS sends to a Lambda lifecycle hook; `hookDetails` is read by `parseHookDetails`.
 * The flat form of older documentation is accepted too, and unknown fields pass.
 *
 * @throws EventError with the path of every problem
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
 */
export function parseEvent(event: unknown): Deployment {
  const parsed = Envelope.safeParse(nested(event), { reportInput: true });
  if (!parsed.success) throw new EventError(`Not an ECS lifecycle event: ${problems(parsed.error, 'event')}`);
  const { lifecycleStage: stage, resourceArn, executionDetails: details } = parsed.data;
  const service = parseArn(details.serviceArn, 'service', 'executionDetails.serviceArn');
  const deployment = parseArn(resourceArn, 'service-deployment', 'resourceArn');
  const target = parseArn(
    details.targetServiceRevisionArn,
    'service-revision',
    'executionDetails.targetServiceRevisionArn',
  );
  const testTrafficWeights = details.testTrafficWeights ?? {};
  for (const [path, arn] of Object.entries({ resourceArn: deployment, targetServiceRevisionArn: target })) {
    if (placeOf(arn) === placeOf(service)) continue;
    throw new EventError(
      `Not an ECS lifecycle event: ${path} is of ${placeOf(arn)}, serviceArn of ${placeOf(service)}`,
    );
  }
  const productionTrafficWeights = details.productionTrafficWeights ?? {};
  const weights = stage === 'TEST_TRAFFIC_SHIFT' ? testTrafficWeights : productionTrafficWeights;
  const sourceRevisionArn = Object.keys({ ...productionTrafficWeights, ...testTrafficWeights }).find(
    (arn) => arn !== details.targetServiceRevisionArn,
  );
  const targetWeight = weights[details.targetServiceRevisionArn];
  return {
    stage,
    direction: directionOf(stage, details.targetServiceRevisionArn, weights),
    partition: service.partition,
    region: service.region,
    account: service.account,
    cluster: service.cluster,
    service: service.service,
    serviceArn: details.serviceArn,
    deploymentArn: resourceArn,
    deploymentId: deployment.id,
    targetRevisionArn: details.targetServiceRevisionArn,
    targetRevisionId: target.id,
    ...(sourceRevisionArn !== undefined && { sourceRevisionArn }),
    testTrafficWeights,
    productionTrafficWeights,
    ...(targetWeight !== undefined && { targetWeight }),
  };
}

/**
 * Rolling back: at a shift stage, nothing goes to the target and something to another revision.
 * AWS's text applies the test to every stage; at PRE_PRODUCTION_TRAFFIC_SHIFT it is wrong, since every forward
 * deployment passes there with target 0 and source 100.
 */
function directionOf(stage: string, target: string, weights: TrafficWeights): Direction {
  if (!ROLLBACK_STAGES.has(stage) || (weights[target] ?? 0) > 0) return 'forward';
  return Object.values(weights).some((weight) => weight > 0) ? 'rollback' : 'forward';
}

/** Is it a rollback, as far as can be told from an event that may be malformed elsewhere? */
export function looksLikeRollback(event: unknown): boolean {
  const parsed = z
    .object({
      lifecycleStage: z.string(),
      executionDetails: z.object({
        targetServiceRevisionArn: z.string(),
        testTrafficWeights: z.catch(Weights, {}),
        productionTrafficWeights: z.catch(Weights, {}),
      }),
    })
    .safeParse(nested(event));
  if (!parsed.success) return false;
  const { lifecycleStage: stage, executionDetails: details } = parsed.data;
  const weights = stage === 'TEST_TRAFFIC_SHIFT' ? details.testTrafficWeights : details.productionTrafficWeights;
  return directionOf(stage, details.targetServiceRevisionArn, weights ?? {}) === 'rollback';
}

/**
 * The hook's configuration and state, as the event carries them: an object, a string that holds one, or nothing.
 *
 * @throws EventError for any other JSON value
 */
export function parseHookDetails(event: unknown): JsonObject {
  const raw = isJsonObject(event) ? event.hookDetails : undefined;
  if (raw === undefined || raw === null || raw === '') return {};
  const value = typeof raw === 'string' ? parseJson(raw) : raw;
  if (!isJsonObject(value)) {
    const held = value === undefined ? 'no JSON' : kindOf(value);
    const found = typeof raw === 'string' ? `a string that holds ${held}` : held;
    throw new EventError(`hookDetails must be a JSON object, or a string that holds one, not ${found}`);
  }
  if (sizeOf(value, 1) <= MOST_SIZE) return value;
  throw new EventError(
    `hookDetails holds more than ${MOST_SIZE} characters, or nests deeper than ${MOST_DEPTH} levels: it cannot be returned`,
  );
}

/** Each answer holds the hookDetails: one beyond these could not be written, and ECS would be left without an answer. */
const MOST_SIZE = 1_000_000;
const MOST_DEPTH = 64;

/** Characters, roughly; infinite where it is nested too deep. */
function sizeOf(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 4;
  if (depth > MOST_DEPTH) return Number.POSITIVE_INFINITY;
  let size = 2;
  for (const key in value) {
    size += key.length + sizeOf(Reflect.get(value, key), depth + 1);
    if (size > MOST_SIZE) return Number.POSITIVE_INFINITY;
  }
  return size;
}

/** `arn:<partition>:ecs:<region>:<account>:<type>/<cluster>/<service>[/<id>]` */
export interface EcsArn {
  partition: string;
  region: string;
  account: string;
  cluster: string;
  service: string;
  id: string;
}

const ECS_ARN =
  /^arn:(?<partition>aws[\w-]*):ecs:(?<region>[a-z0-9-]+):(?<account>\d{12}):(?<type>service(?:-deployment|-revision)?)\/(?<cluster>[\w-]+)\/(?<service>[\w-]+)(?:\/(?<id>[\w-]+))?$/;

/** @throws EventError unless it is the ARN of an ECS resource of this type */
export function parseArn(arn: string, type: string, path: string): EcsArn {
  const parts = ECS_ARN.exec(arn)?.groups;
  if (parts === undefined || parts.type !== type || (type === 'service') !== (parts.id === undefined)) {
    throw new EventError(
      `Not an ECS lifecycle event: ${path} must be the ARN of a ${type}, not ${JSON.stringify(arn).slice(0, 200)}`,
    );
  }
  const { partition = '', region = '', account = '', cluster = '', service = '', id = '' } = parts;
  return { partition, region, account, cluster, service, id };
}

/** Which service of all an ARN belongs to. An event that mixes two would let one service's deployment act on another. */
function placeOf({ partition, region, account, cluster, service }: EcsArn): string {
  return [partition, region, account, cluster, service].join(':');
}

/** The last part of a service revision's or service deployment's ARN. */
export function idOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

function nested(event: unknown): unknown {
  if (!isJsonObject(event) || event.executionDetails !== undefined || event.serviceArn === undefined) return event;
  return { ...event, executionDetails: event };
}

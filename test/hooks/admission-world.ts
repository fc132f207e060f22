import { afterAll, beforeAll, vi } from 'vitest';
import { hook } from '../../hooks/admission/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import type { HookAnswer } from '../../shared/status.ts';
import type { AwsCall } from '../../simulator/aws/dispatch.ts';
import type { PushedImage, PushInput } from '../../simulator/aws/ecr/registries.ts';
import type { EcsBackend } from '../../simulator/aws/ecs-backend.ts';
import { createLocalAws, type LocalAws } from '../../simulator/aws/local-aws.ts';
import { captureOutput, type Output } from '../fixtures/output.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
export const HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
export const START = Date.parse('2026-03-02T09:00:00Z');
export const NO_DIGEST = `sha256:${'0'.repeat(64)}`;
/** The calls of a look before ECR is asked. */
export const ECS_CALLS = ['ecs:DescribeServiceRevisions', 'ecs:DescribeTaskDefinition'];

/** A container of the task definition; a text is the image of a container named `web`. */
export interface Container {
  name?: string;
  image?: string;
  versionConsistency?: 'enabled' | 'disabled';
}

export interface DeployOptions {
  containers: readonly (Container | string)[];
  /** The policy in HOOK_POLICY; `undefined` leaves the variable unset. */
  policy?: unknown;
  /** Instead of `policy`: the function's whole environment. */
  env?: NodeJS.ProcessEnv;
  hookDetails?: unknown;
  runtimePlatform?: { cpuArchitecture?: string; operatingSystemFamily?: string };
  /** What the service revision lists instead of the task definition's containers. */
  revisionImages?: readonly { containerName?: string; image?: string; imageDigest?: string }[];
  /** Of the Lambda function at each look, milliseconds. */
  remaining?: number;
}

/** A policy that admits everything of the team's repositories, with more in its one rule or in itself. */
export function policyOf(rule: object = {}, more: object = {}): JsonObject {
  return { version: 1, rules: [{ name: 'own', match: [`${HOST}/team/**`], ...rule }], ...more };
}

/** One account for a test file: the clients of the hook live as long as the file and keep the first endpoint they saw. */
export class World {
  readonly aws: LocalAws;
  readonly output: Output;
  /** The most calls that were under way at a time since it was last set to 0. */
  mostAtOnce = 0;
  /** Told of each call once it is answered, so that a test can change something right then. */
  afterCall: (call: AwsCall) => void = () => {};
  readonly #ecs: Ecs;
  #count = 0;

  constructor(aws: LocalAws, ecs: Ecs, output: Output) {
    this.aws = aws;
    this.output = output;
    this.#ecs = ecs;
  }

  get registry() {
    return this.aws.registry;
  }

  /** A repository of its own, so that no test profits from what another had admitted. */
  repository(): string {
    this.#count += 1;
    return `team/app-${this.#count}`;
  }

  /** An image in a repository of its own, under the tag v1, unless told otherwise. */
  push(input: Partial<PushInput> = {}): PushedImage {
    const repository = input.repository ?? this.repository();
    return this.registry.push({ tag: 'v1', createdFrom: repository, ...input, repository });
  }

  deploy(options: DeployOptions): Play {
    this.#count += 1;
    const play = new Play(this, this.#count, options);
    this.#ecs.plays.push(play);
    return play;
  }

  /** One look at one image under the policy that admits it, unless told otherwise. */
  look(image: string, rule: object = {}, options: Partial<DeployOptions> = {}): Promise<HookAnswer> {
    return this.deploy({ containers: [image], policy: policyOf(rule), ...options }).look();
  }

  /** The process's clock goes with the account's: an SDK that sees a skewed clock retries what it else would not. */
  advance(seconds: number): void {
    vi.setSystemTime(Date.now() + seconds * 1000);
  }

  /** What was logged of each image since the test began. */
  images(): JsonObject[] {
    return this.output.records().filter(({ message }) => message === 'image');
  }

  /** The evidence of the last decision. */
  evidence(): JsonObject {
    const evidence = this.output.decisions().at(-1)?.evidence;
    if (!isJsonObject(evidence)) throw new Error('the decision has no evidence');
    return evidence;
  }
}

/** ECS as far as it tells of revisions and task definitions. */
class Ecs implements EcsBackend {
  readonly plays: Play[] = [];

  services() {
    return [];
  }

  serviceDeployments() {
    return [];
  }

  serviceRevisions() {
    return this.plays.map((play) => ({
      serviceRevisionArn: play.revisionArn,
      taskDefinition: play.taskDefinitionArn,
      containerImages: play.listed(),
    }));
  }

  taskDefinitions() {
    return this.plays.map((play) => play.taskDefinition());
  }

  stopServiceDeployment(): never {
    throw new Error('no test stops a deployment here');
  }

  continueServiceDeployment(): never {
    throw new Error('no test continues a deployment here');
  }
}

/** One deployment, looked at as ECS does: at a stage, each look gets back what the last one answered. */
export class Play {
  readonly revisionArn: string;
  readonly taskDefinitionArn: string;
  readonly id: string;
  readonly service: string;
  stage: 'PRE_SCALE_UP' | 'POST_SCALE_UP' = 'PRE_SCALE_UP';
  hookDetails: unknown;
  /** Of the last look. */
  made: readonly AwsCall[] = [];
  readonly #world: World;
  readonly #options: DeployOptions;
  readonly #containers: { name: string; image?: string; versionConsistency?: 'enabled' | 'disabled' }[];
  #digests: Readonly<Record<string, string>> = {};

  constructor(world: World, number: number, options: DeployOptions) {
    this.#world = world;
    this.#options = options;
    this.id = `dep-${number}`;
    this.service = `web-${number}`;
    this.revisionArn = `arn:aws:ecs:${REGION}:${ACCOUNT}:service-revision/prod/${this.service}/2222222222222222222`;
    this.taskDefinitionArn = `arn:aws:ecs:${REGION}:${ACCOUNT}:task-definition/${this.service}:7`;
    this.hookDetails = options.hookDetails;
    this.#containers = options.containers.map((one) => ({
      name: 'web',
      ...(typeof one === 'string' ? { image: one } : one),
    }));
  }

  /** Where the digests are noted that were admitted at PRE_SCALE_UP. */
  get record(): string {
    return `/ecs-hooks/admission/prod/${this.service}/${this.id}`;
  }

  /** `ecr:BatchGetImage` and the like, of the last look. */
  get calls(): string[] {
    return this.made.map(({ service, operation }) => `${service}:${operation}`);
  }

  listed() {
    if (this.#options.revisionImages !== undefined) return [...this.#options.revisionImages];
    return this.#containers.map(({ name, image }) => ({
      containerName: name,
      ...(image !== undefined && { image }),
      ...(this.#digests[name] !== undefined && { imageDigest: this.#digests[name] }),
    }));
  }

  taskDefinition() {
    const runtimePlatform = this.#options.runtimePlatform ?? {};
    // The API's enums are closed, and a service may answer more than they have.
    return {
      taskDefinitionArn: this.taskDefinitionArn,
      containerDefinitions: this.#containers,
      runtimePlatform: runtimePlatform as { cpuArchitecture?: 'X86_64'; operatingSystemFamily?: 'LINUX' },
    };
  }

  /** ECS has started tasks and goes on to POST_SCALE_UP. @param digests by container, as its agent has resolved them */
  start(digests: Readonly<Record<string, string>> = {}): this {
    this.stage = 'POST_SCALE_UP';
    this.#digests = digests;
    this.hookDetails = this.#options.hookDetails;
    return this;
  }

  /** Invokes the hook `seconds` after the last thing that happened. */
  async look(seconds = 0): Promise<HookAnswer> {
    this.#world.advance(seconds);
    const before = this.#world.aws.calls.length;
    const answer = await this.invoke();
    this.made = this.#world.aws.calls.slice(before);
    if (answer.hookDetails !== undefined) this.hookDetails = answer.hookDetails;
    return answer;
  }

  /** Looks until there is a decision, as ECS does; it waits for `callBackDelay` in between. */
  async looks(limit = 50): Promise<HookAnswer[]> {
    const answers = [await this.look()];
    for (let last = answers[0]; last?.hookStatus === 'IN_PROGRESS' && answers.length < limit; last = answers.at(-1)) {
      answers.push(await this.look(last.callBackDelay));
    }
    return answers;
  }

  /** One invocation that nobody remembers. */
  async invoke(): Promise<HookAnswer> {
    const { env, policy, remaining = 30_000 } = this.#options;
    const given = env ?? (policy === undefined ? {} : { HOOK_POLICY: JSON.stringify(policy) });
    const handler = lambdaHandler(hook, { now: () => new Date(Date.now()), env: given });
    const event = {
      executionId: '5e4c0b9a-0f5d-4f6e-9a35-000000000001',
      lifecycleStage: this.stage,
      resourceArn: `arn:aws:ecs:${REGION}:${ACCOUNT}:service-deployment/prod/${this.service}/${this.id}`,
      executionDetails: {
        serviceArn: `arn:aws:ecs:${REGION}:${ACCOUNT}:service/prod/${this.service}`,
        targetServiceRevisionArn: this.revisionArn,
        testTrafficWeights: {},
        productionTrafficWeights: {},
      },
      hookDetails: this.hookDetails,
    };
    return handler(JSON.parse(JSON.stringify(event)), {
      functionName: 'admission',
      getRemainingTimeInMillis: () => remaining,
    });
  }
}

/** Starts the account for a test file; the hook's clients find it as any client does, by AWS_ENDPOINT_URL. */
export function useWorld(): () => World {
  const output = captureOutput();
  let world: World | undefined;
  let close: () => Promise<void> = async () => {};
  beforeAll(async () => {
    const ecs = new Ecs();
    vi.useFakeTimers({ toFake: ['Date'], now: START });
    let ended = 0;
    const onCall = (call: AwsCall) => {
      world?.afterCall(call);
      // A call is in the list from its beginning, and is told of at its end.
      if (world !== undefined) world.mostAtOnce = Math.max(world.mostAtOnce, aws.calls.length - ended);
      ended += 1;
    };
    const aws = createLocalAws({ clock: { now: () => Date.now() }, ecs, onCall });
    const listening = await aws.listen();
    close = listening.close;
    world = new World(aws, ecs, output);
    process.env.AWS_ENDPOINT_URL = listening.url;
  });
  afterAll(async () => {
    await close();
    vi.useRealTimers();
  });
  return () => {
    if (world === undefined) throw new Error('the world begins with the first test');
    return world;
  };
}

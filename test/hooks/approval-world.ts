import './quiet.ts';
import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, vi } from 'vitest';
import { hook } from '../../hooks/approval/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import type { HookAnswer } from '../../shared/status.ts';
import type { EcsBackend } from '../../simulator/aws/ecs-backend.ts';
import { createLocalAws, type LocalAws } from '../../simulator/aws/local-aws.ts';
import type { ParameterVersion } from '../../simulator/aws/ssm/parameter-store.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
export const FUNCTION = 'hook-fn';
export const HOOK = `arn:aws:sts::${ACCOUNT}:assumed-role/HookRole/${FUNCTION}`;
export const START = Date.parse('2026-03-02T09:00:00Z');

export const session = (role: string, name: string): string => `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`;
export const ALICE = session('Approver', 'alice');
export const BOB = session('Approver', 'bob');
export const MALLORY = session('Dev', 'mallory');
export const CI = session('Deployer', 'ci');

export interface DeployOptions {
  config?: Record<string, unknown>;
  stage?: string;
  id?: string;
  revision?: string;
  /** Percent of production traffic on the new revision, where the event says it. */
  weight?: number;
  /** The deployment that creates the service. */
  first?: boolean;
  env?: NodeJS.ProcessEnv;
  /** The Lambda context's function name; `hook-fn`, whose session HOOK is, without it. */
  functionName?: string;
}

/** One account for a test file: the clients of the hook live as long as the file and keep the first endpoint they saw. */
export class World {
  readonly url: string;
  readonly aws: LocalAws;
  readonly topicArn: string;
  readonly #ecs: Ecs;
  #deployments = 0;

  constructor(aws: LocalAws, url: string, ecs: Ecs) {
    this.aws = aws;
    this.url = url;
    this.#ecs = ecs;
    this.topicArn = aws.topics.create('approvals');
  }

  get now(): number {
    return Date.now();
  }

  /** The process's clock goes with the account's: an SDK that sees a skewed clock retries what it else would not. */
  set now(at: number) {
    vi.setSystemTime(at);
  }

  /** A deployment of a service of its own, so that no test sees another's parameters. */
  deploy(options: DeployOptions = {}, of?: string): Play {
    this.#deployments += 1;
    const service = of ?? `web-${this.#deployments}`;
    const play = new Play(this, service, options.id ?? `dep-${this.#deployments}`, options);
    this.#ecs.add(play, options.first ?? false);
    return play;
  }

  advance(seconds: number): void {
    if (seconds !== 0) this.now += seconds * 1000;
  }

  /** What ECS says of a deployment, beside that it is under way. */
  describe(play: Play, more: Partial<ServiceDeployment>): void {
    this.#ecs.describe(play, more);
  }
}

/** ECS as far as it tells of deployments and revisions. */
class Ecs implements EcsBackend {
  readonly #plays: { play: Play; first: boolean; more: Partial<ServiceDeployment> }[] = [];

  add(play: Play, first: boolean): void {
    this.#plays.push({ play, first, more: {} });
  }

  describe(play: Play, more: Partial<ServiceDeployment>): void {
    for (const one of this.#plays) if (one.play === play) one.more = more;
  }

  services() {
    return [];
  }

  serviceDeployments() {
    return this.#plays.map(({ play, first, more }) => ({
      serviceDeploymentArn: play.deploymentArn,
      serviceArn: play.serviceArn,
      status: 'IN_PROGRESS' as const,
      sourceServiceRevisions: first ? [] : [{ arn: play.sourceRevisionArn }],
      targetServiceRevision: { arn: play.targetRevisionArn },
      ...more,
    }));
  }

  serviceRevisions() {
    return this.#plays.flatMap(({ play }) => [
      { serviceRevisionArn: play.sourceRevisionArn, containerImages: [{ containerName: 'web', image: 'repo/web:1' }] },
      { serviceRevisionArn: play.targetRevisionArn, containerImages: [{ containerName: 'web', image: 'repo/web:2' }] },
    ]);
  }

  taskDefinitions() {
    return [];
  }

  stopServiceDeployment(): never {
    throw new Error('no test stops a deployment here');
  }

  continueServiceDeployment(): never {
    throw new Error('no test continues a deployment here');
  }
}

/** One deployment that waits for approval, looked at as ECS does: each look gets back what the last one answered. */
export class Play {
  readonly deploymentArn: string;
  readonly serviceArn: string;
  readonly sourceRevisionArn: string;
  readonly targetRevisionArn: string;
  readonly id: string;
  readonly service: string;
  /** What the next look is given. */
  hookDetails: unknown;
  /** `ssm:PutParameter` and the like, of the last look. */
  calls: string[] = [];
  readonly #world: World;
  readonly #options: DeployOptions;

  constructor(world: World, service: string, id: string, options: DeployOptions) {
    const arn = (type: string): string => `arn:aws:ecs:${REGION}:${ACCOUNT}:${type}/prod/${service}`;
    this.#world = world;
    this.#options = options;
    this.id = id;
    this.service = service;
    this.serviceArn = arn('service');
    this.deploymentArn = `${arn('service-deployment')}/${id}`;
    this.sourceRevisionArn = `${arn('service-revision')}/1111111111111111111`;
    this.targetRevisionArn = `${arn('service-revision')}/${options.revision ?? '2222222222222222222'}`;
    this.hookDetails = { ...options.config };
  }

  /** The same deployment at another stage or traffic step. */
  at(step: Pick<DeployOptions, 'stage' | 'weight'>): Play {
    return new Play(this.#world, this.service, this.id, { ...this.#options, ...step });
  }

  /** The service's next deployment. */
  redeploy(id: string): Play {
    return this.#world.deploy({ ...this.#options, id }, this.service);
  }

  get stage(): string {
    return this.#options.stage ?? 'POST_TEST_TRAFFIC_SHIFT';
  }

  get parameter(): string {
    const { weight } = this.#options;
    const step = weight === undefined ? this.stage : `${this.stage}-${weight}`;
    return `/ecs-hooks/approval/prod/${this.service}/${this.id}/${step}`;
  }

  get event(): Record<string, unknown> {
    const { weight } = this.#options;
    const weights =
      weight === undefined ? {} : { [this.targetRevisionArn]: weight, [this.sourceRevisionArn]: 100 - weight };
    return {
      executionId: '5e4c0b9a-0f5d-4f6e-9a35-000000000001',
      lifecycleStage: this.stage,
      resourceArn: this.deploymentArn,
      executionDetails: {
        serviceArn: this.serviceArn,
        targetServiceRevisionArn: this.targetRevisionArn,
        testTrafficWeights: this.stage === 'TEST_TRAFFIC_SHIFT' ? weights : {},
        productionTrafficWeights: this.stage === 'TEST_TRAFFIC_SHIFT' ? {} : weights,
      },
      hookDetails: this.hookDetails,
    };
  }

  /** Invokes the hook `seconds` after the last thing that happened. */
  async look(seconds = 0): Promise<HookAnswer> {
    this.#world.advance(seconds);
    const before = this.#world.aws.calls.length;
    const answer = await this.invoke();
    this.calls = this.#world.aws.calls.slice(before).map(({ service, operation }) => `${service}:${operation}`);
    if (answer.hookDetails !== undefined) this.hookDetails = answer.hookDetails;
    return answer;
  }

  /** One invocation that nobody remembers. */
  invoke(): Promise<HookAnswer> {
    const handler = lambdaHandler(hook, { now: () => new Date(this.#world.now), env: this.#options.env ?? {} });
    const functionName = this.#options.functionName ?? FUNCTION;
    return handler(JSON.parse(JSON.stringify(this.event)), { functionName, getRemainingTimeInMillis: () => 30_000 });
  }

  /** Writes the parameter as somebody else, `seconds` after the last thing that happened. */
  vote(by: string, value: string, seconds = 10): void {
    this.#world.advance(seconds);
    this.#world.aws.parameters.put({ name: this.parameter, value, type: 'String', overwrite: true }, by);
  }

  history(): readonly ParameterVersion[] {
    return this.#world.aws.parameters.history(this.parameter) ?? [];
  }

  /** What was published for this deployment, parsed. */
  notices(): { subject: string | undefined; default: string; email: string; sms: string }[] {
    const all = this.#world.aws.topics.messages.map(({ subject, message }) => ({ subject, ...JSON.parse(message) }));
    return all.filter((notice) => JSON.parse(notice.default).metadata.additionalContext.P === this.parameter);
  }
}

/**
 * Starts the account for a test file; the hook's clients find it as any client does, by AWS_ENDPOINT_URL. Its clock
 * stands still until a test moves it, or is the machine's, for tests with other processes.
 */
export function useWorld(clock: 'still' | 'machine' = 'still'): () => World {
  let world: World | undefined;
  let close: () => Promise<void> = async () => {};
  beforeAll(async () => {
    const ecs = new Ecs();
    if (clock === 'still') vi.useFakeTimers({ toFake: ['Date'], now: START });
    const aws = createLocalAws({ clock: { now: () => Date.now() }, ecs });
    const listening = await aws.listen();
    close = listening.close;
    world = new World(aws, listening.url, ecs);
    aws.addIdentity(HOOK, process.env.AWS_ACCESS_KEY_ID);
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

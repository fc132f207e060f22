import type { DeploymentConfiguration, ServiceDeployment, ServiceRevision } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, vi } from 'vitest';
import { hook } from '../../hooks/canary/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import type { HookAnswer } from '../../shared/status.ts';
import { targetGroupMetrics } from '../../simulator/aws/cloudwatch/load-balancer-metrics.ts';
import type { MetricDatum } from '../../simulator/aws/cloudwatch/metric-store.ts';
import { minutesOfTraffic, type Timed } from '../../simulator/aws/cloudwatch/traffic.ts';
import type { AwsCall } from '../../simulator/aws/dispatch.ts';
import type { EcsBackend } from '../../simulator/aws/ecs-backend.ts';
import { createLocalAws, type LocalAws } from '../../simulator/aws/local-aws.ts';
import { captureOutput, type Output } from '../fixtures/output.ts';

const ACCOUNT = '123456789012';
const REGION = 'eu-west-1';
const START = Date.parse('2026-03-02T09:00:00Z');
export const MINUTE = 60_000;
const ALB = [{ preset: 'alb' }];

export const CANARY: DeploymentConfiguration = {
  strategy: 'CANARY',
  canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 15 },
};
export const LINEAR: DeploymentConfiguration = {
  strategy: 'LINEAR',
  linearConfiguration: { stepPercent: 20, stepBakeTimeInMinutes: 12 },
};
export const BLUE_GREEN: DeploymentConfiguration = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 };

type StageName = 'PRE_PRODUCTION_TRAFFIC_SHIFT' | 'PRODUCTION_TRAFFIC_SHIFT' | 'POST_PRODUCTION_TRAFFIC_SHIFT';
type LoadBalancers = NonNullable<ServiceRevision['resolvedConfiguration']>['loadBalancers'];

export interface DeployOptions {
  /** CANARY without it. */
  configuration?: DeploymentConfiguration;
  /** Beside `metrics`, which are the preset alb's without it. */
  config?: Record<string, unknown>;
  env?: NodeJS.ProcessEnv;
  /** The deployment that creates the service. */
  first?: boolean;
  /** When blue was created; two days before without it. */
  blueSince?: number;
  /** What ECS has resolved, instead of one Application Load Balancer. */
  loadBalancers?: (side: 'green' | 'blue') => LoadBalancers;
}

export interface TrafficOptions {
  /** Minutes from now. */
  from: number;
  to: number;
  /** Requests a minute of both sides; 600 without it. */
  rpm?: number;
  /** Green's share of the traffic, percent. */
  weight: number;
  errors?: Timed<number>;
  blueErrors?: Timed<number>;
  /** Median of green's latency in seconds; blue's is 0.1. */
  latency?: number;
}

/** One account for a test file: the clients of the hook live as long as the file and keep the first endpoint they saw. */
export class World {
  readonly aws: LocalAws;
  readonly output: Output;
  readonly #ecs: Ecs;
  #count = 0;

  constructor(aws: LocalAws, ecs: Ecs, output: Output) {
    this.aws = aws;
    this.output = output;
    this.#ecs = ecs;
  }

  get now(): number {
    return Date.now();
  }

  /** A deployment, of a service of its own unless told otherwise, so that no test sees another's numbers. */
  deploy(options: DeployOptions = {}, of?: string): Play {
    this.#count += 1;
    const play = new Play(this, of ?? `web-${this.#count}`, `dep-${this.#count}`, options);
    this.#ecs.plays.push(play);
    return play;
  }

  /** The process's clock goes with the account's: an SDK that sees a skewed clock retries what it else would not. */
  advance(minutes: number): void {
    vi.setSystemTime(Date.now() + minutes * MINUTE);
  }

  /** The judgements that were logged since the test began. */
  judgements(): JsonObject[] {
    const logged = this.output.records().filter(({ message }) => message === 'judgement');
    return logged.map(({ judgement }) => (isJsonObject(judgement) ? judgement : {}));
  }
}

/** ECS as far as it tells of deployments and revisions. */
class Ecs implements EcsBackend {
  readonly plays: Play[] = [];

  services() {
    return [];
  }

  serviceDeployments() {
    return this.plays.map((play) => play.description());
  }

  serviceRevisions() {
    return this.plays.flatMap((play) => play.revisions());
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

/** One deployment, looked at as ECS does: at a stage, each look gets back what the last one answered. */
export class Play {
  readonly service: string;
  readonly id: string;
  readonly greenArn: string;
  readonly blueArn: string;
  /** What ECS says of the deployment beside what follows from the options. */
  more: Partial<ServiceDeployment> = {};
  /** Whether ECS hands what a hook has answered to the next step of the same hook. */
  carries = false;
  /** Whether the weights are in the event. */
  tellsWeights = true;
  hookDetails: unknown;
  /** Of the last look. */
  made: readonly AwsCall[] = [];
  #stage: StageName = 'PRODUCTION_TRAFFIC_SHIFT';
  #weight: number | undefined;
  readonly #world: World;
  readonly #options: DeployOptions;
  readonly #createdAt = Date.now();

  constructor(world: World, service: string, id: string, options: DeployOptions) {
    this.#world = world;
    this.#options = options;
    this.service = service;
    this.id = id;
    this.greenArn = this.#arn('service-revision', '2222222222222222222');
    this.blueArn = this.#arn('service-revision', '1111111111111111111');
  }

  get record(): string {
    return `/ecs-hooks/canary/prod/${this.service}/${this.id}`;
  }

  /** `ssm:PutParameter` and the like, of the last look; CloudWatch signs as `monitoring`. */
  get calls(): string[] {
    return this.made.map(({ service, operation }) => `${service}:${operation}`);
  }

  dimensions(side: 'green' | 'blue') {
    return { LoadBalancer: `app/${this.service}/lb1`, TargetGroup: `targetgroup/${this.service}-${side}/${side}1` };
  }

  description(): ServiceDeployment {
    const { first, configuration = CANARY } = this.#options;
    return {
      serviceDeploymentArn: this.#arn('service-deployment', this.id),
      serviceArn: this.#arn('service'),
      status: 'IN_PROGRESS',
      startedAt: new Date(this.#createdAt),
      deploymentConfiguration: configuration,
      sourceServiceRevisions: first ? [] : [{ arn: this.blueArn }],
      targetServiceRevision: { arn: this.greenArn },
      ...this.more,
    };
  }

  revisions(): ServiceRevision[] {
    const { first, blueSince = this.#createdAt - 2880 * MINUTE } = this.#options;
    const green = this.#revision('green', this.greenArn, this.#createdAt);
    return first ? [green] : [green, this.#revision('blue', this.blueArn, blueSince)];
  }

  #revision(side: 'green' | 'blue', arn: string, createdAt: number): ServiceRevision {
    const elb = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}`;
    const { LoadBalancer, TargetGroup } = this.dimensions(side);
    const own = {
      targetGroupArn: `${elb}:${TargetGroup}`,
      productionListenerRule: `${elb}:listener-rule/${LoadBalancer}/l1/r1`,
    };
    const loadBalancers = this.#options.loadBalancers?.(side) ?? [own];
    return { serviceRevisionArn: arn, createdAt: new Date(createdAt), resolvedConfiguration: { loadBalancers } };
  }

  /** ECS comes to a stage, with this weight in the event; without it the maps are empty. */
  at(stage: StageName, weight?: number): this {
    this.#stage = stage;
    this.#weight = weight;
    if (!this.carries) this.hookDetails = undefined;
    return this;
  }

  /** Feeds what both target groups publish. */
  traffic({ from, to, rpm = 600, weight, errors = 0.005, blueErrors = 0.005, latency = 0.1 }: TrafficOptions): this {
    const plan = {
      seed: 7,
      requestsPerMinute: rpm,
      sides: {
        green: { weight, errorRate: errors, latency: { medianSeconds: latency } },
        blue: { weight: 100 - weight, errorRate: blueErrors, latency: { medianSeconds: 0.1 } },
      },
    };
    const { now } = this.#world;
    for (const { green, blue } of minutesOfTraffic(plan, now + from * MINUTE, now + to * MINUTE)) {
      this.put(targetGroupMetrics(this.dimensions('green'), green));
      this.put(targetGroupMetrics(this.dimensions('blue'), blue));
    }
    for (const side of ['green', 'blue'] as const) this.hosts(side, from, to, 0);
    return this;
  }

  /** UnHealthyHostCount of every minute. */
  hosts(side: 'green' | 'blue', from: number, to: number, value: number): void {
    const metric = { namespace: 'AWS/ApplicationELB', metricName: 'UnHealthyHostCount' };
    const dimensions = this.dimensions(side);
    this.every(from, to, (timestamp) => ({ ...metric, dimensions, timestamp, value, unit: 'Count' }));
  }

  /** A datum for each minute; minutes from now. */
  every(from: number, to: number, datum: (timestamp: number) => MetricDatum): void {
    const { now } = this.#world;
    for (let minute = from; minute < to; minute += 1) this.put(datum(now + minute * MINUTE));
  }

  put(data: MetricDatum | readonly MetricDatum[]): void {
    this.#world.aws.metrics.put(data);
  }

  get event(): Record<string, unknown> {
    const weight = this.tellsWeights ? this.#weight : undefined;
    const weights = weight === undefined ? {} : { [this.greenArn]: weight, [this.blueArn]: 100 - weight };
    return {
      executionId: '5e4c0b9a-0f5d-4f6e-9a35-000000000001',
      lifecycleStage: this.#stage,
      resourceArn: this.#arn('service-deployment', this.id),
      executionDetails: {
        serviceArn: this.#arn('service'),
        targetServiceRevisionArn: this.greenArn,
        testTrafficWeights: {},
        productionTrafficWeights: weights,
      },
      hookDetails: this.hookDetails ?? { metrics: ALB, ...this.#options.config },
    };
  }

  /** Invokes the hook some minutes after the last thing that happened. */
  async look(minutes = 0): Promise<HookAnswer> {
    this.#world.advance(minutes);
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
      answers.push(await this.look(last.callBackDelay / 60));
    }
    return answers;
  }

  async decision(): Promise<HookAnswer | undefined> {
    return (await this.looks()).at(-1);
  }

  /** One invocation that nobody remembers. */
  async invoke(): Promise<HookAnswer> {
    const handler = lambdaHandler(hook, { now: () => new Date(Date.now()), env: this.#options.env ?? {} });
    return handler(JSON.parse(JSON.stringify(this.event)), {
      functionName: 'canary',
      getRemainingTimeInMillis: () => 30_000,
    });
  }

  #arn(type: string, id?: string): string {
    return `arn:aws:ecs:${REGION}:${ACCOUNT}:${type}/prod/${this.service}${id === undefined ? '' : `/${id}`}`;
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
    const clock = { now: () => Date.now() };
    const aws = createLocalAws({ clock, ecs, cloudwatch: { publicationDelaySeconds: 90 } });
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

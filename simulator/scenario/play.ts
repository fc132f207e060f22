import { parseChoices, Readings } from '../engine/readings.ts';
import type { Pace } from '../engine/virtual-clock.ts';
import type { RequestEvent } from '../network/entrance.ts';
import type { DeploymentRecord, PlayRecord, StageRecord } from '../record.ts';
import type { TimelineEvent } from '../report/timeline-event.ts';
import type { TaskEvent } from '../tasks/task-event.ts';
import { revisionDefinition, serviceDefinition } from './definitions.ts';
import { neverCame, unmet } from './expectations.ts';
import type { MakeHandler } from './functions.ts';
import { happen } from './happenings.ts';
import { loadDistributions } from './load-results.ts';
import type { DeploymentSpec, Scenario } from './schema.ts';
import type { Happening } from './schema-happening.ts';
import { beginServices, createWorld, type World } from './world.ts';

/** Of `play`. */
export interface PlayOptions {
  /** Without it the scenario's own, and the defaults. */
  readings?: Readings;
  pace?: Pace;
  /** Of the AWS endpoint; any free one without it. */
  port?: number;
  /** Where the built hooks are; `dist` without it. */
  dist?: string;
  /** What runs in this process in the place of the built hooks. */
  makeHandler?: MakeHandler;
  /** Arguments of node that start another runtime client than ours, such as AWS's own. */
  runtime?: readonly string[];
  onEvent?: (event: TimelineEvent) => void;
  /** Told what the tasks do that are processes: every status, and every line that they write. */
  onTask?: (event: TaskEvent) => void;
  /** Told of every request to a service that has a URL, when it is over. */
  onRequest?: (event: RequestEvent) => void;
  /** Told where the AWS endpoint of this play listens, before anything happens. */
  onReady?: (endpointUrl: string) => void;
  /**
   * What is done beside the play, in its world, from before the beginning on; the play ends no sooner. It is for plays
   * with tasks that are processes: without them the clock stands still until it settles.
   */
  meanwhile?: (world: World) => Promise<void>;
}

const MINUTE = 60_000;

/**
 * Plays a scenario: every deployment to its end, with the built hooks, and holds it against what it expects.
 *
 * @throws AwsError where ECS would refuse a service's definition; Error when a hook is not built, the port is taken, or
 *   a task of a running service ends before anything has begun
 */
export async function play(scenario: Scenario, options: PlayOptions = {}): Promise<PlayRecord> {
  const readings = options.readings ?? new Readings(parseChoices(scenario.readings));
  const script = new Script(scenario, options.onEvent ?? (() => undefined));
  const world = await createWorld(scenario, {
    readings,
    dist: options.dist ?? 'dist',
    onEvent: (event) => script.on(event),
    answersFor: (name, deploymentArn) => script.specOf(deploymentArn)?.answers?.[name],
    ...(options.makeHandler !== undefined && { makeHandler: options.makeHandler }),
    ...(options.onTask !== undefined && { onTask: options.onTask }),
    ...(options.onRequest !== undefined && { onRequest: options.onRequest }),
    ...(options.pace !== undefined && { pace: options.pace }),
    ...(options.port !== undefined && { port: options.port }),
    ...(options.runtime !== undefined && { runtime: options.runtime }),
  });
  try {
    options.onReady?.(world.endpointUrl);
    if (options.meanwhile !== undefined) world.clock.hold(options.meanwhile(world));
    await script.begin(world);
    await world.engine.run();
    return script.record(world, readings);
  } finally {
    await world.close();
  }
}

/** A deployment that has been started, and which of its events have not come yet. */
interface Started {
  spec: DeploymentSpec;
  toCome: Set<Happening>;
}

/** Starts the deployments and lets happen what the scenario says. */
class Script {
  readonly #scenario: Scenario;
  readonly #listener: (event: TimelineEvent) => void;
  readonly #started = new Map<string, Started>();
  /** Which deployment of the same service comes after one, unless it has a time of its own. */
  readonly #followers = new Map<DeploymentSpec, DeploymentSpec>();
  readonly #created = new Set<string>();
  #starting: DeploymentSpec | undefined;
  #world: World | undefined;

  constructor(scenario: Scenario, listener: (event: TimelineEvent) => void) {
    this.#scenario = scenario;
    this.#listener = listener;
  }

  async begin(world: World): Promise<void> {
    this.#world = world;
    for (const name of beginServices(this.#scenario, world)) this.#created.add(name);
    await world.fleet.whenComplete();
    const start = world.clock.now();
    world.messages.begin(this.#scenario, start);
    const newest = new Map<string, DeploymentSpec>();
    for (const spec of this.#scenario.deployments) {
      const before = newest.get(spec.service);
      newest.set(spec.service, spec);
      if (spec.at === undefined && before !== undefined) this.#followers.set(before, spec);
      else world.engine.at(start + (spec.at ?? 0), () => this.#deploy(world, spec));
    }
  }

  specOf(deploymentArn: string): DeploymentSpec | undefined {
    return this.#started.get(deploymentArn)?.spec;
  }

  on(event: TimelineEvent): void {
    // What is told first must be known already: ECS begins a deployment within the call that starts it.
    if (event.kind === 'started' && this.#starting !== undefined)
      this.#know(event.deployment.deploymentArn, this.#starting);
    this.#tell(event);
    const world = this.#world;
    const started = this.#started.get(event.deployment.deploymentArn);
    if (world === undefined || started === undefined) return;
    world.metrics?.on(event, started.spec.revision, () => world.engine.serviceRevisions());
    if (event.kind === 'started') this.#schedule(world, started, event, undefined, 1);
    if (event.kind === 'stage-started' && event.stage.direction === 'forward') {
      this.#schedule(world, started, event, event.stage.stage, stepOf(event.stage, event.deployment));
    }
    const next = event.kind === 'finished' ? this.#followers.get(started.spec) : undefined;
    if (next !== undefined) world.engine.at(event.at + (next.after ?? MINUTE), () => this.#deploy(world, next));
  }

  /** A change of the consumer parameter lies before the event at which it is seen, but not before the beginning. */
  #tell(event: TimelineEvent): void {
    const { at: now, deployment } = event;
    const points = this.#world?.consumer.changes(deployment, now) ?? [];
    if (event.kind === 'started') this.#listener(event);
    for (const point of points) this.#listener({ kind: 'consumer', at: point.at, deployment, point });
    if (event.kind !== 'started') this.#listener(event);
  }

  record(world: World, readings: Readings): PlayRecord {
    const { name, description, start } = this.#scenario;
    const deployments = world.engine.record().map((deployment) => this.#judged(world, deployment));
    const judged = deployments.flatMap(({ expectation }) => (expectation ? [expectation] : []));
    const failures = judged.flatMap((expectation) => expectation.failures);
    return {
      scenario: name,
      description,
      startedAt: Date.parse(start),
      endedAt: Math.max(Date.parse(start), ...deployments.flatMap(endsOf)),
      readings: Object.fromEntries(readings.consulted()),
      deployments,
      ...(judged.length > 0 && { expectation: { met: failures.length === 0, failures } }),
    };
  }

  #judged(world: World, played: DeploymentRecord): DeploymentRecord {
    const metrics = world.metrics?.recordOf(played) ?? [];
    const eventInvocations = world.events?.of(played.deploymentArn) ?? [];
    const distributions = loadDistributions(world.aws.parameters, played);
    const consumer = world.consumer.of(played.deploymentArn);
    const consumption = world.consumption.recordsOf(played, Math.max(...endsOf({ ...played, eventInvocations })));
    const deployment = {
      ...played,
      ...(metrics.length > 0 && { metrics }),
      ...(eventInvocations.length > 0 && { eventInvocations }),
      ...(consumption.length > 0 && { consumption }),
      ...(consumer.length > 0 && { consumer }),
      ...(distributions.length > 0 && { distributions }),
    };
    const started = this.#started.get(deployment.deploymentArn);
    if (started?.spec.expect === undefined) return deployment;
    const others = [...this.#started.keys()].filter((arn) => arn !== deployment.deploymentArn);
    const failures = unmet(started.spec.expect, deployment, messagesOf(world, deployment, others));
    // By itself an event that found no occasion is no failure: the deployment went another way.
    if (failures.length > 0) failures.push(...neverCame(deployment, started.toCome));
    return { ...deployment, expectation: { met: failures.length === 0, failures } };
  }

  #know(deploymentArn: string, spec: DeploymentSpec): void {
    if (!this.#started.has(deploymentArn)) this.#started.set(deploymentArn, { spec, toCome: new Set(spec.events) });
  }

  #schedule(
    world: World,
    { toCome }: Started,
    { deployment, at }: TimelineEvent,
    stage: string | undefined,
    step: number,
  ): void {
    for (const happening of toCome) {
      if (happening.stage !== stage || (happening.step ?? 1) !== step) continue;
      // By some readings ECS enters one stage twice; an event comes once.
      toCome.delete(happening);
      world.engine.at(at + happening.after, () => happen(this.#scenario, world, deployment, happening));
    }
  }

  #deploy(world: World, spec: DeploymentSpec): void {
    const { service: name, title } = spec;
    this.#starting = spec;
    const started = this.#created.has(name)
      ? world.engine.updateService(
          {
            cluster: this.#scenario.services[name]?.cluster ?? '',
            service: name,
            revision: revisionDefinition(spec.revision),
          },
          title,
        )
      : world.engine.createService(serviceDefinition(this.#scenario, name, spec.revision, world.fill), title);
    this.#created.add(name);
    this.#starting = undefined;
    // It may have to wait until the deployment before has rolled back, and begin long after this call.
    if (started !== undefined) this.#know(started.deploymentArn, spec);
  }
}

/** When a deployment ended, and the events that it caused. */
function endsOf({ finishedAt, createdAt, eventInvocations = [] }: DeploymentRecord): number[] {
  return [finishedAt ?? createdAt, ...eventInvocations.map(({ endedAt }) => endedAt)];
}

/** 1 for the first traffic step; a stage that comes once more after the steps, as the final bake does, counts on. */
function stepOf(stage: StageRecord, deployment: DeploymentRecord): number {
  if (stage.step !== undefined) return stage.step;
  const steps = deployment.stages.filter((one) => one.stage === stage.stage && one.direction === 'forward');
  return 1 + Math.max(0, ...steps.map(({ step = 0 }) => step));
}

/** Messages published while a deployment ran, without those that name another one. */
function messagesOf(world: World, deployment: DeploymentRecord, others: readonly string[]): number {
  const { createdAt, finishedAt = Number.POSITIVE_INFINITY } = deployment;
  const ids = others.map((arn) => arn.slice(arn.lastIndexOf('/') + 1));
  return world.aws.topics.messages.filter(
    ({ at, message }) => at >= createdAt && at <= finishedAt && !ids.some((id) => message.includes(id)),
  ).length;
}

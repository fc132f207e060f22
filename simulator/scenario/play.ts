import { parseChoices, Readings } from '../engine/readings.ts';
import type { Pace } from '../engine/virtual-clock.ts';
import type { DeploymentRecord, PlayRecord, StageRecord } from '../record.ts';
import type { TimelineEvent } from '../report/timeline-event.ts';
import { revisionDefinition, serviceDefinition } from './definitions.ts';
import { neverCame, unmet } from './expectations.ts';
import { happen } from './happenings.ts';
import type { DeploymentSpec, Scenario } from './schema.ts';
import type { Happening } from './schema-happening.ts';
import { createWorld, type World } from './world.ts';

export interface PlayOptions {
  /** Without it the scenario's own, and the defaults. */
  readings?: Readings;
  pace?: Pace;
  /** Of the AWS endpoint; any free one without it. */
  port?: number;
  /** Where the built hooks are; `dist` without it. */
  dist?: string;
  onEvent?: (event: TimelineEvent) => void;
  /** Told where the AWS endpoint of this play listens, before anything happens. */
  onReady?: (endpointUrl: string) => void;
}

const MINUTE = 60_000;

/**
 * Plays a scenario: every deployment to its end, with the built hooks, and holds it against what it expects.
 *
 * @throws AwsError where ECS would refuse a service's definition; Error when a hook is not built or the port is taken
 */
export async function play(scenario: Scenario, options: PlayOptions = {}): Promise<PlayRecord> {
  const readings = options.readings ?? new Readings(parseChoices(scenario.readings));
  const script = new Script(scenario, options.onEvent ?? (() => undefined));
  const world = await createWorld(scenario, {
    readings,
    dist: options.dist ?? 'dist',
    onEvent: (event) => script.on(event),
    answersFor: (name, deploymentArn) => script.specOf(deploymentArn)?.answers?.[name],
    ...(options.pace !== undefined && { pace: options.pace }),
    ...(options.port !== undefined && { port: options.port }),
  });
  try {
    options.onReady?.(world.endpointUrl);
    script.begin(world);
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

  begin(world: World): void {
    this.#world = world;
    const start = world.clock.now();
    for (const [name, { running }] of Object.entries(this.#scenario.services)) {
      if (running === undefined) continue;
      const { metrics, engine } = world;
      const { revisionId } = engine.addRunningService(serviceDefinition(this.#scenario, name, running), metrics?.since);
      metrics?.addRunning(name, revisionId, engine.serviceRevisions());
      this.#created.add(name);
    }
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
    this.#listener(event);
    const world = this.#world;
    const started = this.#started.get(event.deployment.deploymentArn);
    if (world === undefined || started === undefined) return;
    world.metrics?.on(event, started.spec.revision, () => world.engine.serviceRevisions());
    if (event.kind === 'started') this.#schedule(world, started, event, undefined, 1);
    if (event.kind === 'stage-started' && event.stage.direction === 'forward') {
      this.#schedule(world, started, event, event.stage.stage, stepOf(event.stage, event.deployment));
    }
    const next = event.kind === 'finished' ? this.#followers.get(started.spec) : undefined;
    if (next !== undefined) world.engine.at(event.at + MINUTE, () => this.#deploy(world, next));
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
      endedAt: Math.max(Date.parse(start), ...deployments.map((one) => one.finishedAt ?? one.createdAt)),
      readings: Object.fromEntries(readings.consulted()),
      deployments,
      ...(judged.length > 0 && { expectation: { met: failures.length === 0, failures } }),
    };
  }

  #judged(world: World, played: DeploymentRecord): DeploymentRecord {
    const metrics = world.metrics?.recordOf(played) ?? [];
    const deployment = metrics.length === 0 ? played : { ...played, metrics };
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
      : world.engine.createService(serviceDefinition(this.#scenario, name, spec.revision), title);
    this.#created.add(name);
    this.#starting = undefined;
    // It may have to wait until the deployment before has rolled back, and begin long after this call.
    if (started !== undefined) this.#know(started.deploymentArn, spec);
  }
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

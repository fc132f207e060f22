import type { AwsCall } from '../aws/dispatch.ts';
import { createLocalAws, type LocalAws } from '../aws/local-aws.ts';
import { EcsEngine } from '../engine/engine.ts';
import { Ids } from '../engine/ids.ts';
import type { Readings } from '../engine/readings.ts';
import { type Pace, VirtualClock } from '../engine/virtual-clock.ts';
import type { HookInvoker } from '../lambda/invoker.ts';
import { LambdaSandbox } from '../lambda/sandbox.ts';
import type { RequestEvent } from '../network/entrance.ts';
import type { TimelineEvent } from '../report/timeline-event.ts';
import type { TaskFleet } from '../tasks/fleet.ts';
import type { TaskEvent } from '../tasks/task-event.ts';
import { describeAccount } from './account.ts';
import { ConsumerParameter } from './consumer-parameter.ts';
import { Consumption, taskRevisions } from './consumption.ts';
import { functionArn, serviceDefinition } from './definitions.ts';
import { EventDelivery, type EventDeliveryOptions } from './event-delivery.ts';
import { type AnswersFor, Functions, type MakeHandler } from './functions.ts';
import { pushImage, resolveImage } from './images.ts';
import { MetricsFeed } from './metrics-feed.ts';
import { type Fill, fillWith, openEntrances } from './placeholders.ts';
import { createQueues, MessageFeed } from './queues.ts';
import { RUNNING_REVISION } from './references-tasks.ts';
import type { Scenario } from './schema.ts';
import { connectTasks, noteEnd, taskFleet } from './tasks.ts';

export interface WorldOptions {
  readings: Readings;
  pace?: Pace;
  onEvent: (event: TimelineEvent) => void;
  /** Told what the tasks do that are processes. */
  onTask?: (event: TaskEvent) => void;
  /** Told of every request to a service that has a URL. */
  onRequest?: (event: RequestEvent) => void;
  answersFor: AnswersFor;
  /** Port of the AWS endpoint; any free one without it. */
  port?: number;
  /** Told of each request to the AWS endpoint. */
  onCall?: (call: AwsCall) => void;
  /** Where the built hooks are. */
  dist: string;
  /** What runs in this process in their place. */
  makeHandler?: MakeHandler;
  /** Arguments of node that start another runtime client than ours. */
  runtime?: readonly string[];
}

/** Everything that a scenario is played in: an account with its services, its functions, and its clock. */
export interface World {
  clock: VirtualClock;
  aws: LocalAws;
  engine: EcsEngine;
  functions: Functions;
  /** The tasks that are processes. */
  fleet: TaskFleet;
  messages: MessageFeed;
  /** Which revision may consume, as the hooks write it. */
  consumer: ConsumerParameter;
  /** Who took messages off the queues. */
  consumption: Consumption;
  /** Absent when the scenario says nothing of metrics. */
  metrics?: MetricsFeed;
  /** Absent when no function asks for events. */
  events?: EventDelivery;
  endpointUrl: string;
  /** Puts what only this world knows into the scenario's texts. */
  fill: Fill;
  close(): Promise<void>;
}

/** @throws Error when an artifact is not built, or AWS would refuse what the scenario says exists */
export async function createWorld(scenario: Scenario, options: WorldOptions): Promise<World> {
  const { region, accountId, seed, durations } = scenario;
  const { readings, pace, onEvent, answersFor, dist } = options;
  const clock = new VirtualClock({ start: Date.parse(scenario.start), ...(pace !== undefined && { pace }) });
  const invoker = new LateInvoker();
  const events = eventDelivery(scenario, { clock, readings, invoker, onEvent });
  const fleet = taskFleet(scenario, clock, (event) => {
    noteEnd(engine, event);
    options.onTask?.(event);
  });
  const engine = new EcsEngine({
    ...{ clock, readings, invoker, region, accountId, seed, durations, onEvent, tasks: fleet },
    ...(events && { onEcsEvent: (event, deployment) => events.send(event, deployment) }),
    resolveImage: (image) => resolveImage(aws, image),
  });
  // Of another seed than the engine's: what the functions ask for must not change the ids of what is deployed.
  const ids = new Ids(~seed);
  const newId = () => ids.uuid();
  const metrics = scenario.metrics && new MetricsFeed(scenario, scenario.metrics);
  const cloudwatch = scenario.metrics && {
    publicationDelaySeconds: scenario.metrics.publicationDelay / 1000,
    beforeRead: () => metrics?.feed(aws.metrics, clock.now()),
  };
  // A queue whose metrics the scenario scripts has no others.
  const scripted = scenario.metrics?.queues ?? {};
  const sqs = { publishesMetrics: (queue: string) => !Object.hasOwn(scripted, queue) };
  const optionally = { ...(cloudwatch && { cloudwatch }), ...(options.onCall && { onCall: options.onCall }) };
  const aws = createLocalAws({ clock, region, accountId, ecs: engine, newId, sqs, ...optionally });
  const { url: endpointUrl, close: closeEndpoint } = await aws.listen({ port: options.port ?? 0 });
  const entrances = await openEntrances(scenario, (service) => fleet.routesOf(service), options.onRequest);
  const fill = fillWith(endpointUrl, accountId, entrances.urls);
  const isReal = pace?.kind === 'real';
  const pacing = isReal ? { realDurations: true } : { clockStepMs: 1000 };
  const runtime = options.runtime && { runtime: options.runtime };
  const sandbox = new LambdaSandbox({ clock, endpointUrl, region, accountId, newId, ...pacing, ...runtime });
  const close = async () => {
    await sandbox.close();
    // What a worker has in hand it can still finish: the endpoint goes last.
    await fleet.close();
    await entrances.close();
    await closeEndpoint();
  };
  try {
    furnish(scenario, aws, clock.now());
    const messages = new MessageFeed(aws, clock);
    await connectTasks(scenario, fleet, engine, { aws, endpointUrl, fill });
    const { makeHandler } = options;
    const around = { aws, clock, sandbox, dist, newId, answersFor, fill, ...(makeHandler && { makeHandler }) };
    const functions = new Functions(scenario, { ...around, oneByOne: !isReal });
    invoker.functions = functions;
    describeAccount(scenario, aws, dist, fill);
    const consumer = new ConsumerParameter(aws.parameters);
    const consumption = new Consumption(taskRevisions(() => fleet.list()));
    aws.queues.on((event) => consumption.on(event));
    const optional = { ...(metrics && { metrics }), ...(events && { events }) };
    const parts = { clock, aws, engine, functions, fleet, messages, consumer, consumption };
    return { ...parts, endpointUrl, fill, close, ...optional };
  } catch (error) {
    await close();
    throw error;
  }
}

/** EventBridge for the functions that ask for events; undefined when none does. */
function eventDelivery(
  scenario: Scenario,
  { onEvent, ...around }: Pick<EventDeliveryOptions, 'clock' | 'readings' | 'invoker'> & Pick<WorldOptions, 'onEvent'>,
): EventDelivery | undefined {
  const subscribers = Object.entries(scenario.functions).flatMap(([name, { events = [] }]) =>
    events.length === 0 ? [] : [{ name, arn: functionArn(scenario, name), events }],
  );
  if (subscribers.length === 0) return undefined;
  return new EventDelivery({
    ...around,
    subscribers,
    onInvocation: (deployment, invocation) =>
      onEvent({ kind: 'event-invocation', at: invocation.endedAt, deployment, invocation }),
  });
}

/** The engine is made before the functions, which need the endpoint, which needs the engine. */
class LateInvoker implements HookInvoker {
  functions: HookInvoker | undefined;

  invoke: HookInvoker['invoke'] = async (...invocation) => {
    if (this.functions === undefined) throw new Error('no function is deployed yet');
    return this.functions.invoke(...invocation);
  };
}

function furnish(scenario: Scenario, aws: LocalAws, now: number): void {
  for (const image of scenario.images) pushImage(aws, image, now);
  createQueues(aws, scenario);
  for (const topic of scenario.topics) aws.topics.create(topic);
  // The access key is the scenario's name for them, so that a command line can say who it is.
  for (const [name, arn] of Object.entries(scenario.identities)) aws.addIdentity(arn, name);
}

/**
 * Puts the services in place that run before anything happens, and then the parameters.
 *
 * @returns the names of these services
 * @throws AwsError where ECS would refuse a service's definition, or Parameter Store a parameter
 */
export function beginServices(scenario: Scenario, { engine, metrics, fill, aws }: World): Set<string> {
  const revisions = new Map<string, string>();
  for (const [name, { running }] of Object.entries(scenario.services)) {
    if (running === undefined) continue;
    const definition = serviceDefinition(scenario, name, running, fill);
    const { revisionId } = engine.addRunningService(definition, metrics?.since);
    metrics?.addRunning(name, revisionId, engine.serviceRevisions());
    revisions.set(name, revisionId);
  }
  writeParameters(scenario, aws, revisions);
  return new Set(revisions.keys());
}

/**
 * Writes the parameters that exist, in which `${revision:<service>}` stands for the id of the revision that runs.
 *
 * @throws AwsError where Parameter Store would refuse one
 */
function writeParameters(scenario: Scenario, aws: LocalAws, running: ReadonlyMap<string, string>): void {
  const administrator = `arn:aws:sts::${scenario.accountId}:assumed-role/Administrator/scenario`;
  for (const [name, text] of Object.entries(scenario.parameters)) {
    const value = text.replace(RUNNING_REVISION, (_, service: string) => running.get(service) ?? '');
    aws.parameters.put({ name, value, type: 'String', overwrite: false }, administrator);
  }
}

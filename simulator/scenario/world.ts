import { createLocalAws, type LocalAws } from '../aws/local-aws.ts';
import { EcsEngine } from '../engine/engine.ts';
import { Ids } from '../engine/ids.ts';
import type { Readings } from '../engine/readings.ts';
import { type Pace, VirtualClock } from '../engine/virtual-clock.ts';
import type { HookInvoker } from '../lambda/invoker.ts';
import { LambdaSandbox } from '../lambda/sandbox.ts';
import type { TimelineEvent } from '../report/timeline-event.ts';
import { type AnswersFor, Functions } from './functions.ts';
import { pushImage, resolveImage } from './images.ts';
import { MetricsFeed } from './metrics-feed.ts';
import type { Scenario } from './schema.ts';

export interface WorldOptions {
  readings: Readings;
  pace?: Pace;
  onEvent: (event: TimelineEvent) => void;
  answersFor: AnswersFor;
  /** Port of the AWS endpoint; any free one without it. */
  port?: number;
  /** Where the built hooks are. */
  dist: string;
}

/** Everything that a scenario is played in: an account with its services, its functions, and its clock. */
export interface World {
  clock: VirtualClock;
  aws: LocalAws;
  engine: EcsEngine;
  functions: Functions;
  /** Absent when the scenario says nothing of metrics. */
  metrics?: MetricsFeed;
  endpointUrl: string;
  close(): Promise<void>;
}

/** @throws Error when an artifact is not built, or AWS would refuse what the scenario says exists */
export async function createWorld(scenario: Scenario, options: WorldOptions): Promise<World> {
  const { region, accountId, seed, durations } = scenario;
  const { readings, pace, onEvent, answersFor, dist } = options;
  const clock = new VirtualClock({ start: Date.parse(scenario.start), ...(pace !== undefined && { pace }) });
  const invoker = new LateInvoker();
  const engine = new EcsEngine({
    ...{ clock, readings, invoker, region, accountId, seed, durations, onEvent },
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
  const aws = createLocalAws({ clock, region, accountId, ecs: engine, newId, ...(cloudwatch && { cloudwatch }) });
  const { url: endpointUrl, close: closeEndpoint } = await aws.listen({ port: options.port ?? 0 });
  const isReal = pace?.kind === 'real';
  const pacing = isReal ? { realDurations: true } : { clockStepMs: 1000 };
  const sandbox = new LambdaSandbox({ clock, endpointUrl, region, accountId, newId, ...pacing });
  const close = async () => {
    await sandbox.close();
    await closeEndpoint();
  };
  try {
    furnish(scenario, aws, clock.now());
    const functions = new Functions(scenario, { aws, clock, sandbox, dist, newId, answersFor, oneByOne: !isReal });
    invoker.functions = functions;
    return { clock, aws, engine, functions, endpointUrl, close, ...(metrics && { metrics }) };
  } catch (error) {
    await close();
    throw error;
  }
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
  for (const topic of scenario.topics) aws.topics.create(topic);
  // The access key is the scenario's name for them, so that a command line can say who it is.
  for (const [name, arn] of Object.entries(scenario.identities)) aws.addIdentity(arn, name);
  const administrator = `arn:aws:sts::${scenario.accountId}:assumed-role/Administrator/scenario`;
  for (const [name, value] of Object.entries(scenario.parameters)) {
    aws.parameters.put({ name, value, type: 'String', overwrite: false }, administrator);
  }
}

/** What the engine tells the live timeline while it plays. A finished record can be told again in the same words. */
import type {
  ConsumerPoint,
  DeploymentRecord,
  EventInvocationRecord,
  HookRunRecord,
  InvocationRecord,
  NoteRecord,
  PlayRecord,
  StageRecord,
  WeightPoint,
} from '../record.ts';

/** `at` is in milliseconds since the epoch on the simulator's clock. Records are read when the event arrives. */
export type TimelineEvent = { at: number; deployment: DeploymentRecord } & (
  | { kind: 'started' }
  | { kind: 'stage-started'; stage: StageRecord }
  | { kind: 'stage-ended'; stage: StageRecord }
  | { kind: 'hook-started'; stage: StageRecord; hook: HookRunRecord }
  /** An invocation has ended; `hook-ended` follows when its answer was final. */
  | { kind: 'invocation'; stage: StageRecord; hook: HookRunRecord; invocation: InvocationRecord }
  | { kind: 'hook-ended'; stage: StageRecord; hook: HookRunRecord }
  | { kind: 'weights'; point: WeightPoint }
  | { kind: 'note'; note: NoteRecord }
  /** An invocation by EventBridge has ended. */
  | { kind: 'event-invocation'; invocation: EventInvocationRecord }
  /** The parameter that names the consuming revision has another value. */
  | { kind: 'consumer'; point: ConsumerPoint }
  | { kind: 'finished' }
);

/** The happenings of a finished (or halted) play, in order of time; of equal times, causes come before effects. */
export function eventsOf(record: PlayRecord): TimelineEvent[] {
  return record.deployments.flatMap(deploymentEvents);
}

function deploymentEvents(deployment: DeploymentRecord): TimelineEvent[] {
  const firstStage = deployment.stages[0]?.startedAt ?? Number.POSITIVE_INFINITY;
  const initial = initialWeights(deployment, firstStage);
  const asEvent = (point: WeightPoint): TimelineEvent => ({ kind: 'weights', at: point.at, deployment, point });
  const isCause = (note: NoteRecord): boolean => ['action', 'alarm', 'stop', 'fault'].includes(note.kind);
  const noted = (note: NoteRecord): TimelineEvent => ({ kind: 'note', at: note.at, deployment, note });
  const invoked = (invocation: EventInvocationRecord): TimelineEvent => {
    return { kind: 'event-invocation', at: invocation.endedAt, deployment, invocation };
  };
  const { consumer = [], eventInvocations = [] } = deployment;
  const named = (point: ConsumerPoint): TimelineEvent => ({ kind: 'consumer', at: point.at, deployment, point });
  const atStart = (point: ConsumerPoint): boolean => point.at <= deployment.createdAt;
  const events: TimelineEvent[] = [
    { kind: 'started', at: deployment.createdAt, deployment },
    ...initial.map(asEvent),
    ...consumer.filter(atStart).map(named),
    ...deployment.notes.filter(isCause).map(noted),
    ...deployment.stages.flatMap((stage) => stageEvents(deployment, stage)),
    ...deployment.weights.filter((point) => !initial.includes(point)).map(asEvent),
    ...deployment.notes.filter((note) => !isCause(note)).map(noted),
    ...consumer.filter((point) => !atStart(point)).map(named),
    ...eventInvocations.map(invoked),
  ];
  if (deployment.finishedAt !== undefined) events.push({ kind: 'finished', at: deployment.finishedAt, deployment });
  // Array.prototype.sort is stable: what is equal in time keeps the order above.
  return events.sort((a, b) => a.at - b.at);
}

/** The weights that were there already when the deployment began: the first point of each kind of traffic. */
function initialWeights(deployment: DeploymentRecord, firstStage: number): WeightPoint[] {
  return (['production', 'test'] as const).flatMap((traffic) => {
    const first = deployment.weights.find((point) => point.traffic === traffic);
    return first !== undefined && first.at <= firstStage ? [first] : [];
  });
}

function stageEvents(deployment: DeploymentRecord, stage: StageRecord): TimelineEvent[] {
  const hooks = stage.hooks.flatMap((hook): TimelineEvent[] => [
    { kind: 'hook-started', at: hook.startedAt, deployment, stage, hook },
    ...hook.invocations.map(
      (invocation): TimelineEvent => ({
        kind: 'invocation',
        at: invocation.endedAt,
        deployment,
        stage,
        hook,
        invocation,
      }),
    ),
    ...(hook.endedAt === undefined
      ? []
      : [{ kind: 'hook-ended', at: hook.endedAt, deployment, stage, hook } satisfies TimelineEvent]),
  ]);
  return [
    { kind: 'stage-started', at: stage.startedAt, deployment, stage },
    ...hooks.sort((a, b) => a.at - b.at),
    ...(stage.endedAt === undefined
      ? []
      : [{ kind: 'stage-ended', at: stage.endedAt, deployment, stage } satisfies TimelineEvent]),
  ];
}

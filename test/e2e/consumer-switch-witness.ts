/** Plays a switch with messages flowing all the time, and sees what SQS, Parameter Store and the workers saw. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { QueueEvent } from '../../simulator/aws/sqs/queue-types.ts';
import type { DeploymentRecord } from '../../simulator/record.ts';
import { play } from '../../simulator/scenario/play.ts';
import type { World } from '../../simulator/scenario/world.ts';
import type { TaskEvent, TaskLabel } from '../../simulator/tasks/task-event.ts';
import type { Happened, Named } from './consumer-switch-audit.ts';
import { type Case, DEAD_LETTERS, PARAMETER, QUEUE, scenarioOf } from './consumer-switch-scenario.ts';

export interface Watched {
  record: DeploymentRecord;
  sent: readonly number[];
  /** In the order in which it happened. */
  happened: readonly Happened[];
  /** What the parameter said, from the beginning on. */
  named: readonly Named[];
  /** The messages in the dead-letter queue at the end. */
  dead: readonly number[];
  /** Tasks that a SIGKILL ended while the deployment ran. */
  killed: ReadonlySet<string>;
  /** The reasons of the hook's answers to ECS, in order. */
  reasons: readonly string[];
}

const TICK_MS = 100;
/** A play that takes longer than this has gone wrong: 2 minutes. */
const MOST_TICKS = 1200;
/** After the deployment so many are processed before the flow ends: somebody consumes again. */
const AFTERWARDS = 100;

const Body = z.object({ id: z.int() });
const Processed = z.object({ processed: z.int() });

/** @param perSecond how many messages are sent, a multiple of ten @throws Error when not all of them are gone after two minutes */
export async function watchSwitch(one: Case, perSecond: number): Promise<Watched> {
  const witness = new Witness(perSecond);
  const { deployments } = await play(scenarioOf(one), {
    onTask: (event) => witness.onTask(event),
    onEvent: (event) => {
      if (event.kind === 'finished') witness.finished();
    },
    meanwhile: (world) => witness.attend(world),
  });
  const [record] = deployments;
  if (record === undefined) throw new Error('nothing was deployed');
  return { record, ...witness.seen(record) };
}

class Witness {
  readonly #perTick: number;
  readonly #sent: number[] = [];
  readonly #ids = new Map<string, number>();
  readonly #happened: Happened[] = [];
  readonly #tasks = new Map<string, TaskLabel>();
  readonly #killed = new Set<string>();
  #dead: number[] = [];
  #history: { at: number; value: string }[] = [];
  /** How many were processed when the deployment ended. */
  #until: number | undefined;
  #processed = 0;

  constructor(perSecond: number) {
    this.#perTick = (perSecond * TICK_MS) / 1000;
  }

  /** Sends until the deployment is over and somebody consumes, then waits until nothing is left. */
  async attend(world: World): Promise<void> {
    world.aws.queues.on((event) => this.#onQueue(world, event));
    let ticks = 0;
    for (; !this.#isOver() && ticks < MOST_TICKS; ticks += 1) {
      world.messages.send({ queue: QUEUE, count: this.#perTick, body: undefined });
      await sleep(TICK_MS);
    }
    const isEmpty = () => world.aws.queues.messages(QUEUE).length === 0;
    for (; !isEmpty() && ticks < MOST_TICKS; ticks += 1) await sleep(TICK_MS);
    if (!isEmpty()) throw new Error(`${world.aws.queues.messages(QUEUE).length} messages are left`);
    this.#dead = world.aws.queues.messages(DEAD_LETTERS).map(({ body }) => Body.parse(JSON.parse(body)).id);
    this.#history = (world.aws.parameters.history(PARAMETER) ?? []).map((version) => ({
      at: version.lastModifiedAt,
      value: version.value,
    }));
  }

  finished(): void {
    this.#until = this.#processed;
  }

  onTask(event: TaskEvent): void {
    const { at, task } = event;
    this.#tasks.set(task.taskId, task);
    if (event.kind === 'status' && event.end?.exitCode === 137) this.#killed.add(task.taskId);
    if (event.kind !== 'line' || !event.line.startsWith('{')) return;
    this.#processed += 1;
    this.#note('processed', at, task.taskId, Processed.parse(JSON.parse(event.line)).processed);
  }

  seen({ source, target, stages }: DeploymentRecord): Omit<Watched, 'record'> {
    const nameOf = (value: string) => [source, target].find((revision) => revision?.id === value)?.name ?? value;
    const named = this.#history.map(({ at, value }, i) => ({
      revision: nameOf(value),
      from: at,
      to: this.#history[i + 1]?.at ?? Number.POSITIVE_INFINITY,
    }));
    const invocations = stages.flatMap(({ hooks }) => hooks.flatMap(({ invocations }) => invocations));
    const reasons = invocations
      .toSorted((a, b) => a.startedAt - b.startedAt)
      .map(({ outcome }) => (outcome.kind === 'answer' ? (outcome.reason ?? '') : outcome.kind));
    const seen = { sent: this.#sent, happened: this.#happened, dead: this.#dead, killed: this.#killed };
    return { ...seen, named, reasons };
  }

  #isOver(): boolean {
    return this.#until !== undefined && this.#processed >= this.#until + AFTERWARDS;
  }

  #onQueue({ aws }: World, { type, at, queue, messageId, callerArn }: QueueEvent): void {
    if (queue !== QUEUE) return;
    if (type === 'sent') {
      const { id } = Body.parse(JSON.parse(aws.queues.get(queue).find(messageId)?.body ?? ''));
      this.#ids.set(messageId, id);
      this.#sent.push(id);
    } else if (type !== 'expired') {
      this.#note(type, at, callerArn.slice(callerArn.lastIndexOf('/') + 1), this.#ids.get(messageId) ?? 0);
    }
  }

  #note(kind: Happened['kind'], at: number, taskId: string, id: number): void {
    this.#happened.push({ kind, at, taskId, revision: this.#tasks.get(taskId)?.revision ?? taskId, id });
  }
}

import type { LocalAws } from '../aws/local-aws.ts';
import { readQueueAttributes } from '../aws/sqs/queue-attributes.ts';
import type { VirtualClock } from '../engine/virtual-clock.ts';
import type { Scenario } from './schema.ts';
import type { QueueSpec, SendMessages } from './schema-tasks.ts';

/** @throws AwsError as CreateQueue and SetQueueAttributes do */
export function createQueue({ queues }: LocalAws, name: string, { attributes }: QueueSpec): void {
  queues.create(name, readQueueAttributes({ Attributes: attributes }, 'CreateQueue'));
}

/** Once all queues are there. @throws AwsError as SetQueueAttributes does */
export function redrive({ queues }: LocalAws, name: string, { deadLetterQueue }: QueueSpec): void {
  if (deadLetterQueue === undefined) return;
  const { name: target, maxReceiveCount } = deadLetterQueue;
  const policy = { deadLetterTargetArn: queues.arnOf(target), maxReceiveCount };
  const given = readQueueAttributes({ Attributes: { RedrivePolicy: JSON.stringify(policy) } }, 'SetQueueAttributes');
  queues.setAttributes(queues.get(name), given);
}

export function createQueues(aws: LocalAws, { queues }: Scenario): void {
  for (const [name, spec] of Object.entries(queues)) createQueue(aws, name, spec);
  for (const [name, spec] of Object.entries(queues)) redrive(aws, name, spec);
}

/** Sends the scenario's messages on the simulator's clock. Each has a JSON body with an `id`: 1, 2, 3 … in a play. */
export class MessageFeed {
  readonly #aws: LocalAws;
  readonly #clock: VirtualClock;
  #lastId = 0;

  constructor(aws: LocalAws, clock: VirtualClock) {
    this.#aws = aws;
    this.#clock = clock;
  }

  /** @param start when the scenario begins, milliseconds since the epoch */
  begin({ queues }: Scenario, start: number): void {
    for (const [name, { messages }] of Object.entries(queues)) {
      if (messages === undefined) continue;
      const { perSecond, from = 0, until, body } = messages;
      const count = Math.max(0, Math.ceil(((until - from) / 1000) * perSecond));
      this.#spread({ queue: name, count, perSecond, body }, start + from);
    }
  }

  send(messages: SendMessages): void {
    const { queue, count, perSecond, body } = messages;
    if (perSecond !== undefined) {
      this.#spread({ queue, count, perSecond, body }, this.#clock.now());
      return;
    }
    for (let sent = 0; sent < count; sent += 1) this.#sendOne(queue, body);
  }

  /** One event at a time, so that a million messages to come take no room. */
  #spread(messages: SendMessages & { perSecond: number }, from: number, sent = 0): void {
    if (sent >= messages.count) return;
    this.#clock.schedule(from + (sent * 1000) / messages.perSecond, () => {
      this.#sendOne(messages.queue, messages.body);
      this.#spread(messages, from, sent + 1);
    });
  }

  #sendOne(queue: string, body: SendMessages['body']): void {
    this.#lastId += 1;
    this.#aws.queues.send(queue, JSON.stringify({ id: this.#lastId, ...body }));
  }
}

/**
 * EventBridge and Lambda's asynchronous invocation: an event of ECS comes to each function that asks for it, a second
 * later, and once more where the function fails.
 */
import { type EcsEvent, type EventKind, kindOf } from '../engine/events.ts';
import type { Readings } from '../engine/readings.ts';
import type { VirtualClock } from '../engine/virtual-clock.ts';
import type { HookInvoker, Invocation, RawOutcome } from '../lambda/invoker.ts';
import type { DeploymentRecord, EventInvocationRecord, EventOutcome } from '../record.ts';

export interface Subscriber {
  /** The function's name. */
  name: string;
  arn: string;
  events: readonly EventKind[];
}

export interface EventDeliveryOptions {
  clock: VirtualClock;
  readings: Readings;
  invoker: HookInvoker;
  subscribers: readonly Subscriber[];
  /** Told when an invocation has ended. */
  onInvocation: (deployment: DeploymentRecord, invocation: EventInvocationRecord) => void;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DELIVERY = SECOND;
/** By the readings of `eventDelivery`: milliseconds from the event to each delivery. */
const DELIVERIES = {
  once: [DELIVERY],
  twice: [DELIVERY, DELIVERY + 10 * SECOND],
  delayed: [5 * MINUTE],
} as const;
/** Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation". */
const FUNCTION_ERROR_RETRIES = [MINUTE, 2 * MINUTE];
/** Throttling and system errors: from 1 second, doubling, to 5 minutes, while the event is younger than 6 hours. */
const SERVICE_ERROR_MAX = 5 * MINUTE;
const EVENT_MAX_AGE = 6 * 60 * MINUTE;

interface Delivery {
  subscriber: Subscriber;
  event: EcsEvent;
  deployment: DeploymentRecord;
  /** When Lambda took it, milliseconds since the epoch. */
  queuedAt: number;
  attempts: number;
  functionErrors: number;
  serviceErrors: number;
}

export class EventDelivery {
  readonly #options: EventDeliveryOptions;
  readonly #invocations = new Map<string, EventInvocationRecord[]>();

  constructor(options: EventDeliveryOptions) {
    this.#options = options;
  }

  /** An event as ECS sends it, now. The play goes on until it has been handled. */
  send(event: EcsEvent, deployment: DeploymentRecord): void {
    const { clock, readings, subscribers } = this.#options;
    const now = clock.now();
    for (const subscriber of subscribers.filter(({ events }) => events.includes(kindOf(event)))) {
      for (const delay of DELIVERIES[readings.reading('eventDelivery')]) {
        const counts = { attempts: 0, functionErrors: 0, serviceErrors: 0 };
        this.#at(now + delay, { subscriber, event, deployment, queuedAt: now + delay, ...counts });
      }
    }
  }

  /** The invocations by events of one deployment, in the order of their end. */
  of(deploymentArn: string): EventInvocationRecord[] {
    return structuredClone(this.#invocations.get(deploymentArn) ?? []);
  }

  #at(time: number, delivery: Delivery): void {
    this.#options.clock.schedule(time, () => this.#invoke(delivery));
  }

  #invoke(delivery: Delivery): void {
    const { clock, invoker } = this.#options;
    const startedAt = clock.now();
    delivery.attempts += 1;
    const attempt = delivery.attempts;
    const sent: unknown = structuredClone(delivery.event);
    const invoked = invoker.invoke(delivery.subscriber.arn, sent, startedAt).then((invocation) => {
      clock.schedule(startedAt + Math.max(invocation.durationMs, 1), () =>
        this.#ended(delivery, { startedAt, attempt }, invocation),
      );
    });
    clock.hold(invoked);
  }

  #ended(
    delivery: Delivery,
    { startedAt, attempt }: { startedAt: number; attempt: number },
    { outcome, awsCalls = [] }: Invocation,
  ): void {
    const { event, deployment, subscriber } = delivery;
    const record: EventInvocationRecord = {
      function: subscriber.name,
      eventName: event.detail.eventName,
      startedAt,
      endedAt: this.#options.clock.now(),
      attempt,
      event,
      outcome: readOutcome(outcome),
      awsCalls,
    };
    const known = this.#invocations.get(deployment.deploymentArn) ?? [];
    this.#invocations.set(deployment.deploymentArn, [...known, record]);
    this.#options.onInvocation(deployment, record);
    const delay = retryDelay(outcome, delivery);
    const next = record.endedAt + (delay ?? 0);
    if (delay !== undefined && next <= delivery.queuedAt + EVENT_MAX_AGE) this.#at(next, delivery);
  }
}

/** Milliseconds until Lambda tries again; undefined where it does not. Counts the trouble in the delivery. */
function retryDelay({ kind }: RawOutcome, delivery: Delivery): number | undefined {
  if (kind === 'function-error' || kind === 'timed-out') {
    delivery.functionErrors += 1;
    return FUNCTION_ERROR_RETRIES[delivery.functionErrors - 1];
  }
  if (kind !== 'throttled' && kind !== 'service-error') return undefined;
  delivery.serviceErrors += 1;
  return Math.min(SECOND * 2 ** (delivery.serviceErrors - 1), SERVICE_ERROR_MAX);
}

function readOutcome(outcome: RawOutcome): EventOutcome {
  if (outcome.kind !== 'returned') return outcome;
  try {
    const payload: unknown = JSON.parse(outcome.payload);
    return { kind: 'returned', payload };
  } catch {
    return { kind: 'returned', payload: outcome.payload };
  }
}

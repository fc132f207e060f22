import type { MessageAttributes } from './message-attributes.ts';

export interface QueueStoreOptions {
  /** Messages in flight that a queue bears; about 120,000 at AWS. */
  maxInFlight?: number;
  /**
   * On a standard queue a handle that a later receive has superseded may delete the message or not (API reference,
   * DeleteMessage). Here it does not, unless this says so.
   */
  staleHandlesDelete?: boolean;
  /** Metrics that count nothing are published as zeros while the queue is active; AWS's page says they are left out. */
  zeroMetrics?: boolean;
  /** Whether CloudWatch is fed with this queue's metrics; not where a scenario scripts them. */
  publishesMetrics?: (queue: string) => boolean;
}

export interface QueueCaller {
  callerArn: string;
  accessKeyId: string;
}

export interface QueueEvent extends QueueCaller {
  type: 'sent' | 'received' | 'deleted' | 'deadLettered' | 'expired';
  /** Milliseconds since the epoch. */
  at: number;
  /** The queue's name; of a dead letter, the one that it leaves. */
  queue: string;
  messageId: string;
  /** How often it was received, this time included. */
  receiveCount: number;
}

export interface NewMessage {
  id: string;
  body: string;
  attributes?: MessageAttributes;
  systemAttributes?: MessageAttributes;
  messageGroupId?: string | undefined;
  /** The queue's own delay without it. */
  delaySeconds?: number | undefined;
}

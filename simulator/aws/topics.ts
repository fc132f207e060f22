import type { Clock } from '../clock.ts';
import { AwsError } from './errors.ts';

export interface MessageAttribute {
  dataType: string;
  /** Text of a String, Number or String.Array, base64 of a Binary. */
  value: string;
}

/** A message as it was published; nobody delivers it, the simulator and its tests read it here. */
export interface PublishedMessage {
  /** Milliseconds since the epoch. */
  at: number;
  messageId: string;
  topicArn: string;
  callerArn: string;
  subject: string | undefined;
  message: string;
  /** `json` when the message holds one text per transport protocol. */
  messageStructure: string | undefined;
  attributes: Readonly<Record<string, MessageAttribute>>;
}

/** SNS's state: which topics there are, and what was published to them. */
export class TopicStore {
  readonly messages: PublishedMessage[] = [];
  /** What GetTopicAttributes says of a topic, by ARN. */
  readonly confirmedSubscriptions = new Map<string, number>();
  readonly #clock: Clock;
  readonly #arnPrefix: string;
  readonly #autoCreate: boolean;
  readonly #arns = new Set<string>();

  /** @param autoCreate whether publishing to a topic of this account and Region that is not there creates it */
  constructor(clock: Clock, place: { partition: string; region: string; accountId: string }, autoCreate: boolean) {
    this.#clock = clock;
    this.#arnPrefix = `arn:${place.partition}:sns:${place.region}:${place.accountId}:`;
    this.#autoCreate = autoCreate;
  }

  /**
   * Creates a topic; one that is there already stays as it is, as with CreateTopic.
   * @throws AwsError InvalidParameter when the name is not 1 to 256 letters, digits, hyphens and underscores
   */
  create(name: string): string {
    if (!/^[\w-]{1,256}$/.test(name)) throw new AwsError('InvalidParameter', 'Invalid parameter: Topic Name');
    const arn = `${this.#arnPrefix}${name}`;
    this.#arns.add(arn);
    return arn;
  }

  arns(): string[] {
    return [...this.#arns].sort();
  }

  /** @throws AwsError NotFound when the topic does not exist */
  publish(message: Omit<PublishedMessage, 'at'>): PublishedMessage {
    this.#requireTopic(message.topicArn);
    const published = { at: this.#clock.now(), ...message };
    this.messages.push(published);
    return published;
  }

  #requireTopic(arn: string): void {
    if (this.#arns.has(arn)) return;
    if (!this.#autoCreate || !arn.startsWith(this.#arnPrefix))
      throw new AwsError('NotFound', 'Topic does not exist', 404);
    this.create(arn.slice(this.#arnPrefix.length));
  }
}

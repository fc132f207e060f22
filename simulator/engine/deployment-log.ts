import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import type { DeploymentRecord, NoteRecord, RevisionRecord, Stage, StageRecord } from '../record.ts';
import type { TimelineEvent } from '../report/timeline-event.ts';
import type { RevisionState, ServiceState, Surroundings, Weights } from './state.ts';

type Happening<Event> = Event extends TimelineEvent ? Omit<Event, 'at' | 'deployment'> : never;

/** Writes down what a deployment does, and tells it to whoever listens. */
export class DeploymentLog {
  readonly record: DeploymentRecord;
  /** Milliseconds since the epoch. */
  updatedAt: number;
  private readonly around: Surroundings;
  private readonly service: ServiceState;

  constructor(around: Surroundings, service: ServiceState, record: DeploymentRecord) {
    this.around = around;
    this.service = service;
    this.record = record;
    this.updatedAt = record.createdAt;
  }

  status(status: ServiceDeploymentStatus): void {
    this.record.status = status;
    this.touch();
    const { deploymentCircuitBreaker } = this.service.configuration;
    this.around.events?.status(this.record, deploymentCircuitBreaker?.enable === true);
  }

  stage(stage: StageRecord): void {
    this.record.stages.push(stage);
  }

  weights(traffic: 'production' | 'test', weights: Weights): void {
    const point = { at: this.around.clock.now(), traffic, weights };
    this.record.weights.push(point);
    this.emit({ kind: 'weights', point });
  }

  note(kind: NoteRecord['kind'], text: string): void {
    const note: NoteRecord = { at: this.around.clock.now(), kind, text };
    this.record.notes.push(note);
    this.emit({ kind: 'note', note });
  }

  /** An event of the service, as DescribeServices lists them. */
  serviceEvent(message: string): void {
    const createdAt = new Date(this.around.clock.now());
    this.service.events.push({ id: this.around.ids.uuid(), createdAt, message });
    this.note('service-event', message);
  }

  emit(happening: Happening<TimelineEvent>): void {
    this.touch();
    const event = { ...happening, at: this.updatedAt, deployment: this.record };
    this.around.events?.happened(event);
    this.around.emit(event);
  }

  /** Whether the forward deployment has entered a stage. */
  reached(stage: Stage): boolean {
    return this.record.stages.some((record) => record.stage === stage && record.direction === 'forward');
  }

  private touch(): void {
    this.updatedAt = this.around.clock.now();
  }
}

export function revisionRecord(revision: RevisionState): RevisionRecord {
  const { arn, id, name, containers } = revision;
  return { arn, id, name, images: containers.map((container) => container.image) };
}

/** How DescribeServices names the deployment of a revision. */
export function ecsSvc(revision: RevisionState): string {
  return `ecs-svc/${revision.id}`;
}

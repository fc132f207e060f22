import type { RevisionState, ServiceState, Weights } from './state.ts';

/** How a deployment has moved the traffic of its service. */
export class Traffic {
  /** When it last moved, milliseconds since the epoch. */
  lastShiftAt = 0;
  private readonly service: ServiceState;
  private readonly target: RevisionState;
  private readonly changed: (traffic: 'production' | 'test', weights: Weights) => void;
  /** The target's shares of production traffic, in the order in which it came to them. */
  private readonly shares: number[] = [];

  constructor(
    service: ServiceState,
    target: RevisionState,
    changed: (traffic: 'production' | 'test', weights: Weights) => void,
  ) {
    this.service = service;
    this.target = target;
    this.changed = changed;
  }

  /** Writes down what the service has before anything moves. */
  begin(): void {
    this.changed('production', this.service.production);
    this.changed('test', this.service.test);
  }

  set(traffic: 'production' | 'test', weights: Weights, now: number): void {
    if (Object.keys(weights).length === 0 && Object.keys(this.service[traffic]).length === 0) return;
    this.service[traffic] = weights;
    this.lastShiftAt = now;
    const share = weights[this.target.id] ?? 0;
    if (traffic === 'production' && share > 0) this.shares.push(share);
    this.changed(traffic, weights);
  }

  /** Where a rollback starts from. */
  position(): { productionWeight: number; formerWeights: readonly number[]; testShifted: boolean } {
    return {
      productionWeight: this.service.production[this.target.id] ?? 0,
      formerWeights: this.shares.slice(0, -1),
      testShifted: (this.service.test[this.target.id] ?? 0) > 0,
    };
  }
}

/** Has so many tasks of a revision running: at once when they are only counted, as soon as they can when they are processes. */
export function setRunning(revision: RevisionState, count: number): void {
  if (revision.processes !== undefined) {
    revision.processes.scaleTo(count);
    return;
  }
  revision.requested = count;
  revision.running = count;
  revision.pending = 0;
}

/** Takes revisions out of the service, and the weights of nothing with them. */
export function retire(service: ServiceState, revisions: readonly RevisionState[]): void {
  for (const revision of revisions) {
    revision.active = false;
    setRunning(revision, 0);
  }
  service.active = service.active.filter((revision) => revision.active);
  const serving = Object.entries(service.production).filter(([, percent]) => percent > 0);
  service.production = Object.fromEntries(serving);
}

import type { ServiceRevision } from '@aws-sdk/client-ecs';
import type { MetricStore } from '../aws/cloudwatch/metric-store.ts';
import { type QueueLoad, queueMetrics } from '../aws/cloudwatch/queue-metrics.ts';
import { changing } from '../aws/cloudwatch/traffic.ts';
import type { DeploymentRecord, MetricRecord } from '../record.ts';
import type { TimelineEvent } from '../report/timeline-event.ts';
import { trafficRecords } from './metrics-record.ts';
import type { Scenario } from './schema.ts';
import type { Metrics, MetricsChange, QueueSpec } from './schema-metrics.ts';
import type { RevisionSpec } from './schema-service.ts';
import { ServiceTrafficFeed } from './service-traffic.ts';

const MINUTE = 60_000;
const DEFAULT_TASKS = 2;
const NO_LOAD: QueueLoad = { sentPerMinute: 0, visible: 0, oldestSeconds: 0 };

interface QueueFeed {
  seed: number;
  loads: (readonly [from: number, load: QueueLoad])[];
}

/**
 * Feeds CloudWatch as the simulated clock moves, and only up to what is asked for: a day that nobody looks at costs
 * nothing. What it feeds follows from the scenario's seed, and from how the deployments move the weights.
 */
export class MetricsFeed {
  readonly #scenario: Scenario;
  readonly #start: number;
  readonly #services = new Map<string, ServiceTrafficFeed>();
  readonly #queues = new Map<string, QueueFeed>();
  /** All minutes that begin before this are fed. */
  #fedUntil: number;

  constructor(scenario: Scenario, { history, traffic, queues }: Metrics) {
    this.#scenario = scenario;
    this.#start = Date.parse(scenario.start);
    this.#fedUntil = Math.ceil((this.#start - history) / MINUTE) * MINUTE;
    for (const [name, spec] of Object.entries(traffic)) {
      const discoveryName = discoveryNameOf(scenario, name);
      const seed = seedOf(scenario.seed, `service ${name}`);
      this.#services.set(
        name,
        new ServiceTrafficFeed({ seed, spec, ...(discoveryName !== undefined && { discoveryName }) }),
      );
    }
    for (const [name, spec] of Object.entries(queues)) {
      const loads: QueueFeed['loads'] = [[Number.NEGATIVE_INFINITY, merged(NO_LOAD, spec)]];
      this.#queues.set(name, { seed: seedOf(scenario.seed, `queue ${name}`), loads });
    }
  }

  /** When the services that run from the beginning were created, milliseconds since the epoch. */
  get since(): number {
    return this.#start - (this.#scenario.metrics?.history ?? 0);
  }

  /** A revision that has served since long before the scenario begins. */
  addRunning(service: string, revisionId: string, revisions: readonly ServiceRevision[]): void {
    const spec = this.#scenario.services[service]?.running;
    const feed = this.#services.get(service);
    if (feed === undefined || spec === undefined) return;
    feed.addRevision(revisionId, spec.name, this.#hostsOf(service, spec));
    feed.register(revisions, Number.NEGATIVE_INFINITY);
    feed.shift(Number.NEGATIVE_INFINITY, { [revisionId]: 100 });
  }

  /** Follows the deployments: which revisions there are, which target group each uses, and how the weights move. */
  on(event: TimelineEvent, spec: RevisionSpec, revisions: () => readonly ServiceRevision[]): void {
    const { deployment, at, kind } = event;
    const feed = this.#services.get(deployment.service);
    if (feed === undefined || !['started', 'stage-started', 'weights', 'finished'].includes(kind)) return;
    feed.addRevision(deployment.target.id, spec.name, this.#hostsOf(deployment.service, spec));
    feed.register(revisions(), at);
    if (kind === 'weights' && event.point.traffic === 'production') feed.shift(event.point.at, event.point.weights);
  }

  /** A service's traffic, or queues, from the next whole minute on. */
  change(service: string, { queues = {}, ...traffic }: MetricsChange, now: number): void {
    this.#services.get(service)?.change(now, definedOnly(traffic));
    for (const [name, spec] of Object.entries(queues)) {
      const loads = this.#queues.get(name)?.loads;
      loads?.push([now, merged(loads.at(-1)?.[1] ?? NO_LOAD, spec)]);
    }
  }

  /** Publishes every minute that is over by now. */
  feed(store: MetricStore, now: number): void {
    for (; this.#fedUntil + MINUTE <= now; this.#fedUntil += MINUTE) {
      const at = this.#fedUntil;
      for (const service of this.#services.values()) store.put(service.publish(at));
      for (const [name, { seed, loads }] of this.#queues) {
        store.put(queueMetrics(name, changing(NO_LOAD, ...loads)(at), at, seed));
      }
    }
  }

  /** What was measured while a deployment ran, for the reports. */
  recordOf(deployment: DeploymentRecord): MetricRecord[] {
    const service = this.#services.get(deployment.service);
    return service === undefined ? [] : trafficRecords(deployment, (at) => service.minute(at));
  }

  #hostsOf(service: string, { tasks = 'healthy' }: RevisionSpec): { healthy: number; unhealthy: number } {
    const count = this.#scenario.services[service]?.desiredCount ?? DEFAULT_TASKS;
    return tasks === 'healthy' ? { healthy: count, unhealthy: 0 } : { healthy: 0, unhealthy: count };
  }
}

/** The name under which Service Connect publishes a service's metrics; undefined for a service that it does not carry. */
export function discoveryNameOf({ services, metrics }: Scenario, service: string): string | undefined {
  const isServiceConnect = services[service]?.loadBalancing.kind === 'service-connect';
  return metrics?.traffic[service]?.discoveryName ?? (isServiceConnect ? service : undefined);
}

function merged(load: QueueLoad, spec: QueueSpec): QueueLoad {
  return { ...load, ...definedOnly(spec) };
}

function definedOnly<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // The keys stay; fromEntries forgets that.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** Each service and queue has noise of its own (FNV-1a over the name). */
function seedOf(seed: number, name: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash | 0;
}

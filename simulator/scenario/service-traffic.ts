import type { ServiceRevision } from '@aws-sdk/client-ecs';
import {
  hostCountMetrics,
  type TargetGroupDimensions,
  targetGroupMetrics,
} from '../aws/cloudwatch/load-balancer-metrics.ts';
import type { MetricDatum } from '../aws/cloudwatch/metric-store.ts';
import { serviceConnectMetrics } from '../aws/cloudwatch/service-connect-metrics.ts';
import { changing, type MinuteOfTraffic, minuteOfTraffic, type Side } from '../aws/cloudwatch/traffic.ts';
import type { RevisionTraffic, ServiceTraffic } from './schema-metrics.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** When the day's load is at its highest. */
const BUSIEST = 18 * 60 * MINUTE;
const MEDIAN_MS = 50;

export interface ServiceTrafficOptions {
  seed: number;
  spec: ServiceTraffic;
  /** Publishes the Service Connect metrics under this name. */
  discoveryName?: string;
}

/** Percent of the production traffic by revision id, from a moment on. */
type Weights = readonly [from: number, weights: Readonly<Record<string, number>>];

interface RevisionSide {
  name: string;
  /** Where its requests are counted, while it has one. */
  targetGroup?: TargetGroupDimensions;
  /** While its targets are registered: from, and to. */
  registered: { from: number; to: number };
  hosts: { healthy: number; unhealthy: number };
}

/** The requests of one service: which revision gets how many, and what is measured of them. */
export class ServiceTrafficFeed {
  readonly #options: ServiceTrafficOptions;
  /** By revision id, in the order in which they appeared: the noise of each belongs to its place. */
  readonly #sides = new Map<string, RevisionSide>();
  readonly #weights: Weights[] = [];
  readonly #changes: (readonly [from: number, spec: ServiceTraffic])[] = [];

  constructor(options: ServiceTrafficOptions) {
    this.#options = options;
  }

  /** Makes a revision known, by the scenario's name for it. */
  addRevision(id: string, name: string, hosts: RevisionSide['hosts']): void {
    if (this.#sides.has(id)) return;
    this.#sides.set(id, { name, hosts, registered: { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY } });
  }

  /** Target groups come and go with the revisions that use them. @param at from when on, milliseconds since the epoch */
  register(revisions: readonly ServiceRevision[], at: number): void {
    for (const revision of revisions) {
      const id = revision.serviceRevisionArn?.split('/').at(-1) ?? '';
      const side = this.#sides.get(id);
      if (side === undefined) continue;
      const targetGroup = dimensionsOf(revision);
      const { registered } = side;
      if (targetGroup !== undefined) {
        side.targetGroup = targetGroup;
        if (registered.from > at) side.registered = { ...registered, from: at };
      } else if (registered.from <= at && registered.to > at) side.registered = { ...registered, to: at };
    }
  }

  shift(at: number, weights: Readonly<Record<string, number>>): void {
    this.#weights.push([at, weights]);
  }

  /** From the next whole minute on. What is left out stays as it was. */
  change(at: number, change: Pick<Partial<ServiceTraffic>, 'requestsPerMinute' | 'revisions'>): void {
    const before = this.#changes.at(-1)?.[1] ?? this.#options.spec;
    const names = Object.entries(change.revisions ?? {});
    const changed = names.map(([name, revision]) => [name, { ...before.revisions[name], ...revision }] as const);
    const { requestsPerMinute = before.requestsPerMinute } = change;
    const revisions = { ...before.revisions, ...Object.fromEntries(changed) };
    this.#changes.push([at, { ...before, requestsPerMinute, revisions }]);
  }

  /** What each revision got in the minute that begins at `at`, by its id. */
  minute(at: number): Record<string, MinuteOfTraffic> {
    const { spec, seed } = this.#options;
    const specAt = changing(spec, ...this.#changes);
    const sides = [...this.#sides].map(([id, { name }]): [string, Side] => [
      id,
      {
        weight: (begin) => this.#weightOf(id, begin),
        errorRate: (begin) => specAt(begin).revisions[name]?.errorRate ?? 0,
        latency: (begin) => latencyOf(specAt(begin).revisions[name]),
      },
    ]);
    return minuteOfTraffic(
      {
        seed,
        requestsPerMinute: (begin) => specAt(begin).requestsPerMinute * swing(spec.dailySwing ?? 0, begin),
        sides: Object.fromEntries(sides),
        ...(spec.loadShape !== undefined && { loadShape: spec.loadShape }),
        ...(spec.errorShape !== undefined && { errorShape: spec.errorShape }),
      },
      at,
    );
  }

  /** What is published of the minute that begins at `at`. */
  publish(at: number): MetricDatum[] {
    const minutes = this.minute(at);
    const { discoveryName } = this.#options;
    const ofGroups = [...this.#sides].flatMap(([id, { targetGroup, registered, hosts }]) => {
      const served = minutes[id];
      if (targetGroup === undefined || served === undefined) return [];
      const there = registered.from < at + MINUTE && registered.to > at;
      return [
        ...targetGroupMetrics(targetGroup, served),
        ...(there ? hostCountMetrics(targetGroup, { at, ...hosts }) : []),
      ];
    });
    return discoveryName === undefined
      ? ofGroups
      : [...ofGroups, ...serviceConnectMetrics(discoveryName, Object.values(minutes))];
  }

  /** The average over the minute: a shift in the middle of it counts for half. */
  #weightOf(id: string, begin: number): number {
    const end = begin + MINUTE;
    const held = this.#weights.map(([from, weights], index) => {
      const to = this.#weights[index + 1]?.[0] ?? Number.POSITIVE_INFINITY;
      const overlap = Math.min(end, to) - Math.max(begin, from);
      return overlap > 0 ? (weights[id] ?? 0) * (overlap / MINUTE) : 0;
    });
    return held.reduce((sum, weight) => sum + weight, 0);
  }
}

function latencyOf({ latencyMs = MEDIAN_MS, latencySpread }: RevisionTraffic = {}) {
  return { medianSeconds: latencyMs / 1000, ...(latencySpread !== undefined && { spread: latencySpread }) };
}

function swing(share: number, at: number): number {
  return 1 + share * Math.cos((2 * Math.PI * (at - BUSIEST)) / DAY);
}

/** As CloudWatch's dimensions spell them, from the ARNs (page on the metrics of Application Load Balancers). */
function dimensionsOf({ resolvedConfiguration }: ServiceRevision): TargetGroupDimensions | undefined {
  const [balancer] = resolvedConfiguration?.loadBalancers ?? [];
  const TargetGroup = balancer?.targetGroupArn?.split(':').at(-1);
  const [kind, ...rule] = balancer?.productionListenerRule?.split(':').at(-1)?.split('/') ?? [];
  if (TargetGroup === undefined || kind !== 'listener-rule') return undefined;
  return { LoadBalancer: rule.slice(0, 3).join('/'), TargetGroup };
}

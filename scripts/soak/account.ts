import { createLocalAws, type LocalAws } from '../../simulator/aws/local-aws.ts';
import type { RevisionDefinition } from '../../simulator/engine/definition.ts';
import { EcsEngine, type StartedDeployment } from '../../simulator/engine/engine.ts';
import { parseChoices, Readings } from '../../simulator/engine/readings.ts';
import { VirtualClock } from '../../simulator/engine/virtual-clock.ts';
import { type InProcessHandler, InProcessInvoker } from '../../simulator/lambda/in-process.ts';
import { resolveImage } from '../../simulator/scenario/images.ts';
import { type Dealt, SERVICES, type ServiceName } from './deal.ts';
import { ACCOUNT, CLUSTER, definitions, ECR, functionArn, GENERATOR } from './services.ts';
import { Surroundings } from './surroundings.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = Date.parse('2026-03-02T09:00:00Z');
const ACCESS_KEY = 'soak';
const HOOK_OF: Record<ServiceName, string> = {
  ui: 'approval',
  catalog: 'canary',
  notifications: 'consumer-switch',
  checkout: 'load-test',
};

export interface Ended {
  /** The terminal status of the service deployment. */
  status: string;
  /** Whether the canary hook found it bad by its metrics. */
  alarm: boolean;
}

/** One AWS account with four services, from the creation of each to its last deployment. */
export class SoakAccount {
  readonly aws: LocalAws;
  readonly #clock = new VirtualClock({ start: START });
  readonly #engine: EcsEngine;
  readonly #invoker: InProcessInvoker;
  readonly #surroundings: Surroundings;
  readonly #definitions: ReturnType<typeof definitions>;
  readonly #latest = new Map<ServiceName, string>();

  constructor(seed: number, handlers: readonly [string, InProcessHandler][]) {
    const clock = this.#clock;
    this.#invoker = new InProcessInvoker(handlers, { clock });
    this.#engine = new EcsEngine({
      clock,
      readings: new Readings(parseChoices({})),
      seed,
      invoker: {
        invoke: (arn, event, now) => {
          this.#surroundings.catchUp(now);
          return this.#invoker.invoke(arn, event, now);
        },
      },
      resolveImage: (image) => resolveImage(this.aws, image),
      onEvent: (event) => {
        if (event.kind === 'weights' && event.point.traffic === 'production') {
          this.#surroundings.shift(event.point.at, event.point.weights);
        }
      },
    });
    this.aws = createLocalAws({ clock, ecs: this.#engine, sqs: { publishesMetrics: () => false } });
    // Lambda names the session of a role after the function; only the approval hook asks whose a vote is.
    this.aws.addIdentity(`arn:aws:sts::${ACCOUNT}:assumed-role/hooks/approval`, ACCESS_KEY);
    this.#surroundings = new Surroundings(this.aws, this.#engine, seed);
    this.#definitions = definitions(this.aws.topics.create('approvals'));
    this.#furnish();
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#clock.now();
  }

  /** Nothing happens for so many days. */
  async rest(days: number): Promise<void> {
    await this.#engine.run(this.now() + days * DAY);
  }

  /** One deployment from its beginning to its end; the first of a service creates it. */
  async deploy({ service, fate, chance }: Dealt): Promise<Ended> {
    const revision = revisionOf(service, fate === 'bad', chance);
    const isFirst = !this.#latest.has(service);
    const started = isFirst
      ? this.#engine.createService({ ...this.#definitions[service], revision })
      : this.#engine.updateService({ cluster: CLUSTER, service, revision, forceNewDeployment: true });
    if (started === undefined) throw new Error(`the update of ${service} started no deployment`);
    this.#latest.set(service, started.deploymentId);
    this.#surroundings.expect({ service, fate, targetRevisionId: started.targetRevisionId });
    this.#trouble({ service, fate, chance }, started);
    await this.#engine.run();
    this.aws.faults.clear();
    const record = this.#engine.record().find(({ deploymentArn }) => deploymentArn === started.deploymentArn);
    const last = (record?.stages ?? []).flatMap(({ hooks }) => hooks.map((run) => run.invocations.at(-1)?.outcome));
    const reasons = last.map((outcome) => (outcome?.kind === 'answer' ? outcome.reason : undefined));
    return { status: record?.status ?? 'unknown', alarm: reasons.some((reason) => /: FAIL \(/.test(reason ?? '')) };
  }

  /** Parameters that the hooks have made. */
  parameters(): string[] {
    return this.aws.parameters.names('/ecs-hooks/');
  }

  /** Those of deployments that are not the latest of their service. */
  leftBehind(): string[] {
    const ids = this.#engine
      .record()
      .map(({ deploymentArn }) => deploymentArn.slice(deploymentArn.lastIndexOf('/') + 1));
    const latest = new Set(this.#latest.values());
    const old = new Set(ids.filter((id) => !latest.has(id)));
    return this.parameters().filter((name) => name.split('/').some((part) => old.has(part)));
  }

  #furnish(): void {
    const { registry } = this.aws;
    for (const tag of ['good', 'bad']) {
      const { repository, digest } = registry.push({ repository: 'unicorn-watch/ui', tag, createdFrom: tag });
      const findings = tag === 'bad' ? [{ id: 'CVE-2026-1111', severity: 'CRITICAL' }] : [];
      registry.setScan(repository, digest, { status: 'COMPLETE', findings });
    }
    this.#engine.addRunningService({
      cluster: CLUSTER,
      name: GENERATOR,
      desiredCount: 0,
      strategy: 'ROLLING',
      loadBalancing: { kind: 'headless' },
      revision: { name: 'generator', containers: [{ name: 'generator', image: `${ECR}/unicorn-watch/generator:1` }] },
    });
  }

  #trouble({ service, fate, chance }: Dealt, { deploymentArn }: StartedDeployment): void {
    if (fate === 'stopped') {
      const stop = () => {
        const running = this.#engine.record().find((record) => record.deploymentArn === deploymentArn);
        if (running?.finishedAt === undefined) this.#engine.stopServiceDeployment(deploymentArn, 'ROLLBACK');
      };
      this.#engine.at(this.now() + Math.ceil(chance * 6) * 30_000, stop);
    }
    if (fate === 'lambda trouble') {
      const kind = chance < 0.5 ? 'throttled' : 'service-error';
      this.#invoker.injectFault(functionArn(HOOK_OF[service]), { kind, times: 2 });
    }
    if (fate === 'aws trouble') {
      // Each but the last is tried again by the SDK at once, in real time: more of it would be a test of patience.
      const service = chance < 0.5 ? 'ssm' : 'ecs';
      const kind = chance * 2 - Math.floor(chance * 2) < 0.5 ? 'cut' : 'server-error';
      this.aws.faults.add({ service, kind, times: 1 });
    }
  }
}

function revisionOf(service: ServiceName, isBad: boolean, chance: number): RevisionDefinition {
  const name = isBad ? 'bad' : 'good';
  // Half of the bad releases of ui are refused for their image, the others by the approver.
  const tag = isBad && chance < 0.5 ? 'bad' : 'good';
  const image = service === 'ui' ? `${ECR}/unicorn-watch/ui:${tag}` : `unicorn-watch/${service}:${name}`;
  return { name, containers: [{ name: service, image }] };
}

export const ALL_GOOD: readonly Dealt[] = SERVICES.map((service) => ({ service, fate: 'good', chance: 0 }));

/** The parameter that names the one revision of a service which may consume, as its changes are seen during a play. */
import type { ParameterStore } from '../aws/ssm/parameter-store.ts';
import type { ConsumerPoint, DeploymentRecord } from '../record.ts';

interface Seen {
  versions: Set<string>;
  points: ConsumerPoint[];
}

export class ConsumerParameter {
  readonly #parameters: ParameterStore;
  readonly #seen = new Map<string, Seen>();

  constructor(parameters: ParameterStore) {
    this.#parameters = parameters;
  }

  /** What has changed since the last look of this deployment; the first look gives the value that is there. */
  changes(deployment: DeploymentRecord, now: number): ConsumerPoint[] {
    const { cluster, service, deploymentArn } = deployment;
    const history = this.#parameters.history(`/ecs-hooks/consumer/${cluster}/${service}`) ?? [];
    const seen = this.#seen.get(deploymentArn);
    const versions = history.map((one) => ({ key: `${one.version} at ${one.lastModifiedAt}`, one }));
    if (seen === undefined) {
      const points = versions.slice(-1).map(({ one }) => ({ at: now, value: one.value }));
      this.#seen.set(deploymentArn, { versions: new Set(versions.map(({ key }) => key)), points });
      return points;
    }
    const fresh = versions.filter(({ key }) => !seen.versions.has(key));
    for (const { key } of fresh) seen.versions.add(key);
    const gone = versions.length === 0 && (seen.points.at(-1)?.value ?? '') !== '' ? [{ at: now, value: '' }] : [];
    const found = [...fresh.map(({ one }) => ({ at: one.lastModifiedAt, value: one.value })), ...gone];
    const before = seen.points.length;
    for (const point of found) if (point.value !== seen.points.at(-1)?.value) seen.points.push(point);
    return seen.points.slice(before);
  }

  /** All that was seen of it during one deployment. */
  of(deploymentArn: string): ConsumerPoint[] {
    return structuredClone(this.#seen.get(deploymentArn)?.points ?? []);
  }
}

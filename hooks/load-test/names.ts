import type { Deployment } from '../../shared/event.ts';

/** Where everything is that this hook keeps for one service. */
export function servicePath(prefix: string, { cluster, service }: Deployment): string {
  return `${prefix}/load-test/${cluster}/${service}`;
}

export function deploymentPath(prefix: string, deployment: Deployment): string {
  return `${servicePath(prefix, deployment)}/${deployment.deploymentId}`;
}

/** A stage has its own runs: a hook may be attached at several. */
export function runName(stage: string, run: number): string {
  return `${stage}-${run}`;
}

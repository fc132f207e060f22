import {
  type DeploymentLifecycleHook,
  DescribeServicesCommand,
  ListServiceDeploymentsCommand,
  type Service,
  type ServiceDeploymentBrief,
} from '@aws-sdk/client-ecs';
import { describeServiceDeployment, ecs } from '../../shared/aws/ecs.ts';
import { idOf } from '../../shared/event.ts';

/** Statuses of a deployment that does nothing more. */
export const ENDED: ReadonlySet<string> = new Set(['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED']);

/** Undefined where there is no such service any more. */
export async function describeService(
  { cluster, serviceArn }: { cluster: string; serviceArn: string },
  signal: AbortSignal,
): Promise<Service | undefined> {
  const command = new DescribeServicesCommand({ cluster, services: [serviceArn] });
  const { services } = await ecs.send(command, { abortSignal: signal });
  return services?.[0];
}

/** The service's own entry for this function, which holds the configuration; that of the shift before others. */
export function entryFor(service: Service, functionArn: string): DeploymentLifecycleHook | undefined {
  const ours = (service.deploymentConfiguration?.lifecycleHooks ?? []).filter(
    ({ hookTargetArn = '' }) => hookTargetArn.split(':').slice(0, 7).join(':') === functionArn,
  );
  return ours.find(({ lifecycleStages }) => lifecycleStages?.includes('PRODUCTION_TRAFFIC_SHIFT')) ?? ours[0];
}

/** The latest deployments, newest first. */
export async function listDeployments(
  { cluster, serviceArn }: { cluster: string; serviceArn: string },
  signal: AbortSignal,
): Promise<ServiceDeploymentBrief[]> {
  const command = new ListServiceDeploymentsCommand({ cluster, service: serviceArn, maxResults: 100 });
  const { serviceDeployments = [] } = await ecs.send(command, { abortSignal: signal });
  const time = ({ createdAt, startedAt }: ServiceDeploymentBrief) => (createdAt ?? startedAt)?.getTime() ?? 0;
  return serviceDeployments.toSorted((a, b) => time(b) - time(a));
}

/** The first that has not ended; a status that ECS may add counts as one. */
export function ongoing(deployments: readonly ServiceDeploymentBrief[]): ServiceDeploymentBrief | undefined {
  return deployments.find(({ status = 'unknown' }) => !ENDED.has(status));
}

export type Serving = { id: string; why: string } | { candidates: string[]; why: string };

/** Which revision the service really runs, now that no deployment is in progress; or those that it may be. */
export async function servingRevision(
  service: Service,
  newest: ServiceDeploymentBrief | undefined,
  signal: AbortSignal,
): Promise<Serving> {
  const arn = await endedAt(newest, signal);
  const ended = newest?.status ?? 'unknown';
  if (arn !== undefined) return { id: idOf(arn), why: `the latest deployment is ${ended}` };
  const running = (service.currentServiceRevisions ?? []).flatMap(({ arn, requestedTaskCount = 0 }) =>
    arn !== undefined && requestedTaskCount > 0 ? [idOf(arn)] : [],
  );
  const [only, ...others] = running;
  if (only !== undefined && others.length === 0) {
    return { id: only, why: `the latest deployment is ${ended}, and no other revision is to have tasks` };
  }
  return { candidates: running, why: `the latest deployment is ${ended}, and ${running.length} revisions have tasks` };
}

async function endedAt(newest: ServiceDeploymentBrief | undefined, signal: AbortSignal): Promise<string | undefined> {
  if (newest?.status === 'SUCCESSFUL') return newest.targetServiceRevisionArn;
  if (newest?.status !== 'ROLLBACK_SUCCESSFUL' || newest.serviceDeploymentArn === undefined) return undefined;
  return (await describeServiceDeployment(newest.serviceDeploymentArn, signal)).rollback?.serviceRevisionArn;
}

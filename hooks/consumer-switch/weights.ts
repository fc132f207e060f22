import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import { sourceRevisionArns } from '../../shared/aws/ecs.ts';
import { type Deployment, idOf } from '../../shared/event.ts';

/**
 * Percent of the traffic that the target has with this shift, where the event or the description says it; a service
 * without traffic has no other sign of how far its deployment has come.
 *
 * @throws when a canary or linear deployment tells no weight at all
 */
export function targetShare(deployment: Deployment, described: ServiceDeployment): number {
  if (deployment.stage === 'POST_PRODUCTION_TRAFFIC_SHIFT') return 100;
  const told = deployment.targetWeight ?? 0;
  if (told > 0) return told;
  const { strategy = 'ROLLING' } = described.deploymentConfiguration ?? {};
  if (strategy === 'BLUE_GREEN' || strategy === 'ROLLING') return 100;
  const requested = described.targetServiceRevision?.requestedProductionTrafficWeight ?? 0;
  if (requested > 0) return requested;
  throw new Error(
    `Could not tell how far the ${strategy} deployment is: neither the event nor its description has a weight`,
  );
}

/** The id of the revision that a rollback goes back to; undefined where there is none. */
export function sourceOf(deployment: Deployment, described: ServiceDeployment | undefined): string | undefined {
  const target = deployment.targetRevisionArn;
  const weights = Object.entries(deployment.productionTrafficWeights).filter(([arn, w]) => arn !== target && w > 0);
  const [heaviest] = weights.toSorted(([, a], [, b]) => b - a);
  const back = described?.rollback?.serviceRevisionArn;
  const arn =
    heaviest?.[0] ??
    (back === target ? undefined : back) ??
    (described === undefined ? undefined : sourceRevisionArns(described)[0]);
  return arn === undefined ? undefined : idOf(arn);
}

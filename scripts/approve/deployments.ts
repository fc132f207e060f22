import { DescribeServiceDeploymentsCommand, type ECSClient, type ServiceDeployment } from '@aws-sdk/client-ecs';
import { LIFECYCLE_STAGES } from '../../shared/stages.ts';
import type { RequestName } from './requests.ts';

/** At most so many deployments to a request. */
const BATCH = 20;

const ORDERED: readonly string[] = LIFECYCLE_STAGES;

/**
 * Which deployments wait no more, by ARN, and why, as far as ECS says so. An approver need not be allowed to ask ECS:
 * then, and where ECS does not know a deployment, nothing is said of it.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html
 */
export async function readEnded(
  ecs: ECSClient,
  requests: readonly RequestName[],
): Promise<(request: RequestName) => string | undefined> {
  const arns = [...new Set(requests.map(({ deploymentArn }) => deploymentArn))];
  const known = new Map<string, ServiceDeployment>();
  try {
    for (let from = 0; from < arns.length; from += BATCH) {
      const serviceDeploymentArns = arns.slice(from, from + BATCH);
      const { serviceDeployments = [] } = await ecs.send(
        new DescribeServiceDeploymentsCommand({ serviceDeploymentArns }),
      );
      for (const one of serviceDeployments) known.set(one.serviceDeploymentArn ?? '', one);
    }
  } catch {
    // Helpful, not needed: what is written in Parameter Store is enough to vote.
  }
  return ({ deploymentArn, stage }) => {
    const deployment = known.get(deploymentArn);
    return deployment === undefined ? undefined : whyEnded(deployment, stage);
  };
}

function whyEnded({ status, lifecycleStage }: ServiceDeployment, stage: string): string | undefined {
  if (status !== 'PENDING' && status !== 'IN_PROGRESS') return `the deployment is ${status}`;
  // ECS has no name for PRE_PRODUCTION_TRAFFIC_SHIFT in a description, and passes it at every step: only what comes
  // after all steps is surely later.
  const at = stage.startsWith('PRE_PRODUCTION_TRAFFIC_SHIFT') ? 'PRODUCTION_TRAFFIC_SHIFT' : stage;
  return ORDERED.indexOf(lifecycleStage ?? '') > ORDERED.indexOf(at)
    ? `the deployment has gone on to ${lifecycleStage}`
    : undefined;
}

import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  type ServiceDeployment,
  type ServiceRevision,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { CLIENT_OPTIONS, naming } from './client.ts';

/** One client for every invocation of the function. */
export const ecs = naming(new ECSClient(CLIENT_OPTIONS));

/**
 * @throws an error that a retry may mend when ECS does not know the deployment: it has just called us about it
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html
 */
export async function describeServiceDeployment(arn: string, signal: AbortSignal): Promise<ServiceDeployment> {
  const { serviceDeployments, failures } = await ecs.send(
    new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] }),
    { abortSignal: signal },
  );
  const deployment = serviceDeployments?.[0];
  if (deployment === undefined) {
    throw new Error(`ecs:DescribeServiceDeployments answered ${failures?.[0]?.reason ?? 'nothing'} for ${arn}`);
  }
  return deployment;
}

/** The revisions that are being replaced; none on the service's first deployment. */
export function sourceRevisionArns(deployment: ServiceDeployment): string[] {
  const target = deployment.targetServiceRevision?.arn;
  return (deployment.sourceServiceRevisions ?? []).flatMap(({ arn }) => (arn && arn !== target ? [arn] : []));
}

/**
 * The revisions that ECS knows among `arns` (at most 20), in the order asked for.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html
 */
export async function describeServiceRevisions(
  arns: readonly string[],
  signal: AbortSignal,
): Promise<(ServiceRevision | undefined)[]> {
  const { serviceRevisions = [] } = await ecs.send(
    new DescribeServiceRevisionsCommand({ serviceRevisionArns: [...arns] }),
    { abortSignal: signal },
  );
  return arns.map((arn) => serviceRevisions.find((revision) => revision.serviceRevisionArn === arn));
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html */
export async function describeTaskDefinition(arn: string, signal: AbortSignal): Promise<TaskDefinition> {
  const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn }), {
    abortSignal: signal,
  });
  if (taskDefinition === undefined) throw new Error(`ecs:DescribeTaskDefinition answered nothing for ${arn}`);
  return taskDefinition;
}

import { describeServiceDeployment, describeServiceRevisions, sourceRevisionArns } from '../../shared/aws/ecs.ts';
import { describeError } from '../../shared/errors.ts';
import { type Deployment, idOf } from '../../shared/event.ts';
import type { Log } from '../../shared/log.ts';

export interface ReleaseContext {
  sourceRevisionId?: string;
  /** `web: repo/web:1 → repo/web:2`, a line for each container; empty when ECS could not be asked. */
  images: string[];
}

/**
 * What an approver wants to know of the release. It helps, but does not decide: when ECS cannot be asked, the request
 * goes out without it.
 */
export async function readContext(deployment: Deployment, signal: AbortSignal, log: Log): Promise<ReleaseContext> {
  try {
    const sourceArn = sourceRevisionArns(await describeServiceDeployment(deployment.deploymentArn, signal))[0];
    const arns = sourceArn === undefined ? [] : [sourceArn];
    const [target, source] = await describeServiceRevisions([deployment.targetRevisionArn, ...arns], signal);
    const before = new Map(source?.containerImages?.map(({ containerName, image }) => [containerName, image]));
    const images = (target?.containerImages ?? []).map(({ containerName, image }) => {
      const old = before.get(containerName);
      return `${containerName}: ${old === undefined || old === image ? '' : `${old} → `}${image}`;
    });
    return { images, ...(sourceArn !== undefined && { sourceRevisionId: idOf(sourceArn) }) };
  } catch (error) {
    signal.throwIfAborted();
    log.warn('the release could not be described for the approvers', { trouble: describeError(error) });
    return { images: [] };
  }
}

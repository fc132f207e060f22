import { type Deployment, idOf } from '../../shared/event.ts';
import { stepOf } from '../../shared/memory.ts';
import { instant, oneLine } from '../../shared/text.ts';
import type { ReleaseContext } from './context.ts';

export interface Request {
  parameterName: string;
  deployment: Deployment;
  deadline: Date;
  quorum: number;
  testUrl?: string;
  context: ReleaseContext;
}

/** The AWS CLI's command that writes a vote. */
export function voteCommand({ parameterName, deployment }: Request, value: string): string {
  return `aws ssm put-parameter --region ${deployment.region} --name '${parameterName}' --value '${value}' --overwrite`;
}

/** SNS takes 100 ASCII characters as a subject. */
export function subjectOf({ deployment }: Request, kind: 'request' | 'reminder'): string {
  const head = kind === 'request' ? 'Approval needed' : 'Still waiting for approval';
  return oneLine(`${head}: ${deployment.service} (${deployment.cluster})`, 100).replace(/[^\x20-\x7e]/g, '?');
}

/** For e-mail. */
export function plainText(request: Request, kind: 'request' | 'reminder'): string {
  const { deployment, deadline, quorum, testUrl, context, parameterName } = request;
  return [
    `${kind === 'request' ? 'A deployment waits' : 'A deployment still waits'} for ${quorum === 1 ? 'an approval' : `${quorum} approvals`}.`,
    '',
    `Service:    ${deployment.service} (cluster ${deployment.cluster}, ${deployment.account}, ${deployment.region})`,
    `Deployment: ${deployment.deploymentId}, at ${stepOf(deployment)}`,
    `Revision:   ${deployment.targetRevisionId}${context.sourceRevisionId === undefined ? '' : `, replaces ${context.sourceRevisionId}`}`,
    ...context.images.map((image) => `Image:      ${image}`),
    ...(testUrl === undefined ? [] : [`Test:       ${testUrl}`]),
    `Until:      ${instant(deadline)}`,
    '',
    'To accept:',
    `  ${voteCommand(request, 'accept')}`,
    'To decline:',
    `  ${voteCommand(request, 'decline: why')}`,
    '',
    `Or set the parameter ${parameterName} in the Systems Manager console.`,
  ].join('\n');
}

/** For SMS, which SNS cuts off at 1,600 characters: without the images, so that the commands get through. */
export function shortText(request: Request, kind: 'request' | 'reminder'): string {
  return plainText({ ...request, context: { images: [] } }, kind);
}

/**
 * A custom notification for Amazon Q Developer in chat applications. The variables P and R are for custom actions,
 * whose command text is limited to 100 characters.
 *
 * @see https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export function customNotification(request: Request, kind: 'request' | 'reminder'): string {
  const { deployment, deadline, testUrl, context, parameterName } = request;
  const lines = [
    `*${deployment.service}* in ${deployment.cluster} waits at ${stepOf(deployment)} until ${instant(deadline)}.`,
    ...context.images,
    ...(testUrl === undefined ? [] : [`Test: ${testUrl}`]),
  ];
  return JSON.stringify({
    version: '1.0',
    source: 'custom',
    id: `${deployment.deploymentId}-${idOf(parameterName)}-${kind}`,
    content: {
      textType: 'client-markdown',
      title: subjectOf(request, kind),
      description: lines.join('\n'),
      nextSteps: [
        `Accept: \`${voteCommand(request, 'accept')}\``,
        `Decline: \`${voteCommand(request, 'decline: why')}\``,
      ],
      keywords: [deployment.service, deployment.cluster],
    },
    metadata: {
      threadId: deployment.deploymentId,
      summary: subjectOf(request, kind),
      eventType: 'approval',
      relatedResources: [deployment.serviceArn],
      additionalContext: { P: parameterName, R: deployment.region, D: deployment.deploymentId },
    },
  });
}

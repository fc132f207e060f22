import { stepOf } from '../../shared/memory.ts';
import { count, instant, oneLine } from '../../shared/text.ts';
import type { Request } from './message.ts';

/**
 * Parameter Store's limit for a description.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
const DESCRIPTION_LIMIT = 1024;

/** What the approver sees beside the value in the Systems Manager console. */
export function describeRequest({ deployment, deadline, quorum, testUrl, context }: Request): string {
  const head =
    `May ${deployment.service} in ${deployment.cluster} go on after ${stepOf(deployment)}? ` +
    `Set the value to accept or decline, perhaps with a reason: "decline: login is broken". ` +
    `Needs ${count(quorum, 'approval')} until ${instant(deadline)}. Revision ${deployment.targetRevisionId}` +
    `${context.sourceRevisionId === undefined ? '' : ` replaces ${context.sourceRevisionId}`}.` +
    `${testUrl === undefined ? '' : ` Test: ${testUrl}`}`;
  return oneLine(
    context.images.length === 0 ? head : `${head} Images: ${context.images.join(', ')}`,
    DESCRIPTION_LIMIT,
  );
}

export interface DescribedRequest {
  quorum: number;
  /** To the minute, rounded down. */
  deadline: Date;
  revision: string;
  replaces?: string;
  testUrl?: string;
  images?: string;
}

const DESCRIPTION =
  /Needs (?<quorum>\d+) approvals? until (?<day>\d{4}-\d\d-\d\d) (?<time>\d\d:\d\d) UTC\. Revision (?<revision>[\w-]+)(?: replaces (?<replaces>[\w-]+))?\.(?: Test: (?<testUrl>\S+))?(?: Images: (?<images>.+))?$/;

/**
 * The facts in a description that `describeRequest` made, for the approver's tools; undefined when another wrote it.
 * An approver may read the parameter, but perhaps nothing of ECS.
 */
export function readDescription(description: string): DescribedRequest | undefined {
  const found = DESCRIPTION.exec(description.slice(0, DESCRIPTION_LIMIT))?.groups;
  if (found === undefined) return undefined;
  const { quorum, day, time, revision = '', replaces, testUrl, images } = found;
  const deadline = new Date(`${day}T${time}Z`);
  if (Number.isNaN(deadline.getTime())) return undefined;
  return {
    quorum: Number(quorum),
    deadline,
    revision,
    ...(replaces !== undefined && { replaces }),
    ...(testUrl !== undefined && { testUrl }),
    ...(images !== undefined && { images }),
  };
}

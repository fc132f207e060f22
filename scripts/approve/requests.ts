import {
  type Parameter,
  type ParameterHistory,
  ParameterNotFound,
  PutParameterCommand,
  paginateGetParameterHistory,
  paginateGetParametersByPath,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { type DescribedRequest, readDescription } from '../../hooks/approval/description.ts';
import { countDistinct } from '../../hooks/approval/principal.ts';
import { type Ballot, parseBallot } from '../../hooks/approval/vote.ts';

/** A parameter by which one deployment is approved at one stage. */
export interface RequestName {
  parameter: string;
  region: string;
  cluster: string;
  service: string;
  deployment: string;
  deploymentArn: string;
  /** The lifecycle stage, at a recurring one with the weight: `PRE_PRODUCTION_TRAFFIC_SHIFT-10`. */
  stage: string;
  lastChangedAt: Date;
}

export interface Vote extends Ballot {
  by: string;
  at: Date;
}

/** What is written. Who may vote only the hook knows, so its own count may be lower. */
export interface ApprovalRequest extends RequestName, Partial<DescribedRequest> {
  askedAt: Date;
  votes: Vote[];
  /** Different people whose last word is accept. */
  accepted: number;
  standing: 'pending' | 'accepted' | 'declined' | 'expired';
}

/** All requests under the prefix, by name; the hook's own notes below them are none. */
export async function listNames(ssm: SSMClient, prefix: string): Promise<RequestName[]> {
  const path = `${prefix}/approval`;
  const names: RequestName[] = [];
  const pages = paginateGetParametersByPath({ client: ssm }, { Path: path, Recursive: true, MaxResults: 10 });
  for await (const { Parameters = [] } of pages) names.push(...Parameters.flatMap((one) => nameOf(path, one)));
  return names.sort((a, b) => a.parameter.localeCompare(b.parameter, 'en'));
}

function nameOf(path: string, { Name = '', ARN = '', LastModifiedDate = new Date(0) }: Parameter): RequestName[] {
  const [cluster, service, deployment, stage, ...rest] = Name.slice(path.length + 1).split('/');
  if (!cluster || !service || !deployment || !stage || rest.length > 0) return [];
  const [, partition = 'aws', , region = '', account = ''] = ARN.split(':');
  const deploymentArn = `arn:${partition}:ecs:${region}:${account}:service-deployment/${cluster}/${service}/${deployment}`;
  return [
    { parameter: Name, region, cluster, service, deployment, deploymentArn, stage, lastChangedAt: LastModifiedDate },
  ];
}

/** @returns undefined when nobody asks in this parameter, or it has just been deleted */
export async function readRequest(ssm: SSMClient, name: RequestName, now: Date): Promise<ApprovalRequest | undefined> {
  const versions = await readVersions(ssm, name.parameter);
  const pending = versions.filter(({ Value = '' }) => parseBallot(Value).decision === 'pending');
  // Somebody may have written the parameter before the hook did: only the hook describes what it asks.
  const opened = pending.find(({ Description = '' }) => readDescription(Description) !== undefined) ?? pending[0];
  if (opened === undefined) return undefined;
  const described = readDescription(opened.Description ?? '');
  const later = versions.filter(({ Version = 0 }) => Version > (opened.Version ?? 0));
  const votes = later
    .map(voteOf)
    .filter(({ by, decision }) => by !== opened.LastModifiedUser || decision !== 'pending');
  const accepted = countAccepted(votes);
  return {
    ...name,
    ...described,
    askedAt: opened.LastModifiedDate ?? new Date(0),
    votes,
    accepted,
    standing: standingOf(votes, accepted, described, now),
  };
}

async function readVersions(ssm: SSMClient, name: string): Promise<ParameterHistory[]> {
  const versions: ParameterHistory[] = [];
  try {
    const pages = paginateGetParameterHistory({ client: ssm }, { Name: name, WithDecryption: true, MaxResults: 50 });
    for await (const { Parameters = [] } of pages) versions.push(...Parameters);
  } catch (error) {
    if (error instanceof ParameterNotFound) return [];
    throw error;
  }
  return versions.sort((a, b) => (a.Version ?? 0) - (b.Version ?? 0));
}

function voteOf({ Value = '', LastModifiedUser = 'unknown', LastModifiedDate = new Date(0) }: ParameterHistory): Vote {
  return { ...parseBallot(Value), by: LastModifiedUser, at: LastModifiedDate };
}

function countAccepted(votes: readonly Vote[]): number {
  const lastWord = new Map(votes.filter(({ decision }) => decision !== 'unknown').map((vote) => [vote.by, vote]));
  return countDistinct([...lastWord.values()].filter(({ decision }) => decision === 'accept').map(({ by }) => by));
}

/** The description tells the deadline rounded down to the minute. */
const ROUNDING_MS = 60_000;

function standingOf(
  votes: readonly Vote[],
  accepted: number,
  described: DescribedRequest | undefined,
  now: Date,
): ApprovalRequest['standing'] {
  if (votes.some(({ decision }) => decision === 'decline')) return 'declined';
  if (accepted >= (described?.quorum ?? 1)) return 'accepted';
  const isOver = described !== undefined && now.getTime() >= described.deadline.getTime() + ROUNDING_MS;
  return isOver ? 'expired' : 'pending';
}

/**
 * Writes a vote into an existing parameter. Without a type Parameter Store cannot create one, so a request that has
 * just been deleted does not come back as a vote.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export async function castVote(ssm: SSMClient, parameter: string, decision: string, reason?: string): Promise<number> {
  const value = reason === undefined ? decision : `${decision}: ${reason.trim()}`;
  const { Version } = await ssm.send(new PutParameterCommand({ Name: parameter, Value: value, Overwrite: true }));
  return Version ?? 0;
}

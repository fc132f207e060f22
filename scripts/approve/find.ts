import { instant, oneLine } from '../../shared/text.ts';
import type { Arguments } from './arguments.ts';
import { table } from './print.ts';
import type { ApprovalRequest, RequestName } from './requests.ts';

/** What was asked for cannot be done: told in a sentence, exit code 1. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

type Wanted = Pick<Arguments, 'deployment' | 'service' | 'cluster' | 'stage'>;

/** The requests that the arguments may mean: those of one deployment id first, else of ids that begin like it. */
export function matching(names: readonly RequestName[], wanted: Wanted): RequestName[] {
  const { service, cluster, stage, deployment } = wanted;
  const narrowed = names.filter(
    (name) =>
      (service ?? name.service) === name.service &&
      (cluster ?? name.cluster) === name.cluster &&
      (stage === undefined || name.stage === stage || name.stage.startsWith(`${stage}-`)),
  );
  if (deployment.startsWith('arn:')) return narrowed.filter(({ deploymentArn }) => deploymentArn === deployment);
  const exact = narrowed.filter((name) => name.deployment === deployment);
  return exact.length > 0 ? exact : narrowed.filter((name) => name.deployment.startsWith(deployment));
}

/**
 * The one request that is meant; among several, the only one that is still open.
 *
 * @throws Refusal when there is none, or no telling which
 */
export function theOne(requests: readonly ApprovalRequest[], args: Arguments): ApprovalRequest {
  const { deployment, prefix, where } = args;
  if (requests.length === 0) {
    throw new Refusal(
      `no approval is asked for deployment ${deployment} under ${prefix}/approval in ${where.region}; see: list --all`,
    );
  }
  const open = requests.filter(({ standing }) => standing === 'pending');
  const candidates = open.length > 0 ? open : requests;
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0) return only;
  const rows = candidates.map((one) => [
    `  ${one.deployment}`,
    `${one.cluster}/${one.service}`,
    one.stage,
    one.standing,
  ]);
  throw new Refusal(
    `${deployment} may mean ${candidates.length} requests; say which with more of the id, --service, --cluster or --stage:\n${table(rows, 1)}`,
  );
}

/** @throws Refusal when a vote would change nothing any more */
export function checkOpen(request: ApprovalRequest, ended: string | undefined, args: Arguments): void {
  const force = 'to vote all the same, add --force';
  const { votes, standing, deadline, accepted, quorum = 1 } = request;
  if (ended !== undefined) throw new Refusal(`too late for deployment ${request.deployment}: ${ended}`);
  if (standing === 'expired' && deadline !== undefined) {
    throw new Refusal(`too late for deployment ${request.deployment}: the request expired at ${instant(deadline)}`);
  }
  if (args.force) return;
  const declines = votes.filter(({ decision }) => decision === 'decline');
  const decline = declines.find(({ reason }) => reason !== undefined) ?? declines[0];
  // Where reasons are required, a decline without one still waits for it.
  const isIncomplete = decline?.reason === undefined && args.command === 'decline';
  if (decline !== undefined && !isIncomplete) {
    const reason = decline.reason === undefined ? '' : `: ${oneLine(decline.reason, 200)}`;
    throw new Refusal(
      `deployment ${request.deployment} is already declined by ${decline.by} at ${instant(decline.at)}${reason}; ` +
        `a decline is final unless the hook does not count it (a reason is missing, or they may not vote); ${force}`,
    );
  }
  if (args.command === 'accept' && standing === 'accepted') {
    throw new Refusal(
      `deployment ${request.deployment} is already accepted, ${accepted} of ${quorum}; if the hook does not count one of these, ${force}`,
    );
  }
}

import { idOf } from '../../shared/event.ts';
import { count, instant, oneLine } from '../../shared/text.ts';
import { countDistinct, isRoleOnly, isSessionOf, matches, mayMatch } from './principal.ts';
import { type Ballot, parseBallot } from './vote.ts';

/** A version of the approval parameter: who wrote what, when. */
export interface ParameterVersion {
  version: number;
  value: string;
  by: string;
  at: Date;
}

export interface Rules {
  approvers: readonly string[];
  deployers: readonly string[];
  quorum: number;
  requireReason: 'never' | 'decline' | 'always';
  /** The function whose own votes do not count. */
  functionName: string;
  deploymentId: string;
  targetRevisionId: string;
}

export interface Vote extends Ballot {
  by: string;
  at: Date;
}

export interface Tally {
  /** `held`: somebody declined without the required reason; nothing passes until they give it or accept. */
  outcome: 'accepted' | 'declined' | 'held' | 'open';
  /** One clause, without a capital: `accepted by …`. */
  summary: string;
  /** Distinct identities whose accept stands. */
  accepted: number;
  votes: readonly Vote[];
  ignored: readonly { by: string; at: Date; why: string }[];
}

/**
 * The version that is this deployment's request: what was written before it is no vote on it. A `pending` that somebody
 * else wrote is no request.
 *
 * @param known the version that an earlier look of this deployment wrote, for callers whose identity is not recorded
 */
export function requestOf(
  versions: readonly ParameterVersion[],
  functionName: string,
  known?: number,
): ParameterVersion | undefined {
  const pending = versions.filter(({ value }) => parseBallot(value).decision === 'pending');
  return (
    pending.find(({ by }) => isSessionOf(functionName, by)) ??
    pending.find(({ version }) => version === known) ??
    // Some records name a role without its session, which then may be this function's.
    pending.find(({ by }) => isRoleOnly(by))
  );
}

/**
 * Counts the votes: the versions after the request, up to the deadline, by those who may vote. One decline decides,
 * whatever comes after it; else `quorum` distinct identities whose last word is accept.
 */
export function tally(
  versions: readonly ParameterVersion[],
  request: ParameterVersion,
  deadline: Date,
  rules: Rules,
): Tally {
  const votes: Vote[] = [];
  const ignored: { by: string; at: Date; why: string }[] = [];
  for (const { version, value, by, at } of versions) {
    if (version <= request.version) continue;
    const own = by === request.by || isSessionOf(rules.functionName, by);
    const ballot = parseBallot(value);
    if (own && ballot.decision === 'pending') continue;
    const why = own ? 'the hook may not vote' : whyIgnored(ballot, by, at, deadline, rules, value);
    if (why === undefined) votes.push({ ...ballot, by, at });
    else ignored.push({ by, at, why });
  }
  return { ...decide(votes, rules), votes, ignored };
}

function whyIgnored(
  ballot: Ballot,
  by: string,
  at: Date,
  deadline: Date,
  rules: Rules,
  value: string,
): string | undefined {
  if (rules.deployers.some((pattern) => mayMatch(pattern, by))) return 'a deployer may not approve';
  if (rules.approvers.length > 0 && !rules.approvers.some((pattern) => matches(pattern, by))) return 'not an approver';
  if (ballot.decision === 'unknown') return `unknown word ${JSON.stringify(oneLine(value, 40))}`;
  if (at > deadline) return 'after the deadline';
  if (ballot.revision !== undefined && idOf(ballot.revision) !== rules.targetRevisionId) return 'for another revision';
  if (ballot.deployment !== undefined && idOf(ballot.deployment) !== rules.deploymentId)
    return 'for another deployment';
  // A decline without its reason is not ignored: it holds the deployment back until the reason is there.
  if (ballot.decision === 'accept' && rules.requireReason === 'always' && !hasReason(ballot)) {
    return 'accept without the required reason';
  }
  return undefined;
}

function hasReason({ reason = '' }: Ballot): boolean {
  return reason.trim() !== '';
}

function decide(votes: readonly Vote[], rules: Rules): Pick<Tally, 'outcome' | 'summary' | 'accepted'> {
  const { quorum, requireReason } = rules;
  const lastWord = new Map<string, Vote>();
  for (const vote of votes) lastWord.set(vote.by, vote);
  const accepts = [...lastWord.values()].filter(({ decision }) => decision === 'accept');
  const accepted = countDistinct(accepts.map(({ by }) => by));
  const declines = votes.filter(({ decision }) => decision === 'decline');
  const decline = declines.find((vote) => requireReason === 'never' || hasReason(vote));
  if (decline !== undefined) return { outcome: 'declined', summary: `declined by ${told(decline)}`, accepted };
  const held = declines.find(({ by }) => lastWord.get(by)?.decision === 'decline');
  if (held !== undefined) {
    return { outcome: 'held', summary: `declined by ${told(held)} without the required reason`, accepted };
  }
  const summary = `${accepted} of ${count(quorum, 'approval')}`;
  if (accepted < quorum) return { outcome: 'open', summary, accepted };
  return { outcome: 'accepted', summary: `accepted by ${accepts.map(told).join(', ')} (${summary})`, accepted };
}

function told({ by, at, reason }: Vote): string {
  return `${by} at ${instant(at)}${reason === undefined ? '' : `: ${oneLine(reason, 300)}`}`;
}

/** `ignored 2 votes: arn:… (not an approver), arn:… (…)`, or nothing. */
export function toldIgnored({ ignored }: Tally): string {
  if (ignored.length === 0) return '';
  const last = ignored.slice(-3).map(({ by, why }) => `${by} (${why})`);
  const more = ignored.length > last.length ? ' and others' : '';
  return `; ignored ${count(ignored.length, 'vote')}: ${last.join(', ')}${more}`;
}

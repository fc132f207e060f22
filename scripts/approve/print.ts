import { count, duration, instant, oneLine } from '../../shared/text.ts';
import type { ApprovalRequest, Vote } from './requests.ts';

const WIDTH = 100;
const GAP = '  ';

/** Rows of cells as aligned columns, at most 100 characters wide: what is too much is taken from the column `flexible`. */
export function table(rows: readonly (readonly string[])[], flexible: number): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, n) => Math.max(...rows.map((row) => row[n]?.length ?? 0)));
  const excess = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - WIDTH;
  if (excess > 0) widths[flexible] = Math.max(6, (widths[flexible] ?? 0) - excess);
  const line = (row: readonly string[]): string =>
    row.map((cell, n) => clip(cell, widths[n] ?? 0).padEnd(widths[n] ?? 0)).join(GAP);
  return rows.map((row) => clip(line(row).trimEnd(), WIDTH)).join('\n');
}

/** Cuts in the middle: both ends of a name tell it from its neighbours. */
function clip(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - end)}…${text.slice(text.length - end)}`;
}

export function listText(requests: readonly ApprovalRequest[], now: Date): string {
  const rows = requests.map((request) => [
    request.deployment,
    `${request.cluster}/${request.service}`,
    request.stage,
    `${request.accepted} of ${request.quorum ?? 1}`,
    request.standing === 'pending' ? leftOf(request, now) : request.standing,
  ]);
  return table([['DEPLOYMENT', 'SERVICE', 'STAGE', 'VOTES', 'LEFT'], ...rows], 1);
}

function leftOf({ deadline }: ApprovalRequest, now: Date): string {
  return deadline === undefined ? '' : duration(deadline.getTime() - now.getTime());
}

export function showText(request: ApprovalRequest, ended: string | undefined, now: Date): string {
  const { revision, replaces, deadline, testUrl, images, quorum = 1, accepted, standing } = request;
  const facts: [string, string | undefined][] = [
    ['Service', `${request.service} in ${request.cluster}, ${request.region}`],
    ['Deployment', request.deployment],
    ['Stage', request.stage],
    ['Revision', revision && `${revision}${replaces === undefined ? '' : `, replaces ${replaces}`}`],
    ...(images ?? '').split(', ').map((image): [string, string] => ['Image', image]),
    ['Test', testUrl],
    ['Asked', instant(request.askedAt)],
    ['Until', deadline && `${instant(deadline)}${standing === 'pending' ? `, ${leftOf(request, now)} left` : ''}`],
    ['Votes', `${accepted} of ${count(quorum, 'approval')}, as far as the hook counts them`],
    ['State', ended ?? standing],
    ['Parameter', request.parameter],
  ];
  const lines = facts.flatMap(([name, value]) => (value ? [`${`${name}:`.padEnd(12)}${oneLine(value)}`] : []));
  return [...lines, ...(request.votes.length === 0 ? [] : ['', ...request.votes.map(voteText)])].join('\n');
}

/** Reasons are other people's words: a control character must not reach the terminal. */
function voteText({ at, decision, by, reason }: Vote): string {
  return `${instant(at)}  ${decision.padEnd(7)}  ${oneLine(by)}${reason === undefined ? '' : `: ${oneLine(reason, 400)}`}`;
}

import { count, oneLine } from '../../shared/text.ts';
import {
  type CountedSeverity,
  isOver,
  SEVERITIES,
  type Severity,
  UNJUDGED,
  type Vulnerabilities,
  type VulnerabilityException,
} from './vulnerabilities.ts';

/** One finding of basic scanning or of Amazon Inspector. What a scanner does not say is not guessed. */
export interface Finding {
  /** The vulnerability's id, CVE-… or another; empty when the scan names none, and then nothing can excuse it. */
  id: string;
  /** As the scan gives it, in upper case. */
  severity: string;
  fixAvailable?: string;
  exploitAvailable?: string;
  packages: readonly string[];
}

export interface Scan {
  /** AWS's word, or SCAN_NOT_FOUND. */
  status: string;
  description?: string;
  completedAt?: Date;
  sourceUpdatedAt?: Date;
  /** Whether the answer had a part for findings at all. */
  hasFindings: boolean;
  findings: readonly Finding[];
  /** AWS's own counts by severity; they may say more than the findings that were listed. */
  counts: ReadonlyMap<string, number>;
}

/** What of ECR's answer to DescribeImageScanFindings is read, all its pages put together. */
export interface ScanAnswer {
  imageScanStatus?: { status?: string | undefined; description?: string | undefined } | undefined;
  imageScanFindings?:
    | {
        imageScanCompletedAt?: Date | undefined;
        vulnerabilitySourceUpdatedAt?: Date | undefined;
        findingSeverityCounts?: Readonly<Record<string, number | undefined>> | undefined;
        findings?: readonly BasicFinding[] | undefined;
        enhancedFindings?: readonly EnhancedFinding[] | undefined;
      }
    | undefined;
}

interface BasicFinding {
  name?: string | undefined;
  severity?: string | undefined;
  attributes?: readonly { key?: string | undefined; value?: string | undefined }[] | undefined;
}

interface EnhancedFinding {
  severity?: string | undefined;
  status?: string | undefined;
  title?: string | undefined;
  fixAvailable?: string | undefined;
  exploitAvailable?: string | undefined;
  packageVulnerabilityDetails?:
    | {
        vulnerabilityId?: string | undefined;
        vulnerablePackages?: readonly { name?: string | undefined }[] | undefined;
      }
    | undefined;
}

/**
 * Basic and enhanced findings in one form.
 *
 * @param answer undefined where ECR answered ScanNotFoundException
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html
 */
export function readScan(answer: ScanAnswer | undefined): Scan {
  if (answer === undefined) {
    return { status: 'SCAN_NOT_FOUND', hasFindings: false, findings: [], counts: new Map() };
  }
  const { imageScanStatus: status, imageScanFindings: found } = answer;
  const counts = Object.entries(found?.findingSeverityCounts ?? {});
  return {
    status: status?.status ?? 'missing',
    ...(status?.description !== undefined && { description: status.description }),
    ...(found?.imageScanCompletedAt !== undefined && { completedAt: found.imageScanCompletedAt }),
    ...(found?.vulnerabilitySourceUpdatedAt !== undefined && { sourceUpdatedAt: found.vulnerabilitySourceUpdatedAt }),
    hasFindings: found !== undefined,
    findings: [...(found?.findings ?? []).map(ofBasic), ...(found?.enhancedFindings ?? []).flatMap(ofEnhanced)],
    counts: new Map(counts.map(([severity, n]) => [severity.toUpperCase(), n ?? 0])),
  };
}

function ofBasic({ name, severity, attributes = [] }: BasicFinding): Finding {
  const named = attributes.find(({ key }) => key === 'package_name')?.value;
  return { id: name ?? '', severity: word(severity), packages: named === undefined ? [] : [named] };
}

/** A CLOSED finding is no longer there. A SUPPRESSED one is: what excuses it stands in this policy, or nowhere. */
function ofEnhanced(finding: EnhancedFinding): Finding[] {
  const { severity, status, fixAvailable, exploitAvailable, packageVulnerabilityDetails: details } = finding;
  if (status === 'CLOSED') return [];
  const names = (details?.vulnerablePackages ?? []).map(({ name }) => name ?? '');
  return [
    {
      id: details?.vulnerabilityId ?? '',
      severity: word(severity),
      packages: [...new Set(names)],
      ...(fixAvailable !== undefined && { fixAvailable }),
      ...(exploitAvailable !== undefined && { exploitAvailable }),
    },
  ];
}

function word(severity: string | undefined): string {
  return (severity ?? 'UNDEFINED').toUpperCase();
}

/** What one scan comes to under one rule. */
export interface Assessment {
  /** Clauses, each a reason to deny; none: the thresholds hold. */
  problems: readonly string[];
  /** How many findings count, by severity; those with none are left out. */
  counted: Readonly<Record<string, number>>;
  /** How many were left out for want of a fix. */
  unfixed: number;
  used: readonly UsedException[];
  /** Exceptions that would have excused something, were they not over. */
  expired: readonly VulnerabilityException[];
}

export interface UsedException extends VulnerabilityException {
  findings: number;
}

interface Counted {
  total: number;
  /** Of those that are listed. */
  ids: string[];
}

interface Counting {
  rule: Vulnerabilities;
  byId: ReadonlyMap<string, readonly VulnerabilityException[]>;
  now: Date;
  counted: Map<CountedSeverity, Counted>;
  exploitable: string[];
  unfixed: number;
  used: Map<VulnerabilityException, number>;
  expired: Set<VulnerabilityException>;
}

/**
 * Counts the findings and compares them with the limits. The order matters: an excepted finding counts nowhere; an
 * exploitable one is a problem of its own, also without a fix; only then are unfixed ones left out.
 */
export function assess(scan: Scan, rule: Vulnerabilities, now: Date): Assessment {
  const byId = Map.groupBy(rule.exceptions, ({ id }) => id.toUpperCase());
  const counting: Counting = {
    rule,
    byId,
    now,
    counted: new Map(),
    exploitable: [],
    unfixed: 0,
    used: new Map(),
    expired: new Set(),
  };
  for (const finding of scan.findings) countFinding(finding, counting);
  const unlisted = countUnlisted(scan, counting);
  const problems = [...overLimits(counting), ...exploitableOnes(counting, unlisted)];
  const expired = [...counting.expired];
  return {
    problems: problems.length > 0 ? [...problems, ...expired.map(toldExpired)] : [],
    counted: Object.fromEntries([...counting.counted].map(([severity, { total }]) => [severity, total])),
    unfixed: counting.unfixed,
    used: [...counting.used].map(([exception, findings]) => ({ ...exception, findings })),
    expired,
  };
}

function countFinding(finding: Finding, counting: Counting): void {
  const { rule, used } = counting;
  const exception = exceptionFor(finding, counting);
  if (exception !== undefined) {
    used.set(exception, (used.get(exception) ?? 0) + 1);
    return;
  }
  const id = finding.id === '' ? 'one without an id' : oneLine(finding.id, 60);
  if (finding.exploitAvailable === 'YES') counting.exploitable.push(id);
  if (rule.ignoreUnfixed && finding.fixAvailable === 'NO') {
    counting.unfixed += 1;
    return;
  }
  const entry = entryOf(counting.counted, countedAs(finding.severity, rule));
  entry.total += 1;
  entry.ids.push(id);
}

function exceptionFor({ id, packages }: Finding, { byId, now, expired }: Counting) {
  const meant = (byId.get(id.toUpperCase()) ?? []).filter(
    (exception) =>
      exception.package === undefined || (packages.length > 0 && packages.every((name) => name === exception.package)),
  );
  const holding = meant.find(({ until }) => !isOver(until, now));
  if (holding === undefined) for (const exception of meant) expired.add(exception);
  return holding;
}

/** AWS counts more than it lists: the rest counts too, and without an id nothing excuses it. */
function countUnlisted({ findings, counts }: Scan, { rule, counted }: Counting): number {
  const listed = new Map<string, number>();
  for (const { severity } of findings) listed.set(severity, (listed.get(severity) ?? 0) + 1);
  let unlisted = 0;
  for (const [severity, n] of counts) {
    const missing = n - (listed.get(severity) ?? 0);
    if (missing <= 0) continue;
    entryOf(counted, countedAs(severity, rule)).total += missing;
    unlisted += missing;
  }
  return unlisted;
}

function entryOf(counted: Map<CountedSeverity, Counted>, severity: CountedSeverity): Counted {
  const entry = counted.get(severity) ?? { total: 0, ids: [] };
  counted.set(severity, entry);
  return entry;
}

function countedAs(severity: string, { max, unknownSeverityAs }: Vulnerabilities): CountedSeverity {
  const judged = SEVERITIES.find((known) => known === severity);
  if (judged !== undefined) return judged;
  const unjudged = UNJUDGED.find((known) => known === severity);
  return unjudged !== undefined && max[unjudged] !== undefined ? unjudged : unknownSeverityAs;
}

/** The limit of a severity, or else that of the next lesser one that has one. */
function limitOf(severity: CountedSeverity, { max }: Vulnerabilities): number | undefined {
  const from = SEVERITIES.indexOf(severity as Severity); // -1 for those outside the order, which only have their own
  if (from < 0) return max[severity];
  return SEVERITIES.slice(from)
    .map((lesser) => max[lesser])
    .find((most) => most !== undefined);
}

function overLimits({ counted, rule }: Counting): string[] {
  return [...SEVERITIES, ...UNJUDGED].flatMap((severity) => {
    const { total, ids } = counted.get(severity) ?? { total: 0, ids: [] };
    const most = limitOf(severity, rule);
    if (most === undefined || total <= most) return [];
    const unlisted = total > ids.length ? [`${total - ids.length} not listed`] : [];
    const which = [...(ids.length > 0 ? [some(ids)] : []), ...unlisted].join(', ');
    return [`${count(total, `${severity} finding`)}, ${most} allowed (${which})`];
  });
}

function exploitableOnes({ exploitable, rule }: Counting, unlisted: number): string[] {
  if (!rule.denyExploitable) return [];
  const known = exploitable.length > 0 ? [`${exploitable.length} with a known exploit (${some(exploitable)})`] : [];
  return unlisted > 0 ? [...known, `${unlisted} not listed, so that exploits of them are not known`] : known;
}

function toldExpired({ id, until }: VulnerabilityException): string {
  return `the exception for ${id} ended with ${until}`;
}

/** The first few, each once. */
function some(ids: readonly string[]): string {
  const distinct = [...new Set(ids)];
  const more = distinct.length > 5 ? ` and ${distinct.length - 5} more` : '';
  return `${distinct.slice(0, 5).join(', ')}${more}`;
}

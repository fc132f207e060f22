import { count, duration, instant, oneLine } from '../../shared/text.ts';
import { type Assessment, assess, type Scan, type UsedException } from './findings.ts';
import { SEVERITIES, UNJUDGED, type Vulnerabilities, type VulnerabilityException } from './vulnerabilities.ts';

/** The scan of one platform's image. */
export interface PlatformScan {
  /** For people: `linux/amd64`; absent where the image has but one. */
  platform?: string;
  digest: string;
  scan: Scan;
}

export interface ScanTimes {
  now: Date;
  /** When this stage first looked at the image: `waitSeconds` count from here. */
  since: Date;
  /** ECR's `imagePushedAt`: a scan may not have begun yet just after a push. */
  pushedAt?: Date | undefined;
}

export interface ScanEvidence {
  platform?: string;
  digest: string;
  status: string;
  completedAt?: string;
  sourceUpdatedAt?: string;
  counted: Readonly<Record<string, number>>;
  unfixed: number;
  exceptionsUsed: readonly UsedException[];
  exceptionsExpired: readonly VulnerabilityException[];
}

/** A scan that is waited for: until when at most, milliseconds since the epoch. */
export interface Wait {
  digest: string;
  until: number;
}

export interface ScanVerdict {
  outcome: 'allow' | 'deny' | 'wait';
  /** A clause with the numbers that decided: all reasons of the platforms with this outcome. */
  reason: string;
  evidence: readonly ScanEvidence[];
  waits: readonly Wait[];
}

/**
 * What a status says: `finished`, current results; `pending`, results are on their way; `missing`, there are none that
 * hold, or none any more; `refused`, whatever the findings. A Map, since a status may have any name.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanStatus.html
 */
const STATUSES: ReadonlyMap<string, 'finished' | 'pending' | 'missing' | 'refused'> = new Map([
  ['COMPLETE', 'finished'], // basic scanning
  ['ACTIVE', 'finished'], // enhanced scanning: Amazon Inspector keeps watching the image
  ['IN_PROGRESS', 'pending'],
  ['PENDING', 'pending'],
  ['FAILED', 'missing'],
  ['UNSUPPORTED_IMAGE', 'missing'],
  ['SCAN_ELIGIBILITY_EXPIRED', 'missing'], // Amazon Inspector has stopped watching, and has closed its findings
  ['FINDINGS_UNAVAILABLE', 'missing'],
  ['LIMIT_EXCEEDED', 'missing'],
  ['SCAN_NOT_FOUND', 'missing'],
  ['IMAGE_ARCHIVED', 'refused'], // an archived image cannot be pulled
]);

/**
 * Judges an image by the scans of its platforms: every one must pass, and each is compared with the limits on its own,
 * since they mostly have the same findings. A denial is not waited with.
 */
export function judgeScans(rule: Vulnerabilities, scans: readonly PlatformScan[], times: ScanTimes): ScanVerdict {
  if (scans.length === 0)
    return { outcome: 'deny', reason: 'there is no image whose scan could be read', evidence: [], waits: [] };
  const judged = scans.map((scan) => judge(rule, scan, times));
  const outcome = (['deny', 'wait', 'allow'] as const).find((worst) => judged.some((one) => one.outcome === worst));
  const deciding = judged.filter((one) => one.outcome === outcome);
  const reason = deciding
    .map(({ platform, reason: why }) => (platform === undefined ? why : `${platform}: ${why}`))
    .join('; ');
  const waits = judged.flatMap(({ evidence: { digest }, until }) => (until === undefined ? [] : [{ digest, until }]));
  return { outcome: outcome ?? 'deny', reason, evidence: judged.map(({ evidence }) => evidence), waits };
}

/** Whether a scan may be waited for: no findings are there, and they may yet come. */
export function mayYetCome({ status }: Scan): boolean {
  return STATUSES.get(status) === 'pending' || status === 'SCAN_NOT_FOUND';
}

interface Judged {
  platform: string | undefined;
  outcome: ScanVerdict['outcome'];
  reason: string;
  evidence: ScanEvidence;
  until?: number;
}

function judge(rule: Vulnerabilities, one: PlatformScan, times: ScanTimes): Judged {
  const { platform, scan } = one;
  const assessment = assess(scan, rule, times.now);
  const evidence = evidenceOf(one, assessment);
  const decided = (outcome: Judged['outcome'], reason: string) => ({ platform, outcome, reason, evidence });
  const meaning = STATUSES.get(scan.status);
  const told = toldStatus(scan);
  if (meaning === undefined) return decided('deny', `${told}, which is not known to this version`);
  if (meaning === 'refused') return decided('deny', told);
  const waiting = waitingFor(scan, rule, times);
  if (waiting !== undefined) return { ...decided('wait', `${told}, ${waiting.told}`), until: waiting.until };
  if (assessment.problems.length > 0) return decided('deny', `${told}: ${assessment.problems.join('; ')}`);
  const isFinished = meaning === 'finished' && (scan.hasFindings || scan.status === 'ACTIVE');
  if (isFinished) return decided('allow', `${told}: ${toldCounts(rule, assessment)}`);
  const after = meaning === 'pending' ? ` after ${duration(rule.waitSeconds * 1000)}` : '';
  const lacking = meaning === 'finished' ? ', but without its findings' : '';
  const outcome = rule.onMissing === 'allow' ? 'allow' : 'deny';
  return decided(outcome, `${told}${after}${lacking}; onMissing is ${rule.onMissing}`);
}

function waitingFor(
  { status }: Scan,
  { waitSeconds }: Vulnerabilities,
  { now, since, pushedAt }: ScanTimes,
): { told: string; until: number } | undefined {
  const limit = waitSeconds * 1000;
  const until = since.getTime() + limit;
  const waited = now.getTime() - since.getTime();
  if (STATUSES.get(status) === 'pending' && waited < limit) {
    return { told: `waited for ${duration(waited)} of ${duration(limit)}`, until };
  }
  if (status !== 'SCAN_NOT_FOUND' || pushedAt === undefined) return undefined;
  const age = now.getTime() - pushedAt.getTime();
  // The waiting is bounded by the look as well: a clock that is behind ECR's must not make it endless.
  if (age >= limit || waited >= limit) return undefined;
  const told = `but the image was pushed ${duration(age)} ago, and a scan may begin until ${duration(limit)} after`;
  return { told, until: Math.min(until, pushedAt.getTime() + limit) };
}

function toldStatus({ status, description, completedAt }: Scan): string {
  if (status === 'SCAN_NOT_FOUND') return 'the image has never been scanned';
  const at = completedAt === undefined ? '' : ` of ${instant(completedAt)}`;
  const said = description === undefined || description === '' ? '' : ` (${oneLine(description, 200)})`;
  return `the scan${at} is ${oneLine(status, 60)}${said}`;
}

function toldCounts({ max }: Vulnerabilities, { counted, used, unfixed }: Assessment): string {
  const parts = [...SEVERITIES, ...UNJUDGED].flatMap((severity) => {
    const n = counted[severity] ?? 0;
    const most = max[severity];
    if (n === 0 && most === undefined) return [];
    return [`${n} ${severity}${most === undefined ? '' : ` (${most} allowed)`}`];
  });
  const excepted = used.reduce((sum, { findings }) => sum + findings, 0);
  if (excepted > 0)
    parts.push(`${excepted} excepted (${used.map(({ id, until }) => `${id} until ${until}`).join(', ')})`);
  if (unfixed > 0) parts.push(`${count(unfixed, 'unfixed one')} not counted`);
  return parts.length === 0 ? 'no findings' : oneLine(parts.join(', '), 500);
}

function evidenceOf({ platform, digest, scan }: PlatformScan, assessment: Assessment): ScanEvidence {
  return {
    ...(platform !== undefined && { platform }),
    digest,
    status: scan.status,
    ...(scan.completedAt !== undefined && { completedAt: scan.completedAt.toISOString() }),
    ...(scan.sourceUpdatedAt !== undefined && { sourceUpdatedAt: scan.sourceUpdatedAt.toISOString() }),
    counted: assessment.counted,
    unfixed: assessment.unfixed,
    exceptionsUsed: assessment.used.slice(0, 20),
    exceptionsExpired: assessment.expired.slice(0, 20),
  };
}

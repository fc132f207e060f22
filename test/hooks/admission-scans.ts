import { readScan, type ScanAnswer } from '../../hooks/admission/findings.ts';
import { judgeScans, type ScanTimes } from '../../hooks/admission/scan.ts';
import { Vulnerabilities } from '../../hooks/admission/vulnerabilities.ts';

export const NOW = new Date('2026-11-20T12:00:00Z');
export const DIGEST = `sha256:${'a'.repeat(64)}`;

/** One of Amazon Inspector's findings, as ECR gives it. */
export type Enhanced = NonNullable<NonNullable<ScanAnswer['imageScanFindings']>['enhancedFindings']>[number];

export function finding(
  id: string,
  severity: string,
  more: Partial<Enhanced> & { packages?: string[] } = {},
): Enhanced {
  const { packages = ['openssl'], ...rest } = more;
  const vulnerablePackages = packages.map((name) => ({ name }));
  return { severity, packageVulnerabilityDetails: { vulnerabilityId: id, vulnerablePackages }, ...rest };
}

/** ECR's answer, as far as it is read. */
export function answer(status: string, enhancedFindings?: Enhanced[], counts?: Record<string, number>): ScanAnswer {
  const findings = enhancedFindings ?? [];
  const none = enhancedFindings === undefined && counts === undefined;
  return {
    imageScanStatus: { status },
    ...(!none && { imageScanFindings: { enhancedFindings: findings, findingSeverityCounts: counts } }),
  };
}

/** Judges one image by one scan. */
export function judge(rule: object, scan: ScanAnswer | undefined, times: Partial<ScanTimes> = {}) {
  const scans = [{ digest: DIGEST, scan: readScan(scan) }];
  return judgeScans(Vulnerabilities.parse(rule), scans, { now: NOW, since: NOW, ...times });
}

/** Seconds before now. */
export function ago(seconds: number): Date {
  return new Date(NOW.getTime() - seconds * 1000);
}

import type { EnhancedImageScanFinding, ImageScanFinding, ScanStatus, ScanType } from '@aws-sdk/client-ecr';

/** One vulnerability, in words that basic and enhanced scans share; it is told to clients in the shape of either. */
export interface Finding {
  /** Usually a CVE number. */
  id: string;
  /** `CRITICAL`, `HIGH`, `MEDIUM`, `LOW`, `INFORMATIONAL`, `UNDEFINED`; enhanced scans say `UNTRIAGED` as well. */
  severity: string;
  package?: string;
  version?: string;
  /** The version that mends it; without it there is no fix. Enhanced only, as the next three. */
  fixedInVersion?: string;
  /** Follows `fixedInVersion` without it. */
  fixAvailable?: 'YES' | 'NO' | 'PARTIAL';
  /** NO without it. */
  exploitAvailable?: 'YES' | 'NO';
  /** ACTIVE without it. */
  status?: 'ACTIVE' | 'SUPPRESSED' | 'CLOSED';
  /** CVSS base score. */
  score?: number;
  description?: string;
  uri?: string;
  /** Members of the answer to set or (undefined) to leave out, for findings that are not as they should be. */
  overrides?: Readonly<Record<string, unknown>>;
}

export interface ScanResult {
  status: ScanStatus;
  /** BASIC without it. */
  type?: ScanType;
  /** AWS's own text for the statuses where it is known, without it. */
  description?: string;
  findings?: readonly Finding[];
  /** Milliseconds since the epoch; the moment at which the result was set, without it. */
  completedAt?: number;
  vulnerabilitySourceUpdatedAt?: number;
  /** Milliseconds since the epoch; before it the scan is IN_PROGRESS (basic) or PENDING (enhanced). */
  pendingUntil?: number;
}

export interface ScanRecord extends ScanResult {
  type: ScanType;
  completedAt: number;
  findings: readonly Finding[];
  severityCounts: Readonly<Record<string, number>>;
}

const DESCRIPTIONS: Partial<Record<ScanStatus, string>> = {
  ACTIVE: 'Continuous scan is selected for image.',
  COMPLETE: 'The scan was completed successfully.',
  FAILED: 'UnsupportedImageError: The operating system and/or package manager are not supported.',
};

export function scanRecord(scan: ScanResult, now: number): ScanRecord {
  const findings = scan.findings ?? [];
  const severityCounts: Record<string, number> = {};
  for (const { severity } of findings) severityCounts[severity] = (severityCounts[severity] ?? 0) + 1;
  return { completedAt: now, ...scan, type: scan.type ?? 'BASIC', findings, severityCounts };
}

export interface CurrentScan {
  status: ScanStatus;
  description: string | undefined;
  /** Whether there is a result to tell of: statuses other than COMPLETE and ACTIVE have one only when given findings. */
  hasResult: boolean;
}

/** @param archived an archived image's findings are out of reach whatever the last scan said */
export function currentScan(scan: ScanRecord, archived: boolean, now: number): CurrentScan {
  if (archived) return { status: 'IMAGE_ARCHIVED', description: undefined, hasResult: false };
  if (scan.pendingUntil !== undefined && now < scan.pendingUntil) {
    return { status: scan.type === 'BASIC' ? 'IN_PROGRESS' : 'PENDING', description: undefined, hasResult: false };
  }
  return {
    status: scan.status,
    description: scan.description ?? DESCRIPTIONS[scan.status],
    hasResult: scan.status === 'COMPLETE' || scan.status === 'ACTIVE' || scan.findings.length > 0,
  };
}

/** Basic findings do not say whether there is a fix: only the package, its version and the score are told. */
export function basicFinding(finding: Finding): ImageScanFinding {
  const attributes = [
    { key: 'CVSS3_SCORE', value: finding.score === undefined ? undefined : String(finding.score) },
    { key: 'package_version', value: finding.version },
    { key: 'package_name', value: finding.package },
  ].filter(({ value }) => value !== undefined);
  const shape = {
    name: finding.id,
    description: finding.description,
    uri: finding.uri ?? `https://nvd.nist.gov/vuln/detail/${finding.id}`,
    severity: finding.severity,
    attributes,
    ...finding.overrides,
  };
  // Scenarios may give a severity that the API's enum does not have: a client must cope with it.
  return shape as ImageScanFinding;
}

export interface FindingPlace {
  registryId: string;
  region: string;
  repository: string;
  imageDigest: string;
  imageTags: readonly string[];
  pushedAt: number;
  /** ARN of the repository, whose partition and place the findings share. */
  repositoryArn: string;
}

export function enhancedFinding(finding: Finding, scan: ScanRecord, place: FindingPlace): EnhancedImageScanFinding {
  const at = new Date(scan.completedAt);
  return {
    awsAccountId: place.registryId,
    description: finding.description,
    findingArn: `${place.repositoryArn.replace(/:ecr:(.*):repository\/.*$/, ':inspector2:$1:finding/')}${findingId(finding, place)}`,
    firstObservedAt: at,
    lastObservedAt: at,
    updatedAt: at,
    packageVulnerabilityDetails: packageDetails(finding),
    remediation: { recommendation: { text: 'None Provided' } },
    resources: [imageResource(place)],
    score: finding.score,
    severity: finding.severity,
    status: finding.status ?? 'ACTIVE',
    title: finding.package === undefined ? finding.id : `${finding.id} - ${finding.package}`,
    type: 'PACKAGE_VULNERABILITY',
    fixAvailable: finding.fixAvailable ?? (finding.fixedInVersion === undefined ? 'NO' : 'YES'),
    exploitAvailable: finding.exploitAvailable ?? 'NO',
    ...finding.overrides,
  };
}

function packageDetails(finding: Finding): EnhancedImageScanFinding['packageVulnerabilityDetails'] {
  return {
    vulnerabilityId: finding.id,
    source: 'NVD',
    sourceUrl: finding.uri ?? `https://nvd.nist.gov/vuln/detail/${finding.id}`,
    referenceUrls: [],
    relatedVulnerabilities: [],
    vulnerablePackages: [
      {
        name: finding.package,
        version: finding.version,
        fixedInVersion: finding.fixedInVersion ?? 'NotAvailable',
        packageManager: 'OS',
        arch: 'X86_64',
        epoch: 0,
      },
    ],
  };
}

function imageResource(place: FindingPlace): NonNullable<EnhancedImageScanFinding['resources']>[number] {
  return {
    type: 'AWS_ECR_CONTAINER_IMAGE',
    id: `${place.repositoryArn}/${place.imageDigest}`,
    tags: {},
    details: {
      awsEcrContainerImage: {
        registry: place.registryId,
        repositoryName: place.repository,
        imageHash: place.imageDigest,
        imageTags: [...place.imageTags],
        pushedAt: new Date(place.pushedAt),
      },
    },
  };
}

/** Stable, so that the same scan tells the same ARNs on every page and in every run. */
function findingId({ id }: Finding, { imageDigest }: FindingPlace): string {
  return `${imageDigest.slice('sha256:'.length, 'sha256:'.length + 16)}${Buffer.from(id).toString('hex')}`;
}

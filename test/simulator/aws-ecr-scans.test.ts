import {
  DescribeImageScanFindingsCommand,
  paginateDescribeImageScanFindings,
  ScanStatus,
  type ScanStatus as ScanStatusName,
} from '@aws-sdk/client-ecr';
import { describe, expect, it } from 'vitest';
import type { ScanResult } from '../../simulator/aws/ecr/scan.ts';
import { type EcrFixture, NO_DIGEST, startEcr } from './aws-ecr-kit.ts';
import { START } from './aws-fixture.ts';

const REPOSITORY = 'team/app';
const OPENSSL = {
  id: 'CVE-2024-0001',
  severity: 'CRITICAL',
  package: 'openssl',
  version: '3.0.1',
  fixedInVersion: '3.0.2',
  score: 9.8,
};

async function scanned(scan: ScanResult): Promise<EcrFixture & { digest: string }> {
  const fixture = await startEcr();
  const { digest } = fixture.registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one' });
  fixture.registry.setScan(REPOSITORY, digest, scan);
  return { ...fixture, digest };
}

const byTag = (extra: object = {}) =>
  new DescribeImageScanFindingsCommand({ repositoryName: REPOSITORY, imageId: { imageTag: 'v1' }, ...extra });

describe('DescribeImageScanFindings', () => {
  it('tells basic findings, which do not say whether there is a fix', async () => {
    const { ecr, digest } = await scanned({ status: 'COMPLETE', findings: [OPENSSL], completedAt: START - 1000 });
    const { $metadata, ...answer } = await ecr.send(byTag());
    expect($metadata.httpStatusCode).toBe(200);
    expect(answer).toEqual({
      registryId: '123456789012',
      repositoryName: REPOSITORY,
      imageId: { imageDigest: digest, imageTag: 'v1' },
      imageScanStatus: { status: 'COMPLETE', description: 'The scan was completed successfully.' },
      imageScanFindings: {
        imageScanCompletedAt: new Date(START - 1000),
        vulnerabilitySourceUpdatedAt: new Date(START - 1000),
        findingSeverityCounts: { CRITICAL: 1 },
        findings: [
          {
            name: 'CVE-2024-0001',
            uri: 'https://nvd.nist.gov/vuln/detail/CVE-2024-0001',
            severity: 'CRITICAL',
            attributes: [
              { key: 'CVSS3_SCORE', value: '9.8' },
              { key: 'package_version', value: '3.0.1' },
              { key: 'package_name', value: 'openssl' },
            ],
          },
        ],
      },
    });
  });

  it('tells enhanced findings with fix and exploit', async () => {
    const unfixed = { id: 'CVE-2024-0002', severity: 'UNTRIAGED', exploitAvailable: 'YES' as const };
    const { ecr, digest } = await scanned({ type: 'ENHANCED', status: 'ACTIVE', findings: [OPENSSL, unfixed] });
    const { imageScanStatus, imageScanFindings } = await ecr.send(byTag());
    expect(imageScanStatus).toEqual({ status: 'ACTIVE', description: 'Continuous scan is selected for image.' });
    expect(imageScanFindings?.findings).toBeUndefined();
    expect(imageScanFindings?.findingSeverityCounts).toEqual({ CRITICAL: 1, UNTRIAGED: 1 });
    expect(imageScanFindings?.enhancedFindings).toMatchObject([
      {
        severity: 'CRITICAL',
        status: 'ACTIVE',
        fixAvailable: 'YES',
        exploitAvailable: 'NO',
        score: 9.8,
        findingArn: expect.stringMatching(/^arn:aws:inspector2:eu-west-1:123456789012:finding\/[0-9a-f]+$/),
        firstObservedAt: new Date(START),
        packageVulnerabilityDetails: {
          vulnerabilityId: 'CVE-2024-0001',
          vulnerablePackages: [{ name: 'openssl', version: '3.0.1', fixedInVersion: '3.0.2' }],
        },
        resources: [{ details: { awsEcrContainerImage: { imageHash: digest, imageTags: ['v1'] } } }],
      },
      { severity: 'UNTRIAGED', fixAvailable: 'NO', exploitAvailable: 'YES' },
    ]);
  });

  const withoutResult = Object.values(ScanStatus).filter((status) => status !== 'COMPLETE' && status !== 'ACTIVE');
  it.each<ScanStatusName>(withoutResult)('answers the status %s without findings', async (status) => {
    const { ecr } = await scanned({ status });
    const answer = await ecr.send(byTag());
    expect(answer.imageScanStatus?.status).toBe(status);
    expect(answer.imageScanFindings).toBeUndefined();
  });

  it('answers COMPLETE before an enhanced scan has findings, as ECR does', async () => {
    const { ecr } = await scanned({ type: 'ENHANCED', status: 'COMPLETE' });
    expect((await ecr.send(byTag())).imageScanFindings).toEqual({ findings: [] });
  });

  it('tells a clean basic scan with empty counts, and old findings of an expired one when there are any', async () => {
    const { ecr, registry, digest } = await scanned({ status: 'COMPLETE' });
    expect((await ecr.send(byTag())).imageScanFindings).toMatchObject({ findings: [], findingSeverityCounts: {} });
    registry.setScan(REPOSITORY, digest, { status: 'SCAN_ELIGIBILITY_EXPIRED', type: 'ENHANCED', findings: [OPENSSL] });
    expect((await ecr.send(byTag())).imageScanFindings?.enhancedFindings).toHaveLength(1);
  });

  it.each([
    ['BASIC', 'IN_PROGRESS', 'COMPLETE'],
    ['ENHANCED', 'PENDING', 'ACTIVE'],
  ] as const)('plays a pending %s scan by the clock', async (type, pending, done) => {
    const scan = { type, status: done, findings: [OPENSSL], pendingUntil: START + 120_000 };
    const { ecr, clock } = await scanned(scan);
    const read = async () => {
      const { imageScanStatus, imageScanFindings } = await ecr.send(byTag());
      return [imageScanStatus?.status, imageScanFindings?.findingSeverityCounts];
    };
    expect(await read()).toEqual([pending, undefined]);
    clock.advance(119);
    expect(await read()).toEqual([pending, undefined]);
    clock.advance(1);
    expect(await read()).toEqual([done, { CRITICAL: 1 }]);
  });

  it('pages through many findings, with the counts of all on each page', async () => {
    const severities = ['CRITICAL', 'HIGH', 'LOW'];
    const findings = Array.from({ length: 2500 }, (_, index) => ({
      id: `CVE-2025-${index}`,
      severity: severities[index % 3] ?? '',
      description: 'x'.repeat(200),
    }));
    const { ecr } = await scanned({ type: 'ENHANCED', status: 'ACTIVE', findings });
    const ids: (string | undefined)[] = [];
    const pages: unknown[] = [];
    const input = { repositoryName: REPOSITORY, imageId: { imageTag: 'v1' } };
    for await (const { imageScanFindings } of paginateDescribeImageScanFindings(
      { client: ecr, pageSize: 1000 },
      input,
    )) {
      const found = imageScanFindings?.enhancedFindings ?? [];
      pages.push([found.length, imageScanFindings?.findingSeverityCounts]);
      ids.push(...found.map(({ packageVulnerabilityDetails }) => packageVulnerabilityDetails?.vulnerabilityId));
    }
    const counts = { CRITICAL: 834, HIGH: 833, LOW: 833 };
    expect(pages).toEqual([1000, 1000, 500].map((size) => [size, counts]));
    expect(ids).toEqual(findings.map(({ id }) => id));
    expect((await ecr.send(byTag())).imageScanFindings?.enhancedFindings).toHaveLength(100);
  });

  it('tells of an archived image nothing but that', async () => {
    const { ecr, registry, digest } = await scanned({ status: 'COMPLETE', findings: [OPENSSL] });
    registry.setStatus(REPOSITORY, digest, 'ARCHIVED');
    const answer = await ecr.send(byTag());
    expect(answer.imageScanStatus?.status).toBe('IMAGE_ARCHIVED');
    expect(answer.imageScanFindings).toBeUndefined();
  });

  it('plays findings that are not as they should be', async () => {
    const broken = {
      ...OPENSSL,
      overrides: { severity: undefined, score: Number.NaN, packageVulnerabilityDetails: null },
    };
    const { ecr } = await scanned({ type: 'ENHANCED', status: 'ACTIVE', findings: [broken] });
    const [finding] = (await ecr.send(byTag())).imageScanFindings?.enhancedFindings ?? [];
    expect(finding?.severity).toBeUndefined();
    expect(finding?.packageVulnerabilityDetails ?? undefined).toBeUndefined();
  });

  it('keeps the scans of an index and of its images apart', async () => {
    const { ecr, registry } = await startEcr();
    const platforms = ['linux/amd64', 'linux/arm64'];
    const index = registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one', platforms });
    const arm = index.platforms['linux/arm64'] ?? '';
    registry.setScan(REPOSITORY, arm, { status: 'COMPLETE', findings: [OPENSSL] });
    const read = (imageDigest: string | undefined) => ecr.send(byTag({ imageId: { imageDigest } }));
    expect((await read(arm)).imageScanFindings?.findings).toHaveLength(1);
    const missing = { name: 'ScanNotFoundException' };
    await expect(read(index.digest)).rejects.toMatchObject(missing);
    await expect(read(index.platforms['linux/amd64'])).rejects.toMatchObject(missing);
  });

  it.each([
    [
      'an image that was never scanned',
      {},
      'ScanNotFoundException',
      "Image scan does not exist for the image with '{imageDigest:'null', imageTag:'v1'}' in the repository with name 'team/app' in the registry with id '123456789012'",
    ],
    [
      'an image that is not there',
      { imageId: { imageDigest: NO_DIGEST } },
      'ImageNotFoundException',
      "imageTag:'null'",
    ],
    ['no image at all', { imageId: {} }, 'InvalidParameterException', 'both tag and digest cannot be null'],
    ['a page of nothing', { maxResults: 0 }, 'InvalidParameterException', 'greater than or equal to 1'],
    ['an unknown repository', { repositoryName: 'nope' }, 'RepositoryNotFoundException', "name 'nope'"],
  ])('refuses %s', async (_name, extra, name, message) => {
    const { ecr, registry } = await startEcr();
    registry.push({ repository: REPOSITORY, tag: 'v1', createdFrom: 'one' });
    const rejected = { name, message: expect.stringContaining(message) };
    await expect(ecr.send(byTag(extra))).rejects.toMatchObject(rejected);
  });
});

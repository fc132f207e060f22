import { ScanStatus } from '@aws-sdk/client-ecr';
import { describe, expect, it } from 'vitest';
import type { Finding, ScanResult } from '../../simulator/aws/ecr/scan.ts';
import { type Play, policyOf, useWorld } from './admission-world.ts';

const world = useWorld();
const CRITICAL: Finding = { id: 'CVE-2026-1', severity: 'CRITICAL', package: 'openssl' };
const HIGH: Finding = { id: 'CVE-2026-2', severity: 'HIGH', package: 'zlib' };

/** A deployment of an image with this scan, or with none. */
function scanned(scan: ScanResult | undefined, vulnerabilities: object, more: object = {}, pushedAt?: number): Play {
  const image = world().push(pushedAt === undefined ? {} : { pushedAt });
  world().registry.setScan(image.repository, image.digest, scan);
  return world().deploy({ containers: [image.reference], policy: policyOf({ vulnerabilities }, more) });
}

describe('findings', () => {
  it.each<[string, ScanResult, object, string, string]>([
    ['none', { status: 'COMPLETE' }, {}, 'SUCCEEDED', '0 CRITICAL (0 allowed)'],
    [
      'basic, over the limit',
      { status: 'COMPLETE', findings: [CRITICAL] },
      {},
      'FAILED',
      '1 CRITICAL finding, 0 allowed',
    ],
    ['basic, at the limit', { status: 'COMPLETE', findings: [HIGH] }, { max: { HIGH: 1 } }, 'SUCCEEDED', '1 HIGH'],
    [
      'worse than what is limited',
      { status: 'COMPLETE', findings: [CRITICAL, HIGH] },
      { max: { HIGH: 0 } },
      'FAILED',
      '1 CRITICAL finding, 0 allowed (CVE-2026-1); 1 HIGH finding, 0 allowed (CVE-2026-2)',
    ],
    ['enhanced', { status: 'ACTIVE', type: 'ENHANCED', findings: [CRITICAL] }, {}, 'FAILED', 'CVE-2026-1'],
    [
      'enhanced, no fix',
      { status: 'ACTIVE', type: 'ENHANCED', findings: [CRITICAL] },
      { ignoreUnfixed: true },
      'SUCCEEDED',
      '1 unfixed one not counted',
    ],
    [
      'enhanced, a fix in part',
      { status: 'ACTIVE', type: 'ENHANCED', findings: [{ ...CRITICAL, fixAvailable: 'PARTIAL' }] },
      { ignoreUnfixed: true },
      'FAILED',
      '1 CRITICAL finding',
    ],
    [
      'enhanced, exploitable',
      { status: 'ACTIVE', type: 'ENHANCED', findings: [{ ...HIGH, exploitAvailable: 'YES' }] },
      { denyExploitable: true, ignoreUnfixed: true },
      'FAILED',
      '1 with a known exploit (CVE-2026-2)',
    ],
    [
      'of a severity that nobody judged',
      { status: 'COMPLETE', findings: [{ ...HIGH, severity: 'UNDEFINED' }] },
      { max: { HIGH: 0 } },
      'FAILED',
      '1 HIGH finding, 0 allowed',
    ],
  ])('%s', async (_what, scan, rule, hookStatus, why) => {
    expect(await scanned(scan, rule).look()).toMatchObject({ hookStatus, reason: expect.stringContaining(why) });
  });
});

describe('an exception', () => {
  const exception = { id: 'CVE-2026-1', until: '2026-03-02', reason: 'not reachable', ticket: 'SEC-12' };
  const scan: ScanResult = { status: 'COMPLETE', findings: [CRITICAL] };

  it('excuses its finding to the end of its last day, and is evidence', async () => {
    expect(await scanned(scan, { exceptions: [exception] }).look()).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: expect.stringContaining('1 excepted (CVE-2026-1 until 2026-03-02)'),
    });
    expect(JSON.stringify(world().images()[0]?.scans)).toContain('"reason":"not reachable","ticket":"SEC-12"');
  });

  it.each<[string, object, string]>([
    ['that is over', { ...exception, until: '2026-03-01' }, 'the exception for CVE-2026-1 ended with 2026-03-01'],
    ['of another vulnerability', { ...exception, id: 'CVE-2026-11' }, '1 CRITICAL finding'],
    ['of another package', { ...exception, package: 'curl' }, '1 CRITICAL finding'],
  ])('%s excuses nothing', async (_what, one, why) => {
    const answer = await scanned(scan, { exceptions: [one] }).look();
    expect(answer).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining(why) });
  });
});

describe('a scan without a result', () => {
  const FINISHED: readonly string[] = [ScanStatus.COMPLETE, ScanStatus.ACTIVE];
  const PENDING: readonly string[] = [ScanStatus.PENDING, ScanStatus.IN_PROGRESS];

  it.each(Object.values(ScanStatus))('%s and no findings', async (status) => {
    const play = scanned({ status, type: status === 'ACTIVE' ? 'ENHANCED' : 'BASIC' }, { waitSeconds: 60 }, {}, 0);
    const statuses = (await play.looks()).map(({ hookStatus }) => hookStatus);
    const waits = PENDING.includes(status) ? ['IN_PROGRESS', 'IN_PROGRESS'] : [];
    expect(statuses).toEqual([...waits, FINISHED.includes(status) ? 'SUCCEEDED' : 'FAILED']);
  });

  it('is waited for, and judged when it is there', async () => {
    const play = scanned({ status: 'COMPLETE', findings: [HIGH], pendingUntil: Date.now() + 45_000 }, {});
    const answers = await play.looks();
    expect(answers.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'SUCCEEDED']);
    expect(answers[1]).toMatchObject({
      callBackDelay: 30,
      reason: expect.stringMatching(
        /^Waiting for 1 scan: \S+@sha256:\S+ is IN_PROGRESS; waited for until \d{4}-\d\d-\d\d \d\d:\d\d UTC$/,
      ),
    });
    expect(answers[2]?.reason).toContain('is COMPLETE');
  });

  it.each([
    ['deny', 'FAILED'],
    ['allow', 'SUCCEEDED'],
  ])('is waited for no longer than waitSeconds, then onMissing %s', async (onMissing, hookStatus) => {
    const began = Date.now();
    const answers = await scanned({ status: 'PENDING', type: 'ENHANCED' }, { onMissing, waitSeconds: 90 }).looks();
    expect(answers.at(-1)).toMatchObject({ hookStatus, reason: expect.stringContaining(`onMissing is ${onMissing}`) });
    expect(Date.now() - began).toBe(90_000);
  });

  it('is waited for no longer than the deadline, whatever waitSeconds says', async () => {
    const began = Date.now();
    const play = scanned({ status: 'PENDING' }, { onMissing: 'allow', waitSeconds: 3600 }, { deadlineSeconds: 100 });
    expect((await play.looks()).at(-1)).toMatchObject({ hookStatus: 'FAILED' });
    expect(Date.now() - began).toBe(100_000);
  });

  it('may yet begin where the image has just been pushed', async () => {
    const began = Date.now();
    const answers = await scanned(undefined, { waitSeconds: 60 }).looks();
    expect(answers.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'FAILED']);
    expect(Date.now() - began).toBe(60_000);
    expect((await scanned(undefined, { waitSeconds: 60 }, {}, 0).look()).hookStatus).toBe('FAILED');
    expect((await scanned(undefined, { onMissing: 'allow' }, {}, 0).look()).hookStatus).toBe('SUCCEEDED');
  });

  it('is not waited with where another image is denied', async () => {
    const { reference } = world().push();
    const bad = world().push();
    const findings = [CRITICAL];
    world().registry.setScan(bad.repository, bad.digest, { status: 'COMPLETE', findings });
    const containers = [reference, { name: 'bad', image: bad.reference }];
    const play = world().deploy({ containers, policy: policyOf({ vulnerabilities: {} }) });
    expect(await play.look()).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(/^Denied 1 of 2 images: bad /),
    });
  });
});

describe('an image for several platforms', () => {
  const look = (findings: Record<string, Finding[]>, runtimePlatform = {}) => {
    const image = world().push({ platforms: ['linux/amd64', 'linux/arm64'], attestations: true });
    for (const [platform, digest] of Object.entries(image.platforms)) {
      const found = findings[platform];
      if (found) world().registry.setScan(image.repository, digest, { status: 'COMPLETE', findings: found });
    }
    const policy = policyOf({ vulnerabilities: { waitSeconds: 0 } });
    return world()
      .deploy({ containers: [image.reference], policy, runtimePlatform })
      .look();
  };

  it('is judged by all of them where the task definition leaves it open', async () => {
    expect((await look({ 'linux/amd64': [], 'linux/arm64': [] })).hookStatus).toBe('SUCCEEDED');
    const answer = await look({ 'linux/amd64': [], 'linux/arm64': [CRITICAL] });
    expect(answer).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('linux/arm64: the scan') });
    expect((await look({ 'linux/amd64': [] })).reason).toContain('linux/arm64: the image has never been scanned');
  });

  it('is judged by the one that is started', async () => {
    const found = { 'linux/amd64': [], 'linux/arm64': [CRITICAL] };
    const on = (cpuArchitecture: string) => ({ cpuArchitecture, operatingSystemFamily: 'LINUX' });
    expect((await look(found, on('X86_64'))).hookStatus).toBe('SUCCEEDED');
    expect((await look(found, on('ARM64'))).hookStatus).toBe('FAILED');
    expect((await look(found, on('RISCV'))).hookStatus).toBe('FAILED');
  });
});

describe('five megabytes of findings', () => {
  const description = 'An out-of-bounds read. '.repeat(40);
  const low = (n: number): Finding[] =>
    Array.from({ length: n }, (_, at) => ({
      id: `CVE-2020-${at}`,
      severity: 'LOW',
      package: `package-${at}`,
      description,
    }));

  it.each(['BASIC', 'ENHANCED'] as const)('%s: read to the last one, which decides', async (type) => {
    const findings = low(6000);
    expect(JSON.stringify(findings).length).toBeGreaterThan(5_000_000);
    const status = type === 'BASIC' ? 'COMPLETE' : 'ACTIVE';
    const clean = scanned({ status, type, findings }, {});
    expect((await clean.look()).hookStatus).toBe('SUCCEEDED');
    expect(clean.calls.filter((call) => call === 'ecr:DescribeImageScanFindings')).toHaveLength(6);
    const play = scanned({ status, type, findings: [...findings, CRITICAL] }, {});
    expect(await play.look()).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('CVE-2026-1') });
    expect(play.calls.filter((call) => call === 'ecr:DescribeImageScanFindings')).toHaveLength(7);
  });

  it('and more than is read: denied at once', async () => {
    const findings = Array.from({ length: 100_001 }, (_, at) => ({ id: `CVE-${at}`, severity: 'INFORMATIONAL' }));
    const play = scanned({ status: 'COMPLETE', findings }, { onMissing: 'allow' });
    expect(await play.look()).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(/DescribeImageScanFindings: the findings of .* have over 100 pages/),
    });
  });

  it('that go away while they are read are no scan that was never made', async () => {
    const play = scanned({ status: 'COMPLETE', findings: low(1500) }, { onMissing: 'allow' });
    const [{ image = '' } = {}] = play.listed();
    const repository = image.replace(/^[^/]*\//, '').replace(/:v1$/, '');
    world().afterCall = ({ operation, input }) => {
      if (operation !== 'DescribeImageScanFindings' || input.nextToken !== undefined) return;
      world().registry.setScan(repository, world().registry.image(repository, 'v1').digest, undefined);
    };
    const answer = await play.look();
    world().afterCall = () => {};
    expect(answer).toMatchObject({ hookStatus: 'IN_PROGRESS', reason: expect.stringContaining('went away') });
  });
});

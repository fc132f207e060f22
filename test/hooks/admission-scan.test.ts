import { describe, expect, it } from 'vitest';
import { readScan, type ScanAnswer } from '../../hooks/admission/findings.ts';
import { judgeScans, mayYetCome, type ScanTimes } from '../../hooks/admission/scan.ts';
import { Vulnerabilities } from '../../hooks/admission/vulnerabilities.ts';
import { ago, answer, DIGEST, finding, judge, NOW } from './admission-scans.ts';
import { vectors } from './admission-vectors.ts';

describe('the reference cases', () => {
  it.each(vectors.vulnerability)('$name: $expect', ({ scan, policy, expect: expected }) => {
    const findings = scan.findings?.map(([id, severity, more]) => finding(id, severity, more));
    const given = scan.error === undefined ? answer(scan.status ?? '', findings ?? [], scan.counts) : undefined;
    expect(judge(policy, given).outcome).toBe(expected);
  });
});

describe('each status of a scan', () => {
  const late = { since: ago(300) };
  it.each<[string, object, ScanAnswer | undefined, Partial<ScanTimes>, string, string]>([
    ['COMPLETE', {}, answer('COMPLETE', []), {}, 'allow', 'the scan is COMPLETE: 0 CRITICAL (0 allowed)'],
    ['ACTIVE, no limits', { max: {} }, answer('ACTIVE', []), {}, 'allow', 'the scan is ACTIVE: no findings'],
    [
      'ACTIVE, without a fix',
      { ignoreUnfixed: true },
      answer('ACTIVE', [finding('CVE-1', 'CRITICAL', { fixAvailable: 'NO' })]),
      {},
      'allow',
      'the scan is ACTIVE: 0 CRITICAL (0 allowed), 1 unfixed one not counted',
    ],
    ['ACTIVE', {}, answer('ACTIVE', []), {}, 'allow', 'the scan is ACTIVE: 0 CRITICAL (0 allowed)'],
    // Amazon Inspector watches the image: nothing found is a result.
    ['ACTIVE, bare', {}, answer('ACTIVE'), {}, 'allow', 'the scan is ACTIVE: 0 CRITICAL (0 allowed)'],
    [
      'COMPLETE without findings part',
      {},
      answer('COMPLETE'),
      {},
      'deny',
      'the scan is COMPLETE, but without its findings; onMissing is deny',
    ],
    ['PENDING', {}, answer('PENDING'), { since: ago(299) }, 'wait', 'the scan is PENDING, waited for 5 min of 5 min'],
    [
      'IN_PROGRESS',
      {},
      answer('IN_PROGRESS'),
      { since: ago(20) },
      'wait',
      'the scan is IN_PROGRESS, waited for 20 s of 5 min',
    ],
    ['PENDING, late', {}, answer('PENDING'), late, 'deny', 'the scan is PENDING after 5 min; onMissing is deny'],
    [
      'PENDING, late, allowed',
      { onMissing: 'allow' },
      answer('PENDING'),
      late,
      'allow',
      'the scan is PENDING after 5 min; onMissing is allow',
    ],
    [
      'IN_PROGRESS, no patience',
      { waitSeconds: 0 },
      answer('IN_PROGRESS'),
      {},
      'deny',
      'the scan is IN_PROGRESS after 0 s; onMissing is deny',
    ],
    ...['FAILED', 'UNSUPPORTED_IMAGE', 'SCAN_ELIGIBILITY_EXPIRED', 'FINDINGS_UNAVAILABLE', 'LIMIT_EXCEEDED'].flatMap(
      (status): [string, object, ScanAnswer, Partial<ScanTimes>, string, string][] => [
        [status, {}, answer(status, []), {}, 'deny', `the scan is ${status}; onMissing is deny`],
        [
          `${status}, allowed`,
          { onMissing: 'allow' },
          answer(status, []),
          {},
          'allow',
          `the scan is ${status}; onMissing is allow`,
        ],
        [
          `${status}, allowed, with old findings`,
          { onMissing: 'allow' },
          answer(status, [finding('CVE-1', 'CRITICAL')]),
          {},
          'deny',
          `the scan is ${status}: 1 CRITICAL finding, 0 allowed (CVE-1)`,
        ],
      ],
    ),
    ['no scan', {}, undefined, {}, 'deny', 'the image has never been scanned; onMissing is deny'],
    [
      'no scan, allowed',
      { onMissing: 'allow' },
      undefined,
      {},
      'allow',
      'the image has never been scanned; onMissing is allow',
    ],
    [
      'no scan yet of a fresh image',
      {},
      undefined,
      { pushedAt: ago(40) },
      'wait',
      'the image has never been scanned, but the image was pushed 40 s ago, and a scan may begin until 5 min after',
    ],
    [
      'no scan of an older image',
      {},
      undefined,
      { pushedAt: ago(300) },
      'deny',
      'the image has never been scanned; onMissing is deny',
    ],
    [
      'no scan, a push in the future, long waited for',
      {},
      undefined,
      { pushedAt: ago(-9999), since: ago(300) },
      'deny',
      'the image has never been scanned; onMissing is deny',
    ],
    // Only where no scan has begun does it matter when the image was pushed.
    [
      'COMPLETE, just pushed',
      {},
      answer('COMPLETE', []),
      { pushedAt: ago(40) },
      'allow',
      'the scan is COMPLETE: 0 CRITICAL (0 allowed)',
    ],
    [
      'FAILED, just pushed',
      {},
      answer('FAILED'),
      { pushedAt: ago(40) },
      'deny',
      'the scan is FAILED; onMissing is deny',
    ],
    [
      'an archived image',
      { onMissing: 'allow' },
      answer('IMAGE_ARCHIVED', []),
      {},
      'deny',
      'the scan is IMAGE_ARCHIVED',
    ],
    [
      'a new status',
      { onMissing: 'allow' },
      answer('CLEAN', []),
      {},
      'deny',
      'the scan is CLEAN, which is not known to this version',
    ],
    [
      'a name of JavaScript',
      { onMissing: 'allow' },
      answer('constructor', []),
      {},
      'deny',
      'the scan is constructor, which is not known to this version',
    ],
    ['no status', { onMissing: 'allow' }, {}, {}, 'deny', 'the scan is missing, which is not known to this version'],
  ])('%s', (_, rule, scan, times, outcome, reason) => {
    expect(judge(rule, scan, times)).toMatchObject({ outcome, reason });
  });

  it.each([
    ['UnsupportedImageError:\nno OS', 'the scan is FAILED (UnsupportedImageError: no OS); onMissing is deny'],
    ['', 'the scan is FAILED; onMissing is deny'],
  ])('says what AWS says of it, on one line: %j', (description, reason) => {
    expect(judge({}, { imageScanStatus: { status: 'FAILED', description } }).reason).toBe(reason);
  });

  it.each([
    ['PENDING', true],
    ['IN_PROGRESS', true],
    ['SCAN_NOT_FOUND', true],
    ['COMPLETE', false],
    ['ACTIVE', false],
    ['FAILED', false],
    ['IMAGE_ARCHIVED', false],
    ['CLEAN', false],
  ])('%s may yet become another: %s', (status, expected) => {
    expect(mayYetCome({ ...readScan(undefined), status })).toBe(expected);
  });
});

describe('a scan is waited for', () => {
  const inSeconds = (seconds: number) => ago(-seconds).getTime();
  it.each<[string, ScanAnswer | undefined, Partial<ScanTimes>, number]>([
    ['from the first look, if under way', answer('PENDING'), { since: ago(100), pushedAt: ago(240) }, inSeconds(200)],
    ['from the push, if not begun', undefined, { since: ago(100), pushedAt: ago(240) }, inSeconds(60)],
    ['from the first look, if pushed later', undefined, { since: ago(100), pushedAt: ago(50) }, inSeconds(200)],
  ])('%s', (_, scan, times, until) => {
    expect(judge({}, scan, times).waits).toEqual([{ digest: DIGEST, until }]);
  });
});

describe('several platforms', () => {
  const scans = (...each: [platform: string, scan: ScanAnswer][]) =>
    each.map(([platform, scan]) => ({ platform, digest: DIGEST, scan: readScan(scan) }));
  const clean = answer('ACTIVE', []);
  const bad = answer('ACTIVE', [finding('CVE-1', 'CRITICAL')]);
  const pending = answer('PENDING');
  const rule = Vulnerabilities.parse({});

  it.each([
    ['all clean', scans(['linux/amd64', clean], ['linux/arm64', clean]), 'allow', ['linux/amd64', 'linux/arm64']],
    ['one bad', scans(['linux/amd64', clean], ['linux/arm64', bad]), 'deny', ['linux/amd64', 'linux/arm64']],
    ['one pending', scans(['linux/amd64', clean], ['linux/arm64', pending]), 'wait', ['linux/amd64', 'linux/arm64']],
    [
      'one pending, one bad',
      scans(['linux/amd64', pending], ['linux/arm64', bad]),
      'deny',
      ['linux/amd64', 'linux/arm64'],
    ],
  ])('%s: %s', (_, given, outcome, platforms) => {
    const verdict = judgeScans(rule, given, { now: NOW, since: NOW });
    expect(verdict.outcome).toBe(outcome);
    expect(verdict.evidence.map(({ platform }) => platform)).toEqual(platforms);
  });

  it('says so where no image is there', () => {
    expect(judgeScans(rule, [], { now: NOW, since: NOW })).toEqual({
      outcome: 'deny',
      reason: 'there is no image whose scan could be read',
      evidence: [],
      waits: [],
    });
  });

  it('names those that decided', () => {
    const given = scans(['linux/amd64', bad], ['linux/arm64', clean], ['linux/s390x', bad]);
    expect(judgeScans(rule, given, { now: NOW, since: NOW }).reason).toBe(
      'linux/amd64: the scan is ACTIVE: 1 CRITICAL finding, 0 allowed (CVE-1); ' +
        'linux/s390x: the scan is ACTIVE: 1 CRITICAL finding, 0 allowed (CVE-1)',
    );
  });

  it('does not add up what two platforms have in common', () => {
    const one = answer('ACTIVE', [finding('CVE-1', 'HIGH')]);
    const given = scans(['linux/amd64', one], ['linux/arm64', one]);
    const most = Vulnerabilities.parse({ max: { HIGH: 1 } });
    expect(judgeScans(most, given, { now: NOW, since: NOW }).outcome).toBe('allow');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assess, readScan } from '../../hooks/admission/findings.ts';
import { judgeScans } from '../../hooks/admission/scan.ts';
import { Vulnerabilities } from '../../hooks/admission/vulnerabilities.ts';
import { answer, DIGEST, type Enhanced, finding, judge, NOW } from './admission-scans.ts';

describe('the limits', () => {
  const three = [finding('CVE-1', 'CRITICAL'), finding('CVE-2', 'HIGH'), finding('CVE-3', 'HIGH')];
  it.each<[string, object, Enhanced[], string[]]>([
    ['CRITICAL 0 is the default', {}, three, ['1 CRITICAL finding, 0 allowed (CVE-1)']],
    ['as many as allowed', { max: { CRITICAL: 1, HIGH: 2 } }, three, []],
    ['one more than allowed', { max: { CRITICAL: 1, HIGH: 1 } }, three, ['2 HIGH findings, 1 allowed (CVE-2, CVE-3)']],
    [
      'all that are over',
      { max: { CRITICAL: 0, HIGH: 1 } },
      three,
      ['1 CRITICAL finding, 0 allowed (CVE-1)', '2 HIGH findings, 1 allowed (CVE-2, CVE-3)'],
    ],
    ['no limit named', { max: {} }, three, []],
    [
      'a lesser limit holds for the worse',
      { max: { MEDIUM: 0 } },
      [finding('CVE-1', 'HIGH')],
      ['1 HIGH finding, 0 allowed (CVE-1)'],
    ],
    ['a worse limit does not hold for the lesser', { max: { HIGH: 0 } }, [finding('CVE-1', 'MEDIUM')], []],
    ['the nearest limit wins', { max: { LOW: 0, MEDIUM: 1 } }, [finding('CVE-1', 'HIGH')], []],
    [
      'informational',
      { max: { INFORMATIONAL: 0 } },
      [finding('CVE-1', 'INFORMATIONAL')],
      ['1 INFORMATIONAL finding, 0 allowed (CVE-1)'],
    ],
    ['small letters', { max: { HIGH: 0 } }, [finding('CVE-1', 'high')], ['1 HIGH finding, 0 allowed (CVE-1)']],
    [
      'UNDEFINED counts as HIGH',
      { max: { HIGH: 0 } },
      [finding('CVE-1', 'UNDEFINED')],
      ['1 HIGH finding, 0 allowed (CVE-1)'],
    ],
    [
      'UNTRIAGED counts as HIGH',
      { max: { HIGH: 0 } },
      [finding('CVE-1', 'UNTRIAGED')],
      ['1 HIGH finding, 0 allowed (CVE-1)'],
    ],
    [
      'a new severity counts as HIGH',
      { max: { HIGH: 0 } },
      [finding('CVE-1', 'SEVERE')],
      ['1 HIGH finding, 0 allowed (CVE-1)'],
    ],
    ['or as what the rule says', { max: { HIGH: 0 }, unknownSeverityAs: 'LOW' }, [finding('CVE-1', 'UNTRIAGED')], []],
    [
      'unless it has its own limit',
      { max: { CRITICAL: 0, UNTRIAGED: 1 } },
      [finding('CVE-1', 'UNTRIAGED'), finding('CVE-2', 'UNTRIAGED'), finding('CVE-3', 'UNDEFINED')],
      ['2 UNTRIAGED findings, 1 allowed (CVE-1, CVE-2)'],
    ],
    [
      'SUPPRESSED counts',
      {},
      [finding('CVE-1', 'CRITICAL', { status: 'SUPPRESSED' })],
      ['1 CRITICAL finding, 0 allowed (CVE-1)'],
    ],
    ['CLOSED does not', {}, [finding('CVE-1', 'CRITICAL', { status: 'CLOSED' })], []],
    [
      'a long list is cut, each id once',
      {},
      ['1', '1', '2', '3', '4', '5', '6', '7'].map((n) => finding(`CVE-${n}`, 'CRITICAL')),
      ['8 CRITICAL findings, 0 allowed (CVE-1, CVE-2, CVE-3, CVE-4, CVE-5 and 2 more)'],
    ],
    [
      'five are named in full',
      {},
      ['1', '2', '3', '4', '5'].map((n) => finding(`CVE-${n}`, 'CRITICAL')),
      ['5 CRITICAL findings, 0 allowed (CVE-1, CVE-2, CVE-3, CVE-4, CVE-5)'],
    ],
    ['without an id', {}, [{ severity: 'CRITICAL' }], ['1 CRITICAL finding, 0 allowed (one without an id)']],
    ['unfixed', { ignoreUnfixed: true }, [finding('CVE-1', 'CRITICAL', { fixAvailable: 'NO' })], []],
    [
      'unfixed counts by default',
      {},
      [finding('CVE-1', 'CRITICAL', { fixAvailable: 'NO' })],
      ['1 CRITICAL finding, 0 allowed (CVE-1)'],
    ],
    [
      'partly fixed and not said count',
      { ignoreUnfixed: true },
      [finding('CVE-1', 'CRITICAL', { fixAvailable: 'PARTIAL' }), finding('CVE-2', 'CRITICAL')],
      ['2 CRITICAL findings, 0 allowed (CVE-1, CVE-2)'],
    ],
    ['exploitable by default', {}, [finding('CVE-1', 'LOW', { exploitAvailable: 'YES' })], []],
    [
      'exploitable, whatever its severity and without a fix',
      { denyExploitable: true, ignoreUnfixed: true },
      [
        finding('CVE-1', 'LOW', { exploitAvailable: 'YES', fixAvailable: 'NO' }),
        finding('CVE-2', 'LOW', { exploitAvailable: 'NO' }),
      ],
      ['1 with a known exploit (CVE-1)'],
    ],
  ])('%s', (_, rule, findings, problems) => {
    expect(assess(readScan(answer('ACTIVE', findings)), Vulnerabilities.parse(rule), NOW).problems).toEqual(problems);
  });

  it.each<[string, object, Record<string, number>, string[]]>([
    ['counted but not listed', {}, { CRITICAL: 3 }, ['3 CRITICAL findings, 0 allowed (CVE-1, 2 not listed)']],
    [
      'none listed',
      { max: { LOW: 0 } },
      { CRITICAL: 1, LOW: 2 },
      ['1 CRITICAL finding, 0 allowed (CVE-1)', '2 LOW findings, 0 allowed (2 not listed)'],
    ],
    ['fewer counted than listed', { max: { CRITICAL: 1 } }, { CRITICAL: 0 }, []],
    ['a count that makes no sense', { max: { CRITICAL: 1 } }, { CRITICAL: -5 }, []],
    [
      'a huge count',
      { max: { CRITICAL: 1 } },
      { critical: 1e12 },
      ['1000000000000 CRITICAL findings, 1 allowed (CVE-1, 999999999999 not listed)'],
    ],
    [
      'exploits of what is not listed',
      { max: {}, denyExploitable: true },
      { CRITICAL: 1, LOW: 2 },
      ['2 not listed, so that exploits of them are not known'],
    ],
  ])('AWS counts more: %s', (_, rule, counts, problems) => {
    const scan = readScan(answer('ACTIVE', [finding('CVE-1', 'CRITICAL')], counts));
    expect(assess(scan, Vulnerabilities.parse(rule), NOW).problems).toEqual(problems);
  });

  it('reads basic findings, with their package', () => {
    const scan = readScan({
      imageScanStatus: { status: 'COMPLETE' },
      imageScanFindings: {
        findings: [
          {
            name: 'CVE-1',
            severity: 'HIGH',
            attributes: [
              { key: 'package_version', value: '1.3' },
              { key: 'package_name', value: 'zlib' },
            ],
          },
          { name: 'CVE-2', severity: 'UNDEFINED' },
          {},
        ],
        findingSeverityCounts: { HIGH: 1, UNDEFINED: 2, LOW: 0 },
        imageScanCompletedAt: new Date('2026-11-01T00:00:00Z'),
        vulnerabilitySourceUpdatedAt: new Date('2026-10-31T00:00:00Z'),
      },
    });
    expect(scan.findings).toEqual([
      { id: 'CVE-1', severity: 'HIGH', packages: ['zlib'] },
      { id: 'CVE-2', severity: 'UNDEFINED', packages: [] },
      { id: '', severity: 'UNDEFINED', packages: [] },
    ]);
    expect(judgeScans(Vulnerabilities.parse({}), [{ digest: DIGEST, scan }], { now: NOW, since: NOW })).toEqual({
      outcome: 'allow',
      waits: [],
      reason: 'the scan of 2026-11-01 00:00 UTC is COMPLETE: 0 CRITICAL (0 allowed), 3 HIGH',
      evidence: [
        {
          digest: DIGEST,
          status: 'COMPLETE',
          completedAt: '2026-11-01T00:00:00.000Z',
          sourceUpdatedAt: '2026-10-31T00:00:00.000Z',
          counted: { HIGH: 3 },
          unfixed: 0,
          exceptionsUsed: [],
          exceptionsExpired: [],
        },
      ],
    });
  });
});

describe('what a scan does not say', () => {
  it('is not guessed', () => {
    expect(readScan(undefined)).toEqual({
      status: 'SCAN_NOT_FOUND',
      hasFindings: false,
      findings: [],
      counts: new Map(),
    });
    expect(readScan(answer('ACTIVE', [{}])).findings).toEqual([{ id: '', severity: 'UNDEFINED', packages: [] }]);
  });
});

describe('exceptions', () => {
  const excuse = { id: 'CVE-2024-1', until: '2026-11-20', reason: 'not reachable', ticket: 'SEC-12' };
  const critical = finding('CVE-2024-1', 'CRITICAL', { exploitAvailable: 'YES' });

  it('excuse a finding from limits and exploits, and are evidence', () => {
    const verdict = judge({ denyExploitable: true, exceptions: [excuse] }, answer('ACTIVE', [critical, critical]));
    expect(verdict).toMatchObject({
      outcome: 'allow',
      reason: 'the scan is ACTIVE: 0 CRITICAL (0 allowed), 2 excepted (CVE-2024-1 until 2026-11-20)',
    });
    expect(verdict.evidence[0]?.exceptionsUsed).toEqual([{ ...excuse, findings: 2 }]);
  });

  it.each([
    ['2026-11-20T23:59:59.999Z', 'allow'],
    ['2026-11-21T00:00:00.000Z', 'deny'],
  ])('hold until the end of their day, UTC: %s %s', (now, outcome) => {
    expect(judge({ exceptions: [excuse] }, answer('ACTIVE', [critical]), { now: new Date(now) }).outcome).toBe(outcome);
  });

  it('that are over are named', () => {
    const verdict = judge(
      {
        exceptions: [
          { ...excuse, until: '2026-11-19' },
          { ...excuse, id: 'CVE-9', until: '2026-01-01' },
        ],
      },
      answer('ACTIVE', [critical]),
    );
    expect(verdict).toMatchObject({
      outcome: 'deny',
      reason:
        'the scan is ACTIVE: 1 CRITICAL finding, 0 allowed (CVE-2024-1); the exception for CVE-2024-1 ended with 2026-11-19',
    });
    expect(verdict.evidence[0]?.exceptionsExpired.map(({ id }) => id)).toEqual(['CVE-2024-1']);
  });

  it.each([
    ['the same id in another case', { id: 'cve-2024-1' }, ['openssl'], 'allow'],
    ['an id that begins the same', { id: 'CVE-2024-11' }, ['openssl'], 'deny'],
    ['the package', { package: 'openssl' }, ['openssl'], 'allow'],
    ['another package', { package: 'zlib' }, ['openssl'], 'deny'],
    ['one of two packages', { package: 'openssl' }, ['openssl', 'zlib'], 'deny'],
    ['a package, where the scan names none', { package: 'openssl' }, [], 'deny'],
  ])('match: %s', (_, change, packages, outcome) => {
    const found = finding('CVE-2024-1', 'CRITICAL', { packages });
    expect(judge({ exceptions: [{ ...excuse, ...change }] }, answer('ACTIVE', [found])).outcome).toBe(outcome);
  });

  it('that are over are no fault where the limits hold', () => {
    const exceptions = [{ ...excuse, until: '2026-01-01' }];
    expect(judge({ max: { CRITICAL: 1 }, exceptions }, answer('ACTIVE', [critical])).outcome).toBe('allow');
  });

  it('one that holds is found behind one that is over', () => {
    const exceptions = [{ ...excuse, until: '2026-01-01' }, excuse];
    const { outcome, evidence } = judge({ exceptions }, answer('ACTIVE', [critical]));
    expect(outcome).toBe('allow');
    // Nothing is lost with the one that is over.
    expect(evidence[0]).toMatchObject({ exceptionsUsed: [excuse], exceptionsExpired: [] });
  });

  it('are evidence up to twenty that hold and twenty that are over', () => {
    const exceptions = ['2026-12-31', '2026-01-01'].flatMap((until) =>
      Array.from({ length: 21 }, (_, n) => ({ ...excuse, id: `CVE-${until}-${n}`, until })),
    );
    const found = exceptions.map(({ id }) => finding(id, 'LOW'));
    const [evidence] = judge({ exceptions }, answer('ACTIVE', found)).evidence;
    expect(evidence?.exceptionsUsed).toMatchObject(exceptions.slice(0, 20));
    expect(evidence?.exceptionsExpired).toEqual(exceptions.slice(21, 41));
  });

  it('never excuse a finding without an id', () => {
    expect(judge({ exceptions: [excuse] }, answer('ACTIVE', [{ severity: 'CRITICAL' }])).outcome).toBe('deny');
  });
});

describe('invariants', () => {
  const severity = fc.constantFrom(
    'CRITICAL',
    'HIGH',
    'MEDIUM',
    'LOW',
    'INFORMATIONAL',
    'UNDEFINED',
    'UNTRIAGED',
    'NEW',
  );
  const one = fc.record({
    id: fc.constantFrom('CVE-1', 'CVE-2', 'CVE-3', 'CVE-4'),
    severity,
    fixAvailable: fc.constantFrom('YES', 'NO', 'PARTIAL'),
    exploitAvailable: fc.constantFrom('YES', 'NO'),
  });
  const found = fc.array(one, { maxLength: 12 });
  const most = fc.option(fc.nat(4), { nil: undefined });
  const rules = fc.record({
    max: fc.record({ CRITICAL: most, HIGH: most, MEDIUM: most, LOW: most }, { requiredKeys: [] }),
    ignoreUnfixed: fc.boolean(),
    denyExploitable: fc.boolean(),
  });
  const problemsOf = (rule: object, findings: { id: string; severity: string }[]) =>
    assess(
      readScan(
        answer(
          'ACTIVE',
          findings.map(({ id, severity: how, ...more }) => finding(id, how, more)),
        ),
      ),
      Vulnerabilities.parse(JSON.parse(JSON.stringify(rule))),
      NOW,
    ).problems.length;

  it('one finding more never makes an image admissible', () => {
    fc.assert(
      fc.property(rules, found, one, (rule, findings, more) => {
        fc.pre(problemsOf(rule, findings) > 0);
        expect(problemsOf(rule, [...findings, more])).toBeGreaterThan(0);
      }),
    );
  });

  it('an exception never makes an image inadmissible', () => {
    fc.assert(
      fc.property(rules, found, fc.constantFrom('CVE-1', 'CVE-9'), (rule, findings, id) => {
        fc.pre(problemsOf(rule, findings) === 0);
        const exceptions = [{ id, until: '2027-01-01', reason: 'r' }];
        expect(problemsOf({ ...rule, exceptions }, findings)).toBe(0);
      }),
    );
  });

  it('a severer finding is never allowed where a lesser one is denied', () => {
    const order = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL'];
    fc.assert(
      fc.property(rules, fc.nat(4), fc.nat(4), (rule, a, b) => {
        const [worse, lesser] = [order[Math.min(a, b)] ?? '', order[Math.max(a, b)] ?? ''];
        const alone = { max: { ...rule.max, INFORMATIONAL: 0 }, ignoreUnfixed: false };
        const monotone = { max: monotoneOf(alone.max) };
        const denied = problemsOf(monotone, [{ id: 'CVE-1', severity: lesser }]) > 0;
        if (denied) expect(problemsOf(monotone, [{ id: 'CVE-1', severity: worse }])).toBeGreaterThan(0);
      }),
    );
  });

  /** Keeps only limits that do not allow more of the worse, which is the author's own choice. */
  function monotoneOf(max: Record<string, number | undefined>): Record<string, number> {
    let least = Number.POSITIVE_INFINITY;
    const kept: Record<string, number> = {};
    for (const key of ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL']) {
      const limit = max[key];
      if (limit === undefined || limit > least) continue;
      kept[key] = limit;
      least = limit;
    }
    return kept;
  }
});

import { type Case, tagged } from './docs-admission-cases.ts';
import { DAY, findings, NOW, REGISTRY, scanned } from './docs-admission-world.ts';

const zlib = (more: object = {}) => ({
  id: 'CVE-2026-10001',
  severity: 'CRITICAL',
  package: 'zlib',
  fixAvailable: 'YES' as const,
  ...more,
});

/** The same, by age and scans. */
export const SCAN_CASES: Readonly<Record<string, readonly Case[]>> = {
  'Not older than 90 days': [
    {
      it: 'pushed 90 days ago',
      image: tagged(`${REGISTRY}/aged`, { pushedAt: NOW - 90 * DAY }),
      is: 'admitted',
      because: 'rule fresh',
    },
    {
      it: 'pushed a minute before that',
      image: tagged(`${REGISTRY}/old`, { pushedAt: NOW - 90 * DAY - 60_000 }),
      is: 'denied',
      because: '90.1 days ago; the rule allows 90',
    },
  ],
  'Vulnerabilities, strictly': [
    {
      it: 'ten medium ones',
      image: tagged(`${REGISTRY}/ten`, { scan: scanned(...findings(10, 'MEDIUM'), ...findings(99, 'LOW')) }),
      is: 'admitted',
      because: '10 MEDIUM (10 allowed)',
    },
    {
      it: 'eleven medium ones',
      image: tagged(`${REGISTRY}/eleven`, { scan: scanned(...findings(11, 'MEDIUM')) }),
      is: 'denied',
      because: '11 MEDIUM findings, 10 allowed',
    },
    {
      it: 'a high one',
      image: tagged(`${REGISTRY}/high`, { scan: scanned(...findings(1, 'HIGH')) }),
      is: 'denied',
      because: '1 HIGH finding, 0 allowed',
    },
    {
      it: 'a low one that is exploited',
      image: tagged(`${REGISTRY}/exploited`, { scan: scanned(...findings(1, 'LOW', { exploitAvailable: 'YES' })) }),
      is: 'denied',
      because: '1 with a known exploit',
    },
    {
      it: 'never scanned',
      image: tagged(`${REGISTRY}/unscanned`, { pushedAt: NOW - DAY }),
      is: 'denied',
      because: 'the image has never been scanned; onMissing is deny',
    },
    {
      it: 'not watched any more',
      image: tagged(`${REGISTRY}/expired`, { scan: { type: 'ENHANCED', status: 'SCAN_ELIGIBILITY_EXPIRED' } }),
      is: 'denied',
      because: 'SCAN_ELIGIBILITY_EXPIRED; onMissing is deny',
    },
    {
      it: 'a scan under way',
      image: tagged(`${REGISTRY}/pending`, { scan: { ...scanned(), pendingUntil: NOW + DAY } }),
      is: 'waited for',
      because: 'waited for 0 s of 10 min',
    },
    {
      it: 'one bad platform of two',
      image: (w) => {
        const { uri, reference, platforms } = w.push(`${REGISTRY}/two`, {
          platforms: ['linux/amd64', 'linux/arm64'],
          scan: scanned(),
        });
        w.aws.registry.setScan(uri, platforms['linux/arm64'] ?? '', scanned(...findings(1, 'CRITICAL')));
        return reference;
      },
      is: 'denied',
      because: 'linux/arm64: the scan of',
    },
  ],
  'Vulnerabilities, with exceptions that end': [
    {
      it: 'five high ones',
      image: tagged(`${REGISTRY}/five`, { scan: scanned(...findings(5, 'HIGH')) }),
      is: 'admitted',
      because: '5 HIGH (5 allowed)',
    },
    {
      it: 'six high ones',
      image: tagged(`${REGISTRY}/six`, { scan: scanned(...findings(6, 'HIGH')) }),
      is: 'denied',
      because: '6 HIGH findings, 5 allowed',
    },
    {
      it: 'a critical one without a fix',
      image: tagged(`${REGISTRY}/unfixed`, { scan: scanned(...findings(1, 'CRITICAL', { fixAvailable: 'NO' })) }),
      is: 'admitted',
      because: '1 unfixed one not counted',
    },
    {
      it: 'the excepted one',
      image: tagged(`${REGISTRY}/zlib`, { scan: scanned(zlib()) }),
      inDays: 131, // 31 March 2027
      is: 'admitted',
      because: 'CVE-2026-10001 until 2027-03-31',
    },
    {
      it: 'the excepted one a day later',
      image: tagged(`${REGISTRY}/zlib`, { scan: scanned(zlib()) }),
      inDays: 132,
      is: 'denied',
      because: 'the exception for CVE-2026-10001 ended with 2027-03-31',
    },
    {
      it: 'the excepted one in another package',
      image: tagged(`${REGISTRY}/other`, { scan: scanned(zlib({ package: 'zlib-ng' })) }),
      is: 'denied',
      because: '1 CRITICAL finding, 0 allowed (CVE-2026-10001)',
    },
  ],
};

import * as z from 'zod/mini';
import { described } from '../../shared/schema.ts';

/** From the worst to the least. */
export const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL'] as const;
export type Severity = (typeof SEVERITIES)[number];
/** What a scanner says when it has not judged a finding: basic scanning and Amazon Inspector each have a word. */
export const UNJUDGED = ['UNDEFINED', 'UNTRIAGED'] as const;
export type CountedSeverity = Severity | (typeof UNJUDGED)[number];

/** A day in the policy. */
export const Day = z.iso.date({ error: 'must be a day that exists, written as 2026-12-31' });

function limit(severity: CountedSeverity, without: string) {
  const most = z.optional(z.int().check(z.minimum(0), z.maximum(1_000_000)));
  return described(most, `how many ${severity} findings an image may have; without it ${without}`);
}

/** The limit of a severity that is not named is that of the next lesser one which is: worse is never allowed more. */
const Max = z.strictObject({
  CRITICAL: limit('CRITICAL', 'the limit of HIGH holds'),
  HIGH: limit('HIGH', 'the limit of MEDIUM holds'),
  MEDIUM: limit('MEDIUM', 'the limit of LOW holds'),
  LOW: limit('LOW', 'the limit of INFORMATIONAL holds'),
  INFORMATIONAL: limit('INFORMATIONAL', 'any number'),
  UNDEFINED: limit('UNDEFINED', 'they count as unknownSeverityAs'),
  UNTRIAGED: limit('UNTRIAGED', 'they count as unknownSeverityAs'),
});

export const VulnerabilityException = z.strictObject({
  id: described(
    z
      .string()
      .check(z.regex(/^[\w.:-]{1,128}$/, { error: 'must be the id of one vulnerability, such as CVE-2024-0001' })),
    'the vulnerability that is excused, as the scan names it (CVE-…, GHSA-…, ALAS…); case does not count',
  ),
  package: described(
    z.optional(z.string().check(z.minLength(1), z.maxLength(300))),
    'only where this package is all that it affects; without it in whichever package',
  ),
  until: described(Day, 'the last day on which the exception holds, in UTC'),
  reason: described(z.string().check(z.trim(), z.minLength(1), z.maxLength(500)), 'why; it goes into the evidence'),
  ticket: described(z.optional(z.string().check(z.maxLength(200))), 'where it was decided; it goes into the evidence'),
});
export type VulnerabilityException = z.infer<typeof VulnerabilityException>;

export const Vulnerabilities = z.strictObject({
  max: described(
    z._default(Max, { CRITICAL: 0 }),
    'how many findings of each severity each platform of an image may have, exceptions and (with ignoreUnfixed) unfixed ones not counted; a severity that is not named has the limit of the next lesser one that is, and none if none is',
  ),
  ignoreUnfixed: described(
    z._default(z.boolean(), false),
    'do not count findings without any fix (fixAvailable NO); PARTIAL counts, and so does what basic scanning finds, which does not say',
  ),
  denyExploitable: described(
    z._default(z.boolean(), false),
    'no finding of any severity may have a known exploit (exploitAvailable YES), fixed or not; exceptions excuse it; basic scanning does not say',
  ),
  unknownSeverityAs: described(
    z._default(z.enum(SEVERITIES), 'HIGH'),
    'what UNDEFINED, UNTRIAGED and new severities count as, unless max names them',
  ),
  onMissing: described(
    z._default(z.enum(['deny', 'allow']), 'deny'),
    'when there is no finished, current scan: never scanned, failed, not supported, expired, over a limit, or still pending after waitSeconds; what such a scan has found counts all the same',
  ),
  waitSeconds: described(
    z._default(z.int().check(z.minimum(0), z.maximum(86_400)), 300),
    'how long to wait for a scan that is under way, and for one of an image pushed less than this long ago to begin',
  ),
  exceptions: described(
    z._default(z.array(VulnerabilityException).check(z.maxLength(1000)), []),
    'vulnerabilities that are excused, each until a day',
  ),
});
export type Vulnerabilities = z.infer<typeof Vulnerabilities>;

/** Whether a day named in the policy is over, everywhere in UTC. */
export function isOver(until: string, now: Date): boolean {
  return now.getTime() >= Date.parse(until) + 86_400_000;
}

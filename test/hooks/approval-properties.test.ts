import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countDistinct, matches, mayMatch } from '../../hooks/approval/principal.ts';
import { type ParameterVersion, type Rules, tally } from '../../hooks/approval/tally.ts';
import { parseBallot } from '../../hooks/approval/vote.ts';

const STS = 'arn:aws:sts::123456789012:assumed-role';
const HOOK = `${STS}/HookRole/hook-fn`;
const CI = `${STS}/Deployer/ci`;
const PEOPLE = [
  ...['alice', 'bob', 'carol', 'dave'].map((name) => `${STS}/Approver/${name}`),
  `${STS}/Approver`,
  `${STS}/ApproverEvil/alice`,
  `${STS}/Dev/mallory`,
  'arn:aws:sts::999999999999:assumed-role/Approver/alice',
  CI,
  `${STS}/Deployer`,
  HOOK,
];
const VALUES = ['accept', 'Yes: tried it', 'decline', 'no: broken', 'pending', 'LGTM', '{"decision":"accept"}'];
const STALE = ['{"decision":"accept","revision":"1"}', '{"decision":"decline","deployment":"dep-0","reason":"x"}'];
const ASKED = Date.parse('2026-03-02T09:00:00Z');
const DEADLINE = new Date(ASKED + 3_600_000);

interface Written {
  by: string;
  value: string;
  minute: number;
}

const anyVote = fc.record({
  by: fc.constantFrom(...PEOPLE),
  value: fc.oneof(fc.constantFrom(...VALUES, ...STALE), fc.string({ maxLength: 30 })),
  minute: fc.integer({ min: 0, max: 65 }),
});
const anyRules: fc.Arbitrary<Rules> = fc.record({
  approvers: fc.constantFrom([], [`${STS}/Approver/*`], [`${STS}/Approver/alice`, CI]),
  deployers: fc.constantFrom([], [CI], [`${STS}/Deployer/*`]),
  quorum: fc.integer({ min: 1, max: 4 }),
  requireReason: fc.constantFrom('never', 'decline', 'always'),
  functionName: fc.constant('hook-fn'),
  deploymentId: fc.constant('dep-1'),
  targetRevisionId: fc.constant('2222222222222222222'),
});

function count(written: readonly Written[], rules: Rules) {
  const inOrder = [...written].sort((a, b) => a.minute - b.minute);
  const request: ParameterVersion = { version: 1, value: 'pending', by: HOOK, at: new Date(ASKED) };
  const votes = inOrder.map(({ by, value, minute }, index) => ({
    version: index + 2,
    value,
    by,
    at: new Date(ASKED + minute * 60_000),
  }));
  return tally([request, ...votes], request, DEADLINE, rules);
}

function mayVote(by: string, { approvers, deployers }: Rules): boolean {
  if (by === HOOK || deployers.some((pattern) => mayMatch(pattern, by))) return false;
  return approvers.length === 0 || approvers.some((pattern) => matches(pattern, by));
}

describe('whatever is written', () => {
  it('a decline by somebody who may vote, before the deadline, is never outvoted', () => {
    fc.assert(
      fc.property(fc.array(anyVote, { maxLength: 12 }), anyRules, anyVote, (others, rules, vote) => {
        fc.pre(mayVote(vote.by, rules) && vote.minute <= 60);
        const declined = { ...vote, value: 'decline: broken' };
        expect(count([...others, declined], rules).outcome).toBe('declined');
      }),
    );
  });

  it('accepted means a quorum of different people who may vote and whose last word is accept', () => {
    let seen = 0;
    fc.assert(
      fc.property(fc.array(anyVote, { maxLength: 12 }), anyRules, (written, rules) => {
        const { outcome } = count(written, rules);
        if (outcome !== 'accepted') return;
        seen += 1;
        const last = new Map<string, string>();
        const timely = [...written].sort((a, b) => a.minute - b.minute).filter(({ minute }) => minute <= 60);
        for (const { by, value } of timely) {
          const { decision, reason = '' } = parseBallot(value);
          const isIncomplete = decision === 'accept' && rules.requireReason === 'always' && reason.trim() === '';
          if (!mayVote(by, rules) || decision === 'unknown' || STALE.includes(value) || isIncomplete) continue;
          last.set(by, decision);
        }
        const accepted = [...last].filter(([, decision]) => decision === 'accept').map(([by]) => by);
        expect(countDistinct(accepted)).toBeGreaterThanOrEqual(rules.quorum);
      }),
      { numRuns: 500 },
    );
    expect(seen).toBeGreaterThan(10);
  });

  it('what is ignored changes nothing, wherever and however often it is written', () => {
    const ignored = fc.record({
      by: fc.constantFrom(`${STS}/Dev/mallory`, CI, HOOK, `${STS}/ApproverEvil/alice`),
      value: fc.constantFrom(...VALUES, ...STALE),
      minute: fc.integer({ min: 0, max: 65 }),
    });
    const strict = anyRules.map((rules) => ({ ...rules, approvers: [`${STS}/Approver/*`], deployers: [CI] }));
    fc.assert(
      fc.property(
        fc.array(anyVote, { maxLength: 8 }),
        fc.array(ignored, { maxLength: 8 }),
        strict,
        (votes, noise, rules) => {
          const { outcome, accepted } = count(votes, rules);
          expect(count([...votes, ...noise, ...noise], rules)).toMatchObject({ outcome, accepted });
          expect(count([...noise, ...votes], rules)).toMatchObject({ outcome, accepted });
        },
      ),
    );
  });

  it('whoever is counted is one vote or one ignored vote, and the summary is one line', () => {
    fc.assert(
      fc.property(fc.array(anyVote, { maxLength: 12 }), anyRules, (written, rules) => {
        const { votes, ignored, summary } = count(written, rules);
        const silent = written.filter(({ by, value }) => by === HOOK && parseBallot(value).decision === 'pending');
        expect(votes.length + ignored.length + silent.length).toBe(written.length);
        expect(summary).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      }),
    );
  });
});

it('any text is read as one of the four words', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
      expect(['accept', 'decline', 'pending', 'unknown']).toContain(parseBallot(text).decision);
    }),
  );
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeRequest, readDescription } from '../../hooks/approval/description.ts';
import { type ParameterVersion, requestOf, tally, toldIgnored } from '../../hooks/approval/tally.ts';
import { parseBallot } from '../../hooks/approval/vote.ts';
import { at } from '../../library/testing/events.ts';
import { parseEvent } from '../../shared/event.ts';
import { anyText, mutationsOf, textsLike } from './fuzz/arbitraries.ts';
import { fuzz, PATIENCE_MS } from './fuzz/cases.ts';

const WORDS = ['accept', 'Accepted', 'APPROVE', 'yes', 'ok', 'decline', 'rejected: login is broken', 'no', 'pending'];
const FORMS = [
  { decision: 'accept', reason: 'looks right' },
  { decision: 'decline', reason: 'it does not', revision: '7823415960271834513' },
  { decision: 'approved', deployment: 'kX3vQ9mT2bLr7WpZ4nHcY' },
];

const values = fc.oneof(
  { weight: 4, arbitrary: textsLike(fc.constantFrom(...WORDS), 'aceptdlin :{}"\n') },
  { weight: 4, arbitrary: mutationsOf(fc.constantFrom(...FORMS), 2).map((form) => JSON.stringify(form) ?? '') },
  { weight: 1, arbitrary: anyText },
);

/** The words of the documentation, whole, in any case, alone or before a colon. */
const ACCEPTS = /^\s*(accept|accepted|approve|approved|yes|y|ok)\s*(:.*)?$/is;
const DECLINES = /^\s*(decline|declined|reject|rejected|deny|denied|no|n)\s*(:.*)?$/is;

it(
  'a value is a vote only where one of the known words is all that it says',
  () =>
    fuzz('approval values', values, ['accept', 'decline', 'pending', 'unknown'], (value) => {
      const { decision, reason } = parseBallot(value);
      const word = wordIn(value);
      expect(decision === 'accept').toBe(word !== undefined && ACCEPTS.test(word));
      expect(decision === 'decline').toBe(word !== undefined && DECLINES.test(word));
      if (!value.trim().startsWith('{') && reason !== undefined) expect(value).toContain(reason);
      return decision;
    }),
  PATIENCE_MS,
);

/** The text that must be a word: the value, or the `decision` of the JSON form. */
function wordIn(value: string): string | undefined {
  if (!value.trim().startsWith('{')) return value;
  try {
    const form = JSON.parse(value);
    const others = [form.reason, form.revision, form.deployment];
    const isForm =
      typeof form.decision === 'string' && others.every((one) => one === undefined || typeof one === 'string');
    // In the JSON form the word stands alone: a reason has a key of its own.
    return isForm && !form.decision.includes(':') ? form.decision : undefined;
  } catch {
    return undefined;
  }
}

const HOOK = 'arn:aws:sts::123456789012:assumed-role/HookRole/hook-fn';
const PEOPLE = [...['Approver/ana', 'Approver/ben', 'Approver', 'Deployer/ci', 'Dev/mallory', 'Approver/hook-fn']].map(
  (name) => `arn:aws:sts::123456789012:assumed-role/${name}`,
);
const START = Date.parse('2026-03-02T09:00:00Z');

const histories = fc.record({
  votes: fc.array(
    fc.record({
      value: fc.oneof(values, fc.constantFrom(...WORDS)),
      by: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...PEOPLE) }, { weight: 1, arbitrary: anyText }),
      minute: fc.integer({ min: -5, max: 80 }),
    }),
    { maxLength: 6 },
  ),
  quorum: fc.integer({ min: 1, max: 3 }),
  requireReason: fc.constantFrom('never' as const, 'decline' as const, 'always' as const),
  approvers: fc.constantFrom<readonly string[]>([], ['arn:aws:sts::123456789012:assumed-role/Approver/*']),
});

it(
  'a history passes only with as many accepts by those who may, and never with a decline that stands',
  () =>
    fuzz('approval histories', histories, ['accepted', 'declined', 'held', 'open'], (history) => {
      const { votes, ...chosen } = history;
      const request: ParameterVersion = { version: 1, value: 'pending', by: HOOK, at: new Date(START) };
      const versions = votes.map(({ value, by, minute }, index) => {
        return { version: index + 2, value, by, at: new Date(START + minute * 60_000) };
      });
      const all = [request, ...versions];
      expect(requestOf(all, 'hook-fn', 1)).toBe(request);
      const deadline = new Date(START + 60 * 60_000);
      const rules = {
        ...chosen,
        deployers: ['arn:aws:sts::123456789012:assumed-role/Deployer/*'],
        functionName: 'hook-fn',
        deploymentId: 'kX3vQ9mT2bLr7WpZ4nHcY',
        targetRevisionId: '7823415960271834513',
      };
      const counted = tally(all, request, deadline, rules);
      const mayVote = versions.filter(({ by, at: time }) => isVoter(by, chosen.approvers) && time <= deadline);
      const accepting = new Set(mayVote.filter(({ value }) => /y|ok|accept|approve/i.test(value)).map(({ by }) => by));
      if (counted.outcome === 'accepted') {
        expect(counted.accepted).toBeGreaterThanOrEqual(chosen.quorum);
        expect(accepting.size).toBeGreaterThanOrEqual(chosen.quorum);
        const declining = mayVote.filter(
          ({ value, by }) => WORDS.slice(5, 8).includes(value) && isLast(by, value, mayVote),
        );
        expect(declining).toEqual([]);
      }
      for (const { by } of counted.votes) expect(isVoter(by, chosen.approvers)).toBe(true);
      expect(toldIgnored(counted)).toMatch(counted.ignored.length === 0 ? /^$/ : /^; ignored /);
      return counted.outcome;
    }),
  PATIENCE_MS,
);

function isVoter(by: string, approvers: readonly string[]): boolean {
  if (by.endsWith('/hook-fn') || by.includes(':assumed-role/Deployer')) return false;
  return approvers.length === 0 || by.includes(':assumed-role/Approver');
}

/** Is it what they said last? Then, plainly, they have not accepted. */
function isLast(by: string, value: string, votes: readonly ParameterVersion[]): boolean {
  return votes.findLast((vote) => vote.by === by)?.value === value;
}

const deployment = parseEvent(at('POST_TEST_TRAFFIC_SHIFT'));
const requests = fc.record({
  quorum: fc.integer({ min: 1, max: 50 }),
  deadline: fc.integer({ min: 0, max: 500_000 }).map((minutes) => new Date(START + minutes * 60_000)),
  testUrl: fc.constantFrom('https://test.example.com/a?b=c', 'http://x/'),
  images: fc.array(
    anyText.map((text) => `web: ${text}`),
    { maxLength: 3 },
  ),
});

it(
  'the facts in a description are read back, and those of a stranger are facts or nothing',
  () =>
    fuzz('approval descriptions', fc.tuple(requests, anyText, fc.boolean()), ['ours', 'facts', 'nothing'], (one) => {
      const [{ quorum, deadline, testUrl, images }, other, isOurs] = one;
      const request = { deployment, deadline, quorum, testUrl, context: { images }, parameterName: '/x' };
      const text = describeRequest(request);
      expect(text.length).toBeLessThanOrEqual(1024);
      if (isOurs) {
        const { deploymentId: _id, targetRevisionId: revision } = deployment;
        expect(readDescription(text)).toMatchObject({ quorum, deadline, revision, testUrl });
        return 'ours';
      }
      const place = other.length % text.length;
      const facts = readDescription(text.slice(0, place) + other + text.slice(place + other.length));
      if (facts === undefined) return 'nothing';
      expect(Number.isFinite(facts.deadline.getTime())).toBe(true);
      expect(facts.revision).toMatch(/^[\w-]+$/);
      return 'facts';
    }),
  PATIENCE_MS,
);

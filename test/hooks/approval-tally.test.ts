import { describe, expect, it } from 'vitest';
import { type Rules, requestOf, toldIgnored } from '../../hooks/approval/tally.ts';
import { ALICE, BOB, CAROL, CI, DEADLINE, HOOK, STS, tallyOf, type Written } from './approval-tally-kit.ts';

describe('quorum', () => {
  it.each<[string, number, Written[], string, number]>([
    ['nobody', 1, [], 'open', 0],
    ['one of one', 1, [[ALICE, 'accept']], 'accepted', 1],
    ['one of two', 2, [[ALICE, 'accept']], 'open', 1],
    [
      'the same person twice',
      2,
      [
        [ALICE, 'accept'],
        [ALICE, 'yes'],
      ],
      'open',
      1,
    ],
    [
      'two of two',
      2,
      [
        [ALICE, 'accept'],
        [BOB, 'ok'],
      ],
      'accepted',
      2,
    ],
    [
      'three of two',
      2,
      [
        [ALICE, 'accept'],
        [BOB, 'ok'],
        [CAROL, 'y'],
      ],
      'accepted',
      3,
    ],
    [
      'a role without session is not a second person',
      2,
      [
        [ALICE, 'accept'],
        [`${STS}/Approver`, 'accept'],
      ],
      'open',
      1,
    ],
    [
      'taken back',
      1,
      [
        [ALICE, 'accept'],
        [ALICE, 'pending'],
      ],
      'open',
      0,
    ],
    [
      'taken back by somebody else',
      1,
      [
        [ALICE, 'accept'],
        [BOB, 'pending'],
      ],
      'accepted',
      1,
    ],
    [
      'taken back and given again',
      1,
      [
        [ALICE, 'accept'],
        [ALICE, 'pending'],
        [ALICE, 'accept'],
      ],
      'accepted',
      1,
    ],
    [
      'taken back by one of two',
      2,
      [
        [ALICE, 'accept'],
        [BOB, 'accept'],
        [ALICE, 'pending'],
      ],
      'open',
      1,
    ],
    [
      'an unknown word takes nothing back',
      1,
      [
        [ALICE, 'accept'],
        [ALICE, 'hmm'],
      ],
      'accepted',
      1,
    ],
  ])('%s', (_what, quorum, written, outcome, accepted) => {
    expect(tallyOf(written, { quorum })).toMatchObject({ outcome, accepted });
  });
});

describe('a decline', () => {
  it.each<[string, Written[]]>([
    ['alone', [[ALICE, 'decline']]],
    [
      'before an accept',
      [
        [ALICE, 'decline'],
        [BOB, 'accept'],
      ],
    ],
    [
      'after an accept',
      [
        [BOB, 'accept'],
        [ALICE, 'decline'],
      ],
    ],
    [
      'and then an accept of the same person',
      [
        [ALICE, 'decline'],
        [ALICE, 'accept'],
      ],
    ],
    [
      'taken back',
      [
        [ALICE, 'decline'],
        [ALICE, 'pending'],
      ],
    ],
    [
      'of another among many accepts',
      [
        [BOB, 'yes'],
        [ALICE, 'no'],
        [BOB, 'yes'],
        [CAROL, 'yes'],
        [ALICE, 'yes'],
      ],
    ],
    ['at the very deadline', [[ALICE, 'decline', 60]]],
  ])('%s is final', (_what, written) => {
    const { outcome, summary } = tallyOf(written);
    expect(outcome).toBe('declined');
    expect(summary).toContain(`declined by ${ALICE}`);
  });

  it('is told with its time and reason', () => {
    expect(tallyOf([[ALICE, 'decline: login is broken', 7]]).summary).toBe(
      `declined by ${ALICE} at 2026-03-02 09:07 UTC: login is broken`,
    );
  });
});

describe('votes that do not count', () => {
  it.each<[string, Written, string, Partial<Rules>]>([
    ['of somebody else', [`${STS}/Dev/mallory`, 'accept'], 'not an approver', {}],
    ['of a role that begins like the approvers’', [`${STS}/ApproverEvil/x`, 'accept'], 'not an approver', {}],
    ['a decline of somebody else', [`${STS}/Dev/mallory`, 'decline'], 'not an approver', {}],
    ['of a deployer who is an approver too', [CI, 'accept'], 'a deployer may not approve', {}],
    [
      'of a deployer’s role without session',
      [`${STS}/Deployer`, 'accept'],
      'a deployer may not approve',
      { approvers: [] },
    ],
    ['of a deployer where anybody may', [CI, 'accept'], 'a deployer may not approve', { approvers: [] }],
    ['of the hook', [HOOK, 'accept'], 'the hook may not vote', {}],
    ['of the hook where anybody may', [HOOK, 'accept'], 'the hook may not vote', { approvers: [] }],
    [
      'of the function under another role',
      [`${STS}/Other/hook-fn`, 'accept'],
      'the hook may not vote',
      { approvers: [] },
    ],
    ['a decline of the hook', [HOOK, 'decline'], 'the hook may not vote', { approvers: [] }],
    ['with an unknown word', [ALICE, 'LGTM'], 'unknown word "LGTM"', {}],
    ['after the deadline', [ALICE, 'accept', 60.001], 'after the deadline', {}],
    ['a decline after the deadline', [ALICE, 'decline', 61], 'after the deadline', {}],
    [
      'for another revision',
      [ALICE, '{"decision":"accept","revision":"1111111111111111111"}'],
      'for another revision',
      {},
    ],
    // As a JavaScript number the two revisions would be the same.
    [
      'for a revision that differs in its last digit',
      [ALICE, '{"decision":"accept","revision":"2222222222222222223"}'],
      'for another revision',
      {},
    ],
    ['for another deployment', [ALICE, '{"decision":"accept","deployment":"dep-0"}'], 'for another deployment', {}],
    [
      'without the reason that every vote needs',
      [ALICE, 'accept'],
      'accept without the required reason',
      { requireReason: 'always' },
    ],
    [
      'with a blank reason',
      [ALICE, '{"decision":"accept","reason":"  "}'],
      'accept without the required reason',
      { requireReason: 'always' },
    ],
  ])('%s', (_what, vote, why, rules) => {
    const counted = tallyOf([vote], rules);
    expect(counted).toMatchObject({ outcome: 'open', accepted: 0, votes: [], ignored: [{ by: vote[0], why }] });
    expect(toldIgnored(counted)).toBe(`; ignored 1 vote: ${vote[0]} (${why})`);
  });

  it('are told by the last three', () => {
    const written = ['a', 'b', 'c', 'd'].map((name): Written => [`${STS}/Dev/${name}`, 'accept']);
    const told = toldIgnored(tallyOf(written));
    expect(told).toContain('ignored 4 votes');
    expect(told).toContain(`${STS}/Dev/d (not an approver) and others`);
    expect(told).not.toContain(`${STS}/Dev/a `);
  });

  it('the hook’s own repeated request is no vote', () => {
    expect(tallyOf([[HOOK, 'pending']])).toMatchObject({ outcome: 'open', votes: [], ignored: [] });
  });
});

describe('votes that do', () => {
  it.each<[string, Written, Partial<Rules>]>([
    ['of anybody, where no approvers are named', [`${STS}/Dev/mallory`, 'accept'], { approvers: [] }],
    ['at the very deadline', [ALICE, 'accept', 60], {}],
    ['that name the revision', [ALICE, '{"decision":"accept","revision":"2222222222222222222"}'], {}],
    [
      'that name the deployment by its ARN',
      [
        ALICE,
        '{"decision":"accept","deployment":"arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/dep-1"}',
      ],
      {},
    ],
    ['with the reason that every vote needs', [ALICE, 'accept: tried it'], { requireReason: 'always' }],
    ['without a reason, where only a decline needs one', [ALICE, 'accept'], { requireReason: 'decline' }],
  ])('%s', (_what, vote, rules) => {
    expect(tallyOf([vote], rules)).toMatchObject({ outcome: 'accepted', accepted: 1, ignored: [] });
  });
});

describe('which version is the request', () => {
  const at = (by: string, value: string): [string, string] => [by, value];
  it.each<[string, [string, string][], number | undefined, number | undefined]>([
    ['the first that the hook wrote', [at(HOOK, 'pending'), at(HOOK, 'pending')], undefined, 1],
    ['not what the hook’s role wrote beside it', [at(HOOK, 'accept'), at(HOOK, 'pending')], undefined, 2],
    ['not what was there before', [at(ALICE, 'accept'), at(HOOK, 'pending')], undefined, 2],
    ['not what another asked', [at(ALICE, 'pending'), at(HOOK, 'pending')], undefined, 2],
    ['none, where only another asked', [at(ALICE, 'pending'), at(BOB, 'accept')], undefined, undefined],
    ['none, where nobody asked', [at(ALICE, 'accept')], undefined, undefined],
    ['one that an earlier look wrote under an identity not its own', [at('root', 'x'), at('root', 'pending')], 2, 2],
    [
      'the hook’s own, whatever the state claims',
      [at(HOOK, 'pending'), at(ALICE, 'decline'), at(BOB, 'pending')],
      3,
      1,
    ],
    ['that of a role without session, which may be the hook’s', [at(`${STS}/HookRole`, 'pending')], undefined, 1],
    ['the hook’s own rather than that of a role', [at(`${STS}/Dev`, 'pending'), at(HOOK, 'pending')], undefined, 2],
  ])('%s', (_what, written, known, version) => {
    const versions = written.map(([by, value], index) => ({ version: index + 1, value, by, at: DEADLINE }));
    expect(requestOf(versions, 'hook-fn', known)?.version).toBe(version);
  });
});

import { describe, expect, it } from 'vitest';
import { ALICE, BOB, CAROL, tallyOf, type Written } from './approval-tally-kit.ts';

describe('a decline that lacks its reason', () => {
  const rules = { requireReason: 'decline' } as const;
  it.each<[string, Written[], string]>([
    ['holds', [[ALICE, 'decline']], 'held'],
    [
      'holds against accepts of others',
      [
        [ALICE, 'decline'],
        [BOB, 'accept'],
      ],
      'held',
    ],
    [
      'and was accepted before',
      [
        [BOB, 'accept'],
        [ALICE, 'decline: '],
      ],
      'held',
    ],
    [
      'is a decline once the reason is there',
      [
        [ALICE, 'decline'],
        [ALICE, 'decline: slow'],
      ],
      'declined',
    ],
    [
      'is over when its author accepts',
      [
        [ALICE, 'decline'],
        [ALICE, 'accept'],
      ],
      'accepted',
    ],
    [
      'is over when its author takes it back',
      [
        [ALICE, 'decline'],
        [ALICE, 'pending'],
      ],
      'open',
    ],
    [
      'is not over when another accepts for it',
      [
        [ALICE, 'decline'],
        [BOB, 'accept'],
        [CAROL, 'accept'],
      ],
      'held',
    ],
  ])('%s', (_what, written, outcome) => {
    expect(tallyOf(written, rules).outcome).toBe(outcome);
    expect(tallyOf(written, { requireReason: 'never' }).outcome).toBe('declined');
  });

  it.each<[string, Written[], string]>([
    ['holds', [[ALICE, 'decline']], 'held'],
    [
      'is not over with an accept that lacks its reason too',
      [
        [ALICE, 'decline'],
        [ALICE, 'accept'],
      ],
      'held',
    ],
    [
      'is over when its author takes it back, which needs no reason',
      [
        [BOB, 'accept: tried it'],
        [ALICE, 'decline'],
        [ALICE, 'pending'],
      ],
      'accepted',
    ],
  ])('%s, where every vote needs one', (_what, written, outcome) => {
    expect(tallyOf(written, { requireReason: 'always' }).outcome).toBe(outcome);
  });

  it('is over with another’s full decline', () => {
    expect(
      tallyOf(
        [
          [ALICE, 'decline'],
          [BOB, 'decline: slow'],
        ],
        rules,
      ),
    ).toMatchObject({ outcome: 'declined' });
  });
});

describe('reasons are other people’s words', () => {
  it.each([
    ['a second line', 'bad\n{"level":"INFO","status":"SUCCEEDED"}', 'bad {"level":"INFO","status":"SUCCEEDED"}'],
    ['terminal control', 'bad\u001b[2Jgone', 'bad [2Jgone'],
    ['Unicode line separators', 'bad\u2028worse\u2029worst', 'bad worse worst'],
    ['a return to the line’s start', 'bad\r\u0000\u0085x', 'bad x'],
  ])('%s', (_what, reason, told) => {
    expect(tallyOf([[ALICE, JSON.stringify({ decision: 'decline', reason })]]).summary).toMatch(
      new RegExp(`UTC: ${told.replace(/[[\]{}.\\]/g, '\\$&')}$`),
    );
  });

  it('are cut where they are long', () => {
    const { summary } = tallyOf([[ALICE, `decline: ${'x'.repeat(4000)}`]]);
    expect(summary.length).toBeLessThan(420);
    expect(summary.endsWith('…')).toBe(true);
  });

  it('so are unknown words', () => {
    const { ignored } = tallyOf([[ALICE, `${'x'.repeat(4000)}\n`]]);
    expect(ignored[0]?.why.length).toBeLessThan(60);
  });
});

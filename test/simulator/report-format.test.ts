import { describe, expect, it } from 'vitest';
import { formatClock, formatCount, formatDuration, formatPercent, formatUtc } from '../../simulator/report/format.ts';
import { saysTheSame } from '../../simulator/report/model.ts';
import { columns, pad, plain, truncate, wrap } from '../../simulator/report/terminal/text.ts';

describe('formatClock', () => {
  it.each([
    [0, '+00:00:00'],
    [999, '+00:00:00'],
    [330_000, '+00:05:30'],
    [3_599_999, '+00:59:59'],
    [25 * 3_600_000, '+25:00:00'],
    [336 * 3_600_000, '+336:00:00'],
    [-1_000, '-00:00:01'],
  ])('%d ms is %s', (ms, expected) => {
    expect(formatClock(ms)).toBe(expected);
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [999.9, '999 ms'],
    [1_000, '1 s'],
    [1_290, '1.2 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [330_000, '5 min 30 s'],
    [3_599_999, '59 min 59 s'],
    [23 * 3_600_000, '23 h'],
    [25 * 3_600_000 + 600_000, '25 h 10 min'],
    [49 * 3_600_000, '2 d 1 h'],
    [14 * 86_400_000, '14 d'],
  ])('%d ms is %s', (ms, expected) => {
    expect(formatDuration(ms)).toBe(expected);
  });
});

describe('numbers', () => {
  it('sets thousands apart', () => {
    expect([0, 999, 2_760, 1_234_567].map(formatCount)).toEqual(['0', '999', '2,760', '1,234,567']);
  });

  it('writes tenths of a percent only where there are any', () => {
    expect([0, 0.1, 2.5, 33.300_000_000_000_004, 100].map(formatPercent)).toEqual([
      '0 %',
      '0.1 %',
      '2.5 %',
      '33.3 %',
      '100 %',
    ]);
  });

  it('writes moments in UTC', () => {
    expect(formatUtc(Date.UTC(2026, 8, 14, 9, 5, 1))).toBe('2026-09-14 09:05:01 UTC');
  });
});

describe('saysTheSame', () => {
  const waits = (reason: string) => ({ look: 'waiting', label: 'IN_PROGRESS', reason }) as const;

  it.each([
    ['no decision yet', 'no decision yet', true],
    ['3 min 20 s left', '2 min left', true],
    ['1 h 2 min left', '59 min left', true],
    ['since 2026-09-14T09:05:00Z', 'since 2026-09-14T10:15:30Z', true],
    ['0 of 1 approvals, 1,380 min left', '0 of 1 approvals, 9 min left', true],
    ['no decision yet', 'reminded the approvers', false],
    ['3 tasks', '3 shards', false],
    ['at 5 seconds', 'at 5 sessions', false],
  ])('%s / %s: %s', (a, b, same) => {
    expect(saysTheSame(waits(a), waits(b))).toBe(same);
  });

  it('never joins final answers', () => {
    const failed = { look: 'failed', label: 'FAILED', reason: 'no' } as const;
    expect(saysTheSame(failed, failed)).toBe(false);
  });
});

describe('terminal text', () => {
  it('takes from a text what would steer the terminal', () => {
    expect(plain('a\u001b[2Jb\u0007\r\n\tc\u009b31m\u202ed\ud800')).toBe('a�[2Jb� c�31m�d�');
  });

  it('reckons wide and combining characters', () => {
    expect(columns('abc')).toBe(3);
    expect(columns('名前')).toBe(4);
    expect(columns('🦄')).toBe(2);
    expect(columns('e\u0301')).toBe(1);
  });

  it('cuts and fills to the column', () => {
    expect(truncate('abcdef', 4)).toBe('abc…');
    expect(truncate('名前が', 4)).toBe('名…');
    expect(pad('ab', 4)).toBe('ab  ');
    expect(pad('ab', 4, 'right')).toBe('  ab');
  });

  it('wraps at spaces and breaks only words longer than a line', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrap('a abcdefghij b', 4)).toEqual(['a', 'abcd', 'efgh', 'ij b']);
    expect(wrap('', 4)).toEqual(['']);
  });
});

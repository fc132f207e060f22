import { describe, expect, it } from 'vitest';
import { failed, inProgress, succeeded } from '../../shared/status.ts';
import { count, duration, instant, oneLine } from '../../shared/text.ts';
import { expire, fail, succeed, wait } from '../../shared/verdict.ts';

describe('answers to ECS', () => {
  const details = { a: 1 };
  it('have exactly the keys that ECS reads, and a reason', () => {
    expect(succeeded('good')).toStrictEqual({ hookStatus: 'SUCCEEDED', reason: 'good' });
    expect(failed('bad', details)).toStrictEqual({ hookStatus: 'FAILED', reason: 'bad', hookDetails: details });
    expect(inProgress('soon', 60, details)).toStrictEqual({
      hookStatus: 'IN_PROGRESS',
      reason: 'soon',
      callBackDelay: 60,
      hookDetails: details,
    });
  });

  it.each([
    [30, 30],
    [0.1, 1],
    [1.01, 2],
    [0, 1],
    [-5, 1],
    [Number.NaN, 30],
    [Number.POSITIVE_INFINITY, 30],
    [86_400, 86_400],
  ])('ask again after %d seconds as callBackDelay %d', (seconds, callBackDelay) => {
    expect(inProgress('soon', seconds)).toMatchObject({ callBackDelay });
  });

  it.each([succeeded, failed, (reason: string) => inProgress(reason, 1)])('always give a reason (%o)', (answer) => {
    for (const reason of ['', ' ', '\n', '\u0000\u001b', '\u0085'])
      expect(answer(reason).reason).toBe('no reason given');
    expect(answer('line 1\nline 2').reason).toBe('line 1 line 2');
    expect(answer('x'.repeat(5000)).reason).toHaveLength(1000);
  });
});

describe('verdicts', () => {
  it('carry what they were given, and no empty keys', () => {
    expect(succeed('a')).toStrictEqual({ outcome: 'succeed', reason: 'a' });
    expect(fail('b', { n: 1 })).toStrictEqual({ outcome: 'fail', reason: 'b', evidence: { n: 1 } });
    expect(wait('c')).toStrictEqual({ outcome: 'wait', reason: 'c' });
    expect(wait('d', { state: 1, seconds: 2 })).toStrictEqual({ outcome: 'wait', reason: 'd', state: 1, seconds: 2 });
  });

  it('expire as the operator chose', () => {
    expect(expire('fail', 'late')).toStrictEqual({ outcome: 'fail', reason: 'late; onTimeout is fail' });
    expect(expire('succeed', 'late', { n: 1 })).toStrictEqual({
      outcome: 'succeed',
      reason: 'late; onTimeout is succeed',
      evidence: { n: 1 },
    });
  });
});

describe('text', () => {
  it.each([
    ['a\nb', 'a b'],
    ['a\r\n\tb', 'a b'],
    ['a\u2028b\u2029c', 'a b c'],
    ['\u001b[31mred\u0007', '[31mred'],
    ['a\u0085b', 'a b'],
    ['  plain  ', 'plain'],
    ['é 🦄', 'é 🦄'],
  ])('oneLine makes one line of %j', (text, line) => {
    expect(oneLine(text)).toBe(line);
  });

  it.each([
    [1000, 'x'.repeat(1000)],
    [1001, `${'x'.repeat(999)}…`],
  ])('oneLine keeps to 1000 characters: %d', (length, line) => {
    expect(oneLine('x'.repeat(length))).toBe(line);
  });

  it.each([
    [0, '0 votes'],
    [1, '1 vote'],
    [2, '2 votes'],
  ])('count %d', (n, text) => {
    expect(count(n, 'vote')).toBe(text);
  });

  it.each([
    [-1, '0 s'],
    [0, '0 s'],
    [89_499, '89 s'],
    [89_500, '2 min'],
    [59 * 60_000, '59 min'],
    [59.5 * 60_000, '1 h'],
    [90 * 60_000, '1 h 30 min'],
    [23 * 3_600_000, '23 h'],
    [24 * 3_600_000, '1 d'],
    [25 * 3_600_000, '1 d 1 h'],
  ])('duration of %d ms is %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });

  it('instant is to the minute, in UTC', () => {
    expect(instant(new Date('2026-11-23T08:30:59+01:00'))).toBe('2026-11-23 07:30 UTC');
  });
});

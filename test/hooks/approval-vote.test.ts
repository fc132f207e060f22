import { describe, expect, it } from 'vitest';
import { parseBallot } from '../../hooks/approval/vote.ts';

describe('words', () => {
  it.each([
    ...['accept', 'accepted', 'approve', 'approved', 'yes', 'y', 'ok'].map((word) => [word, 'accept']),
    ...['decline', 'declined', 'reject', 'rejected', 'deny', 'denied', 'no', 'n'].map((word) => [word, 'decline']),
    ['pending', 'pending'],
    ['ACCEPT', 'accept'],
    ['DeClInE', 'decline'],
    [' Accept\n', 'accept'],
    ['\t no \r\n', 'decline'],
    ['\uFEFFyes', 'accept'],
  ])('%j is %s', (value, decision) => {
    expect(parseBallot(value)).toEqual({ decision });
  });

  it.each([
    '',
    ' ',
    'maybe',
    'accept!',
    'acceptance',
    'not accept',
    'no way',
    'accept decline',
    'accept because it works',
    'true',
    '1',
    '"accept"',
    "'accept'",
    '["accept"]',
    'a\u0441cept',
    'ａｃｃｅｐｔ',
    'acc\u00ADept',
    'accept\u200B',
    'accept;decline',
    'pendingaccept',
  ])('%j is no vote', (value) => {
    expect(parseBallot(value)).toEqual({ decision: 'unknown' });
  });
});

describe('reason after a colon', () => {
  it.each([
    ['accept: looks good', 'accept', 'looks good'],
    ['NO:login is broken', 'decline', 'login is broken'],
    ['decline :  two  spaces ', 'decline', 'two  spaces'],
    ['decline: see https://example.com/a:b', 'decline', 'see https://example.com/a:b'],
    ['decline: accept', 'decline', 'accept'],
    ['accept: {"decision":"decline"}', 'accept', '{"decision":"decline"}'],
    ['decline:\nline one\nline two', 'decline', 'line one\nline two'],
  ])('%j', (value, decision, reason) => {
    expect(parseBallot(value)).toEqual({ decision, reason });
  });

  it.each(['decline:', 'decline: ', 'decline :\n'])('%j has none', (value) => {
    expect(parseBallot(value)).toEqual({ decision: 'decline' });
  });

  it.each([
    [': accept', 'accept'],
    ['because: accept', 'accept'],
    ['accept it: yes', 'yes'],
  ])('%j is no vote, and what follows the colon is not the word', (value, reason) => {
    expect(parseBallot(value)).toEqual({ decision: 'unknown', reason });
  });
});

describe('JSON form', () => {
  it.each([
    ['{"decision":"accept"}', { decision: 'accept' }],
    [' {"decision":" Reject ","reason":"x"}\n', { decision: 'decline', reason: 'x' }],
    ['{"decision":"pending"}', { decision: 'pending' }],
    ['{"decision":"yes","revision":"22","deployment":"d"}', { decision: 'accept', revision: '22', deployment: 'd' }],
    ['{"decision":"accept","ticket":"OPS-1"}', { decision: 'accept' }],
    // The word must be the whole of `decision`: a reason has its own field.
    ['{"decision":"accept: x"}', { decision: 'unknown' }],
  ])('%s', (value, ballot) => {
    expect(parseBallot(value)).toEqual(ballot);
  });

  it.each([
    '{}',
    '{',
    '{"decision":true}',
    '{"decision":["accept"]}',
    '{"Decision":"accept"}',
    '{"decision":"accept","reason":5}',
    '{"decision":"accept","revision":2222222222222222222}',
    '{"decision":"accept"}, {"decision":"decline"}',
    "{'decision':'accept'}",
  ])('%s is no vote', (value) => {
    expect(parseBallot(value)).toEqual({ decision: 'unknown' });
  });
});

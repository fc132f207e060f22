import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { at, DEPLOYMENT_ID, ofDeployment, rollback } from '../../library/testing/events.ts';
import { StateError } from '../../shared/errors.ts';
import { parseEvent } from '../../shared/event.ts';
import { type Memory, parseState, recall, remember, stepOf } from '../../shared/memory.ts';
import type { HookStage } from '../../shared/stages.ts';

const NOW = new Date('2026-03-05T16:00:00.000Z');
const EARLIER = NOW.getTime() - 600_000;
const deployment = parseEvent(at('POST_TEST_TRAFFIC_SHIFT'));
const FRESH: Memory = {
  v: 1,
  deployment: DEPLOYMENT_ID,
  step: 'POST_TEST_TRAFFIC_SHIFT',
  startedAt: NOW.getTime(),
  looks: 0,
  errors: 0,
};
const KEPT: Memory = { ...FRESH, startedAt: EARLIER, looks: 4, errors: 2, first: false, state: { seen: 3 } };

describe('stepOf', () => {
  it.each([
    ['POST_TEST_TRAFFIC_SHIFT', undefined, 'POST_TEST_TRAFFIC_SHIFT'],
    ['TEST_TRAFFIC_SHIFT', 100, 'TEST_TRAFFIC_SHIFT'],
    ['RECONCILE_SERVICE', 100, 'RECONCILE_SERVICE'],
    ['PRE_PRODUCTION_TRAFFIC_SHIFT', 0, 'PRE_PRODUCTION_TRAFFIC_SHIFT-0'],
    ['PRE_PRODUCTION_TRAFFIC_SHIFT', 12.5, 'PRE_PRODUCTION_TRAFFIC_SHIFT-12.5'],
    ['PRODUCTION_TRAFFIC_SHIFT', 100, 'PRODUCTION_TRAFFIC_SHIFT-100'],
    ['PRODUCTION_TRAFFIC_SHIFT', {}, 'PRODUCTION_TRAFFIC_SHIFT'],
    ['PRODUCTION_TRAFFIC_SHIFT', 0, 'PRODUCTION_TRAFFIC_SHIFT-rollback'],
    ['TEST_TRAFFIC_SHIFT', 0, 'TEST_TRAFFIC_SHIFT-rollback'],
  ] as const)('at %s with weight %j is %s', (stage, weights, step) => {
    expect(stepOf(parseEvent(at(stage, weights)))).toBe(step);
  });
});

describe('recall', () => {
  it('begins anew when there is nothing to recall', () => {
    expect(recall({}, deployment, NOW)).toStrictEqual(FRESH);
    expect(recall({ threshold: 5 }, deployment, NOW)).toStrictEqual(FRESH);
  });

  it.each([
    ['a string', JSON.stringify(KEPT)],
    ['an object, should ECS unpack it', KEPT],
  ])('reads the memory from %s', (_, _state) => {
    expect(recall({ _state }, deployment, NOW)).toStrictEqual(KEPT);
  });

  it('does not use the memory of another deployment', () => {
    const other = parseEvent(ofDeployment(at('POST_TEST_TRAFFIC_SHIFT'), 'mN5wR8qJ1cVf6XsK3gTdB'));
    expect(recall({ _state: JSON.stringify(KEPT) }, other, NOW)).toStrictEqual({
      ...FRESH,
      deployment: 'mN5wR8qJ1cVf6XsK3gTdB',
    });
  });

  const PRE = 'PRE_PRODUCTION_TRAFFIC_SHIFT';
  it.each<[string, HookStage, number | Record<string, number>, boolean]>([
    [`${PRE}-12.5`, PRE, 12.5, true],
    [`${PRE}-12.5`, PRE, 25, false],
    [`${PRE}-1`, PRE, 12.5, false],
    [`${PRE}-12.5`, 'PRODUCTION_TRAFFIC_SHIFT', 12.5, false],
    ['POST_SCALE_UP', 'POST_TEST_TRAFFIC_SHIFT', {}, false],
    // Without weights in the event the step is not known yet: any step of this stage counts on.
    [`${PRE}-12.5`, PRE, {}, true],
    [PRE, PRE, {}, true],
    ['PRODUCTION_TRAFFIC_SHIFT-12.5', PRE, {}, false],
    // The way back is a step of its own.
    ['PRODUCTION_TRAFFIC_SHIFT-100', 'PRODUCTION_TRAFFIC_SHIFT', 0, false],
    ['TEST_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT', 0, false],
    ['TEST_TRAFFIC_SHIFT-rollback', 'TEST_TRAFFIC_SHIFT', 0, true],
  ])('of %s at %s with weight %j: %s', (step, stage, weights, isUsed) => {
    const memory = recall({ _state: JSON.stringify({ ...KEPT, step }) }, parseEvent(at(stage, weights)), NOW);
    expect(memory.looks).toBe(isUsed ? 4 : 0);
    expect(memory.startedAt).toBe(isUsed ? EARLIER : NOW.getTime());
    expect('state' in memory).toBe(isUsed);
  });

  it('never lets it have begun in the future', () => {
    const _state = JSON.stringify({ ...KEPT, startedAt: NOW.getTime() + 3_600_000 });
    expect(recall({ _state }, deployment, NOW)).toEqual({ ...KEPT, startedAt: NOW.getTime() });
  });

  const DAMAGED: [string, unknown, RegExp][] = [
    ['null', null, /^Damaged state: hookDetails\._state is not a JSON object$/],
    ['a number', 7, /is not a JSON object$/],
    ['an empty string', '', /is not a JSON object$/],
    ['a list', '[]', /is not a JSON object$/],
    ['a cut text', JSON.stringify(KEPT).slice(0, -1), /is not a JSON object$/],
    ['an empty object', '{}', /hookDetails\._state\.v must be 1.*hookDetails\._state\.deployment is missing/],
    ['another version', { ...KEPT, v: 2 }, /_state\.v must be 1, not 2/],
    ['a count below 0', { ...KEPT, errors: -1 }, /_state\.errors must be at least 0, not -1/],
    ['a broken count', { ...KEPT, looks: 1.5 }, /_state\.looks must be of type int, not 1\.5/],
    ['a time as text', { ...KEPT, startedAt: 'now' }, /_state\.startedAt must be of type (int|number), not "now"/],
    ['a claim to be the first deployment', { ...KEPT, first: true }, /_state\.first must be false, not true/],
    ['a key of nobody', { ...KEPT, approved: true }, /_state\.approved is not a known key/],
  ];
  it.each(DAMAGED)('refuses %s', (_, _state, message) => {
    expect(() => recall({ _state }, deployment, NOW)).toThrow(StateError);
    expect(() => recall({ _state }, deployment, NOW)).toThrow(message);
  });

  it('refuses a damaged memory of another deployment too: it cannot be told whose it is', () => {
    const other = parseEvent(ofDeployment(rollback(), 'mN5wR8qJ1cVf6XsK3gTdB'));
    expect(() => recall({ _state: '{}' }, other, NOW)).toThrow(StateError);
  });
});

describe('remember', () => {
  it('puts the memory into the received hookDetails as one string, and leaves them as they are', () => {
    const details = { threshold: 5, deep: { list: [1] }, _state: 'old' };
    const remembered = remember(details, KEPT);
    expect(remembered).toEqual({ ...details, _state: JSON.stringify(KEPT) });
    expect(details._state).toBe('old');
    expect(recall(remembered, deployment, NOW)).toEqual(KEPT);
  });
});

describe('parseState', () => {
  const State = z.strictObject({ seen: z.int() });
  it('gives what the schema says, and undefined at the first look', () => {
    expect(parseState(State, KEPT)).toEqual({ seen: 3 });
    expect(parseState(State, FRESH)).toBeUndefined();
  });

  it.each([
    [null, /hookDetails\._state\.state must be of type object, not null/],
    [{}, /hookDetails\._state\.state\.seen is missing/],
    [{ seen: '3' }, /hookDetails\._state\.state\.seen must be of type (int|number), not "3"/],
    [{ seen: 3, more: 1 }, /hookDetails\._state\.state\.more is not a known key/],
  ])('refuses %j', (state, message) => {
    expect(() => parseState(State, { ...FRESH, state })).toThrow(StateError);
    expect(() => parseState(State, { ...FRESH, state })).toThrow(message);
  });
});

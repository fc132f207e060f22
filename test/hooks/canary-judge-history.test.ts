/** Counts of a run whose baseline is the hour before. */
import { describe, expect, it } from 'vitest';
import { type CountMetric, MINUTE } from '../../hooks/canary/judge/input.ts';
import { constant, errors, halfHour, START, series, verdictOf, WILD, wild } from './canary-judge-world.ts';

describe('against the hour before', () => {
  const calm = { requests: series(constant(1000, 60), -60), events: series(constant(5, 60), -60) };
  const of = (x: number, history: NonNullable<CountMetric['history']> = calm, requests = 10_000): CountMetric =>
    errors([x, requests], [0, 0], 10, { compare: 'history', history });

  it('every look has its part of both', () => {
    const steady = errors([150, 30_000], [0, 0], 30, { compare: 'history', history: calm });
    for (const [minute, minutes] of [
      [10, 20],
      [20, 40],
      [30, 60],
    ] as const)
      expect(verdictOf(steady, halfHour(minute))).toMatchObject({
        canary: { minutes: minute, requests: minute * 1000, events: minute * 5 },
        baseline: { minutes, requests: minutes * 1000, events: minutes * 5 },
      });
  });

  it('is as careful with as many requests on both sides', () => {
    const history = { requests: series(constant(1000, 10), -10), events: series(constant(5, 10), -10) };
    expect([50, 51, 150].map((x) => verdictOf(of(x, history)).verdict)).toEqual(['pass', 'pass', 'fail']);
    expect(verdictOf(of(50, history)).effect?.value).toBeCloseTo(1, 9);
  });

  it('takes only what was before the run, in order of time, however the points come', () => {
    const late = wild(75, -60);
    const first = verdictOf(of(150, late));
    expect(first.baseline).toMatchObject({ minutes: 60, requests: 360_000, events: 1200 });
    const turned = {
      requests: { ...late.requests, points: [...late.requests.points].reverse() },
      events: { ...late.events, points: [...late.events.points].reverse() },
    };
    const rising = (history: NonNullable<CountMetric['history']>) =>
      verdictOf(errors([45, 30_000], [0, 0], 30, { compare: 'history', history }), halfHour(10));
    const slope = series(
      Array.from({ length: 60 }, (_, minute) => minute),
      -60,
    );
    const up = { requests: calm.requests, events: slope };
    const down = { ...up, requests: { ...calm.requests, points: [...calm.requests.points].reverse() } };
    expect(verdictOf(of(150, turned))).toEqual(first);
    expect(rising(down)).toEqual(rising(up));
    expect(rising(up).baseline.events).toBe(190);
  });

  it('leaves out minutes whose events are no number, or requests', () => {
    const events = [Number.NaN, -1, ...constant(5, 58)];
    const requests = series([1000, 1000, Number.NaN, 0, ...constant(1000, 56)], -60);
    const late = { ...calm, requests: { ...requests, points: requests.points } };
    const half = series(events, -60).points.map(({ at, value }) => ({ at: at + MINUTE / 2, value }));
    const { baseline } = verdictOf(of(50, { ...late, events: { status: 'Complete', points: half } }));
    expect(baseline).toMatchObject({ minutes: 56, requests: 56_000, events: 280 });
  });

  it('knows how much it wobbled at the first look as at the last', () => {
    const events = [...constant(5, 30), ...Array.from({ length: 30 }, (_, minute) => WILD[minute % 5] ?? 0)];
    const history = { requests: calm.requests, events: series(events, -60) };
    const metric = errors([150, 30_000], [0, 0], 30, { compare: 'history', history });
    const [first, last] = [10, 30].map((minute) => verdictOf(metric, halfHour(minute)).test?.dispersion ?? 0);
    expect(first).toBeGreaterThan(0.1);
    expect(first).toBe(last);
  });

  it('a look between which either side, or both, had nothing is one more look', () => {
    const few = { requests: series(constant(6000, 5), -5), events: series(WILD, -5) };
    const plan = { from: START, minutes: 30, everyMinutes: 2 };
    const of = (x: number, without: (minute: number) => boolean, history = few): CountMetric => ({
      ...errors([0, 0], [0, 0], 30, { compare: 'history', history, limits: { tolerance: 1 } }),
      canary: {
        requests: series(Array.from({ length: 30 }, (_, minute) => (without(minute) ? null : 1000))),
        events: series(constant(x, 30)),
      },
    });
    const more = { plan, now: START + 33 * MINUTE };
    const calmly = { requests: few.requests, events: series(constant(20, 5), -5) };
    for (const without of [
      () => false,
      (minute: number) => minute >= 12 && minute < 24,
      (minute: number) => minute >= 8 && minute < 10,
    ])
      for (const history of [few, calmly]) {
        expect(verdictOf(of(400, without, history), more).verdict).toBe('fail');
        expect(verdictOf(of(3, without, history), more).test?.p).toBeGreaterThan(0.05);
      }
  });
});

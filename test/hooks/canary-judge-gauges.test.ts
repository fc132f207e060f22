/** Gauges at their exact bounds, as ratios and as differences, over several looks and against the hour before. */
import { describe, expect, it } from 'vitest';
import {
  type Direction,
  type GaugeLimits,
  type GaugeMetric,
  type JudgeInput,
  MINUTE,
} from '../../hooks/canary/judge/input.ts';
import { AROUND_100, constant, latency, START, series, verdictOf } from './canary-judge-world.ts';

const LEVEL = [...AROUND_100].reverse();
const times = (values: readonly number[], factor: number) => values.map((value) => value * factor);
/** The logarithm of the ratio scatters by about a third. */
const NOISY = [140, 75, 120, 66, 150, 80, 105, 125, 70, 95];
/** Can be 0, with a median of 64: compared by differences. */
const DEPTH = [0, 64, 64, 32, 96, 64, 128, 64, 16, 80];
const plus = (values: readonly number[], more: number) => values.map((value) => value + more);
/** Minutes are repeated, a run of so many. */
const cycle = (values: readonly number[], minutes: number, factor = 1) =>
  Array.from({ length: minutes }, (_, minute) => (values[minute % values.length] ?? 0) * factor);
const looks = (minutes: number, everyMinutes: number, more: Partial<JudgeInput> = {}): Partial<JudgeInput> => ({
  plan: { from: START, minutes, everyMinutes },
  now: START + (minutes + 3) * MINUTE,
  ...more,
});
/** From a table of Student's quantiles: of 97.5 % and of 99 %; of the normal law at 80 %. */
const STUDENT = { 5: [2.5706, 3.3649], 9: [2.2622, 2.8214], 10: [2.2281, 2.7638] } as const;
const POWER = 0.8416;

describe('a gauge is worse', () => {
  const depth = (more: number, limits: Partial<GaugeLimits>, direction: Direction = 'increase') =>
    verdictOf(latency(plus(DEPTH, more), DEPTH, { direction, limits: { tolerance: 1e6, ...limits } })).verdict;

  it.each([
    // 16 more than a median of 64, in whole numbers.
    ['ratio', 1.25, 1.251],
    ['difference', 16, 16.001],
  ] as const)('at its %s, and not below', (limit, at, beyond) => {
    expect([at, beyond].map((value) => depth(16, { [limit]: value }))).toEqual(['fail', 'pass']);
    expect([at, beyond].map((value) => depth(-16, { [limit]: value }, 'decrease'))).toEqual(['fail', 'pass']);
  });

  it('by the ratio to the baseline’s middle, also where that is less than 1', () => {
    const small = times(DEPTH, 1 / 1024);
    const of = (more: number) => verdictOf(latency(plus(small, more / 1024), small, { limits: { tolerance: 1e6 } }));
    expect([of(16), of(4)].map(({ verdict }) => verdict)).toEqual(['fail', 'pass']);
  });

  it('by its difference, where ratios are compared', () => {
    const of = (difference: number) => verdictOf(latency(times(LEVEL, 1.3), AROUND_100, { limits: { difference } }));
    expect([of(25), of(35)].map(({ verdict }) => verdict)).toEqual(['fail', 'pass']);
    expect(of(35).sentence).toMatch(/too small to matter$/);
  });

  it('not where as much comes by chance', () => {
    const result = verdictOf(latency(times(NOISY, 1.3), times([...NOISY].reverse(), 1), { limits: { ratio: 1.05 } }));
    expect(result.effect?.value).toBeGreaterThan(1.05);
    expect(result).toMatchObject({ verdict: 'inconclusive', test: { crossedAt: null } });
    expect(result.sentence).not.toContain('too small');
  });

  it('at half of α each way where either way is', () => {
    const of = (direction: Direction) => verdictOf(latency(NOISY, AROUND_100, { direction }));
    expect(of('increase').test?.threshold).toBeCloseTo(0.01, 6);
    expect(of('either').test?.threshold).toBeCloseTo(0.005, 6);
    expect(of('either').detectable?.value).toBeGreaterThan(of('increase').detectable?.value ?? 9);
  });

  it('with no way nearer than the other, the increase is shown', () => {
    const swapped = AROUND_100.map((_, minute) => AROUND_100[minute ^ 1] ?? 0);
    expect(verdictOf(latency(swapped, AROUND_100, { direction: 'either' })).test?.direction).toBe('increase');
  });
});

describe('what a gauge could have seen', () => {
  it.each(['increase', 'decrease'] as const)('follows from the width of the interval: an %s', (direction) => {
    for (const minutes of [6, 10] as const) {
      const [interval, level] = STUDENT[minutes === 6 ? 5 : 9];
      const more = { plan: { from: START, minutes }, now: START + (minutes + 3) * MINUTE };
      const metric = latency(cycle(NOISY, minutes), cycle(AROUND_100, minutes), { direction });
      const { effect, detectable } = verdictOf(metric, more);
      const width = Math.log((effect?.upper ?? 0) / (effect?.lower ?? 1));
      const found = (width / 2 / interval) * (level + POWER);
      expect(Math.log(detectable?.value ?? 0)).toBeCloseTo(direction === 'increase' ? found : -found, 4);
    }
  });

  it('against the hour before, too', () => {
    const history = { values: series(cycle(AROUND_100, 6), -6) };
    const metric = latency(cycle(NOISY, 6), [], { compare: 'history', history });
    const { effect, detectable } = verdictOf(metric, { plan: { from: START, minutes: 6 }, now: START + 9 * MINUTE });
    const [interval, level] = STUDENT[10];
    const width = Math.log((effect?.upper ?? 0) / (effect?.lower ?? 1));
    expect(Math.log(detectable?.value ?? 0)).toBeCloseTo((width / 2 / interval) * (level + POWER), 4);
  });

  it('is no less than what would matter', () => {
    const seen = (direction: Direction) => verdictOf(latency(AROUND_100, AROUND_100, { direction })).detectable?.value;
    expect(seen('increase')).toBe(1.1);
    const any = verdictOf(latency(AROUND_100, AROUND_100, { limits: { ratio: 1 } }));
    expect(any.sentence).toMatch(/could have seen ≥a ratio of 1$/);
    const sharp = verdictOf(latency(times(LEVEL, 1.001), AROUND_100, { direction: 'decrease' }));
    expect(sharp.detectable?.value).toBeCloseTo(1 / 1.1, 9);
    expect(sharp.sentence).toContain('could have seen ≤a ratio of 0.909');
  });

  it('as a difference has the sign and the size of what would matter, or of what chance hides', () => {
    const jitter = plus(DEPTH, 1).map((value, minute) => value + ((minute * 3) % 5) / 64);
    const of = (limits: Partial<GaugeLimits>, direction: Direction = 'increase') =>
      verdictOf(latency(jitter, DEPTH, { limits, direction, unit: 'messages' }));
    expect(of({ ratio: 1.25 }).detectable?.value).toBe(16);
    expect(of({ ratio: 1.25 }, 'decrease').detectable?.value).toBe(-16);
    expect(of({ ratio: 1.25, difference: 20 }).detectable?.value).toBe(20);
    expect(of({ ratio: 1.25 }).sentence).toContain('could have seen a difference of ≥16 messages');
    expect(of({ ratio: 1.25 }, 'decrease').sentence).toContain('could have seen a difference of ≤-16 messages');
    expect(of({ ratio: 1.25 }).sentence).toMatch(/difference 1\.\d+ messages \[1\.\d+ messages, 1\.\d+ messages\]/);
    const { effect, detectable } = of({ ratio: 1 });
    const [interval, level] = STUDENT[9];
    const found = (((effect?.upper ?? 0) - (effect?.lower ?? 0)) / 2 / interval) * (level + POWER);
    expect(detectable?.value).toBeCloseTo(found, 4);
  });

  it('is nothing where so few minutes bound nothing', () => {
    const more = { plan: { from: START, minutes: 5 }, now: START + 8 * MINUTE };
    for (const direction of ['increase', 'decrease'] as const) {
      const result = verdictOf(latency(LEVEL.slice(0, 5), AROUND_100.slice(0, 5), { direction }), more);
      expect(result).toMatchObject({ verdict: 'inconclusive', detectable: null, effect: { lower: null, upper: null } });
      expect(result.sentence).toMatch(/ratio [\d.]+ \[0, ∞\], .*could not have seen any effect/);
    }
    const difference = verdictOf(latency(plus(DEPTH, 16).slice(0, 5), DEPTH.slice(0, 5)), more);
    expect(difference.sentence).toContain('difference 16 ms [-∞, ∞]');
  });

  it('is nothing at a look that may spend nothing', () => {
    const metric = latency(LEVEL, AROUND_100, { direction: 'decrease' });
    const settings = { spending: 'obrien-fleming', warmUpMinutes: 0 } as const;
    const result = verdictOf(metric, { ...looks(240, 10), now: START + 13 * MINUTE, settings });
    expect(result).toMatchObject({ detectable: null, test: { threshold: 0 } });
    expect(result.sentence).toContain('where none could be significant (look 1 of 24)');
  });

  it('passes up to the tolerance, itself included', () => {
    const of = (tolerance: number) =>
      verdictOf(latency(AROUND_100, AROUND_100, { limits: { ratio: 1.2, tolerance } })).verdict;
    expect([of(1.2), of(1.199)]).toEqual(['pass', 'inconclusive']);
    // Of differences, 16 of 64 are a quarter.
    const depth = (tolerance: number) =>
      verdictOf(latency(plus(DEPTH, 1 / 64).toSpliced(1, 1, 64), DEPTH, { limits: { ratio: 1.25, tolerance } }))
        .verdict;
    expect([depth(1.25), depth(1.249)]).toEqual(['pass', 'inconclusive']);
  });
});

describe('a gauge needs', () => {
  it('as many minutes on both sides, and no more', () => {
    const nine = [...times(LEVEL, 1.3).slice(0, 9), null];
    const of = (minMinutes: number) => verdictOf(latency(nine, AROUND_100), { settings: { minMinutes } });
    expect(of(9).verdict).toBe('fail');
    expect(of(10)).toMatchObject({ verdict: 'inconclusive', cause: 'too-little' });
    expect(of(10).sentence).toContain('have 9 minutes in common, of 10 that are needed');
    const history = { values: series(AROUND_100.slice(0, 4), -4) };
    const past = verdictOf(latency(times(LEVEL, 1.3), [], { compare: 'history', history }));
    expect(past).toMatchObject({ verdict: 'inconclusive', cause: 'too-little' });
    expect(past.sentence).toContain('canary or baseline has 4 minutes, of 5 that are needed');
  });

  it('a percentile below the hundredth, and a SampleCount that says something', () => {
    const of = (statistic: string, samples: readonly number[]) =>
      verdictOf(
        latency([], [], {
          statistic,
          canary: { values: series(LEVEL), samples: series(samples) },
          baseline: { values: series(AROUND_100), samples: series(constant(1e6, 10)) },
        }),
      );
    expect(of('p100', constant(1e6, 10))).toMatchObject({ verdict: 'error', cause: 'unread' });
    expect(of('p90', [])).toMatchObject({ verdict: 'inconclusive', cause: 'too-little' });
  });
});

describe('the looks at a gauge', () => {
  it('each see up to their own minute, and the first that finds is the one', () => {
    const worse = (factors: readonly number[]) =>
      verdictOf(
        latency(
          factors.flatMap((factor) => times(LEVEL, factor)),
          cycle(AROUND_100, 30),
        ),
        looks(30, 10),
      );
    expect(worse([1.3, 1.3, 1.3]).test?.crossedAt).toBe(1);
    expect(worse([1.3, 0.9, 0.9])).toMatchObject({ verdict: 'pass', test: { crossedAt: 1 } });
    expect(worse([1.3, 0.9, 0.9]).sentence).toContain('significant since look 1 (last of 3 looks)');
    expect(worse([1, 1.3, 1.3]).test?.crossedAt).toBeGreaterThan(1);
  });

  it('after the plan keep what its last look could have seen, but pass nothing that shows only then', () => {
    const of = (then: number, minute: number, direction: Direction = 'increase') =>
      verdictOf(
        latency([...cycle(LEVEL, 30), ...cycle(LEVEL, 20, then)], cycle(AROUND_100, 50), { direction }),
        looks(30, 10, { now: START + (minute + 3) * MINUTE }),
      );
    expect([30, 40, 50].map((minute) => of(1, minute).verdict)).toEqual(['pass', 'pass', 'pass']);
    expect([30, 50].map((minute) => of(1.5, minute).verdict)).toEqual(['pass', 'inconclusive']);
    expect([30, 50].map((minute) => of(0.6, minute, 'decrease').verdict)).toEqual(['pass', 'inconclusive']);
    expect([0.6, 1.5].map((then) => of(then, 50, 'either').verdict)).toEqual(['inconclusive', 'inconclusive']);
    expect([30, 50].map((minute) => of(0.6, minute).verdict)).toEqual(['pass', 'pass']);
    expect([30, 50].map((minute) => of(1.02, minute).verdict)).toEqual(['pass', 'pass']);
    // What is significant but small, or large but not significant, passes then as before.
    for (const metric of [
      latency(cycle(LEVEL, 50, 1.03), cycle(AROUND_100, 50)),
      latency(cycle(NOISY, 50, 1.16), cycle([...NOISY].reverse(), 50)),
    ])
      for (const minute of [30, 50])
        expect(verdictOf(metric, looks(30, 10, { now: START + (minute + 3) * MINUTE })).verdict).toBe('pass');
    const failed = verdictOf(
      latency(cycle(LEVEL, 50, 1.3), cycle(AROUND_100, 50)),
      looks(30, 10, { now: START + 53 * MINUTE }),
    );
    expect(failed.sentence).toContain('significant since look 1 (last of 3 looks)');
  });

  it('do not see the minute that begins with them', () => {
    // At a third of the run ten minutes could convince, and nine cannot.
    const result = verdictOf(latency(cycle(LEVEL, 27, 1.3), cycle(AROUND_100, 27)), looks(27, 9));
    expect(result.test?.crossedAt).toBe(2);
    expect(verdictOf(latency(cycle(LEVEL, 30, 1.3), cycle(AROUND_100, 30)), looks(30, 10)).test?.crossedAt).toBe(1);
  });
});

describe('a gauge against the hour before', () => {
  const past = (values: readonly number[], canary: readonly number[], more: Partial<GaugeMetric> = {}) =>
    latency(canary, [], { compare: 'history', history: { values: series(values, -values.length) }, ...more });

  it('has the shift of all pairs, and finds nothing where nothing is', () => {
    expect(verdictOf(past(cycle(AROUND_100, 60), times(LEVEL, 1.3))).effect?.value).toBeCloseTo(1.3, 2);
    for (const direction of ['increase', 'decrease'] as const) {
      const { test, verdict } = verdictOf(past(cycle(AROUND_100, 60), LEVEL, { direction }));
      expect(test?.p).toBeGreaterThan(0.3);
      expect(test).toMatchObject({ crossedAt: null, name: 'rank-sum' });
      expect(verdict).toBe('pass');
    }
  });

  it('must convince both tests, of which the one that allows for scatter is the more careful here', () => {
    const calm = Array.from({ length: 60 }, (_, minute) => 100 + (minute % 10) / 10);
    // Seven of ten are above all of the past, and three below.
    const scattered = [150, 155, 160, 165, 158, 152, 163, 60, 61, 62];
    expect(verdictOf(past(calm, scattered)).test?.p).toBeGreaterThan(0.05);
  });

  it('may be found by two minutes on one side', () => {
    const settings = { spending: 'power-1', warmUpMinutes: 0, minMinutes: 2 } as const;
    const first = verdictOf(past(cycle(AROUND_100, 30), cycle(LEVEL, 6, 1.3)), looks(6, 2, { settings }));
    expect(first.test?.crossedAt).toBe(1);
    const metric = past(AROUND_100.slice(0, 2), cycle(LEVEL, 28, 1.3));
    expect(verdictOf(metric, looks(28, 28, { settings })).verdict).toBe('fail');
  });

  it('leaves out what came with the run, and what is no number', () => {
    const values = [...cycle(AROUND_100, 29), Number.NaN, ...constant(1e6, 10)];
    const history = { values: series(values, -30) };
    const result = verdictOf(latency(LEVEL, [], { compare: 'history', history }));
    expect(result.baseline.minutes).toBe(29);
    expect(result.verdict).toBe('pass');
  });
});

/** Counts at their exact bounds, of rates that wobble, and in numbers beyond reckoning. */
import { describe, expect, it } from 'vitest';
import {
  type CountLimits,
  type CountMetric,
  type Direction,
  type JudgeInput,
  MINUTE,
} from '../../hooks/canary/judge/input.ts';
import { rateToReach } from '../../hooks/canary/statistics/detectable.ts';
import { lastingDispersion } from '../../hooks/canary/statistics/dispersion.ts';
import { rateRatioInterval } from '../../hooks/canary/statistics/rate-ratio.ts';
import { constant, errors, halfHour, START, series, verdictOf, WILD, wild } from './canary-judge-world.ts';

describe('a count is worse', () => {
  // Three times the rate, 1/32 more of the requests, all of it whole in binary.
  const eight: Partial<JudgeInput> = { plan: { from: START, minutes: 8 } };
  const judged = (limits: Partial<CountLimits>, direction: 'increase' | 'decrease' = 'increase') =>
    verdictOf(
      direction === 'increase'
        ? errors([48, 1024], [16, 1024], 8, { limits: { tolerance: 1, ...limits } })
        : errors([16, 1024], [48, 1024], 8, { direction, limits: { tolerance: 1, ...limits } }),
      eight,
    ).verdict;

  it.each([
    ['ratio', 3, 3.001],
    ['difference', 1 / 32, 1 / 32 + 1e-6],
    ['minEvents', 48, 49],
  ] as const)('at its %s, and not below', (limit, at, beyond) => {
    for (const direction of ['increase', 'decrease'] as const) {
      expect(judged({ [limit]: at }, direction)).toBe('fail');
      expect(judged({ [limit]: beyond }, direction)).not.toBe('fail');
    }
  });

  it('not where it fell significantly, but too little to matter', () => {
    const metric = errors([9000, 100_000], [90_000, 900_000], 10, { direction: 'decrease' });
    const result = verdictOf(metric);
    expect(result).toMatchObject({ verdict: 'pass', test: { crossedAt: 1 } });
    expect(result.sentence).toContain(', too small to matter');
    expect(verdictOf(errors([9990, 100_000], [90_000, 900_000], 10)).sentence).not.toContain('too small');
  });

  it('at half of α each way where either way is', () => {
    const threshold = (direction: Direction) =>
      verdictOf(errors([1000, 10_000], [9000, 90_000], 10, { direction })).test?.threshold ?? 0;
    expect(threshold('increase')).toBeGreaterThan(0.005);
    expect(threshold('either')).toBeLessThanOrEqual(0.005);
    expect(threshold('either')).toBeGreaterThan(0.004);
  });

  it('either way by the one that was found, or is nearer to it', () => {
    const either = { direction: 'either' } as const;
    const requests = series(constant(1000, 30));
    const of = (events: number[]) => ({ requests, events: series(events) });
    const burst = {
      ...errors([0, 0], [0, 0], 30, either),
      canary: of([...constant(10, 10), ...constant(2, 12), ...constant(3, 8)]),
      baseline: of(constant(5, 30)),
    };
    expect(verdictOf(burst, halfHour(30)).test).toMatchObject({ direction: 'increase', crossedAt: 1 });
    expect(verdictOf(errors([52, 1000], [450, 9000], 10, either)).test?.direction).toBe('increase');
    expect(verdictOf(errors([48, 1000], [450, 9000], 10, either)).test?.direction).toBe('decrease');
  });

  it('one way as the other: with the sides changed, fewer is as rare as more', () => {
    for (const [few, many] of [
      [0, 7],
      [3, 8],
      [5, 10],
      [6, 10],
      [10, 30],
    ] as const)
      for (const [n, m] of [
        [1000, 9000],
        [9000, 1000],
      ] as const) {
        const more = verdictOf(errors([many, n], [few, m], 10)).test;
        const fewer = verdictOf(errors([few, m], [many, n], 10, { direction: 'decrease' })).test;
        expect(fewer?.p).toBeCloseTo(more?.p ?? 0, 12);
        expect(fewer?.threshold).toBeCloseTo(more?.threshold ?? 0, 12);
      }
  });
});

describe('what a count could have seen', () => {
  it('comes in four of five runs to the first count that fails', () => {
    const failing = (x: number, y: number, direction: Direction) =>
      verdictOf(errors([x, 1000], [y, 9000], 10, { direction, limits: { ratio: 1, difference: 0 } }));
    const first = (y: number, direction: Direction) => {
      const away = Array.from({ length: 40 }, (_, i) => (direction === 'increase' ? 115 + i : 85 - i));
      return away.find((x) => failing(x, y, direction).verdict === 'fail') ?? Number.NaN;
    };
    for (let y = 900; y < 910; y += 1) {
      const seen = (direction: Direction) => failing(100, y, direction).detectable?.value;
      expect(seen('increase')).toBeCloseTo(rateToReach(first(y, 'increase'), 1000, 0.8), 9);
      expect(seen('decrease')).toBeCloseTo(1 - rateToReach(1000 - first(y, 'decrease'), 1000, 0.8), 9);
    }
  });

  it('is no less than what would matter', () => {
    const seen = (limits: Partial<CountLimits>, direction: Direction = 'increase') =>
      verdictOf(errors([5000, 1e6], [45_000, 9e6], 10, { limits, direction })).detectable?.value ?? 0;
    expect(seen({ ratio: 1.5 })).toBeCloseTo(0.0075, 3);
    expect(seen({ ratio: 1.5 })).toBeGreaterThan(0.0075);
    expect(seen({ difference: 0.01 })).toBeGreaterThan(0.015);
    expect(seen({ difference: 0.01 })).toBeLessThan(0.0155);
    expect(seen({ minEvents: 20_000 })).toBeGreaterThan(0.02);
    expect(seen({ ratio: 2 }, 'decrease')).toBeLessThan(0.0025);
    expect(seen({ ratio: 2 }, 'decrease')).toBeGreaterThan(0.0024);
  });

  it('is nothing where even none at all would not be too few', () => {
    const result = verdictOf(errors([1, 1000], [9, 9000], 10, { direction: 'decrease' }));
    expect(result).toMatchObject({ verdict: 'inconclusive', detectable: null });
    expect(result.sentence).toContain('could not have seen any effect');
  });

  it('passes up to the tolerance, itself included', () => {
    const tolerating = (tolerance: number) => verdictOf(errors([0, 300], [0, 2700], 10, { limits: { tolerance } }));
    const value = tolerating(1).detectable?.value ?? 0;
    expect([value, value - 1e-9].map((tolerance) => tolerating(tolerance).verdict)).toEqual(['pass', 'inconclusive']);
  });
});

describe('a count needs', () => {
  it('as many requests as it was asked for, and no more', () => {
    const of = (n: number) => verdictOf(errors([0, n], [0, 9000], 10, { limits: { minRequests: 1000 } }));
    expect([of(999), of(1000)].map(({ verdict }) => verdict)).toEqual(['inconclusive', 'pass']);
  });

  it('as many minutes on either side, and no more', () => {
    const of = (now: number, before: number) => {
      const history = { requests: series(constant(900, before), -before), events: series([]) };
      const plan = { from: START, minutes: now };
      const canary = errors([0, 100 * now], [0, 0], now, { compare: 'history', history });
      return verdictOf(canary, { plan, now: START + (now + 3) * MINUTE });
    };
    expect(of(5, 60).verdict).toBe('pass');
    expect(of(10, 5).verdict).toBe('pass');
    for (const result of [of(4, 60), of(10, 4)]) {
      expect(result).toMatchObject({ verdict: 'inconclusive', cause: 'too-little' });
      expect(result.sentence).toContain('have 4 minutes in common, of 5 that are needed');
    }
  });

  it('no more events than requests, on either side', () => {
    expect(verdictOf(errors([5, 1000], [9001, 9000], 10))).toMatchObject({ verdict: 'error', cause: 'unread' });
    expect(verdictOf(errors([1000, 1000], [9000, 9000], 10)).verdict).not.toBe('error');
  });

  it('no minute in which both had requests between every two looks', () => {
    const gap = (value: number) => series([...constant(value, 10), ...constant(null, 10), ...constant(value, 10)]);
    const of = (x: number): CountMetric => ({
      id: '5xx',
      kind: 'count',
      canary: { requests: gap(1000), events: series(constant(x, 30)) },
      baseline: wild(30, 0),
      limits: { tolerance: 1 },
    });
    expect(verdictOf(of(400), halfHour(30))).toMatchObject({ verdict: 'fail', canary: { minutes: 20 } });
    expect(verdictOf(of(3), halfHour(30)).test?.p).toBeGreaterThan(0.05);
    const calm: CountMetric = { ...of(3), baseline: { requests: gap(6000), events: series(constant(18, 30)) } };
    expect(verdictOf(calm, halfHour(30))).toMatchObject({ verdict: 'pass', test: { dispersion: 0 } });
    // What began in the gap is found at the look after it.
    const events = series([...constant(3, 20), ...constant(300, 10)]);
    const late: CountMetric = { ...calm, canary: { ...calm.canary, events } };
    expect(verdictOf(late, halfHour(30))).toMatchObject({ verdict: 'fail', test: { crossedAt: 3 } });
  });
});

describe('a rate that wobbles', () => {
  it('is seen on the baseline’s side of the run alone, where there is no hour before', () => {
    for (const minutes of [5, 9, 10, 12]) {
      const plain = errors([45, 6000], [0, 0], minutes, { baseline: wild(minutes, 0) });
      const more = { plan: { from: START, minutes }, now: START + (minutes + 3) * MINUTE };
      expect(verdictOf(plain, more).test?.dispersion).toBeGreaterThan(0.5);
    }
  });

  it('widens the interval by what the share of the events varies', () => {
    const minutes = WILD.map((events) => ({ events, requests: 6000 }));
    const past = Array.from({ length: 12 }, () => minutes).flat();
    const metric = errors([150, 30_000], [150, 60_000], 10, { history: wild(60) });
    const steady = Array.from({ length: 10 }, () => ({ events: 15, requests: 6000 }));
    const { value, error } = lastingDispersion([past, steady]);
    // Ten even minutes a side leave a tenth of it; given 300 events, the canary's share is beta-binomial.
    const share = 1 / 3;
    const spread = 1 + 2 * ((value + Math.min(value, error)) / 10) * share * (1 - share) * 299;
    const { lower, upper } = rateRatioInterval({ x: 150, n: 30_000, y: 150, m: 60_000 }, 0.05, spread);
    const { effect } = verdictOf(metric);
    expect(effect?.lower).toBeCloseTo(lower, 6);
    expect(effect?.upper).toBeCloseTo(upper, 6);
  });

  it('is allowed for the less, the longer it is known', () => {
    const width = (minutes: number) => {
      const { effect } = verdictOf(errors([150, 30_000], [150, 60_000], 10, { history: wild(minutes) }));
      return (effect?.upper ?? 0) / (effect?.lower ?? 1);
    };
    expect(width(240)).toBeLessThan(width(60));
  });
});

describe('of the level', () => {
  it('an early look may use its ninth, when there will be many events', () => {
    // A hundred or so by now, three times as many in the end.
    for (const [x, y] of [
      [9, 80],
      [10, 86],
      [15, 130],
    ] as const) {
      const { test } = verdictOf(errors([3 * x, 30_000], [3 * y, 270_000], 30), halfHour(10));
      expect(test?.threshold).toBeLessThanOrEqual(0.01 / 9);
      expect(test?.threshold).toBeGreaterThan(0.01 / 90);
    }
  });

  it('more is used where few events leave much of it unused', () => {
    for (const [x, y] of [
      [2, 8],
      [3, 12],
      [4, 16],
    ] as const) {
      const { test } = verdictOf(errors([x, 1000], [y, 9000], 10));
      expect(test?.threshold).toBeGreaterThan(0.011);
      expect(test?.threshold).toBeLessThan(0.02);
    }
  });
});

describe('more events than can be counted', () => {
  it('are taken two as one: no surer than half of them', () => {
    const history = (requests: number, events: readonly number[]) => ({
      requests: series(constant(requests, 60), -60),
      events: series(
        Array.from({ length: 60 }, (_, minute) => events[minute % 2] ?? 0),
        -60,
      ),
    });
    const whole = verdictOf(errors([300_000, 1e6], [700_000, 3e6], 10, { history: history(4000, [800, 1200]) }));
    const half = verdictOf(errors([150_000, 5e5], [350_000, 1.5e6], 10, { history: history(2000, [400, 600]) }));
    expect(whole.canary).toMatchObject({ events: 300_000, requests: 1e6 });
    expect(whole.test).toEqual(half.test);
    expect(whole.effect).toEqual(half.effect);
    expect(whole.test?.dispersion).toBeGreaterThan(0);
  });
});

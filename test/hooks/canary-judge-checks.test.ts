/** What the judge asks of the data before any statistics: walls, whole and fresh series, traffic, the minutes that count. */
import { describe, expect, it } from 'vitest';
import {
  type CountMetric,
  type GaugeMetric,
  type JudgeInput,
  type Metric,
  MINUTE,
  type Series,
} from '../../hooks/canary/judge/input.ts';
import { judge } from '../../hooks/canary/judge/judge.ts';
import { AROUND_100, constant, errors, latency, run, START, series, verdictOf } from './canary-judge-world.ts';

const LEVEL = [...AROUND_100].reverse();

describe('the wall of a rate', () => {
  const wall = { above: 0.05 };
  const errored = (events: number, requests = 100) => errors([events, requests], [45, 9000], 10, { wall });

  it.each([
    ['at the wall', errored(5), false],
    ['above it', errored(6), true],
    ['above it by too few events', errored(2, 20), false],
    ['above it by just enough events', errored(3, 20), true],
  ])('%s', (_, metric, hit) => {
    expect(verdictOf(metric).cause === 'wall').toBe(hit);
  });

  it.each(['events', 'requests'] as const)('is not hit by %s that are not complete', (part) => {
    const metric = errored(50);
    const partial: Series = { ...metric.canary[part], status: 'PartialData' };
    const result = verdictOf({ ...metric, canary: { ...metric.canary, [part]: partial } });
    expect(result).toMatchObject({ verdict: 'nodata', cause: 'partial' });
  });

  it('is not hit by events without requests', () => {
    const metric = errored(50);
    const requests = series(constant(0, 10));
    expect(verdictOf({ ...metric, canary: { ...metric.canary, requests } }).cause).not.toBe('wall');
  });

  it('is hit whatever the baseline does: missing, forbidden or in error', () => {
    const { id, kind, canary } = errored(50);
    const alone: CountMetric = { id, kind, canary, wall };
    const forbidden: Series = { status: 'Forbidden', points: [] };
    for (const metric of [
      { ...alone, error: 'there is no blue revision to compare with' },
      alone,
      { ...alone, baseline: { events: forbidden, requests: forbidden } },
      { ...alone, baseline: { events: series([]), requests: { ...series([]), status: 'InternalError' as const } } },
    ])
      expect(judge(run([metric], { settings: { onError: 'pass' } }))).toMatchObject({
        decision: 'fail',
        metrics: [{ cause: 'wall' }],
      });
  });
});

describe('the wall of a value', () => {
  const depth = (values: Series): GaugeMetric => ({
    ...latency([], [], { compare: 'none', wall: { above: 1 } }),
    canary: { values },
  });

  it('names the worst of the minutes in a row, not of those before a gap', () => {
    expect(verdictOf(depth(series([9, null, 5, 3]))).sentence).toBe(
      'FAIL latency: canary up to 5 ms is above the wall of 1 ms for 2 minutes',
    );
  });

  it('is not hit by a series that is not complete', () => {
    expect(verdictOf(depth(series(constant(9, 10), 0, 'PartialData')))).toMatchObject({ verdict: 'nodata' });
  });

  it('is hit in whatever order the points come', () => {
    const { points, ...rest } = series([0, 0, 5, 5, 0, 0, 0, 0, 0, 0]);
    expect(verdictOf(depth({ ...rest, points: [...points].reverse() })).verdict).toBe('fail');
  });

  it('does not see what was before the run', () => {
    expect(verdictOf(depth(series([9, 9, 9, 9, ...constant(0, 10)], -4))).verdict).toBe('pass');
  });
});

describe('behind a wall alone', () => {
  const alone = (minutes: number): Metric[] => [
    {
      id: '5xx',
      kind: 'count',
      canary: { events: series([]), requests: series(constant(100, minutes)) },
      compare: 'none',
      wall: { above: 0.05 },
    },
    latency(constant(0, minutes), [], { compare: 'none', wall: { above: 1 } }),
  ];

  it('five minutes are enough to pass, and four are not', () => {
    const plan = (minutes: number) => ({ plan: { from: START, minutes }, now: START + (minutes + 3) * MINUTE });
    for (const metric of alone(5)) expect(verdictOf(metric, plan(5))).toMatchObject({ verdict: 'pass', cause: 'wall' });
    for (const metric of alone(4)) {
      const result = verdictOf(metric, plan(4));
      expect(result).toMatchObject({ verdict: 'inconclusive', cause: 'too-little' });
      expect(result.sentence).toContain('canary has 4 minutes, of 5 that are needed');
    }
  });

  it('says nothing of the baseline, whose absence is no error', () => {
    for (const metric of alone(10)) expect(verdictOf(metric).verdict).toBe('pass');
  });
});

describe('the series', () => {
  it.each(['baseline', 'history'] as const)('of the %s must be there', (other) => {
    const compare = other === 'history' ? 'history' : 'concurrent';
    const gauge: GaugeMetric = {
      id: 'latency',
      kind: 'gauge',
      statistic: 'p99',
      compare,
      canary: { values: series(LEVEL), samples: series(constant(5000, 10)) },
    };
    expect(verdictOf(gauge)).toMatchObject({
      verdict: 'error',
      sentence: `ERROR latency: has no series for ${other}`,
    });
  });

  it.each([
    ['PartialData', 'nodata'],
    ['InternalError', 'error'],
  ] as const)('%s of the baseline’s events counts, though they may be absent', (status, verdict) => {
    const metric = errors([0, 1000], [0, 9000], 10);
    const requests = series(constant(900, 10));
    const result = verdictOf({ ...metric, baseline: { requests, events: series([], 0, status) } });
    expect(result.verdict).toBe(verdict);
    expect(result.sentence).toContain(`baseline events: CloudWatch answered ${status}`);
  });

  it('before the first look say nothing yet, and have no numbers', () => {
    expect(verdictOf(errors([0, 1000], [0, 9000], 10), { now: START + 5 * MINUTE })).toMatchObject({
      verdict: 'inconclusive',
      cause: 'too-little',
      sentence: 'INCONCLUSIVE 5xx: the first look is still to come',
      canary: { events: null, requests: null, value: null, minutes: 0 },
      baseline: { events: null, requests: null, value: null, minutes: 0 },
      effect: null,
      test: null,
      detectable: null,
    });
  });

  it('must be there in half of the minutes that could count, warm-ups left out', () => {
    const weights = [0, 10, 20].map((minute) => ({ at: START + minute * MINUTE, share: 0.1 }));
    const plan = { from: START, minutes: 30 };
    const more: Partial<JudgeInput> = { plan, weights, now: START + 33 * MINUTE, settings: { warmUpMinutes: 5 } };
    // Of each ten minutes the last five count: fifteen in all.
    const present = (minutes: readonly number[]) => {
      const values = Array.from({ length: 30 }, (_, minute) => (minutes.includes(minute) ? 1000 : null));
      const canary = { events: series([]), requests: series(values) };
      return verdictOf({ ...errors([0, 0], [0, 0], 30), canary }, more);
    };
    const metric = present([5, 6, 7, 15, 16, 28, 29]);
    expect(metric).toMatchObject({ verdict: 'nodata', cause: 'empty' });
    expect(metric.sentence).toBe('NODATA 5xx: canary requests: data in 7 of 15 minutes');
    expect(present([5, 6, 7, 15, 16, 17, 28, 29]).sentence).not.toContain('canary requests');
  });
});

describe('the traffic', () => {
  const metric = errors([5, 1000], [45, 9000], 10);
  const split = (canary: Series, baseline: Series, more: Partial<JudgeInput> = {}) =>
    judge(run([metric], { traffic: { canary, baseline }, weights: [{ at: START, share: 0.5 }], ...more }));

  it('counts only where there is a weight, and something to split', () => {
    const weights = [
      { at: START + 2 * MINUTE, share: 0.1 },
      { at: START + 4 * MINUTE, share: 0 },
      { at: START + 6 * MINUTE, share: 1 },
      { at: START + 8 * MINUTE, share: 0.1 },
    ];
    const canary = series([700, 700, 100, 100, 50, 50, 900, 900, 100, 100]);
    const baseline = series([300, 300, 900, 900, 950, 950, 100, 100, 900, 900]);
    const { sampleRatio } = split(canary, baseline, { weights });
    expect(sampleRatio).toMatchObject({ observed: 0.1, matches: true });
    expect(sampleRatio?.expected).toBeCloseTo(0.1, 12);
  });

  it('that nobody has counted contradicts nothing', () => {
    const judged = split(series([]), series([]));
    expect(judged).toMatchObject({ sampleRatio: null, decision: 'pass' });
  });

  it('may be off by chance, or by little: each bound is still a match', () => {
    const few = split(series(constant(1, 10)), series(constant(3, 10)));
    expect(few.sampleRatio).toMatchObject({ observed: 0.25, matches: true });
    const sampleRatioP = few.sampleRatio?.p ?? 0;
    const at = (more: number) =>
      split(series(constant(1, 10)), series(constant(3, 10)), { settings: { sampleRatioP: sampleRatioP * more } });
    expect([at(1), at(1.001)].map(({ sampleRatio }) => sampleRatio?.matches)).toEqual([true, false]);
    // Three eighths instead of a half are off by a quarter.
    const off = (sampleRatioOff: number) =>
      split(series(constant(300, 10)), series(constant(500, 10)), { settings: { sampleRatioOff } }).sampleRatio
        ?.matches;
    expect([off(0.25), off(0.249)]).toEqual([true, false]);
  });

  it('of now says nothing about a comparison with history', () => {
    const history = { requests: series(constant(900, 60), -60), events: series(constant(4, 60), -60) };
    const mismatch = [series(constant(10, 10)), series(constant(900, 10))] as const;
    const traffic = { canary: mismatch[0], baseline: mismatch[1] };
    const past: Metric = { ...metric, compare: 'history', history };
    const judged = judge(run([past], { traffic, weights: [{ at: START, share: 0.5 }] }));
    expect(judged).toMatchObject({ decision: 'pass', sampleRatio: { matches: false } });
  });
});

describe('the minutes that count', () => {
  it('begin after the warm-up, and so do the looks', () => {
    const judged = judge(
      run([errors([20, 4000], [180, 36_000], 40)], {
        now: START + 16 * MINUTE,
        plan: { from: START, minutes: 22, everyMinutes: 10 },
        settings: { warmUpMinutes: 2 },
      }),
    );
    expect(judged.window).toEqual({ from: START + 2 * MINUTE, to: START + 12 * MINUTE });
    expect(judged.look).toEqual({ number: 1, of: 2, final: false, next: START + 25 * MINUTE });
    expect(judged.metrics[0]?.canary.minutes).toBe(10);
  });

  it('are none before the run, and those in which both sides had requests', () => {
    const canary = { requests: series([...constant(500, 10), 0, 0, ...constant(100, 8)], -10), events: series([]) };
    const requests = series(constant(900, 20), -10);
    const zeroes = series(constant(0, 20), -10);
    expect(verdictOf({ ...errors([0, 0], [0, 0], 1), canary, baseline: { requests, events: zeroes } })).toMatchObject({
      canary: { minutes: 8, requests: 800 },
      baseline: { minutes: 8, requests: 7200, events: 0 },
    });
  });

  it('may be looked at every minute', () => {
    const plan = { from: START, minutes: 10, everyMinutes: 1 };
    expect(judge(run([errors([0, 1000], [0, 9000], 10)], { plan })).look.of).toBe(10);
  });
});

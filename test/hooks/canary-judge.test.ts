import { describe, expect, it } from 'vitest';
import { type Metric, MINUTE } from '../../hooks/canary/judge/input.ts';
import { judge } from '../../hooks/canary/judge/judge.ts';
import {
  AROUND_100,
  constant,
  errors,
  latency,
  run,
  START,
  series,
  spreadOver,
  verdictOf,
} from './canary-judge-world.ts';

const slower = (factor: number) => AROUND_100.map((value, i) => (factor * (value + (AROUND_100[9 - i] ?? 0))) / 2);

describe('a count', () => {
  it('fails with its numbers, effect, interval, p, threshold and smallest effect', () => {
    const result = verdictOf(errors([15, 1000], [45, 9000], 10, { title: 'HTTP 5xx', query: 'SUM(m1)' }));
    expect(result.sentence).toBe(
      'FAIL HTTP 5xx: canary 15/1000 (1.50 %) v baseline 45/9000 (0.50 %), rate ratio 3 [1.55, 5.48], p=6.4e-4 ≤ 0.0055 (last of 1 look), could have seen ≥1.47 %',
    );
    expect(result).toMatchObject({
      verdict: 'fail',
      judged: 'fail',
      cause: 'compared',
      canary: { events: 15, requests: 1000, value: 0.015, minutes: 10 },
      baseline: { events: 45, requests: 9000, value: 0.005, minutes: 10 },
      effect: { measure: 'rate ratio', value: 3, confidence: 0.95 },
      test: { name: 'conditional-count', direction: 'increase', crossedAt: 1 },
      query: 'SUM(m1)',
    });
  });

  it.each([
    ['alike', [5, 1000], [45, 9000], 'pass'],
    ['twice as many events', [9, 1000], [45, 9000], 'pass'],
    ['three times as many', [15, 1000], [45, 9000], 'fail'],
    ['significant, but not by the ratio', [1400, 100_000], [9000, 900_000], 'pass'],
    ['significant, but not by the difference', [40, 100_000], [90, 900_000], 'pass'],
    ['one event, none before', [1, 1000], [0, 9000], 'pass'],
    ['three events, none before', [3, 1000], [0, 9000], 'fail'],
    ['fewer events', [0, 1000], [90, 9000], 'pass'],
    ['every request an event', [1000, 1000], [45, 9000], 'fail'],
  ] as const)('%s: canary %j, baseline %j: %s', (_, [x, n], [y, m], verdict) => {
    expect(verdictOf(errors([x, n], [y, m], 10)).verdict).toBe(verdict);
  });

  it('of successes is worse when it falls', () => {
    const orders = (canary: number): Metric =>
      errors([canary, 1000], [900, 9000], 10, { direction: 'decrease', limits: { ratio: 1.2 } });
    expect(verdictOf(orders(60))).toMatchObject({ verdict: 'fail', test: { direction: 'decrease' } });
    expect(verdictOf(orders(130)).verdict).toBe('pass');
    const { detectable } = verdictOf(orders(95));
    expect(detectable?.value).toBeLessThan(0.1);
    expect(detectable?.value).toBeGreaterThan(0.05);
  });

  it('either way is worse where the operator says so, at half of α each', () => {
    const both = (canary: number): Metric =>
      errors([canary, 1000], [900, 9000], 10, { direction: 'either', limits: { ratio: 1.2 } });
    expect([50, 100, 160].map((canary) => verdictOf(both(canary)).verdict)).toEqual(['fail', 'pass', 'fail']);
    expect(verdictOf(both(50)).test?.direction).toBe('decrease');
  });

  it('does not take a rate that doubles on both sides, while the weight grows, for a bad canary', () => {
    // 2 % of one request in twenty at first, 4 % of every second one later: pooled, the canary looks far worse.
    const side = (first: number, then: number) => series([...constant(first, 10), ...constant(then, 10)]);
    const metric: Metric = {
      id: '5xx',
      kind: 'count',
      canary: { requests: side(50, 500), events: side(1, 20) },
      baseline: { requests: side(950, 500), events: side(19, 20) },
      limits: { tolerance: 0.2 },
    };
    const plan = { from: START, minutes: 20 };
    const result = verdictOf(metric, { now: START + 23 * MINUTE, plan });
    expect((result.canary.value ?? 0) / (result.baseline.value ?? 1)).toBeGreaterThan(1.4);
    expect(result.effect?.value).toBeCloseTo(1, 2);
    expect(result).toMatchObject({ verdict: 'pass', test: { crossedAt: null } });
  });

  it('allows for a rate that wobbles, as the hour before shows', () => {
    const wild = Array.from({ length: 60 }, (_, minute) => [2, 5, 80, 10, 3][minute % 5] ?? 0);
    const history = { requests: series(constant(6000, 60), -60), events: series(wild, -60) };
    const plain = errors([45, 6000], [200, 54_000], 10);
    expect(verdictOf(plain)).toMatchObject({ verdict: 'fail', test: { dispersion: 0 } });
    const allowed = verdictOf({ ...plain, history });
    expect(allowed.verdict).toBe('pass');
    expect(allowed.test?.dispersion).toBeGreaterThan(0.5);
    expect((allowed.effect?.upper ?? 0) - (allowed.effect?.lower ?? 0)).toBeGreaterThan(0.3);
  });

  it('is inconclusive where it could not have seen what must not be missed', () => {
    const result = verdictOf(errors([0, 60], [3, 540], 10));
    expect(result).toMatchObject({ verdict: 'inconclusive', cause: 'undetectable' });
    expect(result.detectable?.value).toBeGreaterThan(0.05);
    expect(result.sentence).toMatch(/too little to be sure$/);
    expect(verdictOf(errors([0, 60], [3, 540], 10, { limits: { tolerance: 0.2 } })).verdict).toBe('pass');
  });

  it('compares with the hour before where blue has no traffic any more', () => {
    const history = { requests: series(constant(1000, 60), -60), events: series(constant(5, 60), -60) };
    const canary = (x: number) => errors([x, 10_000], [0, 0], 10, { compare: 'history', history });
    expect(verdictOf(canary(50)).verdict).toBe('pass');
    const failed = verdictOf(canary(120));
    expect(failed).toMatchObject({ verdict: 'fail', baseline: { events: 300, requests: 60_000, minutes: 60 } });
  });
});

describe('a gauge', () => {
  it('fails with the shift of its paired minutes', () => {
    const result = verdictOf(latency(slower(1.3), AROUND_100));
    expect(result.sentence).toMatch(
      /^FAIL latency: canary 1\d\d(\.\d+)? ms \(median of 10 minutes\) v baseline 100\.\d+ ms \(median of 10 minutes\), ratio 1\.3 \[1\.\d+, 1\.\d+\], p=0\.0010 ≤ 0\.0100 \(last of 1 look\), could have seen ≥a ratio of 1\.1$/,
    );
    expect(result.test).toMatchObject({ name: 'signed-rank', p: 1 / 1024, crossedAt: 1 });
  });

  it.each([
    ['alike', 1, 'increase', 'pass'],
    ['slower by 5 %, which is significant but small', 1.05, 'increase', 'pass'],
    ['slower by 15 %', 1.15, 'increase', 'fail'],
    ['faster', 0.7, 'increase', 'pass'],
    ['fallen by 30 %', 0.7, 'decrease', 'fail'],
    ['fallen, either way being bad', 0.7, 'either', 'fail'],
  ] as const)('%s (×%d, %s): %s', (_, factor, direction, verdict) => {
    expect(verdictOf(latency(slower(factor), AROUND_100, { direction })).verdict).toBe(verdict);
  });

  it('a swing of both sides together hides nothing and fakes nothing', () => {
    const swing = AROUND_100.map((_, minute) => (minute % 2 === 0 ? 3 : 0.5));
    const both = (factor: number) =>
      latency(
        slower(factor).map((value, i) => value * (swing[i] ?? 1)),
        AROUND_100.map((value, i) => value * (swing[i] ?? 1)),
      );
    expect([1, 1.15].map((factor) => verdictOf(both(factor)).verdict)).toEqual(['pass', 'fail']);
  });

  it('is compared by differences where it can be 0', () => {
    const depth = [0, 3, 1, 0, 2, 4, 1, 0, 2, 3];
    const deeper = depth.map((value, i) => value + 40 + (i % 4));
    const result = verdictOf(latency(deeper, depth, { unit: 'messages', limits: { difference: 10 } }));
    expect(result).toMatchObject({ verdict: 'fail', effect: { measure: 'difference' } });
    expect(result.sentence).toContain('difference 41.5 messages');
    const relaxed = latency(deeper, depth, { limits: { difference: 100 } });
    expect(verdictOf(relaxed).verdict).not.toBe('fail');
  });

  it('against the hour before is compared without pairs, and must stand the test for unequal spread too', () => {
    const history = {
      values: series(
        Array.from({ length: 30 }, (_, i) => 95 + ((i * 7) % 11)),
        -30,
      ),
    };
    const against = (factor: number) => latency(slower(factor), [], { compare: 'history', history });
    expect(verdictOf(against(1.3))).toMatchObject({ verdict: 'fail', test: { name: 'rank-sum' } });
    expect(verdictOf(against(1)).verdict).toBe('pass');
  });

  it.each([
    ['p99', 900, 'inconclusive'],
    ['p99', 1000, 'pass'],
    ['p95', 199, 'inconclusive'],
    ['p95', 200, 'pass'],
    ['p90', 100, 'pass'],
    ['p99.9', 9999, 'inconclusive'],
    ['p50', 19, 'inconclusive'],
    ['Average', 3, 'pass'],
  ])('%s of %d requests a minute: %s', (statistic, requests, verdict) => {
    const samples = series(constant(requests, 10));
    const metric = latency([], [], {
      statistic,
      canary: { values: series(slower(1)), samples },
      baseline: { values: series(AROUND_100), samples: series(constant(100_000, 10)) },
    });
    const result = verdictOf(metric);
    expect(result.verdict).toBe(verdict);
    if (verdict === 'inconclusive')
      expect(result.sentence).toMatch(/too few requests a minute for p[\d.]+, which needs \d+/);
  });

  it('a percentile without SampleCount is an error, as is a statistic that is none', () => {
    expect(verdictOf(latency(slower(1), AROUND_100, { statistic: 'p99' }))).toMatchObject({
      verdict: 'error',
      cause: 'too-few-samples',
    });
    expect(verdictOf(latency(slower(1), AROUND_100, { statistic: 'p101' }))).toMatchObject({
      verdict: 'error',
      cause: 'unread',
    });
  });
});

describe('walls', () => {
  it('of a rate fail at once, before the first look, but not on two events', () => {
    const early = { now: START + 6 * MINUTE };
    const wall = { above: 0.05 };
    const hit = judge(run([errors([14, 100], [0, 900], 10, { wall })], early));
    expect(hit).toMatchObject({ decision: 'fail', look: { number: 0 } });
    expect(hit.metrics[0]?.sentence).toBe('FAIL 5xx: canary 4/30 (13.33 %) is above the wall of 5.00 %');
    expect(judge(run([errors([8, 100], [0, 900], 10, { wall })], early)).decision).toBe('wait');
  });

  it('of a value need two minutes in a row', () => {
    const hosts = (values: (number | null)[]): Metric =>
      latency(values, [], { id: 'UnHealthyHostCount', compare: 'none', wall: { above: 0 }, unit: '' });
    expect(verdictOf(hosts([0, 0, 1, 0, 1, 0, 0, 1, 0, 0])).verdict).toBe('pass');
    expect(verdictOf(hosts([0, 0, 1, 2, 0, 0, 0, 0, 0, 0]))).toMatchObject({ verdict: 'fail', cause: 'wall' });
    expect(verdictOf(hosts([0, 0, 1, null, 1, 0, 0, 0, 0, 0])).verdict).toBe('pass');
  });

  it('alone must be there', () => {
    expect(verdictOf(latency(AROUND_100, [], { compare: 'none' }))).toMatchObject({ verdict: 'error' });
  });
});

describe('looks', () => {
  const plan = { from: START, minutes: 30, everyMinutes: 10 };
  const steady = errors([30, 6000], [270, 54_000], 30);
  const at = (minute: number, more = {}) => judge(run([steady], { now: START + minute * MINUTE, plan, ...more }));

  it('come when their data are complete, and not between', () => {
    expect(at(12.9)).toMatchObject({
      decision: 'wait',
      verdict: 'running',
      look: { number: 0, of: 3, next: START + 13 * MINUTE },
    });
    expect(at(13)).toMatchObject({ decision: 'wait', look: { number: 1, final: false, next: START + 23 * MINUTE } });
    expect(at(22.9)).toEqual(at(13));
    expect(at(33)).toMatchObject({
      decision: 'pass',
      verdict: 'pass',
      look: { number: 3, of: 3, final: true, next: null },
    });
  });

  it('do not see what came after them', () => {
    const bursting = errors([30, 6000], [270, 54_000], 30);
    const later = {
      ...bursting,
      canary: { ...bursting.canary, events: series([...constant(1, 10), ...constant(150, 20)]) },
    };
    const seen = judge(run([later], { now: START + 22 * MINUTE, plan }));
    expect(seen.metrics[0]?.canary.minutes).toBe(10);
    expect(seen.decision).toBe('wait');
    expect(judge(run([later], { now: START + 23 * MINUTE, plan })).decision).toBe('fail');
  });

  it('ask more of p the earlier they are', () => {
    const thresholds = [13, 23, 33].map((minute) => at(minute).metrics[0]?.test?.threshold ?? 0);
    expect(thresholds[0]).toBeLessThan(0.0015);
    expect(thresholds[0]).toBeLessThan(thresholds[1] ?? 0);
    expect(thresholds[2]).toBeLessThanOrEqual(0.0125);
    expect(at(33).metrics[0]?.sentence).toContain('(last of 3 looks)');
  });

  it('that were missed are made up for: what they had found is found', () => {
    const early = errors([0, 6000], [270, 54_000], 30);
    const burst = {
      ...early,
      canary: { ...early.canary, events: series([...constant(12, 10), ...constant(null, 20)]) },
    };
    const late = judge(run([burst], { now: START + 33 * MINUTE, plan }));
    expect(late.metrics[0]?.test?.crossedAt).toBe(1);
    expect(late.decision).toBe('fail');
  });

  it('go on after the plan while the operator waits', () => {
    const quiet = errors([0, 60], [3, 540], 40);
    const over = judge(run([quiet], { now: START + 44 * MINUTE, plan }));
    expect(over).toMatchObject({ decision: 'wait', verdict: 'inconclusive', look: { number: 4, of: 3, final: true } });
  });

  it('drop the warm-up after each change of the weights, and minutes that hold two weights', () => {
    const weights = [
      { at: START, share: 0.1 },
      { at: START + 15.5 * MINUTE, share: 0.1 },
    ];
    const minutes = (warmUpMinutes: number) =>
      at(33, { weights, settings: { warmUpMinutes } }).metrics[0]?.canary.minutes;
    expect(minutes(0)).toBe(29);
    expect(minutes(2)).toBe(30 - 2 - 3);
  });

  it('a plan that cannot be is refused', () => {
    expect(() => judge(run([steady], { plan: { from: START, minutes: 0 } }))).toThrow('over before its warm-up');
    expect(() => judge(run([steady], { plan: { from: START, minutes: 9, everyMinutes: 0.5 } }))).toThrow(
      'a minute apart',
    );
    expect(() => judge(run([steady, steady]))).toThrow('two metrics are called 5xx');
    expect(() => judge(run([steady], { settings: { alpha: 0 } }))).toThrow('alpha must lie between 0 and 1');
  });
});

describe('the traffic', () => {
  const metric = errors([0, 1000], [0, 9000], 10);
  const split = (canary: number) => ({
    traffic: { canary: series(spreadOver(canary, 10)), baseline: series(spreadOver(10_000 - canary, 10)) },
    weights: [{ at: START, share: 0.1 }],
  });

  it.each([
    [1000, true],
    [850, true],
    [790, false],
    [1250, false],
  ])('%d of 10,000 requests at a weight of 10 %%: matches %s', (canary, matches) => {
    const judged = judge(run([metric], split(canary)));
    expect(judged.sampleRatio?.matches).toBe(matches);
    expect(judged.metrics[0]?.cause).toBe(matches ? 'compared' : 'sample-ratio');
    if (!matches) expect(judged.sentence).toContain('traffic does not match the weight: the canary had');
  });

  it('follows weights that change', () => {
    const weights = [
      { at: START, share: 0.1 },
      { at: START + 5 * MINUTE, share: 0.5 },
    ];
    const traffic = {
      canary: series([...constant(100, 5), ...constant(500, 5)]),
      baseline: series([...constant(900, 5), ...constant(500, 5)]),
    };
    expect(judge(run([metric], { weights, traffic })).sampleRatio).toMatchObject({
      expected: 0.3,
      observed: 0.3,
      matches: true,
    });
  });

  it('too little of it is inconclusive at the end, and no more than waiting before', () => {
    expect(verdictOf(errors([0, 49], [0, 9000], 10)).sentence).toBe(
      'INCONCLUSIVE 5xx: canary had 49 requests, of 50 that are needed',
    );
    expect(verdictOf(errors([0, 400], [0, 3600], 4), { plan: { from: START, minutes: 4 } })).toMatchObject({
      verdict: 'inconclusive',
      cause: 'too-little',
    });
  });
});

describe('the run', () => {
  const good = errors([5, 1000], [45, 9000], 10);
  const bad = (id: string, more: Partial<typeof good> = {}) => errors([30, 1000], [45, 9000], 10, { id, ...more });
  const thin = errors([0, 60], [3, 540], 10, { id: 'thin' });

  it.each([
    ['a critical metric fails', [good, bad('b')], {}, 'fail', 'fail'],
    ['one that is only reported fails', [good, bad('b', { critical: false })], {}, 'pass', 'pass'],
    ['a muted one fails', [good, bad('b', { muted: true })], {}, 'pass', 'pass'],
    ['one is inconclusive', [good, thin], {}, 'wait', 'inconclusive'],
    ['one is inconclusive, which may pass', [good, thin], { onInconclusive: 'pass' }, 'pass', 'inconclusive'],
    ['one is inconclusive, which must not', [good, thin], { onInconclusive: 'fail' }, 'fail', 'inconclusive'],
    [
      'one is inconclusive and one an error',
      [thin, { ...good, error: 'Throttling' }],
      { onInconclusive: 'fail' },
      'fail',
      'inconclusive',
    ],
    ['a failure outweighs an error', [bad('b'), { ...good, error: 'Throttling' }], { onError: 'pass' }, 'fail', 'fail'],
    ['nothing could decide', [bad('b', { muted: true })], { onError: 'pass' }, 'wait', 'error'],
    ['there are no metrics', [], {}, 'wait', 'error'],
  ] as const)('%s', (_, metrics, settings, decision, verdict) => {
    expect(judge(run(metrics, { settings }))).toMatchObject({ decision, verdict });
  });

  it('says why in one sentence', () => {
    const { sentence } = judge(run([good, bad('errors')]));
    expect(sentence).toMatch(
      /^FAIL \(fail\) at look 1 of 1: 1 of 2 deciding metrics pass; FAIL errors: canary 30\/1000/,
    );
  });

  it('shares α by Holm’s rule among metrics that do not have it to themselves', () => {
    const middling = (id: string) =>
      errors([14, 1000], [45, 9000], 10, { id, alpha: 'shared', limits: { tolerance: 0.5 } });
    const threshold = (count: number) =>
      judge(run(Array.from({ length: count }, (_, i) => middling(`m${i}`)))).metrics[0]?.test?.threshold ?? 0;
    expect(threshold(10)).toBeLessThan(threshold(1) / 3);
    const { metrics } = judge(
      run([
        ...Array.from({ length: 9 }, (_, i) => ({ ...good, id: `g${i}`, alpha: 'shared' as const })),
        middling('m'),
      ]),
    );
    expect(metrics.at(-1)?.verdict).toBe('pass');
    expect(judge(run([middling('m')])).metrics[0]?.verdict).toBe('fail');
  });

  it('is plain JSON, the same for the same input', () => {
    const input = run([
      good,
      bad('b'),
      thin,
      latency(slower(1.3), AROUND_100),
      errors([3, 1000], [0, 9000], 10, { id: 'none' }),
    ]);
    const judged = judge(input);
    expect(JSON.parse(JSON.stringify(judged))).toEqual(judged);
    expect(judge(input)).toEqual(judged);
  });

  it('scores in groups, without counting what could not be judged', () => {
    const named = (metric: Metric, id: string, group: string): Metric => ({ ...metric, id, group });
    const metrics = [
      named(good, 'a', 'errors'),
      named(bad('x'), 'b', 'errors'),
      named(latency(slower(1), AROUND_100), 'c', 'speed'),
    ];
    expect(judge(run(metrics)).score).toBe(75);
    expect(judge(run(metrics, { groups: { errors: 80 } })).score).toBe(60);
    expect(judge(run([...metrics, { ...named(good, 'd', 'lost'), error: 'Throttling' }])).score).toBe(75);
    expect(judge(run([{ ...good, error: 'Throttling' }])).score).toBeNull();
  });
});

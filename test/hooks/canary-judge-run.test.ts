/** Several metrics in one run: who shares α with whom, what is said of them, and their score. */
import { describe, expect, it } from 'vitest';
import {
  type CountMetric,
  type GaugeMetric,
  type JudgeInput,
  type Metric,
  MINUTE,
} from '../../hooks/canary/judge/input.ts';
import { judge } from '../../hooks/canary/judge/judge.ts';
import { chance, factor, percent, plain } from '../../hooks/canary/judge/text.ts';
import { AROUND_100, constant, errors, latency, run, START, series, verdictOf } from './canary-judge-world.ts';

const LEVEL = [...AROUND_100].reverse();
const good = (more: Partial<CountMetric> = {}) => errors([5, 1000], [45, 9000], 10, more);
const fast = (more: Partial<GaugeMetric> = {}) => latency(LEVEL, AROUND_100, more);
const slow = (more: Partial<GaugeMetric> = {}) =>
  latency(
    LEVEL.map((value) => 2 * value),
    AROUND_100,
    more,
  );
/** Without a unit. */
const BARE: GaugeMetric = {
  id: 'load',
  kind: 'gauge',
  statistic: 'Average',
  canary: { values: series(LEVEL) },
  baseline: { values: series(AROUND_100) },
};
const resultsOf = (metrics: readonly Metric[], more: Partial<JudgeInput> = {}) => judge(run(metrics, more)).metrics;
const thresholds = (metrics: readonly Metric[]) => resultsOf(metrics).map(({ test }) => test?.threshold ?? 0);
/** In hundredths of what α is by default. */
const shares = (metrics: readonly Metric[]) => thresholds(metrics).map((threshold) => Math.round(threshold * 1e4));

describe('α', () => {
  it('is each critical count’s own', () => {
    const alone = thresholds([good()])[0];
    expect(thresholds(Array.from({ length: 5 }, (_, i) => good({ id: `c${i}` })))).toEqual(constant(alone, 5));
    expect(thresholds([good(), fast()])[0]).toBe(alone);
    expect(thresholds([good({ alpha: 'shared' }), fast()])[0]).toBeLessThan(alone ?? 0);
  });

  it('is shared by gauges that decide, unless one is to have it alone', () => {
    expect(shares([fast()])).toEqual([100]);
    expect(shares([fast({ id: 'a' }), fast({ id: 'b' })])).toEqual([50, 50]);
    expect(shares([fast({ id: 'a' }), fast({ id: 'b' }), fast({ id: 'c', alpha: 'own' })])).toEqual([50, 50, 100]);
  });

  it('is left to the others by those that have failed', () => {
    expect(shares([slow({ id: 'a' }), fast({ id: 'b' }), fast({ id: 'c' })])).toEqual([33, 50, 50]);
    expect(shares([slow({ id: 'a' }), fast({ id: 'b' })])).toEqual([50, 100]);
    expect(shares([slow({ id: 'a' }), slow({ id: 'b' })])).toEqual([50, 50]);
  });

  it.each([{ critical: false }, { muted: true }])('is not taken from deciding metrics by others: %j', (more) => {
    expect(shares([fast({ id: 'a' }), fast({ id: 'b', ...more })])).toEqual([100, 100]);
    expect(shares([fast({ id: 'a' }), fast({ id: 'b', ...more }), fast({ id: 'c', ...more })])).toEqual([100, 50, 50]);
    const reported = good({ id: 'b', ...more });
    expect(shares([fast({ id: 'a' }), reported])[0]).toBe(100);
    expect(thresholds([reported, { ...reported, id: 'c' }])[0]).toBeLessThan(thresholds([reported])[0] ?? 0);
  });

  it.each([0, 1, 1.5, Number.NaN])('of %d is refused, as are such a power and confidence', (value) => {
    for (const name of ['alpha', 'power', 'confidence'])
      expect(() => judge(run([good()], { settings: { [name]: value } }))).toThrow(
        `${name} must lie between 0 and 1: ${value}`,
      );
  });
});

describe('the sentence of the run', () => {
  const plan = { from: START, minutes: 30, everyMinutes: 10 };
  const sentence = (metrics: readonly Metric[], more: Partial<JudgeInput> = {}) => judge(run(metrics, more)).sentence;

  it('says how many pass, and no more when all do or the run goes on', () => {
    const two = [good(), fast()];
    expect(sentence(two)).toBe('PASS (pass) at look 1 of 1: 2 of 2 deciding metrics pass');
    expect(sentence(two, { plan })).toBe('WAIT (running) at look 1 of 3: 2 of 2 deciding metrics pass');
    expect(sentence([])).toBe('WAIT (error) at look 1 of 1: 0 of 0 deciding metrics pass');
  });

  it('names those that decided, and only those', () => {
    const metrics = [good(), fast(), slow({ id: 'slow' })];
    expect(sentence(metrics)).toMatch(/^FAIL \(fail\) at look 1 of 1: 2 of 3 deciding metrics pass; FAIL slow: [^;]*$/);
  });

  it('counts the looks after the plan', () => {
    const quiet = errors([0, 60], [3, 540], 40);
    expect(sentence([quiet], { now: START + 44 * MINUTE, plan })).toMatch(
      /^WAIT \(inconclusive\) at look 4 of 4: 0 of 1 deciding metrics pass; INCONCLUSIVE 5xx/,
    );
  });
});

describe('the sentence of a metric', () => {
  it.each([
    ['no events at all', errors([0, 1000], [0, 9000], 10), 'rate ratio unknown, p=1.0000, where none could be'],
    ['none of the baseline', errors([9, 1000], [0, 9000], 10), /rate ratio ∞ \[\d[\d.]*, ∞\], p=9\.7e-10 ≤/],
    [
      'none of the canary',
      errors([0, 1000], [90, 9000], 10),
      /canary 0\/1000 \(0 %\) .*rate ratio 0 \[0, 0\.[\d]+\], p=/,
    ],
    ['few in a great many', errors([50, 100_000], [450, 900_000], 10), 'canary 50/100000 (0.050 %)'],
    ['beyond what a number can hold', errors([9000, 10_000], [0, 90_000], 10), 'p<1e-300 ≤ '],
    ['not found', good(), /p=0\.\d{4} > 0\.\d{4} \(last of 1 look\), could have seen ≥\d\.\d\d %$/],
    ['without a unit', BARE, /canary 100\.1 \(median .*could have seen ≥1\.1$/],
    ['with one', fast(), /could have seen ≥a ratio of 1\.1$/],
  ] as const)('%s', (_, metric, expected) => {
    const { sentence } = verdictOf(metric);
    if (typeof expected === 'string') expect(sentence).toContain(expected);
    else expect(sentence).toMatch(expected);
  });

  it('says ≤ of a p that is just its threshold', () => {
    const tests = Array.from({ length: 40 }, (_, x) => verdictOf(errors([x, 1000], [40 - x, 1000], 10)));
    const at = tests.filter(({ test }) => test !== null && test.p === test.threshold);
    expect(at).toHaveLength(1);
    expect(at[0]).toMatchObject({ test: { crossedAt: 1 }, sentence: expect.stringMatching(/p=0\.00\d\d ≤ 0\.00\d\d/) });
  });

  it('says which look it was', () => {
    const plan = { from: START, minutes: 30, everyMinutes: 10 };
    expect(verdictOf(good(), { plan }).sentence).toContain('(look 1 of 3)');
  });
});

it.each([
  [percent(0), '0 %'],
  [percent(0.001), '0.10 %'],
  [percent(0.00099), '0.099 %'],
  [percent(0.12345), '12.35 %'],
  [plain(0, 'ms'), '0 ms'],
  [plain(123.456), '123.5'],
  [factor(null), '∞'],
  [chance(0.001), '0.0010'],
  [chance(0.00094), '9.4e-4'],
])('%s is written %s', (text, expected) => {
  expect(text).toBe(expected);
});

describe('the score', () => {
  const scoreOf = (metrics: readonly Metric[], groups?: Readonly<Record<string, number>>) =>
    judge(run(metrics, groups && { groups })).score;
  const of = (group: string, ...metrics: readonly Metric[]) =>
    metrics.map((metric, i): Metric => ({ ...metric, id: `${group}${i}`, group }));
  const bad = errors([30, 1000], [45, 9000], 10);

  it('of a group is the share of its metrics that pass', () => {
    expect(scoreOf(of('errors', good(), good(), bad))).toBeCloseTo(66.67, 6);
    expect(scoreOf([...of('errors', good(), good(), bad, bad), ...of('speed', bad)])).toBe(25);
  });

  it('weighs the groups that are there, and shares the rest among those without a weight', () => {
    const three = [...of('errors', bad), ...of('speed', fast()), ...of('orders', good())];
    expect(scoreOf(three, { errors: 80 })).toBe(20);
    expect(scoreOf(three, { errors: 80, absent: 20 })).toBe(20);
    expect(scoreOf([...three, ...of('quiet', { ...good(), muted: true })], { errors: 80 })).toBe(20);
    expect(scoreOf(three, { errors: 100 })).toBe(0);
  });
});

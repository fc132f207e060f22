import { describe, expect, it } from 'vitest';
import type { CountMetric, GaugeMetric, Metric, Series } from '../../hooks/canary/judge/input.ts';
import { judge } from '../../hooks/canary/judge/judge.ts';
import { AROUND_100, constant, errors, latency, run, series } from './canary-judge-world.ts';

const NOTHING = series([]);
const LEVEL = [...AROUND_100].reverse();
const statusOf = (values: readonly (number | null)[], status: Series['status'], message?: string): Series => ({
  ...series(values, 0, status),
  ...(message === undefined ? {} : { message }),
});
const count = (
  canary: Partial<Record<'events' | 'requests', Series>>,
  baseline: Partial<Record<'events' | 'requests', Series>> = {},
): CountMetric => ({
  id: '5xx',
  kind: 'count',
  canary: { events: NOTHING, requests: series(constant(100, 10)), ...canary },
  baseline: { events: NOTHING, requests: series(constant(900, 10)), ...baseline },
});
const gauge = (canary: Series, baseline: Series = series(AROUND_100), more: Partial<GaugeMetric> = {}): GaugeMetric =>
  latency([], [], { canary: { values: canary }, baseline: { values: baseline }, ...more });
const first = (values: readonly number[], minutes: number) => series(values.slice(0, minutes));

/** What would be wrong to call healthy, and what it is called instead. */
const CASES: readonly (readonly [name: string, metrics: readonly Metric[], verdict: string])[] = [
  ['no metrics at all', [], 'error'],
  ['count: no data on either side', [count({ requests: NOTHING }, { requests: NOTHING })], 'nodata'],
  ['count: canary empty', [count({ requests: NOTHING })], 'nodata'],
  ['count: baseline empty', [count({}, { requests: NOTHING })], 'nodata'],
  [
    'count: canary has errors but no requests',
    [count({ requests: NOTHING, events: series(constant(5, 10)) })],
    'nodata',
  ],
  ['count: one minute', [count({ requests: series([100]) }, { requests: series([900]) })], 'nodata'],
  ['count: one minute, the last', [count({ requests: series([100], 9) }, { requests: series([900], 9) })], 'nodata'],
  [
    'count: two minutes against one',
    [count({ requests: series([100, 100], 8) }, { requests: series([900], 9) })],
    'nodata',
  ],
  [
    'count: minutes that never meet',
    [
      count(
        { requests: series([1, null, 1, null, 1, null, 1, null, 1, null].map((v) => v && 100)) },
        { requests: series([null, 1, null, 1, null, 1, null, 1, null, 1].map((v) => v && 900)) },
      ),
    ],
    'inconclusive',
  ],
  ['count: hardly a request', [count({ requests: series(constant(1, 10)) })], 'inconclusive'],
  ['count: no requests, said as zeroes', [count({ requests: series(constant(0, 10)) })], 'inconclusive'],
  ['count: requests NaN', [count({ requests: series(constant(Number.NaN, 10)) })], 'nodata'],
  ['count: events NaN', [count({ events: series(constant(Number.NaN, 10)) })], 'inconclusive'],
  ['count: events negative', [count({ events: series(constant(-1, 10)) })], 'inconclusive'],
  ['count: more events than requests', [count({ events: series(constant(200, 10)) })], 'error'],
  ['count: PartialData of the canary’s errors', [count({ events: statusOf([], 'PartialData') })], 'nodata'],
  [
    'count: PartialData of the baseline’s requests',
    [count({}, { requests: statusOf(constant(900, 10), 'PartialData') })],
    'nodata',
  ],
  ['count: InternalError', [count({ events: statusOf([], 'InternalError', 'try again') })], 'error'],
  ['count: Forbidden', [count({ requests: statusOf(constant(100, 10), 'Forbidden') })], 'error'],
  ['count: throttled', [{ ...count({}), error: 'ThrottlingException: Rate exceeded' }], 'error'],
  [
    'count: no baseline asked for',
    [{ id: '5xx', kind: 'count', canary: { events: NOTHING, requests: series(constant(100, 10)) } }],
    'error',
  ],
  ['count: history missing', [{ ...count({}), compare: 'history' }], 'error'],
  [
    'count: history empty',
    [{ ...count({}), compare: 'history', history: { events: NOTHING, requests: NOTHING } }],
    'nodata',
  ],
  ['count: stale canary', [count({ requests: series(constant(1000, 4)) })], 'nodata'],
  ['count: stale baseline', [count({}, { requests: series(constant(900, 4)) })], 'nodata'],
  ['gauge: no data', [gauge(NOTHING, NOTHING)], 'nodata'],
  ['gauge: canary empty', [gauge(NOTHING)], 'nodata'],
  ['gauge: baseline empty', [gauge(series(LEVEL), NOTHING)], 'nodata'],
  ['gauge: one minute', [gauge(first(LEVEL, 1), first(AROUND_100, 1))], 'nodata'],
  [
    'gauge: two minutes against one',
    [gauge(series(LEVEL.slice(0, 2), 8), series(AROUND_100.slice(0, 1), 9))],
    'nodata',
  ],
  ['gauge: constant on both sides', [gauge(series(constant(100, 10)), series(constant(100, 10)))], 'inconclusive'],
  ['gauge: constant canary', [gauge(series(constant(100, 10)))], 'inconclusive'],
  ['gauge: constant baseline', [gauge(series(LEVEL), series(constant(100, 10)))], 'inconclusive'],
  ['gauge: all zeroes', [gauge(series(constant(0, 10)), series(constant(0, 10)))], 'inconclusive'],
  ['gauge: NaN', [gauge(series(constant(Number.NaN, 10)))], 'nodata'],
  ['gauge: infinite', [gauge(series(constant(Number.POSITIVE_INFINITY, 10)))], 'nodata'],
  ['gauge: half NaN', [gauge(series(LEVEL.map((v, i) => (i < 6 ? Number.NaN : v))))], 'nodata'],
  [
    'gauge: four minutes in common',
    [gauge(series(LEVEL.map((v, i) => (i < 4 ? null : v))), series(AROUND_100.map((v, i) => (i > 7 ? null : v))))],
    'inconclusive',
  ],
  ['gauge: PartialData', [gauge(statusOf(LEVEL, 'PartialData'))], 'nodata'],
  ['gauge: InternalError', [gauge(statusOf(LEVEL, 'InternalError'))], 'error'],
  ['gauge: stale', [gauge(first(LEVEL, 4), first(AROUND_100, 4))], 'nodata'],
  [
    'gauge: wildly scattered',
    [gauge(series([1, 900, 3, 700, 2, 800, 5, 950, 1, 600]), series([800, 2, 900, 4, 700, 1, 950, 3, 600, 5]))],
    'inconclusive',
  ],
  [
    'gauge: SampleCount PartialData',
    [
      gauge(series(LEVEL), undefined, {
        canary: { values: series(LEVEL), samples: statusOf(constant(5000, 10), 'PartialData') },
      }),
    ],
    'nodata',
  ],
  ['wall alone: one minute', [gauge(first([0], 1), undefined, { compare: 'none', wall: { above: 1 } })], 'nodata'],
  ['wall alone: no wall', [gauge(series(LEVEL), undefined, { compare: 'none' })], 'error'],
  [
    'wall alone: unreadable',
    [{ ...gauge(series(LEVEL), undefined, { compare: 'none', wall: { above: 1e9 } }), error: 'AccessDenied' }],
    'error',
  ],
  [
    'all metrics in error',
    [
      { ...count({}), error: 'Throttling' },
      { ...gauge(series(LEVEL)), error: 'Throttling' },
    ],
    'error',
  ],
  ['all metrics muted', [{ ...count({}), muted: true }], 'error'],
  ['all metrics only reported', [{ ...count({}), critical: false }], 'error'],
  ['one metric good, one in error', [count({}), { ...gauge(series(LEVEL)), error: 'Throttling' }], 'error'],
  ['one metric good, one without data', [count({}), gauge(NOTHING)], 'nodata'],
];

describe('nothing that is not known to be healthy passes', () => {
  it.each(CASES)('%s', (_, metrics, verdict) => {
    const judged = judge(run(metrics));
    expect(judged.verdict).toBe(verdict);
    expect(judged.decision).toBe('wait');
  });

  it.each(CASES)('%s: as little where the operator asks for failure', (_, metrics) => {
    const settings = { onInconclusive: 'fail', onNoData: 'fail', onError: 'fail' } as const;
    expect(judge(run(metrics, { settings })).decision).toBe('fail');
  });

  it.each(CASES)('%s: passes by the name of its own case only', (_, metrics, verdict) => {
    const choices = [
      ['onInconclusive', 'inconclusive'],
      ['onNoData', 'nodata'],
      ['onError', 'error'],
    ] as const;
    const deciding = metrics.some(({ critical = true, muted = false }) => critical && !muted);
    for (const [key, named] of choices) {
      const { decision } = judge(run(metrics, { settings: { [key]: 'pass' } }));
      expect(decision, key).toBe(named === verdict && deciding ? 'pass' : 'wait');
    }
  });

  it('is not so strict that a healthy run could not pass', () => {
    expect(judge(run([count({}), gauge(series(LEVEL))])).decision).toBe('pass');
    expect(judge(run([errors([5, 1000], [45, 9000], 10)])).decision).toBe('pass');
  });

  it('before the last look every case waits, whatever the operator chose', () => {
    const settings = { onInconclusive: 'pass', onNoData: 'pass', onError: 'pass' } as const;
    for (const [, metrics] of CASES) {
      const judged = judge(
        run(metrics, { settings, plan: { from: run([]).plan.from, minutes: 30, everyMinutes: 10 } }),
      );
      expect(judged).toMatchObject({ decision: 'wait', verdict: 'running' });
    }
  });
});

import {
  type CountMetric,
  type CountSide,
  type GaugeMetric,
  type JudgeInput,
  type Metric,
  MINUTE,
  type Series,
} from '../../hooks/canary/judge/input.ts';
import { judge } from '../../hooks/canary/judge/judge.ts';
import type { MetricResult } from '../../hooks/canary/judge/result.ts';

/** When the canary's share began: a Monday, noon. */
export const START = Date.UTC(2026, 0, 5, 12);

/** One value a minute from `from` minutes after the start on; null is a minute without a point. */
export function series(values: readonly (number | null)[], from = 0, status: Series['status'] = 'Complete'): Series {
  const points = values.flatMap((value, minute) =>
    value === null ? [] : [{ at: START + (from + minute) * MINUTE, value }],
  );
  return { status, points };
}

export function constant<T>(value: T, minutes: number): T[] {
  return new Array<T>(minutes).fill(value);
}

/** Spreads a total over minutes as evenly as whole numbers can. */
export function spreadOver(total: number, minutes: number): number[] {
  return Array.from(
    { length: minutes },
    (_, i) => Math.floor(((i + 1) * total) / minutes) - Math.floor((i * total) / minutes),
  );
}

/** 5xx over some minutes: [events, requests] of each side, spread evenly. */
export function errors(
  canary: [events: number, requests: number],
  baseline: [events: number, requests: number],
  minutes: number,
  more: Partial<CountMetric> = {},
): CountMetric {
  const side = ([events, requests]: [number, number]) => ({
    events: series(spreadOver(events, minutes).map((count) => (count === 0 ? null : count))),
    requests: series(spreadOver(requests, minutes)),
  });
  return { id: '5xx', kind: 'count', canary: side(canary), baseline: side(baseline), ...more };
}

/** Ten minutes around 100 that look like averages: no two the same. */
export const AROUND_100 = [101.2, 98.7, 100.4, 99.1, 102.3, 97.6, 100.9, 99.8, 98.2, 101.7];

export function latency(
  canary: readonly (number | null)[],
  baseline: readonly (number | null)[],
  more: Partial<GaugeMetric> = {},
): GaugeMetric {
  return {
    id: 'latency',
    kind: 'gauge',
    statistic: 'Average',
    unit: 'ms',
    canary: { values: series(canary) },
    baseline: { values: series(baseline) },
    ...more,
  };
}

/** A run of ten minutes without warm-up, one look, data complete three minutes later. */
export function run(metrics: readonly Metric[], more: Partial<JudgeInput> = {}): JudgeInput {
  return {
    now: START + 13 * MINUTE,
    plan: { from: START, minutes: 10 },
    metrics,
    ...more,
    settings: { warmUpMinutes: 0, ...more.settings },
  };
}

/** The result of the only metric. */
export function verdictOf(metric: Metric, more: Partial<JudgeInput> = {}): MetricResult {
  const [result] = judge(run([metric], more)).metrics;
  if (result === undefined) throw new Error('the judge lost the metric');
  return result;
}

/** Events of five minutes that vary far more than chance makes them: twenty on average. */
export const WILD: readonly number[] = [2, 5, 80, 10, 3];

/** A side of so many minutes whose rate wobbles: the minutes before the run, or from another one on. */
export function wild(minutes: number, from = -minutes): CountSide {
  const events = Array.from({ length: minutes }, (_, minute) => WILD[minute % 5] ?? 0);
  return { requests: series(constant(6000, minutes), from), events: series(events, from) };
}

/** A run of half an hour with a look every ten minutes, when data up to this minute are complete. */
export function halfHour(minute: number): Partial<JudgeInput> {
  return { now: START + (minute + 3) * MINUTE, plan: { from: START, minutes: 30, everyMinutes: 10 } };
}

import { describe, expect, it } from 'vitest';
import { targetGroupMetrics } from '../../simulator/aws/cloudwatch/load-balancer-metrics.ts';
import { MetricStore } from '../../simulator/aws/cloudwatch/metric-store.ts';
import { Noise } from '../../simulator/aws/cloudwatch/noise.ts';
import { parseStatistic } from '../../simulator/aws/cloudwatch/statistics.ts';
import {
  changing,
  type MinuteOfTraffic,
  minuteOfTraffic,
  minutesOfTraffic,
  type TrafficPlan,
} from '../../simulator/aws/cloudwatch/traffic.ts';

const MINUTE = 60_000;
const RUNS = 20_000;

function moments(draw: () => number, runs = RUNS): { mean: number; variance: number } {
  const drawn = Array.from({ length: runs }, draw);
  const mean = drawn.reduce((sum, value) => sum + value, 0) / runs;
  return { mean, variance: drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (runs - 1) };
}

describe('noise', () => {
  // Tolerances are about five standard errors; the seed is fixed, so a test that passes passes again.
  it.each<[string, (noise: Noise) => number, number, number]>([
    ['uniform', (noise) => noise.uniform(), 0.5, 1 / 12],
    ['normal', (noise) => noise.normal(), 0, 1],
    ['gamma 0.5', (noise) => noise.gamma(0.5), 0.5, 0.5],
    ['gamma 4', (noise) => noise.gamma(4), 4, 4],
    ['Poisson 0', (noise) => noise.poisson(0), 0, 0],
    ['Poisson 3', (noise) => noise.poisson(3), 3, 3],
    ['Poisson 600', (noise) => noise.poisson(600), 600, 600],
    ['binomial 10, 0.3', (noise) => noise.binomial(10, 0.3), 3, 2.1],
    ['binomial 540, 0.005', (noise) => noise.binomial(540, 0.005), 2.7, 2.6865],
    ['binomial 6000, 0.9', (noise) => noise.binomial(6000, 0.9), 5400, 540],
    ['binomial 600, 0', (noise) => noise.binomial(600, 0), 0, 0],
    ['binomial 600, 1', (noise) => noise.binomial(600, 1), 600, 0],
  ])('%s has its mean and variance', (_what, draw, mean, variance) => {
    const noise = new Noise(20260305);
    const seen = moments(() => draw(noise));
    expect(Math.abs(seen.mean - mean)).toBeLessThanOrEqual(5 * Math.sqrt(variance / RUNS));
    expect(Math.abs(seen.variance - variance)).toBeLessThanOrEqual(variance * 0.08);
  });

  it('has exact tails: the probabilities of few errors', () => {
    const noise = new Noise(3);
    const counts = [0, 0, 0];
    for (let run = 0; run < RUNS; run += 1) {
      const errors = noise.binomial(60, 0.02);
      if (errors < 3) counts[errors] = (counts[errors] ?? 0) + 1;
    }
    const exact = [0.98 ** 60, 60 * 0.02 * 0.98 ** 59, 1770 * 0.02 ** 2 * 0.98 ** 58];
    for (const [errors, probability] of exact.entries()) {
      const tolerance = 5 * Math.sqrt((probability * (1 - probability)) / RUNS);
      expect(Math.abs((counts[errors] ?? 0) / RUNS - probability)).toBeLessThan(tolerance);
    }
  });

  it('is the same for the same seed only', () => {
    const stream = (...seed: number[]) => {
      const noise = new Noise(...seed);
      return Array.from({ length: 5 }, () => noise.uniform());
    };
    expect(stream(1, 2)).toEqual(stream(1, 2));
    const streams = [stream(1, 2), stream(2, 1), stream(1, 3), stream(1), stream(1, 2, 0)].map((list) => list[0]);
    expect(new Set(streams).size).toBe(5);
  });
});

const plan: TrafficPlan<'blue' | 'green'> = {
  seed: 11,
  requestsPerMinute: 600,
  sides: {
    blue: { weight: 90, errorRate: 0.005, latency: { medianSeconds: 0.05 } },
    green: { weight: 10, errorRate: 0.02, latency: { medianSeconds: 0.1, spread: 0.3 } },
  },
};

const total = (list: readonly MinuteOfTraffic[], what: 'requests' | 'errors') =>
  list.reduce((sum, one) => sum + one[what], 0);

describe('traffic', () => {
  it('splits requests by weight, and fails and takes as long as the plan says', () => {
    const minutes = [...minutesOfTraffic(plan, 0, 500 * MINUTE)];
    const [blue, green] = [minutes.map((one) => one.blue), minutes.map((one) => one.green)];
    expect(minutes.map((one) => one.green.at)).toEqual(Array.from({ length: 500 }, (_, index) => index * MINUTE));
    expect(Math.abs(total(blue, 'requests') - 270_000)).toBeLessThan(5 * Math.sqrt(270_000));
    expect(Math.abs(total(green, 'requests') - 30_000)).toBeLessThan(5 * Math.sqrt(30_000));
    expect(Math.abs(total(green, 'errors') - 600)).toBeLessThan(5 * Math.sqrt(600));
    const latencies = green.flatMap(({ latencies: { values } }) => values).sort((a, b) => a - b);
    expect(latencies[Math.floor(latencies.length / 2)]).toBeCloseTo(0.1, 2);
    for (const { requests, latencies: drawn } of blue) {
      expect(drawn.counts.reduce((sum, count) => sum + count, 0)).toBe(requests);
      expect(drawn.values.length).toBe(Math.min(requests, 200));
    }
  });

  it('follows from seed and minute: asked in any order, at any time of the minute', () => {
    const at = 1000 * MINUTE;
    const once = minuteOfTraffic(plan, at);
    minuteOfTraffic(plan, 5 * MINUTE);
    expect(minuteOfTraffic(plan, at + 59_999)).toEqual(once);
    expect(minuteOfTraffic({ ...plan, seed: 12 }, at)).not.toEqual(once);
  });

  it('changes at a simulated time, and the noise of the rest stays as it was', () => {
    const bad: typeof plan = {
      ...plan,
      sides: {
        ...plan.sides,
        green: { ...plan.sides.green, errorRate: changing(0.02, [10 * MINUTE, 1], [12 * MINUTE, 0]) },
      },
    };
    const [before, after] = [[...minutesOfTraffic(plan, 0, 15 * MINUTE)], [...minutesOfTraffic(bad, 0, 15 * MINUTE)]];
    expect(after.map(({ blue }) => blue)).toEqual(before.map(({ blue }) => blue));
    expect(after.slice(0, 10)).toEqual(before.slice(0, 10));
    expect(after.slice(10).map(({ green }) => green.errors / green.requests)).toEqual([1, 1, 0, 0, 0]);
    expect(after.map(({ green }) => green.latencies)).toEqual(before.map(({ green }) => green.latencies));
  });

  it('gives a side of weight 0 nothing, and the other one everything', () => {
    const shifted: typeof plan = {
      ...plan,
      sides: { ...plan.sides, green: { ...plan.sides.green, weight: changing(0, [MINUTE, 10]) } },
    };
    const [first, second] = [...minutesOfTraffic(shifted, 0, 2 * MINUTE)];
    expect([first?.green.requests, first?.green.latencies.values]).toEqual([0, []]);
    expect(first?.blue.requests).toBe(
      (minuteOfTraffic(plan, 0).blue.requests ?? 0) + (minuteOfTraffic(plan, 0).green.requests ?? 0),
    );
    expect(second?.green.requests).toBeGreaterThan(0);
  });

  it.each([
    ['loadShape', 'requests', 540 + 540 ** 2 / 4, 540],
    ['errorShape', 'errors', 2.7 + 2.7 ** 2 / 4, 2.7],
  ] as const)('wobbles by %s beyond chance', (shape, what, variance, mean) => {
    const wild = { ...plan, [shape]: 4 };
    const minutes = minutesOfTraffic(wild, 0, 3000 * MINUTE);
    const seen = moments(() => minutes.next().value?.blue[what] ?? Number.NaN, 3000);
    expect(Math.abs(seen.mean / mean - 1)).toBeLessThan(0.06);
    expect(Math.abs(seen.variance / variance - 1)).toBeLessThan(0.2);
  });
});

describe('a target group', () => {
  const dimensions = { LoadBalancer: 'app/shop/50dc6c495c0c9188', TargetGroup: 'targetgroup/green/73e2d6bc24d8a067' };
  const minute = { at: 0, requests: 10, errors: 0, latencies: { values: [0.1, 0.3], counts: [5, 5] } };

  it('publishes counts that add up, and no zeros', () => {
    const store = new MetricStore({ now: () => MINUTE });
    store.put(targetGroupMetrics(dimensions, { ...minute, errors: 3 }));
    const value = (metricName: string, stat: string) => {
      const [bucket] = store.buckets(
        { namespace: 'AWS/ApplicationELB', metricName, dimensions },
        { start: 0, end: MINUTE, periodMs: MINUTE },
      );
      return bucket && parseStatistic(stat)?.(bucket);
    };
    expect([
      value('RequestCount', 'Sum'),
      value('RequestCount', 'Average'),
      value('HTTPCode_Target_5XX_Count', 'Sum'),
    ]).toEqual([10, 1, 3]);
    expect([
      value('HTTPCode_Target_2XX_Count', 'Sum'),
      value('TargetResponseTime', 'Average'),
      value('TargetResponseTime', 'p90'),
    ]).toEqual([7, 0.2, 0.3]);
    const names = targetGroupMetrics(dimensions, minute).map(({ metricName }) => metricName);
    expect(names).toEqual(['RequestCount', 'HTTPCode_Target_2XX_Count', 'TargetResponseTime']);
  });

  it('publishes nothing in a minute without requests', () => {
    expect(targetGroupMetrics(dimensions, { ...minute, requests: 0, latencies: { values: [], counts: [] } })).toEqual(
      [],
    );
  });
});

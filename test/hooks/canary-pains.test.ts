/** What users of other canary judges reported, by the number of their issue, and what ours says to it. */
import { describe, expect, it } from 'vitest';
import { type Metric, MINUTE } from '../../hooks/canary/judge/input.ts';
import { judge } from '../../hooks/canary/judge/judge.ts';
import { classify, KAYENTA, scoreLikeKayenta } from '../../scripts/bench/judge/kayenta.ts';
import { randomFrom } from '../../scripts/bench/judge/random.ts';
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

const kayenta = (canary: readonly number[], baseline: readonly number[]) =>
  classify(canary, baseline, { ...KAYENTA, direction: 'increase' }, randomFrom(1).normal);

describe('spinnaker/spinnaker', () => {
  it('#6278: seven of ten minutes with a hundred times the errors pass unseen', () => {
    const flat = constant(0.001, 10);
    const burst = flat.map((rate, minute) => (minute < 7 ? rate * 100 : rate));
    expect(kayenta(burst, flat)).toBe('Pass');
    const perMinute = (rates: readonly number[], requests: number) => ({
      requests: series(constant(requests, 10)),
      events: series(rates.map((rate) => Math.round(rate * requests))),
    });
    const metric: Metric = {
      id: '5xx',
      kind: 'count',
      canary: perMinute(burst, 1000),
      baseline: perMinute(flat, 9000),
    };
    expect(verdictOf(metric)).toMatchObject({ verdict: 'fail', canary: { events: 703 } });
  });

  it('#6278: four of ten minutes at ten times', () => {
    const flat = constant(0.01, 10);
    const burst = flat.map((rate, minute) => (minute < 4 ? rate * 10 : rate));
    expect(kayenta(burst, flat)).toBe('Pass');
    expect(verdictOf(errors([46, 1000], [90, 9000], 10)).verdict).toBe('fail');
  });
});

describe('spinnaker/kayenta', () => {
  it('#377: a baseline without errors has no data, so the canary’s errors pass', () => {
    expect(
      scoreLikeKayenta([
        { classification: classify([0.02, 0.03], [], KAYENTA, () => 0), critical: false },
        { classification: 'Pass', critical: false },
        { classification: 'Pass', critical: false },
      ]),
    ).toBe(100);
    expect(verdictOf(errors([6, 300], [0, 2700], 10)).verdict).toBe('fail');
  });

  it('#633: the error rate up by 650 % passes', () => {
    expect(verdictOf(errors([15, 1000], [18, 9000], 10))).toMatchObject({ verdict: 'fail', effect: { value: 7.5 } });
  });

  it('one point against one is an Error, which does not count, so that the score is 100', () => {
    expect(classify([9], [1], { ...KAYENTA, critical: true, mustHaveData: true }, () => 0)).toBe('Error');
    expect(scoreLikeKayenta([{ classification: 'Error', critical: true }])).toBe(100);
    expect(judge(run([errors([90, 100], [1, 900], 1)])).decision).toBe('wait');
  });

  it('flags healthy canaries of few points, as published: 2 v 2, 3 v 3, 4 v 4, and 1 v 2', () => {
    const random = randomFrom(2024);
    const flagged = (canary: number, baseline: number) => {
      const draw = (size: number) => Array.from({ length: size }, () => 10 + random.normal());
      const runs = Array.from({ length: 3000 }, () =>
        classify(draw(canary), draw(baseline), { ...KAYENTA, direction: 'either' }, random.normal),
      );
      return runs.filter((one) => one === 'High' || one === 'Low').length / runs.length;
    };
    expect(flagged(2, 2)).toBeCloseTo(0.236, 1);
    expect(flagged(3, 3)).toBeCloseTo(0.051, 1);
    expect(flagged(1, 2)).toBeCloseTo(0.59, 1);
    expect(flagged(5, 5)).toBeLessThan(0.01);
  });
});

describe('fluxcd/flagger', () => {
  it('#1011: traffic stopped, and the stale last value kept passing', () => {
    const stopped = (values: readonly number[]) => series(values.slice(0, 4));
    const metric: Metric = {
      id: '5xx',
      kind: 'count',
      canary: { requests: stopped(constant(600, 10)), events: series([]) },
      baseline: { requests: series(constant(5400, 10)), events: series([]) },
    };
    expect(verdictOf(metric).sentence).toBe('NODATA 5xx: canary requests: nothing after 12:03, the look is at 12:10');
  });

  it('#883, #1035, #1098, #1501, #361: no traffic is a case of its own, and its policy has a name', () => {
    const idle = errors([0, 0], [0, 0], 10);
    const decide = (onNoData: 'wait' | 'pass' | 'fail') =>
      judge(run([{ ...idle, canary: { events: series([]), requests: series([]) } }], { settings: { onNoData } }))
        .decision;
    expect([decide('wait'), decide('pass'), decide('fail')]).toEqual(['wait', 'pass', 'fail']);
  });

  it('#1581, #1815: an undefined value passed, and was not logged', () => {
    const [result] = judge(run([latency(constant(Number.NaN, 10), AROUND_100)])).metrics;
    expect(result).toMatchObject({
      verdict: 'nodata',
      sentence: 'NODATA latency: canary: no data from 12:00 to 12:10',
    });
  });

  it('#664, #1553: one failed query is an error of its metric, not a failed canary', () => {
    expect(
      judge(run([{ ...errors([5, 1000], [45, 9000], 10), error: 'ThrottlingException: Rate exceeded' }])),
    ).toMatchObject({
      decision: 'wait',
      verdict: 'error',
    });
  });
});

describe('argoproj/argo-rollouts', () => {
  it('#4147, #291: the newest minutes are not there yet, and must not be asked for', () => {
    const complete = errors([12, 1000], [90, 9000], 10);
    const half = (values: readonly number[]) =>
      values.map((value, minute) => (minute < 8 ? value : Math.floor(value / 5)));
    const late: Metric = {
      ...complete,
      baseline: { events: series(spreadOver(90, 10)), requests: series(half(spreadOver(9000, 10))) },
    };
    const plan = { from: START, minutes: 30, everyMinutes: 8 };
    const looked = judge(run([late], { now: START + 11 * MINUTE, plan }));
    expect(looked.window.to).toBe(START + 8 * MINUTE);
    expect(looked.metrics[0]?.baseline.requests).toBe(7200);
  });

  it('#3850, #261: an inconclusive canary was promoted', () => {
    const judged = judge(run([errors([0, 60], [3, 540], 10)]));
    expect(judged).toMatchObject({ decision: 'wait', verdict: 'inconclusive' });
  });

  it('#4479, #4393, #1329: an error read as success', () => {
    const broken = errors([0, 1000], [0, 9000], 10);
    const metric: Metric = {
      ...broken,
      canary: {
        ...broken.canary,
        events: { ...broken.canary.events, status: 'InternalError', message: 'Rate exceeded' },
      },
    };
    expect(verdictOf(metric).sentence).toBe(
      'ERROR 5xx: canary events: CloudWatch answered InternalError (Rate exceeded)',
    );
  });

  it('#404, #3008, #2741: why did it fail?', () => {
    const { sentence } = judge(run([errors([15, 1000], [45, 9000], 10)]));
    for (const part of ['15/1000', '45/9000', 'rate ratio 3', '[1.55, 5.48]', 'p=6.4e-4', 'could have seen'])
      expect(sentence).toContain(part);
  });
});

describe('percentiles of few requests', () => {
  it('a p99 of six requests is their maximum: refused, where others find the healthy canary “Low”', () => {
    const random = randomFrom(5);
    const p99 = (requests: number) => {
      const values = Array.from({ length: requests }, () => random.gamma(2)).sort((a, b) => a - b);
      return values[Math.ceil(requests * 0.99) - 1] ?? Number.NaN;
    };
    const canary = Array.from({ length: 30 }, () => p99(6));
    const baseline = Array.from({ length: 30 }, () => p99(540));
    expect(classify(canary, baseline, { ...KAYENTA, direction: 'either' }, random.normal)).toBe('Low');
    const metric = latency([], [], {
      statistic: 'p99',
      direction: 'either',
      canary: { values: series(canary), samples: series(constant(6, 30)) },
      baseline: { values: series(baseline), samples: series(constant(540, 30)) },
    });
    const result = verdictOf(metric, { now: START + 33 * MINUTE, plan: { from: START, minutes: 30 } });
    expect(result).toMatchObject({ verdict: 'inconclusive', cause: 'too-few-samples' });
  });
});

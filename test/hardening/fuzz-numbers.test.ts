import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { expect, it } from 'vitest';
import { collect } from '../../hooks/canary/collect.ts';
import type { Metric, Series } from '../../hooks/canary/judge/input.ts';
import { judge } from '../../hooks/canary/judge/judge.ts';
import { decodeHistogram, merge, valuesAt } from '../../hooks/load-test/histogram.ts';
import { readPlan } from '../../hooks/load-test/plan.ts';
import { overlapOf, pool, readShards } from '../../hooks/load-test/results.ts';
import { readTaskRecord } from '../../hooks/load-test/task.ts';
import { ConfigError } from '../../shared/errors.ts';
import { START } from '../fixtures/probe.ts';
import { anyText, mutationsOf } from './fuzz/arbitraries.ts';
import { type Answering, replaceAws } from './fuzz/aws.ts';
import { fuzz, PATIENCE_MS } from './fuzz/cases.ts';
import { RESULT } from './fuzz/load.ts';

const aws = replaceAws();
const FROM = START.getTime();
const MINUTES = 15;

/** CloudWatch takes values up to 2^360 either way; what is no number comes as text, which the SDK reads. */
const values = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 2, arbitrary: fc.double({ min: 0, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 2 ** 360, -(2 ** 360), 5e-324) },
);
const minutes = fc.integer({ min: -5, max: MINUTES + 5 });
interface Answered {
  StatusCode: string | undefined;
  whole: readonly number[];
  loose: readonly [number, number][];
  cut: number;
  isAbsent: boolean;
}

const wild: fc.Arbitrary<Answered> = fc.record({
  StatusCode: fc.constantFrom('Complete', 'Complete', 'PartialData', 'Forbidden', undefined),
  whole: fc.option(fc.array(values, { minLength: MINUTES, maxLength: MINUTES }), { nil: [] }),
  loose: fc.array(fc.tuple(minutes, values), { maxLength: 5 }),
  cut: fc.constantFrom(0, 0, 0, 1, 7),
  isAbsent: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

/** One result of GetMetricData: mostly a steady series, or one at its worst: out of order, twice, with gaps, cut. */
function resultOf(least: number, most: number) {
  const steady = fc.array(fc.integer({ min: least, max: most }), { minLength: MINUTES, maxLength: MINUTES });
  const tame = steady.map((whole): Answered => ({ StatusCode: 'Complete', whole, loose: [], cut: 0, isAbsent: false }));
  return fc
    .oneof({ weight: 5, arbitrary: tame }, { weight: 1, arbitrary: wild })
    .map(({ StatusCode, whole, loose, cut, isAbsent }) => {
      const points = [...loose, ...whole.map((value, minute): [number, number] => [minute, value])];
      return {
        isAbsent,
        StatusCode,
        Timestamps: points.map(([minute]) => new Date(FROM + minute * 60_000)),
        Values: points.slice(cut).map(([, value]) => value),
      };
    });
}

/** Events and requests of the canary, of the baseline, then a latency of each. */
const answers = fc.tuple(
  resultOf(0, 1),
  resultOf(90, 110),
  resultOf(0, 1),
  resultOf(90, 110),
  resultOf(90, 110),
  resultOf(90, 110),
);
const IDS = ['q0', 'q1', 'q2', 'q3', 'q4', 'q5'] as const;
type Found = ReadonlyMap<string, Series>;
const EMPTY: Series = { status: 'Complete', points: [] };

const metricsOf = (found: Found, { muted, direction, statistic, above }: Shape): Metric[] => {
  const of = (id: (typeof IDS)[number]) => found.get(id) ?? EMPTY;
  return [
    {
      id: 'errors',
      kind: 'count',
      muted,
      wall: { above },
      canary: { events: of('q0'), requests: of('q1') },
      baseline: { events: of('q2'), requests: of('q3') },
    },
    {
      id: 'latency',
      kind: 'gauge',
      direction,
      statistic,
      canary: { values: of('q4'), samples: of('q1') },
      baseline: { values: of('q5'), samples: of('q3') },
    },
  ];
};

const shapes = fc.record({
  muted: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  direction: fc.constantFrom('increase' as const, 'decrease' as const, 'either' as const),
  statistic: fc.constantFrom('Average', 'p99'),
  above: fc.double({ min: 0, max: 1, noNaN: true }),
  isTrafficKnown: fc.boolean(),
});
type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

it(
  'the judge answers whatever the numbers are, in numbers that JSON has, and passes nothing without data',
  () => {
    const cases = fc.record({
      series: answers,
      shape: shapes,
      pages: fc.constantFrom(1, 2),
      now: fc.integer({ min: -2, max: MINUTES + 30 }),
    });
    return fuzz('metric data', cases, ['pass', 'fail', 'wait'], async ({ series, shape, pages, now }) => {
      aws.answer = answering(series, pages);
      const found = await collect([], { from: START, to: START }, new AbortController().signal);
      for (const { points } of found.values()) for (const { value } of points) expect(value).toSatisfy(Number.isFinite);
      const [canary = EMPTY, baseline = EMPTY] = [found.get('q1'), found.get('q3')];
      const judgement = judge({
        now: FROM + now * 60_000,
        plan: { from: FROM, minutes: MINUTES, everyMinutes: 5 },
        metrics: metricsOf(found, shape),
        weights: [{ at: FROM, share: 0.5 }],
        ...(shape.isTrafficKnown && { traffic: { canary, baseline } }),
        settings: { onNoData: 'fail', onInconclusive: 'fail', onError: 'fail' },
      });
      for (const number of numbersIn(judgement)) expect(number).toSatisfy(Number.isFinite);
      for (const { sentence } of [judgement, ...judgement.metrics]) expect(sentence).not.toMatch(/NaN|undefined/);
      if (judgement.decision === 'pass') {
        const deciding = shape.muted ? ['q4'] : ['q1', 'q4'];
        for (const id of deciding) expect(found.get(id)?.points).not.toHaveLength(0);
      }
      return judgement.decision;
    });
  },
  PATIENCE_MS,
);

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

/** In one page, or the first half of each series in one, and the rest in the next. */
function answering(series: readonly Result[], pages: number): Answering {
  const whole = series.flatMap(({ isAbsent, ...result }, index) => (isAbsent ? [] : [{ Id: IDS[index], ...result }]));
  return (_operation, { NextToken }) => {
    if (pages === 1) return { MetricDataResults: whole };
    const part = (of: readonly unknown[]) => (NextToken === undefined ? of.slice(0, 8) : of.slice(8));
    const MetricDataResults = whole.map((one) => {
      return { ...one, Timestamps: part(one.Timestamps), Values: part(one.Values) };
    });
    return { MetricDataResults, ...(NextToken === undefined && { NextToken: 'more' }) };
  };
}
type Result = ReturnType<typeof resultOf> extends fc.Arbitrary<infer T> ? T : never;

const NAMES = ['green-1', 'green-2'];
const CLAIM = { v: 1, running: 'task-1', at: START.toISOString(), heartbeatSeconds: 10, over: 0 };
const PLAN = { v: 1, at: START.toISOString(), until: START.toISOString(), shards: 2, sides: ['green'], load: 'abc' };
const TASK = { cluster: 'prod', taskArn: 'arn:aws:ecs:eu-west-1:123456789012:task/prod/0123' };

it(
  'what generators and an earlier look left is understood, or told as trouble, and never counted wrong',
  () => {
    const text = fc.oneof(
      {
        weight: 8,
        arbitrary: mutationsOf(fc.constantFrom<object>(RESULT, RESULT, CLAIM), 2).map(
          (one) => JSON.stringify(one) ?? '',
        ),
      },
      { weight: 1, arbitrary: anyText },
    );
    const kept = mutationsOf(fc.constantFrom<object>(PLAN, TASK), 2).map((value) => JSON.stringify(value) ?? '');
    const cases = fc.record({ shards: fc.array(fc.option(text), { minLength: 2, maxLength: 2 }), kept });
    const outcomes = ['whole', 'open', 'trouble', 'plan'] as const;
    return fuzz('load plans and results', cases, outcomes, (one) => {
      const plan = planIn(one.kept);
      const record = readTaskRecord(one.kept);
      if (record !== undefined) expect(typeof record.taskArn).toBe('string');
      const folder = new Map(
        one.shards.flatMap((value, index) => (value === null ? [] : [[NAMES[index] ?? '', value]])),
      );
      const shards = readShards(folder, NAMES);
      expect(shards.results.size + shards.open.length).toBe(NAMES.length);
      for (const name of shards.untaken) expect(folder.has(name)).toBe(false);
      if (plan) return 'plan';
      if (shards.trouble !== undefined) return 'trouble';
      if (shards.open.length > 0) return 'open';
      const all = [...shards.results.values()];
      const { overlap } = pool(all);
      expect(overlap).toBe(overlapOf(all));
      expect(overlap >= 0 && overlap <= 1).toBe(true);
      return 'whole';
    });
  },
  PATIENCE_MS,
);

function planIn(text: string): boolean {
  try {
    expect(readPlan(text)?.v).toBe(1);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return false;
  }
}

it(
  'a histogram is decoded to the very counts that went in, and a damaged one is an Error in bounded memory',
  () => {
    const latencies = fc.array(fc.integer({ min: 1, max: 60_000_000 }), { maxLength: 40 });
    const damage = fc.option(fc.record({ at: fc.nat(), byte: fc.nat(255), isInside: fc.boolean() }));
    return fuzz('histograms', fc.tuple(latencies, damage), ['same', 'damaged', 'other'], ([recorded, wound]) => {
      const histogram = build({ highestTrackableValue: 120_000_000, numberOfSignificantValueDigits: 3 });
      for (const value of recorded) histogram.recordValue(value);
      const good = encodeIntoCompressedBase64(histogram);
      if (wound === null) {
        const read = decodeHistogram(good);
        expect(read.total).toBe(recorded.length);
        expect(valuesAt(merge([read, read]), [50, 99])).toEqual(
          recorded.length === 0 ? [0, 0] : [50, 99].map((p) => histogram.getValueAtPercentile(p)),
        );
        return 'same';
      }
      try {
        const { total, counts } = decodeHistogram(damaged(good, wound));
        expect(Number.isSafeInteger(total) && total >= 0).toBe(true);
        for (const n of counts.values()) expect(n).toBeGreaterThan(0);
        return 'other';
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        return 'damaged';
      }
    });
  },
  PATIENCE_MS,
);

/** With one byte changed: of the encoding, or of what is compressed in it, where zlib's checksum does not see it. */
function damaged(text: string, { at, byte, isInside }: { at: number; byte: number; isInside: boolean }): string {
  const outer = Buffer.from(text, 'base64');
  if (!isInside) {
    outer[at % outer.length] = byte;
    return outer.toString('base64');
  }
  const plain = inflateSync(Buffer.from(text, 'base64').subarray(8));
  plain[at % plain.length] = byte;
  const compressed = deflateSync(plain);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(0x1c849314, 0);
  header.writeInt32BE(compressed.length, 4);
  return Buffer.concat([header, compressed]).toString('base64');
}

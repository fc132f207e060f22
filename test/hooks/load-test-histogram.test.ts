import fc from 'fast-check';
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { decodeHistogram, merge, valuesAt } from '../../hooks/load-test/histogram.ts';
import { percentiles } from '../../hooks/load-test/measured.ts';
import { encode, newHistogram } from '../../tasks/traffic-generator/histogram.ts';
import { encoded, recorded } from '../fixtures/shard-result.ts';

const PERCENTILES = [50, 90, 95, 99, 99.9, 100];
/** Microseconds, from one to two minutes, small ones as often as large ones. */
const latency = fc.double({ min: 0, max: Math.log(120_000_000), noNaN: true }).map((log) => Math.floor(Math.exp(log)));
const latencies = fc.array(latency, { minLength: 1, maxLength: 300 });
const digits = fc.constantFrom(1, 2, 3, 4, 5);

describe('a histogram', () => {
  it('is read as hdr-histogram-js reads it', () => {
    fc.assert(
      fc.property(latencies, digits, (values, precision) => {
        const text = encoded(values, precision);
        const theirs = decodeFromCompressedBase64(text);
        const ours = decodeHistogram(text);
        expect(ours.total).toBe(theirs.totalCount);
        expect(valuesAt(ours, PERCENTILES)).toEqual(PERCENTILES.map((p) => theirs.getValueAtPercentile(p)));
      }),
    );
  });

  it('of shards is, merged, the one of all their values', () => {
    fc.assert(
      fc.property(fc.array(latencies, { minLength: 1, maxLength: 5 }), (shards) => {
        const merged = merge(shards.map((values) => decodeHistogram(encoded(values))));
        expect(merged).toEqual({ ...decodeHistogram(encoded(shards.flat())), counts: expect.any(Map) });
        expect([...merged.counts].sort(([a], [b]) => a - b)).toEqual([
          ...decodeHistogram(encoded(shards.flat())).counts,
        ]);
      }),
    );
  });

  it('merged with a coarser one is the coarse one of all values', () => {
    fc.assert(
      fc.property(latencies, latencies, (fine, coarse) => {
        const merged = merge([decodeHistogram(encoded(fine, 3)), decodeHistogram(encoded(coarse, 2))]);
        const pooled = recorded([...fine, ...coarse], 2);
        expect(valuesAt(merged, PERCENTILES)).toEqual(PERCENTILES.map((p) => pooled.getValueAtPercentile(p)));
      }),
    );
  });

  it('of many values has counts of several bytes', () => {
    const many = recorded([10]);
    many.recordValueWithCount(250, 3_000_000_000);
    const ours = decodeHistogram(many.toBase64());
    expect([ours.total, ours.counts.get(250)]).toEqual([3_000_000_001, 3_000_000_000]);
  });

  it('of another unit is read as hdr-histogram-js reads it', () => {
    const milliseconds = build({
      lowestDiscernibleValue: 1000,
      highestTrackableValue: 120_000_000,
      numberOfSignificantValueDigits: 2,
    });
    for (const value of [1500, 99_000, 7_000_000]) milliseconds.recordValue(value);
    const ours = decodeHistogram(encodeIntoCompressedBase64(milliseconds));
    expect(valuesAt(ours, PERCENTILES)).toEqual(PERCENTILES.map((p) => milliseconds.getValueAtPercentile(p)));
  });

  it('that a generator has made to fit keeps every count', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const theirs = newHistogram();
        for (const value of values) theirs.recordValue(value);
        expect(decodeHistogram(encode(theirs, 600)).total).toBe(values.length);
      }),
    );
  });

  it('without values has none', () => {
    const empty = decodeHistogram(encoded([]));
    expect([empty.total, ...valuesAt(empty, [50, 100])]).toEqual([0, 0, 0]);
  });

  it.each([
    ['nothing', ''],
    ['other text', Buffer.from('a histogram of something').toString('base64')],
    ['half of one', encoded([1, 500, 70_000]).slice(0, 32)],
    ['another version', Buffer.from('1c84930000000001', 'hex').toString('base64')],
  ])('is refused when it is %s', (_, text) => {
    expect(() => decodeHistogram(text)).toThrow();
  });

  it('shows why averaging percentiles over tasks is wrong', () => {
    const fast = decodeHistogram(encoded(Array.from({ length: 900 }, () => 10_000)));
    const slow = decodeHistogram(encoded(Array.from({ length: 100 }, () => 1_000_000)));
    const averaged = (percentiles(fast).p95Ms + percentiles(slow).p95Ms) / 2;
    expect(Math.round(averaged)).toBe(505);
    expect(Math.round(percentiles(merge([fast, slow])).p95Ms)).toBe(1000);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseTicks, compressedScale, evenScale, keyMoments } from '../../simulator/report/scale.ts';
import { unansweredDeployment } from '../fixtures/records/blue-green.ts';
import { HOUR, MINUTE, SECOND } from '../fixtures/records/play.ts';

const moments = fc.array(fc.integer({ min: 0, max: 30 * 24 * HOUR }), { minLength: 2, maxLength: 60 });

describe('compressedScale', () => {
  it('keeps the order of all moments, also of those between its keys, and stays on the axis', () => {
    fc.assert(
      fc.property(moments, moments, (keys, asked) => {
        const scale = compressedScale(keys);
        const places = [...asked].sort((a, b) => a - b).map((moment) => scale.at(moment));
        expect(places).toEqual([...places].sort((a, b) => a - b));
        expect(places.every((place) => place >= 0 && place <= 100)).toBe(true);
      }),
    );
  });

  it('uses the whole axis and lets no stretch disappear', () => {
    fc.assert(
      fc.property(moments, (keys) => {
        const sorted = [...new Set(keys)].sort((a, b) => a - b);
        fc.pre(sorted.length > 1);
        const scale = compressedScale(sorted);
        const places = sorted.map((moment) => scale.at(moment));
        expect(places[0]).toBe(0);
        expect(places.at(-1)).toBeCloseTo(100, 6);
        const widths = places.slice(1).map((place, index) => place - (places[index] ?? 0));
        // The widest possible stretch, 30 days, is some 55 times the narrowest.
        expect(Math.min(...widths)).toBeGreaterThan(100 / (60 * sorted.length));
      }),
    );
  });

  it('shows ten seconds beside 25 hours, and says that it cut the 25 hours', () => {
    const scale = compressedScale([
      0,
      10 * SECOND,
      20 * SECOND,
      80 * SECOND,
      80 * SECOND + 25 * HOUR,
      25 * HOUR + 2 * MINUTE,
    ]);
    expect(scale.at(10 * SECOND)).toBeGreaterThan(5);
    expect(scale.breaks.map((gap) => gap.duration)).toEqual([25 * HOUR]);
    const [gap] = scale.breaks;
    expect(gap?.from).toBeCloseTo(scale.at(80 * SECOND), 6);
    expect(gap?.to).toBeLessThan(90);
  });

  it('marks no break where stretches are alike', () => {
    expect(compressedScale([0, HOUR, 2 * HOUR, 3 * HOUR]).breaks).toEqual([]);
  });

  it('puts a lone moment at the left edge', () => {
    expect(compressedScale([5, 5]).at(5)).toBe(0);
    expect(compressedScale([]).at(5)).toBe(0);
  });
});

describe('evenScale', () => {
  it('is true to scale', () => {
    const scale = evenScale(1_000, 2_000);
    expect([900, 1_000, 1_250, 2_000, 3_000].map(scale.at)).toEqual([0, 0, 25, 100, 100]);
  });
});

describe('keyMoments', () => {
  it('does not count the looks within a long wait', () => {
    expect(new Set(keyMoments(unansweredDeployment())).size).toBeLessThan(25);
  });
});

describe('chooseTicks', () => {
  it('labels both ends and never lets labels touch', () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: 200, max: 1_400 }), (keys, width) => {
        const first = Math.min(...keys);
        const last = Math.max(...keys);
        fc.pre(last > first);
        const ticks = chooseTicks(compressedScale(keys), [first, last], keys, width, 68);
        expect(ticks[0]).toEqual({ moment: first, at: 0, anchor: 'start' });
        expect(ticks.at(-1)).toEqual({ moment: last, at: 100, anchor: 'end' });
        const middles = ticks.slice(1, -1).map((tick) => (tick.at / 100) * width);
        const lefts = [...middles.map((middle) => middle - 34), width - 68];
        const rights = [68, ...middles.map((middle) => middle + 34)];
        for (const [index, left] of lefts.entries()) expect(left).toBeGreaterThanOrEqual((rights[index] ?? 0) - 1e-6);
      }),
    );
  });
});

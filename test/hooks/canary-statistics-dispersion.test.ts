import { describe, expect, it } from 'vitest';
import { estimateDispersion, lastingDispersion, type RateMinute } from '../../hooks/canary/statistics/dispersion.ts';

const minutesOf = (events: readonly number[], requests = 1000): RateMinute[] =>
  events.map((count) => ({ events: count, requests }));

/** Six blocks of five minutes: the rate of a block lasts. */
const lasting = minutesOf([10, 40, 10, 40, 10, 40].flatMap((count) => [count, count, count, count, count]));
const quiet = minutesOf(new Array<number>(10).fill(0));

describe('the scatter of minutes', () => {
  it('is what two minutes say by hand, at a rate so high that a share is left to vary less', () => {
    // Mean 50 of 100: squares of 20 and 20, twice over for the one that the mean takes, less 25 each for chance.
    expect(estimateDispersion([minutesOf([30, 70], 100)]).value).toBeCloseTo((2 * 800 - 2 * 25) / 5000, 12);
  });

  it('counts each minute by its own requests', () => {
    const group = [
      { events: 2, requests: 100 },
      { events: 4, requests: 300 },
      { events: 24, requests: 200 },
    ];
    // Rate 0.05: means 5, 15 and 10.
    const squares = 1.5 * (9 + 121 + 196);
    expect(estimateDispersion([group]).value).toBeCloseTo((squares - 30 * 0.95) / (25 + 225 + 100), 12);
  });

  it.each([
    [[30, 70], 100],
    [[5, 15, 10, 2], 1000],
    [[1, 0, 0, 2, 0, 0, 1], 50],
  ])('%j has the error of negative binomial counts, over all that may come', (events, requests) => {
    const { value, error } = estimateDispersion([minutesOf(events, requests)]);
    const mean = events.reduce((sum, count) => sum + count, 0) / events.length;
    expect(value).toBeGreaterThan(0);
    const expected = Math.sqrt(events.length * varianceOfSquare(mean, value)) / (events.length * mean ** 2);
    expect(error / expected).toBeCloseTo(1, 6);
  });

  it('of Poisson counts has an error too, though there is no scatter', () => {
    const { value, error } = estimateDispersion([minutesOf([10, 10, 10], 1e6)]);
    expect(value).toBe(0);
    expect(error).toBeCloseTo(Math.sqrt(3 * (2 * 100 + 10)) / 300, 9);
  });

  it.each([
    ['without events', quiet],
    ['of one minute', minutesOf([7])],
    ['of no minutes', []],
  ])('is not touched by a group %s', (_, group) => {
    const alone = estimateDispersion([lasting]);
    expect(alone.value).toBeGreaterThan(0);
    expect(estimateDispersion([group, lasting])).toEqual(alone);
    expect(estimateDispersion([lasting, group])).toEqual(alone);
  });
});

describe('trouble that lasts', () => {
  it('is the scatter of blocks of five, with its error, given for one minute', () => {
    const blocks = [10, 40, 10, 40, 10, 40].map((count) => ({ events: 5 * count, requests: 5000 }));
    const { value, error } = estimateDispersion([blocks]);
    expect(lastingDispersion([lasting])).toEqual({ value: 5 * value, error: 5 * error });
  });

  it('is made of whole blocks: what is left over counts for nothing', () => {
    expect(lastingDispersion([[...lasting, ...minutesOf([40, 40, 40, 40])]])).toEqual(lastingDispersion([lasting]));
  });

  it.each([
    ['without events', quiet],
    ['too short for two blocks', minutesOf([2, 2, 2, 2, 2, 2])],
    ['of one minute', minutesOf([7])],
    ['of no minutes', []],
  ])('is seen beside a group %s', (_, group) => {
    expect(lastingDispersion([group, lasting])).toEqual(lastingDispersion([lasting]));
    expect(lastingDispersion([lasting, group])).toEqual(lastingDispersion([lasting]));
  });

  it.each([
    ['alone', []],
    ['beside one steady block, which has nothing to be compared with', minutesOf([4000, 4000, 4000, 4000, 4000], 1e5)],
  ])('must stand out by two standard errors from what minutes alone explain, %s', (_, beside) => {
    const found = Array.from({ length: 13 }, (_, drift) => {
      const levels = [20 - drift, 20 + drift, 20 - drift, 20 + drift];
      const group = minutesOf(levels.flatMap((level) => [level + 7, level - 7, level + 7, level - 7, level]));
      const single = estimateDispersion([group, beside]);
      const coarse = estimateDispersion([levels.map((level) => ({ events: 5 * level, requests: 5000 }))]);
      const error = Math.sqrt(4 * varianceOfSquare(100, single.value / 5)) / (4 * 100 ** 2);
      const standsOut = coarse.value > single.value / 5 + 2 * error;
      const expected = standsOut ? { value: 5 * coarse.value, error: 5 * coarse.error } : single;
      expect(lastingDispersion([group, beside]), `±${drift}`).toEqual(expected);
      return standsOut;
    });
    expect(found.indexOf(true)).toBeGreaterThan(1);
    expect(found.lastIndexOf(false)).toBe(found.indexOf(true) - 1);
  });
});

/** Var((X − μ)²) of a negative binomial X with mean μ and variance μ + dispersion·μ², summed over its outcomes. */
function varianceOfSquare(mean: number, dispersion: number): number {
  const size = 1 / Math.max(dispersion, 1e-9);
  let [chance, second, fourth] = [(1 + mean / size) ** -size, 0, 0];
  for (let count = 0; count < mean * 400 + 400; count += 1) {
    second += chance * (count - mean) ** 2;
    fourth += chance * (count - mean) ** 4;
    chance *= ((count + size) / (count + 1)) * (mean / (mean + size));
  }
  return fourth - second ** 2;
}

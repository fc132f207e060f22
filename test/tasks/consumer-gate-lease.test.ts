import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardedClock } from '../../tasks/consumer-gate/clock.ts';
import { Lease, type Reading } from '../../tasks/consumer-gate/lease.ts';
import { delayOf, timingOf } from '../../tasks/consumer-gate/options.ts';

const ME = '1865906302841951526';

describe('the lease', () => {
  it.each<[string, Reading[], number, number, boolean]>([
    ['none without a read', [], 0, 0, false],
    ['from the sending on', [{ sentAt: 100, value: ME }], 100, 0, true],
    ['to its last millisecond', [{ sentAt: 100, value: ME }], 1099, 0, true],
    ['and no longer', [{ sentAt: 100, value: ME }], 1100, 0, false],
    ['something that ends within it', [{ sentAt: 100, value: ME }], 600, 499, true],
    ['something that ends with it', [{ sentAt: 100, value: ME }], 600, 500, false],
    ['none', [{ sentAt: 100, value: 'none' }], 100, 0, false],
    ['no parameter', [{ sentAt: 100, value: '' }], 100, 0, false],
    ['a neighbour in 64-bit floats', [{ sentAt: 100, value: '1865906302841951527' }], 100, 0, false],
    ['taken away', [{ sentAt: 100, value: ME }, { sentAt: 200, value: 'none' }], 201, 0, false], // biome-ignore format: a row
    ['a failed read takes nothing', [{ sentAt: 100, value: ME }, { sentAt: 200, value: undefined }], 1099, 0, true], // biome-ignore format: a row
    ['and gives nothing', [{ sentAt: 100, value: ME }, { sentAt: 200, value: undefined }], 1100, 0, false], // biome-ignore format: a row
    ['an old yes after a new no', [{ sentAt: 200, value: 'none' }, { sentAt: 100, value: ME }], 201, 0, false], // biome-ignore format: a row
  ])('%s', (_name, readings, now, forMs, holds) => {
    const lease = new Lease(ME, 1000);
    for (const reading of readings) lease.note(reading);
    expect(lease.holds(now, forMs)).toBe(holds);
  });

  it('never holds later than its length after the sending of the last read that named it, in any order of answers', () => {
    const reading = fc.record({
      sentAt: fc.integer({ min: 0, max: 5000 }),
      value: fc.constantFrom(ME, 'none', '', '1', undefined),
    });
    let held = 0;
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 12 }), fc.integer({ min: 0, max: 8000 }), (readings, now) => {
        const lease = new Lease(ME, 1000);
        for (const one of readings) lease.note(one);
        if (!lease.holds(now)) return;
        held += 1;
        const told = readings.filter(({ value }) => value !== undefined);
        const last = Math.max(...told.map(({ sentAt }) => sentAt));
        expect(told.some(({ sentAt, value }) => sentAt === last && value === ME)).toBe(true);
        expect(now).toBeLessThan(last + 1000);
      }),
    );
    expect(held).toBeGreaterThan(0);
  });
});

describe('the clock', () => {
  it.each([
    ['both run', 5000, 5000, 5000],
    ['suspended: only the time of day ran', 100, 60_000, 60_000],
    ['the time of day was set back', 5000, -60_000, 5000],
    ['a little apart', 5000, 5080, 5000],
  ])('%s', (_name, monotonic, timeOfDay, elapsed) => {
    let [mono, day] = [1000, 1_700_000_000_000];
    const now = guardedClock(
      () => mono,
      () => day,
    );
    const start = now();
    mono += monotonic;
    day += timeOfDay;
    expect(now() - start).toBe(elapsed);
  });

  it('sees a suspension after the time of day was set back, and goes on after it was set forward and back', () => {
    let [mono, day] = [0, 0];
    const now = guardedClock(
      () => mono,
      () => day,
    );
    day -= 3_600_000;
    expect(now()).toBe(0);
    day += 30_000;
    expect(now()).toBe(30_000);
    day -= 30_000;
    mono += 10;
    expect(now()).toBe(30_010);
  });
});

describe('the time between two reads', () => {
  it.each([
    [0, true, 0, 3750],
    [0, true, 1, 6250],
    [1, true, 0.5, 10_000],
    [9, true, 0.5, 10_000],
    [1, false, 0.5, 10_000],
    [9, false, 0.5, 30_000],
  ])('after %i failures, leased %s', (failures, leased, random, delay) => {
    expect(delayOf(timingOf({}), failures, leased, random)).toBe(delay);
  });

  it.each([
    [{ leaseSeconds: 4 }, 'leaseSeconds must be 5'],
    [{ leaseSeconds: Number.NaN }, 'leaseSeconds must be 5'],
    [{ leaseSeconds: 30, pollSeconds: 11 }, 'a third of leaseSeconds (10): 11'],
    [{ pollSeconds: 0 }, 'pollSeconds must be 0.5'],
  ])('%o is refused', (options, message) => {
    expect(() => timingOf(options)).toThrow(message);
  });
});

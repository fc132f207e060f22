import { expect, it } from 'vitest';
import { holm, holmByLevel } from '../../hooks/canary/statistics/holm.ts';

const none: number[] = [];

it.each([
  [none, none],
  [[0.02], [0.02]],
  [
    [0.04, 0.04, 0.04],
    [0.12, 0.12, 0.12],
  ],
  [
    [0.9, 0.001, 0.6],
    [1, 0.003, 1],
  ],
  [
    [0.02, 0.011],
    [0.022, 0.022],
  ],
])('Holm of %j is %j', (p, expected) => {
  expect(holm(p)).toEqual(expected);
});

it('by level, every test is told, with the level at which it was last tried', () => {
  const p = [0.04, 0.001, 0.02, 0.3];
  const tried: [number, number][] = [];
  const result = holmByLevel(p.length, 0.06, (index, level) => {
    tried.push([index, level]);
    return (p[index] ?? 1) <= level;
  });
  expect(result).toEqual([
    { level: 0.03, rejected: false },
    { level: 0.015, rejected: true },
    { level: 0.02, rejected: true },
    { level: 0.03, rejected: false },
  ]);
  // Who was rejected is not asked again, and nobody once all are told.
  expect(tried.map(([index]) => index)).toEqual([0, 1, 2, 3, 0, 2, 3, 0, 3]);
  expect(tried.map(([, level]) => level)).toEqual([0.015, 0.015, 0.015, 0.015, 0.02, 0.02, 0.02, 0.03, 0.03]);
});

it('by level agrees with the adjusted p', () => {
  for (const p of [[0.01], [0.03, 0.02, 0.011], [0.3, 0.2, 0.001, 0.0124], [0.026, 0.026], [0.0499, 0.001, 0.0249]]) {
    const rejected = holmByLevel(p.length, 0.05, (index, level) => (p[index] ?? 1) <= level);
    expect(rejected.map((one) => one.rejected)).toEqual(holm(p).map((adjusted) => adjusted <= 0.05));
  }
});

it('by level stops when all are rejected, or there is none', () => {
  expect(holmByLevel(0, 0.05, () => true)).toEqual([]);
  expect(holmByLevel(2, 0.05, () => true)).toEqual([1, 2].map(() => ({ level: 0.025, rejected: true })));
});

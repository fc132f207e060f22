import { describe, expect, it } from 'vitest';
import { findRoot } from '../../hooks/canary/statistics/root.ts';

type Case = [name: string, f: (x: number) => number, low: number, high: number, root: number, calls: number];

/** With the calls that are enough for 1e-9; halving alone would need 31 to 54. */
const SMOOTH: readonly Case[] = [
  ['a line', (x) => 3 * x - 1, -8, 9, 1 / 3, 4],
  ['a cube', (x) => x ** 3 - 2, 0, 2, Math.cbrt(2), 9],
  ['a falling cube', (x) => 2 - x ** 3, 0, 2, Math.cbrt(2), 9],
  ['a cube from above', (x) => x ** 3 - 2, 2, 0, Math.cbrt(2), 9],
  ['a cosine', (x) => Math.cos(x) - x, 0, 1, 0.7390851332151607, 8],
  ['an exponential', (x) => Math.exp(x) - 5, -10, 10, Math.log(5), 15],
  ['a steep exponential', (x) => Math.exp(20 * x) - 1, -5, 2, 0, 18],
  ['a logarithm', (x) => Math.log(x / 0.001), 1e-6, 1, 0.001, 16],
  ['an arc tangent', (x) => Math.atan(50 * (x - 0.3)), -20, 31, 0.3, 16],
  ['the logarithm of a normal tail', (x) => Math.log(1e5) - (x * x) / 2, 0, 9, Math.sqrt(2 * Math.log(1e5)), 10],
];

const HARD: readonly Case[] = [
  ['a ninth power', (x) => x ** 9, -1, 1.7, 0, 150],
  ['a touching cube', (x) => (x - 1) ** 3, -4, 3, 1, 150],
  ['a step', (x) => (x < Math.PI ? -1 : 1), -10, 20, Math.PI, 60],
  ['a root', (x) => Math.sign(x - 0.2) * Math.sqrt(Math.abs(x - 0.2)), -3, 1, 0.2, 40],
  ['a root near an end', (x) => Math.expm1(x) - 1e-6, 0, 30, Math.log1p(1e-6), 60],
];

describe('a zero is found', () => {
  it.each(SMOOTH)('of %s, in a few steps', (_, f, low, high, root, calls) => {
    const counted = counting(f);
    expect(Math.abs(findRoot(counted.f, low, high, 1e-9) - root)).toBeLessThanOrEqual(1e-9);
    expect(counted.calls()).toBeLessThanOrEqual(calls);
  });

  it.each([...SMOOTH, ...HARD])('of %s, as closely as asked for', (_, f, low, high, root, calls) => {
    for (const tolerance of [1e-2, 1e-4, 1e-9, 1e-14]) {
      const counted = counting(f);
      expect(Math.abs(findRoot(counted.f, low, high, tolerance) - root)).toBeLessThanOrEqual(tolerance);
      expect(counted.calls()).toBeLessThanOrEqual(Math.max(20, calls));
    }
  });

  it('no more closely than asked for, where every further step would cost', () => {
    const rough = counting((x) => (x < Math.PI ? -1 : 1));
    findRoot(rough.f, -10, 20, 1e-2);
    expect(rough.calls()).toBeLessThanOrEqual(16);
  });

  it('as well as 200 steps can, where no tolerance would end the search', () => {
    const step = counting((x) => (x < 0 ? -1 : 1));
    expect(Math.abs(findRoot(step.f, -10, 20, 0))).toBeLessThan(1e-30);
    expect(step.calls()).toBe(202);
  });

  it('of large numbers, as closely as these can tell', () => {
    const root = findRoot((x) => x ** 2 - 2e12, 0, 1e7, 0);
    expect(Math.abs(root / Math.sqrt(2e12) - 1)).toBeLessThan(1e-15);
  });

  it.each([
    ['low', 1, 4],
    ['high', -3, 1],
  ])('at the %s end', (_, low, high) => {
    const counted = counting((x) => x - 1);
    expect(findRoot(counted.f, low, high, 1e-9)).toBe(1);
    expect(counted.calls()).toBe(2);
  });
});

it('a sign that does not change gives the end that is nearer to 0', () => {
  const f = (x: number) => x ** 2 + 1;
  expect(findRoot(f, -1, 3, 1e-9)).toBe(-1);
  expect(findRoot(f, -3, 1, 1e-9)).toBe(1);
  expect(findRoot((x) => -f(x), -1, 3, 1e-9)).toBe(-1);
  expect(findRoot((x) => -f(x), -3, 1, 1e-9)).toBe(1);
});

function counting(f: (x: number) => number) {
  let count = 0;
  return {
    f: (x: number) => {
      count += 1;
      return f(x);
    },
    calls: () => count,
  };
}

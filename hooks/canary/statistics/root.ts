/** Finds zeros of continuous functions of one variable. */

/**
 * Where f is 0 between two points at which its signs differ, by Brent's method (Algorithms for Minimization without
 * Derivatives, 1973, chapter 4). A sign that does not change gives the end at which |f| is the smaller.
 * @param tolerance width at which the search ends
 */
export function findRoot(f: (x: number) => number, low: number, high: number, tolerance: number): number {
  let [a, b, fa, fb] = [low, high, f(low), f(high)];
  if (fa * fb > 0) return Math.abs(fa) < Math.abs(fb) ? a : b;
  let [c, fc, step, before] = [a, fa, b - a, b - a];
  for (let round = 0; round < 200; round += 1) {
    if (fb * fc > 0) [c, fc, step, before] = [a, fa, b - a, b - a];
    if (Math.abs(fc) < Math.abs(fb)) [a, b, c, fa, fb, fc] = [b, c, b, fb, fc, fb];
    const least = 2 * Number.EPSILON * Math.abs(b) + tolerance / 2;
    const half = (c - b) / 2;
    if (Math.abs(half) <= least || fb === 0) return b;
    const guess = Math.abs(before) >= least && Math.abs(fa) > Math.abs(fb) ? interpolated(a, b, c, fa, fb, fc) : half;
    const limit = Math.min(1.5 * Math.abs(half) - Math.abs(least) / 2, Math.abs(before) / 2);
    const accepted = guess * half > 0 && Math.abs(guess) < limit;
    [before, step] = accepted ? [step, guess] : [half, half];
    [a, fa] = [b, fb];
    b += Math.abs(step) > least ? step : Math.sign(half) * least;
    fb = f(b);
  }
  return b;
}

/** The step of the secant, or of the inverse parabola when three distinct points are known. */
function interpolated(a: number, b: number, c: number, fa: number, fb: number, fc: number): number {
  const s = fb / fa;
  if (a === c) return ((b - c) * s) / (1 - s);
  const q = fa / fc;
  const r = fb / fc;
  const p = s * ((c - b) * q * (q - r) - (b - a) * (r - 1));
  return -p / ((q - 1) * (r - 1) * (s - 1));
}

/** Counts looked at again and again: the exact boundary of every look, all looks together keeping α. */
import { type Law, lawUpper, type Shares, shareLaw } from './share-law.ts';

/** What came in between two looks. */
export interface Increment extends Shares {
  /** Events on the canary's side. */
  canary: number;
}

export interface CountLook {
  /** Events on the canary's side, and on both, up to this look. */
  canary: number;
  events: number;
  /** Chance of at least as many on the canary's side, for this look alone. */
  p: number;
  /** The largest p that is significant at this look; 0 when no outcome would be. */
  threshold: number;
  crossed: boolean;
}

/** Longer laws are put on a coarser grid. */
const LONGEST = 2048;

/**
 * Given how many events each increment had in all, those on the canary's side follow a known law when both sides are
 * alike. The boundary of a look is the smallest count that keeps the chance of having crossed so far within what may be
 * spent. What the whole numbers leave unspent at one look is there at the next, so this loses nothing to rounding twice.
 * @param cumulative α that may be spent up to each look
 */
export function countSequence(increments: readonly Increment[], cumulative: readonly number[]): CountLook[] {
  const laws = increments.map(shareLaw);
  const unit = Math.max(1, Math.ceil(laws.reduce((sum, law) => sum + law.probability.length, 0) / LONGEST));
  let free: Law = { from: 0, probability: Float64Array.of(1) };
  let kept = free;
  let [canary, events, used] = [0, 0, 0];
  return increments.map((increment, look) => {
    const law = coarser(laws[look] ?? free, unit);
    free = sumOf(free, law);
    kept = sumOf(kept, law);
    const bound = boundary(kept, (cumulative[look] ?? 0) - used);
    used += lawUpper(kept, bound);
    kept = below(kept, bound);
    canary += increment.canary;
    events += increment.events;
    const reached = Math.floor(canary / unit);
    return { canary, events, p: lawUpper(free, reached), threshold: lawUpper(free, bound), crossed: reached >= bound };
  });
}

/** No count beyond is sought: where nearly all requests are the canary's, the search would not end in this world. */
const MOST_SOUGHT = 4_000_000;

/** The smallest count on the canary's side that a single look at this level finds too many. Infinity if none would do. */
export function criticalCount(there: number, shares: Omit<Shares, 'events'>, level: number): number {
  const significant = (x: number) => lawUpper(shareLaw({ ...shares, events: there + x }), x) <= level;
  let high = Math.ceil((there * shares.here) / shares.there) + 2;
  if (there + high > MOST_SOUGHT) return Number.POSITIVE_INFINITY;
  while (!significant(high)) {
    high *= 2;
    if (high / 2 > shares.here || there + high > MOST_SOUGHT) return Number.POSITIVE_INFINITY;
  }
  let low = 0;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (significant(middle)) high = middle;
    else low = middle;
  }
  return high > shares.here ? Number.POSITIVE_INFINITY : high;
}

/** The smallest value whose upper tail is within the allowance. */
function boundary({ from, probability }: Law, allowance: number): number {
  let sum = 0;
  for (let index = probability.length - 1; index >= 0; index -= 1) {
    sum += probability[index] ?? 0;
    if (sum > allowance) return from + index + 1;
  }
  return from;
}

function below({ from, probability }: Law, bound: number): Law {
  return { from, probability: probability.slice(0, Math.max(0, bound - from)) };
}

/**
 * Each count is shared between the two whole units beside it, so that its mean stays: what is rounded up at every look
 * would add up. The little spread that this adds lies in the tails, and what is observed is rounded down, so the grid
 * can only make the test more careful.
 */
function coarser(law: Law, unit: number): Law {
  if (unit === 1) return law;
  const from = Math.floor(law.from / unit);
  const last = Math.floor((law.from + law.probability.length - 1) / unit) + 1;
  const probability = new Float64Array(last - from + 1);
  law.probability.forEach((chance, index) => {
    const exact = (law.from + index) / unit - from;
    const at = Math.floor(exact);
    probability[at] = (probability[at] ?? 0) + chance * (at + 1 - exact);
    probability[at + 1] = (probability[at + 1] ?? 0) + chance * (exact - at);
  });
  return { from, probability };
}

function sumOf(a: Law, b: Law): Law {
  const probability = new Float64Array(Math.max(0, a.probability.length + b.probability.length - 1));
  for (let i = 0; i < a.probability.length; i += 1) {
    const chance = a.probability[i] ?? 0;
    for (let j = 0; j < b.probability.length; j += 1)
      probability[i + j] = (probability[i + j] ?? 0) + chance * (b.probability[j] ?? 0);
  }
  return { from: a.from + b.from, probability };
}

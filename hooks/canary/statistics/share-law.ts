/** Of so many events on both sides together, how many fall on the canary's side by chance? */

export interface Shares {
  /** Events of both sides. */
  events: number;
  /** Requests of the canary's side, and of the other's. Whole numbers are not required. */
  here: number;
  there: number;
  /** Squared coefficient of variation of the rate of either side over the whole stretch; 0 for none. */
  dispersion: number;
}

/** Probabilities of `from`, `from` + 1, … What lies outside adds up to less than 1e-13. */
export interface Law {
  from: number;
  probability: Float64Array;
}

/**
 * Without dispersion the hypergeometric law of Fisher's test. With it the share itself varies, as a beta distribution
 * around the share of requests whose variance is that of two rates, each with this dispersion: the beta-binomial law.
 */
export function shareLaw({ events, here, there, dispersion }: Shares): Law {
  // Between two looks there may have been nothing at all, of which no share is known.
  if (events === 0) return { from: 0, probability: Float64Array.of(1) };
  const share = here / (here + there);
  const first = Math.max(0, Math.ceil(events - there));
  const last = Math.min(events, Math.floor(here));
  if (dispersion === 0)
    return walk(first, last, events * share, (x) => ((here - x) * (events - x)) / ((x + 1) * (there - events + x + 1)));
  // Less than one event's worth of certainty would put all mass on the two ends.
  const certainty = Math.max(0.5, 1 / (2 * dispersion * share * (1 - share)) - 1);
  const [a, b] = [certainty * share, certainty * (1 - share)];
  return walk(0, events, events * share, (x) => ((events - x) * (a + x)) / ((x + 1) * (b + events - x - 1)));
}

/** P(X ≥ x). */
export function lawUpper({ from, probability }: Law, x: number): number {
  let sum = 0;
  for (let index = probability.length - 1; index >= Math.max(0, x - from); index -= 1) sum += probability[index] ?? 0;
  return Math.min(1, sum);
}

/** Weights from the ratio of neighbours, outwards from the middle, until they no longer count; then made to add up to 1. */
function walk(first: number, last: number, middle: number, ratio: (x: number) => number): Law {
  const start = Math.min(last, Math.max(first, Math.round(middle)));
  const up = weights(last - start, (index) => ratio(start + index));
  const down = weights(start - first, (index) => 1 / ratio(start - index - 1));
  let total = 1;
  for (const weight of up) total += weight;
  for (const weight of down) total += weight;
  // Plain loops: this runs for every look of every count.
  const probability = new Float64Array(down.length + 1 + up.length);
  probability[down.length] = 1 / total;
  for (let index = 0; index < down.length; index += 1)
    probability[down.length - 1 - index] = (down[index] ?? 0) / total;
  for (let index = 0; index < up.length; index += 1) probability[down.length + 1 + index] = (up[index] ?? 0) / total;
  return { from: start - down.length, probability };
}

function weights(most: number, ratio: (index: number) => number): number[] {
  const result: number[] = [];
  let [weight, largest] = [1, 1];
  for (let index = 0; index < most; index += 1) {
    weight *= ratio(index);
    largest = Math.max(largest, weight);
    if (weight < largest * 1e-17) break;
    result.push(weight);
  }
  return result;
}
